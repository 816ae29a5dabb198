//! What the fuzz targets do. `tests/xml/fuzz.rs` includes this file and calls the same functions.

use bytes::{Bytes, BytesMut};
use soap_core::xml::{Content, Element, ReadError, Reader, Writer, decode};
use soap_core::{Limits, SoapVersion};
use soap_transport::tcp::{FrameError, Framer};

/// A text: read piece by piece and skipped, both agree, and roxmltree accepts what we accept.
pub(crate) fn reader(text: &str) {
    let limits = Limits::default();
    let walked = walk(text, &limits);
    let skipped = skip(text, &limits);
    assert_eq!(walked, skipped);
    if walked.is_ok() {
        assert!(roxmltree::Document::parse(text).is_ok());
    }
}

/// Bytes as they come from a socket: decoded, kept as an element, written, and read again.
pub(crate) fn envelope_bytes(bytes: &[u8]) {
    let limits = Limits::default();
    let Ok(text) = decode(bytes, None, &limits) else {
        return;
    };
    let Ok(mut reader) = Reader::new(&text, &limits) else {
        return;
    };
    let Ok(Some(name)) = reader.next() else {
        return;
    };
    let Ok(element) = Element::read(name, &mut reader) else {
        return;
    };
    let mut writer = Writer::new();
    element
        .write(&mut writer)
        .expect("what was read can be written");
    let message = writer.envelope(SoapVersion::Soap12);
    let text = std::str::from_utf8(&message).expect("UTF-8");
    let unbounded = limits
        .message(64 << 20)
        .depth(1000)
        .namespaces(1000)
        .attributes(1000);
    let two_more = walk(text, &unbounded);
    assert!(
        two_more.is_ok() || element_depth(&element) > 998,
        "{two_more:?}"
    );
}

/// Bytes of a stream, the first of them the length of the pieces they come in: the messages are those of one piece, each piece is
/// done with but for eight bytes, and where the reader reads a root to its end the framer has the same end.
pub(crate) fn framer(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    let (messages, end) = frames(bytes, usize::MAX);
    assert_eq!(
        frames(bytes, usize::from(*piece).max(1)),
        (messages.clone(), end)
    );
    let limits = Limits::default();
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(mut reader) = Reader::new(text, &limits)
        && let Ok(Some(_)) = reader.next()
        && reader.skip().is_ok()
    {
        let root = text[..reader.offset()].trim_start();
        assert_eq!(messages.first().map(Bytes::as_ref), Some(root.as_bytes()));
    }
}

type Frames = (Vec<Bytes>, Result<Option<Bytes>, FrameError>);

fn frames(bytes: &[u8], piece: usize) -> Frames {
    let mut framer = Framer::new(Limits::default().message);
    let mut buffer = BytesMut::new();
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match framer.next(&mut buffer) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
        assert!(buffer.len() - framer.scanned() <= 8);
    }
    (messages, framer.finish(&mut buffer))
}

fn element_depth(element: &Element) -> usize {
    let mut depth = 0;
    let mut level = vec![element];
    while !level.is_empty() {
        depth += 1;
        level = level.into_iter().flat_map(Element::elements).collect();
    }
    depth
}

fn walk(text: &str, limits: &Limits) -> Result<(), ReadError> {
    let mut reader = Reader::new(text, limits)?;
    reader.next()?;
    while reader.depth() > 0 {
        if let Content::Element(namespace, local) = reader.content()? {
            assert!(
                !local.is_empty()
                    && reader.attribute_value(0).len() <= text.len()
                    && reader.uri(namespace).len() <= text.len()
            );
        }
    }
    reader.next().map(|_| ())
}

fn skip(text: &str, limits: &Limits) -> Result<(), ReadError> {
    let mut reader = Reader::new(text, limits)?;
    reader.next()?;
    reader.skip()?;
    reader.next().map(|_| ())
}

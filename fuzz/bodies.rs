//! What the fuzz targets do. `tests/xml/fuzz.rs` includes this file and calls the same functions.

use soap_core::xml::{Content, Element, ReadError, Reader, Writer, decode};
use soap_core::{Limits, SoapVersion};

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

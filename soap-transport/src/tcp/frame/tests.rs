use bytes::{Bytes, BytesMut};
use proptest::{collection::vec, prelude::*, sample::select};
use soap_core::{Limits, xml::Reader};

use super::{FrameError, Framer};

const LIMIT: usize = 1 << 20;

/// What a stream came to: its messages, and the rest or the error at its end.
type Outcome = (Vec<Bytes>, Result<Option<Bytes>, FrameError>);

/// The outcome of `bytes` that come in pieces of these lengths, over and over.
fn run(bytes: &[u8], pieces: &[usize], limit: usize) -> Outcome {
    let (mut framer, mut buffer) = (Framer::new(limit), BytesMut::new());
    let mut messages = Vec::new();
    let mut rest = bytes;
    for piece in pieces.iter().cycle() {
        let (now, later) = rest.split_at((*piece).clamp(1, rest.len().max(1)).min(rest.len()));
        rest = later;
        buffer.extend_from_slice(now);
        loop {
            match framer.next(&mut buffer) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(framer.next(&mut buffer), Err(error));
                    assert_eq!(framer.finish(&mut buffer), Err(error));
                    return (messages, Err(error));
                }
            }
        }
        assert!(
            buffer.len() - framer.scanned() <= 8,
            "{framer:?} {buffer:?}"
        );
        if rest.is_empty() {
            break;
        }
    }
    (messages, framer.finish(&mut buffer))
}

/// The same at every split of `text` in two, and byte by byte.
fn all_splits(text: impl AsRef<[u8]>, limit: usize) -> Outcome {
    let text = text.as_ref();
    let whole = run(text, &[usize::MAX], limit);
    for at in 1..text.len() {
        assert_eq!(run(text, &[at, usize::MAX], limit), whole, "split at {at}");
    }
    assert_eq!(run(text, &[1], limit), whole, "byte by byte");
    whole
}

fn messages(text: impl AsRef<[u8]>) -> Vec<String> {
    let (messages, rest) = all_splits(text, LIMIT);
    assert_eq!(rest, Ok(None));
    let text = |message: &Bytes| String::from_utf8_lossy(message).into_owned();
    messages.iter().map(text).collect()
}

fn error(text: impl AsRef<[u8]>) -> FrameError {
    all_splits(text, LIMIT).1.unwrap_err()
}

#[test]
fn each_construct_ends_where_its_root_ends() {
    let value = "v>".repeat(50);
    let name = "n".repeat(100);
    let long = format!("<{name} k='{value}' k2=\"{value}\">{name}</{name}>");
    for document in [
        "<a/>",
        "<a />",
        "<a></a>",
        "<a></a >",
        "<a>text > ]]> />&lt;/a></a>",
        "<a><b/><c></c></a>",
        "<a k='>' l=\">\"/>",
        "<a k='/>' l=\"'/>\"><b k='\"'/></a>",
        "<a k='/'></a>",
        "<a><!-- </a> > -- - ->--></a>",
        "<a><!----><!-- --></a>",
        "<a><![CDATA[</a> ]> ]] ]]]]></a>",
        "<a><![CDATA[]]>]]></a>",
        "<a><![CDATA[]]]]><![CDATA[>]]></a>",
        "<a><?pi </a> ? > ??></a>",
        "<?xml version='1.0' encoding='UTF-8'?><a/>",
        "<?xml version='1.0'?>\r\n<!-- x -->\t<!----> <a>\u{FC}</a>",
        "\u{FEFF}<a/>",
        "\u{FEFF} <a/>",
        "<!-- x --><a/>",
        "<!--><a/>--><b/>",
        "<!---><a/>--><b/>",
        "<?><a/>?><b/>",
        &long,
    ] {
        assert_eq!(messages(document), [document]);
    }
}

#[test]
fn blocks_of_tags_come_to_the_same_as_bytes() {
    for construct in [
        "<e/>",
        "<e k='/>'>/></e>",
        "<e k=\"x>\"/>",
        "<!--</u></u></u></u>-->",
        "<![CDATA[</u></u></u></u><u>]]>",
        "<?pi </u></u></u></u>?>",
        "</u></t></s><s><t><u>",
        "<e><e><e></e></e></e>",
    ] {
        for before in 0..100 {
            let (before, after) = ("x".repeat(before), "<v k='v'>y</v>".repeat(before % 30));
            let text = format!("<r><s><t><u>{before}{construct}{after}</u></t></s></r>");
            for piece in [usize::MAX, 70, 1] {
                let (found, rest) = run(format!("{text}<n/>").as_bytes(), &[piece], LIMIT);
                assert_eq!(found, [text.as_str(), "<n/>"], "{rest:?}");
            }
        }
    }
}

#[test]
fn messages_are_told_apart() {
    let found = messages(
        " \r\n<a/><b></b>\r\n\r\n<!-- c --><c><d/></c>\t\u{FEFF}<?xml version='1.0'?><e/>\n",
    );
    let expected = [
        "<a/>",
        "<b></b>",
        "<!-- c --><c><d/></c>",
        "\u{FEFF}<?xml version='1.0'?><e/>",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_well_formed_is_left_to_the_reader() {
    for document in [
        "<a></b>",
        "</a>",
        "<a b></c d='>",
        "<>text</>",
        "<![CDATA[<a/>]]><b/>",
        "<a\0/>",
        "<a <b k='</b>'></a>",
    ] {
        assert_eq!(messages(document), [document]);
    }
}

#[test]
fn the_end_of_the_stream_leaves_the_broken_message() {
    for broken in [
        "<",
        "<a",
        "<a ",
        "<a k='>",
        "<a>",
        "<a>text",
        "<a><b></b>",
        "<a></",
        "<a></a",
        "<!",
        "<!-",
        "<!-- -",
        "<a><!",
        "<?xml?>",
        "<!-- x --><",
        "<a><![CDATA[ ]]",
        "\u{FEFF}",
    ] {
        let (found, rest) = all_splits(format!("<m/> {broken}"), LIMIT);
        assert_eq!(
            (found.len(), rest),
            (1, Ok(Some(Bytes::copy_from_slice(broken.as_bytes()))))
        );
    }
    for nothing in ["", " \r\n", "<!-- x -->", "\n<!-- x --> <!---->\n"] {
        assert_eq!(messages(nothing), [""; 0]);
    }
}

#[test]
fn a_framer_goes_on_after_the_end() {
    let (mut framer, mut buffer) = (Framer::new(LIMIT), BytesMut::from("<a>"));
    assert_eq!(framer.next(&mut buffer), Ok(None));
    assert_eq!(framer.finish(&mut buffer), Ok(Some("<a>".into())));
    assert_eq!(framer.finish(&mut buffer), Ok(None));
    assert!(framer.is_idle() && buffer.is_empty());
    buffer.extend_from_slice(b"<b/>");
    assert_eq!(framer.next(&mut buffer), Ok(Some("<b/>".into())));
}

#[test]
fn idle_is_while_no_message_has_begun() {
    let cases = [
        ("", true),
        (" ", true),
        ("<a/>", true),
        ("<a/> <!-- x -->", true),
        ("<!-- x -->\n", true),
        ("P", false),
        ("<", false),
        ("<!--", false),
        ("<!-- -->  <", false),
        ("<?xml?>", false),
        ("\u{FEFF}", false),
        ("<a>", false),
        ("x", false),
    ];
    for (text, idle) in cases {
        let (mut framer, mut buffer) = (Framer::new(LIMIT), BytesMut::from(text));
        while let Ok(Some(_)) = framer.next(&mut buffer) {}
        assert_eq!(framer.is_idle(), idle, "{text}");
    }
}

#[test]
fn what_no_envelope_begins_with_is_named() {
    for method in [
        "CONNECT", "DELETE", "GET", "HEAD", "M-POST", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ] {
        assert_eq!(
            error(format!("{method} / HTTP/1.1\r\n\r\n")),
            FrameError::Http
        );
    }
    assert_eq!(error("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), FrameError::Http);
    assert_eq!(error("\r\nHTTP/1.1 200 OK\r\n"), FrameError::Http);
    assert_eq!(error(b"\x16\x03\x01\x02\x00\x01"), FrameError::Tls);
    for utf16 in ["\u{FEFF}<a/>", "<a/>"] {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = utf16.encode_utf16().flat_map(bytes).collect();
            assert_eq!(error(bytes), FrameError::Utf16);
        }
    }
    let others: [(&[u8], u8); 11] = [
        (b"x", b'x'),
        (b"POS", b'P'),
        (b"POSTER", b'P'),
        (b"\0\x01\0\x01", 0),
        (b"\x16\x16", 0x16),
        (b"\xEF\xBBx", 0xEF),
        (b"\xEF\xBB\xBFx", b'x'),
        (b"\xFF", 0xFF),
        (b"<a/>x", b'x'),
        (b"<!-- -->x", b'x'),
        (b"<?xml?>\n&", b'&'),
    ];
    for (text, byte) in others {
        assert_eq!(error(text), FrameError::NotXml { byte });
    }
}

#[test]
fn document_types_are_refused_where_they_begin() {
    assert_eq!(
        error("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x '>'>]><a/>"),
        FrameError::Dtd
    );
    assert_eq!(error("<a><!DOCTYPE a>"), FrameError::Dtd);
    for text in [
        "<!doctype html>",
        "<a><!ELEMENT a>",
        "<!>",
        "<a><!->",
        "<a><![cdata[",
        "<!DOCTIPE",
    ] {
        assert_eq!(error(text), FrameError::Declaration, "{text}");
    }
}

#[test]
fn the_limit_counts_the_message_alone() {
    let text = " <a>0</a>\r\n  <a>1</a>";
    assert_eq!(
        all_splits(text, 8),
        (vec!["<a>0</a>".into(), "<a>1</a>".into()], Ok(None))
    );
    assert_eq!(
        all_splits(text, 7),
        (vec![], Err(FrameError::TooLarge { limit: 7 }))
    );
    for endless in [
        "<a ",
        "<a b='",
        "<a>",
        "<!--",
        "<?x",
        "<a><![CDATA[",
        "</a ",
        "<a><b/>",
        "<!-- -->",
    ] {
        let text = endless.repeat(10);
        assert_eq!(
            all_splits(&text, 60 / 2).1,
            Err(FrameError::TooLarge { limit: 30 }),
            "{endless}"
        );
    }
    assert_eq!(all_splits("  ", 0).1, Ok(None));
    assert_eq!(
        all_splits("<a/>", 0).1,
        Err(FrameError::TooLarge { limit: 0 })
    );
}

#[test]
fn white_space_between_messages_is_bounded() {
    let most = " ".repeat(Framer::WHITE_SPACE);
    let text = format!("{most}<a/>{most}<b/>{most}");
    for piece in [usize::MAX, 1000, 1] {
        assert_eq!(
            run(text.as_bytes(), &[piece], 10),
            (vec!["<a/>".into(), "<b/>".into()], Ok(None))
        );
        let error = FrameError::WhiteSpace {
            limit: Framer::WHITE_SPACE,
        };
        assert_eq!(
            run(format!("{most} ").as_bytes(), &[piece], 10),
            (vec![], Err(error))
        );
    }
}

#[test]
fn errors_tell_the_numbers() {
    let texts = [
        (
            FrameError::TooLarge { limit: 9 },
            "message bytes exceed the limit of 9",
        ),
        (
            FrameError::NotXml { byte: 0x0C },
            "byte 0x0C where an envelope should begin",
        ),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn messages_are_not_copied() {
    let (mut framer, mut buffer) = (Framer::new(LIMIT), BytesMut::from("<a/><b/>"));
    let start = buffer.as_ptr();
    let first = framer.next(&mut buffer).unwrap().unwrap();
    let second = framer.next(&mut buffer).unwrap().unwrap();
    assert_eq!(
        (first.as_ptr(), second.as_ptr()),
        (start, start.wrapping_add(4))
    );
}

fn element() -> impl Strategy<Value = String> {
    let name = || select(vec!["a", "b:c", "long-name-of-an-element", "\u{FC}"]);
    let attributes = select(vec![
        "",
        " ",
        " k='>'",
        " k=\"/>'\" l='\"'",
        " k='a value that is longer than eight words of eight bytes each, so that memchr is asked'",
    ]);
    let text = prop_oneof![
        // Without "]": two pieces of text must not make a "]]>" between them.
        "[ -%'-;=-\\\\^-~]{0,80}",
        select(vec![
            "",
            "\r\n",
            "&lt;",
            "<!-- - </a> <b> > - -->",
            "<!---->",
            "<![CDATA[</a><b>]]]>",
            "<![CDATA[]]>",
            ">",
            "/>",
            "] ",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = (name(), attributes.clone())
        .prop_map(|(name, attributes)| format!("<{name}{attributes}/>"));
    leaf.prop_recursive(6, 80, 6, move |inner| {
        (
            name(),
            attributes.clone(),
            vec(prop_oneof![inner, text.clone()], 0..6),
        )
            .prop_map(|(name, attributes, content)| {
                format!("<{name}{attributes}>{}</{name}>", content.concat())
            })
    })
}

fn document() -> impl Strategy<Value = String> {
    let prolog = select(vec![
        "",
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding='UTF-8'?>\r\n<!-- <a> -->\n",
    ]);
    (prolog, element()).prop_map(|(prolog, root)| {
        // Declares the prefix in the root, which is not always of the form <a>.
        let at = root.find([' ', '>', '/']).unwrap_or(root.len());
        format!("{prolog}{} xmlns:b='u'{}", &root[..at], &root[at..])
    })
}

/// The end of the root for the reader, if it reads all of it.
fn end_for_the_reader(text: &str) -> Option<usize> {
    let limits = Limits::client();
    let mut reader = Reader::new(text, &limits).ok()?;
    reader.next().ok()??;
    reader.skip().ok()?;
    Some(reader.offset())
}

proptest! {
    #[test]
    fn documents_are_told_apart_at_any_split(
        documents in vec((select(vec!["", " ", "\r\n"]), document()), 1..5),
        pieces in vec(1..200usize, 1..8),
    ) {
        let text: String = documents.iter().map(|(space, document)| format!("{space}{document}")).collect();
        let (found, rest) = run(text.as_bytes(), &pieces, LIMIT);
        let expected: Vec<Bytes> = documents.into_iter().map(|(_, document)| document.into()).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(rest, Ok(None));
    }

    #[test]
    fn the_reader_finds_the_same_end(document in document(), rest in "[ <a/>]{0,8}") {
        let text = format!("{document}{rest}");
        prop_assert_eq!(end_for_the_reader(&text), Some(document.len()), "{}", text);
        let found = Framer::new(LIMIT).next(&mut BytesMut::from(text.as_bytes()));
        prop_assert_eq!(found, Ok(Some(document.into())));
    }

    #[test]
    fn what_the_reader_reads_has_the_same_end_after_damage(
        document in document(), at in any::<prop::sample::Index>(), cut in 0..4usize,
        put in select(vec!["", "<", ">", "/", "'", "\"", "]]>", "-->", "<!--", "<![CDATA[", "<a>", "</a>", "<?", "?>", "<!DOCTYPE"]),
    ) {
        let mut bytes = document.into_bytes();
        let at = at.index(bytes.len());
        let to = (at + cut).min(bytes.len());
        bytes.splice(at..to, put.bytes());
        let outcome = run(&bytes, &[usize::MAX], LIMIT);
        prop_assert_eq!(&run(&bytes, &[1], LIMIT), &outcome);
        if let Ok(text) = str::from_utf8(&bytes) && let Some(end) = end_for_the_reader(text) {
            prop_assert_eq!(outcome.0.first().map(Bytes::as_ref), Some(text[..end].trim_start().as_bytes()));
        }
    }

    #[test]
    fn any_bytes_come_to_the_same_at_any_split(
        pieces_of_text in vec(select(vec![
            "<", ">", "</", "/>", "<a", "<a>", "</a>", "<a/>", "'", "\"", "<!--", "-->", "-", "<![CDATA[", "]]>", "]", "<?", "?>", "!",
            " ", "=", "text", "some text that is longer than eight words of eight bytes each, so that memchr is asked",
        ]), 0..60),
        pieces in vec(1..150usize, 1..8),
    ) {
        let bytes = format!("<r><r><r><r><r>{}", pieces_of_text.concat());
        prop_assert_eq!(run(bytes.as_bytes(), &pieces, LIMIT), run(bytes.as_bytes(), &[usize::MAX], LIMIT));
    }
}

//! Bytes to text: which encoding a document has, and its text as UTF-8 (XML 1.0 4.3.3 and F, RFC 7303, BP R1012 and R4001).
//!
//! # Limits
//! The text, not only the bytes, must keep to [`Limits::message`].

use std::borrow::Cow;

use super::{ReadError, ReadErrorKind, scan};
use crate::Limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// UTF-16 in the order that the bytes show.
    Utf16,
    Latin1,
    Ascii,
}

impl Encoding {
    fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, Encoding); 14] = [
            ("utf-8", Encoding::Utf8),
            ("utf8", Encoding::Utf8),
            ("utf-16", Encoding::Utf16),
            ("utf16", Encoding::Utf16),
            ("utf-16le", Encoding::Utf16Le),
            ("utf-16be", Encoding::Utf16Be),
            ("iso-8859-1", Encoding::Latin1),
            ("iso8859-1", Encoding::Latin1),
            ("iso_8859-1", Encoding::Latin1),
            ("latin1", Encoding::Latin1),
            ("us-ascii", Encoding::Ascii),
            ("ascii", Encoding::Ascii),
            ("iso646-us", Encoding::Ascii),
            ("ansi_x3.4-1968", Encoding::Ascii),
        ];
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, encoding)| *encoding)
    }

    fn is_utf16(self) -> bool {
        matches!(self, Self::Utf16 | Self::Utf16Le | Self::Utf16Be)
    }
}

/// The text of a document without its byte order mark; borrowed if the bytes are UTF-8.
///
/// The byte order mark decides; without one the `charset` of the media type, then the pattern of the first bytes, then the XML
/// declaration; UTF-8 if nothing says otherwise. UTF-8, UTF-16, ISO-8859-1 and US-ASCII are read.
///
/// ```
/// use soap_core::{Limits, xml::decode};
/// let text = decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xFC</a>", None, &Limits::default())?;
/// assert!(text.ends_with("<a>ü</a>"));
/// # Ok::<(), soap_core::xml::ReadError>(())
/// ```
///
/// # Errors
/// Fails if the encoding is not one of these, contradicts the bytes or is not kept, or if the text is too large.
pub fn decode<'x>(
    bytes: &'x [u8],
    charset: Option<&str>,
    limits: &Limits,
) -> Result<Cow<'x, str>, ReadError> {
    if bytes.len() / 2 > limits.message {
        return Err(too_large(limits));
    }
    let (mark, content) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Some(Encoding::Utf8), rest),
        [0xFF, 0xFE, rest @ ..] => (Some(Encoding::Utf16Le), rest),
        [0xFE, 0xFF, rest @ ..] => (Some(Encoding::Utf16Be), rest),
        _ => (None, bytes),
    };
    let pattern = match content {
        [b'<', 0, ..] => Some(Encoding::Utf16Le),
        [0, b'<', ..] => Some(Encoding::Utf16Be),
        _ => None,
    };
    let charset = charset
        .map(|name| name.trim_matches(['"', ' ']))
        .filter(|name| !name.is_empty());
    let named = charset.map(known).transpose()?;
    let encoding = match (mark.or(pattern), named) {
        (Some(seen), Some(named)) if !agree(seen, named) => {
            return Err(not_encoded(name_of(named), 0));
        }
        (Some(seen), _) => seen,
        (None, Some(Encoding::Utf16)) => Encoding::Utf16Be, // RFC 2781 4.3
        (None, Some(named)) => named,
        (None, None) => declared(content)?.unwrap_or(Encoding::Utf8),
    };
    let text = match encoding {
        Encoding::Utf8 => Cow::Borrowed(utf8(content, "UTF-8")?),
        Encoding::Ascii if content.is_ascii() => Cow::Borrowed(utf8(content, "US-ASCII")?),
        Encoding::Ascii => {
            return Err(not_encoded(
                "US-ASCII",
                content.iter().take_while(|byte| byte.is_ascii()).count(),
            ));
        }
        Encoding::Latin1 if content.is_ascii() => Cow::Borrowed(utf8(content, "ISO-8859-1")?),
        Encoding::Latin1 => Cow::Owned(content.iter().map(|&byte| char::from(byte)).collect()),
        Encoding::Utf16Le | Encoding::Utf16 => Cow::Owned(utf16(content, u16::from_le_bytes)?),
        Encoding::Utf16Be => Cow::Owned(utf16(content, u16::from_be_bytes)?),
    };
    if text.len() > limits.message {
        return Err(too_large(limits));
    }
    if charset.is_none() {
        check_declaration(&text, encoding)?;
    }
    Ok(text)
}

/// Encoding that the XML declaration of `bytes` names, if they are at all like ASCII.
fn declared(bytes: &[u8]) -> Result<Option<Encoding>, ReadError> {
    if !bytes.starts_with(b"<?xml") {
        return Ok(None);
    }
    let end = bytes
        .iter()
        .take(1024)
        .position(|&byte| byte == b'>')
        .map_or(0, |at| at + 1);
    let declaration = str::from_utf8(&bytes[..end])
        .ok()
        .and_then(|text| scan::declaration(text).ok().flatten());
    let named = declaration
        .and_then(|declaration| declaration.encoding)
        .map(known)
        .transpose()?;
    match named {
        // The declaration was just read byte by byte.
        Some(named) if named.is_utf16() => Err(not_encoded(name_of(named), 0)),
        named => Ok(named),
    }
}

/// Refuses a declaration that names another encoding than the document has.
fn check_declaration(text: &str, encoding: Encoding) -> Result<(), ReadError> {
    let Ok(Some(declaration)) = scan::declaration(text) else {
        return Ok(());
    }; // the reader says what is wrong with it
    let Some(name) = declaration.encoding else {
        return Ok(());
    };
    let declared = known(name)?;
    if agree(encoding, declared) {
        Ok(())
    } else {
        Err(not_encoded(name_of(declared), 0))
    }
}

fn known(name: &str) -> Result<Encoding, ReadError> {
    Encoding::named(name).ok_or_else(|| {
        let name = name.chars().take(40).collect();
        ReadError::new(ReadErrorKind::UnknownEncoding(name), 0, "")
    })
}

/// True if what the first bytes show and what was named may be the same.
fn agree(seen: Encoding, named: Encoding) -> bool {
    seen == named || named == Encoding::Utf16 && seen.is_utf16()
}

fn name_of(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16 => "UTF-16",
        Encoding::Utf16Le => "UTF-16LE",
        Encoding::Utf16Be => "UTF-16BE",
        Encoding::Latin1 => "ISO-8859-1",
        Encoding::Ascii => "US-ASCII",
    }
}

fn utf8<'x>(bytes: &'x [u8], name: &'static str) -> Result<&'x str, ReadError> {
    str::from_utf8(bytes).map_err(|error| not_encoded(name, error.valid_up_to()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ReadError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(not_encoded("UTF-16", bytes.len()));
    }
    let mut text = String::with_capacity(bytes.len() / 2);
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(c.map_err(|_| not_encoded("UTF-16", text.len()))?);
    }
    Ok(text)
}

fn not_encoded(name: &'static str, at: usize) -> ReadError {
    ReadError::new(ReadErrorKind::NotEncoded(name), at, "")
}

fn too_large(limits: &Limits) -> ReadError {
    ReadError::new(
        ReadErrorKind::Limit {
            what: "message bytes",
            limit: limits.message,
        },
        0,
        "",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn read(bytes: &[u8], charset: Option<&str>) -> Result<String, String> {
        decode(bytes, charset, &Limits::default())
            .map(Cow::into_owned)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn utf8_is_borrowed() {
        let bytes = "\u{FEFF}<a>ü</a>".as_bytes();
        assert!(matches!(
            decode(bytes, None, &Limits::default()),
            Ok(Cow::Borrowed("<a>ü</a>"))
        ));
        assert!(matches!(
            decode(&bytes[3..], Some("UTF-8"), &Limits::default()),
            Ok(Cow::Borrowed("<a>ü</a>"))
        ));
        assert_eq!(
            read(b"<a>\xFF</a>", None),
            Err("the bytes are not UTF-8 (byte 3)".into())
        );
        assert_eq!(
            read(b"<a>\xC0\x80</a>", None),
            Err("the bytes are not UTF-8 (byte 3)".into())
        );
    }

    #[test]
    fn utf16_with_and_without_mark() {
        let text = "<?xml version='1.0' encoding='utf-16'?><a>ü𝄞</a>";
        for bytes in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            let marked = utf16_of(&format!("\u{FEFF}{text}"), bytes);
            for charset in [None, Some("utf-16"), Some("\"UTF-16\"")] {
                assert_eq!(read(&marked, charset).as_deref(), Ok(text));
                assert_eq!(read(&marked[2..], charset).as_deref(), Ok(text));
            }
            assert!(read(&marked[..marked.len() - 1], None).is_err());
            assert!(read(&marked, Some("utf-8")).is_err());
        }
        let lone = utf16_of("<a>", u16::to_le_bytes)
            .into_iter()
            .chain([0x00, 0xD8, b'<', 0])
            .collect::<Vec<_>>();
        assert_eq!(
            read(&lone, None),
            Err("the bytes are not UTF-16 (byte 3)".into())
        );
    }

    #[test]
    fn the_charset_goes_before_the_declaration() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xFC</a>";
        assert!(read(latin, None).unwrap().ends_with("<a>ü</a>"));
        assert!(read(latin, Some("utf-8")).is_err());
        let utf8 = "<?xml version='1.0' encoding='ISO-8859-1'?><a>ü</a>";
        assert_eq!(read(utf8.as_bytes(), Some("utf-8")).as_deref(), Ok(utf8));
    }

    #[test]
    fn declarations_that_contradict_the_bytes_are_refused() {
        for name in ["UTF-16", "utf-16le"] {
            for content in ["<a/>", "<a></a>"] {
                let text = format!("<?xml version='1.0' encoding='{name}'?>{content}");
                let error = read(text.as_bytes(), None).unwrap_err();
                assert!(error.starts_with("the bytes are not UTF-16"), "{error}");
            }
        }
        let text = utf16_of(
            "<?xml version='1.0' encoding='utf-8'?><a/>",
            u16::to_le_bytes,
        );
        assert_eq!(
            read(&text, None),
            Err("the bytes are not UTF-8 (byte 0)".into())
        );
        let marked = "\u{FEFF}<?xml version='1.0' encoding='ISO-8859-1'?><a/>";
        assert!(read(marked.as_bytes(), None).is_err());
    }

    #[test]
    fn other_encodings_are_refused_by_name() {
        let expected =
            "encoding \"koi8-r\" is not supported: send UTF-8, UTF-16 or ISO-8859-1 (byte 0)";
        assert_eq!(read(b"<a/>", Some("koi8-r")), Err(expected.into()));
        assert_eq!(
            read(b"<?xml version='1.0' encoding='koi8-r'?><a/>", None),
            Err(expected.into())
        );
        assert_eq!(
            read(b"<a>\x80</a>", Some("us-ascii")),
            Err("the bytes are not US-ASCII (byte 3)".into())
        );
    }

    #[test]
    fn the_limit_counts_the_text() {
        let limits = Limits {
            message: 20,
            ..Limits::default()
        };
        let grows = b"<?xml version='1.0'?>\xFC";
        assert!(decode(&grows[..20], None, &limits).is_ok());
        let latin = [b"<a>".as_slice(), &[0xFC; 10], b"</a>"].concat();
        assert_eq!(latin.len(), 17);
        let error = decode(&latin, Some("latin1"), &limits).unwrap_err();
        assert_eq!(
            error.to_string(),
            "message bytes exceed the limit of 20 (byte 0)"
        );
    }
}

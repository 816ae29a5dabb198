//! Bytes and characters as XML 1.0 (fifth edition) and Namespaces in XML 1.0 class them: one table, no state.

/// May stand in a name (ASCII, `:` excluded).
pub(super) const NAME: u8 = 1;
/// May begin a name (ASCII, `:` excluded).
pub(super) const START: u8 = 1 << 1;
/// Ends a run of text that needs no look.
pub(super) const TEXT: u8 = 1 << 2;
/// Ends a run of attribute value that needs no look.
pub(super) const VALUE: u8 = 1 << 3;
/// White space.
pub(super) const SPACE: u8 = 1 << 4;
/// Must be escaped or refused when text is written.
pub(super) const ESCAPE_TEXT: u8 = 1 << 5;
/// Must be escaped or refused when an attribute is written.
pub(super) const ESCAPE_ATTRIBUTE: u8 = 1 << 6;
/// Ends a run inside a comment that needs no look.
pub(super) const COMMENT: u8 = 1 << 7;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = class(byte as u8);
        byte += 1;
    }
    table
}

const fn class(byte: u8) -> u8 {
    const FORBIDDEN: u8 = TEXT | VALUE | ESCAPE_TEXT | ESCAPE_ATTRIBUTE | COMMENT;
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => NAME | START,
        b'0'..=b'9' | b'.' => NAME,
        b'-' => NAME | COMMENT,
        b' ' => SPACE,
        b'\t' | b'\n' => SPACE | VALUE | ESCAPE_ATTRIBUTE,
        b'\r' => SPACE | TEXT | VALUE | ESCAPE_TEXT | ESCAPE_ATTRIBUTE,
        0..0x20 | 0xEF => FORBIDDEN, // 0xEF begins U+FFFE and U+FFFF, among others
        b'<' | b'&' => TEXT | VALUE | ESCAPE_TEXT | ESCAPE_ATTRIBUTE,
        b'>' => ESCAPE_TEXT | ESCAPE_ATTRIBUTE,
        b'"' => VALUE | ESCAPE_ATTRIBUTE,
        b'\'' => VALUE,
        b']' => TEXT,
        _ => 0,
    }
}

/// True if `byte` is in one of the `classes`.
#[inline]
pub(super) fn is(byte: u8, classes: u8) -> bool {
    CLASS[byte as usize] & classes != 0
}

/// Length of the longest prefix with no byte of `classes`.
#[inline]
pub(super) fn until(bytes: &[u8], classes: u8) -> usize {
    prefix(bytes, |byte| !is(byte, classes))
}

/// Length of the longest prefix made of `classes` alone.
#[inline]
pub(super) fn run(bytes: &[u8], classes: u8) -> usize {
    prefix(bytes, |byte| is(byte, classes))
}

/// Four bytes a round: there are few instructions to spare for a byte.
#[inline]
fn prefix(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    let mut done = 0;
    for four in bytes.as_chunks::<4>().0 {
        for (at, &byte) in four.iter().enumerate() {
            if !belongs(byte) {
                return done + at;
            }
        }
        done += 4;
    }
    let rest = bytes.get(done..).unwrap_or_default();
    done + rest
        .iter()
        .position(|&byte| !belongs(byte))
        .unwrap_or(rest.len())
}

/// Without XML white space at both ends.
#[inline]
pub(super) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if is(*first, SPACE) || is(*last, SPACE) => {
            text.trim_matches([' ', '\t', '\n', '\r'])
        }
        _ => text,
    }
}

/// `Char` of XML 1.0.
pub(super) fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// `NameStartChar` of XML 1.0, without `:`.
pub(super) fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `NameChar` of XML 1.0, without `:`.
pub(super) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// True if `name` is an `NCName` of Namespaces in XML 1.0.
pub(super) fn is_ncname(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

/// The first character of `text` that XML cannot hold.
pub(super) fn forbidden(text: &str) -> Option<char> {
    text.chars().find(|&c| !is_char(c))
}

/// What is wrong with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReferenceError {
    /// `&` begins no reference.
    Syntax,
    /// An entity that is none of the five.
    Unknown,
    /// A code point that is no character of XML.
    Forbidden(u32),
    /// The text ends inside.
    End,
}

/// The character that the reference at the start of `text` (a `&`) stands for, and the length of the reference.
pub(super) fn reference(text: &str, longest: usize) -> Result<(char, usize), ReferenceError> {
    match text.as_bytes() {
        [_, b'a', b'm', b'p', b';', ..] => return Ok(('&', 5)),
        [_, b'l', b't', b';', ..] => return Ok(('<', 4)),
        [_, b'g', b't', b';', ..] => return Ok(('>', 4)),
        [_, b'q', b'u', b'o', b't', b';', ..] => return Ok(('"', 6)),
        [_, b'a', b'p', b'o', b's', b';', ..] => return Ok(('\'', 6)),
        _ => {}
    }
    let body = text.get(1..).unwrap_or_default();
    if let Some(number) = body.strip_prefix('#') {
        return character(number).map(|(c, len)| (c, len + 2));
    }
    let mut name_end = body.len();
    for (at, c) in body.char_indices() {
        if !(is_name_char(c) || c == ':') || at > longest {
            name_end = at;
            break;
        }
    }
    let name = &body[..name_end];
    if name.len() > longest || name.chars().next().is_some_and(|c| !is_name_start(c)) {
        return Err(ReferenceError::Syntax);
    }
    match body.as_bytes().get(name_end) {
        None => Err(ReferenceError::End),
        Some(b';') if name_end > 0 => Err(ReferenceError::Unknown),
        Some(_) => Err(ReferenceError::Syntax),
    }
}

fn character(number: &str) -> Result<(char, usize), ReferenceError> {
    let (radix, digits, skipped) = match number.strip_prefix('x') {
        Some(digits) => (16, digits, 1),
        None => (10, number, 0),
    };
    let mut code = 0u32;
    for (at, byte) in digits.bytes().enumerate() {
        match char::from(byte).to_digit(radix) {
            Some(digit) => code = code.saturating_mul(radix).saturating_add(digit),
            None if byte == b';' && at > 0 => {
                let c = char::from_u32(code)
                    .filter(|&c| is_char(c))
                    .ok_or(ReferenceError::Forbidden(code))?;
                return Ok((c, skipped + at + 1));
            }
            None => return Err(ReferenceError::Syntax),
        }
    }
    Err(ReferenceError::End)
}

/// Appends `raw`, checked before, with references resolved and line ends normalised (XML 1.0 2.11; in an attribute 3.3.3).
pub(super) fn expand(raw: &str, attribute: bool, out: &mut String) {
    let next = |rest: &str| {
        if attribute {
            rest.bytes()
                .position(|byte| matches!(byte, b'&' | b'\r' | b'\t' | b'\n'))
        } else {
            memchr::memchr2(b'&', b'\r', rest.as_bytes())
        }
    };
    let mut rest = raw;
    while let Some(at) = next(rest) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let space = if attribute { ' ' } else { '\n' };
        let (c, len) = match tail.as_bytes() {
            [b'&', ..] => reference(tail, usize::MAX).unwrap_or(('&', 1)),
            [b'\r', b'\n', ..] => (space, 2),
            _ => (space, 1),
        };
        out.push(c);
        rest = &tail[len..];
    }
    out.push_str(rest);
}

/// The XML declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declaration<'x> {
    /// Its length, `?>` included.
    pub(super) len: usize,
    /// The encoding it names.
    pub(super) encoding: Option<&'x str>,
}

/// The XML declaration at the start of `text`, if there is one (XML 1.0 2.8).
pub(super) fn declaration(text: &str) -> Result<Option<Declaration<'_>>, &'static str> {
    let Some(rest) = text.strip_prefix("<?xml") else {
        return Ok(None);
    };
    if !rest.starts_with([' ', '\t', '\n', '\r']) {
        return Ok(None); // a processing instruction of another name
    }
    let (version, rest) =
        pseudo_attribute(rest, "version")?.ok_or("the XML declaration has no version")?;
    if version != "1.0" {
        return Err("the XML version is not 1.0");
    }
    let (encoding, rest) = match pseudo_attribute(rest, "encoding")? {
        Some((name, rest)) => {
            let mut bytes = name.bytes();
            let begins = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
            if !(begins
                && bytes
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')))
            {
                return Err("the XML declaration names no encoding");
            }
            (Some(name), rest)
        }
        None => (None, rest),
    };
    let rest = match pseudo_attribute(rest, "standalone")? {
        Some(("yes" | "no", rest)) => rest,
        Some(_) => return Err("standalone is neither yes nor no"),
        None => rest,
    };
    let rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
    let rest = rest
        .strip_prefix("?>")
        .ok_or("the XML declaration is not as it must be")?;
    Ok(Some(Declaration {
        len: text.len() - rest.len(),
        encoding,
    }))
}

type Rest<'x> = Option<(&'x str, &'x str)>;

fn pseudo_attribute<'x>(text: &'x str, name: &str) -> Result<Rest<'x>, &'static str> {
    const SPACES: [char; 4] = [' ', '\t', '\n', '\r'];
    let after = text.trim_start_matches(SPACES);
    let Some(rest) = after.strip_prefix(name) else {
        return Ok(None);
    };
    if after.len() == text.len() {
        return Err("white space is missing in the XML declaration");
    }
    let rest = rest
        .trim_start_matches(SPACES)
        .strip_prefix('=')
        .ok_or("an equals sign is missing in the XML declaration")?;
    let rest = rest.trim_start_matches(SPACES);
    let quote = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))
        .ok_or("a quote is missing in the XML declaration")?;
    rest[1..]
        .split_once(quote)
        .map(Some)
        .ok_or("a quote is missing in the XML declaration")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_finds_the_first_byte_at_every_position() {
        for len in 0..40 {
            for at in 0..=len {
                let mut bytes = vec![b'a'; len];
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = b'<';
                }
                assert_eq!(until(&bytes, TEXT), at.min(len));
            }
        }
    }

    #[test]
    fn references() {
        assert_eq!(reference("&amp;x", 100), Ok(('&', 5)));
        assert_eq!(reference("&#x41;", 100), Ok(('A', 6)));
        assert_eq!(reference("&#0000000000000065;", 100), Ok(('A', 19)));
        assert_eq!(reference("&nbsp;", 100), Err(ReferenceError::Unknown));
        assert_eq!(reference("&#0;", 100), Err(ReferenceError::Forbidden(0)));
        assert_eq!(
            reference("&#xD800;", 100),
            Err(ReferenceError::Forbidden(0xD800))
        );
        assert_eq!(
            reference("&#xFFFE;", 100),
            Err(ReferenceError::Forbidden(0xFFFE))
        );
        assert_eq!(
            reference("&#99999999999999999999;", 100),
            Err(ReferenceError::Forbidden(u32::MAX))
        );
        for bad in ["&", "&amp", "&#", "&#x", "&#12"] {
            assert_eq!(reference(bad, 100), Err(ReferenceError::End), "{bad}");
        }
        for bad in [
            "& ", "&;", "&1;", "&#;", "&#x;", "&#X41;", "&#-1;", "&am p;",
        ] {
            assert_eq!(reference(bad, 100), Err(ReferenceError::Syntax), "{bad}");
        }
    }

    #[test]
    fn declarations() {
        assert_eq!(declaration("<a/>"), Ok(None));
        assert_eq!(declaration("<?xml-stylesheet?>"), Ok(None));
        let good = "<?xml\tversion = '1.0'  encoding=\"utf-8\" standalone='no' ?>";
        assert_eq!(
            declaration(good),
            Ok(Some(Declaration {
                len: good.len(),
                encoding: Some("utf-8")
            }))
        );
        for bad in [
            "<?xml ?>",
            "<?xml version='1.1'?>",
            "<?xml version='1.0'encoding='a'?>",
            "<?xml encoding='a' version='1.0'?>",
            "<?xml version='1.0' standalone='maybe'?>",
            "<?xml version='1.0' encoding=''?>",
            "<?xml version='1.0' encoding='1a'?>",
            "<?xml version='1.0'",
            "<?xml version='1.0\"?>",
            "<?xml version='1.0' x='y'?>",
        ] {
            assert!(declaration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn expansion() {
        let mut out = String::new();
        expand("a\r\nb\rc\t&#13;&lt;", false, &mut out);
        assert_eq!(out, "a\nb\nc\t\r<");
        out.clear();
        expand("a\r\nb\rc\t\n&#9;", true, &mut out);
        assert_eq!(out, "a b c  \t");
    }
}

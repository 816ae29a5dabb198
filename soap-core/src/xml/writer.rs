//! The writer: one message into one buffer, its head last.
//!
//! It stands between [`ToXml`](super::ToXml) and the bytes that a transport sends. Tags are literals whose two prefix bytes are
//! patched; namespaces are declared on the root element in the order of first use, which is known only when all else is
//! written: so the head goes into a gap in front of the body.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use base64::Engine;
use bytes::Bytes;

use super::scan::{self, ESCAPE_ATTRIBUTE, ESCAPE_TEXT};
use super::{Namespace, Place, RootElement, ToXml, WriteError};
use crate::SoapVersion;

/// Room for the head of the Envelope; a longer one moves the body once.
const GAP: usize = 512;
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Start and end tag of an element, with the placeholder prefix `n0` where the element is in a namespace.
///
/// ```
/// use soap_core::xml::Tag;
/// static QUALIFIED: Tag = Tag::new("<n0:sku>", "</n0:sku>");
/// static UNQUALIFIED: Tag = Tag::new("<sku>", "</sku>");
/// ```
#[derive(Debug)]
pub struct Tag {
    open: &'static str,
    close: &'static str,
    qualified: bool,
}

impl Tag {
    /// The tags as literals.
    pub const fn new(open: &'static str, close: &'static str) -> Self {
        let bytes = open.as_bytes();
        Self {
            open,
            close,
            qualified: bytes.len() > 4 && bytes[3] == b':',
        }
    }
}

/// Prefix of a namespace in one document: one or two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix([u8; 2]);

impl Prefix {
    /// `S`, the prefix of the Envelope's own namespace, whatever its version. It is always declared by [`Writer::envelope`],
    /// and only there.
    pub const ENVELOPE: Self = Self([b'S', 0]);

    /// How many prefixes of two characters there are.
    const COUNT: usize = FIRST.len() * SECOND.len();

    /// `n0` to `n9`, `na` to `nz`, `o0` and so on.
    fn nth(index: usize) -> Option<Self> {
        Some(Self([
            *FIRST.get(index / SECOND.len())?,
            SECOND[index % SECOND.len()],
        ]))
    }

    /// The prefix as it stands in the document.
    pub fn as_str(&self) -> &str {
        let len = if self.0[1] == 0 { 1 } else { 2 };
        str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

const FIRST: &[u8; 26] = b"nopqrstuvwxyzabcdefghijklm";
const SECOND: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Prefixes that namespaces known only at run time leave for those of the program.
const RESERVED: usize = 256;

#[derive(Debug)]
struct Declared {
    /// The static asked for; `None` if the namespace was known only at run time.
    namespace: Option<&'static Namespace>,
    uri: Cow<'static, str>,
    prefix: Prefix,
}

/// Writes one message into one buffer: the body first, the head of the Envelope last, into a gap in front of it.
///
/// # Example
/// ```
/// use soap_core::{SoapVersion, xml::{Namespace, Place, Tag, Writer}};
/// static CALC: Namespace = Namespace::new("urn:calc");
/// static ADD: Tag = Tag::new("<n0:Add>", "</n0:Add>");
///
/// let mut writer = Writer::new();
/// let prefix = writer.prefix(&CALC);
/// writer.open(prefix, &ADD);
/// writer.text("1 < 2", Place::Text)?;
/// writer.close(prefix, &ADD);
/// assert_eq!(
///     writer.envelope(SoapVersion::Soap12),
///     concat!(
///         r#"<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope""#,
///         r#" xmlns:n0="urn:calc"><S:Body><n0:Add>1 &lt; 2</n0:Add></S:Body></S:Envelope>"#
///     )
/// );
/// # Ok::<(), soap_core::xml::WriteError>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    buffer: Vec<u8>,
    header: Vec<u8>,
    namespaces: Vec<Declared>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// An empty message.
    pub fn new() -> Self {
        let mut buffer = Vec::with_capacity(8 * GAP);
        buffer.resize(GAP, b' ');
        Self {
            buffer,
            header: Vec::new(),
            namespaces: Vec::with_capacity(4),
        }
    }

    /// The prefix of `namespace` in this document; declared on the root element, which is written last.
    ///
    /// The namespace of the Envelope gets such a prefix too when it is asked for here, since a message may name both versions;
    /// [`Prefix::ENVELOPE`] is the one that the Envelope itself has.
    ///
    /// # Panics
    /// If one message has more than 936 namespaces, which those known only at run time alone cannot bring about.
    #[inline]
    pub fn prefix(&mut self, namespace: &'static Namespace) -> Prefix {
        for declared in &self.namespaces {
            if declared
                .namespace
                .is_some_and(|known| std::ptr::eq(known, namespace))
            {
                return declared.prefix;
            }
        }
        self.prefix_of_uri(namespace)
    }

    fn prefix_of_uri(&mut self, namespace: &'static Namespace) -> Prefix {
        if namespace.uri().is_empty() {
            return Prefix::ENVELOPE; // tags of names in no namespace have no prefix to patch
        }
        if let Some(declared) = self
            .namespaces
            .iter()
            .find(|declared| declared.uri == namespace.uri())
        {
            return declared.prefix;
        }
        let prefix =
            Prefix::nth(self.namespaces.len()).expect("a message has at most 936 namespaces");
        self.namespaces.push(Declared {
            namespace: Some(namespace),
            uri: Cow::Borrowed(namespace.uri()),
            prefix,
        });
        prefix
    }

    /// The prefix of the namespace `uri`, known only at run time.
    ///
    /// # Errors
    /// Fails if `uri` is empty, holds what XML cannot hold or must not be declared, or if there are too many in one message.
    pub fn prefix_for(&mut self, uri: &str) -> Result<Prefix, WriteError> {
        if let Some(declared) = self.namespaces.iter().find(|declared| declared.uri == uri) {
            return Ok(declared.prefix);
        }
        if uri.is_empty() || uri == super::XML.uri() || uri == super::scope::XMLNS_URI {
            return Err(WriteError::Value("a namespace that takes no prefix"));
        }
        if let Some(c) = scan::forbidden(uri) {
            return Err(WriteError::ForbiddenCharacter(u32::from(c)));
        }
        let next = self.namespaces.len();
        match Prefix::nth(next) {
            Some(prefix) if next < Prefix::COUNT - RESERVED => {
                self.namespaces.push(Declared {
                    namespace: None,
                    uri: Cow::Owned(uri.to_owned()),
                    prefix,
                });
                Ok(prefix)
            }
            _ => Err(WriteError::Value("too many namespaces in one message")),
        }
    }

    /// Writes the start tag.
    #[inline]
    pub fn open(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, tag.open, tag.qualified, 1);
    }

    /// Writes the start tag without its `>`: attributes follow.
    #[inline]
    pub fn open_start(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, tag.open, tag.qualified, 1);
        self.buffer.pop();
    }

    /// Writes the end tag.
    #[inline]
    pub fn close(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, tag.close, tag.qualified, 2);
    }

    /// Writes ` name="`, or ` n0:name="` with the prefix patched in.
    pub fn attribute_start(&mut self, prefix: Option<Prefix>, start: &'static str) {
        match prefix {
            Some(prefix) => self.literal(prefix, start, true, 1),
            None => self.plain(start),
        }
    }

    /// Writes markup or text that needs no escaping.
    #[inline]
    pub fn plain(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Writes text, escaped for `place`; refuses what XML cannot hold.
    ///
    /// # Errors
    /// Fails on a character that XML 1.0 does not allow.
    #[inline]
    pub fn text(&mut self, value: &str, place: Place) -> Result<(), WriteError> {
        let classes = if place == Place::Text {
            ESCAPE_TEXT
        } else {
            ESCAPE_ATTRIBUTE
        };
        let clean = scan::until(value.as_bytes(), classes);
        if clean == value.len() {
            self.buffer.extend_from_slice(value.as_bytes());
            return Ok(());
        }
        self.escape(value, clean, classes)
    }

    /// Writes `value`, of which the first `at` bytes need no escaping.
    fn escape(&mut self, value: &str, mut at: usize, classes: u8) -> Result<(), WriteError> {
        let bytes = value.as_bytes();
        let mut written = 0;
        while let Some(&byte) = bytes.get(at) {
            let replacement: &[u8] = match byte {
                b'&' => b"&amp;",
                b'<' => b"&lt;",
                b'>' => b"&gt;",
                b'"' => b"&quot;",
                b'\t' => b"&#x9;",
                b'\n' => b"&#xA;",
                b'\r' => b"&#xD;",
                0xEF if !matches!(bytes[at..], [_, 0xBF, 0xBE | 0xBF, ..]) => &[0xEF],
                _ => return Err(forbidden_at(value, at)),
            };
            self.buffer.extend_from_slice(&bytes[written..at]);
            self.buffer.extend_from_slice(replacement);
            at += 1;
            written = at;
            at += scan::until(&bytes[at..], classes);
        }
        self.buffer.extend_from_slice(&bytes[written..]);
        Ok(())
    }

    /// Writes the `Display` form of a value, which needs no escaping.
    pub(super) fn display(&mut self, value: &impl fmt::Display) {
        // a Vec takes all that is written
        let _ = write!(self.buffer, "{value}");
    }

    /// Bytes written so far, for [`truncate`](Self::truncate).
    pub(crate) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Takes back what was written since.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.buffer.truncate(len);
    }

    /// Writes ASCII that needs no escaping.
    pub(super) fn ascii(&mut self, text: &[u8]) {
        debug_assert!(text.is_ascii());
        self.buffer.extend_from_slice(text);
    }

    /// Writes a `QName` value, declaring its namespace; in no namespace the local name alone.
    ///
    /// # Errors
    /// Fails if `local` is no name, or as [`prefix_for`](Self::prefix_for) does.
    pub fn qname(&mut self, namespace: &str, local: &str) -> Result<(), WriteError> {
        if !scan::is_ncname(local) {
            return Err(WriteError::Value("a QName whose local part is no name"));
        }
        if namespace == super::XML.uri() {
            self.plain("xml:");
        } else if !namespace.is_empty() {
            let prefix = self.prefix_for(namespace)?;
            self.plain(prefix.as_str());
            self.plain(":");
        }
        self.plain(local);
        Ok(())
    }

    /// Writes `bytes` in base64.
    pub fn base64(&mut self, bytes: &[u8]) {
        let start = self.buffer.len();
        self.buffer
            .resize(start + bytes.len().div_ceil(3) * 4, b'=');
        let written = base64::engine::general_purpose::STANDARD
            .encode_slice(bytes, &mut self.buffer[start..]);
        debug_assert!(written.is_ok_and(|len| start + len == self.buffer.len()));
    }

    /// Writes ` xsi:nil="true"`; `xsi` is declared only if this is used.
    pub fn nil(&mut self) {
        let prefix = self.prefix(&super::XSI);
        self.attribute_start(Some(prefix), " n0:nil=\"");
        self.plain("true\"");
    }

    /// Writes into the Header instead of the Body, with the same prefixes. May be called again: blocks follow each other.
    ///
    /// # Errors
    /// Fails if `write` does.
    pub fn header(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        std::mem::swap(&mut self.buffer, &mut self.header);
        let done = write(self);
        std::mem::swap(&mut self.buffer, &mut self.header);
        done
    }

    /// The whole message: XML declaration, Envelope with all namespaces, Header if one was written, and what was written as
    /// the Body.
    pub fn envelope(mut self, version: SoapVersion) -> Bytes {
        let mut head = Vec::with_capacity(GAP + self.header.len());
        for piece in [
            DECLARATION,
            "<S:Envelope xmlns:S=\"",
            version.namespace().uri(),
            "\"",
        ] {
            head.extend_from_slice(piece.as_bytes());
        }
        self.push_declarations(&mut head);
        head.push(b'>');
        if !self.header.is_empty() {
            head.extend_from_slice(b"<S:Header>");
            head.extend_from_slice(&self.header);
            head.extend_from_slice(b"</S:Header>");
        }
        head.extend_from_slice(b"<S:Body>");
        self.plain("</S:Body></S:Envelope>");
        self.finish(&head)
    }

    /// A document with `value` as its root element.
    fn document<T: ToXml + RootElement>(mut self, value: &T) -> Result<Bytes, WriteError> {
        let root = if T::NAMESPACE.uri().is_empty() {
            Prefix::ENVELOPE
        } else {
            self.prefix(T::NAMESPACE)
        };
        self.header(|writer| {
            writer.plain(DECLARATION);
            writer.open_start(root, T::TAG);
            Ok(())
        })?;
        let start = self.header.len();
        self.header(|writer| value.attributes(writer))?;
        value.content(&mut self)?;
        self.close(root, T::TAG);
        let attributes = self.header.split_off(start);
        let mut head = std::mem::take(&mut self.header);
        self.push_declarations(&mut head);
        head.extend_from_slice(&attributes);
        head.push(b'>');
        Ok(self.finish(&head))
    }

    fn push_declarations(&self, head: &mut Vec<u8>) {
        for declared in &self.namespaces {
            head.extend_from_slice(b" xmlns:");
            head.extend_from_slice(declared.prefix.as_str().as_bytes());
            head.extend_from_slice(b"=\"");
            push_attribute(&declared.uri, head);
            head.push(b'"');
        }
    }

    /// Puts `head` in front of the body.
    fn finish(self, head: &[u8]) -> Bytes {
        let mut buffer = self.buffer;
        if head.len() > GAP {
            buffer.splice(..GAP, head.iter().copied());
            return Bytes::from(buffer);
        }
        let start = GAP - head.len();
        buffer[start..GAP].copy_from_slice(head);
        Bytes::from(buffer).slice(start..)
    }

    /// Writes a literal whose prefix, if there is one, stands at `at`.
    #[inline]
    fn literal(&mut self, prefix: Prefix, literal: &'static str, qualified: bool, at: usize) {
        if qualified && prefix.0[1] == 0 {
            return self.short(prefix, literal, at);
        }
        let start = self.buffer.len() + at;
        self.buffer.extend_from_slice(literal.as_bytes());
        if qualified && let Some(place) = self.buffer.get_mut(start..start + 2) {
            place.copy_from_slice(&prefix.0);
        }
    }

    /// The same for the prefix of one character.
    #[cold]
    fn short(&mut self, prefix: Prefix, literal: &'static str, at: usize) {
        let bytes = literal.as_bytes();
        self.buffer.extend_from_slice(&bytes[..at]);
        self.buffer.push(prefix.0[0]);
        self.buffer.extend_from_slice(&bytes[at + 2..]);
    }
}

#[cold]
fn forbidden_at(value: &str, at: usize) -> WriteError {
    let c = value.get(at..).and_then(|rest| rest.chars().next());
    WriteError::ForbiddenCharacter(c.map_or(0, u32::from))
}

/// Escapes what was checked to be characters of XML.
fn push_attribute(value: &str, out: &mut Vec<u8>) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\t' | b'\n' | b'\r'))
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(format!("&#{};", rest[at]).as_bytes());
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// `value` as a document of its own, with an XML declaration.
///
/// # Errors
/// Fails on what XML cannot hold.
pub fn to_string<T: ToXml + RootElement>(value: &T) -> Result<String, WriteError> {
    let bytes = Writer::new().document(value)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    static A: Namespace = Namespace::new("urn:a");
    static A_AGAIN: Namespace = Namespace::new("urn:a");
    static B: Namespace = Namespace::new("urn:b&\"");
    static X: Tag = Tag::new("<n0:x>", "</n0:x>");
    static Y: Tag = Tag::new("<y>", "</y>");

    fn envelope(writer: Writer) -> String {
        String::from_utf8(writer.envelope(SoapVersion::Soap11).to_vec()).unwrap()
    }

    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/""#;

    #[test]
    fn prefixes_are_declared_once_in_order_of_first_use() {
        let mut writer = Writer::new();
        let b = writer.prefix(&B);
        let a = writer.prefix(&A);
        assert_eq!(a, writer.prefix(&A_AGAIN));
        assert_eq!(Ok(a), writer.prefix_for("urn:a"));
        writer.open(a, &X);
        writer.open_start(a, &Y);
        writer.attribute_start(Some(b), " n0:k=\"");
        writer.text("\"<\t\n\r>&'", Place::Attribute).unwrap();
        writer.plain("\">");
        writer.text("\"<\t\n\r>&'", Place::Text).unwrap();
        writer.close(a, &Y);
        writer.close(a, &X);
        let body = "<n1:x><y n0:k=\"&quot;&lt;&#x9;&#xA;&#xD;&gt;&amp;'\">\"&lt;\t\n&#xD;&gt;&amp;'</y></n1:x>";
        let declarations = r#" xmlns:n0="urn:b&#38;&#34;" xmlns:n1="urn:a""#;
        assert_eq!(
            envelope(writer),
            format!("{HEAD}{declarations}><S:Body>{body}</S:Body></S:Envelope>")
        );
    }

    #[test]
    fn the_header_stands_first_and_a_long_head_moves_the_body() {
        let long = "x".repeat(2 * GAP);
        let mut writer = Writer::new();
        writer.open(Prefix::ENVELOPE, &X);
        writer.close(Prefix::ENVELOPE, &X);
        writer
            .header(|writer| writer.text(&long, Place::Text))
            .unwrap();
        writer
            .header(|writer| writer.text("y", Place::Text))
            .unwrap();
        let expected =
            format!("{HEAD}><S:Header>{long}y</S:Header><S:Body><S:x></S:x></S:Body></S:Envelope>");
        assert_eq!(envelope(writer), expected);
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_refused() {
        for c in [
            '\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{1F}', '\u{FFFE}', '\u{FFFF}',
        ] {
            for place in [Place::Text, Place::Attribute] {
                let text = format!("some text{c}");
                assert_eq!(
                    Writer::new().text(&text, place),
                    Err(WriteError::ForbiddenCharacter(u32::from(c)))
                );
            }
        }
        let mut writer = Writer::new();
        let allowed = "\u{FFFD}\u{F000}\u{FB00}\u{FFEF}\u{7F}\u{85}\u{10FFFF}";
        writer.text(allowed, Place::Text).unwrap();
        assert!(envelope(writer).contains(allowed));
    }

    #[test]
    fn qnames_declare_namespaces_known_at_run_time() {
        let mut writer = Writer::new();
        writer.qname("urn:run", "a").unwrap();
        writer.plain(" ");
        writer.qname("", "b").unwrap();
        assert!(writer.qname("urn:run", "a b").is_err());
        assert!(writer.qname("urn:\u{1}", "a").is_err());
        assert!(writer.qname("http://www.w3.org/2000/xmlns/", "a").is_err());
        assert_eq!(
            envelope(writer),
            format!("{HEAD} xmlns:n0=\"urn:run\"><S:Body>n0:a b</S:Body></S:Envelope>")
        );
    }

    #[test]
    fn prefixes_do_not_run_out_for_the_program() {
        let mut writer = Writer::new();
        let refused = (0..2000).find(|n| writer.prefix_for(&format!("urn:{n}")).is_err());
        assert_eq!(refused, Some(Prefix::COUNT - RESERVED));
        writer.prefix(&A);
    }
}

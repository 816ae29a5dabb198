//! The writer: one message into one buffer, its head last.
//!
//! It stands between [`ToXml`](super::ToXml) and the bytes that a transport sends. Tags are literals whose two prefix bytes are
//! patched; namespaces are declared on the root element in the order of first use, which is known only when all else is
//! written: so the head goes into a gap in front of the body.

mod namespaces;
mod tag;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::Write;

use base64::Engine;
use bytes::Bytes;

use self::namespaces::Declared;
use self::tag::Literal;
pub use self::tag::{Prefix, Tag};
use super::scan::{self, ESCAPE_ATTRIBUTE, ESCAPE_TEXT};
use super::{Place, RootElement, ToXml, WriteError, WriteErrorKind};
use crate::SoapVersion;

/// Room for the head of the Envelope; a longer one moves the body once.
const GAP: usize = 512;
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

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
        Self::with_capacity(8 * GAP)
    }

    /// The same for an answer, which mostly is short: an allocation of this size is found without a search.
    pub(crate) fn short() -> Self {
        Self::with_capacity(2 * GAP)
    }

    fn with_capacity(bytes: usize) -> Self {
        let mut buffer = Vec::with_capacity(bytes);
        buffer.resize(GAP, b' ');
        Self {
            buffer,
            header: Vec::new(),
            namespaces: Vec::with_capacity(4),
        }
    }

    /// Writes the start tag.
    #[inline]
    pub fn open(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, &tag.open);
    }

    /// Writes the start tag without its `>`: attributes follow.
    #[inline]
    pub fn open_start(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, &tag.open);
        self.buffer.pop();
    }

    /// Writes the end tag.
    #[inline]
    pub fn close(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, &tag.close);
    }

    /// Writes the start of an attribute, for a tag made by [`Tag::attribute`].
    #[inline]
    pub fn attribute_start(&mut self, prefix: Prefix, tag: &'static Tag) {
        self.literal(prefix, &tag.open);
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
    #[inline(always)]
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
        self.attribute_start(prefix, const { &Tag::attribute(" n0:nil=\"") });
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
        self.plain("</S:Body></S:Envelope>");
        let mut buffer = std::mem::take(&mut self.buffer);
        let end = buffer.len();
        for piece in [
            DECLARATION,
            "<S:Envelope xmlns:S=\"",
            version.namespace().uri(),
            "\"",
        ] {
            buffer.extend_from_slice(piece.as_bytes());
        }
        self.push_declarations(&mut buffer);
        buffer.push(b'>');
        if !self.header.is_empty() {
            buffer.extend_from_slice(b"<S:Header>");
            buffer.extend_from_slice(&self.header);
            buffer.extend_from_slice(b"</S:Header>");
        }
        buffer.extend_from_slice(b"<S:Body>");
        head_to_front(buffer, end)
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
        let mut buffer = std::mem::take(&mut self.buffer);
        let end = buffer.len();
        buffer.extend_from_slice(&self.header);
        self.push_declarations(&mut buffer);
        buffer.extend_from_slice(&attributes);
        buffer.push(b'>');
        Ok(head_to_front(buffer, end))
    }

    /// Writes a literal with the prefix in its place.
    #[inline]
    fn literal(&mut self, prefix: Prefix, literal: &'static Literal) {
        let Some((block, len)) = literal.block(prefix) else {
            return self.unusual_literal(prefix, literal);
        };
        let len = self.buffer.len() + len;
        self.buffer.extend_from_slice(&block);
        self.buffer.truncate(len);
    }

    /// The same for a long literal, or a prefix that has not two characters.
    fn unusual_literal(&mut self, prefix: Prefix, literal: &'static Literal) {
        let (before, behind) = literal.around_prefix();
        self.plain(before);
        if literal.is_qualified() {
            self.plain(prefix.as_str());
        }
        self.plain(behind);
    }
}

/// Moves what stands behind `end` into the gap at the start.
fn head_to_front(mut buffer: Vec<u8>, end: usize) -> Bytes {
    let Some(start) = GAP.checked_sub(buffer.len() - end) else {
        let head = buffer.split_off(end);
        buffer.splice(..GAP, head);
        return Bytes::from(buffer);
    };
    buffer.copy_within(end.., start);
    buffer.truncate(end);
    Bytes::from(buffer).slice(start..)
}

#[cold]
fn forbidden_at(value: &str, at: usize) -> WriteError {
    let c = value.get(at..).and_then(|rest| rest.chars().next());
    WriteError::new(WriteErrorKind::ForbiddenCharacter(c.map_or(0, u32::from)))
}

/// `value` as a document of its own, with an XML declaration.
///
/// # Errors
/// Fails on what XML cannot hold.
pub fn to_string<T: ToXml + RootElement>(value: &T) -> Result<String, WriteError> {
    let bytes = Writer::new().document(value)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

//! Placeholder signatures.
use super::*;

/// Start and end tag of an element, with the placeholder prefix `n0` where the element is in a namespace.
///
/// ```
/// use soap_core::xml::Tag;
/// static QUALIFIED: Tag = Tag::new("<n0:sku>", "</n0:sku>");
/// static UNQUALIFIED: Tag = Tag::new("<sku>", "</sku>");
/// ```
#[derive(Debug)]
pub struct Tag { open: &'static str, close: &'static str, qualified: bool }
impl Tag {
    /// The tags as literals.
    pub const fn new(open: &'static str, close: &'static str) -> Self { let b = open.as_bytes(); Self { open, close, qualified: b.len() > 4 && b[3] == b':' } }
}

/// Prefix of a namespace in one document.
#[derive(Debug, Clone, Copy)]
pub struct Prefix([u8; 2]);

/// Writes one message into one buffer: the body first, the head of the Envelope last, into a gap in front of it.
#[derive(Debug)]
pub struct Writer { buffer: Vec<u8> }

#[allow(unused_variables)]
impl Writer {
    /// The prefix of `namespace` in this document; declared on the root element, which is written last.
    pub fn prefix(&mut self, namespace: &'static Namespace) -> Prefix { todo!() }
    /// Writes the start tag.
    #[inline]
    pub fn open(&mut self, prefix: Prefix, tag: &'static Tag) { todo!() }
    /// Writes the start tag without its `>`: attributes follow.
    #[inline]
    pub fn open_start(&mut self, prefix: Prefix, tag: &'static Tag) { todo!() }
    /// Writes the end tag.
    #[inline]
    pub fn close(&mut self, prefix: Prefix, tag: &'static Tag) { todo!() }
    /// Writes ` name="`, or ` n0:name="` with the prefix patched in.
    pub fn attribute_start(&mut self, prefix: Option<Prefix>, start: &'static str) { todo!() }
    /// Writes markup or text that needs no escaping.
    #[inline]
    pub fn plain(&mut self, text: &str) { todo!() }
    /// Writes text, escaped for `place`; refuses what XML cannot hold.
    pub fn text(&mut self, value: &str, place: Place) -> Result<(), WriteError> { todo!() }
}

#[allow(unused_variables, missing_docs)]
impl Writer {
    /// An empty message.
    pub fn new() -> Self { todo!() }
    /// Writes into the Header instead of the Body, with the same prefixes.
    pub fn header(&mut self, write: impl FnOnce(&mut Self) -> Result<(), WriteError>) -> Result<(), WriteError> { todo!() }
    /// The whole message: XML declaration, Envelope with all namespaces, Header if one was written, and what was written as the Body.
    pub fn envelope(self, version: crate::SoapVersion) -> Result<bytes::Bytes,WriteError> { todo!() }
}

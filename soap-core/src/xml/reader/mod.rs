//! The pull reader: elements, attributes and text of one document, with every check of XML 1.0 and Namespaces 1.0.
//!
//! It stands between the bytes, decoded once by [`decode`](super::decode), and [`FromXml`](super::FromXml). There is no
//! document tree and no event type on the way to a struct: a type asks for its children and for their text.
//!
//! # Example
//! ```
//! use soap_core::{Limits, xml::{Namespace, Reader}};
//! static CALC: Namespace = Namespace::new("urn:calc");
//!
//! let mut reader = Reader::new(r#"<c:Add xmlns:c="urn:calc"><c:a>1</c:a><c:b>2</c:b></c:Add>"#, &Limits::default())?;
//! let (namespace, local) = reader.next()?.expect("a root");
//! assert!(reader.is(namespace, &CALC) && local == "Add");
//! let mut values = Vec::new();
//! while let Some((_, local)) = reader.next()? {
//!     values.push((local, reader.text()?));
//! }
//! assert_eq!(values, [("a", "1".into()), ("b", "2".into())]);
//! assert_eq!(reader.next()?, None);   // nothing follows the root
//! # Ok::<(), soap_core::xml::ReadError>(())
//! ```
//!
//! # Limits
//! Every bound of [`Limits`] is checked on all there is, in elements that are skipped and attributes never looked at too. A
//! document type declaration or a processing instruction is an error always. Nothing recurses over the depth of the input.

mod attribute;
mod content;
mod error;
mod nil;
mod sibling;
mod tag;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::attribute::Attribute;
pub(crate) use self::sibling::Siblings;
use self::tag::Open;
use super::scope::Scope;
use super::{Namespace, NamespaceId, ReadError, Uri, scan};
use crate::Limits;

/// Elements may not be nested deeper, whatever [`Limits::depth`] says.
const DEEPEST: usize = 1000;

/// A pull reader over one document: validated once, nothing copied without need, every limit enforced also in what is skipped.
///
/// A clone goes on from the same place by itself: so header blocks are read again once their types are known.
#[derive(Debug, Clone)]
pub struct Reader<'x> {
    text: &'x str,
    at: usize,
    /// The start tag just passed was of the form `<a/>`.
    empty: bool,
    /// The root has begun.
    rooted: bool,
    /// An element has just been closed.
    just_closed: bool,
    open: Vec<Open>,
    closed: Open,
    scope: Scope<'x>,
    attributes: Vec<Attribute>,
    elements: usize,
    comments: usize,
    limits: Limits,
}

/// A piece of mixed content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an element holds nothing else")]
pub enum Content<'x> {
    /// A child whose start tag was just passed.
    Element(NamespaceId, &'x str),
    /// Text, not empty; comments and the borders of CDATA sections do not split it.
    Text(Cow<'x, str>),
    /// The end tag of the element.
    End,
}

impl<'x> Reader<'x> {
    /// Reads `text`: valid UTF-8 without byte order mark. Passes the XML declaration, comments and white space before the root.
    ///
    /// # Errors
    /// Fails if `text` is larger than the limit, or no element follows such a prolog.
    pub fn new(text: &'x str, limits: &Limits) -> Result<Self, ReadError> {
        let mut limits = limits.clone();
        limits.depth = limits.depth.min(DEEPEST);
        limits.message = limits.message.min(u32::MAX as usize);
        let mut reader = Self {
            text,
            at: 0,
            empty: false,
            rooted: false,
            just_closed: false,
            open: Vec::with_capacity(16),
            closed: Open::default(),
            scope: Scope::new(),
            attributes: Vec::with_capacity(8),
            elements: 0,
            comments: 0,
            limits,
        };
        if text.len() > reader.limits.message {
            return Err(reader.limit("message bytes", reader.limits.message, 0));
        }
        match scan::declaration(text) {
            Ok(Some(declaration)) => reader.at = declaration.len,
            Ok(None) => {}
            Err(what) => return Err(reader.syntax(what, 0)),
        }
        reader.between_tags()?;
        if reader.at == text.len() {
            return Err(reader.syntax("there is no root element", reader.at));
        }
        Ok(reader)
    }

    /// The next child of the current element (at first: the root), its start tag consumed; `None` has consumed the end tag.
    /// At the top level `None` has checked that nothing but comments and white space follows the root.
    /// Text that is not white space between children is refused.
    ///
    /// # Errors
    /// Fails on what is not well-formed, passes a limit or is text.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot borrow what it iterates over"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<(NamespaceId, &'x str)>, ReadError> {
        if self.empty {
            self.close(self.at);
            return Ok(None);
        }
        let bytes = self.text.as_bytes();
        // the usual case first: a tag right behind the last one
        if !matches!(bytes.get(self.at..self.at + 2), Some([b'<', second]) if *second != b'!' && *second != b'?')
        {
            self.between_tags()?;
            if self.at == self.text.len() {
                return self.end_of_document().map(|()| None);
            }
        }
        if bytes.get(self.at + 1) == Some(&b'/') {
            self.end_tag()?;
            return Ok(None);
        }
        self.start_tag().map(Some)
    }

    /// Text of the current element, its end tag consumed. Borrowed unless an entity, CDATA or CR occurs. A child element is
    /// an error.
    ///
    /// # Errors
    /// Fails on what is not well-formed, passes a limit or is an element.
    #[inline]
    pub fn text(&mut self) -> Result<Cow<'x, str>, ReadError> {
        if self.empty {
            self.close(self.at);
            return Ok(Cow::Borrowed(""));
        }
        let text = self.character_data()?;
        if self.text.as_bytes().get(self.at + 1) != Some(&b'/') {
            return Err(self.child_of_text());
        }
        self.end_tag()?;
        Ok(text)
    }

    /// The next piece of the content of the current element, where text and elements may be mixed.
    ///
    /// # Errors
    /// Fails on what is not well-formed or passes a limit.
    pub fn content(&mut self) -> Result<Content<'x>, ReadError> {
        if self.open.is_empty() {
            return Ok(self.next()?.map_or(Content::End, |(namespace, local)| {
                Content::Element(namespace, local)
            }));
        }
        if self.empty {
            self.close(self.at);
            return Ok(Content::End);
        }
        let text = self.character_data()?;
        if !text.is_empty() {
            return Ok(Content::Text(text));
        }
        if self.text.as_bytes().get(self.at + 1) == Some(&b'/') {
            self.end_tag()?;
            return Ok(Content::End);
        }
        self.start_tag()
            .map(|(namespace, local)| Content::Element(namespace, local))
    }

    /// Skips the rest of the current element and its end tag, with all checks.
    ///
    /// # Errors
    /// Fails on what is not well-formed or passes a limit.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let depth = self.open.len();
        while self.open.len() >= depth && depth > 0 {
            if self.empty {
                self.close(self.at);
                continue;
            }
            self.pass_character_data()?;
            if self.text.as_bytes().get(self.at + 1) == Some(&b'/') {
                self.end_tag()?;
            } else {
                self.start_tag()?;
            }
        }
        Ok(())
    }

    /// True if `id` stands for `namespace`.
    #[inline]
    pub fn is(&mut self, id: NamespaceId, namespace: &'static Namespace) -> bool {
        self.scope.is(id, namespace)
    }

    /// URI of `id`, empty for none.
    pub fn uri(&self, id: NamespaceId) -> &str {
        self.scope.uri(id)
    }

    /// URI of `id` for what outlives the message.
    pub(crate) fn shared_uri(&self, id: NamespaceId) -> Uri {
        self.scope.shared(id)
    }

    /// Name of the attribute at `index` of the start tag just passed, namespace declarations not counted.
    #[inline]
    pub fn attribute(&self, index: usize) -> Option<(NamespaceId, &'x str)> {
        let attribute = self.attributes.get(index)?;
        Some((
            attribute.namespace,
            self.slice(attribute.name.local, attribute.name.end),
        ))
    }

    pub(in crate::xml) fn attribute_count(&self) -> usize {
        self.attributes.len()
    }

    /// Value of the attribute at `index`, normalised (XML 1.0 3.3.3); empty if there is none.
    #[inline]
    pub fn attribute_value(&self, index: usize) -> Cow<'x, str> {
        match self.attributes.get(index) {
            Some(attribute) => self.value(attribute.value, attribute.value_end, attribute.plain),
            None => Cow::Borrowed(""),
        }
    }

    /// Value of the attribute of that name of the start tag just passed.
    pub fn attribute_named(
        &mut self,
        namespace: &'static Namespace,
        local: &str,
    ) -> Option<Cow<'x, str>> {
        for index in 0..self.attributes.len() {
            if let Some((id, name)) = self.attribute(index)
                && name == local
                && self.is(id, namespace)
            {
                return Some(self.attribute_value(index));
            }
        }
        None
    }

    /// Namespace bound to `prefix` (empty: the default) where the reader stands: in the element just closed, or else the
    /// current one.
    pub fn resolve(&self, prefix: &str) -> Option<NamespaceId> {
        self.scope.resolve(prefix)
    }

    /// The name that the QName `text` means where the reader stands, as [`resolve`](Self::resolve) has it: its namespace, `None`
    /// if the prefix is bound to none, and its local part. That both are names is not checked.
    pub fn resolve_qname<'t>(&self, text: &'t str) -> (Option<NamespaceId>, &'t str) {
        let text = scan::trim(text);
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        (self.resolve(prefix), local)
    }

    /// From here on takes `namespace` for `meant`, which is another one.
    pub(crate) fn take_for(&mut self, namespace: NamespaceId, meant: NamespaceId) {
        self.scope.take_for(namespace, meant);
    }

    /// Prefixes and namespaces that the start tag just passed declares, in the order of the document.
    pub fn declarations(&self) -> impl Iterator<Item = (&'x str, NamespaceId)> + '_ {
        self.scope.declarations(self.bindings_outside())
    }

    /// Bindings in scope around the current element.
    pub(in crate::xml) fn bindings_outside(&self) -> usize {
        self.open.last().map_or(0, |open| open.outside)
    }

    /// Namespace bound to `prefix` where the reader stands, if the declaration in force is one of the first `outside`.
    pub(in crate::xml) fn inherited(&self, prefix: &str, outside: usize) -> Option<NamespaceId> {
        self.scope.inherited(prefix, outside)
    }

    /// Prefix of the attribute at `index` of the start tag just passed, empty for none.
    pub fn attribute_prefix(&self, index: usize) -> &'x str {
        self.attributes
            .get(index)
            .map_or("", |attribute| self.prefix_of(attribute.name))
    }

    /// Prefix of the current element, empty for none.
    pub fn element_prefix(&self) -> &'x str {
        self.open
            .last()
            .map_or("", |open| self.prefix_of(open.name))
    }

    /// Local name of the current element, the one whose start tag was passed and whose end tag was not; empty outside the root.
    pub fn local_name(&self) -> &'x str {
        self.open
            .last()
            .map_or("", |open| self.slice(open.name.local, open.name.end))
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Where the reader stands, in bytes from the start of the document.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The element just closed as it stands in the document, its tags included; empty if the last step closed none.
    pub fn source(&self) -> &'x str {
        if self.just_closed {
            self.slice(self.closed.name.start - 1, self.at)
        } else {
            ""
        }
    }

    #[inline]
    fn slice(&self, start: usize, end: usize) -> &'x str {
        &self.text[start..end]
    }
}

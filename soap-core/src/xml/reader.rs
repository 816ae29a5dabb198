//! Placeholder signatures.
use std::borrow::Cow;
use super::*;
use crate::Limits;

/// A pull reader over one document: validated once, nothing copied without need, every limit enforced also in what is skipped.
#[derive(Debug, Clone)]
pub struct Reader<'x> { text: &'x str }

#[allow(unused_variables)]
impl<'x> Reader<'x> {
    /// Reads `text`: valid UTF-8 without byte order mark. Passes the XML declaration, comments and white space before the root.
    pub fn new(text: &'x str, limits: &Limits) -> Result<Self, ReadError> { todo!() }
    /// The next child of the current element (at first: the root), its start tag consumed; `None` has consumed the end tag.
    /// At the top level `None` has checked that nothing but comments and white space follows the root.
    /// Text that is not white space between children is refused.
    pub fn next(&mut self) -> Result<Option<(NamespaceId, &'x str)>, ReadError> { todo!() }
    /// Text of the current element, its end tag consumed. Borrowed unless an entity, CDATA or CR occurs. A child element is an error.
    pub fn text(&mut self) -> Result<Cow<'x, str>, ReadError> { todo!() }
    /// Skips the rest of the current element and its end tag, with all checks.
    pub fn skip(&mut self) -> Result<(), ReadError> { todo!() }
    /// True if `id` stands for `namespace`.
    #[inline]
    pub fn is(&mut self, id: NamespaceId, namespace: &'static Namespace) -> bool { todo!() }
    /// URI of `id`, empty for none.
    pub fn uri(&self, id: NamespaceId) -> &str { todo!() }
    /// Name of the attribute at `index` of the start tag just passed, namespace declarations not counted.
    pub fn attribute(&self, index: usize) -> Option<(NamespaceId, &'x str)> { todo!() }
    /// Value of the attribute at `index`, normalised (XML 1.0 3.3.3).
    pub fn attribute_value(&self, index: usize) -> Cow<'x, str> { todo!() }
    /// Value of the attribute of that name of the start tag just passed.
    pub fn attribute_named(&mut self, namespace: &'static Namespace, local: &str) -> Option<Cow<'x, str>> { todo!() }
    /// True if the start tag just passed says `xsi:nil="true"`; its content must then be empty and has been consumed with the end tag.
    pub fn nil(&mut self) -> Result<bool, ReadError> { todo!() }
    /// Namespace bound to `prefix` (empty: the default) where the reader stands: in the element just closed, or else the current one.
    pub fn resolve(&self, prefix: &str) -> Option<NamespaceId> { todo!() }
    /// An error of `kind` here.
    #[cold]
    pub fn error(&self, kind: ReadErrorKind) -> ReadError { todo!() }
    /// The current element may occur only once.
    #[cold]
    pub fn repeated(&self, name: &str) -> ReadError { todo!() }
    /// The element just closed lacks `name`.
    #[cold]
    pub fn missing(&self, name: &str) -> ReadError { todo!() }
    /// The start tag just passed (or element just closed) lacks attribute `name`.
    #[cold]
    pub fn missing_attribute(&self, name: &str) -> ReadError { todo!() }
    /// The attribute at `index` has no value of its type.
    #[cold]
    pub fn attribute_error(&self, index: usize, error: ValueError) -> ReadError { todo!() }
    /// The element just closed has no value of its type.
    #[cold]
    pub fn value_error(&self, error: ValueError) -> ReadError { todo!() }
    /// The current element is not expected (`deny_unknown`).
    #[cold]
    pub fn unexpected(&self) -> ReadError { todo!() }
}

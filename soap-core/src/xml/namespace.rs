//! Namespaces and names: static ones known at compile time, and ids of those met in a message.

/// A namespace known at compile time.
///
/// Two statics with one URI are the same namespace: identity is only a fast path.
///
/// ```
/// use soap_core::xml::Namespace;
/// static CALC: Namespace = Namespace::new("http://example.org/calc");
/// assert_eq!(CALC.uri(), "http://example.org/calc");
/// ```
#[derive(Debug, Eq, PartialEq, Hash)]
pub struct Namespace {
    uri: &'static str,
}

impl Namespace {
    /// Names in no namespace.
    pub const NONE: Self = Self::new("");

    /// The namespace of `uri`; an empty one stands for "no namespace".
    pub const fn new(uri: &'static str) -> Self {
        Self { uri }
    }

    /// The URI, empty for "no namespace".
    pub const fn uri(&self) -> &'static str {
        self.uri
    }
}

/// A namespace as one message declares it. Valid only for the [`Reader`](super::Reader) that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NamespaceId(pub(super) u32);

impl NamespaceId {
    /// No namespace.
    pub const NONE: Self = Self(0);
}

/// `http://www.w3.org/2001/XMLSchema-instance`, of `xsi:nil` and `xsi:type`.
pub static XSI: Namespace = Namespace::new("http://www.w3.org/2001/XMLSchema-instance");
/// `http://www.w3.org/2001/XMLSchema`, of the built-in types.
pub static XSD: Namespace = Namespace::new("http://www.w3.org/2001/XMLSchema");
/// `http://www.w3.org/XML/1998/namespace`, bound to `xml` in every document.
pub static XML: Namespace = Namespace::new("http://www.w3.org/XML/1998/namespace");

/// An expanded name known at compile time.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// Namespace of the name.
    pub namespace: &'static Namespace,
    /// Local part.
    pub local: &'static str,
}

//! `xsd:QName`: a name whose prefix means what it means at its place in the document.

use std::borrow::Cow;
use std::fmt;

use super::element_of;
use crate::xml::{
    Name, NamespaceId, Place, Reader, SimpleType, Uri, ValueError, WriteError, Writer, scan,
};

/// A qualified name as a value: the namespace, not the prefix, is what counts.
///
/// Reading resolves the prefix (or the default namespace, if it has none) where the value stands; writing declares the
/// namespace on the Envelope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    namespace: Uri,
    local: Cow<'static, str>,
}

impl QName {
    /// The name `local` of `namespace`; an empty one stands for "no namespace".
    pub fn new(
        namespace: impl Into<Cow<'static, str>>,
        local: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            namespace: Uri::from(namespace.into()),
            local: local.into(),
        }
    }

    /// A name met in a message, which shares the URI with all others of its namespace.
    pub(crate) fn met((namespace, local): (NamespaceId, &str), reader: &Reader<'_>) -> Self {
        Self {
            namespace: reader.shared_uri(namespace),
            local: Cow::Owned(local.to_owned()),
        }
    }

    pub(in crate::xml) fn uri(&self) -> &Uri {
        &self.namespace
    }

    /// URI of the namespace, empty for none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Local part.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// True if this is `name`.
    pub fn is(&self, name: Name) -> bool {
        self.local == name.local && *self.namespace == *name.namespace.uri()
    }
}

impl From<Name> for QName {
    fn from(name: Name) -> Self {
        Self::new(name.namespace.uri(), name.local)
    }
}

/// `{namespace}local`, or the local part alone.
impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(f, "{{{}}}", &*self.namespace)?;
        }
        f.write_str(&self.local)
    }
}

impl<'x> SimpleType<'x> for QName {
    fn from_lexical(text: Cow<'x, str>, reader: &Reader<'x>) -> Result<Self, ValueError> {
        let name = scan::trim(&text);
        let mut parts = name.split(':');
        if parts.clone().count() > 2 || !parts.all(scan::is_ncname) {
            return Err(ValueError::new(&text, "an xsd:QName"));
        }
        match reader.resolve_qname(name) {
            (Some(namespace), local) => Ok(Self::met((namespace, local), reader)),
            (None, _) => Err(ValueError::new(
                &text,
                "an xsd:QName with a declared prefix",
            )),
        }
    }

    fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
        writer.qname(&self.namespace, &self.local)
    }
}

element_of!(QName => "QName");

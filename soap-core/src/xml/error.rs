//! What can be wrong with a document that is read, or a value that is written.

use std::fmt;

use super::ValueError;

/// A document or value that could not be read: what is wrong, at which byte and in which element.
///
/// ```
/// use soap_core::{Limits, xml::Reader};
/// let error = Reader::new("<!DOCTYPE a><a/>", &Limits::default()).unwrap_err();
/// assert_eq!(error.to_string(), "a document type declaration is not allowed (byte 0)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ReadError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ReadErrorKind,
    offset: usize,
    path: String,
}

impl ReadError {
    /// An error at byte `offset`, in the element of `path` (`/Envelope/Body/Add/a`; empty outside the root).
    #[cold]
    pub fn new(kind: ReadErrorKind, offset: usize, path: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            offset,
            path: path.into(),
        }))
    }

    /// What is wrong.
    pub fn kind(&self) -> &ReadErrorKind {
        &self.0.kind
    }

    /// Where, in bytes from the start of the document (as UTF-8, without a byte order mark).
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The element, as a path of local names from the root; empty outside the root.
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, offset, path } = &*self.0;
        if path.is_empty() {
            write!(f, "{kind} (byte {offset})")
        } else {
            write!(f, "{kind} (in {path}, byte {offset})")
        }
    }
}

impl fmt::Debug for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, offset, path } = &*self.0;
        f.debug_struct("ReadError")
            .field("kind", kind)
            .field("offset", offset)
            .field("path", path)
            .finish()
    }
}

impl std::error::Error for ReadError {}

/// The kinds of [`ReadError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The bytes are not in the encoding they claim.
    #[error("the bytes are not {0}")]
    NotEncoded(&'static str),
    /// The encoding is none that is read.
    #[error("encoding {0:?} is not supported: send UTF-8, UTF-16 or ISO-8859-1")]
    UnknownEncoding(String),
    /// The document ends too early.
    #[error("the document ends inside {0}")]
    UnexpectedEnd(&'static str),
    /// Not well-formed XML.
    #[error("not well-formed: {0}")]
    Syntax(&'static str),
    /// A character XML does not allow.
    #[error("character U+{:04X} is not allowed in XML", *.0)]
    ForbiddenCharacter(u32),
    /// A document type declaration (SOAP 1.1 section 3, SOAP 1.2 P1 section 5).
    #[error("a document type declaration is not allowed")]
    Dtd,
    /// A processing instruction (BP R1009, SOAP 1.2 P1 section 5).
    #[error("a processing instruction is not allowed")]
    ProcessingInstruction,
    /// A prefix that no declaration in scope binds.
    #[error("prefix {0:?} is not declared")]
    UndeclaredPrefix(String),
    /// Two attributes of one element have the same name.
    #[error("attribute {0:?} stands twice")]
    DuplicateAttribute(String),
    /// An end tag that does not fit its start tag.
    #[error("end tag of {found:?} where {expected:?} is open")]
    MismatchedEndTag {
        /// Name of the open element.
        expected: String,
        /// Name in the end tag.
        found: String,
    },
    /// An entity that is not one of the five.
    #[error("entity {0:?} is not declared")]
    UnknownEntity(String),
    /// A bound of [`Limits`](crate::Limits) was passed.
    #[error("{what} exceed the limit of {limit}")]
    Limit {
        /// What there is too much of, plural.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// A required element is missing.
    #[error("element {0:?} is missing")]
    Missing(String),
    /// A required attribute is missing.
    #[error("attribute {0:?} is missing")]
    MissingAttribute(String),
    /// An element that may occur once occurs again.
    #[error("element {0:?} is repeated")]
    Repeated(String),
    /// An element that does not belong here.
    #[error("element {0:?} is not expected here")]
    UnexpectedElement(String),
    /// An element that comes later than its order allows.
    #[error("element {0:?} is out of order")]
    OutOfOrder(String),
    /// An attribute that does not belong here.
    #[error("attribute {0:?} is not expected here")]
    UnexpectedAttribute(String),
    /// Text where only elements are allowed.
    #[error("text is not expected here")]
    UnexpectedText,
    /// `xsi:nil` on an element whose type has no nil.
    #[error("the element cannot be nil")]
    UnexpectedNil,
    /// A value that is none of its type.
    #[error(transparent)]
    Value(ValueError),
    /// The Envelope is of no version that is known.
    #[error("the namespace of the Envelope is neither that of SOAP 1.1 nor of SOAP 1.2")]
    VersionMismatch,
    /// An `encodingStyle` that is not known.
    #[error("the encodingStyle is not known")]
    EncodingStyle,
    /// An answer that is to another request, by the `RelatesTo` of its WS-Addressing.
    #[error("the answer is to {found:?}, not to the request {asked:?}")]
    OtherAnswer {
        /// `MessageID` of the request.
        asked: String,
        /// What the answer relates to; shortened if it is long.
        found: String,
    },
    /// An answer without what WS-Addressing demands of it.
    #[error("the answer to the request {asked:?} has no {what} of WS-Addressing")]
    NotAddressed {
        /// `MessageID` of the request.
        asked: String,
        /// Name of the header block.
        what: &'static str,
    },
    /// The SOAP envelope is not as it must be.
    #[error("{0}")]
    Envelope(&'static str),
}

impl ReadErrorKind {
    /// True if the document cannot be read on: nobody knows where it ends.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::NotEncoded(_)
                | Self::UnknownEncoding(_)
                | Self::UnexpectedEnd(_)
                | Self::Syntax(_)
                | Self::ForbiddenCharacter(_)
                | Self::Dtd
                | Self::ProcessingInstruction
                | Self::UndeclaredPrefix(_)
                | Self::DuplicateAttribute(_)
                | Self::MismatchedEndTag { .. }
                | Self::UnknownEntity(_)
                | Self::Limit { .. }
        )
    }
}

/// A value that XML cannot hold.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteError(Box<WriteErrorKind>);

/// Why XML cannot hold a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteErrorKind {
    /// A character XML 1.0 does not allow, even escaped.
    #[error("character U+{:04X} cannot be written in XML", *.0)]
    ForbiddenCharacter(u32),
    /// A value outside the lexical space of its type.
    #[error("{0}")]
    Value(&'static str),
}

impl WriteError {
    /// An error of `kind`.
    #[cold]
    #[must_use]
    pub fn new(kind: WriteErrorKind) -> Self {
        Self(Box::new(kind))
    }

    /// `what` is outside the lexical space of its type.
    #[cold]
    #[must_use]
    pub fn value(what: &'static str) -> Self {
        Self::new(WriteErrorKind::Value(what))
    }

    /// Why the value cannot be written.
    #[must_use]
    pub fn kind(&self) -> &WriteErrorKind {
        &self.0
    }
}

impl fmt::Debug for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WriteError").field(&self.0).finish()
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for WriteError {}

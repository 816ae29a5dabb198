//! The XML core: bytes to typed values and back, without a document tree.

mod convert;
mod error;
mod namespace;
mod reader;
mod writer;

pub use convert::{
    AttributeField, Choice, FromXml, Place, ReadField, RootElement, SimpleType, ToXml, ValueError, WriteField, simple_content,
};
pub use error::{ReadError, ReadErrorKind, WriteError};
pub use namespace::{Name, Namespace, NamespaceId, XML, XSD, XSI};
pub use reader::Reader;
pub use writer::{Prefix, Tag, Writer};

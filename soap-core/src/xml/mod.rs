//! The XML core: bytes to typed values and back, without a document tree.
//!
//! [`decode`] makes text of bytes, [`Reader`] gives elements and text to [`FromXml`], and [`ToXml`] writes into a [`Writer`].
//! Between a user's value and the envelope this is the whole of it: XML 1.0 (fifth edition), Namespaces in XML 1.0 and the
//! lexical spaces of XML Schema Part 2.
//!
//! # Limits
//! [`Limits`] bounds all that is read; there is no way to allow a document type declaration.

mod attribute_field;
mod choice;
mod convert;
mod element;
mod encoding;
mod error;
mod key;
mod namespace;
mod pointer;
mod reader;
mod scan;
mod scope;
pub(crate) mod types;
mod uri;
mod writer;

#[doc(hidden)] // generated code calls it
pub use attribute_field::AttributeField;
pub use choice::Choice;
#[doc(hidden)] // generated code calls it
pub use choice::{
    ChoiceField, choice_content, refuse_attribute, unknown_type, write_xsi_type, xsi_type,
};
pub use convert::{
    FromXml, Place, ReadField, RootElement, SimpleType, ToXml, ValueError, WriteField, collapse,
    simple_content,
};
pub use element::{Attribute, Element, Node};
pub use encoding::decode;
pub use error::{ReadError, ReadErrorKind, WriteError, WriteErrorKind};
pub(crate) use key::Key;
pub use namespace::{Name, Namespace, NamespaceId, XML, XSD, XSI};
pub(crate) use reader::Siblings;
pub use reader::{Content, Reader};
pub(crate) use uri::Uri;
pub use writer::{Prefix, Tag, Writer, to_string};

use crate::Limits;

/// Reads a document whose root element is a `T`, within the default [`Limits`].
///
/// # Errors
/// Says what is wrong and where.
pub fn from_str<'x, T: FromXml<'x> + RootElement>(text: &'x str) -> Result<T, ReadError> {
    from_str_within(text, &Limits::default())
}

/// Reads a document whose root element is a `T`, within `limits`.
///
/// # Errors
/// Says what is wrong and where.
pub fn from_str_within<'x, T: FromXml<'x> + RootElement>(
    text: &'x str,
    limits: &Limits,
) -> Result<T, ReadError> {
    let mut reader = Reader::new(text, limits)?;
    let root = reader.next()?;
    if !root
        .is_some_and(|(namespace, local)| local == T::NAME && reader.is(namespace, T::NAMESPACE))
    {
        return Err(reader.unexpected());
    }
    let value = T::from_element(&mut reader)?;
    reader.next()?;
    Ok(value)
}

//! The types that `xsi:type` may name.

use crate::{
    describe::{Describe, FieldType, Occurs},
    xml::{
        self, FromXml, Namespace, NamespaceId, ReadError, Reader, RootElement, ToXml, WriteError,
        Writer,
    },
};

/// One of the types that `xsi:type` may name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form in XML that `xsi:type` could name",
    note = "add `#[derive(SoapType)]` to `{Self}`, and give it a namespace: `#[soap(namespace = \"…\")]`"
)]
pub trait Alternative<'x>: Sized {
    /// Namespace of the type.
    const NAMESPACE: &'static Namespace;
    /// Local name of the type.
    const NAME: &'static str;

    /// Its type.
    const TYPE: FieldType;

    /// True if that is the name of the type.
    fn is(name: (NamespaceId, &str), reader: &mut Reader<'x>) -> bool;

    /// Reads the element.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError>;

    /// Writes `xsi:type` and the attributes.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError>;

    /// Writes what stands between the tags.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<'x, T: ToXml + FromXml<'x> + Describe + RootElement> Alternative<'x> for T {
    const NAMESPACE: &'static Namespace = <T as RootElement>::NAMESPACE;
    const NAME: &'static str = <T as RootElement>::NAME;

    const TYPE: FieldType = FieldType {
        occurs: Occurs::ONCE,
        of: <T as Describe>::describe,
    };

    fn is((namespace, local): (NamespaceId, &str), reader: &mut Reader<'x>) -> bool {
        local == <T as RootElement>::NAME && reader.is(namespace, <T as RootElement>::NAMESPACE)
    }

    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        <T as FromXml>::from_xml(reader)
    }

    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError> {
        xml::write_xsi_type(self, writer)?;
        ToXml::attributes(self, writer)
    }

    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        ToXml::content(self, writer)
    }
}

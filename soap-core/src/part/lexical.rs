//! What has a lexical form: attributes and text.

use std::borrow::Cow;

use crate::{
    describe::{Describe, DescribeField, Occurs, TypeDescription},
    xml::{
        self, AttributeField, Place, Prefix, ReadError, Reader, SimpleType, ValueError, WriteError,
        Writer,
    },
};

/// An attribute: `T` required, `Option<T>` optional.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be an attribute",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait Attribute<'x>: Sized {
    /// How often it occurs.
    const OCCURS: Occurs;

    /// Description of its type.
    fn describe() -> &'static TypeDescription;

    /// Reads the value.
    ///
    /// # Errors
    /// Fails if the value is not of the type.
    fn read(slot: &mut Option<Self>, index: usize, reader: &Reader<'x>) -> Result<(), ReadError>;

    /// The value, when all attributes have been seen.
    ///
    /// # Errors
    /// Fails if a required attribute is missing.
    fn finish(
        slot: Option<Self>,
        name: &'static str,
        reader: &Reader<'x>,
    ) -> Result<Self, ReadError>;

    /// Writes it, from the blank in front to the quote at its end.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Option<Prefix>,
        start: &'static str,
    ) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<'x, T: AttributeField<'x> + DescribeField> Attribute<'x> for T {
    const OCCURS: Occurs = <T as DescribeField>::OCCURS;

    fn describe() -> &'static TypeDescription {
        <T as DescribeField>::describe()
    }

    #[inline]
    fn read(slot: &mut Option<Self>, index: usize, reader: &Reader<'x>) -> Result<(), ReadError> {
        <T as AttributeField>::read(slot, index, reader)
    }

    #[inline]
    fn finish(
        slot: Option<Self>,
        name: &'static str,
        reader: &Reader<'x>,
    ) -> Result<Self, ReadError> {
        <T as AttributeField>::finish(slot, name, reader)
    }

    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Option<Prefix>,
        start: &'static str,
    ) -> Result<(), WriteError> {
        AttributeField::write(self, writer, prefix, start)
    }
}

/// Text of an element.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be text",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait Text<'x>: Sized {
    /// Description of its type.
    fn describe() -> &'static TypeDescription;

    /// Reads the rest of the element.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn read(reader: &mut Reader<'x>) -> Result<Self, ReadError>;

    /// Reads the lexical form.
    ///
    /// # Errors
    /// Says what is wrong with the value.
    fn from_lexical(text: Cow<'x, str>, reader: &Reader<'x>) -> Result<Self, ValueError>;

    /// Writes the lexical form.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<'x, T: SimpleType<'x> + Describe> Text<'x> for T {
    fn describe() -> &'static TypeDescription {
        <T as Describe>::describe()
    }

    #[inline]
    fn read(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        xml::simple_content(reader)
    }

    #[inline]
    fn from_lexical(text: Cow<'x, str>, reader: &Reader<'x>) -> Result<Self, ValueError> {
        <T as SimpleType>::from_lexical(text, reader)
    }

    #[inline]
    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError> {
        SimpleType::write_lexical(self, writer, place)
    }
}

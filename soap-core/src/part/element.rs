//! Elements of a Body.

use crate::{
    describe::{Describe, DescribeField, FieldType},
    table::{Chosen, ChosenPart, Part, Slot},
    xml::{
        ChoiceField, FromXml, Prefix, ReadError, ReadField, Reader, Tag, ToXml, WriteError,
        WriteField, Writer,
    },
};

/// An element that occurs once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form in XML",
    note = "add `#[derive(SoapType)]` to it, or to the type inside, or use one that has it"
)]
pub trait Value<'x>: Sized {
    /// Its type, and how often it occurs.
    const TYPE: FieldType;

    /// Reads it.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError>;

    /// Writes it.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<'x, T: ToXml + FromXml<'x> + Describe> Value<'x> for T {
    const TYPE: FieldType = FieldType {
        occurs: <T as DescribeField>::OCCURS,
        of: <T as Describe>::describe,
    };

    #[inline]
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        <T as FromXml>::from_element(reader)
    }

    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        WriteField::write(self, writer, prefix, tag)
    }
}

/// Elements: `T` once, `Option<T>` at most once, `Vec<T>` any number of times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form in XML",
    note = "add `#[derive(SoapType)]` to it, or to the type inside, or use one that has it"
)]
pub trait Field<'x>: Sized {
    /// Its type, and how often it occurs.
    const TYPE: FieldType;

    /// Where it is kept while its parent is read.
    fn slot(kept: &mut Option<Self>) -> &mut dyn Slot<'x>;

    /// What it is written by.
    fn part(&self) -> &dyn Part<'x>;
}

#[diagnostic::do_not_recommend]
impl<'x, T> Field<'x> for T
where
    T: WriteField + ReadField<'x> + DescribeField,
{
    const TYPE: FieldType = FieldType {
        occurs: <T as DescribeField>::OCCURS,
        of: <T as DescribeField>::describe,
    };

    fn slot(kept: &mut Option<Self>) -> &mut dyn Slot<'x> {
        kept
    }

    fn part(&self) -> &dyn Part<'x> {
        self
    }
}

/// Elements whose names decide what they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no choice of elements",
    note = "`choice` wants an enum whose variants hold data, with `#[derive(SoapType)]`; `any` wants `soapstone::xml::Element`"
)]
pub trait Choice<'x>: Sized {
    /// Its type, and how often it occurs.
    const TYPE: FieldType;

    /// Where it is kept while its parent is read.
    fn slot(kept: &mut Chosen<Self>) -> &mut dyn Slot<'x>;

    /// What it is written by.
    fn part<'c>(chosen: &'c ChosenPart<'c, Self>) -> &'c dyn Part<'x>;
}

#[diagnostic::do_not_recommend]
impl<'x, T> Choice<'x> for T
where
    T: ChoiceField<'x> + DescribeField,
{
    const TYPE: FieldType = FieldType {
        occurs: <T as DescribeField>::OCCURS,
        of: <T as DescribeField>::describe,
    };

    fn slot(kept: &mut Chosen<Self>) -> &mut dyn Slot<'x> {
        kept
    }

    fn part<'c>(chosen: &'c ChosenPart<'c, Self>) -> &'c dyn Part<'x> {
        chosen
    }
}

//! What has a lexical form: attributes and text.

use std::borrow::Cow;

use crate::{
    describe::{Describe, DescribeField, FieldType, Occurs},
    table::{AttributePart, AttributeSlot},
    xml::{
        self, AttributeField, Place, ReadError, Reader, SimpleType, ValueError, WriteError, Writer,
    },
};

/// An attribute: `T` required, `Option<T>` optional.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be an attribute",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait Attribute<'x>: Sized {
    /// Its type, and how often it occurs.
    const TYPE: FieldType;

    /// Where it is kept while the other attributes are read.
    fn slot(kept: &mut Option<Self>) -> &mut dyn AttributeSlot<'x>;

    /// What it is written by.
    fn part(&self) -> &dyn AttributePart<'x>;
}

#[diagnostic::do_not_recommend]
impl<'x, T: AttributeField<'x> + DescribeField> Attribute<'x> for T {
    const TYPE: FieldType = FieldType {
        occurs: <T as DescribeField>::OCCURS,
        of: <T as DescribeField>::describe,
    };

    fn slot(kept: &mut Option<Self>) -> &mut dyn AttributeSlot<'x> {
        kept
    }

    fn part(&self) -> &dyn AttributePart<'x> {
        self
    }
}

/// Text of an element.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be text",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait Text<'x>: Sized {
    /// Its type.
    const TYPE: FieldType;

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
    const TYPE: FieldType = FieldType {
        occurs: Occurs::ONCE,
        of: <T as Describe>::describe,
    };

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

//! Elements of a Body.

use crate::{
    describe::{Describe, DescribeField, Occurs, TypeDescription},
    xml::{
        ChoiceField, FromXml, NamespaceId, Prefix, ReadError, ReadField, Reader, Tag, ToXml,
        WriteError, WriteField, Writer,
    },
};

/// An element that occurs once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form in XML",
    note = "add `#[derive(SoapType)]` to it, or to the type inside, or use one that has it"
)]
pub trait Value<'x>: Sized {
    /// How often it occurs.
    const OCCURS: Occurs;

    /// Description of its type.
    fn describe() -> &'static TypeDescription;

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
    const OCCURS: Occurs = <T as DescribeField>::OCCURS;

    fn describe() -> &'static TypeDescription {
        <T as Describe>::describe()
    }

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
    /// How often it occurs.
    const OCCURS: Occurs;

    /// Description of its type.
    fn describe() -> &'static TypeDescription;

    /// Reads one element into the slot.
    ///
    /// # Errors
    /// Fails if the element is repeated though it may occur once only, or cannot be read.
    fn read(
        slot: &mut Option<Self>,
        name: &'static str,
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError>;

    /// The value, when the parent element has ended.
    ///
    /// # Errors
    /// Fails if a required element is missing.
    fn finish(
        slot: Option<Self>,
        name: &'static str,
        reader: &Reader<'x>,
    ) -> Result<Self, ReadError>;

    /// Writes the elements.
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
impl<'x, T> Field<'x> for T
where
    T: WriteField + ReadField<'x, Slot: Fill<Self>> + DescribeField,
{
    const OCCURS: Occurs = <T as DescribeField>::OCCURS;

    fn describe() -> &'static TypeDescription {
        <T as DescribeField>::describe()
    }

    #[inline]
    fn read(
        slot: &mut Option<Self>,
        name: &'static str,
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError> {
        <T as ReadField>::read(T::Slot::of(slot), name, reader)
    }

    #[inline]
    fn finish(
        slot: Option<Self>,
        name: &'static str,
        reader: &Reader<'x>,
    ) -> Result<Self, ReadError> {
        <T as ReadField>::finish(T::Slot::taken(slot), name, reader)
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

/// Elements whose names decide what they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no choice of elements",
    note = "`choice` wants an enum whose variants hold data, with `#[derive(SoapType)]`; `any` wants `soapstone::xml::Element`"
)]
pub trait Choice<'x>: Sized {
    /// How often it occurs.
    const OCCURS: Occurs;

    /// Description of its type.
    fn describe() -> &'static TypeDescription;

    /// Reads the element into the slot if it is one of the choice; false leaves it unread.
    ///
    /// # Errors
    /// Fails if the choice is repeated though it may occur once only, or cannot be read.
    fn read(
        slot: &mut Option<Self>,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError>;

    /// The value, when the parent element has ended.
    ///
    /// # Errors
    /// Fails if a required choice is missing.
    fn finish(slot: Option<Self>, reader: &Reader<'x>) -> Result<Self, ReadError>;

    /// Writes the elements.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<'x, T> Choice<'x> for T
where
    T: ChoiceField<'x, Slot: Fill<Self>> + DescribeField,
{
    const OCCURS: Occurs = <T as DescribeField>::OCCURS;

    fn describe() -> &'static TypeDescription {
        <T as DescribeField>::describe()
    }

    #[inline]
    fn read(
        slot: &mut Option<Self>,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError> {
        <T as ChoiceField>::read(T::Slot::of(slot), name, reader)
    }

    #[inline]
    fn finish(slot: Option<Self>, reader: &Reader<'x>) -> Result<Self, ReadError> {
        <T as ChoiceField>::finish(T::Slot::taken(slot), reader)
    }

    #[inline]
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        ChoiceField::write(self, writer)
    }
}

/// A slot kept in an `Option` of what is read.
pub trait Fill<T>: Sized {
    /// The slot.
    fn of(kept: &mut Option<T>) -> &mut Self;
    /// The slot, to be finished.
    fn taken(kept: Option<T>) -> Self;
}

impl<T> Fill<T> for Option<T> {
    #[inline]
    fn of(kept: &mut Self) -> &mut Self {
        kept
    }

    #[inline]
    fn taken(kept: Self) -> Self {
        kept
    }
}

impl<T: Default> Fill<T> for T {
    #[inline]
    fn of(kept: &mut Option<T>) -> &mut Self {
        kept.get_or_insert_default()
    }

    #[inline]
    fn taken(kept: Option<T>) -> Self {
        kept.unwrap_or_default()
    }
}

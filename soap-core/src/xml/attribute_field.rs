//! Fields that are attributes.

use super::{Place, Prefix, ReadError, Reader, SimpleType, WriteError, Writer};

/// A field that is an attribute: `T` required, `Option<T>` optional.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be an attribute",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait AttributeField<'x>: Sized {
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

    /// Writes `start` (` name="`, with the placeholder prefix `n0:` if it is in a namespace), the value and the quote.
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
impl<'x, T: SimpleType<'x>> AttributeField<'x> for T {
    fn read(slot: &mut Option<T>, index: usize, reader: &Reader<'x>) -> Result<(), ReadError> {
        let value = T::from_lexical(reader.attribute_value(index), reader);
        *slot = Some(value.map_err(|error| reader.attribute_error(index, error))?);
        Ok(())
    }

    fn finish(slot: Option<T>, name: &'static str, reader: &Reader<'x>) -> Result<Self, ReadError> {
        slot.ok_or_else(|| reader.missing_attribute(name))
    }

    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Option<Prefix>,
        start: &'static str,
    ) -> Result<(), WriteError> {
        writer.attribute_start(prefix, start);
        self.write_lexical(writer, Place::Attribute)?;
        writer.plain("\"");
        Ok(())
    }
}

impl<'x, T: SimpleType<'x>> AttributeField<'x> for Option<T> {
    fn read(slot: &mut Option<Self>, index: usize, reader: &Reader<'x>) -> Result<(), ReadError> {
        let mut value = None;
        T::read(&mut value, index, reader)?;
        *slot = Some(value);
        Ok(())
    }

    fn finish(slot: Option<Self>, _: &'static str, _: &Reader<'x>) -> Result<Self, ReadError> {
        Ok(slot.flatten())
    }

    fn write(
        &self,
        writer: &mut Writer,
        prefix: Option<Prefix>,
        start: &'static str,
    ) -> Result<(), WriteError> {
        match self {
            Some(value) => AttributeField::write(value, writer, prefix, start),
            None => Ok(()),
        }
    }
}

//! Fields that are attributes.

use super::{Place, Prefix, ReadError, Reader, SimpleType, Tag, WriteError, Writer};

/// A field that is an attribute: `T` required, `Option<T>` optional.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be an attribute",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait AttributeField<'x>: Sized {
    /// Reads the value of the attribute at `index`.
    ///
    /// # Errors
    /// Fails if the value is not of the type.
    fn read(index: usize, reader: &Reader<'x>) -> Result<Self, ReadError>;

    /// The value where the attribute is missing, if there is one.
    fn absent() -> Option<Self> {
        None
    }

    /// Writes the attribute that `tag` begins.
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
impl<'x, T: SimpleType<'x>> AttributeField<'x> for T {
    fn read(index: usize, reader: &Reader<'x>) -> Result<Self, ReadError> {
        T::from_lexical(reader.attribute_value(index), reader)
            .map_err(|error| reader.attribute_error(index, error))
    }

    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        writer.attribute_start(prefix, tag);
        self.write_lexical(writer, Place::Attribute)?;
        writer.plain("\"");
        Ok(())
    }
}

impl<'x, T: SimpleType<'x>> AttributeField<'x> for Option<T> {
    fn read(index: usize, reader: &Reader<'x>) -> Result<Self, ReadError> {
        T::read(index, reader).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        match self {
            Some(value) => AttributeField::write(value, writer, prefix, tag),
            None => Ok(()),
        }
    }
}

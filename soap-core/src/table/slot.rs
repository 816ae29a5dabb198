//! Where the fields of a struct are kept while it is read.

use crate::{
    describe::Row,
    xml::{AttributeField, ChoiceField, NamespaceId, ReadError, ReadField, Reader},
};

/// Where a field is kept that is made of elements.
pub trait Slot<'x> {
    /// Reads an element of the row's name.
    ///
    /// # Errors
    /// Fails if the element is repeated though it may occur once only, or cannot be read.
    fn read(&mut self, row: &'static Row, reader: &mut Reader<'x>) -> Result<(), ReadError> {
        let _ = row;
        Err(reader.unexpected())
    }

    /// Reads the element if the field takes elements of that name; false leaves it unread.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn ask(
        &mut self,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError> {
        let _ = (name, reader);
        Ok(false)
    }

    /// Gives a field that did not occur the value it then has.
    ///
    /// # Errors
    /// Fails if it must occur.
    fn finish(&mut self, row: &'static Row, reader: &Reader<'x>) -> Result<(), ReadError>;
}

impl<'x, F: ReadField<'x>> Slot<'x> for Option<F> {
    fn read(&mut self, row: &'static Row, reader: &mut Reader<'x>) -> Result<(), ReadError> {
        F::read(self, row.name, reader)
    }

    fn finish(&mut self, row: &'static Row, reader: &Reader<'x>) -> Result<(), ReadError> {
        if self.is_none() {
            *self = F::absent();
            if self.is_none() {
                return Err(reader.missing(row.name));
            }
        }
        Ok(())
    }
}

/// The slot of a choice in place.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "generated code takes it apart")]
pub struct Chosen<C>(pub Option<C>);

impl<'x, C: ChoiceField<'x>> Slot<'x> for Chosen<C> {
    fn ask(
        &mut self,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<bool, ReadError> {
        C::read(&mut self.0, name, reader)
    }

    fn finish(&mut self, _: &'static Row, reader: &Reader<'x>) -> Result<(), ReadError> {
        if self.0.is_none() {
            self.0 = C::absent();
            if self.0.is_none() {
                return Err(reader.missing(C::EXPECTED));
            }
        }
        Ok(())
    }
}

/// Where an attribute is kept.
pub trait AttributeSlot<'x> {
    /// Reads the value of the attribute at `index` of the start tag just passed.
    ///
    /// # Errors
    /// Fails if the value is not of its type.
    fn read(&mut self, index: usize, reader: &Reader<'x>) -> Result<(), ReadError>;

    /// Gives an attribute that is missing the value it then has.
    ///
    /// # Errors
    /// Fails if it is required.
    fn finish(&mut self, row: &'static Row, reader: &Reader<'x>) -> Result<(), ReadError>;
}

impl<'x, A: AttributeField<'x>> AttributeSlot<'x> for Option<A> {
    fn read(&mut self, index: usize, reader: &Reader<'x>) -> Result<(), ReadError> {
        *self = Some(A::read(index, reader)?);
        Ok(())
    }

    fn finish(&mut self, row: &'static Row, reader: &Reader<'x>) -> Result<(), ReadError> {
        if self.is_none() {
            *self = A::absent();
            if self.is_none() {
                return Err(reader.missing_attribute(row.name));
            }
        }
        Ok(())
    }
}

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

    /// Gives a field of which no element was read the value it then has; false if it must occur.
    fn absent(&mut self) -> bool;

    /// What must occur, for people.
    fn expected(&self, row: &'static Row) -> &'static str {
        row.name
    }
}

impl<'x, F: ReadField<'x>> Slot<'x> for Option<F> {
    fn read(&mut self, row: &'static Row, reader: &mut Reader<'x>) -> Result<(), ReadError> {
        F::read(self, row.name, reader)
    }

    fn absent(&mut self) -> bool {
        *self = F::absent();
        self.is_some()
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

    fn absent(&mut self) -> bool {
        if self.0.is_none() {
            self.0 = C::absent();
        }
        self.0.is_some()
    }

    fn expected(&self, _: &'static Row) -> &'static str {
        C::EXPECTED
    }
}

/// Where an attribute is kept.
pub trait AttributeSlot<'x> {
    /// Reads the value of the attribute at `index` of the start tag just passed.
    ///
    /// # Errors
    /// Fails if the value is not of its type.
    fn read(&mut self, index: usize, reader: &Reader<'x>) -> Result<(), ReadError>;

    /// Gives an attribute that is missing the value it then has; false if it is required.
    fn absent(&mut self) -> bool;
}

impl<'x, A: AttributeField<'x>> AttributeSlot<'x> for Option<A> {
    fn read(&mut self, index: usize, reader: &Reader<'x>) -> Result<(), ReadError> {
        *self = Some(A::read(index, reader)?);
        Ok(())
    }

    fn absent(&mut self) -> bool {
        if self.is_none() {
            *self = A::absent();
        }
        self.is_some()
    }
}

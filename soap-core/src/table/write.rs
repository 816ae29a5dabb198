//! The loop that writes.

use std::ptr;

use crate::{
    describe::Row,
    xml::{AttributeField, ChoiceField, Namespace, Prefix, WriteError, WriteField, Writer},
};

/// A field that is written as elements.
pub trait Part<'x> {
    /// Writes the elements, with the tags of `row`.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        row: &'static Row,
    ) -> Result<(), WriteError>;
}

impl<'x, T: WriteField> Part<'x> for T {
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        row: &'static Row,
    ) -> Result<(), WriteError> {
        WriteField::write(self, writer, prefix, &row.tag)
    }
}

/// A choice in place, to be written.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "generated code makes it")]
pub struct ChosenPart<'c, C>(pub &'c C);

impl<'x, C: ChoiceField<'x>> Part<'x> for ChosenPart<'_, C> {
    fn write(&self, writer: &mut Writer, _: Prefix, _: &'static Row) -> Result<(), WriteError> {
        ChoiceField::write(self.0, writer)
    }
}

/// Writes what stands between the tags.
///
/// # Errors
/// Fails on what XML cannot hold.
pub fn write<'x>(
    rows: &'static [Row],
    parts: &[&dyn Part<'x>],
    writer: &mut Writer,
) -> Result<(), WriteError> {
    let mut known = &NONE;
    let mut prefix = Prefix::ENVELOPE;
    for (row, part) in rows.iter().zip(parts) {
        if !ptr::eq(known, row.namespace) {
            known = row.namespace;
            prefix = writer.prefix(known);
        }
        part.write(writer, prefix, row)?;
    }
    Ok(())
}

/// No row has this one.
static NONE: Namespace = Namespace::NONE;

/// A field that is written as an attribute.
pub trait AttributePart<'x> {
    /// Writes the attribute, whose start is the tag of `row`.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(&self, writer: &mut Writer, row: &'static Row) -> Result<(), WriteError>;
}

impl<'x, A: AttributeField<'x>> AttributePart<'x> for A {
    fn write(&self, writer: &mut Writer, row: &'static Row) -> Result<(), WriteError> {
        let prefix = if row.tag.is_qualified() {
            writer.prefix(row.namespace)
        } else {
            Prefix::ENVELOPE
        };
        AttributeField::write(self, writer, prefix, &row.tag)
    }
}

/// Writes the attributes of a start tag, each with a blank in front.
///
/// # Errors
/// Fails on what XML cannot hold.
pub fn write_attributes<'x>(
    rows: &'static [Row],
    parts: &[&dyn AttributePart<'x>],
    writer: &mut Writer,
) -> Result<(), WriteError> {
    let mut each = rows.iter().zip(parts);
    each.try_for_each(|(row, part)| part.write(writer, row))
}

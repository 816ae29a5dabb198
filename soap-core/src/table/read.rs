//! The loop that reads.

use super::{AttributeSlot, Slot};
use crate::{
    describe::{Kind, Row, Strictness, Table},
    xml::{self, NamespaceId, ReadError, ReadErrorKind, Reader, Siblings},
};

/// Reads an element whose start tag has just been passed, to its end tag.
///
/// # Errors
/// Says what is wrong and where.
pub fn read<'x>(
    table: &'static Table,
    attributes: &mut [&mut dyn AttributeSlot<'x>],
    slots: &mut [&mut dyn Slot<'x>],
    reader: &mut Reader<'x>,
) -> Result<(), ReadError> {
    read_attributes(table, attributes, reader)?;
    read_children(table.rows, table.strictness, slots, reader)
}

/// Reads the attributes of the start tag that has just been passed.
///
/// # Errors
/// Says what is wrong and where.
pub fn read_attributes<'x>(
    table: &'static Table,
    slots: &mut [&mut dyn AttributeSlot<'x>],
    reader: &mut Reader<'x>,
) -> Result<(), ReadError> {
    let deny_unknown = table.strictness.deny_unknown;
    if table.attributes.is_empty() && !deny_unknown {
        return Ok(());
    }
    let mut index = 0;
    while let Some((namespace, local)) = reader.attribute(index) {
        let mut rows = table.attributes.iter().zip(slots.iter_mut());
        match rows.find(|(row, _)| row.key.is(local) && reader.is(namespace, row.namespace)) {
            Some((_, slot)) => slot.read(index, reader)?,
            None if deny_unknown => xml::refuse_attribute((namespace, local), reader)?,
            None => {}
        }
        index += 1;
    }
    for (row, slot) in table.attributes.iter().zip(slots) {
        if !slot.absent() {
            return Err(reader.missing_attribute(row.name));
        }
    }
    Ok(())
}

/// Reads the children of the current element, to its end tag.
///
/// # Errors
/// Says what is wrong and where.
pub fn read_children<'x>(
    rows: &'static [Row],
    strictness: Strictness,
    slots: &mut [&mut dyn Slot<'x>],
    reader: &mut Reader<'x>,
) -> Result<(), ReadError> {
    let mut frame = Frame {
        rows,
        strictness,
        slots,
        latest: 0,
        expected: 0,
        seen: Seen::default(),
    };
    let mut siblings = reader.siblings();
    if let Some(first) = rows.first() {
        siblings.expect(first.namespace, reader);
    }
    loop {
        if let Some(at) = frame.foreseen(&siblings, reader)? {
            frame.take(at, reader)?;
            continue;
        }
        let Some((namespace, local)) = reader.next()? else {
            return frame.finish(reader);
        };
        let Some(at) = frame.find(namespace, local, reader) else {
            frame.ask((namespace, local), reader)?;
            continue;
        };
        siblings.learn(rows[at].namespace, reader);
        frame.take(at, reader)?;
    }
}

/// One of the slots is empty though their table has been read: generated code and this module do not fit together.
#[cold]
#[must_use]
pub fn incomplete() -> ReadError {
    ReadError::new(
        ReadErrorKind::Missing("a field".to_owned()),
        0,
        String::new(),
    )
}

/// The fields of one struct while it is read.
struct Frame<'f, 's, 'x> {
    rows: &'static [Row],
    strictness: Strictness,
    slots: &'f mut [&'s mut dyn Slot<'x>],
    /// The row of the element met last.
    latest: usize,
    /// The row that the next element is most likely of: that one or the one behind it.
    expected: usize,
    seen: Seen,
}

/// The rows that occurred, a bit for each.
#[derive(Default)]
struct Seen {
    first: u64,
    /// Of the 65th row and those behind it.
    more: Vec<u64>,
}

impl Seen {
    #[inline]
    fn add(&mut self, row: usize) {
        if row < 64 {
            self.first |= 1 << row;
        } else {
            self.add_behind(row);
        }
    }

    fn add_behind(&mut self, row: usize) {
        let word = row / 64 - 1;
        if self.more.len() <= word {
            self.more.resize(word + 1, 0);
        }
        if let Some(bits) = self.more.get_mut(word) {
            *bits |= 1 << (row % 64);
        }
    }

    #[inline]
    fn holds(&self, row: usize) -> bool {
        if row < 64 {
            return self.first & (1 << row) != 0;
        }
        let bits = self.more.get(row / 64 - 1);
        bits.is_some_and(|bits| bits & (1 << (row % 64)) != 0)
    }
}

impl<'x> Frame<'_, '_, 'x> {
    /// The row of the next child, its start tag passed, where that is as plain as it usually is.
    #[inline]
    fn foreseen(
        &self,
        siblings: &Siblings,
        reader: &mut Reader<'x>,
    ) -> Result<Option<usize>, ReadError> {
        let Some(start) = reader.sibling(siblings) else {
            return Ok(None);
        };
        for (at, row) in self.rows.iter().enumerate().skip(self.expected) {
            if siblings.is(row.namespace) && reader.enter_sibling(siblings, start, &row.key)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// The row of an element of that name.
    fn find(&self, namespace: NamespaceId, local: &str, reader: &mut Reader<'x>) -> Option<usize> {
        let mut is = |row: &Row| {
            row.kind == Kind::Element
                && row.key.is(local)
                && (!self.strictness.foreign || reader.is(namespace, row.namespace))
        };
        let (before, from) = self.rows.split_at(self.latest);
        match from.iter().position(&mut is) {
            Some(at) => Some(self.latest + at),
            None => before.iter().position(is),
        }
    }

    /// Reads the element of the row at `at`.
    #[inline]
    fn take(&mut self, at: usize, reader: &mut Reader<'x>) -> Result<(), ReadError> {
        let row = &self.rows[at];
        self.occurred(at, row.name, reader)?;
        self.expected = if row.occurs.many { at } else { at + 1 };
        self.slots[at].read(row, reader)
    }

    fn occurred(&mut self, at: usize, name: &str, reader: &Reader<'x>) -> Result<(), ReadError> {
        if self.strictness.ordered && at < self.latest {
            return Err(reader.out_of_order(name));
        }
        self.latest = at;
        self.seen.add(at);
        Ok(())
    }

    /// Does what is to be done with an element that no row is named after: choices are asked, then `any`, then it is skipped or
    /// refused.
    fn ask(
        &mut self,
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError> {
        for kind in [Kind::Choice, Kind::Any] {
            for (at, row) in self.rows.iter().enumerate() {
                if row.kind == kind && self.slots[at].ask(name, reader)? {
                    if kind == Kind::Choice {
                        self.occurred(at, name.1, reader)?;
                    }
                    return Ok(());
                }
            }
        }
        if self.strictness.deny_unknown {
            return Err(reader.unexpected());
        }
        reader.skip()
    }

    /// Gives the fields that did not occur what they have then.
    fn finish(self, reader: &Reader<'x>) -> Result<(), ReadError> {
        for (at, (row, slot)) in self.rows.iter().zip(self.slots).enumerate() {
            if !self.seen.holds(at) && !slot.absent() {
                return Err(reader.missing(slot.expected(row)));
            }
        }
        Ok(())
    }
}

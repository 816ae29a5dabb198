//! One loop that reads, and one that writes, the fields of any struct by its [`Table`](crate::describe::Table).
//!
//! A derive emits the table, where each field is kept while it is read (a [`Slot`]), and what each is written by (a [`Part`]). What it
//! would otherwise repeat for every type is here once: finding the row of an element, order, strictness, what becomes of fields that
//! did not occur, prefixes.

mod read;
mod slot;
mod write;

pub use read::{incomplete, read, read_attributes, read_children};
pub use slot::{AttributeSlot, Chosen, Slot};
pub use write::{AttributePart, ChosenPart, Part, write, write_attributes};

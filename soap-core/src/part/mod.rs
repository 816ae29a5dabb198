//! What generated code asks of the types in a message: one trait for each place a type may stand in.
//!
//! Each trait holds all that is done with a type at its place, so that a type which lacks something is one error, at the type,
//! however often generated code names it. For the same reason no function here names an associated type of its argument.

mod alternative;
mod element;
mod lexical;
mod operation;

pub use alternative::Alternative;
pub use element::{Choice, Field, Value};
pub use lexical::{Attribute, Text};
pub use operation::{Header, Returned, ReturnedRoot, Root};

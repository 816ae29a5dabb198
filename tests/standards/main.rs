//! What the standards demand, shown on messages of others and on our own.

#[path = "../harness/mod.rs"]
mod harness;

mod collection;
mod corpus;

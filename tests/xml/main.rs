//! The XML core against two other readers, real documents and generated ones.

mod corpus;
mod events;
mod fuzz;
mod generated;
mod hostile;
#[path = "../harness/shared.rs"]
#[allow(unreachable_pub, reason = "other tests use it from within a module")]
mod shared;
mod values;

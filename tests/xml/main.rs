//! The XML core against two other readers, real documents and generated ones.

mod corpus;
mod events;
mod fuzz;
mod generated;
mod hostile;
mod shared;
mod values;

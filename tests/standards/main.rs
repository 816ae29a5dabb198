//! What the standards demand, shown on messages of others and on our own.

#![allow(
    unreachable_pub,
    reason = "the contracts are written as a library would have them"
)]

#[path = "../harness/mod.rs"]
mod harness;

mod addressing;
mod collection;
mod corpus;
#[path = "../../examples/codec/order.rs"]
mod order;
mod orders;
#[path = "../../examples/codec/sample.rs"]
mod sample;

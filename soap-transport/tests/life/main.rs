//! The life of connections: sockets that were inherited, what is counted.

#![cfg(all(feature = "http", feature = "tcp"))]

#[path = "../http/fake.rs"]
#[allow(dead_code, reason = "shared with the tests of http")]
mod fake;

mod counters;
mod inherit;
mod ways;

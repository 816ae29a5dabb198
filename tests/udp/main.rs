//! Calls over real sockets of datagrams, on networks that lose them.

#[path = "../harness/mod.rs"]
mod harness;

mod relay;

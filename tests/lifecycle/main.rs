//! The life of a server and of the calls to it: stopping under load, callers that leave.

#[path = "../harness/mod.rs"]
mod harness;

mod gone;
mod load;

//! The life of a server and of the calls to it: stopping under load, callers that leave.

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../hostile/victim.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests of hostile input"
)]
mod victim;

mod gone;
mod load;
mod signal;

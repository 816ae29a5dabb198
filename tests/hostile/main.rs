//! Hostile input, from outside: raw bytes to the calculator over HTTP, and a client against servers that mean it no good.
//!
//! Whatever is refused must not have been executed: the calculator counts, and [`victim::Victim`] looks after every request.

#[path = "../harness/mod.rs"]
mod harness;
mod victim;

mod answers;
mod encoding;
mod envelope;
mod gsoap;
mod handlers;
mod http;
mod limits;
mod mandatory;
mod mutations;
mod server;
mod slow;
mod streams;
mod values;
mod xml;

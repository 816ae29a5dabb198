//! What real peers put on the wire, line by line: wire bytes in, result out. A test is named after the line it shows.
//!
//! Requests go over a socket to our server; answers are the exact bytes a scripted server gives our client. All that we send in
//! return passes the checker of what must never be sent.

#[path = "../harness/mod.rs"]
mod harness;

mod checker;
mod client;
mod emitted;
mod envelopes;
mod faults;
mod headers;
mod replies;
mod requests;
mod server;
mod values;

//! Bare envelopes on the wire: servers and clients of `soap.tcp` and `tcp` against peers that speak bytes.

#![cfg(feature = "tcp")]

mod addressed;
mod bounds;
mod client;
mod fake;
mod hostile;
mod kept;
mod lost_answers;
mod order;
mod pipeline;
mod server;
mod stop;

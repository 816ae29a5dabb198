//! HTTP on the wire: servers and clients against peers that speak bytes.

#![cfg(feature = "http")]

mod addressed;
mod bounds;
mod calls;
mod client;
mod elsewhere;
mod fake;
#[cfg(feature = "gzip")]
mod gzip;
mod lost_answers;
mod mounted;
mod pool;
mod server;
mod stop;

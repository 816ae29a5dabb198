//! Datagrams on the wire: a server of `soap.udp` against peers that speak bytes.

#![cfg(feature = "udp")]

mod bind;
mod duplicates;
mod fake;
mod groups;
mod hostile;
mod server;

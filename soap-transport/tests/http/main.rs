//! HTTP on the wire: servers and clients against peers that speak bytes.

#![cfg(feature = "http")]

mod calls;
mod fake;

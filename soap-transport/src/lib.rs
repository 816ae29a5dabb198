//! The wire of soapstone: everything that owns a socket or a timer. Users depend on `soapstone`, which re-exports this.
//!
//! [`Server`] drives listeners and a service, [`Endpoint`] makes the transport of a client; which transports there are stands in
//! a [`Registry`], by default [`default_registry`]. Bounds on size, time and number are in
//! [`Options`](soap_core::Options), all on by default.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

use soap_core::transport::Registry;

mod client;
mod clock;
#[cfg(feature = "gzip")]
mod compress;
#[cfg(feature = "config")]
pub mod config;
#[cfg(feature = "http")]
pub mod http;
#[cfg(any(feature = "http", feature = "tcp"))]
mod layer;
pub mod memory;
#[cfg(any(feature = "http", feature = "tcp"))]
mod pace;
mod parse_url;
#[cfg(feature = "http")]
mod rouse;
mod server;
#[cfg(any(feature = "http", feature = "tcp"))]
pub mod socket;
#[cfg(any(feature = "http", feature = "tcp"))]
mod stream;
#[cfg(feature = "tcp")]
pub mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "udp")]
pub mod udp;

pub use client::{Endpoint, ToEndpoint};
pub use memory::Memory;
#[cfg(any(feature = "http", feature = "tcp"))]
pub use server::Inherited;
pub use server::{Counters, DatagramCounters, Gate, Monitor, Running, Server, shutdown_signal};

/// The transports that are compiled in: `http`, `soap.tcp` and `tcp`, and `soap.udp`, by the features `http`, `tcp` and `udp`; with
/// `tls` also `https` and `soap.tls`.
///
/// Each call makes a registry of its own, with its own pool of connections; keep it to share them.
pub fn default_registry() -> Registry {
    let registry = Registry::new();
    #[cfg(feature = "http")]
    let registry = registry.with(http::Http::new());
    #[cfg(feature = "tcp")]
    let registry = registry.with(tcp::Tcp::new());
    #[cfg(feature = "udp")]
    let registry = registry.with(udp::Udp::new());
    #[cfg(all(feature = "tcp", feature = "tls"))]
    let registry = registry.with(tcp::Tls::new());
    #[cfg(all(feature = "http", feature = "tls"))]
    let registry = registry.with(http::Https::new());
    registry
}

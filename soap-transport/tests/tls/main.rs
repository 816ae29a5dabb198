//! TLS handshakes between our two sides, and with peers that are set up otherwise.

#![cfg(feature = "tls")]

#[cfg(all(feature = "http", feature = "tcp"))]
mod alerts;
mod authority;
mod client_certificates;
mod errors;
#[cfg(all(feature = "http", feature = "tcp"))]
mod flood;
mod handshake;
#[cfg(all(feature = "http", feature = "tcp"))]
mod hostile;
#[cfg(all(feature = "http", feature = "tcp"))]
mod one_way;
mod openssl;
mod options;
mod peers;
mod reload;
#[cfg(all(feature = "http", feature = "tcp"))]
mod schemes;
mod sessions;

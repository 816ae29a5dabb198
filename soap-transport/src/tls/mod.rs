//! TLS with rustls: what a server shows and demands ([`ServerTls`]), whom a client trusts ([`ClientTls`]), and the handshakes.
//!
//! TLS 1.2 is the floor. Every handshake has a bound on its time; the end of a stream without `close_notify` is an error, never the
//! end of a message. Errors name the peer, what is wrong and the remedy. What weakens safety is reached by
//! [`ClientTls::dangerous`] alone. The cryptography is ring's, or that of aws-lc-rs with the feature of that name; the default
//! of the process is neither used nor set.
//!
//! # Example
//! ```no_run
//! use soap_transport::tls::{ClientCertificates, ClientTls, Identity, Roots, ServerTls};
//! # fn main() -> Result<(), soap_core::transport::TransportError> {
//! let identity = Identity::from_pem_files("server.pem", "server.key")?;
//! let partners = Roots::from_pem_file("partners.pem")?;
//! let server = ServerTls::new(identity.clone()).client_certificates(ClientCertificates::Required(partners));
//! let client = ClientTls::new()
//!     .roots(Roots::from_pem_file("company.pem")?)
//!     .identity(Identity::from_pem_files("client.pem", "client.key")?);
//! identity.reload()?; // after the files changed: for the next handshakes
//! # Ok(())
//! # }
//! ```
//!
//! # Renewed certificates
//! [`Identity::reload`] works while a server runs. One that was made of a configuration, or that was given its certificates somewhere
//! else, tells them: [`Server::identities`](crate::Server::identities). The example `calculator` reloads them on SIGHUP.
//!
//! # Limits
//! A handshake takes at most the time its caller gives. Each value remembers at most 256 sessions; a server's tickets hold for
//! twelve hours at most.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{SupportedProtocolVersion, crypto::CryptoProvider, sign::CertifiedKey, version};
use soap_core::transport::TransportError;

mod certificate;
mod client;
mod error;
mod identity;
mod roots;
mod server;
mod stream;
mod verify;

pub use client::{ClientTls, Dangerous};
pub use error::explain;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) use error::lost;
pub use identity::Identity;
pub use roots::Roots;
pub use server::{ClientCertificates, ServerTls};
pub use stream::TlsStream;

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2, the floor.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TlsVersion {
    /// This version and the newer ones.
    fn and_newer(self) -> &'static [&'static SupportedProtocolVersion] {
        static FROM_12: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];
        static FROM_13: [&SupportedProtocolVersion; 1] = [&version::TLS13];
        match self {
            Self::Tls12 => &FROM_12,
            Self::Tls13 => &FROM_13,
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// What the two sides say in the handshake that they will speak (ALPN, RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Alpn {
    /// Nothing, as on `soap.tls`.
    #[default]
    None,
    /// `http/1.1`, as on `https`. A peer that says nothing is taken too.
    Http1,
}

impl Alpn {
    fn protocols(self) -> Vec<Vec<u8>> {
        match self {
            Self::None => Vec::new(),
            Self::Http1 => vec![b"http/1.1".to_vec()],
        }
    }
}

/// The cryptography of this crate.
fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "aws-lc-rs")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc-rs"))]
    let provider = rustls::crypto::ring::default_provider();
    Arc::new(provider)
}

/// Configurations of rustls, made at the first handshake and anew when the identity was reloaded: a session of before would go
/// on with the certificate of before.
struct Configs<C>(Mutex<Option<Built<C>>>);

struct Built<C> {
    generation: u64,
    plain: Arc<C>,
    http: Arc<C>,
}

impl<C> Default for Configs<C> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<C> Configs<C> {
    /// The configuration for `alpn`; `build` makes the one without ALPN and the one for HTTP.
    fn get(
        &self,
        alpn: Alpn,
        identity: Option<&Identity>,
        build: impl FnOnce(Option<Arc<CertifiedKey>>) -> Result<(C, C), TransportError>,
    ) -> Result<Arc<C>, TransportError> {
        let (generation, certified) = match identity.map(Identity::current) {
            Some((generation, certified)) => (generation, Some(certified)),
            None => (0, None),
        };
        let mut built = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let built = match built.take_if(|built| built.generation == generation) {
            Some(current) => built.insert(current),
            None => {
                let (plain, http) = build(certified)?;
                built.insert(Built {
                    generation,
                    plain: Arc::new(plain),
                    http: Arc::new(http),
                })
            }
        };
        Ok(Arc::clone(match alpn {
            Alpn::None => &built.plain,
            Alpn::Http1 => &built.http,
        }))
    }
}

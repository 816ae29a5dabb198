//! The server's side: who it is, what it demands of clients, and its handshake.

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    ServerConfig,
    crypto::CryptoProvider,
    server::{ProducesTickets, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
};
#[cfg(any(feature = "http", feature = "tcp"))]
use soap_core::Options;
use soap_core::transport::TransportError;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Alpn, Configs, Identity, Roots, TlsStream, TlsVersion,
    error::{Side, handshake_failed, timed_out},
    provider,
};
use crate::clock::after;

/// How long, and up to how many bytes, a client that was refused is listened to, so that it gets the reason: data it sent would
/// make the kernel reset the connection.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 64 << 10);

/// Whether clients must show a certificate, and whose. The authorities are those that issue to clients of this server only; the
/// platform's, which certify everybody, are refused here.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum ClientCertificates {
    /// Clients are not asked for one.
    #[default]
    Off,
    /// Clients may show one; if they do it must be signed by one of these.
    Optional(Roots),
    /// Clients must show one, signed by one of these.
    Required(Roots),
}

/// TLS of a server, given to it by `with`. By default clients show no certificate.
///
/// # Example
/// ```no_run
/// use soap_transport::tls::{ClientCertificates, Identity, Roots, ServerTls, TlsVersion};
/// # fn main() -> Result<(), soap_core::transport::TransportError> {
/// let tls = ServerTls::new(Identity::from_pem_files("server.pem", "server.key")?)
///     .client_certificates(ClientCertificates::Required(Roots::from_pem_file("partners.pem")?))
///     .min_version(TlsVersion::Tls13);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServerTls {
    identity: Identity,
    client_certificates: ClientCertificates,
    min_version: TlsVersion,
    configs: Arc<Configs<ServerConfig>>,
}

impl ServerTls {
    /// The defaults for a server that shows `identity`.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            client_certificates: ClientCertificates::Off,
            min_version: TlsVersion::Tls12,
            configs: Arc::default(),
        }
    }

    /// Whether clients must show a certificate, and whose: [`ClientCertificates::Off`].
    #[must_use]
    pub fn client_certificates(mut self, certificates: ClientCertificates) -> Self {
        self.client_certificates = certificates;
        self.changed()
    }

    /// The oldest version that is spoken: TLS 1.2.
    #[must_use]
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self.changed()
    }

    /// What it shows; [`Identity::reload`] works on it while a server uses it.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Those that `options` give to a binding of `url`, which cannot be without.
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub(crate) fn of(url: &str, options: &Options) -> Result<Self, TransportError> {
        let Some(tls) = options.get::<Self>() else {
            return Err(TransportError::config(format!(
                "{url:?} needs a certificate: give one by .with(ServerTls::new(identity)), in a configuration by the key `certificate` of [server.tls]"
            )));
        };
        tls.check()?;
        Ok(tls.clone())
    }

    /// What was built, and its sessions, belong to the choices of before.
    fn changed(mut self) -> Self {
        self.configs = Arc::default();
        self
    }

    /// Finds out whether these choices can be kept.
    ///
    /// # Errors
    /// Fails if they cannot.
    pub fn check(&self) -> Result<(), TransportError> {
        self.config(Alpn::None).map(drop)
    }

    /// A handshake with the client at the other end of `io`, within `time`.
    ///
    /// A client that is refused is told why; what it still sends is read for 2 s at most, within `time`.
    ///
    /// # Errors
    /// Fails if the choices cannot be kept (as [`check`](Self::check)), the client's certificate is missing or not taken, the two
    /// have no version, cipher or protocol in common, or the time is over.
    pub async fn accept<IO>(
        &self,
        io: IO,
        alpn: Alpn,
        time: Duration,
    ) -> Result<TlsStream<IO>, TransportError>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let end = after(Instant::now(), time);
        match self.handshake(io, alpn, time).await {
            Ok(stream) => Ok(stream),
            Err((error, io)) => {
                if let Some(io) = io {
                    linger(io, end).await;
                }
                Err(error)
            }
        }
    }

    /// As [`accept`](Self::accept), for those who close a connection with care themselves: a client that was refused has `io`
    /// given back.
    pub(crate) async fn handshake<IO>(
        &self,
        io: IO,
        alpn: Alpn,
        time: Duration,
    ) -> Result<TlsStream<IO>, (TransportError, Option<IO>)>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let config = self.config(alpn).map_err(|error| (error, None))?;
        let side = Side {
            host: None,
            identity: true,
            min_version: self.min_version,
        };
        let end = after(Instant::now(), time);
        let accepting = TlsAcceptor::from(config).accept(io).into_fallible();
        match timeout_at(end, accepting).await {
            Ok(Ok(stream)) => Ok(TlsStream::new(stream.into(), side)),
            Ok(Err((error, io))) => Err((handshake_failed(error, &side), Some(io))),
            Err(_) => Err((timed_out(&side, time), None)),
        }
    }

    fn config(&self, alpn: Alpn) -> Result<Arc<ServerConfig>, TransportError> {
        self.configs.get(alpn, Some(&self.identity), |certified| {
            let plain = self.build(certified)?;
            let mut http = plain.clone();
            http.alpn_protocols = Alpn::Http1.protocols();
            Ok((plain, http))
        })
    }

    fn build(&self, certified: Option<Arc<CertifiedKey>>) -> Result<ServerConfig, TransportError> {
        let wrong = |error: rustls::Error| {
            TransportError::config("TLS cannot be set up as asked for").caused_by(error)
        };
        let certified = certified.unwrap_or_else(|| self.identity.current().1);
        let provider = provider();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(self.min_version.and_newer())
            .map_err(wrong)?;
        let builder = match self.client_verifier(provider)? {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.ticketer = ticketer().map_err(wrong)?;
        Ok(config)
    }

    fn client_verifier(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Option<Arc<dyn ClientCertVerifier>>, TransportError> {
        let (roots, required) = match &self.client_certificates {
            ClientCertificates::Off => return Ok(None),
            ClientCertificates::Optional(roots) => (roots, false),
            ClientCertificates::Required(roots) => (roots, true),
        };
        let Some(roots) = roots.own() else {
            return Err(TransportError::config(
                "client certificates need roots of their own, by Roots::from_pem_file: those of the platform certify everybody",
            ));
        };
        let mut verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
        if !required {
            verifier = verifier.allow_unauthenticated();
        }
        match verifier.build() {
            Ok(verifier) => Ok(Some(verifier)),
            Err(error) => {
                let text = format!("the roots of client certificates cannot be used: {error}");
                Err(TransportError::config(text).caused_by(error))
            }
        }
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls")
            .field("identity", &self.identity)
            .field("client_certificates", &self.client_certificates)
            .field("min_version", &self.min_version)
            .finish_non_exhaustive()
    }
}

/// Session tickets, whose keys live in this process alone and change every six hours.
fn ticketer() -> Result<Arc<dyn ProducesTickets>, rustls::Error> {
    #[cfg(feature = "aws-lc-rs")]
    return rustls::crypto::aws_lc_rs::Ticketer::new();
    #[cfg(not(feature = "aws-lc-rs"))]
    rustls::crypto::ring::Ticketer::new()
}

/// Ends the side of a client that was refused, and reads what it still sends.
async fn linger<IO: AsyncRead + AsyncWrite + Unpin>(mut io: IO, end: Instant) {
    let (time, bytes) = LINGER;
    let end = end.min(after(Instant::now(), time));
    let closing = async {
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(bytes), &mut tokio::io::sink()).await
    };
    // The connection is over, whatever comes of this.
    if let Ok(Err(error)) = timeout_at(end, closing).await {
        tracing::trace!(%error, "connection broke while it was closed");
    }
}

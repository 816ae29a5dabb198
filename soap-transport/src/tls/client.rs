//! The client's side: whom it trusts, who it is, and its handshake.

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    ClientConfig,
    client::Resumption,
    sign::{CertifiedKey, SingleCertAndKey},
};
use rustls_pki_types::ServerName;
use soap_core::transport::TransportError;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

use super::{
    Alpn, Configs, Identity, Roots, TlsStream, TlsVersion,
    error::{Side, handshake_failed, timed_out},
    provider,
    verify::{Trust, verifier},
};
use crate::clock::after;

/// TLS of a client, given to an endpoint by `with`. By default it trusts the roots of the platform and shows no certificate.
///
/// Clones share their sessions, which the next connections resume.
///
/// # Example
/// ```no_run
/// use soap_transport::tls::{ClientTls, Roots};
/// # fn main() -> Result<(), soap_core::transport::TransportError> {
/// let tls = ClientTls::new().roots(Roots::from_pem_file("company.pem")?.and_platform());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ClientTls {
    roots: Roots,
    identity: Option<Identity>,
    min_version: Option<TlsVersion>,
    trust: Trust,
    configs: Arc<Configs<ClientConfig>>,
}

impl ClientTls {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The authorities that servers must be certified by: [`Roots::platform`].
    #[must_use]
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self.changed()
    }

    /// Shown to servers that ask for a client certificate: none.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self.changed()
    }

    /// The oldest version that is spoken: TLS 1.2.
    #[must_use]
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = Some(version);
        self.changed()
    }

    /// Choices that open a connection to those who sit in the middle of it.
    pub fn dangerous(self) -> Dangerous {
        Dangerous(self)
    }

    /// True if what one of the two connects to the other would connect to.
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.configs, &other.configs)
    }

    /// What was built, and its sessions, belong to the choices of before.
    fn changed(mut self) -> Self {
        self.configs = Arc::default();
        self
    }

    /// Finds out whether these choices can be kept; reads the roots of the platform if they are among them.
    ///
    /// # Errors
    /// Fails if they cannot.
    pub fn check(&self) -> Result<(), TransportError> {
        self.config(Alpn::None).map(drop)
    }

    /// A handshake with `host`, a name or an address, over `io`, within `time`.
    ///
    /// With TLS 1.3 a server that refuses the client's certificate says so after the handshake: the first read fails then, with
    /// a text for it.
    ///
    /// # Errors
    /// Fails if the choices cannot be kept (as [`check`](Self::check)), the certificate of `host` is not taken, the two have no
    /// version or cipher in common, or the time is over. Nothing was sent then.
    pub async fn connect<IO>(
        &self,
        host: &str,
        io: IO,
        alpn: Alpn,
        time: Duration,
    ) -> Result<TlsStream<IO>, TransportError>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let name = server_name(host)?;
        let config = self.config(alpn)?;
        let side = Side {
            host: Some(host.into()),
            identity: self.identity.is_some(),
            min_version: self.oldest(),
        };
        let end = after(Instant::now(), time);
        let connecting = TlsConnector::from(config).connect(name, io);
        match timeout_at(end, connecting).await {
            Ok(Ok(stream)) => Ok(TlsStream::new(stream.into(), side)),
            Ok(Err(error)) => Err(handshake_failed(error, &side)),
            Err(_) => Err(timed_out(&side, time)),
        }
    }

    fn oldest(&self) -> TlsVersion {
        self.min_version.unwrap_or(TlsVersion::Tls12)
    }

    fn config(&self, alpn: Alpn) -> Result<Arc<ClientConfig>, TransportError> {
        self.configs.get(alpn, self.identity.as_ref(), |certified| {
            let plain = self.build(certified)?;
            let mut http = plain.clone();
            http.alpn_protocols = Alpn::Http1.protocols();
            http.resumption = Resumption::default();
            Ok((plain, http))
        })
    }

    fn build(&self, certified: Option<Arc<CertifiedKey>>) -> Result<ClientConfig, TransportError> {
        let provider = provider();
        let verifier = verifier(&self.roots, self.trust, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(self.oldest().and_newer())
            .map_err(|error| {
                TransportError::config("TLS cannot be set up as asked for").caused_by(error)
            })?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        Ok(match certified {
            Some(certified) => {
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
            }
            None => builder.with_no_client_auth(),
        })
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls")
            .field("roots", &self.roots)
            .field("identity", &self.identity)
            .field("min_version", &self.oldest())
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

/// Choices that make a client's TLS unsafe, made by [`ClientTls::dangerous`]. For tests and closed networks.
#[derive(Debug, Clone)]
#[must_use]
pub struct Dangerous(ClientTls);

impl Dangerous {
    /// Takes every certificate, whoever signed it and whenever it expired: anybody on the way can read and change all that is
    /// sent.
    pub fn accept_any_certificate(self) -> ClientTls {
        self.trusting(Trust::AnyCertificate)
    }

    /// Takes certificates of other names than the host's, signed by [`ClientTls::roots`], which must be given: everyone who holds
    /// such a certificate can stand for the host.
    pub fn accept_any_name(self) -> ClientTls {
        self.trusting(Trust::AnyName)
    }

    fn trusting(self, trust: Trust) -> ClientTls {
        ClientTls { trust, ..self.0 }.changed()
    }
}

/// `host` as certificates name it; brackets around an IPv6 address are those of a URL.
fn server_name(host: &str) -> Result<ServerName<'static>, TransportError> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    ServerName::try_from(bare.to_owned()).map_err(|error| {
        let text = format!("{host:?} is not a name that a certificate can be for");
        TransportError::config(text).caused_by(error)
    })
}

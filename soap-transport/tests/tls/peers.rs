//! Two sides that meet, and peers set up by rustls directly, for what our own options cannot be.

use std::{sync::Arc, time::Duration};

use rustls::{
    CipherSuite, ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::CryptoProvider, server::WebPkiClientVerifier,
};
use soap_core::transport::TransportError;
use soap_transport::tls::{Alpn, ClientTls, ServerTls, TlsStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::authority::{Authority, Issued};

pub(crate) const TIME: Duration = Duration::from_secs(10);
pub(crate) const HOST: &str = "calc.example";

pub(crate) type Met = Result<TlsStream<DuplexStream>, TransportError>;

/// A handshake of the two; then the server writes `ok` and the client reads it.
pub(crate) async fn meet(server: &ServerTls, client: &ClientTls) -> (Met, Met) {
    meet_as(server, client, HOST).await
}

/// The same with the name the client asks for.
pub(crate) async fn meet_as(server: &ServerTls, client: &ClientTls, host: &str) -> (Met, Met) {
    let (near, far) = duplex(1 << 16);
    tokio::join!(
        greet(server.accept(far, Alpn::None, TIME)),
        read_greeting(client.connect(host, near, Alpn::None, TIME)),
    )
}

/// Writes `ok` once the handshake is done.
pub(crate) async fn greet(accepting: impl Future<Output = Met>) -> Met {
    let mut stream = accepting.await?;
    stream.write_all(b"ok").await.unwrap();
    stream.flush().await.unwrap();
    Ok(stream)
}

/// Reads `ok`; what goes wrong then comes as a transport would tell it.
pub(crate) async fn read_greeting(connecting: impl Future<Output = Met>) -> Met {
    let mut stream = connecting.await?;
    let mut read = [0; 2];
    match stream.read_exact(&mut read).await {
        Ok(_) => assert_eq!(&read, b"ok"),
        Err(error) => {
            let text = soap_transport::tls::explain(&error).unwrap().to_owned();
            return Err(TransportError::lost(text, true).caused_by(error));
        }
    }
    Ok(stream)
}

pub(crate) fn text(met: Met) -> String {
    met.expect_err("no error").to_string()
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The provider with one cipher suite.
pub(crate) fn only(suite: CipherSuite) -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider
        .cipher_suites
        .retain(|known| known.suite() == suite);
    Arc::new(provider)
}

fn store(authority: &Authority) -> Arc<RootCertStore> {
    let mut store = RootCertStore::empty();
    store.add(authority.der().into()).unwrap();
    Arc::new(store)
}

/// A client of one version.
pub(crate) fn client_of(
    version: &'static SupportedProtocolVersion,
    provider: Arc<CryptoProvider>,
    authority: &Authority,
    identity: Option<&Issued>,
) -> TlsConnector {
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(store(authority));
    let config = match identity {
        Some(issued) => {
            let key = issued.key.serialize_der().try_into().unwrap();
            let chain = vec![issued.der.clone().into()];
            builder.with_client_auth_cert(chain, key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    TlsConnector::from(Arc::new(config))
}

/// A server of one version; with an authority it demands client certificates.
pub(crate) fn server_of(
    version: &'static SupportedProtocolVersion,
    provider: Arc<CryptoProvider>,
    issued: &Issued,
    clients: Option<&Authority>,
) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap();
    let builder = match clients {
        Some(authority) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(store(authority), provider)
                .build()
                .unwrap(),
        ),
        None => builder.with_no_client_auth(),
    };
    let key = issued.key.serialize_der().try_into().unwrap();
    let chain = vec![issued.der.clone().into()];
    TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()))
}

/// Our server and a client of another make.
pub(crate) async fn meet_client(server: &ServerTls, client: &TlsConnector) -> Met {
    let (near, far) = duplex(1 << 16);
    let connecting = async {
        let name = HOST.try_into().unwrap();
        if let Ok(mut stream) = client.connect(name, near).await {
            let mut read = Vec::new();
            let _ = stream.read_to_end(&mut read).await;
        }
    };
    let accepting = async {
        let mut stream = greet(server.accept(far, Alpn::None, TIME)).await?;
        stream.shutdown().await.unwrap();
        Ok(stream)
    };
    tokio::join!(accepting, connecting).0
}

/// A server of another make and our client.
pub(crate) async fn meet_server(server: &TlsAcceptor, client: &ClientTls) -> Met {
    let (near, far) = duplex(1 << 16);
    let accepting = async {
        if let Ok(mut stream) = server.accept(far).await {
            stream.write_all(b"ok").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    };
    let connecting = read_greeting(client.connect(HOST, near, Alpn::None, TIME));
    tokio::join!(connecting, accepting).0
}

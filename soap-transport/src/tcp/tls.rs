//! Bare envelopes under TLS.

use std::{any::TypeId, sync::Arc, time::Duration};

use soap_core::{
    Options,
    transport::{BoxFuture, Listener, Scheme, Transport, TransportError},
};

use super::{Address, TcpOptions, bind, client, connect, of_bindings, tcp_options};
use crate::{
    layer::{ClientLayer, ServerLayer},
    stream::Stream,
    tls::{Alpn, ClientTls, ServerTls, TlsVersion},
};

/// The scheme `soap.tls`: `soap.tcp` under TLS. Transports made by one value and its clones share a pool of connections.
///
/// A server needs [`ServerTls`]; a client may have [`ClientTls`], and trusts the roots of the platform without. Only its
/// `close_notify` ends the side of a peer; a connection that just ends breaks off.
///
/// With TLS 1.3 a server judges the client's certificate, or that there is none, behind the handshake. So a one-way message that
/// needs a new connection waits for the first word of the server after it: a ticket, which most servers send, or an alert, which is
/// an error. A server that says nothing within twice the time of the handshake (at least 100 ms) is taken to agree; an alert that
/// comes later is not seen, and the message lost without a word.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    pool: Arc<client::Connected>,
    tls: ClientTls,
}

impl Tls {
    /// The scheme, with an empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Scheme for Tls {
    fn names(&self) -> &[&'static str] {
        &["soap.tls"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        let mut known = of_bindings();
        known.push(TypeId::of::<ServerTls>());
        Some(known)
    }

    fn check(&self, url: &str) -> Result<(), TransportError> {
        Address::of(url, self.names()).map(drop)
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            let address = Address::of(url, self.names())?;
            let types = [TypeId::of::<TcpOptions>(), TypeId::of::<ClientTls>()];
            let tcp = tcp_options(&address, options, &types)?;
            let tls = options.get::<ClientTls>().unwrap_or(&self.tls);
            tls.check()?;
            let layer = ClientLayer::Tls(tls.clone(), Alpn::None);
            connect(address, options, tcp, &self.pool, layer)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let address = Address::of(url, self.names())?;
            let known = self.options().unwrap_or_default();
            let tcp = tcp_options(&address, options, &known)?;
            let tls = ServerTls::of(url, options)?;
            let layer = ServerLayer::Tls(tls, Alpn::None);
            bind(address, options, &tcp, layer).await
        })
    }
}

/// How long to wait for the end of a handshake that has taken `time` so far; `None`: it is over.
///
/// With TLS 1.3 a client is done before the server has seen its certificate, unless it goes on with an earlier session. The server
/// has one round trip to answer in, and a certificate to verify.
pub(super) fn confirmation<S>(
    stream: &Stream<S>,
    time: Duration,
    options: &Options,
) -> Option<Duration> {
    const LEAST: Duration = Duration::from_millis(100);
    let Stream::Tls(stream) = stream else {
        return None;
    };
    let is_open = stream.version() == TlsVersion::Tls13 && !stream.is_resumed();
    is_open.then(|| (time * 2).max(LEAST).min(options.timeouts.tls))
}

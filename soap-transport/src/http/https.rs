//! HTTP under TLS (RFC 9110 4.2.2).

use std::{any::TypeId, sync::Arc};

use soap_core::{
    Options,
    transport::{BoxFuture, Listener, Scheme, Transport, TransportError},
};

use super::{HttpOptions, bind, client, connect, http_options, of_bindings, parse};
use crate::{
    layer::{ClientLayer, ServerLayer},
    tls::{Alpn, ClientTls, ServerTls},
};

/// The scheme `https`. Transports made by one value and its clones share a pool of connections.
///
/// A server needs [`ServerTls`]; a client may have [`ClientTls`], and trusts the roots of the platform without. Redirects lead
/// to `https` only.
#[derive(Debug, Clone, Default)]
pub struct Https {
    pool: Arc<client::Kept>,
    tls: ClientTls,
}

impl Https {
    /// The scheme, with an empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Scheme for Https {
    fn names(&self) -> &[&'static str] {
        &["https"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        let mut known = of_bindings();
        known.push(TypeId::of::<ServerTls>());
        Some(known)
    }

    fn check(&self, url: &str) -> Result<(), TransportError> {
        client::Target::new(&parse("https", url)?).map(drop)
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            let types = [TypeId::of::<HttpOptions>(), TypeId::of::<ClientTls>()];
            let http = http_options("https", options, &types)?;
            let url = parse("https", url)?;
            let tls = options.get::<ClientTls>().unwrap_or(&self.tls);
            tls.check()?;
            let layer = ClientLayer::Tls(tls.clone(), Alpn::Http1);
            connect(&url, options, http, &self.pool, layer)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let known = self.options().unwrap_or_default();
            let http = http_options("https", options, &known)?;
            let parsed = parse("https", url)?;
            let tls = ServerTls::of(url, options)?;
            let layer = ServerLayer::Tls(tls, Alpn::Http1);
            bind(&parsed, options, &http, layer).await
        })
    }
}

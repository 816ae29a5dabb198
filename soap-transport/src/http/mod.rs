//! SOAP over HTTP/1.1 with hyper (SOAP 1.1 6, SOAP 1.2 P2 7): [`Http`] is the scheme, [`HttpService`] mounts a service in other
//! HTTP servers.
//!
//! # Limits
//! Heads, bodies, inflated bodies, connections, calls and every wait are bounded by [`Options`]; what
//! passes a bound is answered 408, 413, 431 or 503. Framing is hyper's alone.

use std::{any::TypeId, sync::Arc};

use soap_core::{
    Options,
    transport::{BoxFuture, Listener, Mounts, Scheme, Transport, TransportError},
};
use url::Url;

mod answer;
mod body;
mod client;
mod head;
#[cfg(feature = "tls")]
mod https;
mod options;
mod respond;
mod server;
mod service;
mod wire;

#[cfg(feature = "tls")]
pub use https::Https;
pub use options::HttpOptions;
pub use service::HttpService;

use crate::{
    Inherited,
    layer::{ClientLayer, ServerLayer},
    parse_url,
    server::connections::Connections,
    socket::{self, Role},
};

/// The scheme `http`. Transports made by one value and its clones share a pool of connections.
#[derive(Debug, Clone, Default)]
pub struct Http {
    pool: Arc<client::Kept>,
}

impl Http {
    /// The scheme, with an empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Options of every binding, whatever it lies on.
fn of_bindings() -> Vec<TypeId> {
    vec![
        TypeId::of::<HttpOptions>(),
        TypeId::of::<Mounts>(),
        TypeId::of::<Arc<Connections>>(),
        TypeId::of::<Inherited>(),
    ]
}

impl Scheme for Http {
    fn names(&self) -> &[&'static str] {
        &["http"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(of_bindings())
    }

    fn check(&self, url: &str) -> Result<(), TransportError> {
        client::Target::new(&parse("http", url)?).map(drop)
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            let http = http_options("http", options, &[TypeId::of::<HttpOptions>()])?;
            let url = parse("http", url)?;
            connect(&url, options, http, &self.pool, ClientLayer::Plain)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let http = http_options("http", options, &of_bindings())?;
            bind(&parse("http", url)?, options, &http, ServerLayer::Plain).await
        })
    }
}

/// A transport to `url` on `layer`.
fn connect(
    url: &Url,
    options: &Options,
    http: HttpOptions,
    pool: &Arc<client::Kept>,
    layer: ClientLayer,
) -> Result<Arc<dyn Transport>, TransportError> {
    http.check()?;
    socket::check(&options.socket, Role::Client)?;
    let target = client::Target::new(url)?;
    let transport = client::HttpTransport {
        target,
        fields: http.fields()?,
        pool: Arc::clone(pool),
        options: options.clone(),
        http,
        layer,
    };
    Ok(Arc::new(transport))
}

/// A listener on `url` that speaks on `layer`.
async fn bind(
    url: &Url,
    options: &Options,
    http: &HttpOptions,
    layer: ServerLayer,
) -> Result<Box<dyn Listener>, TransportError> {
    http.check_server()?;
    socket::check(&options.socket, Role::Listener)?;
    let listener = server::HttpListener::bind(url, options, http, layer).await?;
    Ok(Box::new(listener))
}

/// The options of HTTP; those that `scheme` does not know are refused.
fn http_options(
    scheme: &str,
    options: &Options,
    known: &[TypeId],
) -> Result<HttpOptions, TransportError> {
    match options.unknown(known).first() {
        Some(name) => Err(TransportError::config(format!(
            "{scheme} cannot honour the options {name}"
        ))),
        None => Ok(options.get::<HttpOptions>().cloned().unwrap_or_default()),
    }
}

fn parse(scheme: &str, text: &str) -> Result<Url, TransportError> {
    let wrong = |what: &str| TransportError::config(format!("{text:?}: {what}"));
    let url = parse_url::parse(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        // The text may hold a password.
        return Err(TransportError::config(
            "a URL with user or password: use HttpOptions::basic_auth in its place",
        ));
    }
    if url.scheme() != scheme {
        return Err(wrong(&format!("not an {scheme} URL")));
    }
    Ok(url)
}

//! SOAP over HTTP/1.1 with hyper (SOAP 1.1 6, SOAP 1.2 P2 7): [`Http`] is the scheme, [`HttpService`] mounts a service in other
//! HTTP servers.
//!
//! # Limits
//! Heads, bodies, inflated bodies, connections, calls and every wait are bounded by [`Options`]; what
//! passes a bound is answered 408, 413, 431 or 503. Framing is hyper's alone.

use std::{any::TypeId, sync::Arc};

use soap_core::{
    Linger, Options,
    transport::{BoxFuture, Listener, Mounts, Scheme, Transport, TransportError},
};
use url::Url;

mod answer;
mod body;
mod client;
mod head;
mod options;
mod respond;
mod server;
mod service;
mod wire;

pub use options::HttpOptions;
pub use service::HttpService;

use crate::{
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

impl Scheme for Http {
    fn names(&self) -> &[&'static str] {
        &["http"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(vec![
            TypeId::of::<HttpOptions>(),
            TypeId::of::<Mounts>(),
            TypeId::of::<Arc<Connections>>(),
        ])
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            let http = http_options(options, &[TypeId::of::<HttpOptions>()])?;
            http.check()?;
            socket::check(&options.socket, Role::Client)?;
            if let Linger::Wait(_) = options.socket.linger {
                return Err(TransportError::config(
                    "Linger::Wait is for servers: an http client closes a connection when its answer has been read",
                ));
            }
            let target = client::Target::new(&parse(url)?)?;
            let fields = http.fields()?;
            let pool = Arc::clone(&self.pool);
            let transport = client::HttpTransport::new(target, fields, pool, options.clone(), http);
            Ok(Arc::new(transport) as Arc<dyn Transport>)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let http = http_options(options, &self.options().unwrap_or_default())?;
            http.check_server()?;
            socket::check(&options.socket, Role::Listener)?;
            let listener = server::HttpListener::bind(&parse(url)?, options, &http).await?;
            Ok(Box::new(listener) as Box<dyn Listener>)
        })
    }
}

fn http_options(options: &Options, known: &[TypeId]) -> Result<HttpOptions, TransportError> {
    match options.unknown(known).first() {
        Some(name) => Err(TransportError::config(format!(
            "http cannot honour the options {name}"
        ))),
        None => Ok(options.get::<HttpOptions>().cloned().unwrap_or_default()),
    }
}

fn parse(text: &str) -> Result<Url, TransportError> {
    let wrong = |what: &str| TransportError::config(format!("{text:?}: {what}"));
    let url = Url::parse(text).map_err(|error| wrong("not a URL").caused_by(error))?;
    if !url.username().is_empty() || url.password().is_some() {
        // The text may hold a password.
        return Err(TransportError::config(
            "a URL with user or password: use HttpOptions::basic_auth in its place",
        ));
    }
    if url.scheme() != "http" {
        return Err(wrong("not an http URL"));
    }
    Ok(url)
}

//! SOAP over Unix domain sockets: bare envelopes on a stream, as on `soap.tcp`, at `unix:///path/of/the/socket`.
//!
//! [`Unix`] is the scheme, which a [`Registry`](soapstone::transport::Registry) is given. It makes transports for clients
//! (`client.rs`) and listeners for servers (`listener.rs`, `connection.rs`); what both ends have in common is in `envelopes.rs`.
//!
//! # Limits
//! `Limits::message`, `Limits::body_rate`, `Capacity::connections` (for each binding; one too many is told so), `requests_per_connection`
//! and all `Timeouts` but those of TLS and of HTTP heads are kept. Who may call is decided by the permissions of the socket: see
//! [`UnixOptions`].

mod client;
mod connection;
mod envelopes;
mod file;
mod listener;

use std::{
    any::TypeId,
    path::{Path, PathBuf},
    sync::Arc,
};

use soapstone::transport::{
    BoxFuture, Listener, Options, Scheme, SocketOptions, Transport, TransportError,
};

use client::UnixTransport;
use listener::UnixSocketListener;

/// The scheme `unix`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unix;

/// Options of this transport alone, set by `with` on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnixOptions {
    mode: u32,
}

impl UnixOptions {
    /// The defaults.
    pub(crate) fn new() -> Self {
        Self { mode: 0o600 }
    }

    /// The permissions of the socket: who may write to it may call. 0o600: the user of the server only.
    pub(crate) fn mode(self, mode: u32) -> Self {
        Self { mode }
    }
}

impl Default for UnixOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl Scheme for Unix {
    fn names(&self) -> &[&'static str] {
        &["unix"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(vec![TypeId::of::<UnixOptions>()])
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            check(options, options.socket.backlog)?;
            let transport = UnixTransport::new(path(url)?, options.clone());
            Ok(Arc::new(transport) as Arc<dyn Transport>)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            check(options, options.socket.backlog)?;
            let listener = UnixSocketListener::bind(url, path(url)?, options).await?;
            Ok(Box::new(listener) as Box<dyn Listener>)
        })
    }
}

/// What cannot be honoured is refused by name, never passed over in silence.
fn check(options: &Options, backlog: u32) -> Result<(), TransportError> {
    if let Some(name) = options.unknown(&[TypeId::of::<UnixOptions>()]).first() {
        let text = format!("unix cannot honour the options {name}");
        return Err(TransportError::config(text));
    }
    if options.socket != SocketOptions::new().backlog(backlog) {
        let text =
            "unix has none of the SocketOptions but backlog: give the binding options of its own";
        return Err(TransportError::config(text));
    }
    Ok(())
}

/// The path of `unix:///path`, as it stands there: nothing in it is decoded.
fn path(url: &str) -> Result<PathBuf, TransportError> {
    match url.strip_prefix("unix://").map(Path::new) {
        Some(path) if path.is_absolute() && path.file_name().is_some() => Ok(path.to_owned()),
        _ => Err(TransportError::config(format!(
            "{url:?} names no socket: a URL of this scheme is unix:// and an absolute path"
        ))),
    }
}

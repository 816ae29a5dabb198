//! From a URL to a socket that listens.

use std::io;

use soap_core::{Options, transport::TransportError};
use tokio::net::{TcpListener, lookup_host};
use url::{Position, Url};

use super::Inherited;
use crate::socket;

/// A socket that listens.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) socket: TcpListener,
    /// Others hold it too: what its backlog holds is not lost when this process closes it.
    pub(crate) is_inherited: bool,
}

/// Listens on the host of `url` and on `port`; gives the URL back with the port that was taken for 0. An inherited socket that
/// listens on one of the host's addresses is taken; else the first of them is bound.
///
/// # Errors
/// Fails if the name is unknown, or the address cannot be listened on.
pub(crate) async fn listen(
    url: Url,
    port: u16,
    options: &Options,
) -> Result<(Listening, Url), TransportError> {
    let failed = |error: io::Error| {
        let text = format!("cannot listen on {}: {error}", &url[..Position::BeforePath]);
        TransportError::other(text, false).caused_by(socket::cause(error))
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = lookup_host((host, port)).await.map_err(failed)?;
    let addresses: Vec<_> = addresses.collect();
    let inherited = options.get::<Inherited>();
    let inherited =
        inherited.and_then(|sockets| addresses.iter().find_map(|&address| sockets.take(address)));
    let is_inherited = inherited.is_some();
    let socket = match (inherited, addresses.first()) {
        (Some(socket), _) => socket::adopt(socket, &options.socket),
        (None, Some(&address)) => socket::listen(address, &options.socket),
        (None, None) => Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the host has no address",
        )),
    }
    .map_err(failed)?;
    let port = socket.local_addr().map_err(failed)?.port();
    // A URL with a host, which is all that is needed to take a port.
    let mut bound = url.clone();
    let _ = bound.set_port(Some(port));
    let listening = Listening {
        socket,
        is_inherited,
    };
    Ok((listening, bound))
}

//! From a URL to a socket that listens.

use std::io;

use soap_core::{Options, transport::TransportError};
use tokio::net::{TcpListener, lookup_host};
use url::{Position, Url};

use crate::socket;

/// Listens on the host of `url` and on `port`; gives the URL back with the port that was taken for 0. Of several addresses of a name
/// the first is taken.
///
/// # Errors
/// Fails if the name is unknown, or the address cannot be listened on.
pub(crate) async fn listen(
    url: Url,
    port: u16,
    options: &Options,
) -> Result<(TcpListener, Url), TransportError> {
    let failed = |error: io::Error| {
        let text = format!("cannot listen on {}: {error}", &url[..Position::BeforePath]);
        TransportError::other(text, false).caused_by(error)
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut addresses = lookup_host((host, port)).await.map_err(failed)?;
    let nowhere = || io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    let address = addresses.next().ok_or_else(|| failed(nowhere()))?;
    let listener = socket::listen(address, &options.socket).map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    // A URL with a host, which is all that is needed to take a port.
    let mut bound = url.clone();
    let _ = bound.set_port(Some(port));
    Ok((listener, bound))
}

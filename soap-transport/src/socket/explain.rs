//! What the kernel's errors mean for who runs a server or a client, with the remedy.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
};

use soap_core::SocketOptions;
use thiserror::Error;

use super::platform::is_no_device;

/// The kernel's error in other words.
#[derive(Debug, Error)]
#[error("{text}")]
struct Explained {
    text: String,
    #[source]
    cause: io::Error,
}

/// The kernel's error that lies under one in our words, or `error` itself: the cause to give where its text was told.
pub(crate) fn cause(error: io::Error) -> io::Error {
    match error.downcast::<Explained>() {
        Ok(explained) => explained.cause,
        Err(error) => error,
    }
}

/// `cause` in the words of `text`, with the same kind.
fn explained(text: String, cause: io::Error) -> io::Error {
    io::Error::new(cause.kind(), Explained { text, cause })
}

/// The name of the option at which a socket failed.
pub(super) fn option(name: &str) -> impl FnOnce(io::Error) -> io::Error {
    move |error| explained(format!("{name}: {error}"), error)
}

/// A network interface that a socket cannot be bound to.
pub(super) fn interface(name: &str, error: io::Error) -> io::Error {
    let text = if is_no_device(&error) {
        format!("there is no network interface {name:?}")
    } else if error.kind() == ErrorKind::PermissionDenied {
        format!(
            "binding to the network interface {name:?} needs CAP_NET_RAW before Linux 5.7: {error}"
        )
    } else {
        format!("the network interface {name:?}: {error}")
    };
    explained(text, error)
}

/// A listener without its address.
pub(super) fn listening(
    address: SocketAddr,
    options: &SocketOptions,
    error: io::Error,
) -> io::Error {
    let text = match error.kind() {
        ErrorKind::AddrInUse if options.reuse_port => format!(
            "another socket has {address}, without reuse_port or of another user: end it or take another port"
        ),
        ErrorKind::AddrInUse if !options.reuse_address => format!(
            "another socket has {address}, or connections of the last one are still open or in TIME_WAIT, which reuse_address would \
             pass over, but it is off"
        ),
        ErrorKind::AddrInUse => format!(
            "another socket has {address}: end it or take another port; if none listens, connections of a last server that had \
             reuse_address off are in TIME_WAIT: wait a minute"
        ),
        ErrorKind::AddrNotAvailable => {
            format!(
                "no network interface of this machine has the address {}",
                address.ip()
            )
        }
        ErrorKind::PermissionDenied if cfg!(unix) && (1..1024).contains(&address.port()) => {
            format!(
                "port {}: ports below 1024 need root or CAP_NET_BIND_SERVICE: {error}",
                address.port()
            )
        }
        _ => format!("{address}: {error}"),
    };
    explained(text, error)
}

/// A client that cannot have the address it wants to connect from.
pub(super) fn local(address: IpAddr, error: io::Error) -> io::Error {
    let text = match error.kind() {
        ErrorKind::AddrNotAvailable => {
            format!("no network interface of this machine has the local_address {address}")
        }
        ErrorKind::AddrInUse => format!("no local port of {address} is left: {NO_PORT}"),
        _ => format!("local_address {address}: {error}"),
    };
    explained(text, error)
}

/// A client without a connection.
pub(super) fn connecting(error: io::Error) -> io::Error {
    if error.kind() != ErrorKind::AddrNotAvailable {
        return error;
    }
    let text =
        format!("no local port is left towards it, or no local address reaches it: {NO_PORT}");
    explained(text, error)
}

const NO_PORT: &str = "each connection holds a port, and for a while after its end (TIME_WAIT); keep connections for more than one \
                       call, or connect from more addresses (local_address)";

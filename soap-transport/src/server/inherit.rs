//! Sockets that listen already when a server starts.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use soap_core::transport::TransportError;

/// Sockets that listen already: those of systemd (socket activation), or of any program that starts servers. Given to
/// [`Server::inherit`](crate::Server::inherit).
///
/// They outlive the server, which is the way to restart it without one refused connection: the next server has the same socket and
/// accepts from it, before the last one is told to stop or after it has; whoever connects meanwhile waits in the backlog. A server
/// that stops takes no more connections from an inherited socket, and leaves to the others what its backlog holds.
///
/// A socket is used in place of binding for the URL whose host and port are its local address; an unspecified host (`0.0.0.0`,
/// `[::]`) stands for any unspecified address. What was set before it was bound stays as its owner set it: of
/// [`SocketOptions`](soap_core::SocketOptions) `reuse_address`, `reuse_port`, `backlog`, `only_v6` and `interface` have no effect on it.
/// The others hold for every connection that is taken from it, also for one that came before; what they say is off is turned off.
///
/// # Example
/// With `calc.socket` of systemd (`ListenStream=127.0.0.1:9000`), or without it, when the server binds by itself:
/// ```no_run
/// # async fn run(service: std::sync::Arc<dyn soap_core::transport::Dispatch>) -> Result<(), soap_core::transport::TransportError> {
/// use soap_transport::{Inherited, Server, shutdown_signal};
/// let server = Server::new(service).bind("http://127.0.0.1:9000/calc").inherit(Inherited::from_env()?);
/// server.run_until(shutdown_signal()).await
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Inherited {
    sockets: Arc<Mutex<Vec<TcpListener>>>,
}

impl Inherited {
    /// These. Each should be held elsewhere as well: what waits in the backlog of a socket that nobody else holds is reset when the
    /// server stops.
    pub fn new(sockets: impl IntoIterator<Item = TcpListener>) -> Self {
        Self {
            sockets: Arc::new(Mutex::new(sockets.into_iter().collect())),
        }
    }

    /// Those that the environment announces by `LISTEN_FDS` and `LISTEN_PID` (`sd_listen_fds(3)`); none if it announces none, or those
    /// of another process. The variables are removed, so a second call finds none: make it before other threads look at the
    /// environment. None on Windows.
    ///
    /// # Errors
    /// Fails if one of them is not a TCP socket that listens.
    pub fn from_env() -> Result<Self, TransportError> {
        let sockets = announced().map_err(|error| {
            TransportError::config("a socket that LISTEN_FDS announces cannot be used: in a socket unit, write ListenStream= with a port")
                .caused_by(error)
        })?;
        Ok(Self::new(sockets))
    }

    /// The local addresses of those that no URL has taken yet.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let sockets = self.sockets();
        let addresses = sockets.iter().map(TcpListener::local_addr);
        addresses.filter_map(Result::ok).collect()
    }

    /// Takes the one that listens on `address`, if there is one: for transports.
    pub fn take(&self, address: SocketAddr) -> Option<TcpListener> {
        let mut sockets = self.sockets();
        let listens = |socket: &TcpListener| {
            let local = socket.local_addr();
            local.is_ok_and(|local| is_same(local, address))
        };
        let index = sockets.iter().position(listens)?;
        Some(sockets.swap_remove(index))
    }

    fn sockets(&self) -> MutexGuard<'_, Vec<TcpListener>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses what none of `urls` has taken.
    pub(super) fn check_taken(&self, urls: &[&str]) -> Result<(), TransportError> {
        if self.sockets().is_empty() {
            return Ok(());
        }
        let left: Vec<_> = self.addresses().iter().map(SocketAddr::to_string).collect();
        let (left, urls) = (left.join(", "), urls.join(", "));
        Err(TransportError::config(format!(
            "the inherited socket {left} is that of none of the URLs that are bound: {urls}"
        )))
    }
}

fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    let (ip, other_ip) = (one.ip().to_canonical(), other.ip().to_canonical());
    let is_any = ip.is_unspecified() && other_ip.is_unspecified();
    one.port() == other.port() && (ip == other_ip || is_any)
}

#[cfg(unix)]
fn announced() -> io::Result<Vec<TcpListener>> {
    let mut announced = listenfd::ListenFd::from_env();
    let mut sockets = Vec::new();
    for index in 0..announced.len() {
        if let Some(socket) = announced.take_tcp_listener(index)? {
            crate::socket::check_listens(&socket)?;
            sockets.push(socket);
        }
    }
    Ok(sockets)
}

#[cfg(not(unix))]
fn announced() -> io::Result<Vec<TcpListener>> {
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unspecified_addresses_and_mapped_ones_are_the_same() {
        let same = |one: &str, other: &str| is_same(one.parse().unwrap(), other.parse().unwrap());
        assert!(same("127.0.0.1:80", "127.0.0.1:80"));
        assert!(same("[::ffff:127.0.0.1]:80", "127.0.0.1:80"));
        assert!(same("0.0.0.0:80", "[::]:80"));
        assert!(!same("127.0.0.1:80", "127.0.0.1:81"));
        assert!(!same("127.0.0.1:80", "127.0.0.2:80"));
        assert!(!same("0.0.0.0:80", "127.0.0.1:80"));
        assert!(!same("[::1]:80", "127.0.0.1:80"));
    }

    #[test]
    fn a_socket_is_taken_once_and_what_is_left_is_named() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let inherited = Inherited::new([socket]);
        assert_eq!(inherited.addresses(), [address]);
        let error = inherited.check_taken(&["http://a/", "http://b/"]);
        let text = format!(
            "the inherited socket {address} is that of none of the URLs that are bound: http://a/, http://b/"
        );
        assert_eq!(error.unwrap_err().to_string(), text);
        assert!(inherited.clone().take(address).is_some());
        assert!(inherited.take(address).is_none());
        inherited.check_taken(&[]).unwrap();
    }
}

//! The accept loop of stream listeners, and how it stops without losing a request.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use soap_core::{
    Options,
    transport::{BoxFuture, Stop, TransportError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    time::{Instant, sleep, timeout},
};

use super::{
    connection::Signal,
    connections::{Admission, Binding, Connections, Ticket},
    listen::Listening,
    tally,
};
use crate::{clock::after, socket};

/// Pause after an error of `accept` such as "too many open files".
const PAUSE: Duration = Duration::from_millis(100);
/// How often silent connections are looked for while the server stops.
const TICK: Duration = Duration::from_millis(100);
/// Time given at least to connections that are told to leave.
const LEAVE: Duration = Duration::from_millis(20);

/// Speaks a protocol on the connections that are accepted.
pub(crate) trait Protocol: Send + Sync + 'static {
    /// Serves the connection of `ticket` until one side ends it.
    fn serve(self: &Arc<Self>, ticket: &Ticket) -> BoxFuture<'static, ()>;

    /// Says that there is no room.
    fn refuse(self: &Arc<Self>, ticket: &Ticket) -> BoxFuture<'static, ()>;
}

/// What a listener accepts with.
pub(crate) struct Acceptor<P> {
    pub(crate) protocol: Arc<P>,
    pub(crate) connections: Arc<Connections>,
    /// As events name it.
    pub(crate) scheme: &'static str,
    pub(crate) options: Options,
}

impl<P: Protocol> Acceptor<P> {
    /// Serves until `stop`, then takes what the backlog holds, unless others take it, and ends when the last connection has.
    pub(crate) async fn run(self, listening: Listening, stop: Stop) -> Result<(), TransportError> {
        let serving = Serving {
            binding: Binding::of(&self.connections),
            is_inherited: listening.is_inherited,
            acceptor: self,
        };
        serving.run(listening, stop).await
    }
}

/// An acceptor at work. When it is dropped what is left of its connections is reset; those of other bindings are not its own.
struct Serving<P> {
    acceptor: Acceptor<P>,
    binding: Arc<Binding>,
    /// The listener was made by others, and connections may have come before its options were set.
    is_inherited: bool,
}

impl<P> Drop for Serving<P> {
    fn drop(&mut self) {
        self.binding.stop();
        self.binding.signal(Signal::Abort);
    }
}

impl<P: Protocol> Serving<P> {
    async fn run(&self, listening: Listening, stop: Stop) -> Result<(), TransportError> {
        let mut stopped = pin!(stop.stopped());
        let deadline = loop {
            select! {
                biased;
                deadline = &mut stopped => break deadline,
                accepted = listening.socket.accept() => match accepted {
                    Ok((stream, peer)) => self.take(stream, peer),
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => {
                        tally::paused(&error, self.acceptor.scheme);
                        self.make_room(&error);
                        sleep(PAUSE).await;
                    }
                },
            }
        };
        let end = after(Instant::now(), deadline);
        self.binding.stop();
        if listening.is_inherited {
            // What the backlog holds is for those who have the socket too.
            drop(listening);
        } else {
            self.take_waiting(listening.socket, end).await;
        }
        self.drain(end).await;
        let left = self.binding.count();
        if left == 0 {
            return Ok(());
        }
        tracing::warn!(left, "connections reset: the deadline to stop is over");
        let stop = format!("a graceful stop, for {left} connections that were reset,");
        Err(TransportError::timeout(&stop, deadline, false))
    }

    /// Takes what the backlog holds: closing the listener would reset it. Those who still come meanwhile do not hold up the stop.
    async fn take_waiting(&self, listener: TcpListener, end: Instant) {
        for _ in 0..self.acceptor.options.socket.backlog.max(1) {
            match socket::accept_now(&listener) {
                Ok((stream, peer)) => self.take(stream, peer),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) if Instant::now() >= end => {
                    tracing::warn!(%error, "connections of the backlog reset");
                    return;
                }
                Err(error) => {
                    self.make_room(&error);
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn make_room(&self, error: &io::Error) {
        if is_exhaustion(error) {
            self.acceptor.connections.evict();
        }
    }

    /// Kept connections may send a last request during the grace; then those that are silent are closed. hyper's own graceful
    /// shutdown would close them with a request in the socket's buffer.
    async fn drain(&self, end: Instant) {
        let empty = self.binding.empty();
        let mut empty = pin!(empty);
        // A short deadline leaves its second half to those that are told to leave.
        let now = Instant::now();
        let grace = self.acceptor.options.timeouts.grace;
        let grace = grace.min(end.saturating_duration_since(now) / 2);
        if timeout(grace, &mut empty).await.is_ok() {
            return;
        }
        loop {
            self.binding.leave(grace);
            let left = end.saturating_duration_since(Instant::now());
            if timeout(TICK.min(left).max(LEAVE), &mut empty).await.is_ok() || left < LEAVE {
                return;
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let Acceptor {
            protocol,
            options,
            scheme,
            ..
        } = &self.acceptor;
        let scheme = *scheme;
        let set_up = if self.is_inherited {
            socket::take_over(&stream, &options.socket)
        } else {
            socket::set_up(&stream, &options.socket)
        };
        if let Err(error) = set_up {
            tracing::debug!(%error, %peer, "connection gone before it was served");
            return;
        }
        let (ticket, serving) = match self.binding.admit(stream, peer) {
            Admission::Served(ticket) => {
                tally::opened(ticket.connection(), scheme);
                let serving = protocol.serve(&ticket);
                (ticket, serving)
            }
            Admission::Refused(ticket, limit) => {
                tally::refused(peer, scheme, limit);
                let refusing = protocol.refuse(&ticket);
                (ticket, refusing)
            }
            Admission::Dropped(limit) => return tally::refused(peer, scheme, limit),
        };
        let linger = options.socket.linger;
        tokio::spawn(async move {
            let connection = ticket.connection();
            let end = connection.drive(serving).await;
            // Boxed, as a connection needs it only in the end.
            let closed = Box::pin(connection.close(end, linger)).await;
            if ticket.is_served() {
                tally::ended(connection, scheme, closed);
            }
            ticket.end(closed);
        });
    }
}

/// Errors of `accept` that concern the connection taken, not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted,
        NetworkDown, NetworkUnreachable,
    };
    let by_kind = matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
    );
    by_kind || is_of_protocol(error)
}

/// True if the process or the machine has no descriptor or memory left for a connection.
#[cfg(unix)]
fn is_exhaustion(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errors = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS];
    let code = error.raw_os_error();
    errors
        .iter()
        .any(|known| code == Some(known.raw_os_error()))
}

#[cfg(not(unix))]
fn is_exhaustion(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory
}

/// EPROTO and its like, which have no kind: Linux hands out what went wrong before the connection was taken.
#[cfg(unix)]
fn is_of_protocol(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errors = [
        Errno::PROTO,
        Errno::NOPROTOOPT,
        Errno::HOSTDOWN,
        Errno::OPNOTSUPP,
    ];
    let code = error.raw_os_error();
    errors
        .iter()
        .any(|known| code == Some(known.raw_os_error()))
}

#[cfg(not(unix))]
fn is_of_protocol(_: &io::Error) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn ac_2_errors_of_one_connection_do_not_pause_the_listener() {
        let is_of_one = |error: Errno| is_of_one_connection(&io::Error::from(error));
        for error in [
            Errno::PROTO,
            Errno::CONNABORTED,
            Errno::INTR,
            Errno::NETDOWN,
        ] {
            assert!(is_of_one(error), "{error}");
        }
        for error in [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS] {
            assert!(!is_of_one(error), "{error}");
            assert!(is_exhaustion(&io::Error::from(error)), "{error}");
        }
        // A firewall's refusal is no reason to close an idle connection.
        assert!(!is_exhaustion(&io::Error::from(Errno::PERM)));
    }
}

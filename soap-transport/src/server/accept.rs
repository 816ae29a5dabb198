//! The accept loop of stream listeners, and how it stops without losing a request.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use soap_core::{
    Options,
    transport::{BoxFuture, Stop, TransportError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    connection::{End, Signal},
    connections::{Admission, Connections, Ticket},
};
use crate::socket;

/// Pause after an error of `accept` such as "too many open files".
const PAUSE: Duration = Duration::from_millis(100);
/// How often silent connections are looked for while the server stops.
const TICK: Duration = Duration::from_millis(100);

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
    pub(crate) options: Options,
}

impl<P: Protocol> Acceptor<P> {
    /// Serves until `stop`, then takes what the backlog holds and ends when the last connection has.
    pub(crate) async fn run(self, listener: TcpListener, stop: Stop) -> Result<(), TransportError> {
        let _reset = ResetOnDrop(Arc::clone(&self.connections));
        let mut stopped = pin!(stop.stopped());
        let deadline = loop {
            select! {
                biased;
                deadline = &mut stopped => break deadline,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => self.take(stream, peer),
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept connections for now");
                        self.connections.evict();
                        sleep(PAUSE).await;
                    }
                },
            }
        };
        let end = Instant::now() + deadline;
        self.connections.stop();
        while let Ok((stream, peer)) = socket::accept_now(&listener) {
            self.take(stream, peer);
        }
        drop(listener);
        self.drain(end).await;
        let left = self.connections.count();
        if left == 0 {
            return Ok(());
        }
        tracing::warn!(left, "connections reset: the deadline to stop is over");
        Err(TransportError::timeout("a graceful stop", deadline, false))
    }

    /// Kept connections may send a last request during the grace; then those that are silent are closed. hyper's own graceful
    /// shutdown would close them with a request in the socket's buffer.
    async fn drain(&self, end: Instant) {
        let grace = self.options.timeouts.grace;
        let empty = self.connections.empty();
        let mut empty = pin!(empty);
        let silent_after = (Instant::now() + grace).min(end);
        if timeout_at(silent_after, &mut empty).await.is_ok() {
            return;
        }
        while Instant::now() < end {
            self.connections.signal(Signal::Leave);
            if timeout(TICK.min(end - Instant::now()), &mut empty)
                .await
                .is_ok()
            {
                return;
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = socket::set_up(&stream, &self.options.socket) {
            tracing::debug!(%error, %peer, "connection gone before it was served");
            return;
        }
        let (ticket, serving) = match self.connections.admit(stream, peer) {
            Admission::Served(ticket) => {
                let serving = self.protocol.serve(&ticket);
                (ticket, serving)
            }
            Admission::Refused(ticket) => {
                tracing::warn!(%peer, "connection refused: no room");
                let refusing = self.protocol.refuse(&ticket);
                (ticket, refusing)
            }
            Admission::Dropped => return,
        };
        let linger = self.options.socket.linger;
        let patience = self.options.timeouts.grace;
        tokio::spawn(async move {
            let connection = ticket.connection();
            let end = connection.drive(serving, patience).await;
            connection.close(end, linger).await;
            if end == End::Aborted {
                tracing::debug!(peer = %connection.peer(), "connection reset");
            }
        });
    }
}

/// Resets what is left when the accept loop is over or dropped.
struct ResetOnDrop(Arc<Connections>);

impl Drop for ResetOnDrop {
    fn drop(&mut self) {
        self.0.stop();
        self.0.signal(Signal::Abort);
    }
}

/// Errors of `accept` that concern the connection taken, not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted,
        NetworkDown, NetworkUnreachable,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
    )
}

//! Counting what becomes of connections, and telling it.

use super::{connection::Connection, counters::Counters};

/// Target of the events.
const TARGET: &str = "soapstone::connection";

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    ByUs,
    ByPeer,
    Reset,
}

/// The bound for which a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Connections,
    ConnectionsPerPeer,
}

impl Counters {
    pub(super) fn closed(&mut self, how: Closed, is_evicted: bool) {
        match how {
            Closed::ByUs => self.closed_by_us += 1,
            Closed::ByPeer => self.closed_by_peer += 1,
            Closed::Reset => self.reset += 1,
        }
        self.evicted += u64::from(is_evicted && how == Closed::ByUs);
    }

    pub(super) fn refused(&mut self, limit: Limit) {
        match limit {
            Limit::Connections => self.refused_connections += 1,
            Limit::ConnectionsPerPeer => self.refused_connections_per_peer += 1,
        }
    }
}

/// Tells that a connection is served.
pub(super) fn opened(connection: &Connection, scheme: &str) {
    tracing::debug!(target: TARGET, peer = %connection.peer(), scheme, "connection opened");
}

/// Tells how a connection ended.
pub(super) fn ended(connection: &Connection, scheme: &str, how: Closed) {
    let reason = match how {
        Closed::ByUs => "closed by us",
        Closed::ByPeer => "closed by peer",
        Closed::Reset => "reset",
    };
    tracing::debug!(
        target: TARGET,
        peer = %connection.peer(),
        scheme,
        reason,
        evicted = connection.is_evicted(),
        requests = connection.requests(),
        duration = ?connection.age(),
        "connection closed"
    );
}

/// Tells that there is no room for a connection.
pub(super) fn refused(peer: std::net::SocketAddr, scheme: &str, limit: Limit) {
    let limit = match limit {
        Limit::Connections => "connections",
        Limit::ConnectionsPerPeer => "connections_per_peer",
    };
    tracing::warn!(target: TARGET, %peer, scheme, limit, "connection refused");
}

/// Tells that no connection can be accepted for now.
pub(super) fn paused(error: &std::io::Error, scheme: &str) {
    tracing::warn!(target: TARGET, %error, scheme, "accepting pauses");
}

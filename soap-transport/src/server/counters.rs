//! What a server counts of its connections.

#[cfg(any(feature = "http", feature = "tcp", feature = "udp"))]
use std::sync::Arc;
#[cfg(any(feature = "http", feature = "tcp"))]
use std::sync::OnceLock;

#[cfg(any(feature = "http", feature = "tcp"))]
use super::connections::Connections;
#[cfg(feature = "udp")]
use super::datagrams::Tally;

/// How many connections a server has and had, over all its bindings on TCP (http, soap.tcp and their like), since it started.
///
/// Each connection that was served is in one of five: `accepted` is the sum of `active`, `idle`, `closed_by_us`, `closed_by_peer` and
/// `reset`. One that was refused is in none of them.
///
/// # Events
/// What is counted is also told to `tracing`, with the target `soapstone::connection`: at the level DEBUG each connection that
/// begins ("connection opened": `peer`, `scheme`) and ends ("connection closed": `peer`, `scheme`, `reason`, `evicted`, `requests`,
/// `duration`), at INFO each failed TLS handshake (`peer`, `error`), at WARN each that is refused ("connection refused": `peer`, `scheme`, `limit`) and each pause for want of descriptors.
///
/// # Example
/// ```no_run
/// # async fn run(server: soap_transport::Server) -> Result<(), soap_core::transport::TransportError> {
/// let monitor = server.monitor();
/// tokio::spawn(async move {
///     loop {
///         tokio::time::sleep(std::time::Duration::from_secs(60)).await;
///         println!("{:?}", monitor.counters());
///     }
/// });
/// server.run_until(soap_transport::shutdown_signal()).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Connections served, those of now and those of before.
    pub accepted: u64,
    /// Now: those of which a request is read, executed or answered, and those that wait for the peer to close.
    pub active: u64,
    /// Now: those between two requests, or before the first.
    pub idle: u64,
    /// Those that the server closed first: after an answer that announced it, after idle time, to make room, or to stop.
    pub closed_by_us: u64,
    /// Those whose peer closed its side first.
    pub closed_by_peer: u64,
    /// Those that ended by an RST from either side, or broke: what was under way may be lost.
    pub reset: u64,
    /// Of `closed_by_us`, those closed while idle to make room for another.
    pub evicted: u64,
    /// Refused for [`Capacity::connections`](soap_core::Capacity::connections): none was idle to make room.
    pub refused_connections: u64,
    /// Refused for [`Capacity::connections_per_peer`](soap_core::Capacity::connections_per_peer).
    pub refused_connections_per_peer: u64,
    /// How often accepting had to pause since the process had no file descriptor or memory left. Nothing is refused: the connection
    /// waits in the backlog.
    pub out_of_descriptors: u64,
    /// What came and went by `soap.udp`.
    pub datagrams: DatagramCounters,
}

/// How many datagrams a server had, over all its bindings of `soap.udp`, since it started.
///
/// What is dropped is dropped without a word: whoever sent it may be another than it says. Each one is told to `tracing`, with the
/// target `soapstone::datagram` at the level DEBUG ("datagram dropped": `peer`, `reason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DatagramCounters {
    /// Datagrams that have come.
    pub received: u64,
    /// Those given to the service as requests.
    pub executed: u64,
    /// Copies of a request seen before, which was not executed again.
    pub duplicates: u64,
    /// Answers sent, those to copies of their requests among them.
    pub answered: u64,
    /// Copies that were sent behind answers.
    pub copies: u64,
    /// Dropped: no request. It is no envelope, or not one alone, a fault or an answer, or has no `MessageID` where one is required.
    pub no_request: u64,
    /// Dropped: larger than [`UdpOptions::datagram`](crate::udp::UdpOptions::datagram).
    pub too_large: u64,
    /// Dropped: nobody who asks for something has such an address or port.
    pub wrong_source: u64,
    /// Dropped: more than the rates that [`UdpOptions`](crate::udp::UdpOptions) allow.
    pub over_rate: u64,
    /// Dropped: too many calls were in flight, or too many answers on their way out.
    pub busy: u64,
    /// Answers dropped: larger than a datagram may be, and so would be the fault that says so.
    pub answer_too_large: u64,
    /// Answers dropped: larger than [`UdpOptions::amplification`](crate::udp::UdpOptions::amplification) allows, and so would be the
    /// fault that says so.
    pub amplification: u64,
    /// Answers that the kernel did not send.
    pub failed: u64,
}

/// A handle to the [`Counters`] of a server, by [`Server::monitor`](crate::Server::monitor). Clones are cheap, and it may outlive the
/// server.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    #[cfg(any(feature = "http", feature = "tcp"))]
    connections: Arc<OnceLock<Arc<Connections>>>,
    #[cfg(feature = "udp")]
    datagrams: Arc<Tally>,
}

impl Monitor {
    /// The counts of now; all are 0 before the server starts. Costs a look at every open connection: for once a second, not for
    /// each request.
    pub fn counters(&self) -> Counters {
        let counters = self.of_connections();
        #[cfg(feature = "udp")]
        let counters = Counters {
            datagrams: self.datagrams.counts(),
            ..counters
        };
        counters
    }

    fn of_connections(&self) -> Counters {
        #[cfg(any(feature = "http", feature = "tcp"))]
        if let Some(connections) = self.connections.get() {
            return connections.counters();
        }
        Counters::default()
    }

    /// Where datagrams are counted.
    #[cfg(feature = "udp")]
    pub(super) fn datagrams(&self) -> Arc<Tally> {
        Arc::clone(&self.datagrams)
    }

    /// From now on those are counted.
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub(super) fn watch(&self, connections: &Arc<Connections>) {
        // A server starts once.
        let _ = self.connections.set(Arc::clone(connections));
    }
}

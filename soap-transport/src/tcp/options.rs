//! What can be set for streams of bare envelopes alone.

/// Options of `soap.tcp` and `tcp`, given to an endpoint by `with`.
///
/// # Example
/// ```
/// use soap_transport::{Endpoint, tcp::TcpOptions};
/// let endpoint = Endpoint::new("soap.tcp://127.0.0.1:9001").with(TcpOptions::new().pipeline(8));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpOptions {
    pub(crate) pipeline: usize,
    pub(crate) pool_per_host: usize,
    pub(crate) pool_total: usize,
}

impl Default for TcpOptions {
    fn default() -> Self {
        Self {
            pipeline: 1,
            pool_per_host: 32,
            pool_total: 100,
        }
    }
}

impl TcpOptions {
    /// The most that [`pipeline`](Self::pipeline) takes: 1,024. Each call under way costs its caller's request and a place in a queue.
    pub const MOST_PIPELINED: usize = 1024;

    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Client: how many calls may be under way on one connection: 1, so that calls at a time go over connections of their own.
    ///
    /// With more, all calls of an endpoint share a connection. Its requests are written one behind the other without waiting for
    /// answers, which come in the order of the requests, or in any that the server likes if they have WS-Addressing. A server of soapstone executes the calls of one connection one after the
    /// other, so a slow one holds up those behind it: pipelining saves round trips and connections, not their time. A connection
    /// that breaks takes with it all that were written; the others go out on a new one. So does what is called while an answer is
    /// still to come that nobody waits for any more, as its call was dropped or has run out of time.
    ///
    /// With WS-Addressing an answer is that to the request it names in `RelatesTo`; one that names a request nobody waits for ends the
    /// connection. Without it answers are told apart by their order alone: the peer must have the same idea of which operations are one-way, as a fault
    /// to one of those, or a missing answer to another, would be taken for the answer to the next call. One-way messages
    /// still have a connection of their own.
    ///
    /// From 1 to [`MOST_PIPELINED`](Self::MOST_PIPELINED); `tcp` takes no other value than 1.
    #[must_use]
    pub fn pipeline(mut self, calls: usize) -> Self {
        self.pipeline = calls;
        self
    }

    /// Client: idle connections kept for one host: 32.
    #[must_use]
    pub fn pool_idle_per_host(mut self, most: usize) -> Self {
        self.pool_per_host = most;
        self
    }

    /// Client: idle connections kept in all: 100.
    #[must_use]
    pub fn pool_idle(mut self, most: usize) -> Self {
        self.pool_total = most;
        self
    }
}

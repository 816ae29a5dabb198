//! Options of sockets.

use std::{net::IpAddr, time::Duration};

use super::by_value;

by_value!(SocketOptions {
    reuse_address: bool,
    reuse_port: bool,
    backlog: u32,
    only_v6: impl Into<Option<bool>>,
    local_address: impl Into<Option<IpAddr>>,
    nodelay: bool,
    keepalive: Keepalive,
    user_timeout: impl Into<Option<Duration>>,
    receive_buffer: impl Into<Option<usize>>,
    send_buffer: impl Into<Option<usize>>,
    linger: Linger,
    close_first: CloseFirst,
} and interface);

/// Options of TCP sockets.
///
/// A transport refuses what cannot be honoured, by the name of the option: a value out of its range, an option that the platform
/// lacks, and one that has no meaning for a listener or for a client unless it is at its default.
///
/// # TIME_WAIT
/// The side that closes a connection first keeps it in this state for a while (60 s on Linux), so that late segments of it reach no
/// later one. It costs a server a little memory, and a client one of some 28,000 local ports towards the same server.
/// [`reuse_address`](Self::reuse_address) lets a server start again meanwhile. A client that runs out of ports keeps its connections
/// for more than one call, or takes more addresses by [`local_address`](Self::local_address). [`Linger::Abort`] avoids the state at the cost of
/// answers: a last resort.
///
/// # Example
/// ```
/// use soap_core::{Keepalive, SocketOptions};
/// use std::time::Duration;
/// let seconds = Duration::from_secs;
/// let probes = Keepalive::Probes { idle: seconds(60), interval: seconds(10), count: 5 };
/// let socket = SocketOptions::new().keepalive(probes).user_timeout(seconds(30)).interface("eth0");
/// assert!(socket.nodelay);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketOptions {
    /// Listener: `SO_REUSEADDR`, so that a server starts again at once on its port, past connections of the last one that are still
    /// open or in TIME_WAIT. On Linux those must have had it too. Not set on Windows, which needs it not and would let other
    /// programs take the port. On.
    pub reuse_address: bool,
    /// Listener: `SO_REUSEPORT`, so that several listen on one port. All must set it and be of the same user; Linux spreads new
    /// connections over them, and resets those waiting for one that closes. Unix only. Off.
    pub reuse_port: bool,
    /// Listener: connections that the kernel holds until they are accepted, from 1 to 2^31 - 1; Linux takes no more than
    /// `net.core.somaxconn`. Each costs memory in the kernel. 1,024.
    pub backlog: u32,
    /// Listener: `IPV6_V6ONLY`; `None`: an unspecified IPv6 address (`[::]`) takes IPv4 too, others do not, nor does one of
    /// datagrams that joins groups. No meaning for an IPv4 address. `None`.
    pub only_v6: Option<bool>,
    /// Client: the address of this machine to connect from; the kernel chooses the port. Of the addresses of a name those of
    /// the same family are tried. A listener has the address of its URL. `None`: the kernel chooses.
    pub local_address: Option<IpAddr>,
    /// The name of the network interface to listen on or to connect through (`SO_BINDTODEVICE`), of 1 to 15 bytes; Linux only, before
    /// 5.7 with `CAP_NET_RAW`. `None`: any.
    pub interface: Option<String>,
    /// `TCP_NODELAY`: sends small segments at once. On; off saves packets where many small messages are under way, at the cost of up
    /// to 40 ms for each answer.
    pub nodelay: bool,
    /// Probes of connections on which nothing is sent, to find dead peers: the transport's default.
    pub keepalive: Keepalive,
    /// `TCP_USER_TIMEOUT`: the connection breaks when what was sent is not acknowledged for so long; it also bounds connecting, and
    /// takes the place of the count of [`Keepalive::Probes`]. Whole milliseconds from 1 to 2^31 - 1. Linux only. `None`: the kernel's,
    /// some 15 minutes.
    pub user_timeout: Option<Duration>,
    /// `SO_RCVBUF` in bytes, from 1 to 2^31 - 1. Linux doubles it for its own use, and takes no more than `net.core.rmem_max`. Every
    /// connection may hold so much; set, the kernel no longer fits it to the connection. `None`: the kernel's.
    pub receive_buffer: Option<usize>,
    /// `SO_SNDBUF` in bytes, as [`receive_buffer`](Self::receive_buffer); no more than `net.core.wmem_max`. `None`: the kernel's.
    pub send_buffer: Option<usize>,
    /// How a connection is closed: [`Linger::Default`].
    pub linger: Linger,
    /// Who closes a connection first, where the protocol leaves the choice: [`CloseFirst::Client`]. For servers: a client refuses
    /// another value.
    pub close_first: CloseFirst,
}

impl SocketOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with another value of the field `interface`, which tells more.
    #[must_use]
    pub fn interface(mut self, name: impl Into<String>) -> Self {
        self.interface = Some(name.into());
        self
    }
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            reuse_address: true,
            reuse_port: false,
            backlog: 1024,
            only_v6: None,
            local_address: None,
            interface: None,
            nodelay: true,
            keepalive: Keepalive::Default,
            user_timeout: None,
            receive_buffer: None,
            send_buffer: None,
            linger: Linger::Default,
            close_first: CloseFirst::Client,
        }
    }
}

/// TCP keep-alive probes (`SO_KEEPALIVE`, `TCP_KEEPIDLE`, `TCP_KEEPINTVL`, `TCP_KEEPCNT`): segments that ask a silent peer whether it is
/// still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Keepalive {
    /// What the transport finds best. Off for HTTP, whose idle time is shorter than any probe.
    #[default]
    Default,
    /// No probes.
    Off,
    /// Probes, at the cost of a small packet each.
    Probes {
        /// Silence before the first probe, in whole seconds from 1 to 32,767.
        idle: Duration,
        /// Time between probes, in whole seconds from 1 to 32,767.
        interval: Duration,
        /// Probes without an answer after which the connection is dead, from 1 to 127.
        count: u32,
    },
}

impl Keepalive {
    /// This, or `default` if this is [`Default`](Self::Default): how a transport puts in its own.
    ///
    /// ```
    /// use soap_core::Keepalive;
    /// assert_eq!(Keepalive::Default.or(Keepalive::Off), Keepalive::Off);
    /// ```
    #[must_use]
    pub fn or(self, default: Self) -> Self {
        match self {
            Self::Default => default,
            chosen => chosen,
        }
    }
}

/// How a connection is closed. The kernel's own lingering (`SO_LINGER` with a time) is never used: its `close` would block a thread for
/// as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Linger {
    /// Write all, shut down the write side, drain at most 1 MiB or 2 s, close. Never loses the last answer.
    #[default]
    Default,
    /// `SO_LINGER` (1, 0): an RST at once. No TIME_WAIT, but answers not yet read by the peer are lost: a last resort.
    Abort,
    /// As `Default`, draining up to this time. For servers: a client refuses it, as it has read its answer when it closes.
    Wait(Duration),
}

/// Who ends a connection where the protocol leaves the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CloseFirst {
    /// The server keeps it open until the client closes it, its idle time is over, or the server stops: TIME_WAIT is with the clients.
    #[default]
    Client,
    /// The server closes it after each answer: every call needs a new connection, and TIME_WAIT gathers at the server. What a client
    /// has written behind a request, as a pipelining one does, is not read; a one-way message among it is lost without a word.
    Server,
}

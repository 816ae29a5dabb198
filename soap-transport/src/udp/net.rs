//! The seam between the rules of SOAP-over-UDP and the kernel: sockets of datagrams, which tests replace by a network of their own.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
};

use soap_core::{Destination, SocketOptions};

/// Opens sockets.
pub(super) trait Network: fmt::Debug + Send + Sync {
    /// A socket for one exchange of a client, or for the messages of a server.
    fn open(&self, opening: &Opening<'_>) -> io::Result<Arc<dyn Socket>>;

    /// The prefixes of this machine's interfaces: an address and the number of bits that its neighbours share with it.
    fn prefixes(&self) -> io::Result<Vec<(IpAddr, u8)>>;
}

/// How a socket is opened.
#[derive(Debug)]
pub(super) struct Opening<'o> {
    /// Where it is bound. Port 0 takes a free one.
    pub(super) local: SocketAddr,
    pub(super) socket: &'o SocketOptions,
    /// An IPv6 address takes no datagrams of IPv4 (`IPV6_V6ONLY`).
    pub(super) only_v6: bool,
    /// Several may be bound to the address, as those are that join a group.
    pub(super) is_shared: bool,
    /// The groups to join, each on the interfaces of these indexes; 0: the one the kernel chooses.
    pub(super) groups: &'o [(IpAddr, Vec<u32>)],
    /// What multicast datagrams leave with.
    pub(super) multicast: Multicast,
}

/// What multicast datagrams leave with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Multicast {
    /// `IP_MULTICAST_TTL`, `IPV6_MULTICAST_HOPS`.
    pub(super) hops: u32,
    /// `IP_MULTICAST_LOOP`: sockets of this machine get them too.
    pub(super) is_looped: bool,
}

/// A socket of datagrams. Any number of tasks may send on it; one receives.
pub(super) trait Socket: fmt::Debug + Send + Sync {
    /// Where it is bound, port 0 resolved.
    fn local(&self) -> io::Result<SocketAddr>;

    /// Sends one datagram; `from` is where it is to come from, where that is not left to the kernel. Never partly.
    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        datagram: &[u8],
        to: SocketAddr,
        from: Option<From>,
    ) -> Poll<io::Result<()>>;

    /// Receives one datagram into `buffer`.
    fn poll_receive(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Received>>;

    /// Receives one that is there already, whether the runtime has noticed it or not; `None`: there is none.
    fn receive_now(&self, buffer: &mut [u8]) -> Option<Received>;
}

/// Where a datagram is to come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct From {
    /// An address of this machine; `None`: that of the interface.
    pub(super) address: Option<IpAddr>,
    /// Index of the interface; 0: the kernel chooses.
    pub(super) interface: u32,
}

/// A datagram that has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received {
    /// Bytes in the buffer.
    pub(super) length: usize,
    /// There were more of them.
    pub(super) is_truncated: bool,
    pub(super) source: SocketAddr,
    /// Where it arrived; `None` where the platform does not tell.
    pub(super) destination: Option<Destination>,
}

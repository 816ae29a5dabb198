//! Options of sockets.

use std::time::Duration;

use super::by_value;

by_value!(SocketOptions {
    reuse_address: bool,
    nodelay: bool,
    keepalive: Option<Keepalive>,
    linger: Linger,
    backlog: u32,
});

by_value!(Keepalive {
    idle: Duration,
    interval: Duration,
    count: u32,
});

/// Options of a TCP socket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketOptions {
    /// `SO_REUSEADDR` on a listener: restart at once on the same port. On.
    pub reuse_address: bool,
    /// `TCP_NODELAY`: send small segments at once. On.
    pub nodelay: bool,
    /// TCP keep-alive probes; `None`: off. Off for HTTP, whose idle time is short.
    pub keepalive: Option<Keepalive>,
    /// How a socket is closed.
    pub linger: Linger,
    /// Connections the kernel holds until they are accepted: 1,024.
    pub backlog: u32,
}

impl SocketOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            reuse_address: true,
            nodelay: true,
            keepalive: None,
            linger: Linger::Default,
            backlog: 1024,
        }
    }
}

/// TCP keep-alive probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keepalive {
    /// Silence before the first probe.
    pub idle: Duration,
    /// Time between probes.
    pub interval: Duration,
    /// Probes without an answer before the connection is dead.
    pub count: u32,
}

impl Keepalive {
    /// A first probe after `idle`, then one every `interval`; dead after `count` without an answer. The kernel takes whole seconds
    /// up to 32,767, and 127 probes at most.
    pub fn new(idle: Duration, interval: Duration, count: u32) -> Self {
        Self {
            idle,
            interval,
            count,
        }
    }
}

/// How a socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Linger {
    /// Write all, shut down the write side, drain at most 1 MiB or 2 s, close. Never loses the last answer.
    #[default]
    Default,
    /// `SO_LINGER` (1, 0): an RST at once. No TIME_WAIT, but answers not yet read by the peer are lost: a last resort.
    Abort,
    /// As `Default`, draining up to this time. For servers: an http client refuses it, as it has read its answer when it closes.
    Wait(Duration),
}

//! What the kernel says of a socket.

use std::{io, time::Duration};

use soap_core::Keepalive;
use socket2::SockRef;

use super::platform;

/// What the kernel has set on a TCP socket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EffectiveOptions {
    /// `SO_REUSEADDR`.
    pub reuse_address: bool,
    /// `SO_REUSEPORT`; false where there is none.
    pub reuse_port: bool,
    /// `IPV6_V6ONLY`; `None` on IPv4.
    pub only_v6: Option<bool>,
    /// `SO_BINDTODEVICE`; `None`: not bound to an interface, or not Linux.
    pub interface: Option<String>,
    /// `TCP_NODELAY`.
    pub nodelay: bool,
    /// `SO_KEEPALIVE` with its times: [`Keepalive::Off`], or [`Keepalive::Probes`], or on Windows, which
    /// does not tell the times, [`Keepalive::Default`].
    pub keepalive: Keepalive,
    /// `TCP_USER_TIMEOUT`; `None`: the kernel's default, or not Linux.
    pub user_timeout: Option<Duration>,
    /// `SO_RCVBUF` in bytes, which Linux gives as twice what was asked for.
    pub receive_buffer: usize,
    /// `SO_SNDBUF` in bytes, likewise.
    pub send_buffer: usize,
    /// `SO_LINGER`; `None`: off. It is zero on a connection to be reset, and never has another time.
    pub linger: Option<Duration>,
}

/// Reads the options of `socket` back from the kernel.
///
/// # Errors
/// Fails if it is not a TCP socket.
///
/// # Example
/// ```
/// # fn main() -> std::io::Result<()> {
/// use soap_transport::socket::read_back;
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// assert_eq!(read_back(&listener)?.linger, None);
/// # Ok(()) }
/// ```
#[cfg(unix)]
pub fn read_back(socket: &impl std::os::fd::AsFd) -> io::Result<EffectiveOptions> {
    effective(&SockRef::from(socket))
}

/// Reads the options of `socket` back from the kernel.
///
/// # Errors
/// Fails if it is not a TCP socket.
#[cfg(windows)]
pub fn read_back(socket: &impl std::os::windows::io::AsSocket) -> io::Result<EffectiveOptions> {
    effective(&SockRef::from(socket))
}

fn effective(socket: &SockRef<'_>) -> io::Result<EffectiveOptions> {
    Ok(EffectiveOptions {
        reuse_address: socket.reuse_address()?,
        reuse_port: platform::reuse_port(socket)?,
        only_v6: if socket.local_addr()?.is_ipv6() {
            Some(socket.only_v6()?)
        } else {
            None
        },
        interface: platform::interface(socket)?,
        nodelay: socket.tcp_nodelay()?,
        keepalive: if socket.keepalive()? {
            probes(socket)?
        } else {
            Keepalive::Off
        },
        user_timeout: platform::user_timeout(socket)?,
        receive_buffer: socket.recv_buffer_size()?,
        send_buffer: socket.send_buffer_size()?,
        linger: socket.linger()?,
    })
}

#[cfg(not(windows))]
fn probes(socket: &SockRef<'_>) -> io::Result<Keepalive> {
    Ok(Keepalive::Probes {
        idle: socket.tcp_keepalive_time()?,
        interval: socket.tcp_keepalive_interval()?,
        count: socket.tcp_keepalive_retries()?,
    })
}

/// The times cannot be read here.
#[cfg(windows)]
fn probes(_: &SockRef<'_>) -> io::Result<Keepalive> {
    Ok(Keepalive::Default)
}

//! TCP sockets from [`SocketOptions`]: what tokio has no call for.

use std::{
    io,
    mem::MaybeUninit,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use soap_core::{Keepalive, SocketOptions};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Instant, Sleep},
};

/// The longest time of a keep-alive probe that Linux takes.
const LONGEST_PROBE: Duration = Duration::from_secs(32_767);

/// A listener on `address`. An unspecified IPv6 address takes IPv4 too.
pub(crate) fn listen(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        let both = matches!(address.ip(), IpAddr::V6(ip) if ip.is_unspecified());
        socket.set_only_v6(!both)?;
    }
    #[cfg(not(windows))]
    socket.set_reuse_address(options.reuse_address)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(options.backlog).unwrap_or(i32::MAX))?;
    TcpListener::from_std(socket.into())
}

/// Connects to `address`.
pub(crate) async fn connect(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    let stream = socket.connect(address).await?;
    set_up(&stream, options)?;
    Ok(stream)
}

/// Sets what concerns one connection.
pub(crate) fn set_up(stream: &TcpStream, options: &SocketOptions) -> io::Result<()> {
    stream.set_nodelay(options.nodelay)?;
    if let Some(Keepalive {
        idle,
        interval,
        count,
        ..
    }) = options.keepalive
    {
        // The kernel refuses what is out of its range.
        let in_range = |time: Duration| time.clamp(Duration::from_secs(1), LONGEST_PROBE);
        let probes = TcpKeepalive::new()
            .with_time(in_range(idle))
            .with_interval(in_range(interval))
            .with_retries(count.clamp(1, 127));
        SockRef::from(stream).set_tcp_keepalive(&probes)?;
    }
    Ok(())
}

/// Takes a connection from the backlog without waiting for the runtime to see it.
pub(crate) fn accept_now(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, address) = SockRef::from(listener).accept()?;
    socket.set_nonblocking(true)?;
    let address = address
        .as_socket()
        .ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionAborted))?;
    Ok((TcpStream::from_std(socket.into())?, address))
}

/// Closes with an RST: no TIME_WAIT, and what the peer has not read is lost.
pub(crate) fn abort(stream: TcpStream) {
    reset_on_close(&stream);
}

/// Makes closing an RST.
pub(crate) fn reset_on_close(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_linger(Some(Duration::ZERO)) {
        tracing::debug!(%error, "no abortive close");
    }
}

/// What the kernel holds of the bytes the peer sent, seen without the runtime's (possibly older) idea of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    Nothing,
    Bytes,
    /// FIN or RST.
    End,
}

/// Looks at what has come without taking it.
pub(crate) fn waiting(stream: &TcpStream) -> Waiting {
    match SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]) {
        Ok(0) => Waiting::End,
        Ok(_) => Waiting::Bytes,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Waiting::Nothing,
        Err(_) => Waiting::End,
    }
}

/// File descriptors the process may have, after raising the soft limit to the hard one.
#[cfg(unix)]
pub(crate) fn descriptors() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() {
        limit.maximum
    } else {
        limit.current
    };
    current.and_then(|limit| usize::try_from(limit).ok())
}

/// File descriptors the process may have: no such limit here.
#[cfg(not(unix))]
pub(crate) fn descriptors() -> Option<usize> {
    None
}

/// A timer that is set often and rings seldom: it is armed anew only when it rings early.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready once `deadline` is over; else wakes the task by then.
    pub(crate) fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self
            .0
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

//! TCP sockets from [`SocketOptions`]: what tokio has no call for.
//!
//! Options are set before a socket is bound or connected, so that they hold from its first segment on (a buffer, for one, decides
//! the window scale). [`read_back`] tells what the kernel made of them.

use std::{
    io,
    mem::MaybeUninit,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use soap_core::{Keepalive, SocketOptions};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
#[cfg(all(feature = "tcp", feature = "tls"))]
use tokio::io::ReadBuf;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Instant, Sleep},
};

mod check;
mod explain;
mod platform;
mod read_back;
#[cfg(test)]
mod tests;

pub(crate) use check::{Role, check};
pub(crate) use explain::cause;
pub use read_back::{EffectiveOptions, read_back};

/// A listener on `address`. An unspecified IPv6 address takes IPv4 too, unless `options` say otherwise.
///
/// # Errors
/// Fails with the kernel's error in words that name the remedy.
pub(crate) fn listen(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpListener> {
    let failed = |error| explain::listening(address, options, error);
    let kind = (Domain::for_address(address), Type::STREAM);
    let socket = Socket::new(kind.0, kind.1, Some(Protocol::TCP)).map_err(failed)?;
    if address.is_ipv6() {
        let both = matches!(address.ip(), IpAddr::V6(ip) if ip.is_unspecified());
        let only = socket.set_only_v6(options.only_v6.unwrap_or(!both));
        only.map_err(explain::option("only_v6"))?;
    }
    #[cfg(not(windows))]
    socket
        .set_reuse_address(options.reuse_address)
        .map_err(explain::option("reuse_address"))?;
    let reference = SockRef::from(&socket);
    if options.reuse_port {
        platform::set_reuse_port(&reference).map_err(explain::option("reuse_port"))?;
    }
    prepare(&reference, options)?;
    socket.set_nonblocking(true).map_err(failed)?;
    socket.bind(&address.into()).map_err(failed)?;
    let backlog = i32::try_from(options.backlog).unwrap_or(i32::MAX);
    socket.listen(backlog).map_err(failed)?;
    TcpListener::from_std(socket.into())
}

/// A listener that somebody else has bound. What must be there before a socket is bound is as its owner made it: `reuse_address`,
/// `reuse_port`, `backlog`, `only_v6` and `interface`. What waits in its backlog needs [`take_over`] as well.
///
/// # Errors
/// As [`listen`].
pub(crate) fn adopt(
    listener: std::net::TcpListener,
    options: &SocketOptions,
) -> io::Result<TcpListener> {
    replace(&SockRef::from(&listener), options)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// # Errors
/// Fails if nothing listens on `socket`.
#[cfg(unix)]
pub(crate) fn check_listens(socket: &std::net::TcpListener) -> io::Result<()> {
    if platform::is_listening(&SockRef::from(socket))? {
        return Ok(());
    }
    let text = format!("{} does not listen", socket.local_addr()?);
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}

/// Connects to `address`.
///
/// # Errors
/// As [`listen`].
pub(crate) async fn connect(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    prepare(&SockRef::from(&socket), options)?;
    if let Some(ip) = options.local_address {
        let bound = socket.bind(SocketAddr::new(ip, 0));
        bound.map_err(|error| explain::local(ip, error))?;
    }
    socket.connect(address).await.map_err(explain::connecting)
}

/// Sets up a connection that a listener took.
pub(crate) fn set_up(stream: &TcpStream, options: &SocketOptions) -> io::Result<()> {
    if platform::LINUX {
        // It has the options of its listener: a system call less for each connection.
        return Ok(());
    }
    per_connection(&SockRef::from(stream), options)
}

/// Sets up a connection that an inherited listener took: it may have come before the listener was adopted, and then has the options
/// that its owner has set.
pub(crate) fn take_over(stream: &TcpStream, options: &SocketOptions) -> io::Result<()> {
    replace(&SockRef::from(stream), options)
}

/// Sets what can be set on a socket that others have made, and turns off what they have turned on.
fn replace(socket: &SockRef<'_>, options: &SocketOptions) -> io::Result<()> {
    buffers(socket, options)?;
    if !matches!(options.keepalive, Keepalive::Probes { .. }) {
        let off = socket.set_keepalive(false);
        off.map_err(explain::option("keepalive"))?;
    }
    if options.user_timeout.is_none() {
        let off = platform::reset_user_timeout(socket);
        off.map_err(explain::option("user_timeout"))?;
    }
    per_connection(socket, options)
}

/// Sets what must be there before a socket is bound or connected.
fn prepare(socket: &SockRef<'_>, options: &SocketOptions) -> io::Result<()> {
    buffers(socket, options)?;
    if let Some(name) = &options.interface {
        let set = platform::set_interface(socket, name);
        set.map_err(|error| explain::interface(name, error))?;
    }
    per_connection(socket, options)
}

fn buffers(socket: &SockRef<'_>, options: &SocketOptions) -> io::Result<()> {
    if let Some(bytes) = options.receive_buffer {
        let set = socket.set_recv_buffer_size(bytes);
        set.map_err(explain::option("receive_buffer"))?;
    }
    if let Some(bytes) = options.send_buffer {
        let set = socket.set_send_buffer_size(bytes);
        set.map_err(explain::option("send_buffer"))?;
    }
    Ok(())
}

/// Sets what connections do not take from their listener on every platform. What is off by default is not turned off.
fn per_connection(socket: &SockRef<'_>, options: &SocketOptions) -> io::Result<()> {
    let nodelay = socket.set_tcp_nodelay(options.nodelay);
    nodelay.map_err(explain::option("nodelay"))?;
    if let Keepalive::Probes {
        idle,
        interval,
        count,
    } = options.keepalive
    {
        let probes = TcpKeepalive::new()
            .with_time(idle)
            .with_interval(interval)
            .with_retries(count);
        let set = socket.set_tcp_keepalive(&probes);
        set.map_err(explain::option("keepalive"))?;
    }
    if let Some(time) = options.user_timeout {
        let set = platform::set_user_timeout(socket, time);
        set.map_err(explain::option("user_timeout"))?;
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

/// As [`waiting`], but takes what has come, which may be a little white space.
#[cfg(feature = "tcp")]
pub(crate) fn waiting_behind_space(stream: &TcpStream) -> Waiting {
    use std::io::Read;
    let mut bytes = [0; 64];
    for _ in 0..2 {
        match (&*SockRef::from(stream)).read(&mut bytes) {
            Ok(0) => return Waiting::End,
            Ok(read) if bytes[..read].iter().all(u8::is_ascii_whitespace) => {}
            Ok(_) => return Waiting::Bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Waiting::Nothing,
            Err(_) => return Waiting::End,
        }
    }
    Waiting::Bytes
}

/// Reads what the kernel holds, seen without the runtime's idea of it.
#[cfg(all(feature = "tcp", feature = "tls"))]
pub(crate) fn read_now(stream: &TcpStream, buf: &mut ReadBuf<'_>) -> io::Result<()> {
    use std::io::Read;
    let read = (&*SockRef::from(stream)).read(buf.initialize_unfilled())?;
    buf.advance(read);
    Ok(())
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
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    /// Who is woken when it rings.
    waker: Option<Waker>,
}

impl Alarm {
    /// Ready once `deadline` is over; else wakes the task by then.
    pub(crate) fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
            self.waker = None;
        }
        let is_known = self
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()));
        if is_known && !sleep.is_elapsed() {
            return Poll::Pending;
        }
        self.waker = Some(cx.waker().clone());
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

//! The sockets of the kernel: options, groups, and where a datagram arrived.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker, ready},
};

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Type};
use tokio::{io::Interest, net::UdpSocket};

use super::{
    interfaces::interfaces,
    net::{From, Network, Opening, Received, Socket},
};

mod packet;
#[cfg(test)]
mod tests;

/// Broadcasts and errors of datagrams sent before that are passed over where nothing is waited for.
const PASSED_OVER: usize = 1024;

/// The network of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kernel;

impl Network for Kernel {
    fn open(&self, opening: &Opening<'_>) -> io::Result<Arc<dyn Socket>> {
        let socket = opened(opening)?;
        join(&socket, opening)?;
        let is_v6 = opening.local.is_ipv6();
        let packets = packet::Packets::on(&socket, is_v6)?;
        Ok(Arc::new(KernelSocket {
            socket: UdpSocket::from_std(socket.into())?,
            is_v6,
            packets,
            senders: Arc::default(),
        }))
    }

    fn prefixes(&self) -> io::Result<Vec<(IpAddr, u8)>> {
        let addresses = interfaces()?.into_iter();
        Ok(addresses
            .flat_map(|interface| interface.addresses)
            .collect())
    }
}

/// A bound socket.
fn opened(opening: &Opening<'_>) -> io::Result<socket2::Socket> {
    let Opening {
        local,
        socket: options,
        only_v6,
        is_shared,
        multicast,
        ..
    } = opening;
    let domain = Domain::for_address(*local);
    let socket = socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if local.is_ipv6() {
        let only = socket.set_only_v6(*only_v6);
        only.map_err(|error| failed("only_v6", error))?;
        socket.set_multicast_hops_v6(multicast.hops)?;
        socket.set_multicast_loop_v6(multicast.is_looped)?;
    } else {
        socket.set_multicast_ttl_v4(multicast.hops)?;
        socket.set_multicast_loop_v4(multicast.is_looped)?;
    }
    if *is_shared {
        share(&socket)?;
    }
    only_own_groups(&socket, local.is_ipv6())?;
    if let Some(bytes) = options.receive_buffer {
        let set = socket.set_recv_buffer_size(bytes);
        set.map_err(|error| failed("receive_buffer", error))?;
    }
    if let Some(bytes) = options.send_buffer {
        let set = socket.set_send_buffer_size(bytes);
        set.map_err(|error| failed("send_buffer", error))?;
    }
    if let Some(name) = &options.interface {
        let set = bind_device(&socket, name);
        set.map_err(|error| failed(&format!("the network interface {name:?}"), error))?;
    }
    let bound = socket.bind(&(*local).into());
    bound.map_err(|error| not_bound(*local, *is_shared, error))?;
    Ok(socket)
}

fn failed(what: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// Why a socket has not got its address.
fn not_bound(local: SocketAddr, is_shared: bool, error: io::Error) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::AddrInUse if is_shared => format!(
            "another socket has {local} and does not share it, as those do that join groups: end it or take another port"
        ),
        io::ErrorKind::AddrInUse => {
            format!("another socket has {local}: end it or take another port")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!(
                "no network interface of this machine has the address {}",
                local.ip()
            )
        }
        io::ErrorKind::PermissionDenied if cfg!(unix) && (1..1024).contains(&local.port()) => {
            format!(
                "port {}: ports below 1024 need root or CAP_NET_BIND_SERVICE: {error}",
                local.port()
            )
        }
        _ => format!("{local}: {error}"),
    };
    io::Error::new(error.kind(), text)
}

/// Several sockets get what is sent to the groups of a port.
fn share(socket: &socket2::Socket) -> io::Result<()> {
    // Elsewhere than on Linux and Windows it takes this option too.
    #[cfg(all(
        unix,
        not(any(
            target_os = "linux",
            target_os = "android",
            target_os = "solaris",
            target_os = "illumos"
        ))
    ))]
    socket.set_reuse_port(true)?;
    socket.set_reuse_address(true)
}

/// Keeps away what is sent to groups that other sockets of this machine have joined (`IP_MULTICAST_ALL`).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn only_own_groups(socket: &socket2::Socket, is_v6: bool) -> io::Result<()> {
    if is_v6 {
        // Linux has it from 4.20 on.
        let _ = socket.set_multicast_all_v6(false);
    }
    // One of IPv6 may take IPv4 too.
    socket.set_multicast_all_v4(false)
}

/// Other systems keep it away by themselves.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn only_own_groups(_: &socket2::Socket, _: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn bind_device(socket: &socket2::Socket, name: &str) -> io::Result<()> {
    socket.bind_device(Some(name.as_bytes()))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bind_device(_: &socket2::Socket, _: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn join(socket: &socket2::Socket, opening: &Opening<'_>) -> io::Result<()> {
    for (group, interfaces) in opening.groups {
        for &interface in interfaces {
            let joined = match group {
                IpAddr::V4(group) => {
                    let by = match interface {
                        0 => InterfaceIndexOrAddress::Address(Ipv4Addr::UNSPECIFIED),
                        index => InterfaceIndexOrAddress::Index(index),
                    };
                    socket.join_multicast_v4_n(group, &by)
                }
                IpAddr::V6(group) => socket.join_multicast_v6(group, interface),
            };
            joined.map_err(|error| not_joined(*group, interface, error))?;
        }
    }
    Ok(())
}

/// Why a group was not joined.
fn not_joined(group: IpAddr, interface: u32, error: io::Error) -> io::Error {
    let there = interfaces().unwrap_or_default();
    let named = there.iter().find(|have| have.index == interface);
    let place = match (interface, named) {
        (0, _) => "the network interface that the kernel chose".to_owned(),
        (_, Some(found)) if found.is_multicast => format!("the network interface {}", found.name),
        (_, Some(found)) => format!(
            "the network interface {}, which is down or cannot do multicast",
            found.name
        ),
        (index, None) => format!("network interface {index}"),
    };
    let text = format!(
        "the group {group} cannot be joined on {place}: {error}; name those to join it on by UdpOptions::interfaces"
    );
    io::Error::new(error.kind(), text)
}

/// A socket of the kernel.
#[derive(Debug)]
struct KernelSocket {
    socket: UdpSocket,
    is_v6: bool,
    packets: packet::Packets,
    senders: Arc<Senders>,
}

/// The tasks that wait for room to send, of which tokio wakes only the one that has asked last.
#[derive(Debug, Default)]
struct Senders(Mutex<Vec<Waker>>);

impl Senders {
    fn add(&self, waker: &Waker) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.iter().any(|known| known.will_wake(waker)) {
            waiting.push(waker.clone());
        }
    }
}

impl Wake for Senders {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl Socket for KernelSocket {
    fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        datagram: &[u8],
        to: SocketAddr,
        from: Option<From>,
    ) -> Poll<io::Result<()>> {
        let to = self.in_own_family(to);
        let send = || {
            self.packets
                .send(&self.socket, self.is_v6, datagram, to, from)
        };
        loop {
            match self.socket.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
            self.senders.add(cx.waker());
            let all = Waker::from(Arc::clone(&self.senders));
            ready!(self.socket.poll_send_ready(&mut Context::from_waker(&all)))?;
        }
    }

    fn poll_receive(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Received>> {
        loop {
            ready!(self.socket.poll_recv_ready(cx))?;
            let receive = || self.packets.receive(&self.socket, buffer);
            match self.socket.try_io(Interest::READABLE, receive) {
                Ok(Some(received)) => return Poll::Ready(Ok(received)),
                Ok(None) => {}
                Err(error) if is_passing(&error) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn receive_now(&self, buffer: &mut [u8]) -> Option<Received> {
        for _ in 0..PASSED_OVER {
            match self.packets.receive(&self.socket, buffer) {
                Ok(Some(received)) => return Some(received),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Ok(None) => {}
                Err(error) if is_passing(&error) => {}
                Err(_) => return None,
            }
        }
        None
    }
}

impl KernelSocket {
    /// An IPv4 address as a socket of IPv6 that takes both writes it.
    fn in_own_family(&self, address: SocketAddr) -> SocketAddr {
        match address {
            SocketAddr::V4(v4) if self.is_v6 => {
                SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0).into()
            }
            other => other,
        }
    }
}

/// True for what is no failure of the socket: there was nothing, or the kernel tells of a datagram sent before that did not arrive.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted, NetworkUnreachable,
        WouldBlock,
    };
    matches!(
        error.kind(),
        ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkUnreachable
            | WouldBlock
    )
}

/// The address as the peer knows it: of IPv4, also on a socket of IPv6 that takes both.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(v4) => (v4, address.port()).into(),
        IpAddr::V6(_) => address,
    }
}

//! One datagram from or to the kernel, with the packet info that tells where it arrived and decides where it leaves from.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use linux::Packets;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use plain::Packets;

/// True where the kernel tells what it cut off.
#[cfg(test)]
pub(super) const KNOWN: bool = cfg!(any(target_os = "linux", target_os = "android"));

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use std::{
        io::{self, IoSlice, IoSliceMut},
        net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
        os::fd::AsRawFd,
        sync::{Mutex, PoisonError},
    };

    use nix::{
        cmsg_space,
        libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo},
        sys::socket::{
            ControlMessage, ControlMessageOwned, MsgFlags, RecvMsg, SockaddrStorage, recvmsg,
            sendmsg, setsockopt,
            sockopt::{Ipv4PacketInfo, Ipv6RecvPacketInfo},
        },
    };
    use soap_core::Destination;
    use tokio::net::UdpSocket;

    use super::super::canonical;
    use crate::udp::net::{From, Received};

    /// Room for the packet info of what is received.
    #[derive(Debug)]
    pub(in super::super) struct Packets(Mutex<Vec<u8>>);

    impl Packets {
        /// Packet info of `socket`.
        pub(in super::super) fn on(socket: &socket2::Socket, is_v6: bool) -> io::Result<Self> {
            if is_v6 {
                setsockopt(socket, Ipv6RecvPacketInfo, &true)?;
            }
            // That of IPv4 alone tells a broadcast, to a socket of IPv6 that takes both too.
            setsockopt(socket, Ipv4PacketInfo, &true)?;
            Ok(Self(Mutex::new(cmsg_space!(in6_pktinfo, in_pktinfo))))
        }

        /// `None`: a datagram that was broadcast, or whose sender is not known.
        pub(in super::super) fn receive(
            &self,
            socket: &UdpSocket,
            buffer: &mut [u8],
        ) -> io::Result<Option<Received>> {
            let mut room = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let parts = &mut [IoSliceMut::new(buffer)];
            let flags = MsgFlags::MSG_DONTWAIT;
            let message = recvmsg::<SockaddrStorage>(
                socket.as_raw_fd(),
                parts,
                Some(room.as_mut_slice()),
                flags,
            )?;
            let Some(source) = message.address.as_ref().and_then(address) else {
                return Ok(None);
            };
            let Arrived::At(destination) = arrived(&message)? else {
                return Ok(None);
            };
            Ok(Some(Received {
                length: message.bytes,
                is_truncated: message.flags.contains(MsgFlags::MSG_TRUNC),
                source,
                destination,
            }))
        }

        pub(in super::super) fn send(
            &self,
            socket: &UdpSocket,
            is_v6: bool,
            datagram: &[u8],
            to: SocketAddr,
            from: Option<From>,
        ) -> io::Result<()> {
            let parts = [IoSlice::new(datagram)];
            let to = SockaddrStorage::from(to);
            let send = |control: &[ControlMessage<'_>]| {
                let flags = MsgFlags::MSG_DONTWAIT;
                sendmsg(socket.as_raw_fd(), &parts, control, flags, Some(&to))
            };
            match from {
                None => send(&[]),
                Some(from) if is_v6 => send(&[ControlMessage::Ipv6PacketInfo(&info_v6(from))]),
                Some(from) => send(&[ControlMessage::Ipv4PacketInfo(&info_v4(from))]),
            }?;
            Ok(())
        }
    }

    fn address(address: &SockaddrStorage) -> Option<SocketAddr> {
        if let Some(&v4) = address.as_sockaddr_in() {
            return Some(SocketAddr::V4(v4.into()));
        }
        let &v6 = address.as_sockaddr_in6()?;
        Some(canonical(SocketAddr::V6(v6.into())))
    }

    enum Arrived {
        At(Option<Destination>),
        /// To an address that is neither this machine's nor a group's: a broadcast, to which nothing is answered.
        ByBroadcast,
    }

    fn arrived(message: &RecvMsg<'_, '_, SockaddrStorage>) -> io::Result<Arrived> {
        let mut destination = None;
        for control in message.cmsgs()? {
            match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    let to = Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr));
                    if !to.is_multicast() && info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr {
                        return Ok(Arrived::ByBroadcast);
                    }
                    let interface = u32::try_from(info.ipi_ifindex).unwrap_or(0);
                    destination = Some(Destination::new(to.into(), interface));
                }
                ControlMessageOwned::Ipv6PacketInfo(info) => {
                    let to = IpAddr::from(info.ipi6_addr.s6_addr).to_canonical();
                    destination = Some(Destination::new(to, info.ipi6_ifindex));
                }
                _ => {}
            }
        }
        Ok(Arrived::At(destination))
    }

    fn info_v4(from: From) -> in_pktinfo {
        let own = match from.address {
            Some(IpAddr::V4(own)) => own,
            _ => Ipv4Addr::UNSPECIFIED,
        };
        in_pktinfo {
            ipi_ifindex: from.interface.try_into().unwrap_or(0),
            ipi_spec_dst: in_addr {
                s_addr: own.to_bits().to_be(),
            },
            ipi_addr: in_addr { s_addr: 0 },
        }
    }

    fn info_v6(from: From) -> in6_pktinfo {
        let own = match from.address {
            Some(IpAddr::V6(own)) => own,
            Some(IpAddr::V4(own)) => own.to_ipv6_mapped(),
            None => Ipv6Addr::UNSPECIFIED,
        };
        in6_pktinfo {
            ipi6_addr: in6_addr {
                s6_addr: own.octets(),
            },
            ipi6_ifindex: from.interface,
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod plain {
    use std::{io, net::SocketAddr};

    use tokio::net::UdpSocket;

    use super::super::canonical;
    use crate::udp::net::{From, Received};

    /// Packet info is not asked for here: nobody knows where a datagram arrived, and the kernel chooses where it leaves from.
    #[derive(Debug)]
    pub(in super::super) struct Packets;

    impl Packets {
        pub(in super::super) fn on(_: &socket2::Socket, _: bool) -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) fn receive(
            &self,
            socket: &UdpSocket,
            buffer: &mut [u8],
        ) -> io::Result<Option<Received>> {
            let (length, source) = socket.try_recv_from(buffer)?;
            Ok(Some(Received {
                length,
                is_truncated: false,
                source: canonical(source),
                destination: None,
            }))
        }

        pub(in super::super) fn send(
            &self,
            socket: &UdpSocket,
            _: bool,
            datagram: &[u8],
            to: SocketAddr,
            _: Option<From>,
        ) -> io::Result<()> {
            socket.try_send_to(datagram, to).map(drop)
        }
    }
}

//! From a URL and options to a socket: the address it is bound to, and the groups it joins.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use soap_core::{Options, transport::TransportError};
use tokio::net::lookup_host;
use url::{Position, Url};

use super::{
    Address, UdpOptions,
    interfaces::{indexes, interfaces},
    net::{Multicast, Network, Opening, Socket},
};

/// A socket that is bound.
pub(super) struct Bound {
    pub(super) socket: Arc<dyn Socket>,
    /// Where peers reach it, port 0 resolved.
    pub(super) url: Url,
    pub(super) has_groups: bool,
}

/// Binds the host of a URL and its port; for a group the port on all addresses, and joins it.
///
/// # Errors
/// Fails if the name or an interface is unknown, if the address is taken, and on groups that a socket there cannot get.
pub(super) async fn bind(
    network: &dyn Network,
    address: Address,
    options: &Options,
    udp: &UdpOptions,
) -> Result<Bound, TransportError> {
    let Address { url, host, port } = address;
    let failed = |error: io::Error| {
        let text = format!("cannot listen on {}: {error}", &url[..Position::BeforePath]);
        TransportError::other(text, false).caused_by(error)
    };
    let mut addresses = lookup_host((host.as_str(), port)).await.map_err(failed)?;
    let asked = addresses.next().ok_or_else(|| {
        failed(io::Error::new(
            io::ErrorKind::NotFound,
            "the host has no address",
        ))
    })?;
    let mut groups = udp.groups.clone();
    if asked.ip().is_multicast() && !groups.contains(&asked.ip()) {
        groups.push(asked.ip());
    }
    let local = match asked.ip() {
        IpAddr::V4(ip) if ip.is_multicast() => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
        IpAddr::V6(ip) if ip.is_multicast() => SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
        _ => asked,
    };
    check_groups(&groups, local)?;
    let mut joined = Vec::new();
    for group in groups {
        joined.push((group, by(group, &udp.interfaces).map_err(failed)?));
    }
    let has_groups = !joined.is_empty();
    // As with streams; but groups are of one family, and that of IPv4 has a socket of its own then.
    let takes_both = !has_groups && local.ip().is_unspecified();
    let opening = Opening {
        local,
        socket: &options.socket,
        only_v6: options.socket.only_v6.unwrap_or(!takes_both),
        is_shared: has_groups,
        groups: &joined,
        multicast: Multicast {
            hops: udp.hops,
            is_looped: udp.multicast_loop,
        },
    };
    let socket = network.open(&opening).map_err(failed)?;
    let port = socket.local().map_err(failed)?.port();
    // A URL with a host, which is all that is needed to take a port.
    let mut bound = url.clone();
    let _ = bound.set_port(Some(port));
    Ok(Bound {
        socket,
        url: bound,
        has_groups,
    })
}

/// The indexes of the interfaces to join `group` on: those `wanted`, or all that can; 0, which leaves it to the kernel, if none is
/// known.
fn by(group: IpAddr, wanted: &[String]) -> io::Result<Vec<u32>> {
    let mut there = interfaces()?;
    if wanted.is_empty() {
        // Without an address of the family an interface cannot answer.
        there.retain(|interface| {
            let mut addresses = interface.addresses.iter();
            addresses.any(|(address, _)| address.is_ipv4() == group.is_ipv4())
        });
    }
    let found = indexes(wanted, &there)?;
    Ok(if found.is_empty() { vec![0] } else { found })
}

/// # Errors
/// Fails on a group whose datagrams a socket bound to `local` does not get.
fn check_groups(groups: &[IpAddr], local: SocketAddr) -> Result<(), TransportError> {
    let all = match local {
        SocketAddr::V4(_) => "0.0.0.0",
        SocketAddr::V6(_) => "[::]",
    };
    for group in groups {
        if group.is_ipv4() != local.is_ipv4() {
            return Err(TransportError::config(format!(
                "the group {group} needs a URL of its own, with an address of its family"
            )));
        }
        if !local.ip().is_unspecified() {
            return Err(TransportError::config(format!(
                "the group {group} needs the URL of all addresses, {all}, or its own: a socket at {} alone does not get what is sent \
                 to a group",
                local.ip()
            )));
        }
    }
    Ok(())
}

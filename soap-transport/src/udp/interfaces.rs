//! The network interfaces of this machine, and which of them options name.

use std::{io, net::IpAddr};

/// An interface that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) index: u32,
    /// Its addresses, each with the number of bits that its neighbours share with it.
    pub(super) addresses: Vec<(IpAddr, u8)>,
    /// It is up and can do multicast.
    pub(super) is_multicast: bool,
}

/// The indexes of the interfaces `wanted` by name or by one of their addresses; of all that can do multicast, if none is. None
/// comes twice.
///
/// # Errors
/// Fails on one that is not among those `there`, which the error lists.
pub(super) fn indexes(wanted: &[String], there: &[Interface]) -> io::Result<Vec<u32>> {
    let mut indexes = Vec::new();
    for wanted in wanted {
        let address: Option<IpAddr> = wanted.parse().ok();
        let found = there.iter().find(|interface| {
            interface.name == *wanted
                || address.is_some_and(|wanted| {
                    interface.addresses.iter().any(|(have, _)| *have == wanted)
                })
        });
        let found = found.ok_or_else(|| unknown(wanted, there))?;
        indexes.push(found.index);
    }
    if wanted.is_empty() {
        let able = there.iter().filter(|interface| interface.is_multicast);
        indexes.extend(able.map(|interface| interface.index));
    }
    indexes.sort_unstable();
    indexes.dedup();
    Ok(indexes)
}

fn unknown(wanted: &str, there: &[Interface]) -> io::Error {
    let names: Vec<_> = there
        .iter()
        .map(|interface| match interface.addresses.first() {
            Some((address, _)) => format!("{} ({address})", interface.name),
            None => interface.name.clone(),
        })
        .collect();
    let text = format!(
        "there is no network interface {wanted:?}; there are: {}",
        names.join(", ")
    );
    io::Error::new(io::ErrorKind::NotFound, text)
}

/// All interfaces of this machine.
#[cfg(unix)]
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    use nix::net::if_::{InterfaceFlags, if_nametoindex};

    let mut found: Vec<Interface> = Vec::new();
    for entry in nix::ifaddrs::getifaddrs()? {
        let at = found
            .iter()
            .position(|interface| interface.name == entry.interface_name);
        let at = match at {
            Some(at) => at,
            None => {
                // One that has just gone.
                let Ok(index) = if_nametoindex(entry.interface_name.as_str()) else {
                    continue;
                };
                let able = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_MULTICAST;
                found.push(Interface {
                    name: entry.interface_name.clone(),
                    index,
                    addresses: Vec::new(),
                    is_multicast: entry.flags.contains(able),
                });
                found.len() - 1
            }
        };
        let address = entry.address.as_ref().and_then(ip);
        if let (Some(interface), Some(address)) = (found.get_mut(at), address) {
            let bits = entry.netmask.as_ref().and_then(ip).map_or(
                if address.is_ipv4() { 32 } else { 128 },
                |mask| match mask {
                    IpAddr::V4(mask) => mask.to_bits().leading_ones(),
                    IpAddr::V6(mask) => mask.to_bits().leading_ones(),
                },
            );
            let bits = u8::try_from(bits).unwrap_or(128);
            interface.addresses.push((address, bits));
        }
    }
    Ok(found)
}

#[cfg(unix)]
fn ip(address: &nix::sys::socket::SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}

/// None is known here: of this machine's networks only the loopback's is its own.
#[cfg(not(unix))]
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there() -> Vec<Interface> {
        let interface = |name: &str, index, address: Option<&str>, is_multicast| Interface {
            name: name.to_owned(),
            index,
            addresses: address
                .into_iter()
                .map(|address| (address.parse().unwrap(), 24))
                .collect(),
            is_multicast,
        };
        vec![
            interface("lo", 1, Some("127.0.0.1"), false),
            interface("eth0", 7, Some("192.0.2.7"), true),
            interface("eth1", 3, Some("fd00::1"), true),
            interface("tun0", 9, None, false),
        ]
    }

    fn of(wanted: &[&str]) -> io::Result<Vec<u32>> {
        let wanted: Vec<_> = wanted.iter().map(|&name| name.to_owned()).collect();
        indexes(&wanted, &there())
    }

    #[test]
    fn interfaces_go_by_name_and_by_address() {
        assert_eq!(of(&["lo", "fd00::1"]).unwrap(), [1, 3]);
        assert_eq!(of(&["192.0.2.7", "eth0"]).unwrap(), [7]);
        assert_eq!(of(&[]).unwrap(), [3, 7], "all that can do multicast");
    }

    #[test]
    fn an_unknown_interface_is_named_with_those_there_are() {
        let error = of(&["eth9"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no network interface \"eth9\"; there are: lo (127.0.0.1), eth0 (192.0.2.7), eth1 (fd00::1), tun0"
        );
    }

    #[cfg(unix)]
    #[test]
    fn this_machine_has_a_loopback() {
        let there = interfaces().unwrap();
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let found = there
            .iter()
            .find(|interface| interface.addresses.contains(&(loopback, 8)));
        assert!(found.is_some_and(|interface| interface.index > 0));
    }
}

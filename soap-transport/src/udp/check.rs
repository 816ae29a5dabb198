//! Refusing options that datagrams cannot honour.

use std::{fmt::Display, time::Duration};

use soap_core::{CloseFirst, Linger, SocketOptions, transport::TransportError};

use super::UdpOptions;

/// The largest payload of a datagram of IPv4, and the largest that is sent over IPv6 too.
pub(super) const LARGEST: usize = 65_507;
/// A copy that leaves later than a minute, or is one of more than a hundred, is no repeat of SOAP-over-UDP.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
const MOST_COPIES: u32 = 100;
/// Most bytes of the name of a network interface on Linux.
const INTERFACE: usize = 15;

/// What a socket is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Listener,
    Client,
}

/// # Errors
/// Fails on the first option that has no meaning for a socket of datagrams, or not for one of `role`, and is not at its default, and
/// on one whose value it cannot take.
pub(super) fn socket(options: &SocketOptions, role: Role) -> Result<(), TransportError> {
    let default = SocketOptions::default();
    let of_streams = [
        ("nodelay", options.nodelay != default.nodelay),
        ("keepalive", options.keepalive != default.keepalive),
        ("user_timeout", options.user_timeout.is_some()),
        ("linger", options.linger != Linger::Default),
        ("close_first", options.close_first != CloseFirst::Client),
        ("backlog", options.backlog != default.backlog),
        (
            "reuse_address",
            options.reuse_address != default.reuse_address,
        ),
        ("reuse_port", options.reuse_port != default.reuse_port),
    ];
    if let Some((option, _)) = of_streams.iter().find(|(_, is_set)| *is_set) {
        return Err(TransportError::config(format!(
            "SocketOptions::{option} is for streams: it means nothing on soap.udp, so leave it out for such a URL"
        )));
    }
    let other = match role {
        Role::Listener if options.local_address.is_some() => Some(
            "local_address is for clients, not for a listener, whose address is that of its URL",
        ),
        Role::Client if options.only_v6.is_some() => {
            Some("only_v6 is for listeners, not for a client")
        }
        _ => None,
    };
    if let Some(text) = other {
        return Err(TransportError::config(format!("SocketOptions::{text}")));
    }
    for (option, bytes) in [
        ("receive_buffer", options.receive_buffer),
        ("send_buffer", options.send_buffer),
    ] {
        if bytes.is_some_and(|bytes| i32::try_from(bytes).map_or(true, |bytes| bytes < 1)) {
            let bytes = bytes.unwrap_or_default();
            let allowed = format!("from 1 to {}", i32::MAX);
            return Err(refused(
                &format!("SocketOptions::{option}"),
                bytes,
                &allowed,
            ));
        }
    }
    match options.interface.as_deref() {
        Some(_) if !cfg!(target_os = "linux") => Err(TransportError::config(
            "SocketOptions::interface is for Linux only",
        )),
        Some(name) if !(1..=INTERFACE).contains(&name.len()) || name.contains('\0') => {
            let allowed = format!("names of 1 to {INTERFACE} bytes without NUL");
            let shown = format!("{name:?}");
            Err(refused("SocketOptions::interface", shown, &allowed))
        }
        _ => Ok(()),
    }
}

/// `options` with those at their defaults that are for streams.
pub(super) fn without_streams(options: &SocketOptions) -> SocketOptions {
    let SocketOptions {
        nodelay,
        keepalive,
        user_timeout,
        linger,
        close_first,
        backlog,
        reuse_address,
        reuse_port,
        ..
    } = SocketOptions::default();
    let mut kept = options.clone();
    kept.nodelay = nodelay;
    kept.keepalive = keepalive;
    kept.user_timeout = user_timeout;
    kept.linger = linger;
    kept.close_first = close_first;
    kept.backlog = backlog;
    kept.reuse_address = reuse_address;
    kept.reuse_port = reuse_port;
    kept
}

/// # Errors
/// Fails on the first value that is out of its range, or does not go with the others.
pub(super) fn udp(options: &UdpOptions) -> Result<(), TransportError> {
    each(options)?;
    together(options)
}

/// # Errors
/// Fails on the first value that is out of its range, whatever the others are.
pub(crate) fn each(options: &UdpOptions) -> Result<(), TransportError> {
    for (option, copies) in [
        ("unicast_repeat", options.unicast_repeat),
        ("multicast_repeat", options.multicast_repeat),
    ] {
        if copies > MOST_COPIES {
            let allowed = format!("from 0 to {MOST_COPIES}");
            return Err(refused_udp(option, copies, &allowed));
        }
    }
    for (option, delay) in [
        ("min_delay", options.min_delay),
        ("max_delay", options.max_delay),
        ("upper_delay", options.upper_delay),
    ] {
        if delay > LONGEST_DELAY {
            let allowed = format!("up to {LONGEST_DELAY:?}");
            return Err(refused_udp(option, format!("{delay:?}"), &allowed));
        }
    }
    if options.seen == 0 {
        return Err(refused_udp("seen", 0, "1 and more"));
    }
    if options.answer.is_zero() {
        return Err(refused_udp("answer", "0s", "any longer time"));
    }
    if !(1..=LARGEST).contains(&options.datagram) {
        let allowed = format!("from 1 to {LARGEST}");
        return Err(refused_udp("datagram", options.datagram, &allowed));
    }
    if options.hops > 255 {
        return Err(refused_udp("hops", options.hops, "from 0 to 255"));
    }
    match options.groups.iter().find(|group| !group.is_multicast()) {
        Some(other) => Err(refused_udp("groups", other, "multicast addresses")),
        None => Ok(()),
    }
}

/// The options that [`together`] compares.
#[cfg(feature = "config")]
pub(crate) const DELAYS: &[&str] = &["min_delay", "max_delay", "upper_delay"];

/// # Errors
/// Fails on the first delay that is longer than the next one.
pub(crate) fn together(options: &UdpOptions) -> Result<(), TransportError> {
    let UdpOptions {
        min_delay,
        max_delay,
        upper_delay,
        ..
    } = *options;
    for (option, delay, next, most) in [
        ("min_delay", min_delay, "max_delay", max_delay),
        ("max_delay", max_delay, "upper_delay", upper_delay),
    ] {
        if delay > most {
            let allowed = format!("up to {next}, which is {most:?}");
            return Err(refused_udp(option, format!("{delay:?}"), &allowed));
        }
    }
    Ok(())
}

fn refused_udp(option: &str, value: impl Display, allowed: &str) -> TransportError {
    refused(&format!("UdpOptions::{option}"), value, allowed)
}

fn refused(option: &str, value: impl Display, allowed: &str) -> TransportError {
    TransportError::config(format!("{option} is {value}; allowed: {allowed}"))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use soap_core::Keepalive;

    use super::*;

    fn says(result: Result<(), TransportError>) -> String {
        let error = result.unwrap_err();
        assert!(error.is_config(), "{error:?}");
        error.to_string()
    }

    #[test]
    fn options_of_streams_are_refused_by_name() {
        let new = SocketOptions::new;
        for (option, options) in [
            ("nodelay", new().nodelay(false)),
            ("keepalive", new().keepalive(Keepalive::Off)),
            ("user_timeout", new().user_timeout(Duration::from_secs(1))),
            ("linger", new().linger(Linger::Abort)),
            ("close_first", new().close_first(CloseFirst::Server)),
            ("backlog", new().backlog(7)),
            ("reuse_address", new().reuse_address(false)),
            ("reuse_port", new().reuse_port(true)),
        ] {
            let text = format!(
                "SocketOptions::{option} is for streams: it means nothing on soap.udp, so leave it out for such a URL"
            );
            for role in [Role::Listener, Role::Client] {
                assert_eq!(says(socket(&options, role)), text);
            }
            assert_eq!(without_streams(&options), new());
        }
    }

    #[test]
    fn options_of_the_other_side_are_refused_by_name() {
        let only_v6 = SocketOptions::new().only_v6(true);
        socket(&only_v6, Role::Listener).unwrap();
        assert_eq!(
            says(socket(&only_v6, Role::Client)),
            "SocketOptions::only_v6 is for listeners, not for a client"
        );
        let local = SocketOptions::new().local_address(IpAddr::from([127, 0, 0, 1]));
        socket(&local, Role::Client).unwrap();
        let text = says(socket(&local, Role::Listener));
        assert!(text.starts_with("SocketOptions::local_address is for clients"));
    }

    #[test]
    fn values_out_of_range_are_refused_with_what_is_allowed() {
        let new = SocketOptions::new;
        assert_eq!(
            says(socket(&new().receive_buffer(0), Role::Client)),
            "SocketOptions::receive_buffer is 0; allowed: from 1 to 2147483647"
        );
        assert_eq!(
            says(socket(&new().send_buffer(1 << 31), Role::Listener)),
            "SocketOptions::send_buffer is 2147483648; allowed: from 1 to 2147483647"
        );
        let ms = Duration::from_millis;
        let new = UdpOptions::new;
        for (options, text) in [
            (
                new().unicast_repeat(101),
                "unicast_repeat is 101; allowed: from 0 to 100",
            ),
            (
                new().multicast_repeat(u32::MAX),
                "multicast_repeat is 4294967295; allowed: from 0 to 100",
            ),
            (
                new().min_delay(ms(251)),
                "min_delay is 251ms; allowed: up to max_delay, which is 250ms",
            ),
            (
                new().max_delay(ms(501)),
                "max_delay is 501ms; allowed: up to upper_delay, which is 500ms",
            ),
            (
                new().upper_delay(Duration::MAX),
                "upper_delay is 18446744073709551615.999999999s; allowed: up to 60s",
            ),
            (
                new().answer(ms(0)),
                "answer is 0s; allowed: any longer time",
            ),
            (new().seen(0), "seen is 0; allowed: 1 and more"),
            (new().datagram(0), "datagram is 0; allowed: from 1 to 65507"),
            (
                new().datagram(65_508),
                "datagram is 65508; allowed: from 1 to 65507",
            ),
            (new().hops(256), "hops is 256; allowed: from 0 to 255"),
            (
                new().groups([IpAddr::from([192, 0, 2, 1])]),
                "groups is 192.0.2.1; allowed: multicast addresses",
            ),
        ] {
            assert_eq!(says(udp(&options)), format!("UdpOptions::{text}"));
        }
        for options in [new(), UdpOptions::draft_2004(), UdpOptions::dpws()] {
            udp(&options).unwrap();
        }
        udp(&new()
            .min_delay(ms(0))
            .max_delay(ms(0))
            .upper_delay(ms(0))
            .hops(255))
        .unwrap();
    }
}

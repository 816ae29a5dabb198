//! Refusing socket options that cannot be honoured.

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use soap_core::{Keepalive, Linger, SocketOptions, transport::TransportError};

use super::platform::{LINUX, REUSE_PORT};

/// Most bytes of the name of a network interface on Linux.
const INTERFACE: usize = 15;
/// What fits into the kernel's `int`.
const INT: RangeInclusive<u128> = 1..=i32::MAX as u128;

/// What a socket is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Listener,
    Client,
}

/// # Errors
/// Fails on the first option that cannot be honoured, naming it, its value and what is allowed.
pub(crate) fn check(options: &SocketOptions, role: Role) -> Result<(), TransportError> {
    roles(options, role)?;
    platform(options)?;
    number("backlog", options.backlog.into(), INT)?;
    let buffers = [
        ("receive_buffer", options.receive_buffer),
        ("send_buffer", options.send_buffer),
    ];
    for (option, bytes) in buffers {
        if let Some(bytes) = bytes {
            number(option, bytes as u128, INT)?;
        }
    }
    if let Keepalive::Probes {
        idle,
        interval,
        count,
    } = options.keepalive
    {
        seconds("keepalive (idle)", idle)?;
        seconds("keepalive (interval)", interval)?;
        number("keepalive (count)", count.into(), 1..=127)?;
    }
    if let Some(time) = options.user_timeout {
        let whole = time.subsec_nanos() % 1_000_000 == 0;
        if !whole || !INT.contains(&time.as_millis()) {
            let allowed = format!("whole milliseconds from 1 to {}", INT.end());
            return Err(refused("user_timeout", format!("{time:?}"), &allowed));
        }
    }
    options.interface.as_deref().map_or(Ok(()), interface)
}

/// What has no meaning for a listener or a client must be at its default.
fn roles(options: &SocketOptions, role: Role) -> Result<(), TransportError> {
    let default = SocketOptions::default();
    let of_listeners = [
        (
            "reuse_address",
            options.reuse_address != default.reuse_address,
        ),
        ("reuse_port", options.reuse_port != default.reuse_port),
        ("backlog", options.backlog != default.backlog),
        ("only_v6", options.only_v6 != default.only_v6),
        ("close_first", options.close_first != default.close_first),
    ];
    let of_clients = [(
        "local_address",
        options.local_address != default.local_address,
    )];
    let (others, text) = match role {
        Role::Listener => (
            &of_clients[..],
            "is for clients, not for a listener, whose address is that of its URL",
        ),
        Role::Client => (&of_listeners[..], "is for listeners, not for a client"),
    };
    if let Some((option, _)) = others.iter().find(|(_, set)| *set) {
        let text = format!("SocketOptions::{option} {text}");
        return Err(TransportError::config(text));
    }
    match (role, options.linger) {
        (Role::Client, Linger::Wait(_)) => Err(TransportError::config(
            "Linger::Wait is for listeners, not for a client, which has read its answer when it closes",
        )),
        _ => Ok(()),
    }
}

fn platform(options: &SocketOptions) -> Result<(), TransportError> {
    let wanted = [
        ("reuse_port", options.reuse_port, REUSE_PORT),
        ("user_timeout", options.user_timeout.is_some(), LINUX),
        ("interface", options.interface.is_some(), LINUX),
    ];
    let lacking = wanted.iter().find(|(_, wanted, there)| *wanted && !there);
    match lacking {
        Some((option, ..)) => Err(TransportError::config(format!(
            "SocketOptions::{option} is not available on {}",
            std::env::consts::OS
        ))),
        None => Ok(()),
    }
}

fn number(option: &str, value: u128, allowed: RangeInclusive<u128>) -> Result<(), TransportError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let allowed = format!("from {} to {}", allowed.start(), allowed.end());
    Err(refused(option, value, &allowed))
}

/// The kernel takes whole seconds up to 32,767.
fn seconds(option: &str, time: Duration) -> Result<(), TransportError> {
    if time.subsec_nanos() == 0 && (1..=32_767).contains(&time.as_secs()) {
        return Ok(());
    }
    let allowed = "whole seconds from 1 to 32767";
    Err(refused(option, format!("{time:?}"), allowed))
}

fn interface(name: &str) -> Result<(), TransportError> {
    if (1..=INTERFACE).contains(&name.len()) && !name.contains('\0') {
        return Ok(());
    }
    let allowed = format!("names of 1 to {INTERFACE} bytes without NUL");
    Err(refused("interface", format!("{name:?}"), &allowed))
}

fn refused(option: &str, value: impl Display, allowed: &str) -> TransportError {
    TransportError::config(format!(
        "SocketOptions::{option} is {value}; allowed: {allowed}"
    ))
}

#[cfg(test)]
mod tests {
    use soap_core::CloseFirst;

    use super::*;

    fn probes(idle: Duration, interval: Duration, count: u32) -> SocketOptions {
        SocketOptions::new().keepalive(Keepalive::Probes {
            idle,
            interval,
            count,
        })
    }

    fn says(options: &SocketOptions, role: Role) -> String {
        let error = check(options, role).unwrap_err();
        assert!(error.is_config(), "{error}");
        error.to_string()
    }

    #[test]
    fn what_is_out_of_range_is_named_with_what_is_allowed() {
        let new = SocketOptions::new;
        let s = Duration::from_secs;
        for (options, text) in [
            (
                probes(s(0), s(1), 1),
                "keepalive (idle) is 0ns; allowed: whole seconds from 1 to 32767",
            ),
            (
                probes(s(32_768), s(1), 1),
                "keepalive (idle) is 32768s; allowed: whole seconds from 1 to 32767",
            ),
            (
                probes(s(1), Duration::from_millis(1500), 1),
                "keepalive (interval) is 1.5s; allowed: whole seconds from 1 to 32767",
            ),
            (
                probes(s(1), s(1), 0),
                "keepalive (count) is 0; allowed: from 1 to 127",
            ),
            (
                probes(s(1), s(1), 128),
                "keepalive (count) is 128; allowed: from 1 to 127",
            ),
            (
                new().receive_buffer(Some(0)),
                "receive_buffer is 0; allowed: from 1 to 2147483647",
            ),
            (
                new().send_buffer(Some(1 << 31)),
                "send_buffer is 2147483648; allowed: from 1 to 2147483647",
            ),
        ] {
            for role in [Role::Listener, Role::Client] {
                assert_eq!(says(&options, role), format!("SocketOptions::{text}"));
            }
        }
        for backlog in [0, 1 << 31] {
            let text =
                format!("SocketOptions::backlog is {backlog}; allowed: from 1 to 2147483647");
            assert_eq!(says(&new().backlog(backlog), Role::Listener), text);
        }
    }

    #[test]
    fn what_has_no_meaning_for_the_role_is_refused_by_name() {
        let new = SocketOptions::new;
        for (option, options) in [
            ("reuse_address", new().reuse_address(false)),
            ("reuse_port", new().reuse_port(true)),
            ("backlog", new().backlog(7)),
            ("only_v6", new().only_v6(Some(false))),
            ("close_first", new().close_first(CloseFirst::Server)),
        ] {
            let text = format!("SocketOptions::{option} is for listeners, not for a client");
            assert_eq!(says(&options, Role::Client), text);
        }
        let wait = new().linger(Linger::Wait(Duration::from_secs(1)));
        check(&wait, Role::Listener).unwrap();
        let text = says(&wait, Role::Client);
        assert!(
            text.starts_with("Linger::Wait is for listeners, not for a client"),
            "{text}"
        );
        let local = new().local_address(Some([127, 0, 0, 1].into()));
        let text = says(&local, Role::Listener);
        assert!(
            text.starts_with("SocketOptions::local_address is for clients"),
            "{text}"
        );
    }

    #[test]
    fn all_else_is_taken() {
        let s = Duration::from_secs;
        let both = probes(s(32_767), s(1), 127)
            .nodelay(false)
            .receive_buffer(Some(1))
            .send_buffer(Some((1 << 31) - 1))
            .linger(Linger::Abort);
        let client = both.clone().local_address(Some([127, 0, 0, 1].into()));
        let listener = both
            .backlog((1 << 31) - 1)
            .only_v6(Some(true))
            .reuse_address(false)
            .close_first(CloseFirst::Server);
        for role in [Role::Listener, Role::Client] {
            check(&SocketOptions::new(), role).unwrap();
        }
        check(&client, Role::Client).unwrap();
        check(&listener, Role::Listener).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_linux_has() {
        let new = SocketOptions::new;
        let millis = Duration::from_millis;
        let good = new()
            .interface("fifteen-letters")
            .user_timeout(Some(millis(i32::MAX as u64)));
        check(&good, Role::Client).unwrap();
        check(&good.reuse_port(true), Role::Listener).unwrap();
        for (time, shown) in [
            (Duration::ZERO, "0ns"),
            (Duration::from_micros(1500), "1.5ms"),
            (millis(1 << 31), "2147483.648s"),
        ] {
            assert_eq!(
                says(&new().user_timeout(Some(time)), Role::Client),
                format!(
                    "SocketOptions::user_timeout is {shown}; allowed: whole milliseconds from 1 to 2147483647"
                )
            );
        }
        for name in ["", "a\0b", "sixteen-letters!"] {
            assert_eq!(
                says(&new().interface(name), Role::Client),
                format!(
                    "SocketOptions::interface is {name:?}; allowed: names of 1 to 15 bytes without NUL"
                )
            );
        }
    }

    #[cfg(windows)]
    #[test]
    fn what_windows_lacks() {
        let text = says(&SocketOptions::new().reuse_port(true), Role::Listener);
        assert_eq!(
            text,
            "SocketOptions::reuse_port is not available on windows"
        );
    }
}

//! The kernel's own table of TCP sockets (Linux: `/proc/net/tcp`, `/proc/net/tcp6`), with the states by name.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// A state of RFC 9293 3.3.2, by the number the kernel gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Established,
    SynSent,
    SynReceived,
    FinWait1,
    FinWait2,
    TimeWait,
    Closed,
    CloseWait,
    LastAck,
    Listen,
    Closing,
}

/// What a socket waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    None,
    /// To send again what was not acknowledged.
    Again,
    /// To probe a silent peer, `SO_KEEPALIVE`.
    KeepAlive,
    /// For the end of TIME_WAIT.
    TimeWait,
    /// To ask a peer that takes nothing whether it does now.
    Window,
}

/// One socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub state: State,
    /// Bytes the peer has not acknowledged, not yet sent ones included.
    pub unsent: u32,
    /// Bytes the program has not read; of a listener the connections it has not accepted.
    pub unread: u32,
    pub timer: Timer,
    /// Until the timer rings.
    pub rings: Duration,
}

/// The TCP sockets of this network that are at `local`.
pub fn at(local: SocketAddr) -> Vec<Socket> {
    let table = match local {
        SocketAddr::V4(_) => "/proc/self/net/tcp",
        SocketAddr::V6(_) => "/proc/self/net/tcp6",
    };
    let table = fs::read_to_string(table).expect("a table");
    // There may be many thousands in TIME_WAIT.
    let port = format!(":{:04X} ", local.port());
    let lines = table.lines().skip(1).filter(|line| line.contains(&port));
    lines
        .map(|line| socket(line).unwrap_or_else(|| panic!("not a line of the table: {line}")))
        .filter(|socket| socket.local == local)
        .collect()
}

/// The end of a connection that is at `local`.
pub fn end(local: SocketAddr, remote: SocketAddr) -> Option<Socket> {
    let is_it = |socket: &Socket| socket.remote == remote;
    at(local).into_iter().find(is_it)
}

/// Waits until the table says what is wanted of the end of a connection that is at `local`; `None` is an end that is not there.
pub async fn becomes(
    local: SocketAddr,
    remote: SocketAddr,
    wanted: impl Fn(Option<&Socket>) -> bool,
) -> Option<Socket> {
    let mut seen = None;
    let asking = async {
        loop {
            seen = end(local, remote);
            if wanted(seen.as_ref()) {
                return;
            }
            // The kernel tells nobody when its table changes.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let asked = tokio::time::timeout(Duration::from_secs(30), asking).await;
    assert!(asked.is_ok(), "{local} towards {remote} stays {seen:?}");
    seen
}

/// Waits for a state.
pub async fn is_in(state: State, local: SocketAddr, remote: SocketAddr) -> Socket {
    let found = becomes(local, remote, |end| {
        end.is_some_and(|end| end.state == state)
    });
    found.await.expect("it is there")
}

/// Waits until the kernel knows nothing of this end any more.
pub async fn is_gone(local: SocketAddr, remote: SocketAddr) {
    becomes(local, remote, |end| end.is_none()).await;
}

/// `sl local remote state unsent:unread timer:rings again uid timeout inode …`
fn socket(line: &str) -> Option<Socket> {
    let fields: Vec<_> = line.split_ascii_whitespace().collect();
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let (unsent, unread) = fields.get(4)?.split_once(':')?;
    let (timer, rings) = fields.get(5)?.split_once(':')?;
    Some(Socket {
        local: address(fields.get(1)?)?,
        remote: address(fields.get(2)?)?,
        state: state(number(fields.get(3)?)?)?,
        unsent: number(unsent)?,
        unread: number(unread)?,
        timer: match number(timer)? {
            0 => Timer::None,
            1 => Timer::Again,
            2 => Timer::KeepAlive,
            3 => Timer::TimeWait,
            4 => Timer::Window,
            _ => return None,
        },
        // In hundredths of a second, whatever the kernel counts in.
        rings: Duration::from_millis(10) * number(rings)?,
    })
}

fn state(number: u32) -> Option<State> {
    Some(match number {
        1 => State::Established,
        2 => State::SynSent,
        3 | 12 => State::SynReceived,
        4 => State::FinWait1,
        5 => State::FinWait2,
        6 => State::TimeWait,
        7 => State::Closed,
        8 => State::CloseWait,
        9 => State::LastAck,
        10 => State::Listen,
        11 => State::Closing,
        _ => return None,
    })
}

/// The address in words of 32 bits as they lie in memory, then the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (words, port) = text.split_once(':')?;
    let mut bytes = Vec::new();
    for at in (0..words.len()).step_by(8) {
        let word = u32::from_str_radix(words.get(at..at + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip = match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(bytes) => IpAddr::from(Ipv4Addr::from(bytes)),
        Err(_) => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(&bytes[..]).ok()?)),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

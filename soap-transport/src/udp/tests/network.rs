//! A network in process, on tokio's paused clock: it loses, doubles, delays and so reorders datagrams as a seed decides, and
//! keeps a record of each that was sent and of each that arrived.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use soap_core::Destination;
use tokio::time::{Instant, sleep};

use crate::udp::net::{From, Network, Opening, Received, Socket};

/// What becomes of datagrams.
#[derive(Debug, Clone)]
pub(super) struct Weather {
    /// Of a hundred, so many are lost.
    pub(super) lost: u8,
    /// Of a hundred of the others, so many arrive twice.
    pub(super) doubled: u8,
    /// Milliseconds under way.
    pub(super) delay: RangeInclusive<u64>,
}

impl Weather {
    /// Everything arrives, a millisecond later.
    pub(super) const FINE: Self = Self {
        lost: 0,
        doubled: 0,
        delay: 1..=1,
    };
}

/// A datagram that was sent or has arrived.
#[derive(Debug, Clone)]
pub(super) struct Datagram {
    pub(super) at: Instant,
    pub(super) source: SocketAddr,
    /// Where it was sent to; of one that has arrived, the socket that got it.
    pub(super) to: SocketAddr,
    pub(super) from: Option<From>,
    pub(super) bytes: Bytes,
}

/// The network; clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Simulated(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    weather: Weather,
    random: fastrand::Rng,
    ports: HashMap<SocketAddr, Port>,
    next_port: u16,
    /// Machines that listen to groups.
    hosts: u8,
    sent: Vec<Datagram>,
    arrived: Vec<Datagram>,
    /// What the next sends fail with.
    failures: VecDeque<io::Error>,
}

#[derive(Debug, Default)]
struct Port {
    groups: Vec<IpAddr>,
    waiting: VecDeque<(Bytes, SocketAddr, Destination)>,
    waker: Option<Waker>,
}

/// The address of whoever binds to none.
const OWN: [u8; 4] = [10, 0, 0, 1];

impl Simulated {
    pub(super) fn new(weather: Weather, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            weather,
            random: fastrand::Rng::with_seed(seed),
            ports: HashMap::new(),
            next_port: 10_000,
            hosts: 0,
            sent: Vec::new(),
            arrived: Vec::new(),
            failures: VecDeque::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn sent(&self) -> Vec<Datagram> {
        self.state().sent.clone()
    }

    pub(super) fn arrived(&self) -> Vec<Datagram> {
        self.state().arrived.clone()
    }

    pub(super) fn open_sockets(&self) -> usize {
        self.state().ports.len()
    }

    /// Lets the next sends fail with these.
    pub(super) fn fail(&self, with: impl IntoIterator<Item = io::Error>) {
        self.state().failures.extend(with);
    }

    /// Sends as `source`, whoever that is.
    pub(super) fn send(
        &self,
        source: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
        from: Option<From>,
    ) {
        let mut state = self.state();
        let datagram = Datagram {
            at: Instant::now(),
            source,
            to,
            from,
            bytes: Bytes::copy_from_slice(bytes),
        };
        state.sent.push(datagram.clone());
        let receivers: Vec<_> = if to.ip().is_multicast() {
            let joined = state.ports.iter().filter(|(local, port)| {
                local.port() == to.port() && port.groups.contains(&to.ip())
            });
            let mut joined: Vec<_> = joined.map(|(local, _)| *local).collect();
            joined.sort();
            joined
        } else {
            vec![to]
        };
        for receiver in receivers {
            for delay in state.fate() {
                let (network, datagram) = (self.clone(), datagram.clone());
                tokio::spawn(async move {
                    sleep(delay).await;
                    network.deliver(receiver, datagram);
                });
            }
        }
    }

    fn deliver(&self, receiver: SocketAddr, mut datagram: Datagram) {
        let state = &mut *self.state();
        let Some(port) = state.ports.get_mut(&receiver) else {
            return;
        };
        let destination = Destination::new(datagram.to.ip(), 7);
        let arrived = (datagram.bytes.clone(), datagram.source, destination);
        port.waiting.push_back(arrived);
        if let Some(waker) = port.waker.take() {
            waker.wake();
        }
        datagram.at = Instant::now();
        datagram.to = receiver;
        state.arrived.push(datagram);
    }
}

impl State {
    /// How long each of the datagrams that one becomes is under way.
    fn fate(&mut self) -> Vec<Duration> {
        let Weather {
            lost,
            doubled,
            delay,
        } = self.weather.clone();
        if self.random.u8(0..100) < lost {
            return Vec::new();
        }
        let count = 1 + usize::from(self.random.u8(0..100) < doubled);
        let delays = (0..count).map(|_| Duration::from_millis(self.random.u64(delay.clone())));
        delays.collect()
    }
}

impl Network for Simulated {
    fn open(&self, opening: &Opening<'_>) -> io::Result<Arc<dyn Socket>> {
        let mut state = self.state();
        let mut local = opening.local;
        if local.ip().is_unspecified() && opening.groups.is_empty() {
            local.set_ip(match local {
                SocketAddr::V4(_) => OWN.into(),
                SocketAddr::V6(_) => [0xfd00, 0, 0, 0, 0, 0, 0, 1].into(),
            });
        }
        if local.port() == 0 {
            local.set_port(state.next_port);
            state.next_port = state.next_port.checked_add(1).unwrap_or(10_000);
        }
        if local.ip().is_unspecified() {
            // Each that listens to a group is a machine of its own.
            state.hosts += 1;
            local.set_ip([10, 0, 1, state.hosts].into());
        }
        if state.ports.contains_key(&local) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let groups = opening.groups.iter().map(|(group, _)| *group).collect();
        let port = Port {
            groups,
            ..Port::default()
        };
        state.ports.insert(local, port);
        Ok(Arc::new(SimulatedSocket {
            network: self.clone(),
            local,
        }))
    }

    fn prefixes(&self) -> io::Result<Vec<(IpAddr, u8)>> {
        Ok(vec![(OWN.into(), 8)])
    }
}

#[derive(Debug)]
struct SimulatedSocket {
    network: Simulated,
    local: SocketAddr,
}

impl Socket for SimulatedSocket {
    fn local(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn poll_send(
        &self,
        _: &mut Context<'_>,
        datagram: &[u8],
        to: SocketAddr,
        from: Option<From>,
    ) -> Poll<io::Result<()>> {
        if let Some(failure) = self.network.state().failures.pop_front() {
            return Poll::Ready(Err(failure));
        }
        self.network.send(self.local, to, datagram, from);
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Received>> {
        if let Some(received) = self.receive_now(buffer) {
            return Poll::Ready(Ok(received));
        }
        let mut state = self.network.state();
        let port = state.ports.get_mut(&self.local).unwrap();
        port.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn receive_now(&self, buffer: &mut [u8]) -> Option<Received> {
        let mut state = self.network.state();
        let port = state.ports.get_mut(&self.local).unwrap();
        let (bytes, source, destination) = port.waiting.pop_front()?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        Some(Received {
            length,
            is_truncated: bytes.len() > length,
            source,
            destination: Some(destination),
        })
    }
}

impl Drop for SimulatedSocket {
    fn drop(&mut self) {
        self.network.state().ports.remove(&self.local);
    }
}

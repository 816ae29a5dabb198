//! Which connections there are, how many there may be, and which has to go.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
    },
    time::Duration,
};

use soap_core::{Capacity, Options};
use tokio::{net::TcpStream, sync::Notify};

use super::{
    connection::{Connection, Phase, Signal},
    counters::Counters,
    tally::{Closed, Limit},
};
use crate::socket;

/// Connections told at a time that there is no room for them, and connections that leave at a time to make room.
const MARGIN: usize = 32;
/// File descriptors left to the rest of the process.
const RESERVED: usize = 64;

/// The connections of one server, whatever the binding they came in by.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    per_peer: usize,
    /// Addresses that are not counted, besides loopback.
    trusted: Vec<IpAddr>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    all: HashMap<u64, Entry>,
    refused: usize,
    peers: HashMap<IpAddr, usize>,
    /// But for what is open.
    counters: Counters,
}

#[derive(Debug)]
struct Entry {
    binding: Arc<Binding>,
    connection: Arc<Connection>,
    refused: bool,
}

/// The connections that came in by one listener, which stops by itself.
#[derive(Debug)]
pub(crate) struct Binding {
    connections: Arc<Connections>,
    open: AtomicUsize,
    stopping: AtomicBool,
    leaving: AtomicBool,
    left: Notify,
}

/// What becomes of a connection that was accepted.
pub(crate) enum Admission {
    Served(Ticket),
    /// There is no room: say so.
    Refused(Ticket, Limit),
    /// Not even for that.
    Dropped(Limit),
}

/// The place of one connection; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Ticket {
    binding: Arc<Binding>,
    connection: Arc<Connection>,
    id: u64,
    refused: bool,
    /// A ticket without an end is that of a connection whose task was dropped.
    closed: Option<Closed>,
}

impl Connections {
    pub(crate) fn new(capacity: &Capacity) -> Self {
        let trusted = capacity.trusted_proxies.iter();
        Self {
            most: most(capacity.connections, socket::descriptors()),
            per_peer: capacity.connections_per_peer,
            trusted: trusted.map(IpAddr::to_canonical).collect(),
            table: Mutex::default(),
        }
    }

    /// Those of the server that gives `options` to a binding, or of the binding alone.
    pub(crate) fn among(options: &Options) -> Arc<Self> {
        match options.get::<Arc<Self>>() {
            Some(shared) => Arc::clone(shared),
            None => Arc::new(Self::new(&options.capacity)),
        }
    }

    /// Makes room where the process has no file descriptor left.
    pub(crate) fn evict(&self) {
        let mut table = self.table();
        table.counters.out_of_descriptors += 1;
        table.evict();
    }

    pub(crate) fn counters(&self) -> Counters {
        let table = self.table();
        let mut counters = table.counters;
        let served = table.all.values().filter(|entry| !entry.refused);
        for entry in served {
            match entry.connection.phase() {
                Phase::Fresh | Phase::Idle => counters.idle += 1,
                Phase::Head | Phase::Busy | Phase::Answering => counters.active += 1,
            }
        }
        counters
    }

    /// The address by which the connections of `peer` are counted, if they are.
    fn counted(&self, peer: SocketAddr) -> Option<IpAddr> {
        let address = peer.ip().to_canonical();
        let exempt = address.is_loopback() || self.trusted.contains(&address);
        (!exempt).then_some(address)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Binding {
    /// A binding without a connection.
    pub(crate) fn of(connections: &Arc<Connections>) -> Arc<Self> {
        Arc::new(Self {
            connections: Arc::clone(connections),
            open: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            left: Notify::new(),
        })
    }

    /// Finds a place for a connection; the one idle longest may lose its own.
    pub(crate) fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) -> Admission {
        let &Connections { most, per_peer, .. } = &*self.connections;
        let mut table = self.connections.table();
        let address = self.connections.counted(peer);
        let of_peer = address.and_then(|address| table.peers.get(&address).copied());
        let served = table.all.len() - table.refused;
        let limit = if of_peer.unwrap_or(0) >= per_peer {
            Some(Limit::ConnectionsPerPeer)
        } else if served < most || served < most.saturating_add(MARGIN) && table.evict() {
            None
        } else {
            Some(Limit::Connections)
        };
        match limit {
            Some(limit) => table.counters.refused(limit),
            None => table.counters.accepted += 1,
        }
        if let Some(limit) = limit
            && table.refused >= MARGIN
        {
            return Admission::Dropped(limit);
        }
        let connection = Arc::new(Connection::new(stream, peer));
        let id = table.next;
        table.next += 1;
        let entry = Entry {
            binding: Arc::clone(self),
            connection: Arc::clone(&connection),
            refused: limit.is_some(),
        };
        table.all.insert(id, entry);
        self.open.fetch_add(1, SeqCst);
        match address {
            _ if limit.is_some() => table.refused += 1,
            Some(address) => *table.peers.entry(address).or_default() += 1,
            None => {}
        }
        let ticket = Ticket {
            binding: Arc::clone(self),
            connection,
            id,
            refused: limit.is_some(),
            closed: None,
        };
        match limit {
            None => Admission::Served(ticket),
            Some(limit) => Admission::Refused(ticket, limit),
        }
    }

    /// From now on every answer announces the end of its connection.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Relaxed);
    }

    #[cfg(feature = "http")]
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Relaxed)
    }

    /// True once connections are told to leave: the grace of a stop is over.
    #[cfg(feature = "tcp")]
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Relaxed)
    }

    /// Gives a signal to every connection of this binding.
    pub(crate) fn signal(&self, signal: Signal) {
        self.each(|connection| connection.signal(signal));
    }

    /// Tells every connection of this binding to leave once it is silent, a head after `patience`.
    pub(crate) fn leave(&self, patience: Duration) {
        self.leaving.store(true, Relaxed);
        self.each(|connection| connection.leave(patience));
    }

    fn each(&self, f: impl Fn(&Connection)) {
        let table = self.connections.table();
        let own = |entry: &&Entry| std::ptr::eq(&raw const *entry.binding, self);
        table
            .all
            .values()
            .filter(own)
            .for_each(|entry| f(&entry.connection));
    }

    /// Ends when there is no connection.
    pub(crate) async fn empty(&self) {
        loop {
            let left = self.left.notified();
            if self.count() == 0 {
                return;
            }
            left.await;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.open.load(SeqCst)
    }
}

impl Table {
    /// Asks the connection idle longest to leave; false if none is idle.
    fn evict(&mut self) -> bool {
        let idle = |connection: &&Arc<Connection>| {
            matches!(connection.phase(), Phase::Fresh | Phase::Idle) && !connection.is_evicted()
        };
        let all = self.all.values().map(|entry| &entry.connection);
        let longest = all.filter(idle).min_by_key(|connection| connection.since());
        match longest {
            Some(connection) => {
                connection.evict();
                true
            }
            None => false,
        }
    }

    /// One connection less from `address`, if it is counted.
    fn leave(&mut self, address: Option<IpAddr>) {
        if let Some(address) = address
            && let Some(count) = self.peers.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.peers.remove(&address);
            }
        }
    }
}

impl Ticket {
    /// True if there was room for the connection.
    pub(crate) fn is_served(&self) -> bool {
        !self.refused
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    pub(crate) fn binding(&self) -> &Arc<Binding> {
        &self.binding
    }

    /// Gives the place back: the connection has ended so.
    pub(crate) fn end(mut self, closed: Closed) {
        self.closed = Some(closed);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let address = self.binding.connections.counted(self.connection.peer());
        let mut table = self.binding.connections.table();
        table.all.remove(&self.id);
        if self.refused {
            table.refused -= 1;
        } else {
            let closed = self.closed.unwrap_or(Closed::Reset);
            table.counters.closed(closed, self.connection.is_evicted());
            table.leave(address);
        }
        drop(table);
        if self.binding.open.fetch_sub(1, SeqCst) == 1 {
            self.binding.left.notify_waiters();
        }
    }
}

/// How many connections there may be: as many as are `asked` for, unless the file descriptors of the process are fewer.
fn most(asked: usize, descriptors: Option<usize>) -> usize {
    descriptors.map_or(asked, |limit| asked.min(limit.saturating_sub(RESERVED)))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn no_more_connections_than_file_descriptors() {
        assert_eq!(most(4096, None), 4096);
        assert_eq!(most(4096, Some(1 << 20)), 4096);
        assert_eq!(most(4096, Some(1024)), 960);
        assert_eq!(most(usize::MAX, Some(10)), 0);
    }

    /// Connections from `peers`, all open at a time: which of them are served.
    async fn served(capacity: &Capacity, peers: &[&str]) -> Vec<bool> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let binding = Binding::of(&Arc::new(Connections::new(capacity)));
        let mut admissions = Vec::new();
        for peer in peers {
            let stream = TcpStream::connect(address).await.unwrap();
            admissions.push(binding.admit(stream, peer.parse().unwrap()));
        }
        assert_eq!(binding.count(), peers.len());
        let served = admissions
            .iter()
            .map(|admission| matches!(admission, Admission::Served(_)))
            .collect();
        drop(admissions);
        assert_eq!(binding.count(), 0);
        assert!(binding.connections.table().peers.is_empty());
        served
    }

    #[tokio::test]
    async fn one_peer_has_its_share_and_proxies_have_more() {
        let capacity = Capacity::new()
            .connections_per_peer(1)
            .trusted_proxies(vec!["192.0.2.9".parse().unwrap()]);
        let peers = [
            "192.0.2.1:1",
            "192.0.2.1:2",
            "[::ffff:192.0.2.1]:3",
            "192.0.2.2:1",
            "[2001:db8::1]:1",
            "[2001:db8::1]:2",
            "192.0.2.9:1",
            "[::ffff:192.0.2.9]:2",
            "127.0.0.1:1",
            "127.0.0.1:2",
        ];
        let expected = [
            true, false, false, true, true, false, true, true, true, true,
        ];
        assert_eq!(served(&capacity, &peers).await, expected);
    }
}

//! Which connections there are, how many there may be, and which has to go.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use soap_core::Capacity;
use tokio::{net::TcpStream, sync::Notify};

use super::connection::{Connection, Phase, Signal};
use crate::socket;

/// Connections told at a time that there is no room for them, and connections that leave at a time to make room.
const MARGIN: usize = 32;
/// File descriptors left to the rest of the process.
const RESERVED: usize = 64;

/// The connections of one server.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    per_peer: usize,
    stopping: AtomicBool,
    left: Notify,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
    refused: usize,
    peers: HashMap<IpAddr, usize>,
}

/// What becomes of a connection that was accepted.
pub(crate) enum Admission {
    Served(Ticket),
    /// There is no room: say so.
    Refused(Ticket),
    /// Not even for that.
    Dropped,
}

/// The place of one connection; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Ticket {
    connections: Arc<Connections>,
    connection: Arc<Connection>,
    id: u64,
    refused: bool,
}

impl Connections {
    pub(crate) fn new(capacity: &Capacity) -> Self {
        let descriptors =
            socket::descriptors().map_or(usize::MAX, |limit| limit.saturating_sub(RESERVED));
        Self {
            most: capacity.connections.min(descriptors),
            per_peer: capacity.connections_per_peer,
            stopping: AtomicBool::new(false),
            left: Notify::new(),
            table: Mutex::default(),
        }
    }

    /// Finds a place for a connection; the one idle longest may lose its own.
    pub(crate) fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) -> Admission {
        let mut table = self.table();
        let address = counted(peer);
        let of_peer = address.and_then(|address| table.peers.get(&address).copied());
        let served = table.all.len() - table.refused;
        let room = of_peer.unwrap_or(0) < self.per_peer
            && (served < self.most || served < self.most.saturating_add(MARGIN) && table.evict());
        if !room && table.refused >= MARGIN {
            return Admission::Dropped;
        }
        let connection = Arc::new(Connection::new(stream, peer));
        let id = table.next;
        table.next += 1;
        table.all.insert(id, Arc::clone(&connection));
        match address {
            _ if !room => table.refused += 1,
            Some(address) => *table.peers.entry(address).or_default() += 1,
            None => {}
        }
        let ticket = Ticket {
            connections: Arc::clone(self),
            connection,
            id,
            refused: !room,
        };
        if room {
            Admission::Served(ticket)
        } else {
            Admission::Refused(ticket)
        }
    }

    /// From now on every answer announces the end of its connection.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Relaxed)
    }

    /// Gives a signal to every connection.
    pub(crate) fn signal(&self, signal: Signal) {
        self.table()
            .all
            .values()
            .for_each(|connection| connection.signal(signal));
    }

    /// Makes room where the process has no file descriptor left.
    pub(crate) fn evict(&self) {
        self.table().evict();
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
        self.table().all.len()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Asks the connection idle longest to leave; false if none is idle.
    fn evict(&mut self) -> bool {
        let idle = |connection: &&Arc<Connection>| {
            matches!(connection.phase(), Phase::Fresh | Phase::Idle) && !connection.is_evicted()
        };
        let longest = self
            .all
            .values()
            .filter(idle)
            .min_by_key(|connection| connection.since());
        match longest {
            Some(connection) => {
                connection.evict();
                true
            }
            None => false,
        }
    }
}

impl Ticket {
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    pub(crate) fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        table.all.remove(&self.id);
        if self.refused {
            table.refused -= 1;
        } else if let Some(address) = counted(self.connection.peer())
            && let Some(count) = table.peers.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                table.peers.remove(&address);
            }
        }
        if table.all.is_empty() {
            self.connections.left.notify_waiters();
        }
    }
}

/// The address connections are counted by; none for loopback.
fn counted(peer: SocketAddr) -> Option<IpAddr> {
    let address = peer.ip().to_canonical();
    (!address.is_loopback()).then_some(address)
}

//! Connections kept for later calls.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use soap_core::SocketOptions;
use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::wire::Wire;
use crate::clock::after;

/// Idle connections of all hosts, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    idle: Vec<Idle>,
    sweeper: Option<AbortHandle>,
}

#[derive(Debug)]
struct Idle {
    key: Key,
    wire: Wire,
    until: Instant,
}

/// Calls with the same key may use each other's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) socket: SocketOptions,
    /// Bounds that a connection has from its beginning.
    pub(super) head: usize,
    pub(super) write: Duration,
}

/// How long and how many connections are kept.
#[derive(Debug, Clone)]
pub(super) struct Keep {
    pub(super) time: Duration,
    pub(super) per_host: usize,
    pub(super) total: usize,
}

impl Pool {
    /// The connection used last that is still good; those found dead are closed.
    pub(super) fn take(&self, key: &Key) -> Option<Wire> {
        let now = Instant::now();
        let mut state = self.state();
        while let Some(index) = state.idle.iter().rposition(|idle| idle.key == *key) {
            let idle = state.idle.remove(index);
            if idle.until > now && idle.wire.is_usable() {
                return Some(idle.wire);
            }
        }
        None
    }

    /// Keeps `wire`, at the cost of the connections idle longest.
    pub(super) fn put(self: &Arc<Self>, key: &Key, wire: Wire, keep: &Keep) {
        let mut state = self.state();
        let of_host = |idle: &Idle| idle.key == *key;
        if state.idle.iter().filter(|idle| of_host(idle)).count() >= keep.per_host
            && let Some(oldest) = state.idle.iter().position(of_host)
        {
            drop(state.idle.remove(oldest));
        }
        if state.idle.len() >= keep.total && !state.idle.is_empty() {
            drop(state.idle.remove(0));
        }
        if keep.per_host == 0 || keep.total == 0 {
            return;
        }
        state.idle.push(Idle {
            key: key.clone(),
            wire,
            until: after(Instant::now(), keep.time),
        });
        let swept = state
            .sweeper
            .as_ref()
            .is_some_and(|task| !task.is_finished());
        if !swept && let Ok(runtime) = Handle::try_current() {
            let sweeper = runtime.spawn(sweep(Arc::downgrade(self)));
            state.sweeper = Some(sweeper.abort_handle());
        }
    }

    /// Closes what has been idle for long; when to come again, if there is anything left.
    fn close_old(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut state = self.state();
        state.idle.retain(|idle| idle.until > now);
        let next = state.idle.iter().map(|idle| idle.until).min();
        if next.is_none() {
            state.sweeper = None;
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs while there is an idle connection.
async fn sweep(pool: Weak<Pool>) {
    while let Some(next) = pool.upgrade().and_then(|pool| pool.close_old()) {
        sleep_until(next).await;
    }
}

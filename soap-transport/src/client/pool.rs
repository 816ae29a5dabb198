//! Connections kept for later calls.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use crate::clock::after;

/// A connection that can be kept.
pub(crate) trait Kept: Send + 'static {
    /// True if its last exchange has ended so that another can follow.
    fn is_done(&mut self) -> bool;

    /// True if it can take a request: it is done, and no FIN, RST or stray byte has come since the last answer. It asks the kernel.
    fn is_usable(&mut self) -> bool;
}

/// Idle connections of all hosts, the one used last at the end. Calls with the same key may use each other's connections.
#[derive(Debug)]
pub(crate) struct Pool<K, W>(Mutex<State<K, W>>);

#[derive(Debug)]
struct State<K, W> {
    idle: Vec<Idle<K, W>>,
    sweeper: Option<AbortHandle>,
}

#[derive(Debug)]
struct Idle<K, W> {
    key: K,
    wire: W,
    until: Instant,
}

impl<K, W> Default for Pool<K, W> {
    fn default() -> Self {
        Self(Mutex::new(State {
            idle: Vec::new(),
            sweeper: None,
        }))
    }
}

/// How long and how many connections are kept.
#[derive(Debug, Clone)]
pub(crate) struct Keep {
    pub(crate) time: Duration,
    pub(crate) per_host: usize,
    pub(crate) total: usize,
}

impl<K: Clone + PartialEq + Send + 'static, W: Kept> Pool<K, W> {
    /// The connection used last that is still good; those found dead are closed.
    pub(crate) fn take(&self, key: &K) -> Option<W> {
        let now = Instant::now();
        let mut state = self.state();
        while let Some(index) = state.idle.iter().rposition(|idle| idle.key == *key) {
            let mut idle = state.idle.remove(index);
            if idle.until > now && idle.wire.is_usable() {
                return Some(idle.wire);
            }
        }
        None
    }

    /// Keeps `wire`, if it is done, at the cost of the connections idle longest. What has come on it is looked at when it is taken.
    pub(crate) fn put(self: &Arc<Self>, key: &K, mut wire: W, keep: &Keep) {
        if !wire.is_done() {
            return;
        }
        let mut state = self.state();
        let of_host = |idle: &Idle<K, W>| idle.key == *key;
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
        let until = after(Instant::now(), keep.time);
        state.idle.push(Idle {
            key: key.clone(),
            wire,
            until,
        });
        let swept = state
            .sweeper
            .as_ref()
            .is_some_and(|task| !task.is_finished());
        if !swept && let Ok(runtime) = Handle::try_current() {
            let sweeper = runtime.spawn(sweep(Arc::downgrade(self), until));
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

    fn state(&self) -> MutexGuard<'_, State<K, W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs while there are idle connections, the first of them for as long as it is kept: calls that follow each other have one.
async fn sweep<K: Clone + PartialEq + Send + 'static, W: Kept>(
    pool: Weak<Pool<K, W>>,
    first: Instant,
) {
    let mut next = Some(first);
    while let Some(time) = next {
        sleep_until(time).await;
        next = pool.upgrade().and_then(|pool| pool.close_old());
    }
}

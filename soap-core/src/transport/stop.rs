//! The signal by which a server stops, without a runtime.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A signal to stop, given once to all who hold a clone.
#[derive(Clone, Default)]
pub struct Stop(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    deadline: Option<Duration>,
    next: u64,
    wakers: HashMap<u64, Waker>,
}

impl Stop {
    /// A signal not yet given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal: calls in flight may take `deadline` to end. Only the first one counts.
    pub fn stop(&self, deadline: Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.deadline.is_none() {
            state.deadline = Some(deadline);
            state.wakers.drain().for_each(|(_, waker)| waker.wake());
        }
    }

    /// How long calls in flight may take to end, once the signal is given.
    pub fn deadline(&self) -> Option<Duration> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .deadline
    }

    /// Ends when the signal is given, with the deadline.
    pub fn stopped(&self) -> Stopped {
        Stopped {
            stop: self.clone(),
            id: None,
        }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop")
            .field("deadline", &self.deadline())
            .finish_non_exhaustive()
    }
}

/// Future of [`Stop::stopped`].
#[derive(Debug)]
pub struct Stopped {
    stop: Stop,
    id: Option<u64>,
}

impl Future for Stopped {
    type Output = Duration;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Duration> {
        let stop = self.stop.clone();
        let mut state = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(deadline) = state.deadline {
            return Poll::Ready(deadline);
        }
        let id = *self.id.get_or_insert_with(|| {
            state.next += 1;
            state.next
        });
        state.wakers.insert(id, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.stop
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .wakers
                .remove(&id);
        }
    }
}

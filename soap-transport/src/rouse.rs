//! A future that wakes itself while it is polled, polled again at once.
//!
//! hyper does so with each message: one half of a connection wakes the other. The runtime would put the task behind all others and
//! wake another thread for it, which costs more than the rest of a call.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Polls in a row; then others have their turn.
const MOST: usize = 8;

const WAITING: u8 = 0;
const POLLED: u8 = 1;
const WOKEN: u8 = 2;

/// Polls with a waker of its own, which wakes the task only if that is not being polled.
#[derive(Debug)]
pub(crate) struct Rouse {
    state: Arc<State>,
    waker: Waker,
}

#[derive(Debug)]
struct State {
    now: AtomicU8,
    /// Who polls; it may change from poll to poll.
    task: Mutex<Waker>,
}

impl Default for Rouse {
    fn default() -> Self {
        let state = Arc::new(State {
            now: AtomicU8::new(WAITING),
            task: Mutex::new(Waker::noop().clone()),
        });
        Self {
            waker: Waker::from(Arc::clone(&state)),
            state,
        }
    }
}

impl Rouse {
    /// Polls once, and again as long as that has woken itself.
    pub(crate) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.state.is_for(cx.waker());
        for _ in 0..MOST {
            self.state.now.store(POLLED, SeqCst);
            let polled = poll(&mut Context::from_waker(&self.waker));
            let was = self.state.now.swap(WAITING, SeqCst);
            if polled.is_ready() || was == POLLED {
                return polled;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl State {
    fn is_for(&self, waker: &Waker) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        task.clone_from(waker);
    }
}

impl Wake for State {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Whoever polls looks again before it waits.
        let polled = self.now.compare_exchange(POLLED, WOKEN, SeqCst, SeqCst);
        if polled == Err(WAITING) {
            let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    /// Polls what wakes itself `times` times before it waits: how often it was polled, how often the task was woken.
    fn polled(rouse: &Rouse, times: usize) -> (usize, usize) {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut polls = 0;
        let polled = rouse.poll(&mut Context::from_waker(&waker), |cx| {
            polls += 1;
            if polls <= times {
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        (polls, count.0.load(SeqCst))
    }

    #[test]
    fn what_wakes_itself_is_polled_again_and_others_have_their_turn() {
        let rouse = Rouse::default();
        assert_eq!(polled(&rouse, 0), (1, 0));
        assert_eq!(polled(&rouse, 2), (3, 0));
        assert_eq!(polled(&rouse, usize::MAX), (MOST, 1));
        assert_eq!(polled(&rouse, 0), (1, 0));
    }

    #[test]
    fn a_wake_between_polls_reaches_the_task_that_polled_last() {
        let rouse = Rouse::default();
        let counts = [(); 2].map(|()| Arc::new(Count::default()));
        let mut kept = None;
        for count in &counts {
            let waker = Waker::from(Arc::clone(count));
            let polled = rouse.poll(&mut Context::from_waker(&waker), |cx| {
                kept.get_or_insert_with(|| cx.waker().clone());
                Poll::<()>::Pending
            });
            assert!(polled.is_pending());
        }
        kept.unwrap().wake();
        assert_eq!(counts.map(|count| count.0.load(SeqCst)), [0, 1]);
    }
}

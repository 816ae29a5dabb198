//! The handle to a server at work.

use std::{sync::Arc, time::Duration};

use soap_core::transport::{Stop, TransportError};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::{Counters, Monitor, gate::Calls};
use crate::clock::after;

/// Time a listener has beyond the deadline to close what is left.
const LATE: Duration = Duration::from_secs(1);

/// A server that was started. Dropping it closes the listeners and resets the connections; handlers already begun run on while
/// the runtime does.
#[derive(Debug)]
#[must_use = "dropping it ends the server"]
pub struct Running {
    pub(super) urls: Vec<String>,
    pub(super) stop: Stop,
    pub(super) listeners: JoinSet<Result<(), TransportError>>,
    pub(super) calls: Arc<Calls>,
    pub(super) monitor: Monitor,
    pub(super) deadline: Duration,
}

impl Running {
    /// Where the server listens, in the order of binding, port 0 resolved.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// What it counts of its connections, now.
    pub fn counters(&self) -> Counters {
        self.monitor.counters()
    }

    /// A handle to the counters, which may be kept longer than this.
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// Stops gracefully: takes what has connected (except to an inherited socket, whose backlog is for its next server), closes
    /// the listeners, answers the requests that come within [`Timeouts::grace`](soap_core::Timeouts::grace), closes silent connections
    /// after it, and waits for calls in flight, all within `deadline`; what is left then is reset.
    ///
    /// # Errors
    /// Fails if connections or calls were left at the deadline, or if a listener had failed.
    pub async fn stop(mut self, deadline: Duration) -> Result<(), TransportError> {
        let end = after(Instant::now(), deadline);
        self.stop.stop(deadline);
        let mut result = Ok(());
        // Listeners keep the deadline themselves; one that does not is not waited for.
        let late = after(end, LATE);
        loop {
            let ended = match timeout_at(late, self.listeners.join_next()).await {
                Ok(None) => break,
                Ok(Some(Ok(ended))) => ended,
                Ok(Some(Err(panic))) => {
                    Err(TransportError::other("a listener panicked", false).caused_by(panic))
                }
                Err(_) => {
                    self.listeners.abort_all();
                    result = result.and(Err(TransportError::timeout(
                        "a graceful stop of a listener",
                        deadline,
                        false,
                    )));
                    break;
                }
            };
            result = result.and(ended);
        }
        if timeout_at(end, self.calls.idle()).await.is_err() {
            let left = self.calls.in_flight();
            tracing::warn!(left, "calls in flight left behind");
            result = result.and(Err(TransportError::timeout(
                &format!("a graceful stop, for {left} calls in flight,"),
                deadline,
                false,
            )));
        }
        result
    }

    /// Ends when a listener has ended before it was told to.
    pub(super) async fn failed(&mut self) {
        match self.listeners.join_next().await {
            Some(Ok(result)) => {
                // Kept for `stop`, which reports it.
                self.listeners.spawn(std::future::ready(result));
            }
            Some(Err(panic)) => {
                let error = TransportError::other("a listener panicked", false).caused_by(panic);
                self.listeners.spawn(std::future::ready(Err(error)));
            }
            None => {}
        }
    }
}

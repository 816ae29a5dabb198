//! Answers that do not go back the way their request came, but to an address it names: [`Courier`] sends them.

use std::{sync::Arc, time::Duration};

use soap_core::{
    Message, Options,
    transport::{Expect, Outcome, Registry, Request, TransportError},
};
use tokio::{sync::Semaphore, time::timeout};

use super::gate::Calls;

/// How long one may take, from looking up the name until it is taken.
const TIME: Duration = Duration::from_secs(30);

/// Characters of an address that a log has.
const MOST_SHOWN: usize = 200;

/// Sends answers elsewhere as one-way messages: once, with the default options of a client, without following redirects.
///
/// Who may be sent to was judged before (`AddressingOptions::answers_to`). What fails is logged, and never answered: nobody waits.
/// While it is sent a call is in flight, so a graceful stop waits for it. Half of the calls in flight may be there at a time, so that
/// a place that takes its time does not hold up the server; more are dropped.
#[derive(Debug)]
pub(super) struct Courier {
    registry: Registry,
    options: Options,
    slots: Semaphore,
}

impl Courier {
    /// Sends by the transports of `registry`, for a server with so many `calls`.
    pub(super) fn new(registry: Registry, calls: &Calls) -> Self {
        let mut options = Options::client();
        options.timeouts.call = TIME;
        Self {
            registry,
            options,
            slots: Semaphore::new(calls.most().div_ceil(2)),
        }
    }

    /// The same outcome for a listener, which knows of no elsewhere.
    pub(super) fn accepted(self: &Arc<Self>, outcome: Outcome) -> Outcome {
        let Outcome::Elsewhere(work) = outcome else {
            return outcome;
        };
        let courier = Arc::clone(self);
        Outcome::Accepted(Box::pin(async move {
            if let Some((to, message)) = work.await {
                courier.deliver(&to, message).await;
            }
        }))
    }

    async fn deliver(&self, to: &str, message: Message) {
        let shown = shown(to);
        let Ok(_slot) = self.slots.try_acquire() else {
            tracing::warn!(to = ?shown, "an answer for elsewhere was dropped: too many at a time");
            return;
        };
        let late = |_| Err(TransportError::timeout("sending it", TIME, true));
        let sent = timeout(TIME, self.send(to, message)).await;
        match sent.unwrap_or_else(late) {
            Ok(()) => tracing::debug!(to = ?shown, "an answer was sent elsewhere"),
            Err(error) => {
                tracing::warn!(to = ?shown, %error, "an answer could not be sent elsewhere");
            }
        }
    }

    async fn send(&self, to: &str, message: Message) -> Result<(), TransportError> {
        let transport = self.registry.connect(to, &self.options).await?;
        let mut request = Request::new(message);
        request.expect = Expect::Nothing;
        let mut replies = transport.exchange(request);
        match replies.next().await {
            None => Ok(()),
            Some(Ok(_)) => Err(TransportError::other(
                "it was answered as if it failed",
                true,
            )),
            Some(Err(error)) => Err(error),
        }
    }
}

/// The same outcome of a call that was refused meanwhile: its caller has an answer, so none goes elsewhere.
pub(super) fn unanswered(outcome: Outcome) -> Outcome {
    let Outcome::Elsewhere(work) = outcome else {
        return outcome;
    };
    Outcome::Accepted(Box::pin(async move {
        if let Some((to, _)) = work.await {
            let shown = shown(&to);
            tracing::warn!(to = ?shown, "an answer for elsewhere was dropped: its caller has been told that it took too long");
        }
    }))
}

/// Of an address as much as a log has: a peer has chosen the end of it.
fn shown(to: &str) -> String {
    to.chars().take(MOST_SHOWN).collect()
}

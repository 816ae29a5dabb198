//! Answers that do not go back the way their request came, but to an address it names: [`Courier`] sends them.

use std::{fmt, sync::Arc, time::Duration};

use soap_core::{
    Limits, Message, Options,
    addressing::{self, Edition},
    transport::{Expect, Outcome, Registry, Request, TransportError},
};
use tokio::{sync::Semaphore, time::timeout};

use super::gate::Calls;

/// How long one may take at most, from looking up the name until it is taken.
const TIME: Duration = Duration::from_secs(30);

/// Characters of an address or an identifier that a log has.
const MOST_SHOWN: usize = 200;

/// Where events go, whatever the crate.
const TARGET: &str = "soapstone::answer";

/// Sends answers elsewhere as one-way messages: once, with the default options of a client, without following redirects.
///
/// Who may be sent to was judged before (`AddressingOptions::answers_to`). What fails is logged, and never answered: nobody waits.
/// While it is sent a call is in flight, so a graceful stop waits for it; and it has half of the time a stop has, 30 s at most, so that
/// a stop does not fail by a place that takes its time. Half of the calls in flight may be there at a time, so that
/// a place that takes its time does not hold up the server; more are dropped.
#[derive(Debug)]
pub(super) struct Courier {
    registry: Registry,
    options: Options,
    time: Duration,
    slots: Semaphore,
}

impl Courier {
    /// Sends by the transports of `registry`, for a server with so many `calls` and so long to `stop`.
    pub(super) fn new(registry: Registry, calls: &Calls, stop: Duration) -> Self {
        let time = match stop / 2 {
            // It waits for nothing.
            Duration::ZERO => TIME,
            half => half.min(TIME),
        };
        let mut options = Options::client();
        options.timeouts.call = time;
        Self {
            registry,
            options,
            time,
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
        let Ok(_slot) = self.slots.try_acquire() else {
            return lost(to, &message, &"too many are sent at a time");
        };
        let late = |_| Err(TransportError::timeout("sending it", self.time, true));
        let sent = timeout(self.time, self.send(to, message.clone())).await;
        let what = match sent.unwrap_or_else(late) {
            Ok(None) => "answer sent elsewhere",
            Ok(Some(_)) => "answer sent elsewhere; what was answered to it is not read",
            Err(error) => return lost(to, &message, &error),
        };
        tracing::debug!(target: TARGET, to = ?shown(to), "{what}");
    }

    /// Gives what is answered to it by one who has taken it.
    async fn send(&self, to: &str, message: Message) -> Result<Option<Message>, TransportError> {
        let transport = self.registry.connect(to, &self.options).await?;
        let mut request = Request::new(message);
        request.expect = Expect::Nothing;
        let mut replies = transport.exchange(request);
        match replies.next().await {
            None => Ok(None),
            Some(Ok(answer)) => match answer.status {
                Some(status @ 400..) => Err(TransportError::other(
                    format!("it was refused with status {status}"),
                    true,
                )),
                _ => Ok(Some(answer)),
            },
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
        if let Some((to, message)) = work.await {
            lost(&to, &message, &"its caller was told that it took too long");
        }
    }))
}

/// Tells of an answer that nobody gets, and which request it is to.
fn lost(to: &str, message: &Message, reason: &dyn fmt::Display) {
    let edition = Edition::default();
    let peek = addressing::peek(&message.envelope, None, edition, &Limits::client());
    let answered = peek.ok().and_then(|peek| peek.answers.into_iter().next());
    tracing::warn!(
        target: TARGET,
        to = ?shown(to),
        relates_to = answered.as_deref().map(shown),
        action = message.action.as_deref(),
        bytes = message.envelope.len(),
        %reason,
        "answer lost"
    );
}

/// As much of it as a log has: a peer has chosen the end of it.
fn shown(text: &str) -> String {
    text.chars().take(MOST_SHOWN).collect()
}

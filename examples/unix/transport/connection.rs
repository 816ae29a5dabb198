//! One accepted connection: request after request, each answered before the next is worked on.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use soapstone::{
    Fault,
    transport::{
        Dispatch, FaultOrigin, Message, Options, Outcome, Peer, PeerGone, tcp::FrameError,
    },
};
use tokio::{
    net::UnixStream,
    select,
    sync::{OwnedSemaphorePermit, watch},
    time::Instant,
};

use super::envelopes::{Envelopes, Left, NoMessage, after};

/// A client that keeps a connection cannot be told that it will be closed: so it is kept for long.
const IDLE: Duration = Duration::from_secs(600);
/// The longest an answer may take to be written, however steadily.
const ANSWER: Duration = Duration::from_secs(3600);
/// What is still read of a peer before its connection is closed.
const DRAIN: usize = 1 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// What the listener wants of its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Serving,
    /// The server stops: end when nothing is going on.
    Leaving,
    /// Its deadline is over: end.
    Over,
}

/// What the requests of one connection have in common.
pub(super) struct Connection {
    pub(super) service: Arc<dyn Dispatch>,
    pub(super) options: Arc<Options>,
    /// Its place, until the last of its work is done.
    pub(super) slot: Arc<OwnedSemaphorePermit>,
}

impl Connection {
    /// Serves `stream` until one side ends it.
    pub(super) async fn serve(self, stream: UnixStream, mut stage: watch::Receiver<Stage>) {
        let mut leaving = stage.clone();
        let envelopes = Envelopes::new(stream, self.options.limits.message);
        select! {
            () = self.requests(envelopes, &mut leaving) => {}
            () = reached(&mut stage, Stage::Over) => {}
        }
    }

    async fn requests(&self, mut envelopes: Envelopes, stage: &mut watch::Receiver<Stage>) {
        let timeouts = &self.options.timeouts;
        let mut idle = timeouts.first_byte;
        let opened = Instant::now();
        let mut requests = 0;
        loop {
            let first = after(Instant::now(), idle);
            let request = select! {
                biased; // what has come is not lost
                request = envelopes.next(first, &self.options) => request,
                () = reached(stage, Stage::Leaving) => {
                    if envelopes.is_idle() {
                        return;
                    }
                    envelopes.next(first, &self.options).await
                }
            };
            match request {
                Ok(Some(request)) => {
                    if !self.answer(request, &mut envelopes).await
                        || self.is_last(&mut requests, opened)
                    {
                        break;
                    }
                }
                // A fault would be no TLS record either.
                Ok(None)
                | Err(
                    NoMessage::Silent
                    | NoMessage::Broken(_)
                    | NoMessage::Unreadable(FrameError::Tls),
                ) => return,
                Err(NoMessage::Unreadable(error)) => {
                    self.give_up(error.to_string(), &mut envelopes).await;
                    break;
                }
                Err(NoMessage::Slow(phase, bound)) => {
                    let reason = format!("{phase} did not end within {bound:?}");
                    self.give_up(reason, &mut envelopes).await;
                    break;
                }
            }
            idle = timeouts.idle.unwrap_or(IDLE);
        }
        // More of what it sends may be on its way, and must not cost it the last answer.
        envelopes.close(DRAIN, DRAIN_TIME).await;
    }

    /// Counts a request; true if it is the last one of its connection.
    fn is_last(&self, requests: &mut u64, opened: Instant) -> bool {
        let Options {
            capacity, timeouts, ..
        } = &*self.options;
        *requests += 1;
        capacity
            .requests_per_connection
            .is_some_and(|most| *requests >= most)
            || timeouts
                .connection
                .is_some_and(|age| opened.elapsed() >= age)
    }

    /// Says why the next message cannot be found.
    async fn give_up(&self, reason: String, envelopes: &mut Envelopes) {
        let fault = Fault::sender(reason);
        let answer = self.service.refuse(&Message::default(), &fault);
        self.send(&answer, envelopes).await;
    }

    /// Works on a request and answers it. False if nothing more can be said on this connection.
    async fn answer(&self, request: Bytes, envelopes: &mut Envelopes) -> bool {
        let gone = PeerGone::default();
        let mut peer = Peer::new("unix", None);
        peer.gone = gone.clone();
        let mut message = Message::new(request);
        message.peer = Some(peer);
        // A task of its own: a handler once begun runs to its end, whatever becomes of the connection.
        let mut work = tokio::spawn(Arc::clone(&self.service).dispatch(message));
        let done = select! {
            biased;
            done = &mut work => done,
            left = envelopes.left() => {
                match left {
                    Left::HalfClosed => gone.set_half_closed(),
                    Left::Gone => gone.set(),
                }
                work.await
            }
        };
        match done {
            Ok(Outcome::Reply(answer)) => self.reply(&answer, envelopes).await,
            Ok(Outcome::Accepted(work)) => {
                let slot = Arc::clone(&self.slot);
                tokio::spawn(async move {
                    work.await;
                    drop(slot);
                });
                true
            }
            // The message has no media type that could mismatch.
            Ok(_) => true,
            Err(_) => false,
        }
    }

    /// Sends an answer, unless nobody waits for it. False if it is the last one.
    async fn reply(&self, answer: &Message, envelopes: &mut Envelopes) -> bool {
        match answer.fault {
            Some(FaultOrigin::OneWay | FaultOrigin::ToFault) => true,
            Some(FaultOrigin::Unreadable | FaultOrigin::UnknownOperation) => {
                self.send(answer, envelopes).await;
                false
            }
            _ => self.send(answer, envelopes).await,
        }
    }

    async fn send(&self, answer: &Message, envelopes: &mut Envelopes) -> bool {
        let timeouts = &self.options.timeouts;
        let whole = timeouts.connection.unwrap_or(ANSWER);
        let sending = envelopes.send(&answer.envelope, timeouts.write, whole, || {});
        sending.await.is_ok()
    }
}

/// Ends when the listener is at `stage`, or was dropped.
async fn reached(listener: &mut watch::Receiver<Stage>, stage: Stage) {
    // An error means that it was dropped.
    let _ = listener.wait_for(|current| *current >= stage).await;
}

//! Calls that share a connection: requests go out one behind the other, answers come back in their order, or in any, if they name
//! their requests by WS-Addressing.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use soap_core::{Message, Options, Peer, addressing, transport::TransportError};
use tokio::{
    sync::{Mutex as AsyncMutex, Notify, mpsc, oneshot},
    time::{Instant, timeout},
};

use super::wire::{Reading, Wire};
use crate::{client::written::NoteWritten, clock::after, pace::Pace, socket::Alarm};

/// The connection that the calls of one endpoint share.
#[derive(Debug)]
pub(super) struct Pipeline {
    depth: usize,
    lane: Mutex<Option<Lane>>,
    /// Held by the call that connects, for all.
    connecting: AsyncMutex<()>,
}

/// A connection in use.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    requests: mpsc::Sender<Asked>,
    peer: Peer,
    leaving: Arc<Leaving>,
}

/// How the connection learns that a caller has left without its answer.
#[derive(Debug, Default)]
struct Leaving {
    told: Notify,
    /// One has, so requests that are not written are for another connection.
    has_left: AtomicBool,
}

/// Tells it, unless `answered`.
struct TellLeaving<'l> {
    leaving: &'l Leaving,
    answered: bool,
}

impl Drop for TellLeaving<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.leaving.told.notify_one();
        }
    }
}

/// A request on its way to the connection.
#[derive(Debug)]
struct Asked {
    request: Bytes,
    message_id: Option<Box<str>>,
    answer: oneshot::Sender<Result<Bytes, TransportError>>,
    /// Set before the first byte is written.
    written: Arc<AtomicBool>,
}

impl Pipeline {
    pub(super) fn new(depth: usize) -> Self {
        Self {
            depth,
            lane: Mutex::default(),
            connecting: AsyncMutex::default(),
        }
    }

    /// The connection, and whether it was there before; one call makes it by `connecting` while the others wait. Who has waited as
    /// long as that may take, `patience`, makes one too.
    pub(super) async fn lane(
        &self,
        patience: Duration,
        connecting: impl Future<Output = Result<Lane, TransportError>>,
    ) -> Result<(Lane, bool), TransportError> {
        if let Some(lane) = self.open_lane() {
            return Ok((lane, true));
        }
        let _alone = timeout(patience, self.connecting.lock()).await;
        match self.open_lane() {
            Some(lane) => Ok((lane, true)),
            None => Ok((connecting.await?, false)),
        }
    }

    fn open_lane(&self) -> Option<Lane> {
        let lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        lane.clone().filter(|lane| !lane.requests.is_closed())
    }

    /// Puts `wire` into use, unless another call has been faster.
    pub(super) fn open(&self, wire: Wire, options: &Options, scheme: &'static str) -> Lane {
        let mut kept = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = kept.as_ref().filter(|lane| !lane.requests.is_closed()) {
            return lane.clone();
        }
        let (requests, asked) = mpsc::channel(self.depth);
        let leaving = Arc::<Leaving>::default();
        let lane = Lane {
            requests,
            peer: wire.peer(scheme),
            leaving: Arc::clone(&leaving),
        };
        let driver = Driver {
            wire,
            asked,
            leaving,
            depth: self.depth,
            pace: Pace::of_answer(&options.limits, &options.timeouts),
            options: options.clone(),
            unsent: Bytes::new(),
            waiting: VecDeque::new(),
            reading: Reading::default(),
            silence: Alarm::default(),
            last_used: Instant::now(),
            was_used: false,
        };
        tokio::spawn(driver.run());
        *kept = Some(lane.clone());
        lane
    }
}

impl Lane {
    /// Sends a request and waits for its answer. `sent` tells, also when this is dropped, whether a byte may have been written.
    pub(super) async fn exchange(
        &self,
        request: &Message,
        sent: &AtomicBool,
    ) -> Result<(Bytes, Peer), TransportError> {
        let written = Arc::new(AtomicBool::new(false));
        let noted = NoteWritten::new(|| written.load(Relaxed), sent);
        let (answer, answered) = oneshot::channel();
        let asked = Asked {
            request: request.envelope.clone(),
            message_id: request.message_id.clone(),
            answer,
            written: Arc::clone(&written),
        };
        let closed = |written: &AtomicBool| {
            TransportError::lost("the connection was closed", written.load(Relaxed))
        };
        let mut telling = TellLeaving {
            leaving: &self.leaving,
            answered: false,
        };
        let taken = self.requests.send(asked).await;
        let answer = match taken {
            Ok(()) => answered.await.unwrap_or_else(|_| Err(closed(&written))),
            Err(_) => Err(closed(&written)),
        };
        telling.answered = true;
        drop(noted);
        Ok((answer?, self.peer.clone()))
    }

    /// True if a caller has left it, and so those whose requests were not written.
    pub(super) fn was_left(&self) -> bool {
        self.leaving.has_left.load(Relaxed)
    }
}

/// The task of one connection. It ends, and closes it, when the endpoint is gone, when nothing was asked for a while, and when
/// anything goes wrong.
struct Driver {
    wire: Wire,
    asked: mpsc::Receiver<Asked>,
    leaving: Arc<Leaving>,
    depth: usize,
    pace: Pace,
    options: Options,
    /// The rest of the request that is being written.
    unsent: Bytes,
    /// Calls whose request was begun, in its order. That of a caller who has left stays, so that its answer is read off.
    waiting: VecDeque<Waiting>,
    reading: Reading,
    silence: Alarm,
    last_used: Instant,
    was_used: bool,
}

/// A call whose request was begun.
struct Waiting {
    message_id: Option<Box<str>>,
    answer: oneshot::Sender<Result<Bytes, TransportError>>,
    /// When the whole of it was written.
    since: Option<Instant>,
}

/// The error of a call to which an answer came that says it is to another one.
pub(super) fn another() -> TransportError {
    TransportError::lost("the answer is to another request, by its RelatesTo", true)
}

/// The requests that an answer says it answers, by WS-Addressing. What cannot be read is for the one who reads answers to tell.
pub(super) fn answered(answer: &[u8], options: &Options) -> Vec<String> {
    let edition = options.addressing.edition;
    let peek = addressing::peek(answer, None, edition, &options.limits);
    peek.map(|peek| peek.answers).unwrap_or_default()
}

/// Which call an answer is to: the one it names; if it names none, or no call has a name, the first. `None`: one that does not wait.
fn asked_by(waiting: &VecDeque<Waiting>, answer: &[u8], options: &Options) -> Option<usize> {
    if waiting.iter().all(|call| call.message_id.is_none()) {
        return Some(0);
    }
    let named = answered(answer, options);
    if named.is_empty() {
        return Some(0);
    }
    let is_named = |call: &Waiting| {
        let id = call.message_id.as_deref();
        named.iter().any(|named| id == Some(&**named))
    };
    waiting.iter().position(is_named)
}

impl Driver {
    async fn run(mut self) {
        let leaving = Arc::clone(&self.leaving);
        let error = loop {
            tokio::select! {
                biased;
                () = leaving.told.notified() => if self.is_left() {
                    break None;
                },
                error = poll_fn(|cx| self.poll(cx)) => break error,
            }
        };
        self.asked.close();
        let text = error.as_ref().map_or_else(
            || "the connection was closed".to_owned(),
            ToString::to_string,
        );
        // The first one is told what went wrong, those behind it that it did.
        let mut first = error;
        for call in self.waiting.drain(..) {
            let lost =
                || TransportError::lost(format!("the connection was given up: {text}"), true);
            // Nobody waits for this one any more if it cannot be told.
            let _ = call.answer.send(Err(first.take().unwrap_or_else(lost)));
        }
    }

    /// A caller may have left: an answer that does not come to one in time will not come to those behind it either, so they go out on
    /// another connection. True if nobody waits for anything any more.
    fn is_left(&mut self) -> bool {
        let has_left = |call: &Waiting| call.answer.is_closed();
        if !self.waiting.iter().any(has_left) {
            return false;
        }
        tracing::debug!("a call was given up: no more requests on this connection");
        self.leaving.has_left.store(true, Relaxed);
        self.asked.close();
        while self.asked.try_recv().is_ok() {}
        self.waiting.iter().all(has_left)
    }

    /// Ready when the connection is of no more use: with what went wrong, if anything did.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<TransportError>> {
        // What has come first: an end of the stream keeps requests from being written into the void.
        loop {
            match self.wire.poll_answer(&mut self.reading, &self.pace, cx) {
                Poll::Ready(Ok(answer)) => {
                    if self.waiting.is_empty() {
                        tracing::debug!("an answer to nothing: connection given up");
                        return Poll::Ready(None);
                    }
                    let asked = asked_by(&self.waiting, &answer, &self.options);
                    let Some(call) = asked.and_then(|index| self.waiting.remove(index)) else {
                        return Poll::Ready(Some(another()));
                    };
                    self.reading = Reading::default();
                    self.last_used = Instant::now();
                    // An answer that nobody waits for any more is read off so.
                    let _ = call.answer.send(Ok(answer));
                    if call.since.is_none() && !self.unsent.is_empty() {
                        tracing::debug!(
                            "an answer before the request was sent: connection given up"
                        );
                        return Poll::Ready(None);
                    }
                }
                Poll::Ready(Err(_)) if self.waiting.is_empty() => return Poll::Ready(None),
                Poll::Ready(Err(error)) => return Poll::Ready(Some(error)),
                Poll::Pending => break,
            }
        }
        if let Poll::Ready(error) = self.poll_write(cx) {
            return Poll::Ready(error);
        }
        self.poll_late(cx)
    }

    /// Writes what is asked, as long as fewer than `depth` calls wait for an answer.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Option<TransportError>> {
        loop {
            match self.wire.poll_send(&mut self.unsent, cx) {
                Poll::Ready(Ok(())) => {
                    if let Some(last) = self.waiting.back_mut() {
                        last.since.get_or_insert_with(Instant::now);
                    }
                }
                Poll::Ready(Err(error)) => {
                    return Poll::Ready(Some(self.wire.not_written(error, &self.options)));
                }
                Poll::Pending => return Poll::Pending,
            }
            // What the peer takes no more is for another connection; what it said before is still read.
            if self.waiting.len() >= self.depth || self.wire.is_deaf() {
                return Poll::Pending;
            }
            match self.asked.poll_recv(cx) {
                Poll::Ready(Some(asked)) if asked.answer.is_closed() => {}
                Poll::Ready(Some(asked)) => {
                    if self.waiting.is_empty() {
                        if self.was_used && !self.wire.is_quiet() {
                            // Nothing of it was written: it goes out on a new connection.
                            return Poll::Ready(None);
                        }
                        self.was_used = true;
                        self.reading = Reading::default();
                        self.wire.begin();
                    }
                    asked.written.store(true, Relaxed);
                    self.unsent = asked.request;
                    self.waiting.push_back(Waiting {
                        message_id: asked.message_id,
                        answer: asked.answer,
                        since: None,
                    });
                }
                Poll::Ready(None) if self.waiting.is_empty() => return Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Nothing came: that is an error while a call waits, and the end of the connection after a time of silence.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<Option<TransportError>> {
        let Some(first) = self.waiting.front() else {
            if !self.wire.has_only_space() {
                tracing::debug!("bytes behind the last answer: connection given up");
                return Poll::Ready(None);
            }
            let until = after(self.last_used, self.options.timeouts.client_idle);
            return self.silence.poll(until, cx).map(|()| None);
        };
        let is_named = first.message_id.is_some();
        let open = |call: &Waiting| !call.answer.is_closed();
        let late = match is_named {
            true => self.waiting.iter().position(open).unwrap_or(0),
            false => 0,
        };
        let since = self.waiting.get(late).and_then(|call| call.since);
        // Without a name it is answered when those before it are; with one at any time, whatever others get. While it is written, the
        // bound on writes holds, and its caller's patience.
        let since = match is_named {
            true => since,
            false => since.map(|since| since.max(self.last_used)),
        };
        let wire = &self.wire;
        let Some((deadline, slow)) = wire.deadline(&self.reading, &self.pace, since, &self.options)
        else {
            return Poll::Pending;
        };
        ready!(self.reading.alarm.poll(deadline, cx));
        let error = TransportError::timeout(slow.phase, slow.after, true);
        let has_others = self.waiting.iter().filter(|call| open(call)).count() > 1;
        if !is_named || !has_others || self.reading.has_begun() {
            return Poll::Ready(Some(error));
        }
        // The server has forgotten it: those behind it may still get their answers.
        if let Some(call) = self.waiting.get_mut(late) {
            let _ = std::mem::replace(&mut call.answer, oneshot::channel().0).send(Err(error));
        }
        self.is_left();
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn waiting(ids: &[Option<u8>]) -> VecDeque<Waiting> {
        let call = |id: &Option<u8>| Waiting {
            message_id: id.map(|id| id.to_string().into()),
            answer: oneshot::channel().0,
            since: None,
        };
        ids.iter().map(call).collect()
    }

    fn answer(to: Option<u8>) -> String {
        let to = to.map(|to| format!("<a:RelatesTo>{to}</a:RelatesTo>"));
        format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:a='http://www.w3.org/2005/08/addressing'>\
             <e:Header>{}</e:Header><e:Body/></e:Envelope>",
            to.unwrap_or_default()
        )
    }

    fn asked(ids: &[Option<u8>], answer: &str) -> Option<usize> {
        asked_by(&waiting(ids), answer.as_bytes(), &Options::client())
    }

    #[test]
    fn an_answer_goes_to_the_call_it_names_or_to_the_first() {
        let three = [Some(1), Some(2), None];
        assert_eq!(asked(&three, &answer(Some(2))), Some(1));
        assert_eq!(asked(&three, &answer(Some(3))), None);
        for unnamed in [&answer(None), "<a/>", "", "<e:Envelope"] {
            assert_eq!(asked(&three, unnamed), Some(0), "{unnamed:?}");
        }
        let both = |first: &str| {
            let second = "</a:RelatesTo><a:RelatesTo>2</a:RelatesTo>";
            answer(Some(9)).replace("9</a:RelatesTo>", &format!("{first}{second}"))
        };
        assert_eq!(asked(&three, &both("7")), Some(1));
        let unspecified = addressing::Edition::V200508.unspecified();
        assert_eq!(asked(&three, &both(unspecified)), Some(1));
        let to_nobody = answer(Some(9)).replace('9', unspecified);
        assert_eq!(asked(&three, &to_nobody), Some(0));
        // Nobody has a name: the answer is not looked at.
        assert_eq!(asked(&[None, None], &answer(Some(3))), Some(0));
    }

    proptest! {
        /// In whatever order the answers come, each reaches its call, and the last one leaves nobody waiting.
        #[test]
        fn answers_in_any_order_reach_their_calls(order in Just((0..30_u8).collect::<Vec<_>>()).prop_shuffle()) {
            let ids: Vec<_> = (0..30).map(Some).collect();
            let mut waiting = waiting(&ids);
            for id in order {
                let index = asked_by(&waiting, answer(Some(id)).as_bytes(), &Options::client());
                let call = index.and_then(|index| waiting.remove(index)).expect("it waits");
                prop_assert_eq!(call.message_id.as_deref(), Some(&*id.to_string()));
            }
            prop_assert!(waiting.is_empty());
        }
    }
}

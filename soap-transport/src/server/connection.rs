//! One accepted connection, as its task, its answers and the accept loop see it.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use soap_core::{
    Linger, PeerGone,
    transport::{BoxFuture, Outcome},
};
use tokio::{
    io::{AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use super::tally::Closed;
use crate::socket::{self, Waiting};

/// Bytes drained before a connection is closed.
const DRAIN: usize = 1 << 20;
/// Time spent on that, unless [`Linger::Wait`] says otherwise.
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// Where a connection is between two requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Accepted, no byte yet.
    Fresh,
    /// The last answer is written, no byte of a next request yet.
    Idle,
    /// Bytes of a head have come.
    Head,
    /// A request is read or executed.
    Busy,
    /// The answer is known and being written.
    Answering,
}

impl Phase {
    fn of(value: u8) -> Self {
        match value {
            0 => Self::Fresh,
            1 => Self::Idle,
            2 => Self::Head,
            3 => Self::Busy,
            _ => Self::Answering,
        }
    }
}

/// What the accept loop wants of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Signal {
    None,
    /// Room is needed: close if it is idle.
    Evict,
    /// The server stops: close if nothing of a request has come, or nothing more of it for a while.
    Leave,
    /// Close with an RST.
    Abort,
}

/// What a peer does while its request is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Bytes,
    /// It has closed its side; whether it still reads is not known.
    Fin,
    Broken,
}

/// Why [`Connection::drive`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself: the last answer may still be on its way.
    Served,
    /// Nothing was going on.
    Silent,
    Aborted,
}

/// State of one connection. The stream lies here and not in hyper, so that it can be looked at while hyper reads and writes
/// it, and closed with care when hyper drops it.
pub(crate) struct Connection {
    stream: Mutex<Option<TcpStream>>,
    peer: SocketAddr,
    opened: Instant,
    phase: AtomicU8,
    /// Start of the phase, in microseconds after `opened`.
    since: AtomicU64,
    requests: AtomicU64,
    signal: AtomicU8,
    /// How long a head may be silent when the server stops, in microseconds.
    patience: AtomicU64,
    stalled: AtomicBool,
    /// Reading or writing has failed.
    broken: AtomicBool,
    evicted: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, peer: SocketAddr) -> Self {
        Self {
            stream: Mutex::new(Some(stream)),
            peer,
            opened: Instant::now(),
            phase: AtomicU8::new(Phase::Fresh as u8),
            since: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            signal: AtomicU8::new(Signal::None as u8),
            patience: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            evicted: AtomicBool::new(false),
            waker: Mutex::new(None),
        }
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// How many requests have come.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Time since it was accepted.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    pub(crate) fn phase(&self) -> Phase {
        Phase::of(self.phase.load(Relaxed))
    }

    /// When the phase began; only [`enter_at`](Self::enter_at) keeps it.
    pub(crate) fn since(&self) -> Instant {
        self.opened + Duration::from_micros(self.since.load(Relaxed))
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
    }

    pub(crate) fn enter_at(&self, phase: Phase, now: Instant) {
        let since = micros(now.duration_since(self.opened));
        self.since.store(since, Relaxed);
        self.enter(phase);
    }

    /// Counts a request; true if the connection has had its share: `requests` of them or `age`.
    pub(crate) fn request(&self, requests: u64, age: Duration) -> bool {
        self.enter(Phase::Busy);
        let count = self.requests.fetch_add(1, Relaxed) + 1;
        count >= requests || self.since().duration_since(self.opened) >= age
    }

    /// Says that the peer stopped reading: there is no use in waiting for it.
    pub(crate) fn stall(&self) {
        self.stalled.store(true, Relaxed);
    }

    /// Asks the connection to make room, once.
    pub(crate) fn evict(&self) {
        self.evicted.store(true, Relaxed);
        self.signal(Signal::Evict);
    }

    pub(crate) fn is_evicted(&self) -> bool {
        self.evicted.load(Relaxed)
    }

    /// Runs `f` on the stream.
    pub(crate) fn with_stream<T>(
        &self,
        f: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stream) = stream.as_mut() else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        let result = f(Pin::new(stream));
        if let Poll::Ready(Err(_)) = result {
            self.broken.store(true, Relaxed);
        }
        result
    }

    /// Runs a call while nothing is read, and tells it what is seen of its peer meanwhile.
    pub(crate) async fn watch(
        &self,
        mut running: BoxFuture<'static, Outcome>,
        gone: &PeerGone,
    ) -> Outcome {
        let mut watching = true;
        poll_fn(|cx| {
            let outcome = running.as_mut().poll(cx);
            if outcome.is_pending()
                && watching
                && let Poll::Ready(sign) = self.poll_sign(cx)
            {
                watching = false;
                match sign {
                    Sign::Bytes => {}
                    Sign::Fin => gone.set_half_closed(),
                    Sign::Broken => gone.set(),
                }
            }
            outcome
        })
        .await
    }

    /// Ready when something comes while nothing else is read: what it is. Nothing more can be waited for then.
    fn poll_sign(&self, cx: &mut Context<'_>) -> Poll<Sign> {
        let mut byte = [0];
        let peeked = self.with_stream(|stream| stream.poll_peek(cx, &mut ReadBuf::new(&mut byte)));
        peeked.map(|result| match result {
            Ok(0) => Sign::Fin,
            Ok(_) => Sign::Bytes,
            Err(_) => Sign::Broken,
        })
    }

    /// Gives a signal to the task that drives the connection.
    pub(crate) fn signal(&self, signal: Signal) {
        self.signal.fetch_max(signal as u8, SeqCst);
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waker) = waker.as_ref() {
            waker.wake_by_ref();
        }
    }

    /// Gives [`Signal::Leave`]: a head that is under way may take `patience`.
    pub(crate) fn leave(&self, patience: Duration) {
        self.patience.store(micros(patience), Relaxed);
        self.signal(Signal::Leave);
    }

    /// Drives `serving` until it ends or a signal ends it.
    pub(crate) async fn drive(&self, serving: impl Future) -> End {
        let mut serving = pin!(serving);
        let mut known: Option<Waker> = None;
        poll_fn(|cx| {
            if !known
                .as_ref()
                .is_some_and(|waker| waker.will_wake(cx.waker()))
            {
                known = Some(cx.waker().clone());
                *self.waker.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(cx.waker().clone());
            }
            if self.signal.load(SeqCst) == Signal::Abort as u8 {
                return Poll::Ready(End::Aborted);
            }
            if serving.as_mut().poll(cx).is_ready() {
                return Poll::Ready(End::Served);
            }
            self.obey()
        })
        .await
    }

    fn obey(&self) -> Poll<End> {
        let signal = self.signal.load(SeqCst);
        if signal == Signal::None as u8 {
            return Poll::Pending;
        }
        if signal == Signal::Abort as u8 {
            return Poll::Ready(End::Aborted);
        }
        // A signal counts once; who means it gives it again.
        let once = self
            .signal
            .compare_exchange(signal, Signal::None as u8, SeqCst, SeqCst);
        let silent = match self.phase() {
            Phase::Fresh | Phase::Idle => self.waiting() != Waiting::Bytes,
            Phase::Head => {
                let patience = Duration::from_micros(self.patience.load(Relaxed));
                signal == Signal::Leave as u8 && self.since().elapsed() >= patience
            }
            Phase::Busy | Phase::Answering => false,
        };
        if !silent {
            self.evicted.store(false, Relaxed);
        }
        if once.is_ok() && silent {
            Poll::Ready(End::Silent)
        } else {
            Poll::Pending
        }
    }

    fn waiting(&self) -> Waiting {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.as_ref().map_or(Waiting::End, socket::waiting)
    }

    /// Closes the connection so that the last answer is not lost: FIN, drain within bounds, close. Tells who ended it.
    pub(crate) async fn close(&self, end: End, linger: Linger) -> Closed {
        let taken = self
            .stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(stream) = taken else {
            return Closed::Reset;
        };
        let closed = self.first(&stream);
        if end == End::Aborted || linger == Linger::Abort || self.stalled.load(Relaxed) {
            socket::abort(stream);
            return Closed::Reset;
        }
        // The last answer was written before, and nothing has come since.
        if end == End::Silent || matches!(self.phase(), Phase::Fresh | Phase::Idle) {
            return closed;
        }
        let time = match linger {
            Linger::Wait(time) => time,
            _ => DRAIN_TIME,
        };
        // A server that stops does not cut this short: the peer may not have read its answer.
        self.enter(Phase::Answering);
        let draining = tokio::time::timeout(time, drain(stream));
        self.drive(draining).await;
        closed
    }

    /// Who has ended the connection, if it is closed now.
    fn first(&self, stream: &TcpStream) -> Closed {
        if self.broken.load(Relaxed) || !matches!(stream.take_error(), Ok(None)) {
            return Closed::Reset;
        }
        match socket::waiting(stream) {
            Waiting::End => Closed::ByPeer,
            Waiting::Nothing | Waiting::Bytes => Closed::ByUs,
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

async fn drain(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut drained = 0;
    while drained < DRAIN && stream.readable().await.is_ok() {
        match read_off(&stream) {
            Ok(0) => return,
            Ok(read) => drained += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Reads what has come into the void. The buffer is none of a future's: every connection would hold it all its life.
fn read_off(stream: &TcpStream) -> io::Result<usize> {
    stream.try_read(&mut [0; 4096])
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.peer)
            .field("phase", &self.phase())
            .finish_non_exhaustive()
    }
}

//! One end of a connection: whole envelopes in, whole envelopes out, with a bound on every wait.

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use soapstone::transport::{
    Options,
    tcp::{FrameError, Framer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::UnixStream,
    time::{Instant, timeout, timeout_at},
};

/// Bytes read at a time.
const PIECE: usize = 16 << 10;
/// Bytes a peer may send ahead while its last message is worked on.
const AHEAD: usize = 64 << 10;

/// What a peer does that sends nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It has ended its side, and can still read. TCP does not tell this from the other.
    HalfClosed,
    Gone,
}

/// Why no message comes.
#[derive(Debug)]
pub(super) enum NoMessage {
    /// Where the next one begins cannot be known any more.
    Unreadable(FrameError),
    /// None has begun in time.
    Silent,
    /// One has begun: the phase that took too long, and its bound.
    Slow(&'static str, Duration),
    Broken(io::Error),
}

/// A stream of envelopes.
#[derive(Debug)]
pub(super) struct Envelopes {
    stream: UnixStream,
    buffer: BytesMut,
    framer: Framer,
    ended: bool,
}

impl Envelopes {
    /// Of messages of at most `limit` bytes.
    pub(super) fn new(stream: UnixStream, limit: usize) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            framer: Framer::new(limit),
            ended: false,
        }
    }

    /// The next message, whose first byte must come by `first`; `None`: the peer has ended, and nothing is left.
    pub(super) async fn next(
        &mut self,
        first: Instant,
        options: &Options,
    ) -> Result<Option<Bytes>, NoMessage> {
        let mut began = None;
        loop {
            let found = self.framer.next(&mut self.buffer);
            if let Some(message) = found.map_err(NoMessage::Unreadable)? {
                return Ok(Some(message));
            }
            if self.ended {
                let rest = self.framer.finish(&mut self.buffer);
                return rest.map_err(NoMessage::Unreadable);
            }
            let now = Instant::now();
            // White space between messages is none: it does not prolong the wait.
            let (end, slow) = if self.framer.is_idle() {
                (first, NoMessage::Silent)
            } else {
                self.pace(*began.get_or_insert(now), now, options)
            };
            timeout_at(end, self.fill()).await.map_err(|_| slow)??;
        }
    }

    /// Until when more must come of a message that `began` then, and what is wrong if it does not.
    fn pace(&self, began: Instant, now: Instant, options: &Options) -> (Instant, NoMessage) {
        let timeouts = &options.timeouts;
        let slow = |phase, from, bound| (after(from, bound), NoMessage::Slow(phase, bound));
        let mut bounds = vec![
            slow("reading a message", began, timeouts.body),
            slow("reading more of a message", now, timeouts.body_read),
        ];
        let rate = options.limits.body_rate;
        if let Some(seconds) = self.buffer.len().checked_div(rate) {
            let earned = Duration::from_secs(seconds as u64).max(timeouts.body_rate_after);
            bounds.push(slow("a message so slow", began, earned));
        }
        let first = bounds.into_iter().min_by_key(|(end, _)| *end);
        first.unwrap_or_else(|| slow("reading", now, timeouts.body_read))
    }

    /// Reads some bytes, or learns that there will be none. Nothing is lost if it is dropped.
    async fn fill(&mut self) -> Result<(), NoMessage> {
        self.buffer.reserve(PIECE);
        let read = self.stream.read_buf(&mut self.buffer).await;
        self.ended = read.map_err(NoMessage::Broken)? == 0;
        Ok(())
    }

    /// True if no byte of a next message has come.
    pub(super) fn is_idle(&self) -> bool {
        self.buffer.is_empty() && self.framer.is_idle()
    }

    /// Ends when the peer sends nothing more. What it sends meanwhile is kept for [`next`](Self::next), within bounds: who sends
    /// too far ahead is not listened to.
    pub(super) async fn left(&mut self) -> Left {
        while !self.ended {
            if self.buffer.len() >= AHEAD {
                std::future::pending::<()>().await;
            }
            if self.fill().await.is_err() {
                return Left::Gone;
            }
        }
        match self.stream.ready(Interest::WRITABLE).await {
            Ok(ready) if !ready.is_write_closed() => Left::HalfClosed,
            _ => Left::Gone,
        }
    }

    /// Writes a message; each piece of it within `stall`, all within `whole`. `written` is told of every piece.
    pub(super) async fn send(
        &mut self,
        mut message: &[u8],
        stall: Duration,
        whole: Duration,
        mut written: impl FnMut(),
    ) -> io::Result<()> {
        let writing = async {
            while !message.is_empty() {
                let count = timeout(stall, self.stream.write(message)).await??;
                if count == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                written();
                message = message.get(count..).unwrap_or_default();
            }
            Ok(())
        };
        timeout(whole, writing).await?
    }

    /// Ends this side, and reads and drops at most `most` bytes of what the peer still sends, for at most `time`: to close with bytes
    /// unread would look like a failure to it.
    pub(super) async fn close(mut self, most: usize, time: Duration) {
        let closing = async {
            if self.stream.shutdown().await.is_err() {
                return;
            }
            let mut dropped = 0;
            while !self.ended && dropped < most && self.fill().await.is_ok() {
                dropped += self.buffer.len();
                self.buffer.clear();
            }
        };
        // Whoever takes longer has lost the rest.
        let _ = timeout(time, closing).await;
    }

    /// The stream, if nothing has come that was not asked for.
    pub(super) fn into_silent(self) -> Option<UnixStream> {
        (self.buffer.is_empty() && !self.ended).then_some(self.stream)
    }
}

/// `time` after `start`, or thirty years where the clock has no name for it.
pub(super) fn after(start: Instant, time: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(30 * 365 * 86_400);
    start + time.min(NEVER)
}

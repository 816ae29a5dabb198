//! Reading the body of an HTTP message within bounds on size and time.

use std::{fmt, future::poll_fn, pin::pin, task::Poll, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use soap_core::{Limits, Timeouts};
use tokio::time::Instant;

use crate::{clock::after, socket::Alarm};

/// Room made at once for a body of announced length.
const FIRST: usize = 64 << 10;

/// Bounds on one body.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    size: usize,
    between_reads: Duration,
    whole: Duration,
    /// Bytes a second, once a time is over; 0: none.
    rate: usize,
    rate_after: Duration,
}

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    TooLarge {
        limit: usize,
    },
    Slow {
        phase: &'static str,
        after: Duration,
    },
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the message exceeds the limit of {limit} bytes"),
            Self::Slow { phase, after } => write!(f, "{phase} did not end within {after:?}"),
            Self::Broken(_) => f.write_str("the body ended before its end"),
        }
    }
}

impl Bounds {
    pub(crate) fn of_request(limits: &Limits, timeouts: &Timeouts) -> Self {
        Self {
            rate: limits.body_rate,
            ..Self::of_answer(limits, timeouts)
        }
    }

    pub(crate) fn of_answer(limits: &Limits, timeouts: &Timeouts) -> Self {
        Self {
            size: limits.message,
            between_reads: timeouts.body_read,
            whole: timeouts.body,
            rate: 0,
            rate_after: timeouts.body_rate_after,
        }
    }

    /// When reading ends without success if nothing more comes, and what is said then.
    fn deadline(&self, start: Instant, last: Instant, read: usize) -> (Instant, BodyError) {
        let slow = |phase, time| BodyError::Slow { phase, after: time };
        let mut first = (
            after(start, self.whole),
            slow("reading the body", self.whole),
        );
        let between = after(last, self.between_reads);
        if between < first.0 {
            first = (
                between,
                slow("reading more of the body", self.between_reads),
            );
        }
        if self.rate > 0 {
            let earned =
                Duration::from_micros((read as u64).saturating_mul(1_000_000) / self.rate as u64);
            let time = earned.max(self.rate_after);
            if after(start, time) < first.0 {
                first = (after(start, time), slow("a body so slow", time));
            }
        }
        first
    }

    /// Reads `body` to its end. Not more than [`Limits::message`] bytes are held.
    pub(crate) async fn read<B>(&self, body: B) -> Result<Bytes, BodyError>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > self.size {
            return Err(BodyError::TooLarge { limit: self.size });
        }
        let mut body = pin!(body);
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        let mut read = 0;
        let mut clock: Option<Clock> = None;
        loop {
            let frame = poll_fn(|cx| match body.as_mut().poll_frame(cx) {
                Poll::Ready(frame) => Poll::Ready(Ok(frame)),
                Poll::Pending => {
                    let clock = clock.get_or_insert_with(Clock::start);
                    let (deadline, error) = self.deadline(clock.start, clock.last, read);
                    clock.alarm.poll(deadline, cx).map(|()| Err(error))
                }
            })
            .await?;
            let Some(frame) = frame else { break };
            let frame = frame.map_err(|error| BodyError::Broken(error.into()))?;
            let Ok(mut data) = frame.into_data() else {
                continue;
            };
            let length = data.remaining();
            if length > self.size - read {
                return Err(BodyError::TooLarge { limit: self.size });
            }
            if read == 0 {
                first = data.copy_to_bytes(length);
            } else {
                if whole.is_empty() {
                    whole.reserve(announced.max(read + length).min(FIRST.max(read + length)));
                    whole.extend_from_slice(&first);
                }
                whole.extend_from_slice(&data.copy_to_bytes(length));
            }
            read += length;
            if let Some(clock) = &mut clock {
                clock.last = Instant::now();
            }
        }
        Ok(if whole.is_empty() {
            first
        } else {
            whole.freeze()
        })
    }
}

/// Starts when a read has to wait for the first time.
struct Clock {
    start: Instant,
    last: Instant,
    alarm: Alarm,
}

impl Clock {
    fn start() -> Self {
        let now = Instant::now();
        Self {
            start: now,
            last: now,
            alarm: Alarm::default(),
        }
    }
}

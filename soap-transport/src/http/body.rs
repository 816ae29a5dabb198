//! Reading the body of an HTTP message within bounds on size and time.

use std::{fmt, future::poll_fn, pin::pin, task::Poll};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use tokio::time::Instant;

use crate::{
    pace::{Pace, Slow},
    socket::Alarm,
};

/// Room made at once for a body of announced length.
const FIRST: usize = 64 << 10;

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    TooLarge { limit: usize },
    Slow(Slow),
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the message exceeds the limit of {limit} bytes"),
            Self::Slow(slow) => slow.fmt(f),
            Self::Broken(_) => f.write_str("the body ended before its end"),
        }
    }
}

/// Reads `body` to its end. Not more than [`Limits::message`] bytes are held.
pub(crate) async fn read<B>(pace: &Pace, body: B) -> Result<Bytes, BodyError>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > pace.size {
        return Err(BodyError::TooLarge { limit: pace.size });
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
                let (deadline, slow) = pace.deadline(clock.start, clock.last, read);
                let alarm = clock.alarm.poll(deadline, cx);
                alarm.map(|()| Err(BodyError::Slow(slow)))
            }
        })
        .await?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| BodyError::Broken(error.into()))?;
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        let length = data.remaining();
        if length > pace.size - read {
            return Err(BodyError::TooLarge { limit: pace.size });
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

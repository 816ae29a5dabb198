//! Reading the body of an HTTP message within bounds on size and time.

use std::{fmt, future::poll_fn, pin::Pin, task::Poll};

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
pub(crate) async fn read<B>(pace: &Pace, body: &mut B) -> Result<Bytes, BodyError>
where
    B: Body + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > pace.size {
        return Err(BodyError::TooLarge { limit: pace.size });
    }
    let mut whole = Whole::default();
    let mut clock: Option<Clock> = None;
    loop {
        let frame = poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(Ok(frame)),
            Poll::Pending => {
                let clock = clock.get_or_insert_with(Clock::start);
                let (deadline, slow) = pace.deadline(clock.start, clock.last, whole.length());
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
        if length > pace.size - whole.length() {
            return Err(BodyError::TooLarge { limit: pace.size });
        }
        whole.push(data.copy_to_bytes(length), announced);
        if let Some(clock) = &mut clock {
            clock.last = Instant::now();
        }
    }
    Ok(whole.into())
}

/// A body as far as it was read: a single piece is not copied.
enum Whole {
    Piece(Bytes),
    Pieces(BytesMut),
}

impl Default for Whole {
    fn default() -> Self {
        Self::Piece(Bytes::new())
    }
}

impl Whole {
    fn length(&self) -> usize {
        match self {
            Self::Piece(piece) => piece.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }

    /// Adds a piece of a body that is at least as long as `announced`.
    fn push(&mut self, piece: Bytes, announced: usize) {
        match self {
            Self::Piece(first) if first.is_empty() => *first = piece,
            Self::Piece(first) => {
                let length = first.len() + piece.len();
                let mut pieces =
                    BytesMut::with_capacity(announced.max(length).min(FIRST.max(length)));
                pieces.extend_from_slice(first);
                pieces.extend_from_slice(&piece);
                *self = Self::Pieces(pieces);
            }
            Self::Pieces(pieces) => pieces.extend_from_slice(&piece),
        }
    }
}

impl From<Whole> for Bytes {
    fn from(whole: Whole) -> Self {
        match whole {
            Whole::Piece(piece) => piece,
            Whole::Pieces(pieces) => pieces.freeze(),
        }
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

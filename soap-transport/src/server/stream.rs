//! The stream of a connection as hyper reads and writes it, with a bound on every wait.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use soap_core::{Limits, Timeouts};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::connection::{Connection, Phase};
use crate::{clock::after, socket::Alarm};

/// Reads and writes the stream of a [`Connection`] and keeps its phase.
///
/// Reading is bounded between requests (first byte, head, idle); the body of a request is bounded by who reads it. hyper has one
/// timer for a head that runs while the last answer is still being written, and would cut off a slow reader; here idle time
/// begins when the answer is written.
#[derive(Debug)]
pub(crate) struct ServerStream {
    connection: Arc<Connection>,
    bounds: Bounds,
    reading: Alarm,
    writing: Alarm,
    /// Since when, and how many bytes ago, a write had to wait for the peer.
    blocked: Option<(Instant, usize)>,
    /// Since when an answer is under way for which a write had to wait.
    answering: Option<Instant>,
}

#[derive(Debug, Clone)]
struct Bounds {
    first_byte: Duration,
    head: Duration,
    idle: Duration,
    write: Duration,
    /// A whole answer.
    answer: Duration,
    rate: usize,
}

impl ServerStream {
    pub(crate) fn new(connection: Arc<Connection>, timeouts: &Timeouts, limits: &Limits) -> Self {
        Self {
            connection,
            bounds: Bounds {
                first_byte: timeouts.first_byte,
                head: timeouts.head,
                idle: timeouts.idle,
                write: timeouts.write,
                answer: timeouts.connection,
                rate: limits.body_rate,
            },
            reading: Alarm::default(),
            writing: Alarm::default(),
            blocked: None,
            answering: None,
        }
    }

    /// Nothing came: an error in the middle of a head, an end before it.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let phase = match self.connection.phase() {
            Phase::Answering if self.blocked.is_none() => {
                self.connection.enter_at(Phase::Idle, Instant::now());
                Phase::Idle
            }
            phase => phase,
        };
        let bound = match phase {
            Phase::Fresh => self.bounds.first_byte,
            Phase::Idle => self.bounds.idle,
            Phase::Head => self.bounds.head,
            Phase::Busy | Phase::Answering => return Poll::Pending,
        };
        if self
            .reading
            .poll(after(self.connection.since(), bound), cx)
            .is_pending()
        {
            return Poll::Pending;
        }
        Poll::Ready(if phase == Phase::Head {
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("the head of a request did not end within {bound:?}"),
            ))
        } else {
            Ok(())
        })
    }

    fn written(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &result {
            Poll::Ready(Ok(written)) => {
                if let Some((_, bytes)) = &mut self.blocked {
                    *bytes += written;
                }
            }
            Poll::Ready(Err(_)) => self.connection.stall(),
            Poll::Pending => {
                let now = Instant::now();
                let (since, bytes) = *self.blocked.get_or_insert((now, 0));
                let end = after(*self.answering.get_or_insert(now), self.bounds.answer);
                let deadline = after(since, self.bounds.write).min(end);
                if self.writing.poll(deadline, cx).is_ready() {
                    let seconds =
                        usize::try_from(self.bounds.write.as_secs()).unwrap_or(usize::MAX);
                    let enough = self.bounds.rate.saturating_mul(seconds).max(1);
                    if bytes < enough || now >= end {
                        self.connection.stall();
                        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                    }
                    self.blocked = None;
                    return self.written(cx, Poll::Pending);
                }
            }
        }
        result
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = self
            .connection
            .with_stream(|stream| stream.poll_read(cx, buf));
        match result {
            Poll::Pending => self.wait(cx),
            Poll::Ready(Ok(())) if buf.filled().len() > before => {
                match self.connection.phase() {
                    Phase::Head | Phase::Busy => {}
                    Phase::Fresh | Phase::Idle | Phase::Answering => {
                        self.connection.enter_at(Phase::Head, Instant::now());
                    }
                }
                result
            }
            Poll::Ready(_) => result,
        }
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = self
            .connection
            .with_stream(|stream| stream.poll_write(cx, buf));
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self
            .connection
            .with_stream(|stream| stream.poll_write_vectored(cx, bufs));
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Called by hyper once all it had is written; TCP itself has nothing to flush.
    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.blocked = None;
        self.answering = None;
        Poll::Ready(Ok(()))
    }

    /// The owner of the connection closes it, as its options say.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

//! The stream of a connection as a protocol reads and writes it, with a bound on every wait.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::connection::{Connection, Phase};
use crate::{clock::after, socket::Alarm, stream::Stream};

/// Reads and writes the stream of a [`Connection`] and keeps its phase.
///
/// Reading is bounded between requests (first byte, head, idle); the body of a request is bounded by who reads it. hyper has one
/// timer for a head that runs while the last answer is still being written, and would cut off a slow reader; here idle time
/// begins when the answer is written.
#[derive(Debug)]
pub(crate) struct ServerStream {
    connection: Arc<Connection>,
    stream: Stream<Socket>,
    bounds: Bounds,
    reading: Alarm,
    writing: Alarm,
    /// Since when, and how many bytes ago, a write had to wait for the peer.
    blocked: Option<(Instant, usize)>,
    /// Since when an answer is under way for which a write had to wait.
    answering: Option<Instant>,
}

/// Bounds on the waits of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) first_byte: Duration,
    /// From the first byte of a request until it is [`Phase::Busy`].
    pub(crate) message: Duration,
    pub(crate) idle: Duration,
    /// A write that makes no progress, or less than `rate` bytes a second.
    pub(crate) write: Duration,
    /// A whole answer.
    pub(crate) answer: Duration,
    pub(crate) rate: usize,
}

impl ServerStream {
    /// `stream` is that of the `connection`, or what is spoken on it.
    pub(crate) fn new(connection: Arc<Connection>, stream: Stream<Socket>, bounds: Bounds) -> Self {
        Self {
            connection,
            stream,
            bounds,
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
            Phase::Head => self.bounds.message,
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
                format!("a request did not come within {bound:?}"),
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
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
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
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called once all of an answer was given to the stream.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        ready!(self.written(cx, flushed.map_ok(|()| 0)))?;
        self.blocked = None;
        self.answering = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.written(cx, shut.map_ok(|()| 0)).map_ok(|_| ())
    }
}

/// The socket of a [`Connection`], where TLS or [`ServerStream`] reads and writes it.
#[derive(Debug)]
pub(crate) struct Socket(Arc<Connection>);

impl Socket {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self(connection)
    }

    /// Whose socket it is.
    #[cfg(feature = "tls")]
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.0
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.with_stream(|stream| stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.with_stream(|stream| stream.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0
            .with_stream(|stream| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// TCP has nothing to flush.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The owner of the connection closes it, as its options say.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

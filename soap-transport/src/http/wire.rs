//! One connection of a client: hyper's end of it, polled by the call that uses it, and what is known of its bytes.

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Full;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use soap_core::{Linger, Options, transport::TransportError};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::body::{BodyError, Bounds};
use crate::{
    clock::after,
    socket::{self, Alarm, Waiting},
};

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

type Driver = Connection<TokioIo<ClientStream>, Full<Bytes>>;

/// A connection to a server. Nothing happens on it while no call polls it; dropping it closes it, so an answer not read can
/// never reach another call.
pub(super) struct Wire {
    sender: SendRequest<Full<Bytes>>,
    /// `None` once it has ended.
    connection: Option<Box<Driver>>,
    line: Arc<Line>,
}

impl Wire {
    /// Speaks HTTP on `stream`.
    pub(super) async fn new(stream: TcpStream, options: &Options) -> Result<Self, TransportError> {
        let line = Arc::new(Line::new(stream, options.socket.linger));
        let stream = ClientStream {
            line: Arc::clone(&line),
            write: options.timeouts.write,
            alarm: Alarm::default(),
            blocked: None,
        };
        let handshake = http1::Builder::new()
            .max_header_size(options.limits.head)
            .title_case_headers(true)
            .handshake(TokioIo::new(stream));
        let (sender, connection) = handshake.await.map_err(|error| {
            TransportError::connect("the connection cannot be used").caused_by(error)
        })?;
        Ok(Self {
            sender,
            connection: Some(Box::new(connection)),
            line,
        })
    }

    /// True if the connection can take a request and no FIN, RST or stray byte has come since the last answer.
    pub(super) fn is_usable(&self) -> bool {
        self.connection.is_some() && self.sender.is_ready() && self.line.is_silent()
    }

    /// True if a byte of the last request may have reached the peer.
    pub(super) fn has_written(&self) -> bool {
        self.line.written.load(Relaxed) > 0
    }

    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.line.peer
    }

    /// Sends a request and reads its answer. Afterwards [`is_usable`](Self::is_usable) tells if there may be another.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        options: &Options,
    ) -> Result<Answer, TransportError> {
        self.line.begin();
        let sending = self.sender.send_request(request);
        let response = self.begin_answer(sending, options).await?;
        let (parts, body) = response.into_parts();
        let bounds = Bounds::of_answer(&options.limits, &options.timeouts);
        let body = self.drive(bounds.read(body)).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge { limit } => {
                let text = format!("the answer exceeds the limit of {limit} bytes");
                TransportError::limit(text, true)
            }
            BodyError::Slow { phase, after } => TransportError::timeout(phase, after, true),
            BodyError::Broken(cause) => {
                TransportError::lost("the answer broke off", true).caused_by(cause)
            }
        })?;
        // hyper finds out only now that the answer is over.
        self.drive(std::future::ready(())).await;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    /// Waits for the head of the answer; its time begins with the last byte written.
    async fn begin_answer<T>(
        &mut self,
        sending: impl Future<Output = hyper::Result<T>>,
        options: &Options,
    ) -> Result<T, TransportError> {
        let mut sending = pin!(sending);
        let bound = options.timeouts.answer;
        loop {
            let deadline = after(self.line.last_write(), bound);
            match timeout_at(deadline, self.drive(sending.as_mut())).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => return Err(self.broken(error, options)),
                Err(_) if after(self.line.last_write(), bound) > deadline => {}
                Err(_) => {
                    let sent = self.has_written();
                    return Err(TransportError::timeout(
                        "waiting for the answer",
                        bound,
                        sent,
                    ));
                }
            }
        }
    }

    fn broken(&self, error: hyper::Error, options: &Options) -> TransportError {
        let sent = self.has_written();
        if self.line.stalled.load(Relaxed) {
            return TransportError::timeout("writing the request", options.timeouts.write, sent);
        }
        if error.is_parse_too_large() {
            let limit = options.limits.head;
            let text = format!("the head of the answer exceeds the limit of {limit} bytes");
            return TransportError::limit(text, sent);
        }
        if error.is_parse() {
            return TransportError::other("the peer did not answer in HTTP", sent).caused_by(error);
        }
        TransportError::lost("the connection broke before an answer came", sent).caused_by(error)
    }

    /// Polls `future` and the connection it depends on.
    async fn drive<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            self.poll_connection(cx);
            future.as_mut().poll(cx)
        })
        .await
    }

    fn poll_connection(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && let Poll::Ready(result) = Pin::new(&mut **connection).poll(cx)
        {
            // An error reaches the request too, which tells it.
            if let Err(error) = result {
                tracing::debug!(%error, "connection ended");
            }
            self.connection = None;
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("peer", &self.line.peer)
            .field("usable", &self.is_usable())
            .finish()
    }
}

/// The stream, where it can be looked at while hyper has it, and what went over it.
struct Line {
    stream: Mutex<TcpStream>,
    peer: Option<SocketAddr>,
    linger: Linger,
    /// Bytes of the current request.
    written: AtomicUsize,
    opened: Instant,
    /// In microseconds after `opened`.
    last_write: AtomicU64,
    /// A write took no more for too long.
    stalled: AtomicBool,
    /// The peer takes no more, but may have answered before.
    deaf: AtomicBool,
}

impl Line {
    fn new(stream: TcpStream, linger: Linger) -> Self {
        Self {
            peer: stream.peer_addr().ok(),
            stream: Mutex::new(stream),
            linger,
            written: AtomicUsize::new(0),
            opened: Instant::now(),
            last_write: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
            deaf: AtomicBool::new(false),
        }
    }

    fn begin(&self) {
        self.written.store(0, Relaxed);
        self.wrote(0);
    }

    fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes, Relaxed);
        let now = u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_write.store(now, Relaxed);
    }

    fn last_write(&self) -> Instant {
        self.opened + Duration::from_micros(self.last_write.load(Relaxed))
    }

    fn is_silent(&self) -> bool {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        !self.deaf.load(Relaxed) && socket::waiting(&stream) == Waiting::Nothing
    }

    fn with<T>(&self, f: impl FnOnce(Pin<&mut TcpStream>) -> T) -> T {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        f(Pin::new(&mut stream))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.linger == Linger::Abort {
            self.with(|stream| socket::reset_on_close(&stream));
        }
    }
}

/// The stream as hyper sees it.
struct ClientStream {
    line: Arc<Line>,
    write: Duration,
    alarm: Alarm,
    blocked: Option<Instant>,
}

impl ClientStream {
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        length: usize,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(written)) => {
                self.blocked = None;
                self.line.wrote(written);
                Poll::Ready(Ok(written))
            }
            // What the peer said before it stopped listening can still be read, and says more than the error (CL-5).
            Poll::Ready(Err(error)) if is_of_peer(&error) => {
                self.line.deaf.store(true, Relaxed);
                Poll::Ready(Ok(length))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let since = *self.blocked.get_or_insert_with(Instant::now);
                std::task::ready!(self.alarm.poll(after(since, self.write), cx));
                self.line.stalled.store(true, Relaxed);
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

fn is_of_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset
    )
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.line.with(|stream| stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = self.line.with(|stream| stream.poll_write(cx, buf));
        self.written(cx, buf.len(), result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bufs.iter().map(|buf| buf.len()).sum();
        let result = self
            .line
            .with(|stream| stream.poll_write_vectored(cx, bufs));
        self.written(cx, length, result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.with(|stream| stream.poll_shutdown(cx))
    }
}

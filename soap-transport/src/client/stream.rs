//! The socket of a client, and what is known of its bytes.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use soap_core::Linger;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use crate::{
    clock::after,
    socket::{self, Alarm, Waiting},
};

/// A socket, where it can be looked at while a protocol has it, and what went over it.
pub(crate) struct Line {
    stream: Mutex<TcpStream>,
    peer: Option<SocketAddr>,
    linger: Linger,
    /// Bytes of the current request.
    written: AtomicUsize,
    /// Bytes that came in all.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    read: AtomicUsize,
    opened: Instant,
    /// In microseconds after `opened`.
    last_write: AtomicU64,
    /// A write took no more for too long.
    stalled: AtomicBool,
    /// The peer takes no more, but may have answered before.
    deaf: AtomicBool,
    /// While the line is [looked at](Self::look): reads that may still be done.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    looks: Mutex<Option<usize>>,
}

/// Reads in one look at what TLS has sent: its records between messages, such as tickets, are few and small.
#[cfg(all(feature = "tcp", feature = "tls"))]
const LOOKS: usize = 16;

impl Line {
    pub(crate) fn new(stream: TcpStream, linger: Linger) -> Self {
        Self {
            peer: stream.peer_addr().ok(),
            stream: Mutex::new(stream),
            linger,
            written: AtomicUsize::new(0),
            #[cfg(all(feature = "tcp", feature = "tls"))]
            read: AtomicUsize::new(0),
            opened: Instant::now(),
            last_write: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
            deaf: AtomicBool::new(false),
            #[cfg(all(feature = "tcp", feature = "tls"))]
            looks: Mutex::default(),
        }
    }

    /// A new request begins.
    pub(crate) fn begin(&self) {
        self.written.store(0, Relaxed);
        self.wrote(0);
    }

    fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes, Relaxed);
        let now = u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_write.store(now, Relaxed);
    }

    /// Bytes of the current request that were written.
    pub(crate) fn written(&self) -> usize {
        self.written.load(Relaxed)
    }

    /// True if it is closed by an RST.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    pub(crate) fn aborts(&self) -> bool {
        self.linger == Linger::Abort
    }

    /// Bytes that came in all.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    pub(crate) fn read(&self) -> usize {
        self.read.load(Relaxed)
    }

    /// True if a write took no more for too long.
    pub(crate) fn is_stalled(&self) -> bool {
        self.stalled.load(Relaxed)
    }

    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// When something was written last, or the current request began.
    pub(crate) fn last_write(&self) -> Instant {
        self.opened + Duration::from_micros(self.last_write.load(Relaxed))
    }

    /// True if the peer takes no more.
    pub(crate) fn is_deaf(&self) -> bool {
        self.deaf.load(Relaxed)
    }

    /// As [`is_silent`](Self::is_silent), after taking the white space that has come.
    #[cfg(feature = "tcp")]
    pub(crate) fn is_silent_but_for_space(&self) -> bool {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_deaf() && socket::waiting_behind_space(&stream) == Waiting::Nothing
    }

    /// As [`is_silent_but_for_space`](Self::is_silent_but_for_space), after taking the records that say nothing, such as the tickets
    /// that a server of TLS 1.3 sends behind the handshake.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    pub(crate) fn is_silent_under_tls(&self, stream: &mut (impl AsyncRead + Unpin)) -> bool {
        let mut bytes = [0; 64];
        let is_quiet = self.look(|cx| {
            for _ in 0..2 {
                let mut read = ReadBuf::new(&mut bytes);
                match Pin::new(&mut *stream).poll_read(cx, &mut read) {
                    Poll::Pending => return true,
                    Poll::Ready(Ok(())) if read.filled().is_empty() => return false,
                    Poll::Ready(Ok(())) if read.filled().iter().all(u8::is_ascii_whitespace) => {}
                    Poll::Ready(_) => return false,
                }
            }
            false
        });
        is_quiet && self.is_silent()
    }

    /// Polls what reads from the socket and writes to it, of which nothing waits: reads ask the kernel, not the runtime, whose idea
    /// of what has come may be older, and there are few of them.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    pub(crate) fn look<T>(&self, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
        *self.looks() = Some(LOOKS);
        let result = poll(&mut Context::from_waker(std::task::Waker::noop()));
        *self.looks() = None;
        result
    }

    #[cfg(all(feature = "tcp", feature = "tls"))]
    fn looks(&self) -> std::sync::MutexGuard<'_, Option<usize>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a read finds in a look; `None`: this is none.
    #[cfg(all(feature = "tcp", feature = "tls"))]
    fn read_in_look(&self, buf: &mut ReadBuf<'_>) -> Option<Poll<io::Result<()>>> {
        let mut looks = self.looks();
        let left = looks.as_mut()?;
        if *left == 0 {
            return Some(Poll::Pending);
        }
        *left -= 1;
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match socket::read_now(&stream, buf) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            read => Poll::Ready(read),
        })
    }

    /// True if nothing may wait now.
    fn is_looked_at(&self) -> bool {
        #[cfg(all(feature = "tcp", feature = "tls"))]
        return self.looks().is_some();
        #[cfg(not(all(feature = "tcp", feature = "tls")))]
        false
    }

    /// True if no FIN, RST or byte has come that was not read.
    #[cfg(any(feature = "http", feature = "tls"))]
    pub(crate) fn is_silent(&self) -> bool {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_deaf() && socket::waiting(&stream) == Waiting::Nothing
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

/// The socket as TLS or a protocol sees it.
pub(crate) struct ClientStream {
    line: Arc<Line>,
    write: Duration,
    alarm: Alarm,
    blocked: Option<Instant>,
}

impl ClientStream {
    /// `write` bounds a write that makes no progress.
    pub(crate) fn new(line: Arc<Line>, write: Duration) -> Self {
        Self {
            line,
            write,
            alarm: Alarm::default(),
            blocked: None,
        }
    }

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
            Poll::Pending if self.line.is_looked_at() => Poll::Pending,
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
        #[cfg(all(feature = "tcp", feature = "tls"))]
        if let Some(read) = self.line.read_in_look(buf) {
            return read;
        }
        #[cfg(all(feature = "tcp", feature = "tls"))]
        let before = buf.filled().len();
        let read = self.line.with(|stream| stream.poll_read(cx, buf));
        #[cfg(all(feature = "tcp", feature = "tls"))]
        self.line
            .read
            .fetch_add(buf.filled().len() - before, Relaxed);
        read
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

//! One connection of a client: requests go out as they are, answers are told apart by their ends.

use std::{
    fmt,
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use soap_core::{Options, Peer, transport::TransportError};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use super::{FrameError, Habit, intake::Intake};
use crate::{
    client::{
        pool::Kept,
        stream::{ClientStream, Line},
    },
    clock::after,
    layer::ClientLayer,
    pace::{Pace, Slow},
    socket::Alarm,
    stream::Stream,
};

/// A connection to a server. Nothing happens on it while no call polls it; dropping it closes it, so an answer not read can
/// never reach another call.
pub(super) struct Wire {
    stream: Stream<ClientStream>,
    line: Arc<Line>,
    intake: Intake,
    certificates: Arc<[Bytes]>,
    /// All of the last request was written, and its answer, if it had one, was read.
    is_done: bool,
    /// An answer was read.
    has_answered: bool,
    /// The end of the handshake was not yet heard of; how long to wait for it.
    #[cfg(feature = "tls")]
    unconfirmed: Option<std::time::Duration>,
}

impl Wire {
    /// Speaks with `host` on `layer` on `stream`.
    pub(super) async fn new(
        stream: TcpStream,
        options: &Options,
        layer: &ClientLayer,
        host: &str,
    ) -> Result<Self, TransportError> {
        let line = Arc::new(Line::new(stream, options.socket.linger));
        let socket = ClientStream::new(Arc::clone(&line), options.timeouts.write);
        #[cfg(feature = "tls")]
        let begin = Instant::now();
        let stream = layer.open(socket, host, options.timeouts.tls).await?;
        Ok(Self {
            #[cfg(feature = "tls")]
            unconfirmed: super::tls::confirmation(&stream, begin.elapsed(), options),
            certificates: stream.certificates().unwrap_or_default(),
            stream,
            line,
            intake: Intake::new(options.limits.message),
            is_done: true,
            has_answered: false,
        })
    }

    /// True if a byte of the last request may have reached the peer.
    pub(super) fn has_written(&self) -> bool {
        self.line.written() > 0
    }

    /// The socket, and what is known of its bytes.
    pub(super) fn line(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }

    /// The peer, reached over `scheme`.
    pub(super) fn peer(&self, scheme: &'static str) -> Peer {
        Peer::new(scheme, self.line.peer()).certificates(Arc::clone(&self.certificates))
    }

    /// True if no FIN, RST or byte has come behind the last answer, but for white space.
    pub(super) fn is_quiet(&mut self) -> bool {
        let is_silent = match &mut self.stream {
            Stream::Plain(_) => self.line.is_silent_but_for_space(),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => self.line.is_silent_under_tls(stream),
        };
        self.has_only_space() && is_silent
    }

    /// True if nothing but white space was read behind the last answer.
    pub(super) fn has_only_space(&mut self) -> bool {
        self.intake.is_quiet()
    }

    /// True if the peer takes no more; what it said before can still be read.
    pub(super) fn is_deaf(&self) -> bool {
        self.line.is_deaf()
    }

    /// A request begins.
    pub(super) fn begin(&mut self) {
        self.line.begin();
        self.is_done = false;
    }

    /// Sends a message to which there is no answer.
    pub(super) async fn send(
        &mut self,
        message: Bytes,
        habit: Habit,
        options: &Options,
    ) -> Result<(), TransportError> {
        self.begin();
        let mut unsent = message;
        poll_fn(|cx| self.poll_send(&mut unsent, cx))
            .await
            .map_err(|error| self.not_written(error, options))?;
        #[cfg(feature = "tls")]
        self.confirm().await?;
        // One who no longer listens has not got it.
        if self.is_deaf() {
            return Err(TransportError::lost("the connection broke", true));
        }
        if habit == Habit::Once {
            // A peer that takes all up to the end of the stream waits for it. An error says that the connection has ended anyway.
            let _ = self.stream.shutdown().await;
        }
        self.is_done = habit == Habit::Keep;
        Ok(())
    }

    /// With TLS 1.3 the server's verdict on our certificate, or on that there is none, comes behind the handshake: waits for it, or
    /// for any other record, as nothing else would be read after a one-way message.
    #[cfg(feature = "tls")]
    async fn confirm(&mut self) -> Result<(), TransportError> {
        let Some(patience) = self.unconfirmed.take() else {
            return Ok(());
        };
        let before = self.line.read();
        let heard = poll_fn(|cx| {
            let read = self.intake.poll_read(&mut self.stream, cx);
            match read {
                Poll::Pending if self.line.read() > before => Poll::Ready(Ok(0)),
                read => read,
            }
        });
        let Ok(Err(error)) = tokio::time::timeout(patience, heard).await else {
            // Silence: most servers send tickets, but none has to. An end is seen before the next message.
            return Ok(());
        };
        // It is the first message of the connection.
        let told = crate::tls::lost(error, true, false);
        Err(told.unwrap_or_else(|error| {
            TransportError::lost("the connection broke", true).caused_by(error)
        }))
    }

    /// Sends a request and reads its answer. What the peer says before all is sent is its answer too; the connection is of no
    /// use after that.
    pub(super) async fn exchange(
        &mut self,
        request: Bytes,
        habit: Habit,
        options: &Options,
    ) -> Result<Bytes, TransportError> {
        self.begin();
        let pace = Pace::of_answer(&options.limits, &options.timeouts);
        let mut unsent = request;
        let mut sending = Sending::Request;
        let mut reading = Reading::default();
        poll_fn(|cx| {
            sending = match sending {
                Sending::Request => match self.poll_send(&mut unsent, cx) {
                    Poll::Ready(Ok(())) if habit == Habit::Once => Sending::End,
                    Poll::Ready(Ok(())) => Sending::Done,
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Err(self.not_written(error, options)));
                    }
                    Poll::Pending => Sending::Request,
                },
                other => other,
            };
            if let Sending::End = sending
                && Pin::new(&mut self.stream).poll_shutdown(cx).is_ready()
            {
                sending = Sending::Done;
            }
            if let Poll::Ready(answer) = self.poll_answer(&mut reading, &pace, cx) {
                self.is_done = matches!(sending, Sending::Done) && habit == Habit::Keep;
                return Poll::Ready(answer);
            }
            let since = Some(self.line.last_write());
            let Some((deadline, slow)) = self.deadline(&reading, &pace, since, options) else {
                return Poll::Pending;
            };
            ready!(reading.alarm.poll(deadline, cx));
            let late = TransportError::timeout(slow.phase, slow.after, self.has_written());
            Poll::Ready(Err(late))
        })
        .await
    }

    /// Writes `unsent` and takes off it what was written.
    pub(super) fn poll_send(
        &mut self,
        unsent: &mut Bytes,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while unsent.has_remaining() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, unsent))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            unsent.advance(written);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// The next answer.
    pub(super) fn poll_answer(
        &mut self,
        reading: &mut Reading,
        pace: &Pace,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, TransportError>> {
        loop {
            match self.intake.next() {
                Ok(Some(answer)) => {
                    self.has_answered = true;
                    return Poll::Ready(Ok(answer));
                }
                Ok(None) => reading.came(self.intake.len()),
                Err(error) => return Poll::Ready(Err(self.not_framed(error, pace))),
            }
            let read = self.intake.poll_read(&mut self.stream, cx);
            match ready!(read) {
                Ok(0) => return Poll::Ready(Err(self.ended())),
                Ok(_) => {}
                Err(error) => {
                    #[cfg(feature = "tls")]
                    let error = {
                        let has_answered = self.has_answered || !self.has_only_space();
                        match crate::tls::lost(error, self.has_written(), has_answered) {
                            Ok(told) => return Poll::Ready(Err(told)),
                            Err(error) => error,
                        }
                    };
                    let text = if self.intake.is_empty() {
                        "the connection broke before an answer came"
                    } else {
                        "the answer broke off"
                    };
                    let error = TransportError::lost(text, self.has_written()).caused_by(error);
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    /// When the answer is too late: it has to begin in time after `since`, and then to come in time.
    pub(super) fn deadline(
        &self,
        reading: &Reading,
        pace: &Pace,
        since: Option<Instant>,
        options: &Options,
    ) -> Option<(Instant, Slow)> {
        if let Some((first, last)) = reading.times {
            return Some(pace.deadline(first, last, self.intake.len()));
        }
        let bound = options.timeouts.answer;
        let slow = Slow {
            phase: "waiting for the answer",
            after: bound,
        };
        Some((after(since?, bound), slow))
    }

    fn ended(&self) -> TransportError {
        if self.intake.is_empty() {
            TransportError::lost(
                "the connection was closed before an answer came",
                self.has_written(),
            )
        } else {
            TransportError::lost("the answer broke off", true)
        }
    }

    fn not_framed(&self, error: FrameError, pace: &Pace) -> TransportError {
        let sent = self.has_written();
        match error {
            FrameError::TooLarge { .. } => TransportError::limit(
                format!("the answer exceeds the limit of {} bytes", pace.size),
                sent,
            ),
            FrameError::Http => TransportError::other(
                "the peer answers in HTTP, not with bare envelopes: take a URL of http",
                sent,
            ),
            error => TransportError::other("the peer did not answer with an envelope", sent)
                .caused_by(error),
        }
    }

    pub(super) fn not_written(&self, error: io::Error, options: &Options) -> TransportError {
        let sent = self.has_written();
        if self.line.is_stalled() {
            return TransportError::timeout("writing the request", options.timeouts.write, sent);
        }
        TransportError::lost("the connection broke", sent).caused_by(error)
    }
}

/// How far a request is sent.
#[derive(Debug, Clone, Copy)]
enum Sending {
    Request,
    End,
    Done,
}

/// When the bytes of an answer came.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The first and the last.
    times: Option<(Instant, Instant)>,
    /// How many there are.
    count: usize,
    pub(super) alarm: Alarm,
}

impl Reading {
    /// True if a byte of the answer has come.
    pub(super) fn has_begun(&self) -> bool {
        self.times.is_some()
    }

    /// There are `count` bytes now; the white space before an answer does not count.
    fn came(&mut self, count: usize) {
        if count > self.count {
            let now = Instant::now();
            self.times.get_or_insert((now, now)).1 = now;
            self.count = count;
        }
    }
}

/// A close with bytes unread, such as tickets, is an RST, which may destroy a one-way message on its way; one without
/// `close_notify` looks cut off to the peer.
#[cfg(feature = "tls")]
impl Drop for Wire {
    fn drop(&mut self) {
        if !self.is_done || self.line.aborts() {
            return;
        }
        if let Stream::Tls(stream) = &mut self.stream {
            self.line.is_silent_under_tls(stream);
            // Nobody is there to wait for more than the kernel takes at once.
            let _ = self.line.look(|cx| Pin::new(stream).poll_shutdown(cx));
        }
    }
}

impl Kept for Wire {
    fn is_done(&mut self) -> bool {
        self.is_done && self.has_only_space()
    }

    fn is_usable(&mut self) -> bool {
        self.is_done && self.is_quiet()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("peer", &self.line.peer())
            .field("is_done", &self.is_done)
            .field("has_answered", &self.has_answered)
            .finish_non_exhaustive()
    }
}

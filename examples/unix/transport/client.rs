//! The client: one call at a time on a connection, which is kept for the next one.

use std::{
    io::{self, Read},
    os::unix::net::UnixStream as StdStream,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant as Clock},
};

use bytes::Bytes;
use soapstone::transport::{
    Expect, Message, Options, Peer, Replies, Request, Transport, TransportError, tcp::FrameError,
};
use tokio::{
    net::UnixStream,
    time::{Instant, sleep, timeout},
};

use super::envelopes::{Envelopes, NoMessage, after};

/// Connections kept at a time; there may be more in use.
const KEPT: usize = 8;
/// Pause before a connection is tried again for which there was no room.
const PAUSE: Duration = Duration::from_millis(10);

/// Carries messages to the socket at one path.
#[derive(Debug)]
pub(super) struct UnixTransport {
    path: PathBuf,
    options: Options,
    kept: Mutex<Vec<Kept>>,
}

/// A connection without a call. It belongs to no runtime, so the transport may outlive one.
#[derive(Debug)]
struct Kept {
    stream: StdStream,
    since: Clock,
}

impl Transport for UnixTransport {
    /// All that is done is in the future: nothing happens before it is polled, and dropping it closes the connection, so that no
    /// late answer reaches another call.
    fn exchange(&self, request: Request) -> Replies<'_> {
        Replies::one(self.call(request))
    }
}

impl UnixTransport {
    pub(super) fn new(path: PathBuf, options: Options) -> Self {
        Self {
            path,
            options,
            kept: Mutex::default(),
        }
    }

    async fn call(&self, request: Request) -> Result<Option<Message>, TransportError> {
        let bound = request.timeout.unwrap_or(self.options.timeouts.call);
        let sent = AtomicBool::new(false);
        let call = timeout(bound, self.attempts(&request, &sent));
        call.await.unwrap_or_else(|_| {
            let sent = sent.load(Relaxed);
            Err(TransportError::timeout("the whole call", bound, sent))
        })
    }

    /// Sends again, once, what is lost: if it is idempotent, or if no byte of it had left on a connection that the server had
    /// closed meanwhile.
    async fn attempts(
        &self,
        request: &Request,
        sent: &AtomicBool,
    ) -> Result<Option<Message>, TransportError> {
        let kept = self.take();
        let was_kept = kept.is_some();
        let error = match self.attempt(kept, request, sent).await {
            Err(error) if error.is_lost() => error,
            result => return result,
        };
        let ambiguous = error.is_ambiguous();
        if !(request.idempotent || was_kept && !ambiguous) {
            return Err(error);
        }
        let again = self.attempt(None, request, sent).await;
        again.map_err(|error| error.after_attempt(ambiguous))
    }

    async fn attempt(
        &self,
        kept: Option<UnixStream>,
        request: &Request,
        sent: &AtomicBool,
    ) -> Result<Option<Message>, TransportError> {
        let Options {
            timeouts, limits, ..
        } = &self.options;
        let stream = match kept {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        let mut envelopes = Envelopes::new(stream, limits.message);
        let mut wrote = false;
        let written = || {
            wrote = true;
            sent.store(true, Relaxed);
        };
        let message = &request.message.envelope;
        let writing = envelopes
            .send(message, timeouts.write, timeouts.call, written)
            .await;
        if request.expect == Expect::Nothing && writing.is_ok() {
            // If anything is said to it after all, this is not for the next call: the connection ends here.
            envelopes.close(0, timeouts.write).await;
            return Ok(None);
        }
        if let Err(error) = &writing
            && error.kind() == io::ErrorKind::TimedOut
        {
            let phase = format!("writing to {}", self.path.display());
            return Err(TransportError::timeout(&phase, timeouts.write, wrote));
        }
        // A server that stopped reading may have said why.
        let whole = writing.is_ok();
        let first = after(Instant::now(), timeouts.answer);
        let answer = match (envelopes.next(first, &self.options).await, writing) {
            (Ok(Some(answer)), _) => answer,
            (_, Err(error)) => return Err(self.lost("writing to", wrote).caused_by(error)),
            (Ok(None), _) => return Err(self.lost("no answer from", wrote)),
            (Err(error), _) => return Err(self.failed(error, wrote)),
        };
        if whole && let Some(stream) = envelopes.into_silent() {
            self.keep(stream);
        }
        Ok(Some(self.message(answer)))
    }

    async fn connect(&self) -> Result<UnixStream, TransportError> {
        let path = self.path.display();
        let bound = self.options.timeouts.connect;
        let connecting = async {
            loop {
                match UnixStream::connect(&self.path).await {
                    // The backlog is full. TCP would wait by itself.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(PAUSE).await,
                    result => return result,
                }
            }
        };
        match timeout(bound, connecting).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => {
                let text = format!("no connection to {path}: {error}");
                Err(TransportError::connect(text).caused_by(error))
            }
            Err(_) => {
                let phase = format!("connecting to {path}");
                Err(TransportError::timeout(&phase, bound, false))
            }
        }
    }

    /// A kept connection on which nothing has come since, not even its end.
    fn take(&self) -> Option<UnixStream> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(Kept { stream, since }) = all.pop() {
            if since.elapsed() < self.options.timeouts.client_idle
                && is_silent(&stream)
                && let Ok(stream) = UnixStream::from_std(stream)
            {
                return Some(stream);
            }
        }
        None
    }

    fn keep(&self, stream: UnixStream) {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let time = self.options.timeouts.client_idle;
        all.retain(|kept| kept.since.elapsed() < time);
        if all.len() < KEPT
            && let Ok(stream) = stream.into_std()
        {
            all.push(Kept {
                stream,
                since: Clock::now(),
            });
        }
    }

    fn message(&self, envelope: Bytes) -> Message {
        let mut message = Message::new(envelope);
        message.peer = Some(Peer::new("unix", None));
        message
    }

    fn lost(&self, what: &str, sent: bool) -> TransportError {
        let path = self.path.display();
        TransportError::lost(format!("{what} {path}: the connection has ended"), sent)
    }

    fn failed(&self, error: NoMessage, sent: bool) -> TransportError {
        match error {
            NoMessage::Broken(error) => self.lost("reading from", sent).caused_by(error),
            NoMessage::Silent => {
                let bound = self.options.timeouts.answer;
                TransportError::timeout("waiting for the answer", bound, sent)
            }
            NoMessage::Slow(phase, bound) => TransportError::timeout(phase, bound, sent),
            NoMessage::Unreadable(error @ FrameError::TooLarge { .. }) => {
                TransportError::limit(format!("the answer is too large: {error}"), sent)
            }
            NoMessage::Unreadable(error) => {
                TransportError::other(format!("the answer is no envelope: {error}"), sent)
            }
        }
    }
}

fn is_silent(mut stream: &StdStream) -> bool {
    // The stream does not block: it was tokio's.
    matches!(stream.read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

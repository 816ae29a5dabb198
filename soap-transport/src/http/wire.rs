//! One connection of a client: hyper's end of it, polled by the call that uses it, and what is known of its bytes.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use soap_core::{Options, Peer, transport::TransportError};
use tokio::net::TcpStream;

use super::body::{self, BodyError};
use crate::{
    client::{
        pool::Kept,
        stream::{ClientStream, Line},
    },
    clock::after,
    layer::ClientLayer,
    pace::Pace,
    rouse::Rouse,
    socket::Alarm,
    stream::Stream,
};

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

type Driver = Connection<TokioIo<Stream<ClientStream>>, Full<Bytes>>;

/// A connection to a server. Nothing happens on it while no call polls it; dropping it closes it, so an answer not read can
/// never reach another call.
pub(super) struct Wire {
    sender: SendRequest<Full<Bytes>>,
    driven: Driven,
    /// Of the beginning of an answer; it outlives a call, so that not each call sets a timer.
    alarm: Alarm,
    line: Arc<Line>,
    certificates: Arc<[Bytes]>,
    /// An answer has begun.
    has_answered: bool,
}

/// hyper's end of a connection, polled by the call that uses it.
struct Driven {
    /// `None` once it has ended.
    connection: Option<Box<Driver>>,
    rouse: Rouse,
}

impl Wire {
    /// Speaks HTTP with `host` on `layer` on `stream`.
    pub(super) async fn new(
        stream: TcpStream,
        options: &Options,
        layer: &ClientLayer,
        host: &str,
    ) -> Result<Self, TransportError> {
        let line = Arc::new(Line::new(stream, options.socket.linger));
        let socket = ClientStream::new(Arc::clone(&line), options.timeouts.write);
        let stream = layer.open(socket, host, options.timeouts.tls).await?;
        let certificates = stream.certificates().unwrap_or_default();
        let handshake = http1::Builder::new()
            .max_header_size(options.limits.head)
            .title_case_headers(true)
            .handshake(TokioIo::new(stream));
        let (sender, connection) = handshake.await.map_err(|error| {
            TransportError::connect("the connection cannot be used").caused_by(error)
        })?;
        Ok(Self {
            sender,
            driven: Driven {
                connection: Some(Box::new(connection)),
                rouse: Rouse::default(),
            },
            alarm: Alarm::default(),
            line,
            certificates,
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

    /// Sends a request and reads its answer. Afterwards [`is_done`](Kept::is_done) tells if there may be another.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        options: &Options,
    ) -> Result<Answer, TransportError> {
        self.line.begin();
        let response = self.begin_answer(request, options).await?;
        self.has_answered = true;
        let (parts, mut body) = response.into_parts();
        let pace = Pace::of_answer(&options.limits, &options.timeouts);
        let body = self.driven.drive(body::read(&pace, &mut body)).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge { limit } => {
                let text = format!("the answer exceeds the limit of {limit} bytes");
                TransportError::limit(text, true)
            }
            BodyError::Slow(slow) => TransportError::timeout(slow.phase, slow.after, true),
            BodyError::Broken(cause) => {
                TransportError::lost("the answer broke off", true).caused_by(cause)
            }
        })?;
        // hyper finds out only now that the answer is over.
        self.driven.drive(std::future::ready(())).await;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    /// Waits for the head of the answer; its time begins with the last byte written.
    async fn begin_answer(
        &mut self,
        request: Request<Full<Bytes>>,
        options: &Options,
    ) -> Result<Response<Incoming>, TransportError> {
        let bound = options.timeouts.answer;
        let Self {
            sender,
            driven,
            line,
            alarm,
            ..
        } = self;
        let answered = {
            // Sent by the first poll, so that the connection is not woken before it is polled.
            let mut sending = pin!(async move { sender.send_request(request).await });
            let answering = poll_fn(|cx| {
                if let Poll::Ready(answered) = sending.as_mut().poll(cx) {
                    return Poll::Ready(Some(answered));
                }
                let late = alarm.poll(after(line.last_write(), bound), cx);
                late.map(|()| None)
            });
            driven.drive(answering).await
        };
        match answered {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => Err(self.broken(error, options)),
            None => {
                let sent = self.has_written();
                Err(TransportError::timeout(
                    "waiting for the answer",
                    bound,
                    sent,
                ))
            }
        }
    }

    fn broken(&self, error: hyper::Error, options: &Options) -> TransportError {
        let sent = self.has_written();
        if self.line.is_stalled() {
            return TransportError::timeout("writing the request", options.timeouts.write, sent);
        }
        #[cfg(feature = "tls")]
        let error = match crate::tls::lost(error, sent, self.has_answered) {
            Ok(told) => return told,
            Err(error) => error,
        };
        if error.is_parse_too_large() {
            let limit = options.limits.head;
            let text = format!("the head of the answer exceeds the limit of {limit} bytes");
            return TransportError::limit(text, sent);
        }
        if error.is_parse() {
            const TEXT: &str = "the peer did not answer in HTTP: it may speak TLS on this port (https), or bare envelopes (soap.tcp)";
            return TransportError::other(TEXT, sent).caused_by(error);
        }
        TransportError::lost("the connection broke before an answer came", sent).caused_by(error)
    }
}

impl Driven {
    /// Polls `future` and the connection it depends on.
    async fn drive<F: Future>(&mut self, future: F) -> F::Output {
        let Self { connection, rouse } = self;
        let mut future = pin!(future);
        poll_fn(|cx| {
            rouse.poll(cx, |cx| {
                poll_connection(connection, cx);
                future.as_mut().poll(cx)
            })
        })
        .await
    }
}

/// Polls a connection, which becomes `None` when it ends.
fn poll_connection(connection: &mut Option<Box<Driver>>, cx: &mut Context<'_>) {
    if let Some(polled) = connection
        && let Poll::Ready(result) = Pin::new(&mut **polled).poll(cx)
    {
        // An error reaches the request too, which tells it.
        if let Err(error) = result {
            tracing::debug!(%error, "connection ended");
        }
        *connection = None;
    }
}

impl Kept for Wire {
    fn is_done(&mut self) -> bool {
        self.driven.connection.is_some() && self.sender.is_ready()
    }

    fn is_usable(&mut self) -> bool {
        self.is_done() && self.line.is_silent()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("peer", &self.line.peer())
            .field("has_answered", &self.has_answered)
            .finish_non_exhaustive()
    }
}

//! The pluggable seam between the protocol and the wire: [`Transport`] on the client, [`Listener`] on the server.
//!
//! Third parties need only this crate: a [`Scheme`] makes transports and listeners for its URL schemes, a [`Registry`] maps
//! schemes to them. The example `unix` of the facade is such a transport, over Unix domain sockets; the tests in
//! `tests/transports/` hold it to the same promises as those that come with soapstone.

use std::{
    any::TypeId,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;

use crate::{Addressing, Fault, Message, Options, SocketOptions};

mod error;
mod registry;
mod stop;

pub use error::TransportError;
pub use registry::Registry;
pub use stop::Stop;

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries messages to one peer (or group).
///
/// # Contract
/// Nothing happens before the first poll of the answer. `request.timeout` bounds the exchange up to the end of the answer's
/// envelope; the transport keeps the time. Dropping the answer cancels: a late answer must never reach a later call, nor a fault
/// that comes to a one-way message. [`Expect::Nothing`] ends without a message once the wire has taken the request. A request of
/// which a byte was written is sent again only if it is idempotent, and once.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request and hands out its answers.
    fn exchange(&self, request: Request) -> Replies<'_>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn exchange(&self, request: Request) -> Replies<'_> {
        (**self).exchange(request)
    }
}

/// A message to send, and what is expected back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The message.
    pub message: Message,
    /// How many answers are expected.
    pub expect: Expect,
    /// Bound on the whole exchange; `None`: the transport's default.
    pub timeout: Option<Duration>,
    /// The operation may be executed twice: it is sent again after a failure in transport.
    pub idempotent: bool,
    /// Beside [`Expect::Nothing`]: the answer goes elsewhere, by WS-Addressing. What a transport that has a way back gets on it is
    /// a message then, mostly a fault, and given to the caller.
    pub answer_elsewhere: bool,
}

impl Request {
    /// A request that expects one answer.
    pub fn new(message: Message) -> Self {
        Self {
            message,
            expect: Expect::One,
            timeout: None,
            idempotent: false,
            answer_elsewhere: false,
        }
    }
}

/// How many answers a request expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expect {
    /// None: a one-way message. That the wire has taken it is all that is known: a peer that stops, closes its connection or refuses it
    /// before it has read the message loses it without a word. What must not be lost needs an answer.
    Nothing,
    /// One.
    One,
    /// Any number until the timeout.
    Many,
}

/// No, one or several messages. Dropping it cancels the exchange.
pub struct Replies<'t>(Inner<'t>);

enum Inner<'t> {
    One(Option<BoxFuture<'t, Result<Option<Message>, TransportError>>>),
    Many(Pin<Box<dyn Stream<Item = Result<Message, TransportError>> + Send + 't>>),
}

impl<'t> Replies<'t> {
    /// At most one answer: `None` for a one-way message.
    pub fn one(
        answer: impl Future<Output = Result<Option<Message>, TransportError>> + Send + 't,
    ) -> Self {
        Self(Inner::One(Some(Box::pin(answer))))
    }

    /// Any number of answers.
    pub fn many(answers: impl Stream<Item = Result<Message, TransportError>> + Send + 't) -> Self {
        Self(Inner::Many(Box::pin(answers)))
    }

    /// The next answer; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Message, TransportError>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Polls for the next answer.
    pub fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, TransportError>>> {
        match &mut self.0 {
            Inner::One(None) => Poll::Ready(None),
            Inner::One(answer @ Some(_)) => {
                let Some(future) = answer else {
                    return Poll::Ready(None);
                };
                let result = std::task::ready!(future.as_mut().poll(cx));
                *answer = None;
                Poll::Ready(result.transpose())
            }
            Inner::Many(answers) => answers.as_mut().poll_next(cx),
        }
    }
}

impl fmt::Debug for Replies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replies").finish_non_exhaustive()
    }
}

/// What a listener drives. Never fails: a fault is a message.
///
/// The future runs the user's handler. A listener whose peer has left must drive it to its end all the same: operations have
/// effects.
pub trait Dispatch: fmt::Debug + Send + Sync + 'static {
    /// Answers one request.
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome>;

    /// The WSDL, with ports as `port` says; `None` if there is none to show.
    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        let _ = port;
        None
    }

    /// The answer to a request that was not dispatched, for overload and timeouts, or could not be: what is wrong is `fault`.
    /// [`Message::fault`] says who is to get it.
    fn refuse(&self, request: &Message, fault: &Fault) -> Message;
}

/// What a WSDL says of the ports of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Port<'a> {
    /// Their address.
    pub location: &'a str,
    /// Whether they take WS-Addressing.
    pub addressing: Addressing,
}

impl<'a> Port<'a> {
    /// Ports at `location` that take messages with WS-Addressing and without.
    pub fn new(location: &'a str) -> Self {
        Self {
            location,
            addressing: Addressing::Optional,
        }
    }
}

/// What comes of a request.
#[non_exhaustive]
pub enum Outcome {
    /// The answer, also when it is a fault. `status` says what HTTP shall say; `None`: 200.
    Reply(Message),
    /// Nothing goes back. The listener acknowledges at once (HTTP 202, TCP and UDP nothing) and drives the work to its end as a
    /// call in flight.
    Accepted(BoxFuture<'static, ()>),
    /// As `Accepted`, and what the work gives goes to the URL beside it, which the binding's
    /// [`answers_to`](crate::AddressingOptions::answers_to) allows: an answer and a fault may have different ones. `None` if there
    /// is nothing to send. A server turns it into `Accepted` before a listener sees it.
    Elsewhere(BoxFuture<'static, Option<(String, Message)>>),
    /// The media type announced another version of SOAP than the Envelope has: HTTP 415, nothing elsewhere.
    VersionMismatchesMediaType,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(message) => f.debug_tuple("Reply").field(message).finish(),
            Self::Accepted(_) => f.write_str("Accepted"),
            Self::Elsewhere(_) => f.write_str("Elsewhere"),
            Self::VersionMismatchesMediaType => f.write_str("VersionMismatchesMediaType"),
        }
    }
}

/// Services by path, for schemes whose listeners tell services apart by it. A server gives it among the [`Options`] to the schemes
/// that name it in [`Scheme::options`]; what has none of these paths is for the service that is served.
#[derive(Debug, Clone, Default)]
pub struct Mounts(Vec<(String, Arc<dyn Dispatch>)>);

impl Mounts {
    /// Paths, each with its service.
    pub fn new(mounts: impl IntoIterator<Item = (String, Arc<dyn Dispatch>)>) -> Self {
        Self(mounts.into_iter().collect())
    }

    /// Paths, each with its service, in the order they were mounted.
    pub fn iter(&self) -> impl Iterator<Item = &(String, Arc<dyn Dispatch>)> {
        self.0.iter()
    }
}

/// Listens on one URL.
pub trait Listener: fmt::Debug + Send {
    /// Where peers reach it, port 0 resolved.
    fn url(&self) -> &str;

    /// Serves until `stop`; then takes nothing new, finishes what is in flight and returns, at the deadline at the latest: what is
    /// left then is cut off, and an error. Dropping the future cuts it off at once.
    fn serve(
        self: Box<Self>,
        service: Arc<dyn Dispatch>,
        stop: Stop,
    ) -> BoxFuture<'static, Result<(), TransportError>>;
}

/// Makes transports and listeners for some URL schemes.
pub trait Scheme: fmt::Debug + Send + Sync + 'static {
    /// The URL schemes, in lower case, without `:`.
    fn names(&self) -> &[&'static str];

    /// The types among [`Options::with`] that it can honour; `None`, unless said: it is given all, and refuses some itself. A
    /// server with several bindings gives each of them what its scheme can honour, and refuses what none can.
    fn options(&self) -> Option<Vec<TypeId>> {
        None
    }

    /// Whether messages carry WS-Addressing where nothing is said; `None`, unless said: servers take it where it comes, and clients
    /// do not send it.
    fn addressing(&self) -> Option<Addressing> {
        None
    }

    /// Whether an answer may go elsewhere than back, where [`answers_to`](crate::AddressingOptions::answers_to) allows it: true,
    /// unless said. False where a request has whatever source its sender gives it: then nobody can tell who has a server send.
    fn answers_elsewhere(&self) -> bool {
        true
    }

    /// Of the options of sockets that several URLs of a server share, those that this one can honour; all, unless said. It refuses
    /// the others itself where they are meant for it alone.
    fn socket(&self, shared: &SocketOptions) -> SocketOptions {
        shared.clone()
    }

    /// Finds what is wrong with `url` by itself, so that it can be told before anything is connected or bound; nothing, unless said.
    ///
    /// # Errors
    /// Fails if both [`connect`](Self::connect) and [`bind`](Self::bind) would.
    fn check(&self, url: &str) -> Result<(), TransportError> {
        let _ = url;
        Ok(())
    }

    /// A transport to the peer at `url`. An option it cannot honour is an error that names it.
    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>>;

    /// A listener on `url`. An option it cannot honour is an error that names it.
    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>>;
}

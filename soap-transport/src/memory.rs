//! Calls within one process, without a socket: any server is a transport for its client. For tests, and for programs that hold
//! both sides.

use std::{
    any::TypeId,
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use soap_core::{
    IntoDispatch, Limits, Message, Options, Peer,
    transport::{
        BoxFuture, Dispatch, Expect, Listener, Outcome, Replies, Request, Scheme, Stop, Transport,
        TransportError,
    },
};
use tokio::{sync::watch, time::timeout};

use crate::Gate;

/// The scheme `memory`: what is bound to `memory://name` can be connected to by the same URL, through clones of one value.
///
/// # Example
/// ```
/// use soap_core::transport::Registry;
/// use soap_transport::{Endpoint, Memory};
/// let registry = Registry::new().with(Memory::new());
/// // Server::new(service).registry(registry.clone()).bind("memory://calc")
/// let endpoint = Endpoint::new("memory://calc").registry(registry);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Memory {
    bound: Arc<Mutex<HashMap<String, Bound>>>,
}

/// What is bound to a URL; the service is there once it is served.
#[derive(Debug, Clone)]
struct Bound {
    service: watch::Receiver<Option<Arc<dyn Dispatch>>>,
    limits: Arc<Limits>,
}

impl Memory {
    /// The scheme, with nothing bound.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn bound(&self) -> MutexGuard<'_, HashMap<String, Bound>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, url: &str) -> Result<Bound, TransportError> {
        self.bound().get(url).cloned().ok_or_else(|| {
            TransportError::connect(format!("nothing is bound to {url:?} in this process"))
        })
    }
}

/// A transport straight to `service`, behind a [`Gate`] with the default options of a server.
pub fn transport(service: impl IntoDispatch) -> MemoryTransport {
    let options = Options::server();
    let gate: Arc<dyn Dispatch> = Arc::new(Gate::new(service, &options));
    let (_, service) = watch::channel(Some(gate));
    MemoryTransport {
        peer: Side::Service(Bound {
            service,
            limits: Arc::new(options.limits),
        }),
        call: Options::client().timeouts.call,
    }
}

impl Scheme for Memory {
    fn names(&self) -> &[&'static str] {
        &["memory"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(Vec::new())
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            check(options)?;
            self.find(url)?;
            Ok(Arc::new(MemoryTransport {
                peer: Side::Url(self.clone(), url.to_owned()),
                call: options.timeouts.call,
            }) as Arc<dyn Transport>)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            check(options)?;
            let (service, watched) = watch::channel(None);
            let mut all = self.bound();
            if all.contains_key(url) {
                return Err(TransportError::config(format!("{url:?} is bound already")));
            }
            all.insert(
                url.to_owned(),
                Bound {
                    service: watched,
                    limits: Arc::new(options.limits.clone()),
                },
            );
            Ok(Box::new(MemoryListener {
                memory: self.clone(),
                url: url.to_owned(),
                service,
            }) as Box<dyn Listener>)
        })
    }
}

fn check(options: &Options) -> Result<(), TransportError> {
    match options.unknown(&[]).first() {
        Some(name) => Err(TransportError::config(format!(
            "memory cannot honour the options {name}"
        ))),
        None => Ok(()),
    }
}

/// Unbinds its URL when it is dropped.
struct MemoryListener {
    memory: Memory,
    url: String,
    service: watch::Sender<Option<Arc<dyn Dispatch>>>,
}

impl Listener for MemoryListener {
    fn url(&self) -> &str {
        &self.url
    }

    fn serve(
        self: Box<Self>,
        service: Arc<dyn Dispatch>,
        stop: Stop,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        Box::pin(async move {
            self.service.send_replace(Some(service));
            stop.stopped().await;
            Ok(())
        })
    }
}

impl Drop for MemoryListener {
    fn drop(&mut self) {
        self.memory.bound().remove(&self.url);
    }
}

impl fmt::Debug for MemoryListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryListener")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Carries messages to a service in the same process.
#[derive(Debug, Clone)]
pub struct MemoryTransport {
    peer: Side,
    call: Duration,
}

#[derive(Debug, Clone)]
enum Side {
    Service(Bound),
    /// What is bound to the URL when a call is made: a client outlives its server.
    Url(Memory, String),
}

impl MemoryTransport {
    async fn call(&self, request: Request) -> Result<Option<Message>, TransportError> {
        let Request {
            mut message,
            expect,
            timeout: bound,
            answer_elsewhere,
            ..
        } = request;
        let Bound {
            mut service,
            limits,
        } = match &self.peer {
            Side::Service(bound) => bound.clone(),
            Side::Url(memory, url) => memory.find(url)?,
        };
        let limit = limits.message;
        if message.envelope.len() > limit {
            let text = format!("the message exceeds the server's limit of {limit} bytes");
            return Err(TransportError::limit(text, false));
        }
        message.peer = Some(Peer::new("memory", None));
        let mut sent = false;
        let bound = bound.unwrap_or(self.call);
        let dispatching = async {
            let stopped = || TransportError::connect("the server has stopped");
            let served = service.wait_for(Option::is_some).await;
            let service = served.map_err(|_| stopped())?.clone();
            let service = service.ok_or_else(stopped)?;
            sent = true;
            Ok(service.dispatch(message).await)
        };
        match timeout(bound, dispatching).await {
            Ok(outcome) => answer(outcome?, expect, answer_elsewhere),
            Err(_) => Err(TransportError::timeout("the whole call", bound, sent)),
        }
    }
}

fn answer(
    outcome: Outcome,
    expect: Expect,
    is_wanted_elsewhere: bool,
) -> Result<Option<Message>, TransportError> {
    let without_message = |status| Err(TransportError::status(status, None, &Bytes::new()));
    match outcome {
        Outcome::Reply(mut reply) => {
            let status = *reply.status.get_or_insert(200);
            // As on HTTP: a one-way call has no answer, unless it failed.
            let is_told = expect != Expect::Nothing || status >= 300 || is_wanted_elsewhere;
            Ok(is_told.then_some(reply))
        }
        Outcome::Accepted(work) => {
            tokio::spawn(work);
            if expect == Expect::Nothing {
                Ok(None)
            } else {
                without_message(202)
            }
        }
        Outcome::VersionMismatchesMediaType => without_message(415),
        _ => Err(TransportError::other(
            "the service has no answer for memory",
            true,
        )),
    }
}

impl Transport for MemoryTransport {
    fn exchange(&self, request: Request) -> Replies<'_> {
        Replies::one(self.call(request))
    }
}

//! What every call passes on its way to the service, whatever the transport: the bounds on calls at a time, the bound on a
//! handler's time, and the promise that a handler once begun runs to its end.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
    time::Duration,
};

use soap_core::{
    Capacity, Fault, IntoDispatch, Message, Options, Peer, PeerGone,
    transport::{BoxFuture, Dispatch, Outcome, Port},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::{Instrument, Span, field};

use super::elsewhere::{Courier, unanswered};

const IN_FLIGHT_PER_CORE: usize = 64;
const BUSY: &str = "the server is busy; try again later";

/// A service behind bounds: [`Capacity::in_flight`] calls at a time, [`Capacity::queue`] waiting for their turn, a Server fault
/// with status 503 for the others, and one with status 500 when a handler takes longer than
/// [`Timeouts::handler`](soap_core::Timeouts::handler).
///
/// A handler once begun runs to its end: when its time is over, or when a transport drops the call because the peer has left, a
/// task goes on with it, and it counts as in flight. An answer that goes elsewhere ([`Outcome::Elsewhere`]) is sent from here.
/// [`Server`](crate::Server) puts a gate before each service; who drives a listener by other means does it himself.
pub struct Gate {
    service: Arc<dyn Dispatch>,
    calls: Arc<Calls>,
    courier: Arc<Courier>,
    time: Duration,
}

/// The calls of one server.
#[derive(Debug)]
pub(crate) struct Calls {
    slots: Arc<Semaphore>,
    most: usize,
    waiting: AtomicUsize,
    queue: usize,
}

/// Calls being executed at a time.
pub(crate) fn in_flight(capacity: &Capacity) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let most = capacity.in_flight;
    most.unwrap_or_else(|| IN_FLIGHT_PER_CORE * cores())
        .clamp(1, u32::MAX as usize >> 3)
}

impl Calls {
    pub(crate) fn new(capacity: &Capacity) -> Self {
        let most = in_flight(capacity);
        Self {
            slots: Arc::new(Semaphore::new(most)),
            most,
            waiting: AtomicUsize::new(0),
            queue: capacity.queue,
        }
    }

    /// Ends when no call is in flight. Calls that come later wait behind.
    pub(crate) async fn idle(&self) {
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let _all = self.slots.acquire_many(all).await;
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.most - self.slots.available_permits()
    }

    /// The most there may be in flight.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// A place among those in flight, if one is free.
    fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// Waits in the queue for such a place.
    async fn wait(&self, time: Duration) -> Option<OwnedSemaphorePermit> {
        let _place = Place::take(&self.waiting, self.queue)?;
        let permit = Arc::clone(&self.slots).acquire_owned();
        timeout(time, permit).await.ok()?.ok()
    }
}

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, queue: usize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, SeqCst) < queue).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Gate {
    /// A gate before `service`, with bounds of its own.
    pub fn new(service: impl IntoDispatch, options: &Options) -> Self {
        let calls = Arc::new(Calls::new(&options.capacity));
        let courier = Arc::new(Courier::new(
            crate::default_registry(),
            &calls,
            options.timeouts.stop,
        ));
        let service = service.into_dispatch(&options.limits);
        Self::shared(service, calls, courier, options)
    }

    /// A gate before one of several services that share their bounds.
    pub(super) fn shared(
        service: Arc<dyn Dispatch>,
        calls: Arc<Calls>,
        courier: Arc<Courier>,
        options: &Options,
    ) -> Self {
        Self {
            service,
            calls,
            courier,
            time: options.timeouts.handler,
        }
    }

    /// Waits for a place and runs the call.
    async fn queue(self: Arc<Self>, request: Message, span: Span) -> Outcome {
        match self.calls.wait(self.time).await {
            Some(permit) => self.run(request, permit, span).await,
            None => {
                tracing::warn!("call refused: {} in flight", self.calls.most);
                self.refuse_with(&request, BUSY.to_owned(), 503)
            }
        }
    }

    /// Runs a call that has its place. What needs no waiting is done before the future is made, so that this holds little.
    fn run(
        self: Arc<Self>,
        request: Message,
        permit: OwnedSemaphorePermit,
        span: Span,
    ) -> impl Future<Output = Outcome> + Send + use<> {
        let gone = request.peer.as_ref().map(|peer| peer.gone.clone());
        let mut asked = Message::new(request.envelope.clone());
        asked.version = request.version;
        asked.charset.clone_from(&request.charset);
        asked.action.clone_from(&request.action);
        asked.addressing.clone_from(&request.addressing);
        let handler = Arc::clone(&self.service).dispatch(request);
        let mut work = Work {
            handler: Some(handler),
            is_begun: false,
            gate: self,
            permit: Some(permit),
            gone,
            is_refused: false,
            span,
        };
        async move {
            // A handler that never waits needs no timer.
            let at_once = poll_fn(|cx| Poll::Ready(Pin::new(&mut work).poll(cx))).await;
            let ended = match at_once {
                Poll::Ready(outcome) => Ok(outcome),
                Poll::Pending => timeout(work.gate.time, &mut work).await,
            };
            match ended {
                Ok(Outcome::Accepted(rest)) => {
                    let permit = work.permit.take();
                    let rest = one_way(rest, permit, work.gate.time);
                    Outcome::Accepted(Box::pin(rest.instrument(work.span.clone())))
                }
                Ok(outcome) => outcome,
                Err(_) => {
                    // The peer is still there: it gets a fault.
                    work.gone = None;
                    work.is_refused = true;
                    let gate = &work.gate;
                    let reason = format!("the operation did not end within {:?}", gate.time);
                    gate.refuse_with(&asked, reason, 500)
                }
            }
        }
    }

    fn refuse_with(&self, request: &Message, reason: String, status: u16) -> Outcome {
        let mut fault = self.service.refuse(request, &Fault::receiver(reason));
        fault.status = Some(status);
        Outcome::Reply(fault)
    }
}

/// Work whose answer has been given. Nobody waits for it, so nothing else tells that it takes long.
async fn one_way(
    mut rest: BoxFuture<'static, ()>,
    permit: Option<OwnedSemaphorePermit>,
    time: Duration,
) {
    let _permit = permit;
    let at_once = poll_fn(|cx| Poll::Ready(rest.as_mut().poll(cx))).await;
    if at_once.is_pending() && timeout(time, &mut rest).await.is_err() {
        tracing::warn!("one-way work did not end within {time:?}; it goes on");
        rest.await;
    }
}

fn span(request: &Message) -> Span {
    let peer = request.peer.as_ref();
    tracing::info_span!(
        "soap.serve",
        scheme = peer.map(|peer| peer.scheme),
        peer = peer
            .and_then(|peer: &Peer| peer.address)
            .map(field::display),
        action = request.action.as_deref(),
        status = field::Empty,
    )
}

impl Dispatch for Gate {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        let span = span(&request);
        let permit = self.calls.enter();
        let recorded = span.clone();
        let passing: BoxFuture<'static, Outcome> = match permit {
            Some(permit) => Box::pin(recorded.in_scope(|| self.run(request, permit, span))),
            None => Box::pin(self.queue(request, span)),
        };
        if recorded.is_disabled() {
            return passing;
        }
        let span = recorded.clone();
        let passing = async move {
            let outcome = passing.await;
            match &outcome {
                Outcome::Reply(reply) => recorded.record("status", reply.status.unwrap_or(200)),
                Outcome::Accepted(_) => recorded.record("status", 202),
                _ => &recorded,
            };
            outcome
        };
        Box::pin(passing.instrument(span))
    }

    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        self.service.wsdl(port)
    }

    fn refuse(&self, request: &Message, fault: &Fault) -> Message {
        self.service.refuse(request, fault)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("service", &self.service)
            .field("calls", &self.calls)
            .field("time", &self.time)
            .finish()
    }
}

/// A handler that goes on in a task of its own when it is dropped.
struct Work {
    handler: Option<BoxFuture<'static, Outcome>>,
    is_begun: bool,
    gate: Arc<Gate>,
    permit: Option<OwnedSemaphorePermit>,
    /// Set when the peer is the reason.
    gone: Option<PeerGone>,
    /// Set when the caller has got a fault in its place: no other answer may follow.
    is_refused: bool,
    span: Span,
}

impl Future for Work {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.is_begun = true;
        let Some(handler) = self.handler.as_mut() else {
            return Poll::Pending;
        };
        let outcome = handler.as_mut().poll(cx);
        if outcome.is_ready() {
            self.handler = None;
        }
        outcome.map(|outcome| self.gate.courier.accepted(outcome))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(handler) = self.handler.take().filter(|_| self.is_begun) else {
            return;
        };
        if let Some(gone) = &self.gone {
            gone.set();
        }
        // Without a runtime the process is ending, and the handler with it. A panic is not gone on with.
        let (Ok(runtime), false) = (Handle::try_current(), std::thread::panicking()) else {
            return;
        };
        let permit = self.permit.take();
        let gate = Arc::clone(&self.gate);
        let is_refused = self.is_refused;
        let rest = async move {
            let outcome = handler.await;
            let outcome = match is_refused {
                true => unanswered(outcome),
                false => gate.courier.accepted(outcome),
            };
            if let Outcome::Accepted(rest) = outcome {
                one_way(rest, permit, gate.time).await;
            }
        };
        runtime.spawn(rest.instrument(self.span.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use tracing::{Event, Level, Metadata, Subscriber, span};

    use super::*;

    /// How many spans are entered, and how many warnings were given.
    #[derive(Debug, Default, Clone)]
    struct Watch {
        depth: Arc<AtomicUsize>,
        warnings: Arc<AtomicUsize>,
    }

    impl Subscriber for Watch {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn event(&self, event: &Event<'_>) {
            if *event.metadata().level() == Level::WARN {
                self.warnings.fetch_add(1, SeqCst);
            }
        }

        fn enter(&self, _: &span::Id) {
            self.depth.fetch_add(1, SeqCst);
        }

        fn exit(&self, _: &span::Id) {
            self.depth.fetch_sub(1, SeqCst);
        }
    }

    /// Accepts, and then works for a second.
    #[derive(Debug)]
    struct Accepts {
        watch: Watch,
        was_inside: Arc<AtomicBool>,
    }

    impl Dispatch for Accepts {
        fn dispatch(self: Arc<Self>, _: Message) -> BoxFuture<'static, Outcome> {
            Box::pin(async move {
                Outcome::Accepted(Box::pin(async move {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    let depth = self.watch.depth.load(SeqCst);
                    self.was_inside.store(depth > 0, SeqCst);
                }))
            })
        }

        fn refuse(&self, _: &Message, _: &Fault) -> Message {
            Message::default()
        }
    }

    #[test]
    fn one_way_work_runs_in_the_span_of_its_call_and_is_warned_of_when_slow() {
        for (time, warnings) in [(500, 1), (1500, 0)] {
            let watch = Watch::default();
            let was_inside = Arc::new(AtomicBool::new(false));
            let service: Arc<dyn Dispatch> = Arc::new(Accepts {
                watch: watch.clone(),
                was_inside: Arc::clone(&was_inside),
            });
            let mut options = Options::server();
            options.timeouts.handler = Duration::from_millis(time);
            let gate = Arc::new(Gate::new(service, &options));
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_time().start_paused(true).build().unwrap();
            tracing::subscriber::with_default(watch.clone(), || {
                runtime.block_on(async {
                    match gate.dispatch(Message::default()).await {
                        Outcome::Accepted(work) => work.await,
                        other => panic!("{other:?}"),
                    }
                });
            });
            assert!(was_inside.load(SeqCst), "in the span");
            assert_eq!(watch.warnings.load(SeqCst), warnings);
        }
    }
}

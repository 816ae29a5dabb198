//! The listener of bare envelopes: message after message off a stream, answers in their order.

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use soap_core::{
    CloseFirst, Fault, FaultOrigin, Limits, Message, Options, Peer, Timeouts,
    transport::{BoxFuture, Dispatch, Listener, Outcome, Stop, TransportError},
};
use tokio::{io::AsyncWriteExt, time::Instant};
use url::Url;

use super::{Address, FrameError, intake::Intake};
use crate::{
    layer::ServerLayer,
    pace::{Pace, Slow},
    server::{
        accept::{Acceptor, Protocol},
        connection::{Connection, Phase},
        connections::{Binding, Connections, Ticket},
        listen::{Listening, listen},
        stream::{Bounds, ServerStream},
    },
    socket::Alarm,
};

/// Defaults of the transport's own.
const IDLE: Duration = Duration::from_secs(600);
const ANSWER: Duration = Duration::from_secs(3600);

/// A socket that listens, not yet served.
#[derive(Debug)]
pub(super) struct TcpBinding {
    listener: Listening,
    scheme: &'static str,
    layer: ServerLayer,
    url: Url,
    options: Options,
    connections: Arc<Connections>,
}

impl TcpBinding {
    pub(super) async fn bind(
        address: Address,
        layer: ServerLayer,
        options: Options,
    ) -> Result<Self, TransportError> {
        let Address {
            scheme, url, port, ..
        } = address;
        let (listener, url) = listen(url, port, &options).await?;
        Ok(Self {
            listener,
            scheme,
            layer,
            url,
            connections: Connections::among(&options),
            options,
        })
    }
}

impl Listener for TcpBinding {
    fn url(&self) -> &str {
        self.url.as_str()
    }

    fn serve(
        self: Box<Self>,
        service: Arc<dyn Dispatch>,
        stop: Stop,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let Options {
            limits, timeouts, ..
        } = &self.options;
        let protocol = TcpProtocol {
            scheme: self.scheme,
            layer: self.layer,
            service,
            bounds: bounds(limits, timeouts),
            pace: Pace::of_request(limits, timeouts),
            options: self.options.clone(),
        };
        let acceptor = Acceptor {
            protocol: Arc::new(protocol),
            connections: self.connections,
            scheme: self.scheme,
            options: self.options,
        };
        Box::pin(acceptor.run(self.listener, stop))
    }
}

fn bounds(limits: &Limits, timeouts: &Timeouts) -> Bounds {
    Bounds {
        first_byte: timeouts.first_byte,
        // The pace of a message is kept where it is read: whoever is too slow is told.
        message: Duration::MAX,
        idle: timeouts.idle.unwrap_or(IDLE),
        write: timeouts.write,
        answer: timeouts.connection.unwrap_or(ANSWER),
        rate: limits.body_rate,
    }
}

/// What the connections of one binding have in common.
struct TcpProtocol {
    scheme: &'static str,
    layer: ServerLayer,
    service: Arc<dyn Dispatch>,
    bounds: Bounds,
    pace: Pace,
    options: Options,
}

impl TcpProtocol {
    async fn serve_on(self: Arc<Self>, connection: Arc<Connection>, binding: Arc<Binding>) {
        let time = self.options.timeouts.tls;
        let Some(stream) = self.layer.open(&connection, time).await else {
            return;
        };
        let certificates = stream.certificates().unwrap_or_default();
        let mut session = Session {
            stream: ServerStream::new(Arc::clone(&connection), stream, self.bounds.clone()),
            intake: Intake::new(self.options.limits.message),
            peer: Peer::new(self.scheme, Some(connection.peer())).certificates(certificates),
            idle: (Phase::Fresh, connection.since()),
            connection,
            binding,
            protocol: self,
        };
        if let Err(error) = session.run().await {
            tracing::debug!(%error, "connection ended");
        }
    }
}

impl Protocol for TcpProtocol {
    fn serve(self: &Arc<Self>, ticket: &Ticket) -> BoxFuture<'static, ()> {
        let connection = Arc::clone(ticket.connection());
        let binding = Arc::clone(ticket.binding());
        Box::pin(Arc::clone(self).serve_on(connection, binding))
    }

    /// There is nothing to say it with: whoever sends a message sees that it is not taken.
    fn refuse(self: &Arc<Self>, _: &Ticket) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// One connection of a binding.
struct Session {
    protocol: Arc<TcpProtocol>,
    connection: Arc<Connection>,
    binding: Arc<Binding>,
    stream: ServerStream,
    intake: Intake,
    peer: Peer,
    /// How the connection is idle, and since when, while nothing of a message has come.
    idle: (Phase, Instant),
}

/// What comes next on a stream.
enum Next {
    Message(Bytes),
    /// Nothing more, or nothing for long.
    End,
    /// The rest of a message, behind which the stream has ended.
    Rest(Bytes),
    NotFramed(FrameError),
    Slow(Slow),
}

impl Session {
    /// Answers message after message until one side ends it, and says so where TLS has words for it.
    async fn run(&mut self) -> io::Result<()> {
        self.answer_all().await?;
        self.stream.shutdown().await
    }

    async fn answer_all(&mut self) -> io::Result<()> {
        let mut is_told = false;
        loop {
            let (message, is_last) = match self.next(is_told).await? {
                Next::Message(message) => (message, false),
                Next::Rest(message) => (message, true),
                Next::End => return Ok(()),
                // An answer would be no TLS record either.
                Next::NotFramed(FrameError::Tls) => return Ok(()),
                Next::NotFramed(error) => return self.give_up(&error.to_string()).await,
                Next::Slow(slow) => return self.give_up(&slow.to_string()).await,
            };
            let had_its_share = self.count();
            let goes_on = self.answer(message).await?;
            if !goes_on || is_last || had_its_share {
                return Ok(());
            }
            self.idle = (Phase::Idle, Instant::now());
            is_told = self.binding.is_leaving();
        }
    }

    /// Counts a request; true if its answer is the last on this connection.
    fn count(&self) -> bool {
        let Options {
            capacity,
            timeouts,
            socket,
            ..
        } = &self.protocol.options;
        let had_its_share = self.connection.request(
            capacity.requests_per_connection.unwrap_or(u64::MAX),
            timeouts.connection.unwrap_or(Duration::MAX),
        );
        had_its_share || socket.close_first == CloseFirst::Server
    }

    /// What comes next; one who `is_told` to leave gets no more than what has come whole.
    async fn next(&mut self, is_told: bool) -> io::Result<Next> {
        let mut times: Option<(Instant, Instant)> = None;
        let mut alarm = Alarm::default();
        loop {
            match self.intake.next() {
                Ok(Some(message)) => return Ok(Next::Message(message)),
                Ok(None) if is_told => return Ok(Next::End),
                Ok(None) => {}
                Err(error) => return Ok(Next::NotFramed(error)),
            }
            match (self.intake.is_empty(), self.connection.phase()) {
                // White space begins no message: the connection is as idle as before.
                (true, Phase::Head) => {
                    let (phase, since) = self.idle;
                    self.connection.enter_at(phase, since);
                }
                (true, _) => {}
                (false, phase) => {
                    let now = Instant::now();
                    times.get_or_insert((now, now)).1 = now;
                    if phase != Phase::Head {
                        self.connection.enter_at(Phase::Head, now);
                    }
                }
            }
            match self.read(times, &mut alarm).await? {
                Ok(0) => return Ok(self.rest()),
                Ok(_) => {}
                // There is no message to answer, only a comment.
                Err(_) if self.intake.is_idle() => return Ok(Next::End),
                Err(slow) => return Ok(Next::Slow(slow)),
            }
        }
    }

    /// Reads more, of a message whose first and last bytes came at `times`.
    async fn read(
        &mut self,
        times: Option<(Instant, Instant)>,
        alarm: &mut Alarm,
    ) -> io::Result<Result<usize, Slow>> {
        let Self {
            stream,
            intake,
            protocol,
            ..
        } = self;
        poll_fn(|cx| {
            if let Poll::Ready(read) = intake.poll_read(stream, cx) {
                return Poll::Ready(read.map(Ok));
            }
            let Some((first, last)) = times else {
                return Poll::Pending;
            };
            let (deadline, slow) = protocol.pace.deadline(first, last, intake.len());
            ready!(alarm.poll(deadline, cx));
            Poll::Ready(Ok(Err(slow)))
        })
        .await
    }

    /// What is left when the stream has ended (rule T-2: a message ends there at the latest).
    fn rest(&mut self) -> Next {
        match self.intake.finish() {
            Ok(Some(message)) => Next::Rest(message),
            Ok(None) => Next::End,
            Err(error) => Next::NotFramed(error),
        }
    }

    /// Runs the service and writes its answer, if there is one; false if the connection has to end.
    async fn answer(&mut self, message: Bytes) -> io::Result<bool> {
        let running = self.dispatch(message);
        let outcome = self.connection.watch(running, &self.peer.gone).await;
        let (answer, goes_on) = answer_to(outcome);
        match answer {
            Some(envelope) => self.write(&envelope).await?,
            None => self.connection.enter(Phase::Answering),
        }
        Ok(goes_on)
    }

    fn dispatch(&self, message: Bytes) -> BoxFuture<'static, Outcome> {
        let mut request = Message::new(message);
        request.peer = Some(self.peer.clone());
        Arc::clone(&self.protocol.service).dispatch(request)
    }

    /// Says why no message can be read, and ends.
    async fn give_up(&mut self, reason: &str) -> io::Result<()> {
        let fault = Fault::sender(reason);
        let fault = self.protocol.service.refuse(&Message::default(), &fault);
        self.write(&fault.envelope).await
    }

    async fn write(&mut self, envelope: &Bytes) -> io::Result<()> {
        self.connection.enter(Phase::Answering);
        self.stream.write_all(envelope).await?;
        self.stream.flush().await
    }
}

/// What is written of an outcome, and whether the connection goes on behind it.
fn answer_to(outcome: Outcome) -> (Option<Bytes>, bool) {
    match outcome {
        Outcome::Reply(reply) => match reply.fault {
            Some(FaultOrigin::OneWay | FaultOrigin::ToFault) => (None, true),
            Some(FaultOrigin::Unreadable | FaultOrigin::UnknownOperation) => {
                (Some(reply.envelope), false)
            }
            _ => (Some(reply.envelope), true),
        },
        Outcome::Accepted(work) => {
            tokio::spawn(work);
            (None, true)
        }
        other => {
            tracing::error!(outcome = ?other, "the service has no answer for a stream");
            (None, false)
        }
    }
}

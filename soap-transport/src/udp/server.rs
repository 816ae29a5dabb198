//! The listener of datagrams: one task that receives, executes each request in a task of its own, and sends what is due.

use std::{collections::HashMap, future::poll_fn, io, pin::pin, sync::Arc, time::Duration};

use soap_core::{
    Addressing, Message, Options, Peer,
    transport::{BoxFuture, Dispatch, Listener, Outcome, Stop, TransportError},
};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use url::Url;

use super::{
    Address, UdpOptions,
    bind::{self, Bound},
    net::{Network, Received, Socket},
    outbox::{Outbox, Outgoing},
    repeat::{Constants, Repeat},
    rules::{Answer, Asked, Rules, Verdict},
};
use crate::{
    clock::after,
    server::{
        Addressed,
        datagrams::{Dropped, Tally},
        gate::in_flight,
    },
};

/// Room for the largest datagram there is, and a byte.
const BUFFER: usize = 1 << 16;
/// Datagrams taken from the kernel at a stop.
const DRAINED: usize = 1024;
/// How old the list of this machine's networks may be.
const PREFIXES: Duration = Duration::from_secs(60);
/// Pause after an error of the socket.
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that is bound, not yet served.
#[derive(Debug)]
pub(super) struct UdpListener {
    network: Arc<dyn Network>,
    socket: Arc<dyn Socket>,
    url: Url,
    has_groups: bool,
    options: Options,
    udp: UdpOptions,
}

impl UdpListener {
    pub(super) async fn bind(
        network: Arc<dyn Network>,
        address: Address,
        options: &Options,
        udp: UdpOptions,
    ) -> Result<Self, TransportError> {
        let Bound {
            socket,
            url,
            has_groups,
        } = bind::bind(&*network, address, options, &udp).await?;
        Ok(Self {
            network,
            socket,
            url,
            has_groups,
            options: options.clone(),
            udp,
        })
    }
}

impl Listener for UdpListener {
    fn url(&self) -> &str {
        self.url.as_str()
    }

    fn serve(
        self: Box<Self>,
        service: Arc<dyn Dispatch>,
        stop: Stop,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        Box::pin(Serving::new(*self, service).run(stop))
    }
}

/// A listener at work.
struct Serving {
    network: Arc<dyn Network>,
    socket: Arc<dyn Socket>,
    service: Arc<dyn Dispatch>,
    rules: Rules,
    /// When the networks of this machine were last looked up.
    looked: Instant,
    constants: Constants,
    calls: JoinSet<Outcome>,
    asked: HashMap<Id, Asked>,
    most_calls: usize,
    outbox: Outbox,
    /// What the socket has no room for yet.
    sending: Option<Outgoing>,
    tally: Arc<Tally>,
}

/// What happens next.
enum Event {
    Received(io::Result<Received>),
    Ended(Result<(Id, Outcome), JoinError>),
    Sent,
    Stop(Duration),
}

impl Serving {
    fn new(listener: UdpListener, service: Arc<dyn Dispatch>) -> Self {
        let options = listener.options;
        let udp = listener.udp;
        let mode = options.addressing.mode.unwrap_or(Addressing::Required);
        let tally = Tally::among(&options);
        let mut addressing = options.addressing;
        addressing.mode = Some(mode);
        let rules = Rules::new(
            &udp,
            (mode, addressing.edition),
            options.limits,
            listener.has_groups,
        );
        let mut serving = Self {
            network: listener.network,
            socket: listener.socket,
            service: Addressed::before(service, &Arc::new(addressing)),
            rules,
            looked: Instant::now(),
            constants: Constants::unicast(&udp),
            calls: JoinSet::new(),
            asked: HashMap::new(),
            most_calls: in_flight(&options.capacity).saturating_add(options.capacity.queue),
            outbox: Outbox::default(),
            sending: None,
            tally,
        };
        serving.look_up();
        serving
    }

    async fn run(mut self, stop: Stop) -> Result<(), TransportError> {
        let mut buffer = vec![0; BUFFER];
        let mut stopped = pin!(stop.stopped());
        loop {
            let event = tokio::select! {
                time = &mut stopped => Event::Stop(time),
                received = receive(&*self.socket, &mut buffer) => Event::Received(received),
                Some(ended) = self.calls.join_next_with_id() => Event::Ended(ended),
                () = send(&*self.socket, &mut self.sending, &mut self.outbox, &self.tally) => Event::Sent,
            };
            match event {
                Event::Received(Ok(received)) => self.take(&received, &buffer),
                Event::Received(Err(error)) => {
                    tracing::warn!(%error, "receiving datagrams pauses");
                    tokio::time::sleep(PAUSE).await;
                }
                Event::Ended(ended) => self.ended(ended),
                Event::Sent => {}
                Event::Stop(time) => {
                    let end = after(Instant::now(), time);
                    self.drain(&mut buffer);
                    return self.finish(end, time).await;
                }
            }
        }
    }

    /// Takes what the kernel holds.
    fn drain(&mut self, buffer: &mut [u8]) {
        for _ in 0..DRAINED {
            match self.socket.receive_now(buffer) {
                Some(received) => self.take(&received, buffer),
                None => return,
            }
        }
    }

    /// Ends the calls in flight and sends what is left until `end`.
    async fn finish(mut self, end: Instant, time: Duration) -> Result<(), TransportError> {
        let mut deadline = pin!(sleep_until(end));
        while !self.calls.is_empty()
            || self.sending.is_some()
            || self.outbox.poll_timeout().is_some()
        {
            tokio::select! {
                Some(ended) = self.calls.join_next_with_id() => self.ended(ended),
                () = send(&*self.socket, &mut self.sending, &mut self.outbox, &self.tally) => {}
                () = &mut deadline => break,
            }
        }
        match self.calls.len() {
            0 => Ok(()),
            left => {
                let phase = format!("a graceful stop of soap.udp, for {left} calls in flight,");
                Err(TransportError::timeout(&phase, time, false))
            }
        }
    }

    fn take(&mut self, received: &Received, buffer: &[u8]) {
        let now = Instant::now();
        if now >= self.looked + PREFIXES {
            self.look_up();
        }
        self.tally.add(|counts| counts.received += 1);
        let datagram = buffer.get(..received.length).unwrap_or(buffer);
        match self.rules.judge(received, datagram, now) {
            Verdict::Run(asked) if self.calls.len() >= self.most_calls => {
                self.rules.forget(&asked);
                self.tally.dropped(Dropped::Busy, received.source);
            }
            Verdict::Run(asked) => self.execute(asked, received),
            Verdict::Again(datagram, to, from) => {
                self.tally.add(|counts| counts.duplicates += 1);
                let answer = Answer {
                    datagram,
                    to,
                    from,
                    copies: 0,
                };
                self.send_later(answer, now);
            }
            Verdict::Drop(reason) => self.tally.dropped(reason, received.source),
        }
    }

    fn execute(&mut self, asked: Asked, received: &Received) {
        self.tally.add(|counts| counts.executed += 1);
        let mut peer = Peer::new("soap.udp", Some(asked.source));
        peer.destination = received.destination;
        let mut request = Message::new(asked.envelope.clone());
        request.peer = Some(peer);
        let call = Arc::clone(&self.service).dispatch(request);
        let id = self.calls.spawn(call).id();
        self.asked.insert(id, asked);
    }

    fn ended(&mut self, ended: Result<(Id, Outcome), JoinError>) {
        let now = Instant::now();
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(asked) = self.asked.remove(&id) else {
            return;
        };
        match ended {
            Ok((_, Outcome::Reply(reply))) => {
                match self.rules.answer(&asked, reply, &*self.service, now) {
                    Ok(answer) => self.send_later(answer, now),
                    Err(Some(reason)) => self.tally.dropped(reason, asked.source),
                    Err(None) => {}
                }
            }
            Ok((_, Outcome::Accepted(work))) => {
                self.rules.end(&asked, now);
                tokio::spawn(work);
            }
            Ok((_, other)) => {
                self.rules.end(&asked, now);
                tracing::error!(outcome = ?other, "the service has no answer for a datagram");
            }
            Err(error) => {
                self.rules.end(&asked, now);
                tracing::error!(%error, "the service has no answer for a datagram");
            }
        }
    }

    fn send_later(&mut self, answer: Answer, now: Instant) {
        let constants = Constants {
            repeat: answer.copies,
            ..self.constants
        };
        let outgoing = Outgoing {
            datagram: answer.datagram,
            to: answer.to,
            from: answer.from,
            repeat: Repeat::new(constants, now, fastrand::u64),
        };
        if !self.outbox.push(outgoing) {
            self.tally.dropped(Dropped::Busy, answer.to);
        }
    }

    fn look_up(&mut self) {
        self.looked = Instant::now();
        match self.network.prefixes() {
            Ok(prefixes) => self.rules.guard.set_near(prefixes),
            Err(error) => tracing::warn!(%error, "the networks of this machine are not known"),
        }
    }
}

async fn receive(socket: &dyn Socket, buffer: &mut [u8]) -> io::Result<Received> {
    poll_fn(|cx| socket.poll_receive(cx, buffer)).await
}

/// Sends the next datagram once it is due; never ends while there is none. Nothing is lost when this is dropped.
async fn send(
    socket: &dyn Socket,
    sending: &mut Option<Outgoing>,
    outbox: &mut Outbox,
    tally: &Tally,
) {
    if sending.is_none() {
        // What is due is sent at once: a timer, even one that is past, ends with the next tick of the clock.
        *sending = outbox.take(Instant::now());
    }
    if sending.is_none() {
        match outbox.poll_timeout() {
            Some(due) => sleep_until(due).await,
            None => std::future::pending().await,
        }
        *sending = outbox.take(Instant::now());
    }
    let Some(outgoing) = sending.as_ref() else {
        return;
    };
    let Outgoing {
        datagram, to, from, ..
    } = outgoing;
    let sent = poll_fn(|cx| socket.poll_send(cx, datagram, *to, *from)).await;
    let Some(outgoing) = sending.take() else {
        return;
    };
    match sent {
        Ok(()) => {
            tally.sent(outgoing.repeat.sent() == 0);
            let to = outgoing.to;
            if !outbox.sent(outgoing, Instant::now()) {
                tally.dropped(Dropped::Busy, to);
            }
        }
        Err(error) => tally.failed(&error, outgoing.to),
    }
}

//! The socket and the timer of one exchange: sends what is due, and looks at what comes.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use soap_core::{Limits, Message, Peer, transport::TransportError};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    client::Patience,
    exchange::Exchange,
    net::{From, Received, Socket},
};

/// Datagrams looked at before other tasks have their turn.
const AT_A_TIME: usize = 32;
/// Datagrams looked at once the time is over: more than a socket holds by default, while a storm does not hold up the end.
const AT_THE_END: usize = 1024;

/// One request, on a socket of its own.
#[derive(Debug)]
pub(super) struct Conversation {
    socket: Arc<dyn Socket>,
    exchange: Exchange,
    datagram: Bytes,
    to: SocketAddr,
    ways: Ways,
    receiving: Receiving,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// By which interfaces a datagram leaves, and how far it has come.
#[derive(Debug)]
struct Ways {
    /// `None`: the kernel chooses.
    all: Vec<Option<From>>,
    /// The way it leaves by next; behind the last one when it has left.
    next: usize,
    has_left: bool,
    failure: Option<io::Error>,
}

/// What is taken from the socket.
#[derive(Debug)]
struct Receiving {
    buffer: Vec<u8>,
    /// Bytes of the largest datagram.
    most: usize,
    limits: Limits,
    /// Datagrams yet to be looked at when the time is over.
    at_the_end: usize,
}

impl Conversation {
    /// Sends `datagram` by all `interfaces`, or by the one that the kernel chooses if there are none, and takes up to `most` bytes.
    pub(super) fn new(
        socket: Arc<dyn Socket>,
        exchange: Exchange,
        (datagram, to): (Bytes, SocketAddr),
        interfaces: &[u32],
        (most, limits): (usize, Limits),
    ) -> Self {
        let by = |&interface: &u32| {
            Some(From {
                address: None,
                interface,
            })
        };
        let all: Vec<_> = match interfaces {
            [] => vec![None],
            some => some.iter().map(by).collect(),
        };
        Self {
            socket,
            exchange,
            datagram,
            to,
            ways: Ways {
                next: all.len(),
                all,
                has_left: false,
                failure: None,
            },
            receiving: Receiving {
                buffer: Vec::new(),
                most,
                limits,
                at_the_end: AT_THE_END,
            },
            alarm: None,
        }
    }

    /// Ready once the first datagram has left, which it does only before the deadline. Fails if no interface takes it.
    pub(super) fn poll_begin(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx));
        match self.ways.failure.take() {
            _ if self.ways.has_left => Poll::Ready(Ok(())),
            Some(error) => Poll::Ready(Err(error)),
            None => Poll::Pending,
        }
    }

    /// True once the first datagram has left by any interface.
    pub(super) fn has_left(&self) -> bool {
        self.ways.has_left
    }

    /// False if there is nothing to wait for.
    pub(super) fn goes_on(&self) -> bool {
        self.exchange.poll_timeout().is_some()
    }

    /// That no answer has come.
    pub(super) fn unanswered(&self, within: Patience) -> TransportError {
        self.exchange.unanswered(within)
    }

    /// Ready once the last copy has left.
    pub(super) fn poll_copies(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.poll_send(cx));
            let Some(at) = self.exchange.poll_timeout() else {
                return Poll::Ready(());
            };
            ready!(self.poll_wait(at, cx));
        }
    }

    /// The next answer; `None` when none can come any more.
    pub(super) fn poll_answer(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, TransportError>>> {
        for _ in 0..AT_A_TIME {
            // One that the socket does not take yet does not keep answers from being taken.
            let _ = self.poll_send(cx);
            let Some(at) = self.exchange.poll_timeout() else {
                return Poll::Ready(self.last().map(Ok));
            };
            match self.poll_receive(cx) {
                Poll::Ready(Ok(Some(answer))) => return Poll::Ready(Some(Ok(answer))),
                Poll::Ready(Ok(None)) => {}
                Poll::Ready(Err(error)) => {
                    let text = format!("nothing can be received of {}", self.to);
                    let error = TransportError::lost(text, true).caused_by(error);
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Pending => ready!(self.poll_wait(at, cx)),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Sends what is due; ready when nothing of it is left.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let ways = &mut self.ways;
        if self.exchange.handle_timeout(Instant::now()) {
            ways.next = 0;
        }
        while let Some(from) = ways.all.get(ways.next) {
            let polled = self.socket.poll_send(cx, &self.datagram, self.to, *from);
            let sent = ready!(polled);
            ways.next += 1;
            match sent {
                Ok(()) => ways.has_left = true,
                Err(error) => {
                    tracing::debug!(%error, to = %self.to, ?from, "a datagram was not sent");
                    ways.failure = Some(error);
                }
            }
        }
        Poll::Ready(())
    }

    /// An answer that had come when the time was over, though nobody had looked.
    fn last(&mut self) -> Option<Message> {
        while self.receiving.at_the_end > 0 {
            self.receiving.at_the_end -= 1;
            let received = self.socket.receive_now(self.receiving.room())?;
            if let Some(answer) = self.judge(received) {
                return Some(answer);
            }
        }
        None
    }

    /// Takes one datagram: `None` if it is no answer.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Message>>> {
        let received = ready!(self.socket.poll_receive(cx, self.receiving.room()))?;
        Poll::Ready(Ok(self.judge(received)))
    }

    /// The answer that has come; `None`: it is none.
    fn judge(&mut self, received: Received) -> Option<Message> {
        let Received {
            length,
            is_truncated,
            source,
            destination,
        } = received;
        let Receiving {
            buffer,
            most,
            limits,
            ..
        } = &self.receiving;
        if is_truncated || length > *most {
            self.exchange.handle_truncated(source);
            return None;
        }
        let datagram = buffer.get(..length).unwrap_or_default();
        if !self.exchange.handle_datagram(datagram, source, limits) {
            return None;
        }
        let mut answer = Message::new(Bytes::copy_from_slice(datagram));
        let peer = Peer::new("soap.udp", Some(source));
        answer.peer = Some(match destination {
            Some(destination) => peer.destination(destination),
            None => peer,
        });
        Some(answer)
    }

    fn poll_wait(&mut self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if alarm.deadline() != until {
            alarm.as_mut().reset(until);
        }
        alarm.as_mut().poll(cx)
    }
}

impl Receiving {
    /// Room for the largest datagram and a byte, by which a larger one is known where the kernel does not tell.
    fn room(&mut self) -> &mut [u8] {
        if self.buffer.is_empty() {
            self.buffer = vec![0; self.most.saturating_add(1)];
        }
        &mut self.buffer
    }
}

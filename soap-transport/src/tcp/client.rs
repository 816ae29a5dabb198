//! The transport of bare envelopes: one call is one message each way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use soap_core::{
    Message, Options, Peer, SocketOptions,
    transport::{Expect, Replies, Request, Transport, TransportError},
};
use tokio::time::timeout;
use tracing::{Instrument, field};
use url::Position;

use super::{
    Address, Habit, TcpOptions,
    pipeline::{self, Pipeline},
    wire::Wire,
};
use crate::{
    client::{
        dial,
        pool::{Keep, Pool},
        written::NoteWritten,
    },
    layer::ClientLayer,
};

/// Connections kept for later calls.
pub(super) type Connected = Pool<Key, Wire>;

/// Calls with the same key may use each other's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    host: String,
    port: u16,
    layer: ClientLayer,
    socket: SocketOptions,
    /// One-way messages go over connections of their own: a peer that answers one against the rules, with a fault, cannot
    /// be mistaken for answering the call behind it.
    one_way: bool,
    /// Bounds that a connection has from its beginning.
    message: usize,
    write: Duration,
}

/// Carries messages to one address.
#[derive(Debug)]
pub(super) struct TcpTransport {
    address: Address,
    layer: ClientLayer,
    habit: Habit,
    pool: Arc<Connected>,
    pipeline: Option<Pipeline>,
    options: Options,
    tcp: TcpOptions,
}

impl Transport for TcpTransport {
    fn exchange(&self, request: Request) -> Replies<'_> {
        Replies::one(self.call(request))
    }
}

impl TcpTransport {
    pub(super) fn new(
        address: Address,
        layer: ClientLayer,
        habit: Habit,
        pool: Arc<Connected>,
        options: Options,
        tcp: TcpOptions,
    ) -> Self {
        Self {
            pipeline: (tcp.pipeline > 1).then(|| Pipeline::new(tcp.pipeline)),
            address,
            layer,
            habit,
            pool,
            options,
            tcp,
        }
    }

    async fn call(&self, request: Request) -> Result<Option<Message>, TransportError> {
        let span = tracing::info_span!(
            "soap.call",
            scheme = self.address.scheme,
            peer = &self.address.url[..Position::AfterPath],
            action = request.message.action.as_deref(),
            status = field::Empty,
        );
        let bound = request.timeout.unwrap_or(self.options.timeouts.call);
        let call = Call {
            transport: self,
            request: &request,
            sent: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        };
        let running = timeout(bound, call.run()).instrument(span);
        let result = running.await.unwrap_or_else(|_| {
            let sent = call.sent.load(Relaxed);
            Err(TransportError::timeout("the whole call", bound, sent))
        });
        result.map_err(|error| error.after_attempt(call.lost.load(Relaxed)))
    }
}

/// One call on its way.
struct Call<'c> {
    transport: &'c TcpTransport,
    request: &'c Request,
    /// A byte of it may have reached the peer.
    sent: AtomicBool,
    /// An attempt was given up whose request may have been processed.
    lost: AtomicBool,
}

impl Call<'_> {
    /// Sends the request. It is sent again only if nothing of it was written on a kept connection, or once if it is idempotent.
    async fn run(&self) -> Result<Option<Message>, TransportError> {
        let (error, was_kept) = match self.attempt(true).await {
            Err((error, was_kept)) if error.is_lost() => (error, was_kept),
            result => return result.map_err(|(error, _)| error),
        };
        let again = self.request.idempotent || was_kept && !error.is_ambiguous();
        if !again {
            return Err(error);
        }
        tracing::debug!(%error, "sent again on a new connection");
        self.lost.fetch_or(error.is_ambiguous(), Relaxed);
        self.attempt(false).await.map_err(|(error, _)| error)
    }

    /// Sends the request, on a kept connection if it may be one; a failure says whether it was.
    async fn attempt(&self, kept: bool) -> Result<Option<Message>, (TransportError, bool)> {
        let one_way = self.request.expect == Expect::Nothing;
        match &self.transport.pipeline {
            Some(pipeline) if !one_way => self.pipelined(pipeline).await,
            _ => self.alone(one_way, kept).await,
        }
    }

    async fn pipelined(
        &self,
        pipeline: &Pipeline,
    ) -> Result<Option<Message>, (TransportError, bool)> {
        let TcpTransport {
            address, options, ..
        } = self.transport;
        let mut has_made_one = false;
        loop {
            let connecting = async {
                let wire = self.connect().await?;
                Ok(pipeline.open(wire, options, address.scheme))
            };
            let lane = pipeline.lane(options.timeouts.connect, connecting).await;
            let (lane, was_there) = lane.map_err(|error| (error, false))?;
            match lane.exchange(&self.request.message, &self.sent).await {
                Ok((answer, peer)) => return Ok(Some(self.message(answer, peer))),
                // Nothing of it was written: other calls have used the connection up, or left it with answers to come.
                Err(error)
                    if error.is_lost()
                        && !error.is_ambiguous()
                        && (!has_made_one || lane.was_left()) =>
                {
                    tracing::debug!(%error, "sent on another connection");
                    has_made_one = !was_there;
                }
                Err(error) => return Err((error, false)),
            }
        }
    }

    async fn alone(
        &self,
        one_way: bool,
        kept: bool,
    ) -> Result<Option<Message>, (TransportError, bool)> {
        let TcpTransport {
            pool,
            habit,
            options,
            ..
        } = self.transport;
        let key = self.key(one_way);
        let wire = match habit {
            Habit::Keep if kept => pool.take(&key),
            _ => None,
        };
        let was_kept = wire.is_some();
        let failed = |error| (error, was_kept);
        let mut wire = match wire {
            Some(wire) => wire,
            None => self.connect().await.map_err(failed)?,
        };
        let envelope = self.request.message.envelope.clone();
        let line = wire.line();
        let noted = NoteWritten::new(|| line.written() > 0, &self.sent);
        let answer = if one_way {
            let sent = wire.send(envelope, *habit, options).await;
            sent.map(|()| None)
        } else {
            let answer = wire.exchange(envelope, *habit, options).await;
            answer.map(Some)
        };
        drop(noted);
        let answer = answer.map_err(failed)?;
        if let Some(answer) = &answer {
            self.check_answered(answer).map_err(failed)?;
        }
        let peer = wire.peer(self.transport.address.scheme);
        self.keep(&key, wire);
        Ok(answer.map(|answer| self.message(answer, peer)))
    }

    /// Refuses what says that it answers another request. One that has no identifier takes what comes.
    fn check_answered(&self, answer: &[u8]) -> Result<(), TransportError> {
        let Some(asked) = self.request.message.message_id.as_deref() else {
            return Ok(());
        };
        let named = pipeline::answered(answer, &self.transport.options);
        if named.is_empty() || named.iter().any(|named| named == asked) {
            return Ok(());
        }
        Err(pipeline::another())
    }

    fn message(&self, answer: bytes::Bytes, peer: Peer) -> Message {
        let mut message = Message::new(answer);
        message.peer = Some(peer);
        message
    }

    async fn connect(&self) -> Result<Wire, TransportError> {
        let TcpTransport {
            address,
            layer,
            options,
            ..
        } = self.transport;
        let Options {
            timeouts, socket, ..
        } = options;
        let stream = dial::dial(&address.host, address.port, timeouts, socket).await?;
        Wire::new(stream, options, layer, &address.host).await
    }

    fn keep(&self, key: &Key, wire: Wire) {
        let TcpTransport {
            pool, options, tcp, ..
        } = self.transport;
        let keep = Keep {
            time: options.timeouts.client_idle,
            per_host: tcp.pool_per_host,
            total: tcp.pool_total,
        };
        pool.put(key, wire, &keep);
    }

    fn key(&self, one_way: bool) -> Key {
        let TcpTransport {
            address, options, ..
        } = self.transport;
        Key {
            host: address.host.clone(),
            port: address.port,
            layer: self.transport.layer.clone(),
            socket: options.socket.clone(),
            one_way,
            message: options.limits.message,
            write: options.timeouts.write,
        }
    }
}

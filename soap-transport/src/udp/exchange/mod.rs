//! One request and what comes back to its socket, without a clock or a socket: which datagrams are answers to it, and when it ends.
//!
//! A request that carries a `MessageID` is answered by whatever names it in `RelatesTo`, from wherever it comes (UDP-4): the identifier
//! is random, so who does not know the request cannot name it. Without one, or where a peer need not have WS-Addressing, only
//! the source tells: an answer is what comes from the address and port asked; of a group, which is no source, from that port.

use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
};

use bytes::Bytes;
use soap_core::{
    Addressing, AddressingOptions, Limits, Message,
    addressing::{self, Edition, Peek},
    transport::{Expect, TransportError},
    xml::ReadError,
};
use tokio::time::Instant;

use super::{client::Patience, repeat::Repeat};

/// Answers to one request that are told from each other: those of a large network, while a forger fills no memory.
const MOST_ANSWERS: usize = 10_000;

/// What a request is, as far as its answers must fit it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) envelope: Bytes,
    /// Where it goes.
    pub(super) to: SocketAddr,
    /// Its `MessageID`, if it has one.
    pub(super) id: Option<Box<str>>,
    /// An answer need not say which request it is to, if it comes from `to`.
    pub(super) is_lenient: bool,
    pub(super) expect: Expect,
    /// Of an answer with header blocks of two editions those of this one count.
    pub(super) edition: Edition,
}

impl Asked {
    pub(super) fn new(
        message: &Message,
        to: SocketAddr,
        expect: Expect,
        options: &AddressingOptions,
    ) -> Self {
        let is_lenient = options.mode == Some(Addressing::Optional);
        Self {
            envelope: message.envelope.clone(),
            to,
            id: message.message_id.clone(),
            is_lenient: is_lenient || message.message_id.is_none(),
            expect,
            edition: options.edition,
        }
    }
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Exchange {
    asked: Asked,
    repeat: Repeat,
    deadline: Instant,
    /// Answers that have come, by their hashes.
    taken: HashSet<u64>,
    keys: RandomState,
    is_ended: bool,
    strays: Strays,
}

/// Datagrams that were no answers.
#[derive(Debug, Default)]
struct Strays {
    count: u64,
    last: Option<(SocketAddr, Stray)>,
}

/// Why a datagram is no answer.
#[derive(Debug)]
enum Stray {
    Truncated,
    Unreadable(ReadError),
    Own,
    Foreign,
    Unrelated { is_fault: bool },
    Elsewhere,
    Again,
    OneTooMany,
}

impl Exchange {
    /// The first datagram is due at the start of `repeat`; nothing is sent or taken from `deadline` on.
    pub(super) fn new(asked: Asked, repeat: Repeat, deadline: Instant) -> Self {
        Self {
            asked,
            repeat,
            deadline,
            taken: HashSet::new(),
            keys: RandomState::new(),
            is_ended: false,
            strays: Strays::default(),
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); `None`: it is over.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        if self.is_ended {
            return None;
        }
        let copy = self.repeat.poll_timeout();
        match self.asked.expect {
            Expect::Nothing => copy.filter(|at| *at < self.deadline),
            _ => Some(copy.map_or(self.deadline, |at| at.min(self.deadline))),
        }
    }

    /// True: the request is to be sent now.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        if now >= self.deadline {
            self.is_ended = true;
        }
        !self.is_ended && self.repeat.handle_timeout(now)
    }

    /// True if `datagram`, which came from `source`, is an answer that has not come before.
    pub(super) fn handle_datagram(
        &mut self,
        datagram: &[u8],
        source: SocketAddr,
        limits: &Limits,
    ) -> bool {
        match self.judge(datagram, source, limits) {
            Ok(()) => {
                // Others of the group may not have got the request.
                if !self.asked.to.ip().is_multicast() {
                    self.repeat.stop();
                }
                self.is_ended |= self.asked.expect == Expect::One;
                true
            }
            Err(stray) => {
                self.note(source, stray);
                false
            }
        }
    }

    /// Takes note of a datagram that has come from `source` without its end.
    pub(super) fn handle_truncated(&mut self, source: SocketAddr) {
        self.note(source, Stray::Truncated);
    }

    /// That no answer has come, and what came instead.
    pub(super) fn unanswered(&self, within: Patience) -> TransportError {
        let times = match self.repeat.sent() {
            1 => "once".to_owned(),
            sent => format!("{sent} times"),
        };
        let to = self.asked.to;
        let as_long = match within.option {
            Some(option) => format!(" as long as {option} says,"),
            None => String::new(),
        };
        let phase = format!("waiting for an answer to the request, sent {times} to {to},{as_long}");
        let error = TransportError::timeout(&phase, within.time, self.repeat.sent() > 0);
        match &self.strays.last {
            Some((source, why)) => error.caused_by(format!(
                "of what came nothing was an answer ({} in all): the last, from {source}, {why}",
                self.strays.count
            )),
            None => error,
        }
    }

    fn judge(&mut self, datagram: &[u8], source: SocketAddr, limits: &Limits) -> Result<(), Stray> {
        if datagram == self.asked.envelope {
            return Err(Stray::Own);
        }
        let peek = addressing::peek(datagram, None, self.asked.edition, limits)
            .map_err(Stray::Unreadable)?;
        self.relate(&peek, source)?;
        if self.asked.expect == Expect::One {
            return Ok(());
        }
        let hash = match &peek.message_id {
            Some(id) => self.keys.hash_one(id),
            None => self.keys.hash_one((source, datagram)),
        };
        if self.taken.contains(&hash) {
            return Err(Stray::Again);
        }
        if self.taken.len() >= MOST_ANSWERS {
            return Err(Stray::OneTooMany);
        }
        self.taken.insert(hash);
        Ok(())
    }

    /// Whether what says so of itself is an answer to this request.
    fn relate(&self, peek: &Peek, source: SocketAddr) -> Result<(), Stray> {
        let Asked {
            to, id, is_lenient, ..
        } = &self.asked;
        if id.as_deref().is_some_and(|id| peek.is_answer_to(id)) {
            return Ok(());
        }
        if !peek.answers.is_empty() {
            return Err(Stray::Foreign);
        }
        if !is_lenient {
            return Err(Stray::Unrelated {
                is_fault: peek.is_fault,
            });
        }
        let is_there =
            to.ip().is_multicast() || to.ip().to_canonical() == source.ip().to_canonical();
        if is_there && to.port() == source.port() {
            Ok(())
        } else {
            Err(Stray::Elsewhere)
        }
    }

    fn note(&mut self, source: SocketAddr, why: Stray) {
        tracing::debug!(%source, %why, "a datagram that is no answer");
        self.strays.count += 1;
        self.strays.last = Some((source, why));
    }
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "is larger than UdpOptions::datagram",
            Self::Unreadable(error) => return write!(f, "is no envelope: {error}"),
            Self::Own => "is the request itself",
            Self::Foreign => "answers another request",
            Self::Unrelated { is_fault: true } => {
                "is a fault that does not say which request it answers"
            }
            Self::Unrelated { is_fault: false } => "does not say which request it answers",
            Self::Elsewhere => "comes from another address than was asked",
            Self::Again => "has come before",
            Self::OneTooMany => "is one answer too many",
        })
    }
}

#[cfg(test)]
mod tests;

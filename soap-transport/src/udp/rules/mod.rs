//! What a server does with a datagram and with the answer to it, without a socket: silence for everything that is not a request,
//! one execution for a request and its copies, and no fault where nobody asked or many did.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use soap_core::{
    Addressing, Envelope, Fault, FaultOrigin, Limits, Message,
    addressing::{self, Edition},
    transport::Dispatch,
    xml,
};
use tokio::time::Instant;

use super::{
    UdpOptions,
    guard::{Guard, Refusal},
    net::{From, Received},
    seen::{Seen, Sight, Ticket},
};
use crate::server::datagrams::Dropped;

/// The state of one listener.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) guard: Guard,
    seen: Seen,
    mode: Addressing,
    edition: Edition,
    limits: Limits,
    /// The largest envelope.
    datagram: usize,
    /// Copies of an answer.
    copies: u32,
    /// Groups are joined: a datagram of which nobody knows where it arrived may be for one.
    has_groups: bool,
}

/// What to do with a datagram.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Executes it.
    Run(Asked),
    /// Answers a copy with the same bytes, once.
    Again(Bytes, SocketAddr, Option<From>),
    Drop(Dropped),
}

/// A request that is being executed.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) envelope: Bytes,
    pub(super) source: SocketAddr,
    /// Where the answer leaves from.
    from: Option<From>,
    ticket: Option<Ticket>,
    is_multicast: bool,
    /// It says that it answers something.
    is_answer: bool,
}

/// An answer and how it goes out.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) datagram: Bytes,
    pub(super) to: SocketAddr,
    pub(super) from: Option<From>,
    pub(super) copies: u32,
}

impl Rules {
    pub(super) fn new(
        options: &UdpOptions,
        (mode, edition): (Addressing, Edition),
        limits: Limits,
        has_groups: bool,
    ) -> Self {
        Self {
            guard: Guard::new(options),
            seen: Seen::new(options),
            mode,
            edition,
            limits,
            datagram: options.datagram,
            copies: options.unicast_repeat,
            has_groups,
        }
    }

    /// Judges a datagram that has come.
    pub(super) fn judge(&mut self, received: &Received, datagram: &[u8], now: Instant) -> Verdict {
        let source = received.source;
        match self.guard.admit(source, now) {
            Ok(()) => {}
            Err(Refusal::Source) => return Verdict::Drop(Dropped::Source),
            Err(Refusal::Rate) => return Verdict::Drop(Dropped::Rate),
        }
        if received.is_truncated || datagram.len() > self.datagram {
            return Verdict::Drop(Dropped::TooLarge);
        }
        let Ok(peek) = addressing::peek(datagram, None, self.edition, &self.limits) else {
            return Verdict::Drop(Dropped::NoRequest);
        };
        let id = peek.message_id.filter(|id| !id.is_empty());
        let id = id.filter(|_| self.mode != Addressing::Off);
        if peek.is_fault || (id.is_none() && self.mode == Addressing::Required) {
            return Verdict::Drop(Dropped::NoRequest);
        }
        let is_multicast = match received.destination {
            Some(destination) => destination.is_multicast(),
            None => self.has_groups,
        };
        let from = back(received);
        let ticket = match id.map(|id| self.seen.look(&id, source, now)) {
            None => None,
            Some(Sight::New(ticket)) => Some(ticket),
            // A request to a group is repeated whether an answer has come or not.
            Some(Sight::Again(answer)) if !is_multicast => {
                let most = self
                    .guard
                    .copies(source.ip(), datagram.len(), answer.len(), 0);
                return match most {
                    Some(_) => Verdict::Again(answer, source, from),
                    None => Verdict::Drop(Dropped::Amplification),
                };
            }
            Some(Sight::Again(_) | Sight::Copy) => return Verdict::Drop(Dropped::Copy),
            Some(Sight::Full) => return Verdict::Drop(Dropped::Busy),
        };
        Verdict::Run(Asked {
            envelope: Bytes::copy_from_slice(datagram),
            source,
            from,
            ticket,
            is_multicast,
            is_answer: peek.is_answer,
        })
    }

    /// A request is not executed after all; a copy of it may be.
    pub(super) fn forget(&mut self, asked: &Asked) {
        if let Some(ticket) = asked.ticket {
            self.seen.forget(ticket);
        }
    }

    /// A request was executed and has no answer.
    pub(super) fn end(&mut self, asked: &Asked, now: Instant) {
        if let Some(ticket) = asked.ticket {
            self.seen.end(ticket, None, now);
        }
    }

    /// What goes out for the `reply` of `service` to a request.
    ///
    /// # Errors
    /// Fails if nothing does, with the reason; `None`: there is nothing to be said.
    pub(super) fn answer(
        &mut self,
        asked: &Asked,
        reply: Message,
        service: &dyn Dispatch,
        now: Instant,
    ) -> Result<Answer, Option<Dropped>> {
        if is_busy(&reply) {
            self.forget(asked);
            return Err(Some(Dropped::Busy));
        }
        let is_executed = !matches!(
            reply.fault,
            Some(FaultOrigin::UnknownOperation | FaultOrigin::Refused)
        );
        let answer = self.sendable(asked, reply, service);
        if answer.as_ref().err() == Some(&Some(Dropped::NoRequest)) {
            // Nothing was executed. What can be read may still come.
            self.forget(asked);
            return answer;
        }
        if let Some(ticket) = asked.ticket {
            let kept = answer.as_ref().ok().filter(|_| !asked.is_multicast);
            let kept = kept.map(|answer| answer.datagram.clone());
            match is_executed {
                true => self.seen.end(ticket, kept, now),
                false => self.seen.refuse(ticket, kept, now),
            }
        }
        answer
    }

    fn sendable(
        &self,
        asked: &Asked,
        reply: Message,
        service: &dyn Dispatch,
    ) -> Result<Answer, Option<Dropped>> {
        match reply.fault {
            Some(FaultOrigin::OneWay) => return Err(None),
            Some(FaultOrigin::Unreadable | FaultOrigin::ToFault) => {
                return Err(Some(Dropped::NoRequest));
            }
            // Nobody knows whether it is a request at all.
            Some(FaultOrigin::UnknownOperation) if !self.is_request(asked) => {
                return Err(Some(Dropped::NoRequest));
            }
            Some(_) if asked.is_multicast => return Err(None),
            _ if reply.envelope.is_empty() => return Err(None),
            _ => {}
        }
        let refused = match self.fit(asked, &reply.envelope) {
            Ok(copies) => return Ok(asked.answered(reply.envelope, copies)),
            Err(refused) => refused,
        };
        if asked.is_multicast {
            return Err(Some(refused.0));
        }
        let request = Message::new(asked.envelope.clone());
        let fault = service.refuse(&request, &Fault::receiver(refused.1));
        match self.fit(asked, &fault.envelope) {
            Ok(copies) => Ok(asked.answered(fault.envelope, copies)),
            Err(_) => Err(Some(refused.0)),
        }
    }

    /// How many copies may follow an answer.
    ///
    /// # Errors
    /// Fails if it is too large, with what to tell of that.
    fn fit(&self, asked: &Asked, answer: &Bytes) -> Result<u32, (Dropped, String)> {
        let length = answer.len();
        if length > self.datagram {
            let text = format!(
                "the answer has {length} bytes, more than the {} that a datagram may have here",
                self.datagram
            );
            return Err((Dropped::AnswerTooLarge, text));
        }
        // Who does not say which request is meant cannot tell a copy from another answer.
        let copies = asked.ticket.map_or(0, |_| self.copies);
        let (source, request) = (asked.source.ip(), asked.envelope.len());
        let copies = self.guard.copies(source, request, length, copies);
        copies.ok_or_else(|| {
            let most = self.guard.most(request);
            let text = format!(
                "the answer has {length} bytes, more than the {most} that a request of {request} bytes is answered with"
            );
            (Dropped::Amplification, text)
        })
    }

    /// True for what looks like a request though there is no such operation: one envelope, to this machine alone, with a
    /// `MessageID`, that answers nothing.
    fn is_request(&self, asked: &Asked) -> bool {
        asked.ticket.is_some() && !asked.is_answer && self.is_whole(&asked.envelope)
    }

    /// True if there is an envelope and nothing else.
    fn is_whole(&self, datagram: &[u8]) -> bool {
        let read = || -> Result<(), xml::ReadError> {
            let text = xml::decode(datagram, None, &self.limits)?;
            let mut envelope = Envelope::read(&text, &self.limits)?;
            if envelope.body().is_some() {
                envelope.reader().skip()?;
            }
            envelope.finish()
        };
        read().is_ok()
    }
}

impl Asked {
    fn answered(&self, datagram: Bytes, copies: u32) -> Answer {
        Answer {
            datagram,
            to: self.source,
            from: self.from,
            copies,
        }
    }
}

/// True for the refusal of a server that has no room, as its [`Gate`](crate::Gate) gives it. A service that was executed may have the
/// same status, but what it gives is no refusal.
fn is_busy(reply: &Message) -> bool {
    let is_refusal = reply
        .fault
        .is_some_and(|origin| origin != FaultOrigin::Application);
    is_refusal && reply.status == Some(503)
}

/// Where the answer to a datagram leaves from: the address that was asked; for a group the interface, with its address.
fn back(received: &Received) -> Option<From> {
    let destination = received.destination?;
    if destination.is_multicast() {
        return Some(From {
            address: None,
            interface: destination.interface,
        });
    }
    // The kernel finds the way, which need not be the one the request took; but such an address means nothing without interface.
    let is_local = match destination.address {
        IpAddr::V6(address) => address.is_unicast_link_local(),
        IpAddr::V4(_) => false,
    };
    Some(From {
        address: Some(destination.address),
        interface: if is_local { destination.interface } else { 0 },
    })
}

#[cfg(test)]
mod tests;

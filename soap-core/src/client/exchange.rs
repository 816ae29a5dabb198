//! A request on its way, and its answers read.

use std::{
    marker::PhantomData,
    task::{Context, Poll, ready},
};

use bytes::Bytes;

use crate::{
    Answer, Message, Output, addressing,
    describe::Operation,
    envelope::Envelope,
    fault,
    transport::Replies,
    xml::{self, ReadError, ReadErrorKind, WriteError},
};

use super::{CallError, CallResult, Channel, Meta, addressed::Awaited};

/// A request sent and its answers awaited.
#[derive(Debug)]
pub(super) struct Exchange<'c, A: Answer> {
    pub(super) sent: Option<Bytes>,
    pub(super) state: State<'c>,
    /// What the answer must fit, by WS-Addressing.
    pub(super) asked: Option<Box<Awaited>>,
    pub(super) channel: &'c Channel,
    pub(super) operation: &'static Operation,
    pub(super) answer: PhantomData<fn() -> A>,
}

#[derive(Debug)]
pub(super) enum State<'c> {
    Failed(WriteError),
    Waiting(Replies<'c>),
    Over,
}

impl<A: Answer> Exchange<'_, A> {
    pub(super) fn meta(&self, answer: Option<Message>) -> Meta {
        Meta {
            request: self.sent.clone(),
            answer,
            limits: self.channel.limits.clone(),
            edition: self.asked.as_ref().map(|asked| asked.edition),
        }
    }

    pub(super) fn poll_one(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<(CallResult<A>, Option<Message>)> {
        let polled = ready!(self.poll_next(cx));
        self.state = State::Over;
        Poll::Ready(polled.unwrap_or_else(|| {
            let missing = || ReadError::new(ReadErrorKind::Envelope("there is no answer"), 0, "");
            let nothing = if self.operation.output.is_none() {
                A::Value::nothing()
            } else {
                None
            };
            (nothing.ok_or_else(|| CallError::Read(missing())), None)
        }))
    }

    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(CallResult<A>, Option<Message>)>> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Over => Poll::Ready(None),
            State::Failed(error) => Poll::Ready(Some((Err(CallError::Write(error)), None))),
            State::Waiting(mut replies) => {
                let polled = replies.poll_next(cx);
                self.state = State::Waiting(replies);
                polled.map(|item| {
                    item.map(|received| match received {
                        Ok(message) => (self.read(&message), Some(message)),
                        Err(error) => (Err(CallError::Transport(error)), None),
                    })
                })
            }
        }
    }

    fn read(&self, message: &Message) -> CallResult<A> {
        match self.read_answer(message) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(fault)) => Err(CallError::Fault(fault)),
            Err(error) => Err(CallError::Read(error)),
        }
    }

    /// Reads the value or the fault. The Body decides which it is, not the status (rule F-1).
    fn read_answer(&self, message: &Message) -> Result<Result<A::Value, A::Fault>, ReadError> {
        let limits = &self.channel.limits;
        let text = xml::decode(&message.envelope, message.charset.as_deref(), limits)?;
        let mut envelope = Envelope::read(&text, limits)?;
        let version = envelope.version();
        let is_fault = envelope
            .body()
            .is_some_and(|name| fault::is_fault(name, version, envelope.reader()));
        if let Some(asked) = &self.asked {
            asked.check(&mut envelope, is_fault)?;
        }
        if is_fault {
            let fault = fault::read(envelope.reader())?;
            envelope.finish()?;
            return Ok(Err(fault)); // whatever else its header blocks say: no value is acted upon
        }
        let not_understood = envelope.not_understood(&[], |namespace, local| {
            A::Value::understands(namespace, local) || self.is_understood(namespace, local)
        });
        if !not_understood.is_empty() {
            const MANDATORY: ReadErrorKind =
                ReadErrorKind::Envelope("a mandatory header block of the answer is not understood");
            return Err(envelope.reader().error(MANDATORY));
        }
        let Some(output) = &self.operation.output else {
            return A::Value::nothing()
                .map(Ok)
                .ok_or_else(|| envelope.reader().unexpected());
        };
        let value = A::Value::read_output(output, self.operation.style, &mut envelope)?;
        envelope.finish()?;
        Ok(Ok(value))
    }

    fn is_understood(&self, namespace: &str, local: &str) -> bool {
        let is_addressing = self
            .asked
            .as_ref()
            .is_some_and(|asked| addressing::is_known(asked.edition, namespace, local));
        is_addressing || self.channel.is_understood(namespace, local)
    }
}

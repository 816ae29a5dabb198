//! One call: a builder that is sent when it is awaited.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use crate::{
    Answer, Message,
    addressing::{self, EndpointReference, Mandatory, MessageAddressing},
    describe::Operation,
    envelope::WriteHeader,
    transport::{Expect, Request},
    xml::{ReadError, ReadErrorKind, WriteError, Writer},
};

use super::{
    Answers, CallError, CallResult, Channel, Meta,
    addressed::{self, Awaited},
    exchange::{Exchange, State},
};

/// A call whose arguments are written and which is sent when it is awaited.
///
/// It is an [`IntoFuture`]: `tokio::join!` and `select!` want [`into_future`](IntoFuture::into_future) called.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<'c, A> {
    channel: &'c Channel,
    operation: &'static Operation,
    draft: Result<Writer, WriteError>,
    timeout: Option<Duration>,
    expect: Expect,
    answer_elsewhere: bool,
    addressing: Option<Box<MessageAddressing>>,
    answer: PhantomData<fn() -> A>,
}

impl<'c, A: Answer> Call<'c, A> {
    pub(super) fn new(
        channel: &'c Channel,
        operation: &'static Operation,
        draft: Result<Writer, WriteError>,
    ) -> Self {
        let expect = if operation.output.is_some() {
            Expect::One
        } else {
            Expect::Nothing
        };
        Self {
            channel,
            operation,
            draft,
            timeout: channel.timeout,
            expect,
            answer_elsewhere: false,
            addressing: None,
            answer: PhantomData,
        }
    }

    /// Bound on the whole call.
    pub fn timeout(self, whole_call: Duration) -> Self {
        Self {
            timeout: Some(whole_call),
            ..self
        }
    }

    /// Puts a block into the Header: a value that is an element of its own, or a [`HeaderBlock`](crate::HeaderBlock) around it
    /// that must be understood or is for another role.
    pub fn header(self, block: &(impl WriteHeader + ?Sized)) -> Self {
        let call = self.channel.outgoing(self.operation);
        let draft = self.draft.and_then(|mut writer| {
            writer.header(|writer| block.write_header(&call, writer))?;
            Ok(writer)
        });
        Self { draft, ..self }
    }

    /// The same call, which gives also what is known beside the value: raw XML both ways, status and header blocks. It is known
    /// also when the call failed.
    pub fn with_meta(self) -> CallWithMeta<'c, A> {
        CallWithMeta(self)
    }

    /// Every answer that comes before the timeout. Copies of the request, where its transport sends such, leave only while the stream
    /// is polled, and answers that nobody takes wait in the buffer of the socket, which drops what does not fit: poll it promptly.
    pub fn answers(self) -> Answers<'c, A> {
        Answers(
            Self {
                expect: Expect::Many,
                ..self
            }
            .start(),
        )
    }

    /// What the call says by WS-Addressing; what is not given here is as the [`Channel`] has it. Its edition counts where the
    /// channel does not use WS-Addressing: then this call does, as if it were [`Addressing::Optional`](crate::Addressing).
    pub fn addressing(self, properties: MessageAddressing) -> Self {
        Self {
            addressing: Some(Box::new(properties)),
            ..self
        }
    }

    /// Sends the call and does not wait for its answer, which shall go to `endpoint`: gives the `MessageID` that the answer will
    /// relate to, once the wire has taken the request.
    ///
    /// On HTTP and in memory a service that sends no answers there says so: the fault is an error, and so is an answer that has come
    /// back. On other transports it is not known whether the answer will come.
    pub fn answer_to(self, endpoint: EndpointReference) -> Posted<'c, A> {
        let given = self.addressing.map(|given| *given).unwrap_or_default();
        let call = Self {
            addressing: Some(Box::new(given.reply_to(endpoint))),
            expect: Expect::Nothing,
            // A one-way message has none; what comes back for it means nothing.
            answer_elsewhere: self.operation.output.is_some(),
            ..self
        };
        Posted(call.start())
    }

    fn start(self) -> Exchange<'c, A> {
        let (channel, operation) = (self.channel, self.operation);
        let (sent, state, asked) = match self.request() {
            Ok((request, asked)) => (
                Some(request.message.envelope.clone()),
                State::Waiting(channel.transport.exchange(request)),
                asked,
            ),
            Err(error) => (None, State::Failed(error), None),
        };
        Exchange {
            sent,
            state,
            asked,
            channel,
            operation,
            answer: PhantomData,
        }
    }

    fn request(self) -> Result<(Request, Option<Box<Awaited>>), WriteError> {
        let mut writer = self.draft?;
        let given = self.addressing.map(|given| *given);
        let said = addressed::properties(self.channel, self.operation, given, self.expect)?;
        if let Some(properties) = &said {
            addressing::write(properties, Mandatory::Yes, &mut writer)?;
        }
        let mut message = Message::new(writer.envelope(self.channel.version))
            .version(self.channel.version)
            .action(self.operation.action);
        let mut asked = None;
        if let Some(properties) = said {
            asked = Some(Box::new(Awaited::of(&properties, self.channel)));
            message.message_id = properties.message_id.map(Into::into);
            if let Some(action) = properties.action {
                message.action = Some(action.into());
            }
        }
        let mut request = Request::new(message);
        request.expect = self.expect;
        request.timeout = self.timeout;
        request.answer_elsewhere = self.answer_elsewhere;
        request.idempotent = self.operation.idempotent;
        Ok((request, asked))
    }
}

impl<A: Answer> fmt::Debug for Call<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.name)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl<'c, A: Answer> IntoFuture for Call<'c, A> {
    type Output = CallResult<A>;
    type IntoFuture = CallFuture<'c, A>;

    fn into_future(self) -> CallFuture<'c, A> {
        CallFuture(self.start())
    }
}

/// A call on its way.
#[derive(Debug)]
#[must_use = "a call is sent when it is awaited"]
pub struct CallFuture<'c, A: Answer>(Exchange<'c, A>);

impl<A: Answer> Future for CallFuture<'_, A> {
    type Output = CallResult<A>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_one(cx).map(|(result, _)| result)
    }
}

/// A call that gives also its [`Meta`].
#[derive(Debug)]
#[must_use = "a call is sent when it is awaited"]
pub struct CallWithMeta<'c, A: Answer>(Call<'c, A>);

impl<'c, A: Answer> IntoFuture for CallWithMeta<'c, A> {
    type Output = (Meta, CallResult<A>);
    type IntoFuture = CallWithMetaFuture<'c, A>;

    fn into_future(self) -> CallWithMetaFuture<'c, A> {
        CallWithMetaFuture(self.0.start())
    }
}

/// A call on its way that gives also its [`Meta`].
#[derive(Debug)]
#[must_use = "a call is sent when it is awaited"]
pub struct CallWithMetaFuture<'c, A: Answer>(Exchange<'c, A>);

impl<A: Answer> Future for CallWithMetaFuture<'_, A> {
    type Output = (Meta, CallResult<A>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (result, answer) = ready!(self.0.poll_one(cx));
        Poll::Ready((self.0.meta(answer), result))
    }
}

/// A call on its way whose answer goes elsewhere: gives the `MessageID` of the request.
#[derive(Debug)]
#[must_use = "a call is sent when it is awaited"]
pub struct Posted<'c, A: Answer>(Exchange<'c, A>);

impl<A: Answer> Future for Posted<'_, A> {
    type Output = Result<String, CallError<A::Fault>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = ready!(self.0.poll_next(cx));
        let sent = || {
            let asked = self.0.asked.as_ref();
            asked.map(|asked| asked.message_id.clone())
        };
        Poll::Ready(match polled {
            Some((Err(error), _)) => Err(error),
            Some((Ok(_), Some(_))) => {
                const BACK: ReadErrorKind =
                    ReadErrorKind::Envelope("the answer has come back, not gone elsewhere");
                Err(CallError::Read(ReadError::new(BACK, 0, "")))
            }
            _ => Ok(sent().unwrap_or_default()),
        })
    }
}

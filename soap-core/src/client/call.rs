//! One call: a builder that is sent when it is awaited.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;

use crate::{
    Answer, Message, Output,
    describe::Operation,
    envelope::{Envelope, WriteHeader},
    fault,
    transport::{Expect, Replies, Request},
    xml::{self, ReadError, ReadErrorKind, WriteError, Writer},
};

use super::{CallError, Channel, Meta};

type CallResult<A> = Result<<A as Answer>::Value, CallError<<A as Answer>::Fault>>;

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

    /// Every answer that comes before the timeout.
    pub fn answers(self) -> Answers<'c, A> {
        Answers(
            Self {
                expect: Expect::Many,
                ..self
            }
            .start(),
        )
    }

    fn start(self) -> Exchange<'c, A> {
        let envelope = self
            .draft
            .map(|writer| writer.envelope(self.channel.version));
        let request = envelope.map(|envelope| {
            let message = Message::new(envelope)
                .version(self.channel.version)
                .action(self.operation.action);
            let mut request = Request::new(message);
            request.expect = self.expect;
            request.timeout = self.timeout;
            request.idempotent = self.operation.idempotent;
            request
        });
        let (sent, state) = match request {
            Ok(request) => (
                Some(request.message.envelope.clone()),
                State::Waiting(self.channel.transport.exchange(request)),
            ),
            Err(error) => (None, State::Failed(error)),
        };
        Exchange {
            sent,
            state,
            channel: self.channel,
            operation: self.operation,
            answer: PhantomData,
        }
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
        Poll::Ready((
            Meta {
                request: self.0.sent.clone(),
                answer,
                limits: self.0.channel.limits.clone(),
            },
            result,
        ))
    }
}

/// The answers to one call, as they come.
#[derive(Debug)]
pub struct Answers<'c, A: Answer>(Exchange<'c, A>);

impl<A: Answer> Answers<'_, A> {
    /// The next answer; `None` when the time is over.
    pub async fn next(&mut self) -> Option<CallResult<A>> {
        std::future::poll_fn(|cx| self.0.poll_next(cx))
            .await
            .map(|(result, _)| result)
    }
}

impl<A: Answer> futures_core::Stream for Answers<'_, A> {
    type Item = CallResult<A>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<CallResult<A>>> {
        self.0
            .poll_next(cx)
            .map(|item| item.map(|(result, _)| result))
    }
}

/// A request sent and its answers awaited.
#[derive(Debug)]
struct Exchange<'c, A: Answer> {
    sent: Option<Bytes>,
    state: State<'c>,
    channel: &'c Channel,
    operation: &'static Operation,
    answer: PhantomData<fn() -> A>,
}

#[derive(Debug)]
enum State<'c> {
    Failed(WriteError),
    Waiting(Replies<'c>),
    Over,
}

impl<A: Answer> Exchange<'_, A> {
    fn poll_one(&mut self, cx: &mut Context<'_>) -> Poll<(CallResult<A>, Option<Message>)> {
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

    fn poll_next(
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
                        Ok(message) => (
                            read::<A>(&message, self.operation, self.channel),
                            Some(message),
                        ),
                        Err(error) => (Err(CallError::Transport(error)), None),
                    })
                })
            }
        }
    }
}

fn read<A: Answer>(
    message: &Message,
    operation: &'static Operation,
    channel: &Channel,
) -> CallResult<A> {
    match read_answer::<A>(message, operation, channel) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(fault)) => Err(CallError::Fault(fault)),
        Err(error) => Err(CallError::Read(error)),
    }
}

/// Reads the value or the fault. The Body decides which it is, not the status (rule F-1).
fn read_answer<A: Answer>(
    message: &Message,
    operation: &'static Operation,
    channel: &Channel,
) -> Result<Result<A::Value, A::Fault>, ReadError> {
    let limits = &channel.limits;
    let text = xml::decode(&message.envelope, message.charset.as_deref(), limits)?;
    let mut envelope = Envelope::read(&text, limits)?;
    let version = envelope.version();
    if let Some(name) = envelope.body()
        && fault::is_fault(name, version, envelope.reader())
    {
        let fault = fault::read(envelope.reader())?;
        envelope.finish()?;
        return Ok(Err(fault)); // whatever its header blocks say: no value is acted upon
    }
    let not_understood = envelope.not_understood(&[], |namespace, local| {
        A::Value::understands(namespace, local) || channel.is_understood(namespace, local)
    });
    if !not_understood.is_empty() {
        const MANDATORY: ReadErrorKind =
            ReadErrorKind::Envelope("a mandatory header block of the answer is not understood");
        return Err(envelope.reader().error(MANDATORY));
    }
    let Some(output) = &operation.output else {
        return A::Value::nothing()
            .map(Ok)
            .ok_or_else(|| envelope.reader().unexpected());
    };
    let value = A::Value::read_output(output, operation.style, &mut envelope)?;
    envelope.finish()?;
    Ok(Ok(value))
}

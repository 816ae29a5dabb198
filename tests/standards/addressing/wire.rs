//! A transport that keeps what it is given, and changes what comes back.

use std::{
    fmt,
    future::Future,
    iter::Enumerate,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use soapstone::{
    Host,
    addressing::AddressingOptions,
    transport::{
        Dispatch, Expect, Message, Outcome, Peer, Replies, Request, Transport, TransportError,
    },
};

use super::{Counting, QueueServer};

/// Where answers may go.
pub const ALLOWED: &str = "http://a.example/answers";

/// Brings requests to the queue, and its answers back as `change` makes them.
#[derive(Clone)]
pub struct Wire {
    pub sent: Arc<Mutex<Vec<Request>>>,
    pub change: fn(String) -> Vec<String>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Transport for Wire {
    fn exchange(&self, request: Request) -> Replies<'_> {
        self.sent.lock().expect("no panic").push(request.clone());
        let change = self.change;
        let answer = async move {
            let host = Arc::new(Host::new(QueueServer::new(Counting::default())));
            let mut message = request.message;
            let options = AddressingOptions::default().answers_to([ALLOWED]);
            message.addressing = Some(Arc::new(options));
            let is_told = request.expect != Expect::Nothing || request.answer_elsewhere;
            match host.dispatch(message).await {
                Outcome::Reply(message) if is_told || message.fault.is_some() => {
                    let text = String::from_utf8(message.envelope.to_vec()).expect("UTF-8");
                    change(text)
                }
                _ => Vec::new(),
            }
        };
        if request.expect == Expect::Many {
            return Replies::many(Several {
                coming: Some(Box::pin(answer)),
                come: Vec::new().into_iter().enumerate(),
            });
        }
        Replies::one(async move { Ok(answer.await.into_iter().next().map(|text| from(0, text))) })
    }
}

/// The answer of the member `index` of a group.
fn from(index: usize, text: String) -> Message {
    let mut message = Message::new(text);
    let last = u8::try_from(index).expect("few");
    message.peer = Some(Peer::new("wire", Some(([127, 0, 0, last], 9).into())));
    message
}

/// The answers of a future, one after the other.
struct Several<F> {
    coming: Option<Pin<Box<F>>>,
    come: Enumerate<std::vec::IntoIter<String>>,
}

impl<F: Future<Output = Vec<String>>> Stream for Several<F> {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(future) = &mut self.coming {
            self.come = ready!(future.as_mut().poll(cx)).into_iter().enumerate();
            self.coming = None;
        }
        let next = self.come.next();
        Poll::Ready(next.map(|(index, text)| Ok(from(index, text))))
    }
}

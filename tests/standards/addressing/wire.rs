//! A transport that keeps what it is given, and changes what comes back.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use soapstone::{
    Host,
    transport::{Dispatch, Expect, Message, Outcome, Replies, Request, Transport, TransportError},
};

use super::{Counting, QueueServer};

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
            match host.dispatch(request.message).await {
                Outcome::Reply(message) if request.expect != Expect::Nothing => {
                    let text = String::from_utf8(message.envelope.to_vec()).expect("UTF-8");
                    change(text)
                }
                _ => Vec::new(),
            }
        };
        if request.expect == Expect::Many {
            return Replies::many(Several {
                coming: Some(Box::pin(answer)),
                come: Vec::new().into_iter(),
            });
        }
        Replies::one(async move { Ok(answer.await.into_iter().next().map(Message::new)) })
    }
}

/// The answers of a future, one after the other.
struct Several<F> {
    coming: Option<Pin<Box<F>>>,
    come: std::vec::IntoIter<String>,
}

impl<F: Future<Output = Vec<String>>> Stream for Several<F> {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(future) = &mut self.coming {
            self.come = ready!(future.as_mut().poll(cx)).into_iter();
            self.coming = None;
        }
        Poll::Ready(self.come.next().map(|text| Ok(Message::new(text))))
    }
}

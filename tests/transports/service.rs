//! The service that every transport carries calls to, and what a test sees and decides of its handlers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use soapstone::{Context, Fault, SoapFault, SoapType, WithHeader};
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::harness::in_time;

/// A header block.
#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/promises")]
pub(crate) struct Tag {
    pub(crate) key: String,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "http://example.org/promises")]
pub(crate) enum DivideFault {
    #[soap(code = "Sender", reason = "divide by zero")]
    ByZero { dividend: i32, text: String },
    #[soap(other)]
    Other(Fault),
}

#[soapstone::service(namespace = "http://example.org/promises")]
pub(crate) trait Promises {
    async fn add(&self, a: i32, b: i32) -> i32;
    async fn divide(&self, a: i32, b: i32) -> Result<i32, DivideFault>;
    async fn echo(&self, text: String) -> String;
    async fn nothing(&self);
    async fn panic(&self) -> u32;
    /// Begins, and ends when the test says so.
    async fn hold(&self, number: u32) -> u32;
    /// As `hold`, and may be executed twice.
    #[soap(idempotent)]
    async fn look(&self, number: u32) -> u32;
    /// As `hold`, and nobody waits for it.
    #[soap(one_way)]
    async fn notify(&self, number: u32);
    /// Begins, and ends when its caller is known to have left.
    async fn watch(&self, #[soap(context)] context: &Context) -> u32;
    /// Scheme and address of the caller.
    async fn caller(&self, #[soap(context)] context: &Context) -> String;
    /// Gives the block back, its key doubled.
    async fn tag(&self, #[soap(header)] tag: Tag) -> WithHeader<String, Tag>;
}

/// Fulfils the promises of the contract.
pub(crate) struct Worker {
    begun: UnboundedSender<u32>,
    ended: UnboundedSender<u32>,
    release: Arc<Semaphore>,
    executed: Arc<AtomicUsize>,
}

/// The test's view of a [`Worker`].
pub(crate) struct Probe {
    begun: UnboundedReceiver<u32>,
    ended: UnboundedReceiver<u32>,
    release: Arc<Semaphore>,
    executed: Arc<AtomicUsize>,
}

pub(crate) fn worker() -> (Worker, Probe) {
    let (begun_sender, begun) = unbounded_channel();
    let (ended_sender, ended) = unbounded_channel();
    let release = Arc::new(Semaphore::new(0));
    let executed = Arc::default();
    let worker = Worker {
        begun: begun_sender,
        ended: ended_sender,
        release: Arc::clone(&release),
        executed: Arc::clone(&executed),
    };
    let probe = Probe {
        begun,
        ended,
        release,
        executed,
    };
    (worker, probe)
}

impl Probe {
    /// The number of the next handler that begins.
    pub(crate) async fn begun(&mut self) -> u32 {
        in_time(self.begun.recv()).await.expect("the server lives")
    }

    /// The number of the next handler that ends.
    pub(crate) async fn ended(&mut self) -> u32 {
        in_time(self.ended.recv()).await.expect("the server lives")
    }

    /// Lets so many handlers end.
    pub(crate) fn release(&self, handlers: usize) {
        self.release.add_permits(handlers);
    }

    /// How many handlers have begun, of whatever operation.
    pub(crate) fn executions(&self) -> usize {
        self.executed.load(SeqCst)
    }
}

impl Worker {
    fn ran(&self) {
        self.executed.fetch_add(1, SeqCst);
    }

    async fn work(&self, number: u32) -> u32 {
        self.ran();
        // A test that has failed has dropped its probe.
        let _ = self.begun.send(number);
        if let Ok(permit) = self.release.acquire().await {
            permit.forget();
        }
        let _ = self.ended.send(number);
        number
    }
}

impl Promises for Worker {
    async fn add(&self, a: i32, b: i32) -> i32 {
        self.ran();
        a + b
    }

    async fn divide(&self, a: i32, b: i32) -> Result<i32, DivideFault> {
        self.ran();
        a.checked_div(b).ok_or_else(|| DivideFault::ByZero {
            dividend: a,
            text: "\u{fc}ber <0>".to_owned(),
        })
    }

    async fn echo(&self, text: String) -> String {
        self.ran();
        text
    }

    async fn nothing(&self) {
        self.ran();
    }

    async fn panic(&self) -> u32 {
        self.ran();
        panic!("the operation that panics");
    }

    async fn hold(&self, number: u32) -> u32 {
        self.work(number).await
    }

    async fn look(&self, number: u32) -> u32 {
        self.work(number).await
    }

    async fn notify(&self, number: u32) {
        self.work(number).await;
    }

    async fn watch(&self, context: &Context) -> u32 {
        self.ran();
        let _ = self.begun.send(0);
        let peer = context.peer().expect("every transport tells who calls");
        while !peer.gone.is_half_closed() {
            tokio::task::yield_now().await;
        }
        let _ = self.ended.send(0);
        0
    }

    async fn caller(&self, context: &Context) -> String {
        self.ran();
        let peer = context.peer().expect("every transport tells who calls");
        let address = peer
            .address
            .map_or("none".to_owned(), |address| address.ip().to_string());
        format!("{} {address}", peer.scheme)
    }

    async fn tag(&self, tag: Tag) -> WithHeader<String, Tag> {
        self.ran();
        let answer = Tag {
            key: tag.key.repeat(2),
        };
        WithHeader::new(tag.key, answer)
    }
}

//! A service that does what a test tells it, and a peer that speaks bytes.

use std::{
    fmt,
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use soap_core::{
    Fault, FaultOrigin, Message, Options, Timeouts,
    transport::{BoxFuture, Dispatch, Expect, Outcome, Request, Transport, TransportError},
};
use soap_transport::{Endpoint, Running, Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Notify,
    time::timeout,
};

/// Longer than anything takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

type Handler = dyn Fn(Message) -> BoxFuture<'static, Outcome> + Send + Sync;

pub(crate) struct Fake {
    handler: Box<Handler>,
    pub(crate) seen: Mutex<Vec<Message>>,
}

impl Fake {
    pub(crate) fn new<F>(handler: impl Fn(Message) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Arc::new(Self {
            handler: Box::new(move |message| Box::pin(handler(message))),
            seen: Mutex::default(),
        })
    }

    /// Answers with the envelope of the request.
    pub(crate) fn echo() -> Arc<Self> {
        Self::new(|message| async move { reply(message.envelope) })
    }

    /// As [`echo`](Self::echo), each time the second of the two is told to.
    pub(crate) fn held() -> (Arc<Self>, Arc<Notify>) {
        let release = Arc::new(Notify::new());
        let wait = Arc::clone(&release);
        let fake = Self::new(move |message| {
            let wait = Arc::clone(&wait);
            async move {
                wait.notified().await;
                reply(message.envelope)
            }
        });
        (fake, release)
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The envelopes that came.
    pub(crate) fn texts(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let text = |message: &Message| String::from_utf8(message.envelope.to_vec()).unwrap();
        seen.iter().map(text).collect()
    }

    pub(crate) fn dispatch_as(self: &Arc<Self>) -> Arc<dyn Dispatch> {
        Arc::clone(self) as Arc<dyn Dispatch>
    }
}

pub(crate) fn reply(envelope: impl Into<bytes::Bytes>) -> Outcome {
    Outcome::Reply(Message::new(envelope))
}

/// An answer that is a fault.
pub(crate) fn fault(origin: FaultOrigin) -> Outcome {
    let mut message = Message::new("<fault/>");
    message.fault = Some(origin);
    Outcome::Reply(message)
}

impl Dispatch for Fake {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        self.seen.lock().unwrap().push(request.clone());
        (self.handler)(request)
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        let mut message = Message::new(format!("<fault>{}</fault>", fault.reason()));
        message.fault = Some(FaultOrigin::Refused);
        message
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

/// A server of `fake` at a free port.
pub(crate) async fn serve(fake: &Arc<Fake>) -> Running {
    serve_with(fake, Options::server()).await
}

pub(crate) async fn serve_with(fake: &Arc<Fake>, options: Options) -> Running {
    let server = Server::new(fake.dispatch_as()).bind("soap.tcp://127.0.0.1:0");
    server.options(options).start().await.unwrap()
}

/// Bounds for tests in which a wait ends.
pub(crate) fn timeouts(change: impl FnOnce(&mut Timeouts)) -> Options {
    let mut options = Options::server();
    change(&mut options.timeouts);
    options
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// `host:port` of a URL.
pub(crate) fn authority(running: &Running) -> String {
    let (_, rest) = running.urls()[0].split_once("://").unwrap();
    rest.trim_end_matches('/').to_owned()
}

/// The fault of a server that can read no message.
pub(crate) fn refused(reason: &str) -> String {
    format!("<fault>{reason}</fault>")
}

/// An address, and an endpoint for it.
pub(crate) async fn listen() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("soap.tcp://{}", listener.local_addr().unwrap());
    (listener, Endpoint::new(url))
}

pub(crate) fn request(envelope: impl Into<bytes::Bytes>) -> Request {
    Request::new(Message::new(envelope))
}

/// A request with this `MessageID`.
pub(crate) fn named(id: &str) -> Request {
    let mut request = request(format!("<asks id='{id}'/>"));
    request.message.message_id = Some(id.into());
    request
}

/// An answer that is to the request of this `MessageID`.
pub(crate) fn relates_to(id: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Header>\
         <a:RelatesTo xmlns:a='http://www.w3.org/2005/08/addressing'>{id}</a:RelatesTo></e:Header><e:Body/></e:Envelope>"
    )
}

pub(crate) fn one_way(envelope: impl Into<bytes::Bytes>) -> Request {
    let mut request = request(envelope);
    request.expect = Expect::Nothing;
    request
}

/// What comes of a call: the envelope of its answer; empty if there is none.
pub(crate) async fn call(
    transport: &dyn Transport,
    request: Request,
) -> Result<bytes::Bytes, TransportError> {
    let mut answers = transport.exchange(request);
    let answer = timeout(PATIENCE, answers.next()).await;
    let answer = answer.expect("a call ends in time").transpose()?;
    Ok(answer.map(|answer| answer.envelope).unwrap_or_default())
}

/// One end of a connection, in bytes.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
}

impl Raw {
    pub(crate) async fn connect(running: &Running) -> Self {
        Self::of(TcpStream::connect(authority(running)).await.unwrap())
    }

    /// One whose kernel takes little that is not read.
    pub(crate) async fn small(running: &Running) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 << 10).unwrap();
        let address = authority(running).parse().unwrap();
        Self::of(socket.connect(address).await.unwrap())
    }

    pub(crate) fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let accepted = timeout(PATIENCE, listener.accept()).await;
        Self::of(accepted.expect("a connection").unwrap().0)
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// No more will be sent.
    pub(crate) async fn end(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Reads these bytes, and not one more.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: impl AsRef<[u8]>) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let expected = expected.as_ref();
            let mut bytes = vec![0; expected.len()];
            let mut read = 0;
            while read < bytes.len() {
                let more = timeout(PATIENCE, self.stream.read(&mut bytes[read..])).await;
                match more {
                    Ok(Ok(more @ 1..)) => read += more,
                    ended => {
                        let so_far = String::from_utf8_lossy(&bytes[..read]);
                        panic!("{ended:?} behind {so_far:?} at {caller}")
                    }
                }
            }
            let text =
                |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
            assert!(
                bytes == expected,
                "{:?} in place of {:?} at {caller}",
                text(&bytes),
                text(expected)
            );
        }
    }

    /// Sends a request and reads its answer, which is the same.
    pub(crate) async fn echo(&mut self, message: &str) {
        self.send(message).await;
        self.expect(message).await;
    }

    /// All up to the end, which is in good order.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut bytes)).await;
        read.expect("an end in time").expect("in good order");
        String::from_utf8(bytes).unwrap()
    }

    /// True if the stream ends in good order (FIN) without another byte.
    pub(crate) async fn is_over(&mut self) -> bool {
        matches!(self.read().await, Ok(0))
    }

    /// True if the connection is reset before another byte comes.
    pub(crate) async fn is_reset(&mut self) -> bool {
        matches!(self.read().await, Err(error) if error.kind() == ErrorKind::ConnectionReset)
    }

    /// True if nothing more comes, in good order or by a reset.
    pub(crate) async fn is_closed(&mut self) -> bool {
        !matches!(self.read().await, Ok(1..))
    }

    /// True if nothing comes for a while.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(ms(50), self.stream.read_u8()).await.is_err()
    }

    async fn read(&mut self) -> std::io::Result<usize> {
        let mut byte = [0];
        let read = timeout(PATIENCE, self.stream.read(&mut byte)).await;
        read.expect("bytes in time")
    }
}

/// Waits until `done` is.
pub(crate) async fn until(done: impl Fn() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(ms(1)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("in time");
}

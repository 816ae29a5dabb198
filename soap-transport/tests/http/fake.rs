//! A service that does what a test tells it, and a peer that speaks bytes.

use std::{
    fmt,
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use soap_core::{
    Fault, Message, Options, SoapVersion, Timeouts,
    transport::{BoxFuture, Dispatch, Outcome, Port},
};
use soap_transport::{Running, Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
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

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn dispatch_as(self: &Arc<Self>) -> Arc<dyn Dispatch> {
        Arc::clone(self) as Arc<dyn Dispatch>
    }
}

pub(crate) fn reply(envelope: impl Into<bytes::Bytes>) -> Outcome {
    Outcome::Reply(Message::new(envelope).version(SoapVersion::Soap11))
}

impl Dispatch for Fake {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        self.seen.lock().unwrap().push(request.clone());
        (self.handler)(request)
    }

    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        Some(format!("<wsdl at=\"{}\"/>", port.location))
    }

    fn refuse(&self, request: &Message, fault: &Fault) -> Message {
        let reason = fault.reason();
        let version = request.version.unwrap_or_default();
        Message::new(format!("<fault>{reason}</fault>")).version(version)
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

/// A server of `fake` at `/calc` of a free port.
pub(crate) async fn serve(fake: &Arc<Fake>) -> Running {
    serve_with(fake, Options::server()).await
}

pub(crate) async fn serve_with(fake: &Arc<Fake>, options: Options) -> Running {
    let server = Server::new(fake.dispatch_as()).bind("http://127.0.0.1:0/calc");
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
    let url = &running.urls()[0];
    url["http://".len()..].split('/').next().unwrap().to_owned()
}

/// A POST of `body` with all its fields.
pub(crate) fn post(body: &str) -> String {
    format!(
        "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:a\"\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// One end of a connection, in bytes.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) first: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Head {
    pub(crate) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Raw {
    pub(crate) async fn connect(running: &Running) -> Self {
        Self::of(TcpStream::connect(authority(running)).await.unwrap())
    }

    pub(crate) fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        Self::of(stream)
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The next message, request or answer; `None` at the end of the stream.
    pub(crate) async fn message(&mut self) -> Option<Head> {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if !self.fill().await {
                assert!(self.buffer.is_empty(), "cut: {:?}", self.buffer);
                return None;
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let first = lines.next().unwrap().to_owned();
        let fields = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let mut head = Head {
            first,
            fields,
            body: Vec::new(),
        };
        let length = head
            .field("content-length")
            .map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < length {
            assert!(self.fill().await, "body cut");
        }
        head.body = self.buffer.drain(..length).collect();
        Some(head)
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> Head {
        self.message().await.expect("an answer")
    }

    /// True if the stream ends in good order (FIN) without another byte.
    pub(crate) async fn is_over(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.read().await, Ok(0))
    }

    /// True if the connection is reset before another byte comes.
    pub(crate) async fn is_reset(&mut self) -> bool {
        self.buffer.is_empty()
            && matches!(self.read().await, Err(error) if error.kind() == ErrorKind::ConnectionReset)
    }

    /// True if nothing more comes: in good order, or by a reset, as after bytes that the peer did not read.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && !self.fill().await
    }

    async fn fill(&mut self) -> bool {
        matches!(self.read().await, Ok(1..))
    }

    async fn read(&mut self) -> std::io::Result<usize> {
        timeout(PATIENCE, self.stream.read_buf(&mut self.buffer))
            .await
            .expect("bytes in time")
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

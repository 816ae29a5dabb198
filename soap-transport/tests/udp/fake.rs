//! A service that counts what it executes, and a peer that speaks datagrams.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use soap_core::{
    Addressing, Context, Fault, Incoming, Options, Peer, Reply, Service,
    describe::{BodyElement, Operation, OutputDescription, ServiceDescription, Style},
    transport::BoxFuture,
    xml::{Name, Namespace, Tag},
};
use soap_transport::{DatagramCounters, Running, Server, udp::UdpOptions};
use tokio::{net::UdpSocket, sync::Notify, time::timeout};

/// Longer than anything takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

static NS: Namespace = Namespace::new("urn:t");
static ANSWER: Tag = Tag::new("<n0:Answer>", "</n0:Answer>");

const fn body(local: &'static str) -> BodyElement {
    let namespace = &NS;
    BodyElement {
        name: Name { namespace, local },
        tag: &ANSWER,
    }
}

const fn operation(
    (name, action): (&'static str, &'static str),
    output: Option<OutputDescription>,
) -> Operation {
    Operation {
        name,
        action,
        default_action: "",
        documentation: "",
        style: Style::Bare,
        input: Some(body(name)),
        parameters: &[],
        input_headers: &[],
        output,
        faults: || &[],
        idempotent: false,
    }
}

static DESCRIPTION: ServiceDescription = ServiceDescription {
    name: "TestService",
    port_type: "Test",
    namespace: &NS,
    documentation: "",
    operations: &[
        &operation(
            ("Ask", "urn:t/Ask"),
            Some(OutputDescription {
                element: Some(body("Answer")),
                result: None,
                headers: || &[],
                action: None,
            }),
        ),
        &operation(("Tell", "urn:t/Tell"), None),
    ],
};

/// `Ask`, whose text says what to do: `fail`, `wait` until it is told to go on, answer as many bytes as a number says, or with
/// that very text; and `Tell`, which is one-way.
#[derive(Default)]
pub(crate) struct Victim {
    executed: AtomicUsize,
    pub(crate) go_on: Notify,
    pub(crate) waiting: Notify,
    pub(crate) peers: Mutex<Vec<Peer>>,
}

impl Victim {
    pub(crate) fn executed(&self) -> usize {
        self.executed.load(SeqCst)
    }

    async fn ask(&self, text: String) -> Result<String, Fault> {
        match text.as_str() {
            "fail" => return Err(Fault::sender("as you wish")),
            "wait" => {
                self.waiting.notify_one();
                self.go_on.notified().await;
            }
            number => {
                if let Ok(length) = number.parse() {
                    return Ok("x".repeat(length));
                }
            }
        }
        Ok(text)
    }

    fn note(&self, context: &Context) {
        self.executed.fetch_add(1, SeqCst);
        self.peers.lock().unwrap().extend(context.peer().cloned());
    }
}

pub(crate) struct Shared(pub(crate) Arc<Victim>);

impl Service for Shared {
    fn description(&self) -> &'static ServiceDescription {
        &DESCRIPTION
    }

    fn invoke<'x>(
        &'x self,
        operation: usize,
        mut call: Incoming<'x>,
    ) -> BoxFuture<'x, Result<Reply, Fault>> {
        Box::pin(async move {
            let text = call.arguments(|reader| Ok(reader.text()?.into_owned()))?;
            self.0.note(&call.context()?);
            if operation == 1 {
                return call.accept(std::future::ready(()));
            }
            call.reply(self.0.ask(text).await)
        })
    }
}

/// A server of a victim.
pub(crate) struct Target {
    pub(crate) victim: Arc<Victim>,
    pub(crate) running: Running,
}

impl Target {
    /// One that requires WS-Addressing and sends no copies of its answers.
    pub(crate) async fn start() -> Self {
        Self::with(UdpOptions::new().unicast_repeat(0)).await
    }

    pub(crate) async fn with(udp: UdpOptions) -> Self {
        Self::at("soap.udp://127.0.0.1:0/path", Options::server().with(udp)).await
    }

    /// One that takes requests without WS-Addressing too.
    pub(crate) async fn lenient() -> Self {
        let mut options = Options::server().with(UdpOptions::new());
        options.addressing = Addressing::Optional.into();
        Self::at("soap.udp://127.0.0.1:0", options).await
    }

    pub(crate) async fn at(url: &str, options: Options) -> Self {
        let victim = Arc::new(Victim::default());
        let server = Server::new(Shared(Arc::clone(&victim))).bind(url);
        let running = server.options(options).start().await.unwrap();
        Self { victim, running }
    }

    pub(crate) fn port(&self) -> u16 {
        let url = &self.running.urls()[0];
        let port = url.rsplit(':').next().unwrap();
        port.split('/').next().unwrap().parse().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port()).into()
    }

    pub(crate) fn counts(&self) -> DatagramCounters {
        self.running.counters().datagrams
    }

    /// Waits until it has counted something.
    pub(crate) async fn until(&self, is_so: impl Fn(&DatagramCounters) -> bool) {
        let waiting = async {
            while !is_so(&self.counts()) {
                tokio::task::yield_now().await;
            }
        };
        if timeout(PATIENCE, waiting).await.is_err() {
            panic!("not so: {:?}", self.counts());
        }
    }

    /// Another peer gets its answer.
    pub(crate) async fn others_are_served(&self) {
        let raw = Raw::new().await;
        raw.send(ask("well?"), self.address()).await;
        assert!(raw.receive().await.0.contains("well?"));
    }
}

/// A peer that speaks datagrams.
pub(crate) struct Raw(pub(crate) UdpSocket);

impl Raw {
    pub(crate) async fn new() -> Self {
        Self(UdpSocket::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) async fn send(&self, datagram: impl AsRef<[u8]>, to: SocketAddr) {
        self.0.send_to(datagram.as_ref(), to).await.unwrap();
    }

    /// The next datagram, and where it is from.
    pub(crate) async fn receive(&self) -> (String, SocketAddr) {
        let mut buffer = vec![0; 1 << 16];
        let received = timeout(PATIENCE, self.0.recv_from(&mut buffer));
        let (length, source) = received.await.expect("an answer").unwrap();
        buffer.truncate(length);
        (String::from_utf8(buffer).unwrap(), source)
    }

    /// True if nothing has come.
    pub(crate) fn is_silent(&self) -> bool {
        self.0.try_recv_from(&mut [0; 9]).is_err()
    }
}

pub(crate) const ENVELOPE: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";

/// An envelope of these header blocks and this Body, with the prefixes `e`, `a` and `t`.
pub(crate) fn envelope(header: &str, body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{ENVELOPE}' xmlns:a='{ADDRESSING}' xmlns:t='urn:t'><e:Header>{header}</e:Header>\
         <e:Body>{body}</e:Body></e:Envelope>"
    )
}

/// Header blocks of a request for `Ask`.
pub(crate) fn head(id: &str) -> String {
    format!(
        "<a:Action>urn:t/Ask</a:Action><a:MessageID>{id}</a:MessageID><a:To>{ADDRESSING}/anonymous</a:To>"
    )
}

pub(crate) fn new_id() -> String {
    soap_core::addressing::new_message_id()
}

/// A request of `id` for `Ask`.
pub(crate) fn ask_as(id: &str, text: &str) -> String {
    envelope(&head(id), &format!("<t:Ask>{text}</t:Ask>"))
}

/// A request for `Ask`.
pub(crate) fn ask(text: &str) -> String {
    ask_as(&new_id(), text)
}

/// A request for `Tell`.
pub(crate) fn tell(id: &str) -> String {
    let header = head(id).replace("urn:t/Ask", "urn:t/Tell");
    envelope(&header, "<t:Tell>news</t:Tell>")
}

//! One-way messages over `soap.tls`: nothing answers them, but TLS has words of its own to say.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use soap_core::{
    Fault, Linger, Message, SocketOptions,
    transport::{BoxFuture, Dispatch, Expect, Outcome, Request, Transport, TransportError},
};
use soap_transport::{
    Endpoint, Running, Server,
    tls::{Alpn, ClientCertificates, ClientTls, ServerTls, TlsStream},
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

use super::{authority::Authority, peers::TIME};

/// Takes messages and notes where they came from.
#[derive(Debug, Default)]
struct Sink(Mutex<Vec<SocketAddr>>);

impl Dispatch for Sink {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        let peer = request.peer.unwrap().address.unwrap();
        self.0.lock().unwrap().push(peer);
        let work = Box::pin(std::future::ready(()));
        Box::pin(std::future::ready(Outcome::Accepted(work)))
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        Message::new(fault.reason().to_owned())
    }
}

impl Sink {
    /// Where the first `count` messages came from.
    async fn seen(&self, count: usize) -> Vec<SocketAddr> {
        let seen = async {
            while self.0.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(TIME, seen).await.expect("in time");
        self.0.lock().unwrap().clone()
    }
}

async fn serve(sink: &Arc<Sink>, tls: ServerTls) -> Running {
    let server = Server::new(Arc::clone(sink) as Arc<dyn Dispatch>).bind("soap.tls://127.0.0.1:0");
    server.with(tls).start().await.unwrap()
}

async fn send(transport: &Arc<dyn Transport>) -> Result<(), TransportError> {
    let mut request = Request::new(Message::new("<a/>"));
    request.expect = Expect::Nothing;
    let answer = transport.exchange(request).next().await;
    answer.transpose().map(|answer| assert!(answer.is_none()))
}

/// The tickets of TLS 1.3 were never read, so each message made a connection, and the one before it was reset.
#[tokio::test]
async fn one_way_messages_use_a_kept_connection() {
    let ours = Authority::new("ours");
    let sink = Arc::<Sink>::default();
    let running = serve(&sink, ServerTls::new(ours.issue(&["127.0.0.1"]).identity())).await;
    let endpoint = Endpoint::new(&running.urls()[0]).with(ClientTls::new().roots(ours.roots()));
    let transport = endpoint.transport().await.unwrap();
    for count in 1..=5 {
        send(&transport).await.unwrap();
        let seen = sink.seen(count).await;
        assert!(seen.iter().all(|peer| *peer == seen[0]), "{seen:?}");
    }
    running.stop(TIME).await.unwrap();
}

/// The alert was never read, so the message counted as sent.
#[tokio::test]
async fn a_one_way_message_without_the_certificate_demanded_is_an_error() {
    let ours = Authority::new("ours");
    let sink = Arc::<Sink>::default();
    let host = ours.issue(&["127.0.0.1"]);
    let tls = ServerTls::new(host.identity())
        .client_certificates(ClientCertificates::Required(ours.roots()));
    let running = serve(&sink, tls).await;
    let client = ClientTls::new().roots(ours.roots());
    let endpoint = Endpoint::new(&running.urls()[0]);
    let transport = endpoint.clone().with(client.clone()).transport().await;
    let error = send(&transport.unwrap()).await.unwrap_err();
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
    assert!(sink.0.lock().unwrap().is_empty());

    let client = client.identity(ours.issue(&["me"]).identity());
    let transport = endpoint.with(client).transport().await.unwrap();
    send(&transport).await.unwrap();
    sink.seen(1).await;
}

/// A peer of one message, whose sender is then gone.
async fn left(linger: Linger) -> std::io::Result<String> {
    let ours = Authority::new("ours");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("soap.tls://{}", listener.local_addr().unwrap());
    let tls = ServerTls::new(ours.issue(&["127.0.0.1"]).identity());
    let accepting = async {
        let io = listener.accept().await.unwrap().0;
        let stream: TlsStream<TcpStream> = tls.accept(io, Alpn::None, TIME).await.unwrap();
        stream
    };
    let sending = async {
        let client = ClientTls::new().roots(ours.roots());
        let endpoint = Endpoint::new(url).with(client);
        let endpoint = endpoint.socket(SocketOptions::new().linger(linger));
        send(&endpoint.transport().await.unwrap()).await.unwrap();
    };
    let (mut stream, ()) = tokio::join!(accepting, sending);
    let mut text = String::new();
    let read = tokio::time::timeout(TIME, stream.read_to_string(&mut text)).await;
    read.expect("an end in time").map(|_| text)
}

/// It looked cut off, and with tickets unread it was reset.
#[tokio::test]
async fn a_connection_of_one_way_messages_ends_in_good_order() {
    assert_eq!(left(Linger::Default).await.unwrap(), "<a/>");
    left(Linger::Abort).await.unwrap_err();
}

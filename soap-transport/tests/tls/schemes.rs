//! Our client and our server with HTTP and bare envelopes under TLS.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use soap_core::{
    Fault, Message, Options, SoapVersion, Timeouts,
    transport::{BoxFuture, Dispatch, Outcome, Port, Request, Transport, TransportError},
};
use soap_transport::{
    Endpoint, Running, Server, default_registry,
    tls::{Alpn, ClientCertificates, ClientTls, ServerTls},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{authority::Authority, peers::TIME};

/// Answers with the envelope of the request.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    seen: Mutex<Vec<Message>>,
}

impl Dispatch for Echo {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        let answer = Message::new(request.envelope.clone()).version(SoapVersion::Soap11);
        self.seen.lock().unwrap().push(request);
        Box::pin(std::future::ready(Outcome::Reply(answer)))
    }

    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        Some(format!("<wsdl at=\"{}\"/>", port.location))
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        Message::new(fault.reason().to_owned())
    }
}

/// A server on both schemes.
async fn serve(echo: &Arc<Echo>, tls: ServerTls) -> Running {
    let server = Server::new(Arc::clone(echo) as Arc<dyn Dispatch>)
        .bind("https://127.0.0.1:0/calc")
        .bind("soap.tls://127.0.0.1:0/calc")
        .with(tls);
    server.start().await.unwrap()
}

pub(crate) async fn transport(url: &str, tls: &ClientTls) -> Arc<dyn Transport> {
    let endpoint = Endpoint::new(url).with(tls.clone());
    endpoint.transport().await.unwrap()
}

pub(crate) async fn call(transport: &Arc<dyn Transport>) -> Result<Message, TransportError> {
    let request = Request::new(Message::new("<a/>").version(SoapVersion::Soap11));
    let answer = transport.exchange(request).next().await.unwrap();
    answer.inspect(|answer| assert_eq!(answer.envelope, "<a/>"))
}

pub(crate) fn authority(url: &str) -> &str {
    url.split('/').nth(2).unwrap()
}

fn address(message: &Message) -> std::net::SocketAddr {
    message.peer.as_ref().unwrap().address.unwrap()
}

#[tokio::test]
async fn calls_share_a_connection_and_the_handler_learns_who_calls() {
    let ours = Authority::new("ours");
    let (host, me) = (ours.issue(&["127.0.0.1"]), ours.issue(&["me"]));
    let echo = Arc::new(Echo::default());
    let tls = ServerTls::new(host.identity())
        .client_certificates(ClientCertificates::Required(ours.roots()));
    let running = serve(&echo, tls).await;
    let client = ClientTls::new().roots(ours.roots()).identity(me.identity());
    for (url, scheme) in running.urls().iter().zip(["https", "soap.tls"]) {
        assert!(url.starts_with(&format!("{scheme}://127.0.0.1:")), "{url}");
        let transport = transport(url, &client).await;
        for _ in 0..3 {
            let peer = call(&transport).await.unwrap().peer.unwrap();
            assert_eq!(peer.scheme, scheme);
            assert!(peer.certificates.iter().eq([&host.der]));
        }
        let seen = std::mem::take(&mut *echo.seen.lock().unwrap());
        let peer = seen[0].peer.clone().unwrap();
        assert_eq!(peer.scheme, scheme);
        assert!(peer.certificates.iter().eq([&me.der]));
        assert_eq!(address(&seen[0]), address(&seen[2]), "one connection");
    }
    running.stop(TIME).await.unwrap();
}

#[tokio::test]
async fn a_missing_client_certificate_is_told_and_nothing_was_done() {
    let ours = Authority::new("ours");
    let echo = Arc::new(Echo::default());
    let tls = ServerTls::new(ours.issue(&["127.0.0.1"]).identity())
        .client_certificates(ClientCertificates::Required(ours.roots()));
    let running = serve(&echo, tls).await;
    for url in running.urls() {
        let transport = transport(url, &ClientTls::new().roots(ours.roots())).await;
        let error = call(&transport).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "127.0.0.1 demands a client certificate: give one with ClientTls::identity"
        );
        assert!(error.is_connect() && !error.is_ambiguous());
    }
    assert!(echo.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_trusted_gets_no_request() {
    let ours = Authority::new("ours");
    let echo = Arc::new(Echo::default());
    let running = serve(&echo, ServerTls::new(ours.issue(&["127.0.0.1"]).identity())).await;
    let named = ClientTls::new().roots(ours.roots());
    let stranger = ClientTls::new().roots(Authority::new("theirs").roots());
    for url in running.urls() {
        let error = call(&transport(url, &stranger).await).await.unwrap_err();
        assert!(error.is_connect());
        assert!(
            error.to_string().contains("is not among the roots"),
            "{error}"
        );
        let localhost = url.replace("127.0.0.1", "localhost");
        let error = call(&transport(&localhost, &named).await)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the certificate of localhost is not for that name but for 127.0.0.1"
        );
    }
    assert!(echo.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn choices_of_tls_do_not_share_connections() {
    let ours = Authority::new("ours");
    let echo = Arc::new(Echo::default());
    let running = serve(&echo, ServerTls::new(ours.issue(&["127.0.0.1"]).identity())).await;
    let registry = default_registry();
    let trusting = ClientTls::new().roots(ours.roots());
    let stranger = ClientTls::new().roots(Authority::new("theirs").roots());
    for (tls, taken) in [(&trusting, true), (&stranger, false), (&trusting, true)] {
        let endpoint = Endpoint::new(&running.urls()[0]).with(tls.clone());
        let transport = endpoint
            .registry(registry.clone())
            .transport()
            .await
            .unwrap();
        assert_eq!(call(&transport).await.is_ok(), taken);
    }
    let seen = echo.seen.lock().unwrap().clone();
    assert_eq!(address(&seen[0]), address(&seen[1]), "one connection");
}

#[tokio::test]
async fn a_reloaded_certificate_is_shown_by_a_running_server() {
    let ours = Authority::new("ours");
    let (old, new) = (ours.issue(&["127.0.0.1"]), ours.issue(&["127.0.0.1"]));
    let identity = old.identity();
    let running = serve(&Arc::default(), ServerTls::new(identity.clone())).await;
    let client = ClientTls::new().roots(ours.roots());
    let shown = async |url: &str| {
        let transport = transport(url, &client).await;
        call(&transport).await.unwrap().peer.unwrap().certificates[0].to_vec()
    };
    for url in running.urls() {
        assert_eq!(shown(url).await, old.der);
    }
    identity.replace(&new.identity());
    for url in running.urls() {
        assert_eq!(shown(url).await, new.der);
    }
}

#[tokio::test]
async fn the_wsdl_names_https() {
    let ours = Authority::new("ours");
    let running = serve(
        &Arc::default(),
        ServerTls::new(ours.issue(&["127.0.0.1"]).identity()),
    )
    .await;
    let host = authority(&running.urls()[0]);
    let io = TcpStream::connect(host).await.unwrap();
    let client = ClientTls::new().roots(ours.roots());
    let mut stream = client
        .connect("127.0.0.1", io, Alpn::Http1, TIME)
        .await
        .unwrap();
    assert_eq!(stream.alpn(), Some(&b"http/1.1"[..]));
    let request = format!("GET /calc?wsdl HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // Fails if the server does not end TLS before it closes.
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.ends_with(&format!("<wsdl at=\"https://{host}/calc\"/>")),
        "{answer}"
    );
}

#[tokio::test]
async fn a_stream_ends_by_close_notify_and_is_cut_off_without() {
    let ours = Authority::new("ours");
    let echo = Arc::new(Echo::default());
    let running = serve(&echo, ServerTls::new(ours.issue(&["127.0.0.1"]).identity())).await;
    let client = ClientTls::new().roots(ours.roots());
    let open = async || {
        let io = TcpStream::connect(authority(&running.urls()[1]))
            .await
            .unwrap();
        client
            .connect("127.0.0.1", io, Alpn::None, TIME)
            .await
            .unwrap()
    };
    let mut stream = open().await;
    stream.write_all(b"<a/><b/>").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "<a/><b/>");

    // If the end of the stream were that of a message there would be a third one.
    let mut cut = open().await;
    cut.write_all(b"<c").await.unwrap();
    drop(cut);
    running.stop(TIME).await.unwrap();
    let seen = echo.seen.lock().unwrap().len();
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn http_where_https_is_spoken_and_the_other_way_round() {
    let ours = Authority::new("ours");
    let server = Server::new(Arc::new(Echo::default()) as Arc<dyn Dispatch>)
        .bind("http://127.0.0.1:0/calc")
        .bind("https://127.0.0.1:0/calc")
        .with(ServerTls::new(ours.issue(&["127.0.0.1"]).identity()));
    let running = server.start().await.unwrap();
    let [http, https] = [&running.urls()[0], &running.urls()[1]];
    let client = ClientTls::new().roots(ours.roots());
    assert!(
        call(&Endpoint::new(http).transport().await.unwrap())
            .await
            .is_ok()
    );
    assert!(call(&transport(https, &client).await).await.is_ok());

    let crossed = http.replace("http:", "https:");
    let error = call(&transport(&crossed, &client).await).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("127.0.0.1 does not speak TLS on this port"),
        "{error}"
    );
    let crossed = https.replace("https:", "http:");
    let error = call(&Endpoint::new(crossed).transport().await.unwrap())
        .await
        .unwrap_err();
    assert!(!error.is_connect(), "{error}");
}

#[tokio::test]
async fn a_client_that_begins_no_handshake_is_let_go() {
    let ours = Authority::new("ours");
    let mut options = Options::server();
    options.timeouts = Timeouts::new().tls(Duration::from_millis(50));
    let server = Server::new(Arc::new(Echo::default()) as Arc<dyn Dispatch>)
        .bind("https://127.0.0.1:0/calc")
        .bind("soap.tls://127.0.0.1:0/calc")
        .options(options.with(ServerTls::new(ours.issue(&["127.0.0.1"]).identity())));
    let running = server.start().await.unwrap();
    for url in running.urls() {
        let mut silent = TcpStream::connect(authority(url)).await.unwrap();
        assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    }
    running.stop(TIME).await.unwrap();
}

#[tokio::test]
async fn options_in_the_wrong_place_are_refused() {
    let ours = Authority::new("ours");
    let tls = ServerTls::new(ours.issue(&["127.0.0.1"]).identity());
    let server = || Server::new(Arc::new(Echo::default()) as Arc<dyn Dispatch>);
    let client = ClientTls::new().roots(ours.roots());
    for (refused, says) in [
        (
            server()
                .bind("https://127.0.0.1:0/")
                .start()
                .await
                .map(drop),
            "\"https://127.0.0.1:0/\" needs a certificate: give one by .with(ServerTls::new(identity)), in a configuration by the key `certificate` of [server.tls]",
        ),
        (
            server()
                .bind("http://127.0.0.1:0/")
                .with(tls.clone())
                .start()
                .await
                .map(drop),
            "http cannot honour the options ServerTls",
        ),
        (
            Endpoint::new("http://127.0.0.1/")
                .with(client.clone())
                .transport()
                .await
                .map(drop),
            "http cannot honour the options ClientTls",
        ),
        (
            Endpoint::new("https://127.0.0.1/")
                .with(tls)
                .transport()
                .await
                .map(drop),
            "https cannot honour the options ServerTls",
        ),
        (
            server()
                .bind("soap.tls://127.0.0.1:0/")
                .start()
                .await
                .map(drop),
            "\"soap.tls://127.0.0.1:0/\" needs a certificate: give one by .with(ServerTls::new(identity)), in a configuration by the key `certificate` of [server.tls]",
        ),
        (
            Endpoint::new("soap.tcp://127.0.0.1:1")
                .with(client.clone())
                .transport()
                .await
                .map(drop),
            "soap.tcp cannot honour the options ClientTls",
        ),
        (
            Endpoint::new("https://127.0.0.1/")
                .with(
                    client
                        .dangerous()
                        .accept_any_name()
                        .roots(Default::default()),
                )
                .transport()
                .await
                .map(drop),
            "accept_any_name needs roots of its own, by ClientTls::roots: with those of the platform it would take everybody",
        ),
    ] {
        let error = refused.unwrap_err();
        assert!(error.is_config());
        assert_eq!(error.to_string(), says);
    }
}

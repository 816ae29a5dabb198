//! How bindings and endpoints use WS-Addressing.

use std::{
    any::TypeId,
    sync::{Arc, Mutex},
};

use soap_core::{
    Addressing, AddressingOptions, Fault, Message, Options,
    transport::{
        BoxFuture, Dispatch, Listener, Outcome, Port, Registry, Scheme, Transport, TransportError,
    },
};
use soap_transport::{Endpoint, Running, Server, default_registry, http::HttpService};
use tower_service::Service;

use crate::fake::{PATIENCE, Raw, ms, post, reply, timeouts};

/// Answers with the mode that its requests come with, and so do its faults and its WSDL.
#[derive(Debug)]
struct Tells;

/// A request that it never answers.
const NEVER: &str = "<never/>";

impl Dispatch for Tells {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        let options = request.addressing.expect("a server says it");
        let mode = options.mode.expect("it is known");
        let allowed = options.answers_to.len();
        Box::pin(async move {
            if request.envelope == NEVER {
                std::future::pending::<()>().await;
            }
            reply(format!("<{mode:?}-{allowed}/>"))
        })
    }

    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        Some(format!("<{:?}/>", port.addressing))
    }

    fn refuse(&self, request: &Message, _: &Fault) -> Message {
        let mode = request.addressing.as_ref().and_then(|options| options.mode);
        Message::new(format!("<refused-{mode:?}/>"))
    }
}

fn tells() -> Arc<dyn Dispatch> {
    Arc::new(Tells)
}

/// The answer to a request for `path` of the URL at `index`, and the WSDL there.
async fn told(running: &Running, index: usize, path: &str) -> (String, String) {
    let (_, rest) = running.urls()[index].split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let mut raw = Raw::of(stream);
    raw.send(post("<a/>").replacen("/calc", path, 1)).await;
    let answer = raw.answer().await.text().to_owned();
    raw.send(format!("GET {path}?wsdl HTTP/1.1\r\nHost: a\r\n\r\n"))
        .await;
    (answer, raw.answer().await.text().to_owned())
}

fn pair(answer: &str, wsdl: &str) -> (String, String) {
    (answer.to_owned(), wsdl.to_owned())
}

#[tokio::test]
async fn each_binding_has_its_own_use_of_addressing() {
    let mut own = Options::server();
    own.addressing = Addressing::Off.into();
    let server = Server::new(tells())
        .addressing(AddressingOptions::new(Addressing::Required).answers_to(["http://a/b"]))
        .bind("http://127.0.0.1:0/calc")
        .bind_with("http://127.0.0.1:0/calc", own)
        .bind_with("http://127.0.0.1:0/calc", Options::server())
        .mount("/other", tells());
    let running = server.start().await.unwrap();
    for path in ["/calc", "/other"] {
        let expected = pair("<Required-1/>", "<Required/>");
        assert_eq!(told(&running, 0, path).await, expected);
        assert_eq!(told(&running, 1, path).await, pair("<Off-0/>", "<Off/>"));
        let expected = pair("<Optional-0/>", "<Optional/>");
        assert_eq!(told(&running, 2, path).await, expected);
    }
    running.stop(PATIENCE).await.unwrap();
}

/// A fault that a server gives in place of the service is written as its binding says too.
#[tokio::test]
async fn what_is_refused_has_it_as_well() {
    let mut options = timeouts(|timeouts| timeouts.handler = ms(10));
    options.addressing = Addressing::Required.into();
    let server = Server::new(tells()).options(options);
    let server = server.bind("http://127.0.0.1:0/calc");
    let running = server.start().await.unwrap();
    let mut raw = Raw::connect(&running).await;
    raw.send(post(NEVER)).await;
    assert_eq!(raw.answer().await.text(), "<refused-Some(Required)/>");
}

#[tokio::test]
async fn a_mounted_service_has_it_from_its_options() {
    let mut options = Options::server();
    options.addressing = Addressing::Required.into();
    for (mut service, expected) in [
        (HttpService::new(tells()), "<Optional-0/>"),
        (
            HttpService::with_options(tells(), &options).unwrap(),
            "<Required-0/>",
        ),
    ] {
        let request = http::Request::post("/")
            .header("Host", "a")
            .header("Content-Type", "text/xml");
        let request = request
            .body(http_body_util::Full::<bytes::Bytes>::from("<a/>"))
            .unwrap();
        let answer = service.call(request).await.unwrap();
        let body = http_body_util::BodyExt::collect(answer.into_body()).await;
        assert_eq!(body.unwrap().to_bytes(), expected);
    }
}

/// A scheme that demands WS-Addressing, notes what its options say of it, and can do nothing else.
#[derive(Debug, Clone, Default)]
struct Demanding(Arc<Mutex<Vec<Option<Addressing>>>>);

impl Demanding {
    fn note<T>(&self, options: &Options) -> Result<T, TransportError> {
        self.0.lock().unwrap().push(options.addressing.mode);
        Err(TransportError::connect("noted"))
    }
}

impl Scheme for Demanding {
    fn names(&self) -> &[&'static str] {
        &["demanding"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(Vec::new())
    }

    fn addressing(&self) -> Option<Addressing> {
        Some(Addressing::Required)
    }

    fn connect<'a>(
        &'a self,
        _: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move { self.note(options) })
    }

    fn bind<'a>(
        &'a self,
        _: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move { self.note(options) })
    }
}

/// As [`Demanding`], of a transport that says nothing of WS-Addressing; the error tells the mode.
#[derive(Debug)]
struct Undemanding;

impl Scheme for Undemanding {
    fn names(&self) -> &[&'static str] {
        &["undemanding"]
    }

    fn connect<'a>(
        &'a self,
        _: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        let mode = format!("{:?}", options.addressing.mode);
        Box::pin(async move { Err(TransportError::connect(mode)) })
    }

    fn bind<'a>(
        &'a self,
        _: &'a str,
        _: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async { Err(TransportError::connect("it does not listen")) })
    }
}

#[tokio::test]
async fn a_scheme_may_demand_it_and_options_may_say_otherwise() {
    let demanding = Demanding::default();
    let registry = Registry::new().with(demanding.clone());
    let server = || {
        Server::new(tells())
            .registry(registry.clone())
            .bind("demanding://a")
    };
    let endpoint = Endpoint::new("demanding://a").registry(registry.clone());
    server().start().await.unwrap_err();
    endpoint.connect().await.unwrap_err();
    endpoint.transport().await.unwrap_err();
    server()
        .addressing(Addressing::Optional)
        .start()
        .await
        .unwrap_err();
    let off = endpoint.addressing(Addressing::Off);
    off.connect().await.unwrap_err();
    let required = Some(Addressing::Required);
    assert_eq!(
        *demanding.0.lock().unwrap(),
        [
            required,
            required,
            required,
            Some(Addressing::Optional),
            Some(Addressing::Off)
        ]
    );
}

#[tokio::test]
async fn an_edition_without_a_mode_is_optional_for_a_client() {
    use soap_core::addressing::Edition;
    for (edition, expected) in [
        (Edition::V200508, Addressing::Off),
        (Edition::V200408, Addressing::Optional),
    ] {
        let registry = Registry::new().with(Undemanding);
        let options = AddressingOptions::default().edition(edition);
        let endpoint = Endpoint::new("undemanding://a")
            .addressing(options)
            .registry(registry);
        let error = endpoint.connect().await.unwrap_err().to_string();
        assert_eq!(error, format!("{:?}", Some(expected)));
    }
}

#[tokio::test]
async fn where_answers_may_go_must_be_a_url_that_can_be_sent_to() {
    for (url, told) in [
        ("nowhere", "\"nowhere\" has no scheme such as http://"),
        ("gopher://a/", "no transport for scheme \"gopher\""),
        ("http://me@a/", "a URL with user or password"),
        (
            "http://a/b%2Fc",
            "\"http://a/b%2Fc\": its path has an escaped",
        ),
        ("http://a/{t}", "\"http://a/{t}\": it has one of"),
        (
            "http://b\u{fc}cher.example/",
            "\"http://b\u{fc}cher.example/\": it has what is not ASCII",
        ),
        ("http://a/b?c", "\"http://a/b?c\": it has a query"),
    ] {
        let options = AddressingOptions::new(Addressing::Optional).answers_to([url]);
        let server = Server::new(tells()).addressing(options);
        let server = server
            .registry(default_registry())
            .bind("http://127.0.0.1:0");
        let error = server.start().await.unwrap_err();
        assert!(error.is_config(), "{error:?}");
        let told = format!("AddressingOptions::answers_to: {told}");
        assert!(error.to_string().starts_with(&told), "{error}");
        let mut options = Options::server();
        options.addressing = options.addressing.answers_to([url]);
        let error = HttpService::with_options(tells(), &options).unwrap_err();
        assert!(error.to_string().starts_with(&told), "{error}");
    }
}

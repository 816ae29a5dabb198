//! Our client against a peer that speaks bytes: what it sends, what it takes.

use soap_core::{
    Limits, Message, SoapVersion,
    transport::{Expect, Request, Transport, TransportError},
};
use soap_transport::{Endpoint, http::HttpOptions};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{
    calls::call,
    fake::{Head, Raw, ms},
};

pub(crate) fn request(envelope: &'static str) -> Request {
    let message = Message::new(envelope).version(SoapVersion::Soap11);
    Request::new(message.action("urn:a"))
}

pub(crate) fn one_way() -> Request {
    let mut request = request("<a/>");
    request.expect = Expect::Nothing;
    request
}

/// An address, and an endpoint for it.
pub(crate) async fn listen() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/p?q=1", listener.local_addr().unwrap());
    (listener, Endpoint::new(url))
}

/// What comes of a call whose answer is `answer`, followed by the end of the connection.
async fn answered(
    endpoint: &Endpoint,
    listener: &TcpListener,
    request: Request,
    answer: impl AsRef<[u8]>,
) -> (Head, Result<Option<Message>, TransportError>) {
    let transport = endpoint.transport().await.unwrap();
    let peer = async {
        let mut raw = Raw::accept(listener).await;
        let head = raw.answer().await;
        raw.send(answer).await;
        raw.stream.shutdown().await.unwrap();
        head
    };
    tokio::join!(peer, call(&*transport, request))
}

const OK: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: 4\r\n\r\n<b/>";

#[tokio::test]
async fn requests_say_what_is_needed_and_nothing_more() {
    let (listener, endpoint) = listen().await;
    let host = listener.local_addr().unwrap().to_string();
    let (head, result) = answered(&endpoint, &listener, request("<a/>"), OK).await;
    assert_eq!(result.unwrap().unwrap().envelope, "<b/>");
    assert_eq!(
        (head.first.as_str(), head.text()),
        ("POST /p?q=1 HTTP/1.1", "<a/>")
    );
    let mut fields: Vec<_> = head
        .fields
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .collect();
    fields.sort();
    let expected = [
        ("content-length", "4"),
        ("content-type", "text/xml; charset=utf-8"),
        ("host", &host),
        ("soapaction", "\"urn:a\""),
        (
            "user-agent",
            concat!("soapstone/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    assert_eq!(
        fields,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );

    let mut version12 = request("<a/>");
    version12.message.version = Some(SoapVersion::Soap12);
    let (head, _) = answered(&endpoint, &listener, version12.clone(), OK).await;
    let kind = "application/soap+xml; charset=utf-8; action=\"urn:a\"";
    assert_eq!(
        (head.field("content-type"), head.field("soapaction")),
        (Some(kind), None)
    );
    version12.message.action = None;
    let (head, _) = answered(&endpoint, &listener, version12, OK).await;
    assert_eq!(
        head.field("content-type"),
        Some("application/soap+xml; charset=utf-8")
    );

    let mut silent = request("<a/>");
    silent.message.action = None;
    let (head, _) = answered(&endpoint, &listener, silent, OK).await;
    assert_eq!(head.field("soapaction"), Some("\"\""));
}

#[tokio::test]
async fn fields_of_the_user() {
    let (listener, endpoint) = listen().await;
    let http = HttpOptions::new()
        .header("X-A", "1")
        .header("X-A", "2")
        .header("User-Agent", "mine")
        .basic_auth("me", "secret");
    let endpoint = endpoint.with(http.clone());
    let (head, _) = answered(&endpoint, &listener, request("<a/>"), OK).await;
    assert_eq!(head.field("authorization"), Some("Basic bWU6c2VjcmV0"));
    assert_eq!(head.field("user-agent"), Some("mine"));
    assert_eq!(
        head.fields.iter().filter(|(name, _)| name == "X-A").count(),
        2
    );
    assert!(!format!("{http:?}").contains("bWU6"));
    for (name, value, says) in [
        ("a b", "1", "header \"a b\": not a name of a field"),
        (
            "X-A",
            "1\r\nX-B: 2",
            "header \"X-A\": a value of other than visible ASCII characters",
        ),
        (
            "Content-Length",
            "1",
            "header \"Content-Length\": set by the transport itself",
        ),
    ] {
        let wrong = endpoint
            .clone()
            .with(HttpOptions::new().header(name, value));
        let error = wrong.transport().await.unwrap_err();
        assert!(error.is_config());
        assert_eq!(error.to_string(), says);
    }
    let mut wrong = request("<a/>");
    wrong.message.action = Some("urn:\"a".into());
    let transport = endpoint.transport().await.unwrap();
    let error = call(&*transport, wrong).await.unwrap_err();
    assert!(error.is_config() && !error.is_ambiguous(), "{error}");
}

#[tokio::test]
async fn q30_q31_answers_in_every_framing() {
    let (listener, endpoint) = listen().await;
    let kind = "Content-Type: text/xml; charset=utf-8\r\n";
    for answer in [
        OK.to_owned(),
        format!(
            "HTTP/1.1 200 OK\r\n{kind}Transfer-Encoding: chunked\r\n\r\n1\r\n<\r\n3;x\r\nb/>\r\n0\r\n\r\n"
        ),
        format!("HTTP/1.1 200 OK\r\n{kind}\r\n<b/>"),
        format!("HTTP/1.0 200 OK\r\n{kind}\r\n<b/>"),
        format!("HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n{OK}"),
        format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{OK}"),
        OK.replace(
            "\r\n\r\n",
            "\r\nX-Frame-Options: SAMEORIGIN\r\nKeep-Alive: timeout=5, max=99\r\n\r\n",
        ),
        OK.replace("200 OK", "500 Internal Server Error"),
        OK.replace("200 OK", "400 Bad Request"),
        OK.replace("Content-Type: text/xml; charset=utf-8\r\n", ""),
    ] {
        let (_, result) = answered(&endpoint, &listener, request("<a/>"), &answer).await;
        let message = result
            .unwrap_or_else(|error| panic!("{answer}: {error}"))
            .unwrap();
        assert_eq!(message.envelope, "<b/>", "{answer}");
    }
}

#[tokio::test]
async fn q6_q34_q37_what_the_head_says_comes_with_the_message() {
    let (listener, endpoint) = listen().await;
    let answer = OK
        .replace("200 OK", "500 X")
        .replace("text/xml; charset=utf-8", "text/xml ;charset=utf-16");
    let (_, result) = answered(&endpoint, &listener, request("<a/>"), answer).await;
    let message = result.unwrap().unwrap();
    assert_eq!(
        (message.status, message.charset.as_deref()),
        (Some(500), Some("utf-16"))
    );
    let kind = "application/soap+xml;charset=\"UTF-8\";action=\"urn:b\"";
    let answer = OK.replace("text/xml; charset=utf-8", kind);
    let (_, result) = answered(&endpoint, &listener, request("<a/>"), answer).await;
    let message = result.unwrap().unwrap();
    assert_eq!(message.version, Some(SoapVersion::Soap12));
    assert_eq!(
        (message.action.as_deref(), message.charset.as_deref()),
        (Some("urn:b"), Some("UTF-8"))
    );
    assert_eq!(message.peer.unwrap().address, listener.local_addr().ok());
}

#[tokio::test]
async fn q32_answers_to_one_way_calls() {
    let (listener, endpoint) = listen().await;
    for answer in [
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 202 Accepted\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        OK,
    ] {
        let (_, result) = answered(&endpoint, &listener, one_way(), answer).await;
        assert!(result.unwrap().is_none(), "{answer}");
    }
    let fault = OK.replace("200 OK", "500 X");
    let (_, result) = answered(&endpoint, &listener, one_way(), fault).await;
    assert_eq!(result.unwrap().unwrap().status, Some(500));
}

#[tokio::test]
async fn q36_answers_without_a_message_are_errors_that_tell_them() {
    let (listener, endpoint) = listen().await;
    let text = "HTTP/1.1 503 X\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy";
    for request in [request("<a/>"), one_way()] {
        let (_, result) = answered(&endpoint, &listener, request, text).await;
        let error = result.unwrap_err();
        assert_eq!(error.http(), Some((503, &b"busy"[..])));
        assert!(!error.is_ambiguous());
    }
    for (answer, says) in [
        (
            "HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n",
            "status 202 with an empty body instead of a SOAP message",
        ),
        (
            "HTTP/1.1 200 X\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n\r\n",
            "status 200 with an empty body instead of a SOAP message",
        ),
        (
            "HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\n<",
            "status 200 with text/html instead of a SOAP message",
        ),
        (
            "HTTP/1.1 404 X\r\nContent-Length: 4\r\n\r\nnone",
            "status 404 without a SOAP message",
        ),
        (
            "HTTP/1.1 200 X\r\nContent-Type: text/xml\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
            "the answer has the content coding br, which is not taken",
        ),
    ] {
        let (_, result) = answered(&endpoint, &listener, request("<a/>"), answer).await;
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
    for answer in [
        "SSH-2.0-OpenSSH\r\n",
        "\0\0\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
    ] {
        let (_, result) = answered(&endpoint, &listener, request("<a/>"), answer).await;
        let error = result.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the peer did not answer in HTTP"),
            "{error}"
        );
        assert!(error.is_ambiguous());
    }
}

#[tokio::test]
async fn answers_cut_off_are_lost() {
    let (listener, endpoint) = listen().await;
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-", &OK[..OK.len() - 1]] {
        let (_, result) = answered(&endpoint, &listener, request("<a/>"), answer).await;
        let error = result.unwrap_err();
        assert!(
            error.is_lost() && error.is_ambiguous(),
            "{answer:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn answers_too_large_are_refused() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.limits(Limits::client().message(3));
    let chunked = OK
        .replace("Content-Length: 4", "Transfer-Encoding: chunked")
        .replace("<b/>", "4\r\n<b/>\r\n0\r\n\r\n");
    for answer in [OK, &chunked] {
        let (_, result) = answered(&endpoint, &listener, request("<a/>"), answer).await;
        let error = result.unwrap_err();
        assert!(error.is_limit());
        assert!(
            error
                .to_string()
                .starts_with("the answer exceeds the limit of 3 bytes"),
            "{error}"
        );
    }
    let head = OK.replace(
        "Content-Type",
        &format!("X: {}\r\nContent-Type", "x".repeat(17 << 10)),
    );
    let (_, result) = answered(&endpoint, &listener, request("<a/>"), head).await;
    let error = result.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the head of the answer exceeds the limit of 16384 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn redirects_are_told_or_followed_if_allowed() {
    let (listener, endpoint) = listen().await;
    let moved = |status: u16| {
        format!("HTTP/1.1 {status} X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
    };
    for status in [301, 302, 303, 307, 308] {
        let (_, result) = answered(&endpoint, &listener, request("<a/>"), moved(status)).await;
        let error = result.unwrap_err();
        assert_eq!(error.http().unwrap().0, status);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.starts_with("redirected to /other: "), "{cause}");
    }
    let follows = endpoint.with(
        HttpOptions::new()
            .redirects(1)
            .header("X-Api-Key", "x")
            .header("User-Agent", "mine"),
    );
    let (_, result) = answered(&follows, &listener, request("<a/>"), moved(302)).await;
    assert_eq!(result.unwrap_err().http().unwrap().0, 302);
    let (elsewhere, _) = listen().await;
    let away = format!("http://{}/away", elsewhere.local_addr().unwrap());
    let away = moved(307).replace("/other", &away);
    for (location, second, has_secret) in [(moved(308), &listener, true), (away, &elsewhere, false)]
    {
        let transport = follows.transport().await.unwrap();
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            raw.answer().await;
            raw.send(location.replace("Content-", "Connection: close\r\nContent-"))
                .await;
            let mut raw = Raw::accept(second).await;
            let head = raw.answer().await;
            assert_eq!(
                (head.text(), head.field("x-api-key").is_some()),
                ("<a/>", has_secret)
            );
            assert_eq!(head.field("user-agent") == Some("mine"), has_secret);
            raw.send(OK).await;
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
        assert_eq!(result.unwrap().unwrap().envelope, "<b/>");
    }
    let ftp = moved(307).replace("/other", "ftp://a/");
    let (_, result) = answered(&follows, &listener, request("<a/>"), ftp).await;
    assert!(
        result
            .unwrap_err()
            .to_string()
            .starts_with("redirected to \"ftp://a/\", which cannot")
    );
}

#[tokio::test]
async fn urls_that_cannot_be_used() {
    for (url, says) in [
        #[cfg(not(feature = "tls"))]
        (
            "https://a/",
            "no transport for scheme \"https\" of \"https://a/\"; known: http, soap.tcp, soap.udp, tcp (TLS needs the feature \"tls\")",
        ),
        (
            "http://u:secret@a/",
            "a URL with user or password: use HttpOptions::basic_auth in its place",
        ),
        ("http://", "\"http://\": not a URL"),
        (
            "http://a:99999/",
            "\"http://a:99999/\": its port is not a number from 0 to 65535",
        ),
        (
            "http://a:0/",
            "\"http://a:0/\": port 0 is for a server, which takes a free one, and tells it by Running::urls",
        ),
        (
            "calc",
            if cfg!(feature = "tls") {
                "\"calc\" has no scheme such as http://; known: http, https, soap.tcp, soap.tls, soap.udp, tcp"
            } else {
                "\"calc\" has no scheme such as http://; known: http, soap.tcp, soap.udp, tcp"
            },
        ),
    ] {
        let error = Endpoint::new(url).transport().await.unwrap_err();
        assert!(error.is_config(), "{url}");
        assert_eq!(error.to_string(), says);
    }
    let unknown = Endpoint::new("http://a/")
        .with(7_u8)
        .transport()
        .await
        .unwrap_err();
    assert_eq!(unknown.to_string(), "http cannot honour the options u8");
}

#[tokio::test]
async fn no_connection_is_not_ambiguous() {
    let (listener, endpoint) = listen().await;
    drop(listener);
    let transport = endpoint.transport().await.unwrap();
    let error = call(&*transport, request("<a/>")).await.unwrap_err();
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
}

#[tokio::test]
async fn ipv6_addresses() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return;
    };
    let address = listener.local_addr().unwrap();
    let endpoint = Endpoint::new(format!("http://{address}/"));
    let (head, result) = answered(&endpoint, &listener, request("<a/>"), OK).await;
    assert_eq!(head.field("host"), Some(address.to_string().as_str()));
    assert!(result.unwrap().is_some());
}

/// The error of a call to a peer that reads the request, sends `begin` and is silent then.
async fn silent_after(
    endpoint: Endpoint,
    listener: TcpListener,
    begin: &str,
    request: Request,
) -> TransportError {
    let transport = endpoint.transport().await.unwrap();
    let peer = async {
        let mut raw = Raw::accept(&listener).await;
        raw.answer().await;
        raw.send(begin).await;
        assert!(raw.is_over().await, "the client closes");
    };
    let ((), result) = tokio::join!(peer, async {
        let result = call(&*transport, request).await;
        drop(transport);
        result
    });
    result.unwrap_err()
}

#[tokio::test]
async fn every_phase_has_its_bound() {
    let begin = &OK[..OK.len() - 1];
    type Change = fn(&mut soap_core::Timeouts);
    let cases: [(Change, &str, &str); 5] = [
        (
            |t| t.answer = ms(50),
            "",
            "waiting for the answer did not end within 50ms",
        ),
        (
            |t| t.answer = ms(50),
            "HTTP/1.1 200",
            "waiting for the answer did not end within 50ms",
        ),
        (
            |t| t.body_read = ms(50),
            begin,
            "reading more of the body did not end within 50ms",
        ),
        (
            |t| t.body = ms(50),
            begin,
            "reading the body did not end within 50ms",
        ),
        (
            |t| t.call = ms(50),
            begin,
            "the whole call did not end within 50ms",
        ),
    ];
    for (change, begin, says) in cases {
        let (listener, endpoint) = listen().await;
        let mut timeouts = soap_core::Timeouts::default();
        change(&mut timeouts);
        let endpoint = endpoint.timeouts(timeouts);
        let error = silent_after(endpoint, listener, begin, request("<a/>")).await;
        assert_eq!(error.timed_out(), Some(ms(50)));
        assert!(error.is_ambiguous());
        assert_eq!(
            error.to_string(),
            format!("{says}; the peer may have processed the request")
        );
    }
    let (listener, endpoint) = listen().await;
    let mut own = request("<a/>");
    own.timeout = Some(ms(50));
    let error = silent_after(endpoint, listener, "", own).await;
    assert_eq!(error.timed_out(), Some(ms(50)));
}

#[tokio::test]
async fn a_request_that_is_not_read_ends() {
    let (listener, endpoint) = listen().await;
    let timeouts = soap_core::Timeouts::default().write(ms(50));
    let transport = endpoint.timeouts(timeouts).transport().await.unwrap();
    let large = Request::new(Message::new(vec![b'x'; 32 << 20]));
    let peer = async { listener.accept().await.unwrap() };
    let (_open, result) = tokio::join!(peer, call(&*transport, large));
    let error = result.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("writing the request did not end within 50ms"),
        "{error}"
    );
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection() {
    let (listener, endpoint) = listen().await;
    let transport = endpoint.transport().await.unwrap();
    for begin in ["", &OK[..OK.len() - 1]] {
        let mut replies = transport.exchange(request("<a/>"));
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            raw.answer().await;
            raw.send(begin).await;
            raw
        };
        let mut raw = tokio::select! {
            raw = peer => raw,
            _ = replies.next() => panic!("no answer was sent"),
        };
        drop(replies);
        assert!(raw.is_closed().await);
    }
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_read() {
    let fake = crate::fake::Fake::echo();
    let running = crate::fake::serve(&fake).await;
    let transport = Endpoint::new(&running.urls()[0]).transport().await.unwrap();
    for _ in 0..5 {
        let large = Request::new(Message::new(vec![b'x'; 20 << 20]));
        let error = call(&*transport, large).await.unwrap_err();
        assert_eq!(
            error.http().map(|(status, _)| status),
            Some(413),
            "{error:?}"
        );
    }
}

//! Our client against a peer that speaks bytes: what it sends, what it takes.

use std::time::Instant;

use soap_core::{
    Limits, Timeouts,
    transport::{Request, TransportError},
};
use soap_transport::{Endpoint, tcp::TcpOptions};
use tokio::net::TcpListener;

use crate::fake::{PATIENCE, Raw, call, listen, ms, one_way, request};

/// What comes of a call to a peer that reads `<a/>` and does `peer`.
async fn answered<F: Future<Output = Raw>>(
    endpoint: &Endpoint,
    listener: &TcpListener,
    request: Request,
    peer: impl FnOnce(Raw) -> F,
) -> Result<bytes::Bytes, TransportError> {
    let transport = endpoint.transport().await.unwrap();
    let answering = async {
        let mut raw = Raw::accept(listener).await;
        raw.expect("<a/>").await;
        peer(raw).await
    };
    let (_raw, result) = tokio::join!(answering, call(&*transport, request));
    result
}

/// The peer sends `answer` and ends its side.
async fn answered_with(answer: &str) -> Result<bytes::Bytes, TransportError> {
    let (listener, endpoint) = listen().await;
    answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
        raw.send(answer).await;
        raw.end().await;
        raw
    })
    .await
}

#[tokio::test]
async fn an_answer_ends_with_its_root_and_may_have_space_around_it() {
    for answer in ["<b/>", "\r\n<b/>", "<b/>\r\n", "<b/>\r\n<stray"] {
        assert_eq!(answered_with(answer).await.unwrap(), "<b/>");
    }
    let whole = "\u{feff}<?xml version='1.0'?>\n<!-- x --><b>\n</b>";
    assert_eq!(answered_with(whole).await.unwrap(), whole);
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_that_says_so() {
    for (answer, text) in [
        ("", "the connection was closed before an answer came"),
        ("\r\n", "the connection was closed before an answer came"),
        ("<b>", "the answer broke off"),
        (
            "HTTP/1.1 400 Bad Request\r\n\r\n",
            "the peer answers in HTTP, not with bare envelopes: take a URL of http",
        ),
        ("hello", "the peer did not answer with an envelope"),
        (
            "<!DOCTYPE a><b/>",
            "the peer did not answer with an envelope",
        ),
    ] {
        let error = answered_with(answer).await.unwrap_err();
        assert!(error.is_ambiguous(), "{answer:?}: {error:?}");
        let told = format!("{text}; the peer may have processed the request");
        assert_eq!(error.to_string(), told);
    }
}

#[tokio::test]
async fn a_reset_in_place_of_an_answer_is_ambiguous() {
    for begin in ["", "<b>"] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.transport().await.unwrap();
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            raw.expect("<a/>").await;
            raw.send(begin).await;
            // Or the bytes may be lost with the reset.
            tokio::time::sleep(ms(20)).await;
            raw.stream.set_zero_linger().unwrap();
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
        let error = result.unwrap_err();
        assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_an_error_to_connect() {
    let (listener, endpoint) = listen().await;
    drop(listener);
    let transport = endpoint.transport().await.unwrap();
    let error = call(&*transport, request("<a/>")).await.unwrap_err();
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.limits(Limits::client().message(1000));
    let exactly = format!("<b>{}</b>", "x".repeat(993));
    let result = answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
        raw.send(&exactly).await;
        raw
    })
    .await;
    assert_eq!(result.unwrap().len(), 1000);
    let result = answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
        raw.send(format!("<b>{}", "x".repeat(997))).await;
        assert!(raw.is_over().await);
        raw
    })
    .await;
    let error = result.unwrap_err();
    assert!(error.is_limit() && error.is_ambiguous(), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("the answer exceeds the limit of 1000 bytes")
    );
}

/// What ends a call to a peer that sends `begin` and nothing more.
async fn silent(timeouts: Timeouts, begin: &str) -> String {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.timeouts(timeouts);
    let result = answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
        raw.send(begin).await;
        assert!(raw.is_over().await);
        raw
    })
    .await;
    let error = result.unwrap_err();
    assert_eq!(error.timed_out(), Some(ms(50)));
    assert!(error.is_ambiguous());
    error.to_string()
}

#[tokio::test]
async fn every_wait_for_an_answer_ends() {
    let times = Timeouts::new();
    let answer = times.clone().answer(ms(50));
    for nothing in ["", "\r\n"] {
        let text = silent(answer.clone(), nothing).await;
        assert!(
            text.starts_with("waiting for the answer did not end within 50ms"),
            "{text}"
        );
    }
    let text = silent(times.clone().body_read(ms(50)), "<b>").await;
    assert!(
        text.starts_with("reading more of the body did not"),
        "{text}"
    );
    let text = silent(times.clone().body(ms(50)), "<b>").await;
    assert!(text.starts_with("reading the body did not"), "{text}");
    for begin in ["", "<b>"] {
        let text = silent(times.clone().call(ms(50)), begin).await;
        assert!(text.starts_with("the whole call did not"), "{text}");
    }
}

/// White space that a peer sent behind its last answer was taken for the beginning of the next one: that had to go on within the
/// time between two reads.
#[tokio::test]
async fn white_space_before_an_answer_does_not_shorten_the_wait_for_it() {
    for pipeline in [1, 2] {
        let (listener, endpoint) = listen().await;
        let timeouts = Timeouts::new().body_read(ms(50)).body(ms(50));
        let endpoint = endpoint.timeouts(timeouts);
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let result = answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
            raw.send("\r\n").await;
            tokio::time::sleep(ms(200)).await;
            raw.send("<b/>").await;
            raw
        })
        .await;
        assert_eq!(result.unwrap(), "<b/>");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_read_ends_the_call() {
    for pipeline in [1, 2] {
        let (listener, endpoint) = listen().await;
        let endpoint = endpoint.timeouts(Timeouts::new().write(ms(100)));
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let transport = endpoint.transport().await.unwrap();
        let large = request(vec![b'x'; 64 << 20]);
        let calling = async { call(&*transport, large).await.unwrap_err() };
        let (_raw, error) = tokio::join!(Raw::accept(&listener), calling);
        assert_eq!(error.timed_out(), Some(ms(100)), "{pipeline}: {error:?}");
        assert!(
            error
                .to_string()
                .starts_with("writing the request did not end")
        );
        assert!(error.is_ambiguous());
    }
}

/// CL-5: the fault of a server that does not read on is read all the same.
#[tokio::test]
async fn cl_5_an_answer_before_the_request_is_read_counts() {
    for pipeline in [1, 2] {
        for close in [false, true] {
            let (listener, endpoint) = listen().await;
            let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
            let transport = endpoint.transport().await.unwrap();
            let large = format!("<a>{}</a>", "x".repeat(8 << 20));
            let peer = async {
                let mut raw = Raw::accept(&listener).await;
                raw.expect("<a>").await;
                raw.send("<early/>").await;
                if close {
                    // Our server says so too, and drains for a while.
                    raw.end().await;
                }
                raw
            };
            let (raw, result) = tokio::join!(peer, call(&*transport, request(large)));
            assert_eq!(result.unwrap(), "<early/>");
            drop(raw);
        }
    }
}

#[tokio::test]
async fn early_answers_do_not_leave_half_a_request_behind() {
    let (listener, endpoint) = listen().await;
    let transport = endpoint.transport().await.unwrap();
    let large = format!("<a>{}</a>", "x".repeat(8 << 20));
    let peer = async {
        let mut raw = Raw::accept(&listener).await;
        raw.expect("<a>").await;
        raw.send("<early/>").await;
        raw
    };
    let (first, result) = tokio::join!(peer, call(&*transport, request(large)));
    assert_eq!(result.unwrap(), "<early/>");
    let peer = async {
        let mut raw = Raw::accept(&listener).await;
        raw.expect("<b/>").await;
        raw.send("<c/>").await;
        raw
    };
    let (_second, result) = tokio::join!(peer, call(&*transport, request("<b/>")));
    assert_eq!(result.unwrap(), "<c/>", "on a connection of its own");
    drop(first);
}

/// An address, and an endpoint that uses a connection for one exchange.
async fn listen_once() -> (TcpListener, Endpoint) {
    let (listener, _) = listen().await;
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    (listener, Endpoint::new(url))
}

#[tokio::test]
async fn t_3_tcp_ends_its_side_and_uses_a_connection_once() {
    let (listener, endpoint) = listen_once().await;
    let transport = endpoint.transport().await.unwrap();
    for _ in 0..2 {
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            assert_eq!(raw.rest().await, "<a/>");
            raw.send("<b/>\r\n").await;
            raw.end().await;
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
        assert_eq!(result.unwrap(), "<b/>");
    }
    let answer = answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
        raw.send("<b>").await;
        raw.end().await;
        raw
    });
    assert!(answer.await.unwrap_err().is_lost());
}

/// The connection was kept, for nobody: a peer that takes all up to the end of the stream got its message when the time was over.
#[tokio::test]
async fn t_3_a_one_way_message_over_tcp_ends_at_once() {
    let (listener, endpoint) = listen_once().await;
    let transport = endpoint.transport().await.unwrap();
    let begin = Instant::now();
    for _ in 0..2 {
        assert_eq!(call(&*transport, one_way("<a/>")).await.unwrap(), "");
        assert_eq!(Raw::accept(&listener).await.rest().await, "<a/>");
    }
    assert!(begin.elapsed() < PATIENCE / 4);
}

#[tokio::test]
async fn t_3_soap_tcp_does_not_end_its_side() {
    let (listener, endpoint) = listen().await;
    let result = answered(&endpoint, &listener, request("<a/>"), async |mut raw| {
        assert!(raw.is_silent().await);
        raw.send("<b/>").await;
        raw
    });
    assert_eq!(result.await.unwrap(), "<b/>");
}

#[tokio::test]
async fn options_that_cannot_be_are_refused() {
    for (url, tcp, text) in [
        (
            "tcp://a:1",
            TcpOptions::new().pipeline(2),
            "TcpOptions::pipeline is 2: tcp takes only 1",
        ),
        (
            "soap.tcp://a:1",
            TcpOptions::new().pipeline(0),
            "TcpOptions::pipeline is 0: soap.tcp takes from 1 to 1024",
        ),
        (
            "soap.tcp://a:1",
            TcpOptions::new().pipeline(TcpOptions::MOST_PIPELINED + 1),
            "TcpOptions::pipeline is 1025: soap.tcp takes from 1 to 1024",
        ),
    ] {
        let refused = Endpoint::new(url).with(tcp).transport().await;
        let error = refused.unwrap_err();
        assert!(error.is_config());
        assert_eq!(error.to_string(), text);
    }
    let most = TcpOptions::new().pipeline(TcpOptions::MOST_PIPELINED);
    let taken = Endpoint::new("soap.tcp://a:1").with(most).transport().await;
    taken.unwrap();
    for url in [
        "soap.tcp://a",
        "tcp://a",
        "soap.tcp://a:1/?q",
        "soap.tcp://u:p@a:1",
    ] {
        let error = Endpoint::new(url).transport().await.unwrap_err();
        assert!(error.is_config(), "{url}: {error}");
        assert!(!error.to_string().contains("u:p"), "{error}");
    }
}

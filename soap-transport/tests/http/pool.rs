//! Which connections our client uses again, and when it sends again.

use std::time::Duration;

use soap_core::{Timeouts, transport::TransportError};
use soap_transport::{Endpoint, default_registry, http::HttpOptions};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{
    calls::call,
    client::{listen, one_way, request},
    fake::{PATIENCE, Raw, ms},
};

const OK: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: 4\r\n\r\n<b/>";

/// Makes one call on a new connection, which is kept.
async fn kept(listener: &TcpListener, transport: &dyn soap_core::transport::Transport) -> Raw {
    let peer = async {
        let mut raw = Raw::accept(listener).await;
        raw.answer().await;
        raw.send(OK).await;
        raw
    };
    let (raw, result) = tokio::join!(peer, call(transport, request("<a/>")));
    result.unwrap();
    raw
}

#[tokio::test]
async fn a_kept_connection_is_used_again() {
    let (listener, endpoint) = listen().await;
    let transport = endpoint.transport().await.unwrap();
    let mut raw = kept(&listener, &*transport).await;
    for request in [request("<a/>"), one_way(), request("<a/>")] {
        let peer = async {
            raw.answer().await;
            raw.send(OK).await;
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request));
        result.unwrap();
    }
    drop((transport, endpoint));
    assert!(raw.is_over().await, "the pool has gone with all who use it");
}

#[tokio::test]
async fn q33_a_connection_that_was_closed_is_not_used_again() {
    for byte in ["", "x"] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.transport().await.unwrap();
        let mut raw = kept(&listener, &*transport).await;
        // FIN or a stray byte; without a pause, as nothing polls the connection in between.
        raw.send(byte).await;
        raw.stream.shutdown().await.unwrap();
        let again = kept(&listener, &*transport).await;
        assert!(raw.is_closed().await);
        drop(again);
    }
}

#[tokio::test]
async fn closing_is_heeded() {
    for answer in [
        OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
        OK.replace("HTTP/1.1", "HTTP/1.0"),
    ] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.transport().await.unwrap();
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            raw.answer().await;
            raw.send(&answer).await;
            assert!(raw.is_over().await);
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
        assert_eq!(result.unwrap().unwrap().envelope, "<b/>");
        kept(&listener, &*transport).await;
    }
}

#[tokio::test]
async fn idle_connections_are_closed_in_time() {
    let (listener, endpoint) = listen().await;
    let timeouts = Timeouts::default().client_idle(ms(50));
    let transport = endpoint.timeouts(timeouts).transport().await.unwrap();
    let begin = std::time::Instant::now();
    let mut raw = kept(&listener, &*transport).await;
    assert!(raw.is_over().await);
    assert!(begin.elapsed() >= ms(50));
    let mut raw = kept(&listener, &*transport).await;
    assert!(raw.is_over().await, "the sweeper runs again");
}

#[tokio::test]
async fn no_more_are_kept_than_allowed() {
    for http in [
        HttpOptions::new().pool_idle_per_host(1),
        HttpOptions::new().pool_idle(1),
    ] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.with(http).transport().await.unwrap();
        let peer = async {
            let mut raws = [Raw::accept(&listener).await, Raw::accept(&listener).await];
            for raw in &mut raws {
                raw.answer().await;
                raw.send(OK).await;
            }
            raws
        };
        let calls = (
            call(&*transport, request("<a/>")),
            call(&*transport, request("<a/>")),
        );
        let (mut raws, first, second) = tokio::join!(peer, calls.0, calls.1);
        first.unwrap();
        second.unwrap();
        let [one, other] = &mut raws;
        tokio::select! {
            over = one.is_over() => assert!(over),
            over = other.is_over() => assert!(over),
        }
    }
    let (listener, endpoint) = listen().await;
    let none = endpoint
        .with(HttpOptions::new().pool_idle(0))
        .transport()
        .await
        .unwrap();
    assert!(kept(&listener, &*none).await.is_over().await);
}

#[tokio::test]
async fn endpoints_with_one_registry_share_connections() {
    let (listener, endpoint) = listen().await;
    let registry = default_registry();
    let first = endpoint
        .clone()
        .registry(registry.clone())
        .transport()
        .await
        .unwrap();
    let second = endpoint.registry(registry).transport().await.unwrap();
    let mut raw = kept(&listener, &*first).await;
    let peer = async {
        raw.answer().await;
        raw.send(OK).await;
    };
    let ((), result) = tokio::join!(peer, call(&*second, request("<a/>")));
    result.unwrap();
}

/// A kept connection has the bounds of the endpoint that made it; another endpoint got them with it.
#[tokio::test]
async fn endpoints_with_other_bounds_do_not_share_connections() {
    let (listener, endpoint) = listen().await;
    let registry = default_registry();
    let endpoint = endpoint.registry(registry);
    let limits = soap_core::Limits::client().head(1 << 10);
    let timeouts = Timeouts::new().write(Duration::from_secs(7));
    let mut raws = Vec::new();
    for endpoint in [
        endpoint.clone(),
        endpoint.clone().limits(limits),
        endpoint.timeouts(timeouts),
    ] {
        let transport = endpoint.transport().await.unwrap();
        // Each call has to make a connection of its own.
        raws.push(kept(&listener, &*transport).await);
    }
}

/// A call on a kept connection that the peer closes once the request has come; a second connection is answered.
async fn lost(
    endpoint: &Endpoint,
    listener: &TcpListener,
    idempotent: bool,
) -> Result<(), TransportError> {
    let transport = endpoint.transport().await.unwrap();
    let mut raw = kept(listener, &*transport).await;
    let mut request = request("<c/>");
    request.idempotent = idempotent;
    let calling = async {
        let result = call(&*transport, request).await;
        result.map(|_| ())
    };
    let peer = async {
        assert_eq!(raw.answer().await.text(), "<c/>");
        raw.stream.shutdown().await.unwrap();
        let mut raw = Raw::accept(listener).await;
        assert_eq!(raw.answer().await.text(), "<c/>");
        raw.send(OK).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = peer => unreachable!(),
        result = calling => result,
    }
}

#[tokio::test]
async fn a_request_lost_is_sent_again_only_if_that_does_no_harm() {
    let (listener, endpoint) = listen().await;
    let error = lost(&endpoint, &listener, false).await.unwrap_err();
    assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
    lost(&endpoint, &listener, true).await.unwrap();
    // At most once more.
    let transport = endpoint.transport().await.unwrap();
    let mut idempotent = request("<d/>");
    idempotent.idempotent = true;
    let peer = async {
        for _ in 0..2 {
            let mut raw = Raw::accept(&listener).await;
            raw.answer().await;
        }
        tokio::time::timeout(ms(50), listener.accept())
            .await
            .unwrap_err();
    };
    let ((), result) = tokio::join!(peer, call(&*transport, idempotent));
    assert!(result.unwrap_err().is_lost());
}

/// The first request may have been processed, whatever becomes of the second connection.
#[tokio::test]
async fn a_request_lost_is_ambiguous_though_its_second_connection_fails() {
    for answers in [false, true] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.transport().await.unwrap();
        let mut raw = kept(&listener, &*transport).await;
        let mut request = request("<c/>");
        request.idempotent = true;
        let peer = async {
            raw.answer().await;
            if answers {
                drop(raw);
                let mut raw = Raw::accept(&listener).await;
                raw.answer().await;
                raw.send("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")
                    .await;
            } else {
                drop(listener);
                drop(raw);
            }
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request));
        let error = result.unwrap_err();
        assert_eq!(error.is_connect(), !answers, "{error:?}");
        assert_eq!(error.http().is_some(), answers, "{error:?}");
        assert!(error.is_ambiguous(), "{error:?}");
    }
}

#[tokio::test]
async fn many_calls_at_a_time() {
    let fake = crate::fake::Fake::echo();
    let running = crate::fake::serve(&fake).await;
    let transport = Endpoint::new(&running.urls()[0]).transport().await.unwrap();
    for _ in 0..5 {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let transport = transport.clone();
            calls.spawn(async move { call(&*transport, request("<a/>")).await.unwrap().unwrap() });
        }
        while let Some(answer) = calls.join_next().await {
            assert_eq!(answer.unwrap().envelope, "<a/>");
        }
    }
    assert_eq!(fake.count(), 250);
    drop(transport);
    tokio::time::timeout(PATIENCE, running.stop(PATIENCE))
        .await
        .unwrap()
        .unwrap();
}

//! Which connections our client uses again, and when it sends again.

use std::{future::pending, time::Instant};

use soap_core::{
    Timeouts,
    transport::{Transport, TransportError},
};
use soap_transport::{Endpoint, default_registry, tcp::TcpOptions};
use tokio::net::TcpListener;

use crate::fake::{Fake, PATIENCE, Raw, call, listen, ms, one_way, request, serve};

/// Makes one call on a new connection, which is kept.
async fn kept(listener: &TcpListener, transport: &dyn Transport) -> Raw {
    kept_behind(listener, transport, "<b/>").await
}

async fn kept_behind(listener: &TcpListener, transport: &dyn Transport, answer: &str) -> Raw {
    let peer = async {
        let mut raw = Raw::accept(listener).await;
        raw.expect("<a/>").await;
        raw.send(answer).await;
        raw
    };
    let (raw, result) = tokio::join!(peer, call(transport, request("<a/>")));
    assert_eq!(result.unwrap(), "<b/>");
    raw
}

/// A call that goes out on `raw`.
async fn again(raw: &mut Raw, transport: &dyn Transport) {
    let peer = async {
        raw.expect("<c/>").await;
        raw.send("<d/>").await;
    };
    let ((), result) = tokio::join!(peer, call(transport, request("<c/>")));
    assert_eq!(result.unwrap(), "<d/>");
}

#[tokio::test]
async fn a_kept_connection_is_used_again() {
    let (listener, endpoint) = listen().await;
    let transport = endpoint.transport().await.unwrap();
    let mut raw = kept(&listener, &*transport).await;
    for _ in 0..3 {
        again(&mut raw, &*transport).await;
    }
    drop((transport, endpoint));
    assert!(raw.is_over().await, "the pool has gone with all who use it");
}

/// gSOAP ends its answers with CRLF, in the same segment or in another.
#[tokio::test]
async fn gsoap_white_space_behind_an_answer_does_not_cost_the_connection() {
    for pipeline in [1, 2] {
        let (listener, endpoint) = listen().await;
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let transport = endpoint.transport().await.unwrap();
        let mut raw = kept_behind(&listener, &*transport, "<b/>\r\n").await;
        again(&mut raw, &*transport).await;
        raw.send("\r\n").await;
        again(&mut raw, &*transport).await;
    }
}

/// INVENTORY 2.4: gSOAP's server closes behind 100 answers, and its client loses calls to that.
#[tokio::test]
async fn gsoap_a_connection_that_was_closed_is_not_used_again() {
    for pipeline in [1, 2] {
        for behind in ["", "\r\n", "x", "<stray/>", "<stray"] {
            let (listener, endpoint) = listen().await;
            let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
            let transport = endpoint.transport().await.unwrap();
            let mut raw = kept(&listener, &*transport).await;
            // Without a pause, as nothing polls the connection in between.
            raw.send(behind).await;
            raw.end().await;
            let again = kept(&listener, &*transport).await;
            assert!(raw.is_closed().await);
            drop(again);
        }
    }
}

#[tokio::test]
async fn stray_bytes_behind_an_answer_reach_no_call() {
    for pipeline in [1, 2] {
        for stray in ["<stray/>", "<stray", "x"] {
            for at_once in [true, false] {
                let (listener, endpoint) = listen().await;
                let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
                let transport = endpoint.transport().await.unwrap();
                let first = if at_once { stray } else { "" };
                let mut raw = kept_behind(&listener, &*transport, &format!("<b/>{first}")).await;
                if !at_once {
                    raw.send(stray).await;
                }
                let other = kept(&listener, &*transport).await;
                drop((raw, other));
            }
        }
    }
}

/// A call whose answer comes when it has been given up, by its time or by its caller.
#[tokio::test]
async fn a_late_answer_reaches_no_later_call() {
    for by_time in [true, false] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.transport().await.unwrap();
        let mut raw = kept(&listener, &*transport).await;
        let mut late = request("<late/>");
        late.timeout = by_time.then(|| ms(30));
        let calling = call(&*transport, late);
        if by_time {
            let error = calling.await.unwrap_err();
            assert_eq!(error.timed_out(), Some(ms(30)));
            assert!(error.is_ambiguous());
        } else {
            assert!(tokio::time::timeout(ms(30), calling).await.is_err());
        }
        raw.expect("<late/>").await;
        let other = kept(&listener, &*transport).await;
        // Nobody is there to take it.
        let mut raw = raw;
        assert!(raw.is_over().await);
        drop(other);
    }
}

#[tokio::test]
async fn a_call_that_ran_out_of_time_before_a_byte_was_sent_is_not_ambiguous() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.with(TcpOptions::new().pipeline(2));
    let transport = endpoint.transport().await.unwrap();
    let mut raw = kept(&listener, &*transport).await;
    let (one, other) = (
        call(&*transport, request("<c/>")),
        call(&*transport, request("<c/>")),
    );
    let peer = async {
        raw.expect("<c/><c/>").await;
        // It waits behind the two.
        let mut none = request("<none/>");
        none.timeout = Some(ms(10));
        let error = call(&*transport, none).await.unwrap_err();
        assert_eq!(error.timed_out(), Some(ms(10)));
        assert!(!error.is_ambiguous(), "{error:?}");
        raw.send("<d/><d/>").await;
        assert!(raw.is_silent().await, "it was never sent");
    };
    let (one, other, ()) = tokio::join!(one, other, peer);
    assert_eq!(
        (one.unwrap(), other.unwrap()),
        ("<d/>".into(), "<d/>".into())
    );
}

#[tokio::test]
async fn a_fault_to_a_one_way_message_reaches_no_later_call() {
    for pipeline in [1, 2] {
        let (listener, endpoint) = listen().await;
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let transport = endpoint.transport().await.unwrap();
        assert_eq!(call(&*transport, one_way("<one/>")).await.unwrap(), "");
        let mut first = Raw::accept(&listener).await;
        first.expect("<one/>").await;
        first.send("<fault/>").await;
        let _kept = kept(&listener, &*transport).await;
        // Nor is the connection used for another one.
        assert_eq!(call(&*transport, one_way("<two/>")).await.unwrap(), "");
        let mut second = Raw::accept(&listener).await;
        second.expect("<two/>").await;
        // That of a peer that keeps silent is.
        assert_eq!(call(&*transport, one_way("<three/>")).await.unwrap(), "");
        second.expect("<three/>").await;
    }
}

/// A call on a kept connection that the peer closes once the request has come; the next connection is answered.
async fn lost(idempotent: bool, pipeline: usize, kept_before: bool) -> Result<(), TransportError> {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
    let transport = endpoint.transport().await.unwrap();
    let first = match kept_before {
        true => Some(kept(&listener, &*transport).await),
        false => None,
    };
    let mut request = request("<c/>");
    request.idempotent = idempotent;
    let peer = async {
        let mut raw = match first {
            Some(raw) => raw,
            None => Raw::accept(&listener).await,
        };
        raw.expect("<c/>").await;
        raw.end().await;
        let mut raw = Raw::accept(&listener).await;
        raw.expect("<c/>").await;
        raw.send("<d/>").await;
        pending::<()>().await;
    };
    tokio::select! {
        () = peer => unreachable!(),
        result = call(&*transport, request) => result.map(|_| ()),
    }
}

#[tokio::test]
async fn only_what_is_idempotent_is_sent_again() {
    for pipeline in [1, 2] {
        for kept_before in [true, false] {
            lost(true, pipeline, kept_before).await.unwrap();
            let error = lost(false, pipeline, kept_before).await.unwrap_err();
            assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
        }
    }
}

#[tokio::test]
async fn what_is_idempotent_is_sent_again_once() {
    for pipeline in [1, 2] {
        let (listener, endpoint) = listen().await;
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let transport = endpoint.transport().await.unwrap();
        let mut request = request("<a/>");
        request.idempotent = true;
        let peer = async {
            for _ in 0..2 {
                let mut raw = Raw::accept(&listener).await;
                raw.expect("<a/>").await;
            }
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request));
        assert!(result.unwrap_err().is_ambiguous());
        let third = tokio::time::timeout(ms(50), listener.accept()).await;
        assert!(third.is_err(), "no third attempt");
    }
}

#[tokio::test]
async fn idle_connections_are_closed_in_time() {
    for pipeline in [1, 2] {
        let (listener, endpoint) = listen().await;
        let timeouts = Timeouts::new().client_idle(ms(50));
        let endpoint = endpoint.timeouts(timeouts);
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let transport = endpoint.transport().await.unwrap();
        for _ in 0..2 {
            let begin = Instant::now();
            let mut raw = kept(&listener, &*transport).await;
            assert!(raw.is_over().await);
            assert!(begin.elapsed() >= ms(50));
        }
    }
}

#[tokio::test]
async fn no_more_are_kept_than_allowed() {
    for tcp in [
        TcpOptions::new().pool_idle_per_host(1),
        TcpOptions::new().pool_idle(1),
    ] {
        let (listener, endpoint) = listen().await;
        let transport = endpoint.with(tcp).transport().await.unwrap();
        let peer = async {
            let mut raws = [Raw::accept(&listener).await, Raw::accept(&listener).await];
            for raw in &mut raws {
                raw.expect("<a/>").await;
                raw.send("<b/>").await;
            }
            raws
        };
        let (mut raws, first, second) = tokio::join!(
            peer,
            call(&*transport, request("<a/>")),
            call(&*transport, request("<a/>"))
        );
        first.unwrap();
        second.unwrap();
        let [one, other] = &mut raws;
        tokio::select! {
            over = one.is_over() => assert!(over),
            over = other.is_over() => assert!(over),
        }
    }
    let (listener, endpoint) = listen().await;
    let none = endpoint.with(TcpOptions::new().pool_idle(0));
    let none = none.transport().await.unwrap();
    assert!(kept(&listener, &*none).await.is_over().await);
}

#[tokio::test]
async fn endpoints_with_one_registry_share_connections_unless_their_bounds_differ() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.registry(default_registry());
    let limits = soap_core::Limits::client().message(1 << 10);
    let timeouts = Timeouts::new().write(ms(7000));
    let mut raws = Vec::new();
    for endpoint in [
        endpoint.clone(),
        endpoint.clone().limits(limits),
        endpoint.clone().timeouts(timeouts),
    ] {
        // Each call has to make a connection of its own.
        let transport = endpoint.transport().await.unwrap();
        raws.push(kept(&listener, &*transport).await);
    }
    let transport = endpoint.transport().await.unwrap();
    again(&mut raws[0], &*transport).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_at_a_time_have_connections_of_their_own() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let transport = Endpoint::new(&running.urls()[0]).transport().await.unwrap();
    for _ in 0..5 {
        let mut calls = Vec::new();
        for number in 0..100 {
            let transport = transport.clone();
            calls.push(tokio::spawn(async move {
                let text = format!("<a n='{number}'/>");
                assert_eq!(
                    call(&*transport, request(text.clone())).await.unwrap(),
                    text
                );
            }));
        }
        for call in calls {
            call.await.unwrap();
        }
    }
    assert_eq!(fake.count(), 500);
    running.stop(PATIENCE).await.unwrap();
}

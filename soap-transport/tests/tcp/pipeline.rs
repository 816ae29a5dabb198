//! Calls that share a connection.

use std::sync::Arc;

use soap_core::{
    CloseFirst, Options, Timeouts,
    transport::{Transport, TransportError},
};
use soap_transport::{Endpoint, tcp::TcpOptions};
use tokio::{io::AsyncReadExt, net::TcpListener, task::JoinHandle};

use crate::fake::{
    Fake, PATIENCE, Raw, call, listen, ms, one_way, reply, request, serve, serve_with, until,
};

type Called = JoinHandle<Result<bytes::Bytes, TransportError>>;

async fn transport(depth: usize) -> (TcpListener, Arc<dyn Transport>) {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.with(TcpOptions::new().pipeline(depth));
    let transport = endpoint.transport().await.unwrap();
    (listener, transport)
}

/// A call on its way.
fn begin(transport: &Arc<dyn Transport>, text: &str) -> Called {
    let (transport, request) = (Arc::clone(transport), request(text.to_owned()));
    tokio::spawn(async move { call(&*transport, request).await })
}

/// Calls whose requests the peer has read, in this order.
async fn begun(raw: &mut Raw, transport: &Arc<dyn Transport>, texts: &[&str]) -> Vec<Called> {
    let mut calls = Vec::new();
    for text in texts {
        calls.push(begin(transport, text));
        raw.expect(text).await;
    }
    calls
}

async fn answer(call: Called) -> bytes::Bytes {
    call.await.unwrap().unwrap()
}

async fn error(call: Called) -> TransportError {
    call.await.unwrap().unwrap_err()
}

/// The peer of a connection that has served one call.
async fn opened(listener: &TcpListener, transport: &Arc<dyn Transport>) -> Raw {
    let first = begin(transport, "<first/>");
    let mut raw = Raw::accept(listener).await;
    raw.expect("<first/>").await;
    raw.send("<ok/>").await;
    assert_eq!(answer(first).await, "<ok/>");
    raw
}

#[tokio::test]
async fn requests_go_out_without_waiting_and_answers_come_in_their_order() {
    let (listener, transport) = transport(3).await;
    let mut raw = opened(&listener, &transport).await;
    let calls = begun(&mut raw, &transport, &["<a/>", "<b/>", "<c/>"]).await;
    // No more than allowed are under way.
    let fourth = begin(&transport, "<d/>");
    assert!(raw.is_silent().await);
    raw.send("<A/>\r\n<B").await;
    raw.expect("<d/>").await;
    raw.send("/><C/><D/>").await;
    for (call, expected) in calls.into_iter().zip(["<A/>", "<B/>", "<C/>"]) {
        assert_eq!(answer(call).await, expected);
    }
    assert_eq!(answer(fourth).await, "<D/>");
}

#[tokio::test]
async fn the_answer_to_a_call_that_was_dropped_is_read_off() {
    let (listener, transport) = transport(3).await;
    let mut raw = opened(&listener, &transport).await;
    let mut calls = begun(&mut raw, &transport, &["<a/>", "<b/>", "<c/>"]).await;
    // One that was dropped before it was written is not sent at all.
    let never = begin(&transport, "<never/>");
    let queued = begin(&transport, "<d/>");
    assert!(raw.is_silent().await);
    never.abort();
    assert!(never.await.unwrap_err().is_cancelled());
    let dropped = calls.remove(1);
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    // What is not written does not wait for an answer to nobody.
    let mut other = Raw::accept(&listener).await;
    other.expect("<d/>").await;
    other.send("<D/>").await;
    raw.send("<A/><B/><C/>").await;
    for (call, expected) in calls
        .into_iter()
        .chain([queued])
        .zip(["<A/>", "<C/>", "<D/>"])
    {
        assert_eq!(answer(call).await, expected);
    }
    assert!(raw.is_over().await);
}

#[tokio::test]
async fn a_call_that_runs_out_of_time_does_not_break_the_others() {
    let (listener, transport) = transport(3).await;
    let mut raw = opened(&listener, &transport).await;
    let mut calls = begun(&mut raw, &transport, &["<a/>"]).await;
    let mut short = request("<short/>");
    short.timeout = Some(ms(30));
    let short = call(&*transport, short).await.unwrap_err();
    assert_eq!(short.timed_out(), Some(ms(30)));
    assert!(short.is_ambiguous());
    raw.expect("<short/>").await;
    raw.send("<A/><late/>").await;
    assert_eq!(answer(calls.remove(0)).await, "<A/>");
}

/// The connection stayed open to calls, so one that gave no answers failed all that came.
#[tokio::test]
async fn calls_go_elsewhere_once_one_has_run_out_of_time() {
    let (listener, transport) = transport(3).await;
    let mut raw = opened(&listener, &transport).await;
    let waiting = begun(&mut raw, &transport, &["<a/>"]).await;
    let mut short = request("<short/>");
    short.timeout = Some(ms(30));
    call(&*transport, short).await.unwrap_err();
    raw.expect("<short/>").await;
    let next = begin(&transport, "<b/>");
    let mut other = Raw::accept(&listener).await;
    other.expect("<b/>").await;
    other.send("<B/>").await;
    assert_eq!(answer(next).await, "<B/>");
    // Who had written before is still answered; then the connection has served.
    raw.send("<A/>").await;
    for call in waiting {
        assert_eq!(answer(call).await, "<A/>");
    }
    raw.send("<late/>").await;
    assert!(raw.is_closed().await);
}

/// Each byte that the peer took began the time anew.
#[tokio::test]
async fn a_peer_that_takes_requests_byte_by_byte_has_no_more_time_to_answer() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.timeouts(Timeouts::new().answer(ms(300)));
    let endpoint = endpoint.with(TcpOptions::new().pipeline(2));
    let transport = endpoint.transport().await.unwrap();
    let mut raw = opened(&listener, &transport).await;
    let first = begun(&mut raw, &transport, &["<a/>"]).await;
    let asked = std::time::Instant::now();
    let large = begin(&transport, &format!("<a>{}</a>", "x".repeat(64 << 20)));
    let dripping = tokio::spawn(async move {
        let mut chunk = vec![0; 64 << 10];
        while let Ok(1..) = raw.stream.read(&mut chunk).await {
            tokio::time::sleep(ms(10)).await;
        }
    });
    for call in first {
        assert_eq!(error(call).await.timed_out(), Some(ms(300)));
    }
    // All of the large one would take twice that, or more.
    assert!(asked.elapsed() < PATIENCE / 4);
    assert!(error(large).await.is_lost());
    dripping.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_the_connection_and_all_behind_it() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.timeouts(Timeouts::new().answer(ms(100)));
    let endpoint = endpoint.with(TcpOptions::new().pipeline(2));
    let transport = endpoint.transport().await.unwrap();
    let mut raw = opened(&listener, &transport).await;
    let mut calls = begun(&mut raw, &transport, &["<a/>", "<b/>"])
        .await
        .into_iter();
    let unsent = begin(&transport, "<c/>");
    let first = error(calls.next().unwrap()).await;
    assert_eq!(first.timed_out(), Some(ms(100)), "{first:?}");
    let second = error(calls.next().unwrap()).await;
    assert!(second.is_lost() && second.is_ambiguous(), "{second:?}");
    // What was not written goes out on a new connection.
    let mut other = Raw::accept(&listener).await;
    other.expect("<c/>").await;
    other.send("<C/>").await;
    assert_eq!(answer(unsent).await, "<C/>");
    assert!(raw.is_over().await);
}

#[tokio::test]
async fn what_was_written_on_a_lost_connection_is_ambiguous_and_the_rest_is_sent_on_another() {
    let (listener, transport) = transport(2).await;
    let mut raw = opened(&listener, &transport).await;
    let calls = begun(&mut raw, &transport, &["<a/>", "<b/>"]).await;
    let unsent = [begin(&transport, "<c/>"), begin(&transport, "<c/>")];
    assert!(raw.is_silent().await);
    raw.end().await;
    let mut other = Raw::accept(&listener).await;
    other.expect("<c/><c/>").await;
    for call in calls {
        let error = error(call).await;
        assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
    }
    other.send("<C/><C/>").await;
    for call in unsent {
        assert_eq!(answer(call).await, "<C/>");
    }
}

#[tokio::test]
async fn the_answers_before_the_loss_of_a_connection_count() {
    let (listener, transport) = transport(3).await;
    let mut raw = opened(&listener, &transport).await;
    let calls = begun(&mut raw, &transport, &["<a/>", "<b/>", "<c/>"]).await;
    raw.send("<A/><B").await;
    raw.end().await;
    let mut calls = calls.into_iter();
    assert_eq!(answer(calls.next().unwrap()).await, "<A/>");
    for call in calls {
        let error = error(call).await;
        assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
        assert!(
            error.to_string().contains("the answer broke off"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn one_way_messages_go_apart() {
    let (listener, transport) = transport(4).await;
    let mut raw = opened(&listener, &transport).await;
    let calls = begun(&mut raw, &transport, &["<a/>"]).await;
    assert_eq!(call(&*transport, one_way("<one/>")).await.unwrap(), "");
    Raw::accept(&listener).await.expect("<one/>").await;
    raw.send("<A/>").await;
    for call in calls {
        assert_eq!(answer(call).await, "<A/>");
    }
}

/// Each of them made a connection, of which one was used.
#[tokio::test]
async fn calls_that_begin_at_a_time_make_one_connection() {
    let (listener, transport) = transport(100).await;
    let calls: Vec<_> = (0..100).map(|_| begin(&transport, "<a/>")).collect();
    let mut raw = Raw::accept(&listener).await;
    raw.expect("<a/>".repeat(100)).await;
    raw.send("<b/>".repeat(100)).await;
    for call in calls {
        assert_eq!(answer(call).await, "<b/>");
    }
    let second = tokio::time::timeout(ms(50), listener.accept()).await;
    assert!(second.is_err());
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_fails_every_call() {
    let (listener, transport) = transport(4).await;
    drop(listener);
    let calls: Vec<_> = (0..10).map(|_| begin(&transport, "<a/>")).collect();
    for call in calls {
        let error = error(call).await;
        assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_closes_behind_each_answer_loses_no_call_that_was_not_written() {
    let fake = Fake::echo();
    let mut options = Options::server();
    options.socket.close_first = CloseFirst::Server;
    let running = serve_with(&fake, options).await;
    let endpoint = Endpoint::new(&running.urls()[0]).with(TcpOptions::new().pipeline(2));
    let transport = endpoint.transport().await.unwrap();
    let calls: Vec<_> = (0..20).map(|_| begin(&transport, "<a/>")).collect();
    let mut answered = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, "<a/>");
                answered += 1;
            }
            Err(error) => assert!(error.is_ambiguous(), "{error:?}"),
        }
    }
    // Each connection answers one, and has at most two more written to it.
    assert!(answered >= 7, "{answered}");
}

/// Neither side may wait for the other: the peer reads nothing while it has answers to write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_requests_and_answers_do_not_lock_each_other() {
    let running = serve(&Fake::echo()).await;
    let endpoint = Endpoint::new(&running.urls()[0]).with(TcpOptions::new().pipeline(8));
    let transport = endpoint.transport().await.unwrap();
    let text = format!("<a>{}</a>", "x".repeat(2 << 20));
    let calls: Vec<_> = (0..16).map(|_| begin(&transport, &text)).collect();
    for call in calls {
        assert!(answer(call).await == text);
    }
}

#[tokio::test]
async fn a_peer_that_reads_nothing_ends_all_calls() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.timeouts(Timeouts::new().write(ms(100)));
    let endpoint = endpoint.with(TcpOptions::new().pipeline(4));
    let transport = endpoint.transport().await.unwrap();
    let text = format!("<a>{}</a>", "x".repeat(16 << 20));
    let calls: Vec<_> = (0..4).map(|_| begin(&transport, &text)).collect();
    let raw = Raw::accept(&listener).await;
    let mut told = 0;
    // What was not written goes to the next connection, whose peer does not read either.
    let accepting = tokio::spawn(async move {
        let mut raws = Vec::new();
        loop {
            raws.push(Raw::accept(&listener).await);
        }
    });
    for call in calls {
        let error = error(call).await;
        assert!(
            error.timed_out() == Some(ms(100)) || error.is_lost(),
            "{error:?}"
        );
        told += 1;
    }
    assert_eq!(told, 4);
    accepting.abort();
    drop(raw);
}

#[tokio::test]
async fn a_transport_that_is_dropped_closes_its_connection() {
    let (listener, transport) = transport(2).await;
    let mut raw = opened(&listener, &transport).await;
    drop(transport);
    assert!(raw.is_over().await);
}

/// Callers that drop, time out and go on, over one connection: each answer is that of its request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_reaches_another_call_however_callers_leave() {
    let fake = Fake::new(|message| async move {
        tokio::time::sleep(ms(message.envelope.len() as u64 % 3)).await;
        reply(message.envelope)
    });
    let running = serve(&fake).await;
    let endpoint = Endpoint::new(&running.urls()[0]).with(TcpOptions::new().pipeline(8));
    let transport = endpoint.transport().await.unwrap();
    let mut callers = Vec::new();
    for caller in 0..20_u64 {
        let transport = Arc::clone(&transport);
        callers.push(tokio::spawn(async move {
            for number in 0..20_u64 {
                let text = format!(
                    "<a c='{caller}' n='{number}'>{}</a>",
                    "x".repeat(number as usize)
                );
                let mut asked = request(text.clone());
                if (caller + number) % 5 == 0 {
                    asked.timeout = Some(ms(number % 4));
                }
                let calling = call(&*transport, asked);
                if (caller + number) % 7 == 0 {
                    let _ = tokio::time::timeout(ms(number % 3), calling).await;
                } else if let Ok(answer) = calling.await {
                    assert_eq!(answer, text);
                }
            }
        }));
    }
    for caller in callers {
        caller.await.unwrap();
    }
    until(|| fake.count() > 200).await;
    running.stop(PATIENCE).await.unwrap();
}

//! Answers that go elsewhere: at once a 202, later a message of its own.

use std::{sync::Arc, time::Instant};

use soap_core::{Message, Options, SoapVersion, transport::Outcome};
use soap_transport::{Running, Server};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::fake::{Fake, PATIENCE, Raw, ms, post, reply, serve, serve_with, timeouts, until};

/// A service whose answer to every request goes to `to`, once `gate` has a permit for it.
fn sends_to(to: String, gate: Arc<Semaphore>) -> Arc<Fake> {
    Fake::new(move |request: Message| {
        let (to, gate) = (to.clone(), Arc::clone(&gate));
        async move {
            Outcome::Elsewhere(Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                let answer = Message::new(request.envelope).version(SoapVersion::Soap12);
                Some((to, answer.action("urn:answer")))
            }))
        }
    })
}

/// As [`sends_to`], which knows only after `gate` that the answer goes there.
fn decides_late(to: String, gate: Arc<Semaphore>) -> Arc<Fake> {
    Fake::new(move |request: Message| {
        let (to, gate) = (to.clone(), Arc::clone(&gate));
        async move {
            gate.acquire().await.unwrap().forget();
            let answer = Message::new(request.envelope);
            Outcome::Elsewhere(Box::pin(async move { Some((to, answer)) }))
        }
    })
}

fn open() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(1000))
}

async fn accepted(running: &Running, body: &str) {
    let mut raw = Raw::connect(running).await;
    raw.send(post(body)).await;
    let answer = raw.answer().await;
    assert_eq!((answer.status(), answer.text()), (202, ""));
}

#[tokio::test]
async fn it_is_acknowledged_at_once_and_the_answer_sent_when_there_is_one() {
    let other = Fake::new(|_| async { Outcome::Accepted(Box::pin(async {})) });
    let there = serve(&other).await;
    let gate = Arc::new(Semaphore::new(0));
    let running = serve(&sends_to(there.urls()[0].clone(), Arc::clone(&gate))).await;
    accepted(&running, "<a/>").await;
    assert_eq!(other.count(), 0);
    gate.add_permits(1);
    until(|| other.count() == 1).await;
    {
        let seen = other.seen.lock().unwrap();
        assert_eq!(seen[0].envelope, "<a/>");
        assert_eq!(seen[0].version, Some(SoapVersion::Soap12));
        assert_eq!(seen[0].action.as_deref(), Some("urn:answer"));
    }
    running.stop(PATIENCE).await.unwrap();
    there.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn there_may_be_nothing_to_send() {
    let nothing = Fake::new(|_| async { Outcome::Elsewhere(Box::pin(async { None })) });
    let running = serve(&nothing).await;
    accepted(&running, "<a/>").await;
    running.stop(PATIENCE).await.unwrap();
}

/// A listener that answers 200 with a message, or with a fault, has taken it; it is not sent again.
#[tokio::test]
async fn it_is_sent_once_whatever_comes_back() {
    for status in [200, 500, 404] {
        let other = Fake::new(move |_| async move {
            let Outcome::Reply(mut message) = reply("<b/>") else {
                unreachable!()
            };
            message.status = Some(status);
            Outcome::Reply(message)
        });
        let there = serve(&other).await;
        let running = serve(&sends_to(there.urls()[0].clone(), open())).await;
        accepted(&running, "<a/>").await;
        running.stop(PATIENCE).await.unwrap();
        assert_eq!(other.count(), 1, "{status}");
        there.stop(PATIENCE).await.unwrap();
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let third = Fake::echo();
    let at_third = serve(&third).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    let running = serve(&sends_to(to, open())).await;
    accepted(&running, "<a/>").await;
    let mut raw = Raw::accept(&listener).await;
    raw.message().await.unwrap();
    let location = &at_third.urls()[0];
    raw.send(format!(
        "HTTP/1.1 307 There\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    ))
    .await;
    running.stop(PATIENCE).await.unwrap();
    assert_eq!(third.count(), 0);
    at_third.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_sent_is_given_up_and_the_server_goes_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    for to in [nobody, "gopher://a/".to_owned(), "nothing".to_owned()] {
        let running = serve(&sends_to(to, open())).await;
        accepted(&running, "<a/>").await;
        accepted(&running, "<b/>").await;
        running.stop(PATIENCE).await.unwrap();
    }
}

/// The answer of a handler whose time was over: its caller has a fault by then.
#[tokio::test]
async fn after_a_refusal_nothing_is_sent_elsewhere() {
    let other = Fake::echo();
    let there = serve(&other).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = decides_late(there.urls()[0].clone(), Arc::clone(&gate));
    let options = timeouts(|timeouts| timeouts.handler = ms(10));
    let running = serve_with(&slow, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.status(), 500);
    drop(raw);
    gate.add_permits(1);
    running.stop(PATIENCE).await.unwrap();
    assert_eq!(other.count(), 0);
    there.stop(PATIENCE).await.unwrap();
}

/// A caller who has left has got nothing: the answer goes where it was to go.
#[tokio::test]
async fn it_is_sent_though_the_caller_has_left() {
    let other = Fake::new(|_| async { Outcome::Accepted(Box::pin(async {})) });
    let there = serve(&other).await;
    let gate = Arc::new(Semaphore::new(0));
    let slow = decides_late(there.urls()[0].clone(), Arc::clone(&gate));
    let running = serve(&slow).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    until(|| slow.count() == 1).await;
    raw.stream.set_zero_linger().unwrap();
    drop(raw);
    let peer = slow.seen.lock().unwrap()[0].peer.clone().unwrap();
    until(|| peer.gone.is_set()).await;
    gate.add_permits(1);
    until(|| other.count() == 1).await;
    running.stop(PATIENCE).await.unwrap();
    there.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_graceful_stop_waits_for_it() {
    let other = Fake::echo();
    let there = serve(&other).await;
    let gate = Arc::new(Semaphore::new(0));
    let running = serve(&sends_to(there.urls()[0].clone(), Arc::clone(&gate))).await;
    accepted(&running, "<a/>").await;
    let stopping = tokio::spawn(running.stop(PATIENCE));
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    stopping.await.unwrap().unwrap();
    assert_eq!(other.count(), 1);
    there.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_graceful_stop_does_not_fail_by_a_place_that_takes_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    let time = ms(2000);
    let options = timeouts(|timeouts| timeouts.stop = time);
    let running = serve_with(&sends_to(to, open()), options).await;
    accepted(&running, "<a/>").await;
    let mut raw = Raw::accept(&listener).await;
    raw.message().await.unwrap();
    running.stop(time).await.unwrap();
}

/// Of calls that are in flight, only half may be at a place that takes its time: the others are dropped, and the server goes on.
#[tokio::test]
async fn a_storm_is_bounded() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    let mut options = Options::server();
    options.capacity.in_flight = Some(8);
    let running = serve_with(&sends_to(to, open()), options).await;
    let begin = Instant::now();
    for _ in 0..50 {
        accepted(&running, "<a/>").await;
    }
    assert!(begin.elapsed() < PATIENCE);
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut raw = Raw::accept(&listener).await;
        raw.message().await.unwrap();
        held.push(raw);
    }
    let fifth = tokio::time::timeout(ms(50), listener.accept()).await;
    assert!(fifth.is_err(), "four are under way");
    // When they end, others are sent.
    drop(held);
    let sent = async {
        loop {
            accepted(&running, "<b/>").await;
            if let Ok(accepted) = tokio::time::timeout(ms(20), listener.accept()).await {
                return accepted.unwrap().0;
            }
        }
    };
    let raw = tokio::time::timeout(PATIENCE, sent).await.expect("in time");
    drop((raw, listener));
    running.stop(PATIENCE).await.unwrap();
}

#[cfg(feature = "tcp")]
#[tokio::test]
async fn it_may_go_over_another_transport() {
    let other = Fake::new(|_| async { Outcome::Accepted(Box::pin(async {})) });
    let server = Server::new(other.dispatch_as()).bind("soap.tcp://127.0.0.1:0");
    let there = server.start().await.unwrap();
    let running = serve(&sends_to(there.urls()[0].clone(), open())).await;
    accepted(&running, "<a/>").await;
    until(|| other.count() == 1).await;
    assert_eq!(other.seen.lock().unwrap()[0].envelope, "<a/>");
    running.stop(PATIENCE).await.unwrap();
    there.stop(PATIENCE).await.unwrap();
}

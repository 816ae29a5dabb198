//! How our server stops: nothing that was accepted is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use soap_transport::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fake::{Fake, PATIENCE, Raw, authority, ms, reply, serve, serve_with, timeouts, until};

#[tokio::test]
async fn kept_connections_serve_through_the_grace_and_silent_ones_do_not_hold_up() {
    // Long enough for two calls on a machine that is busy.
    let grace = Duration::from_secs(2);
    let options = timeouts(|timeouts| timeouts.grace = grace);
    let running = serve_with(&Fake::echo(), options).await;
    let mut silent = Raw::connect(&running).await;
    let mut spaces = Raw::connect(&running).await;
    spaces.send("\r\n").await;
    let mut half = Raw::connect(&running).await;
    half.send("<a>").await;
    let mut behind = Raw::connect(&running).await;
    behind.send("<a/><b>").await;
    behind.expect("<a/>").await;
    let mut kept = Raw::connect(&running).await;
    kept.echo("<a/>").await;
    let address = authority(&running);
    let begin = Instant::now();
    let stopping = tokio::spawn(running.stop(PATIENCE));
    let refused = async { while TcpStream::connect(&address).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, refused).await.unwrap();
    kept.echo("<b/>").await;
    kept.echo("<c/>").await;
    for raw in [&mut kept, &mut silent, &mut half, &mut behind] {
        assert!(raw.is_over().await);
    }
    assert!(spaces.is_closed().await);
    stopping.await.unwrap().unwrap();
    assert!(begin.elapsed() >= grace, "{:?}", begin.elapsed());
    assert!(begin.elapsed() < PATIENCE / 2, "{:?}", begin.elapsed());
}

/// After the grace a connection was closed behind the next answer, whatever had come behind its request.
#[tokio::test]
async fn a_call_in_flight_and_those_pipelined_behind_it_are_answered() {
    let (fake, release) = Fake::held();
    let options = timeouts(|timeouts| timeouts.grace = ms(10));
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>\r\n<b/><c/><half>").await;
    until(|| fake.count() == 1).await;
    let stopping = tokio::spawn(running.stop(PATIENCE));
    tokio::time::sleep(ms(100)).await;
    assert!(!stopping.is_finished());
    for count in 1..4 {
        until(|| fake.count() == count).await;
        release.notify_one();
    }
    assert_eq!(raw.rest().await, "<a/><b/><c/>");
    drop(raw);
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_message_that_comes_during_the_grace_is_answered() {
    let options = timeouts(|timeouts| timeouts.grace = Duration::from_secs(2));
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a>").await;
    let address = authority(&running);
    let stopping = tokio::spawn(running.stop(PATIENCE));
    let refused = async { while TcpStream::connect(&address).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, refused).await.unwrap();
    raw.send("</a>").await;
    raw.expect("<a></a>").await;
    raw.end().await;
    assert!(raw.is_over().await);
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_left_at_the_deadline_is_reset_and_told() {
    let fake = Fake::new(|_| std::future::pending());
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>").await;
    until(|| fake.count() == 1).await;
    let error = running.stop(ms(100)).await.unwrap_err();
    assert_eq!(error.timed_out(), Some(ms(100)));
    assert!(raw.is_reset().await);
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_reset_at_the_deadline() {
    let large = bytes::Bytes::from(vec![b'x'; 16 << 20]);
    let fake = Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    });
    let options = timeouts(|timeouts| timeouts.grace = ms(10));
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::small(&running).await;
    raw.send("<a/>").await;
    until(|| fake.count() == 1).await;
    let begin = Instant::now();
    running.stop(ms(200)).await.unwrap_err();
    assert!(begin.elapsed() < PATIENCE / 2);
}

#[tokio::test]
async fn a_stop_shorter_than_the_grace_closes_silent_connections() {
    let options = timeouts(|timeouts| timeouts.grace = PATIENCE);
    let running = serve_with(&Fake::echo(), options).await;
    let mut raws = Vec::new();
    for sent in ["", "<a/>", "<b>", "<a/><b>"] {
        let mut raw = Raw::connect(&running).await;
        raw.send(sent).await;
        raw.expect(if sent.starts_with("<a/>") { "<a/>" } else { "" })
            .await;
        raws.push(raw);
    }
    running.stop(ms(500)).await.unwrap();
    for raw in &mut raws {
        assert!(raw.is_over().await);
    }
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    raw.echo("<a/>").await;
    running.stop(Duration::ZERO).await.unwrap();
    assert!(raw.is_over().await);
}

#[tokio::test]
async fn the_same_port_can_be_bound_at_once() {
    let options = timeouts(|timeouts| timeouts.grace = ms(1));
    let fake = Fake::echo();
    let running = serve_with(&fake, options.clone()).await;
    let url = running.urls()[0].clone();
    let mut raw = Raw::connect(&running).await;
    raw.echo("<a/>").await;
    running.stop(PATIENCE).await.unwrap();
    let again = Server::new(fake.dispatch_as()).bind(&url).options(options);
    let again = again.start().await.unwrap();
    again.stop(PATIENCE).await.unwrap();
}

/// A server that drops resets what it has.
#[tokio::test]
async fn a_server_that_is_dropped_resets_its_connections() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    raw.echo("<a/>").await;
    drop(running);
    assert!(raw.is_reset().await);
}

/// Callers that go on until they are refused; every request that was executed was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_request_executed_is_answered() {
    let fake = Fake::new(|message| async move {
        tokio::task::yield_now().await;
        reply(message.envelope)
    });
    let options = timeouts(|timeouts| timeouts.grace = ms(300));
    let running = serve_with(&fake, options).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let mut callers = Vec::new();
    for _ in 0..16 {
        let address = authority(&running);
        let answered = Arc::clone(&answered);
        callers.push(tokio::spawn(async move {
            while let Ok(stream) = TcpStream::connect(&address).await {
                let mut raw = Raw::of(stream);
                // Two at a time; the server may close at any time, but behind an answer.
                while raw.stream.write_all(b"<a/><a/>").await.is_ok() {
                    let mut answers = [0; 8];
                    let mut read = 0;
                    while read < 8
                        && let Ok(more @ 1..) = raw.stream.read(&mut answers[read..]).await
                    {
                        read += more;
                    }
                    assert_eq!(read % 4, 0, "no answer is cut");
                    answered.fetch_add(read / 4, SeqCst);
                    if read < 8 {
                        break;
                    }
                }
            }
        }));
    }
    until(|| answered.load(SeqCst) > 500).await;
    running.stop(PATIENCE).await.unwrap();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(answered.load(SeqCst), fake.count());
}

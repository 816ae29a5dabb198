//! How our server stops: nothing that was accepted is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use soap_core::transport::Outcome;
use soap_transport::Server;
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify};

use crate::fake::{
    Fake, PATIENCE, Raw, authority, ms, post, reply, serve, serve_with, timeouts, until,
};

#[tokio::test]
async fn kept_connections_are_told_and_silent_ones_do_not_hold_up() {
    let grace = Duration::from_secs(2);
    let options = timeouts(|timeouts| timeouts.grace = grace);
    let running = serve_with(&Fake::echo(), options).await;
    let mut silent = Raw::connect(&running).await;
    let mut half = Raw::connect(&running).await;
    half.send("POST /ca").await;
    let mut idle = Raw::connect(&running).await;
    let mut kept = Raw::connect(&running).await;
    for raw in [&mut idle, &mut kept] {
        raw.send(post("<a/>")).await;
        assert_eq!(raw.answer().await.field("connection"), None);
    }
    let address = authority(&running);
    let begin = Instant::now();
    let stopping = tokio::spawn(running.stop(PATIENCE));
    let refused = async { while TcpStream::connect(&address).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, refused).await.unwrap();
    kept.send(post("<b/>")).await;
    let answer = kept.answer().await;
    assert_eq!(
        (answer.text(), answer.field("connection")),
        ("<b/>", Some("close"))
    );
    assert!(kept.is_over().await);
    drop(kept);
    for raw in [&mut silent, &mut half, &mut idle] {
        assert!(raw.is_over().await);
    }
    stopping.await.unwrap().unwrap();
    assert!(begin.elapsed() >= grace, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_call_in_flight_is_answered() {
    let release = Arc::new(Notify::new());
    let wait = Arc::clone(&release);
    let fake = Fake::new(move |message| {
        let wait = Arc::clone(&wait);
        async move {
            wait.notified().await;
            reply(message.envelope)
        }
    });
    let options = timeouts(|timeouts| timeouts.grace = ms(10));
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    until(|| fake.count() == 1).await;
    let stopping = tokio::spawn(running.stop(PATIENCE));
    tokio::time::sleep(ms(100)).await;
    assert!(!stopping.is_finished());
    release.notify_one();
    let answer = raw.answer().await;
    assert_eq!(
        (answer.text(), answer.field("connection")),
        ("<a/>", Some("close"))
    );
    drop(raw);
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn accepted_work_is_waited_for() {
    let done = Arc::new(AtomicBool::new(false));
    let release = Arc::new(Notify::new());
    let (set, wait) = (Arc::clone(&done), Arc::clone(&release));
    let fake = Fake::new(move |_| {
        let (set, wait) = (Arc::clone(&set), Arc::clone(&wait));
        let work = Box::pin(async move {
            wait.notified().await;
            set.store(true, SeqCst);
        });
        async move { Outcome::Accepted(work) }
    });
    let options = timeouts(|timeouts| timeouts.grace = ms(1));
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.status(), 202);
    drop(raw);
    let stopping = tokio::spawn(running.stop(PATIENCE));
    tokio::time::sleep(ms(100)).await;
    assert!(!stopping.is_finished() && !done.load(SeqCst));
    release.notify_one();
    stopping.await.unwrap().unwrap();
    assert!(done.load(SeqCst));
}

#[tokio::test]
async fn what_is_left_at_the_deadline_is_reset_and_told() {
    let fake = Fake::new(|_| std::future::pending());
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    until(|| fake.count() == 1).await;
    let error = running.stop(ms(100)).await.unwrap_err();
    assert_eq!(error.timed_out(), Some(ms(100)));
    let error = tokio::io::AsyncReadExt::read(&mut raw.stream, &mut [0])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

/// A deadline below the grace left no time in which silent connections were told to leave.
#[tokio::test]
async fn a_stop_shorter_than_the_grace_closes_idle_connections() {
    let options = timeouts(|timeouts| timeouts.grace = PATIENCE);
    let running = serve_with(&Fake::echo(), options).await;
    let mut raws = Vec::new();
    for kind in ["fresh", "kept", "half"] {
        let mut raw = Raw::connect(&running).await;
        match kind {
            "kept" => {
                raw.send(post("<a/>")).await;
                raw.answer().await;
            }
            "half" => raw.send("POST /ca").await,
            _ => {}
        }
        raws.push(raw);
    }
    running.stop(Duration::from_secs(1)).await.unwrap();
    for raw in &mut raws {
        assert!(raw.is_over().await);
    }
    // No time at all is enough for what is silent.
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    raw.answer().await;
    running.stop(Duration::ZERO).await.unwrap();
    assert!(raw.is_over().await);
}

/// Connections of all bindings were reset when the first of them had none left.
#[tokio::test]
async fn the_end_of_one_binding_leaves_the_connections_of_others() {
    let release = Arc::new(Notify::new());
    let wait = Arc::clone(&release);
    let fake = Fake::new(move |message| {
        let wait = Arc::clone(&wait);
        async move {
            wait.notified().await;
            reply(message.envelope)
        }
    });
    let options = timeouts(|timeouts| timeouts.grace = ms(10));
    let server = Server::new(fake.dispatch_as())
        .bind("http://127.0.0.1:0/other")
        .bind("http://127.0.0.1:0/calc");
    let running = server.options(options).start().await.unwrap();
    let address = running.urls()[1]
        .trim_start_matches("http://")
        .trim_end_matches("/calc");
    let mut raw = Raw::of(TcpStream::connect(address).await.unwrap());
    raw.send(post("<a/>")).await;
    until(|| fake.count() == 1).await;
    let stopping = tokio::spawn(running.stop(PATIENCE));
    tokio::time::sleep(ms(100)).await;
    release.notify_one();
    let answer = raw.answer().await;
    assert_eq!(answer.text(), "<a/>");
    drop(raw);
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn run_until_stops_when_told() {
    let options = timeouts(|timeouts| timeouts.grace = ms(1));
    let server = Server::new(Fake::echo().dispatch_as())
        .bind("http://127.0.0.1:0")
        .options(options);
    server.run_until(async {}).await.unwrap();
}

#[tokio::test]
async fn the_same_port_can_be_bound_at_once() {
    let options = timeouts(|timeouts| timeouts.grace = ms(1));
    let fake = Fake::echo();
    let running = serve_with(&fake, options.clone()).await;
    let url = running.urls()[0].clone();
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    raw.answer().await;
    let second = Server::new(fake.dispatch_as())
        .bind(&url)
        .start()
        .await
        .unwrap_err();
    assert!(
        second
            .to_string()
            .starts_with("cannot listen on http://127.0.0.1:"),
        "{second}"
    );
    running.stop(PATIENCE).await.unwrap();
    let again = Server::new(fake.dispatch_as())
        .bind(&url)
        .options(options)
        .start()
        .await
        .unwrap();
    again.stop(PATIENCE).await.unwrap();
}

/// Callers that go on until they are refused; every request they sent was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_request_accepted_is_answered() {
    let fake = Fake::new(|message| async move {
        tokio::task::yield_now().await;
        reply(message.envelope)
    });
    // A caller must be faster than this.
    let options = timeouts(|timeouts| timeouts.grace = Duration::from_secs(5));
    let running = serve_with(&fake, options).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let mut callers = Vec::new();
    for _ in 0..32 {
        let address = authority(&running);
        let answered = Arc::clone(&answered);
        callers.push(tokio::spawn(async move {
            while let Ok(stream) = TcpStream::connect(&address).await {
                let mut raw = Raw::of(stream);
                let mut closed = false;
                let mut first = true;
                while !closed {
                    let sent = raw.stream.write_all(post("<a/>").as_bytes()).await;
                    // The kernel may complete a connection just before the listener closes, and resets it then.
                    let answer = match raw.message().await {
                        None if first => return,
                        answer => answer.expect("an answer to what was sent"),
                    };
                    sent.unwrap();
                    first = false;
                    assert_eq!(answer.text(), "<a/>");
                    answered.fetch_add(1, SeqCst);
                    closed = answer.field("connection") == Some("close");
                }
            }
        }));
    }
    until(|| answered.load(SeqCst) > 1000).await;
    running.stop(PATIENCE).await.unwrap();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(answered.load(SeqCst), fake.count());
}

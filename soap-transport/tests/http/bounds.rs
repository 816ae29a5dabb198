//! Bounds of our server on time and number, and how it closes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use soap_core::{
    Linger, Options,
    transport::{Dispatch, Outcome},
};
use tokio::{io::AsyncWriteExt, net::TcpSocket, sync::Notify};

use crate::fake::{
    Fake, PATIENCE, Raw, authority, ms, post, reply, serve, serve_with, timeouts, until,
};

/// The connection ends without an answer, not before `least`.
async fn ends(raw: &mut Raw, least: Duration, begin: Instant) {
    assert!(raw.is_over().await);
    let took = begin.elapsed();
    assert!(took >= least, "{took:?}");
}

#[tokio::test]
async fn a_connection_without_a_byte_is_closed() {
    let options = timeouts(|timeouts| timeouts.first_byte = ms(50));
    let running = serve_with(&Fake::echo(), options).await;
    let begin = Instant::now();
    ends(&mut Raw::connect(&running).await, ms(50), begin).await;
}

/// Instants were added up without a check: `Duration::MAX` panicked.
#[tokio::test]
async fn bounds_may_be_as_large_as_their_types() {
    let max = Duration::MAX;
    let mut options = Options::server();
    options.timeouts = soap_core::Timeouts::new()
        .connect(max)
        .next_address(max)
        .answer(max)
        .call(max)
        .client_idle(max)
        .first_byte(max)
        .head(max)
        .body_read(max)
        .body(max)
        .body_rate_after(max)
        .handler(max)
        .write(max)
        .idle(max)
        .connection(max)
        .grace(max)
        .stop(max);
    options.limits.head = usize::MAX;
    options.limits.message = usize::MAX;
    options.limits.body_rate = usize::MAX;
    options.capacity.connections = usize::MAX;
    options.capacity.connections_per_peer = usize::MAX;
    options.capacity.requests_per_connection = Some(u64::MAX);
    options.capacity.in_flight = Some(usize::MAX);
    options.capacity.queue = usize::MAX;
    let longest = Duration::from_secs(32_767);
    options.socket.keepalive = soap_core::Keepalive::Probes {
        idle: longest,
        interval: longest,
        count: 127,
    };
    options.socket.linger = Linger::Wait(max);
    options.socket.backlog = i32::MAX.unsigned_abs();
    let fake = Fake::new(|message| async move {
        tokio::task::yield_now().await;
        reply(message.envelope)
    });
    let running = serve_with(&fake, options.clone()).await;
    options.socket.linger = Linger::Default;
    options.socket.backlog = 1024;
    let endpoint = soap_transport::Endpoint::new(&running.urls()[0]).options(options);
    let transport = endpoint.transport().await.unwrap();
    let large: soap_core::Message = soap_core::Message::new(vec![b'x'; 8 << 20]);
    for _ in 0..2 {
        let request = soap_core::transport::Request::new(large.clone());
        let answer = crate::calls::call(&*transport, request).await.unwrap();
        assert_eq!(answer.unwrap().envelope.len(), 8 << 20);
    }
    let mut raw = Raw::connect(&running).await;
    for byte in post("<a/>").bytes() {
        raw.send([byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(raw.answer().await.text(), "<a/>");
    drop((raw, transport, endpoint));
    running.stop(max).await.unwrap();
}

#[tokio::test]
async fn a_head_that_drips_is_cut() {
    let options = timeouts(|timeouts| timeouts.head = ms(80));
    let running = serve_with(&Fake::echo(), options).await;
    for kept in [false, true] {
        let mut raw = Raw::connect(&running).await;
        if kept {
            raw.send(post("<a/>")).await;
            raw.answer().await;
        }
        let begin = Instant::now();
        for byte in post("<a/>").bytes() {
            let sent = raw.stream.write_all(&[byte]).await;
            if sent.is_err() || begin.elapsed() > ms(60) {
                break;
            }
            tokio::time::sleep(ms(1)).await;
        }
        ends(&mut raw, ms(80), begin).await;
    }
}

#[tokio::test]
async fn a_kept_connection_is_closed_after_its_idle_time() {
    let idle = Duration::from_secs(1);
    let options = timeouts(|timeouts| timeouts.idle = Some(idle));
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    let mut begin = Instant::now();
    for _ in 0..3 {
        begin = Instant::now();
        raw.send(post("<a/>")).await;
        raw.answer().await;
    }
    ends(&mut raw, idle, begin).await;
}

#[tokio::test]
async fn a_head_begun_behind_another_request_is_cut_too() {
    let options = timeouts(|timeouts| timeouts.idle = Some(ms(50)));
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    let begin = Instant::now();
    raw.send(post("<a/>") + "POST /calc HTTP/1.1\r\nHo").await;
    assert_eq!(raw.answer().await.status(), 200);
    ends(&mut raw, ms(50), begin).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let cases = [
        timeouts(|timeouts| timeouts.body_read = ms(50)),
        timeouts(|timeouts| timeouts.body = ms(50)),
        timeouts(|timeouts| timeouts.body_rate_after = ms(50)),
    ];
    for options in cases {
        let fake = Fake::echo();
        let running = serve_with(&fake, options).await;
        let mut raw = Raw::connect(&running).await;
        let request = post("<a>12345</a>");
        raw.send(&request[..request.len() - 3]).await;
        let answer = raw.answer().await;
        assert_eq!(
            (answer.status(), answer.field("connection")),
            (408, Some("close"))
        );
        assert!(raw.is_over().await);
        assert_eq!(fake.count(), 0);
    }
}

#[tokio::test]
async fn a_body_that_keeps_its_rate_may_last_and_a_drip_may_not() {
    let options = timeouts(|timeouts| timeouts.body_rate_after = ms(100));
    let fake = Fake::echo();
    let running = serve_with(&fake, options).await;
    let request = post(&"x".repeat(10 << 10));
    // 9 KiB are worth 9 s at 1 KiB/s.
    let mut raw = Raw::connect(&running).await;
    let (most, last) = request.split_at(request.len() - (1 << 10));
    raw.send(most).await;
    tokio::time::sleep(ms(400)).await;
    raw.send(last).await;
    assert_eq!(raw.answer().await.status(), 200);
    // No two bytes are far from each other, but there are too few.
    let mut raw = Raw::connect(&running).await;
    let mut bytes = request.bytes();
    let begin = Instant::now();
    raw.send(
        bytes
            .by_ref()
            .take(most.len() - (9 << 10))
            .collect::<Vec<u8>>(),
    )
    .await;
    let answer = loop {
        assert!(begin.elapsed() < PATIENCE);
        if let Ok(answer) = tokio::time::timeout(ms(20), raw.answer()).await {
            break answer;
        }
        raw.send([bytes.next().unwrap()]).await;
    };
    assert_eq!(answer.status(), 408);
    assert!(begin.elapsed() >= ms(100));
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn a_body_cut_off_is_not_dispatched() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    let request = post("<a>12345</a>");
    raw.send(&request[..request.len() - 3]).await;
    raw.stream.shutdown().await.unwrap();
    assert!(
        raw.message()
            .await
            .is_none_or(|answer| answer.status() == 400)
    );
    assert_eq!(fake.count(), 0);
}

#[tokio::test]
async fn slow_peers_do_not_hold_up_others() {
    let running = serve(&Fake::echo()).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut raw = Raw::connect(&running).await;
        raw.send("POST /calc HTTP/1.1\r\nHo").await;
        slow.push(raw);
    }
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.status(), 200);
}

/// A handler that ends when it is told, and how many have begun and ended.
struct Held {
    fake: Arc<Fake>,
    release: Arc<Notify>,
    ended: Arc<AtomicUsize>,
}

fn held() -> Held {
    let release = Arc::new(Notify::new());
    let ended = Arc::new(AtomicUsize::new(0));
    let (wait, count) = (Arc::clone(&release), Arc::clone(&ended));
    let fake = Fake::new(move |message| {
        let (wait, count) = (Arc::clone(&wait), Arc::clone(&count));
        async move {
            wait.notified().await;
            count.fetch_add(1, SeqCst);
            reply(message.envelope)
        }
    });
    Held {
        fake,
        release,
        ended,
    }
}

#[tokio::test]
async fn a_handler_too_slow_is_a_fault_and_runs_on() {
    let Held {
        fake,
        release,
        ended,
    } = held();
    let options = timeouts(|timeouts| timeouts.handler = ms(50));
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    let answer = raw.answer().await;
    assert_eq!(answer.status(), 500);
    assert_eq!(
        answer.text(),
        "<fault>the operation did not end within 50ms</fault>"
    );
    assert_eq!(ended.load(SeqCst), 0);
    assert!(
        !fake.seen.lock().unwrap()[0]
            .peer
            .as_ref()
            .unwrap()
            .gone
            .is_set()
    );
    release.notify_one();
    until(|| ended.load(SeqCst) == 1).await;
    release.notify_one();
    raw.send(post("<b/>")).await;
    assert_eq!(raw.answer().await.text(), "<b/>");
}

#[tokio::test]
async fn a_handler_runs_on_when_the_server_is_dropped() {
    let Held {
        fake,
        release,
        ended,
    } = held();
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    until(|| fake.count() == 1).await;
    let gone = fake.seen.lock().unwrap()[0].peer.clone().unwrap().gone;
    assert!(!gone.is_set());
    drop(running);
    assert!(raw.is_reset().await);
    until(|| gone.is_set()).await;
    release.notify_one();
    until(|| ended.load(SeqCst) == 1).await;
}

#[tokio::test]
async fn too_many_calls_wait_then_are_refused() {
    let Held {
        fake,
        release,
        ended,
    } = held();
    let mut options = Options::server();
    options.capacity.in_flight = Some(1);
    options.capacity.queue = 1;
    let running = serve_with(&fake, options).await;
    let mut first = Raw::connect(&running).await;
    first.send(post("<a/>")).await;
    until(|| fake.count() == 1).await;
    // Of two more one waits and one is refused; which one is up to the runtime.
    let mut others = [Raw::connect(&running).await, Raw::connect(&running).await];
    for other in &mut others {
        other.send(post("<b/>")).await;
    }
    let [second, third] = &mut others;
    let (refused, waiting) = tokio::select! {
        answer = second.answer() => (answer, third),
        answer = third.answer() => (answer, second),
    };
    assert_eq!(
        (refused.status(), refused.field("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(
        refused.text(),
        "<fault>the server is busy; try again later</fault>"
    );
    assert_eq!(
        refused.field("content-type"),
        Some("text/xml; charset=utf-8")
    );
    release.notify_one();
    assert_eq!(first.answer().await.text(), "<a/>");
    until(|| fake.count() == 2).await;
    release.notify_one();
    assert_eq!(waiting.answer().await.text(), "<b/>");
    assert_eq!(ended.load(SeqCst), 2);
}

#[tokio::test]
async fn the_connection_idle_longest_makes_room() {
    let mut options = Options::server();
    options.capacity.connections = 2;
    let running = serve_with(&Fake::echo(), options).await;
    let mut raws = Vec::new();
    for _ in 0..2 {
        let mut raw = Raw::connect(&running).await;
        raw.send(post("<a/>")).await;
        raw.answer().await;
        raws.push(raw);
        tokio::time::sleep(ms(2)).await;
    }
    let mut third = Raw::connect(&running).await;
    third.send(post("<a/>")).await;
    assert_eq!(third.answer().await.status(), 200);
    assert!(raws[0].is_over().await);
    raws[1].send(post("<a/>")).await;
    assert_eq!(raws[1].answer().await.status(), 200);
}

#[tokio::test]
async fn without_room_a_connection_is_told_so() {
    let Held { fake, release, .. } = held();
    let mut options = Options::server();
    options.capacity.connections = 1;
    let running = serve_with(&fake, options).await;
    let mut busy = Raw::connect(&running).await;
    busy.send(post("<a/>")).await;
    until(|| fake.count() == 1).await;
    for _ in 0..3 {
        let mut raw = Raw::connect(&running).await;
        raw.send(post("<a/>")).await;
        let answer = raw.answer().await;
        assert_eq!(
            (answer.status(), answer.field("connection")),
            (503, Some("close"))
        );
        assert_eq!(answer.field("retry-after"), Some("1"));
        assert!(raw.is_over().await);
    }
    // One that sends nothing holds its place among the refused for a second, not for the 10 s of others.
    let begin = Instant::now();
    let mut silent = Raw::connect(&running).await;
    assert!(silent.is_over().await);
    assert!(begin.elapsed() < Options::server().timeouts.first_byte);
    release.notify_one();
    assert_eq!(busy.answer().await.status(), 200);
}

#[tokio::test]
async fn the_last_request_of_a_connection_is_announced() {
    let mut options = Options::server();
    options.capacity.requests_per_connection = Some(2);
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.field("connection"), None);
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.field("connection"), Some("close"));
    assert!(raw.is_over().await);
    let options = timeouts(|timeouts| timeouts.connection = Some(Duration::ZERO));
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.field("connection"), Some("close"));
}

#[tokio::test]
async fn an_early_answer_reaches_a_peer_that_still_sends() {
    let running = serve(&Fake::echo()).await;
    for request in [
        "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 9000000\r\n\r\n",
        "POST /calc HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: 900000\r\n\r\n",
        "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let mut raw = Raw::connect(&running).await;
        raw.send(request).await;
        raw.send(vec![b' '; 700 << 10]).await;
        assert!([413, 400].contains(&raw.answer().await.status()));
        assert!(raw.is_over().await);
    }
}

/// A reader with a small window, so that an answer does not fit into the kernel's buffers.
async fn small_reader(address: &str) -> Raw {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    Raw::of(socket.connect(address.parse().unwrap()).await.unwrap())
}

#[tokio::test]
async fn a_large_answer_reaches_a_late_reader_that_sent_more() {
    let large = bytes::Bytes::from(vec![b'x'; 4 << 20]);
    let fake = Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    });
    let mut options = Options::server();
    options.capacity.requests_per_connection = Some(1);
    let running = serve_with(&fake, options).await;
    let mut raw = small_reader(&authority(&running)).await;
    raw.send(post("<a/>") + "trailing bytes that are never read as a request")
        .await;
    until(|| fake.count() == 1).await;
    tokio::time::sleep(ms(20)).await;
    let answer = raw.answer().await;
    assert_eq!(answer.body.len(), 4 << 20);
    assert!(raw.is_over().await);
}

#[tokio::test]
async fn a_slow_reader_gets_its_answer_while_it_reads_and_loses_it_when_it_does_not() {
    let large = bytes::Bytes::from(vec![b'x'; 16 << 20]);
    let fake = Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    });
    let options = timeouts(|timeouts| {
        timeouts.write = Duration::from_secs(2);
        timeouts.idle = Some(ms(20));
    });
    let running = serve_with(&fake, options).await;
    let mut reading = small_reader(&authority(&running)).await;
    let mut stuck = small_reader(&authority(&running)).await;
    reading.send(post("<a/>")).await;
    stuck.send(post("<a/>")).await;
    // Longer than the idle time: a connection whose answer is under way is not idle.
    tokio::time::sleep(ms(60)).await;
    assert_eq!(reading.answer().await.body.len(), 16 << 20);
    until(|| stuck.stream.take_error().unwrap().is_some()).await;
    let mut read = 0;
    let mut chunk = vec![0; 1 << 20];
    while let Ok(some @ 1..) = tokio::io::AsyncReadExt::read(&mut stuck.stream, &mut chunk).await {
        read += some;
    }
    assert!(read < 16 << 20, "{read}");
}

/// A reader just above the rate could hold a large answer in memory for hours.
#[tokio::test]
async fn an_answer_as_a_whole_has_its_time() {
    let large = bytes::Bytes::from(vec![b'x'; 16 << 20]);
    let fake = Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    });
    let options = timeouts(|timeouts| timeouts.connection = Some(ms(600)));
    let running = serve_with(&fake, options).await;
    let mut raw = small_reader(&authority(&running)).await;
    let begin = Instant::now();
    raw.send(post("<a/>")).await;
    let mut read = 0;
    let mut chunk = vec![0; 8 << 10];
    while let Ok(some @ 1..) = tokio::io::AsyncReadExt::read(&mut raw.stream, &mut chunk).await {
        read += some;
        tokio::time::sleep(ms(10)).await;
    }
    assert!(read < 16 << 20, "{read}");
    assert!(begin.elapsed() >= ms(600));
}

#[tokio::test]
async fn an_abortive_close_is_a_reset() {
    let mut options = Options::server();
    options.socket.linger = Linger::Abort;
    options.timeouts.first_byte = ms(20);
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    let error = tokio::io::AsyncReadExt::read(&mut raw.stream, &mut [0])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[derive(Debug)]
struct Panics;

impl Dispatch for Panics {
    fn dispatch(
        self: Arc<Self>,
        request: soap_core::Message,
    ) -> soap_core::transport::BoxFuture<'static, Outcome> {
        Box::pin(async move {
            assert_ne!(request.envelope, "<panic/>", "as the test wants it");
            reply(request.envelope)
        })
    }

    fn refuse(&self, _: &soap_core::Message, _: &soap_core::Fault) -> soap_core::Message {
        soap_core::Message::default()
    }
}

#[tokio::test]
async fn a_panic_in_a_connection_ends_it_alone() {
    let service: Arc<dyn Dispatch> = Arc::new(Panics);
    let server = soap_transport::Server::new(service).bind("http://127.0.0.1:0/calc");
    let running = server.start().await.unwrap();
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<panic/>")).await;
    assert!(raw.is_over().await);
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.text(), "<a/>");
    running.stop(PATIENCE).await.unwrap();
}

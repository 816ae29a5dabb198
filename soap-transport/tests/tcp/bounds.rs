//! Bounds of our server on time, size and number, and what a peer sees of them.

use std::time::{Duration, Instant};

use soap_core::{Options, transport::Outcome};
use soap_transport::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fake::{
    Fake, PATIENCE, Raw, authority, ms, refused, reply, serve_with, timeouts, until,
};

#[tokio::test]
async fn a_message_over_the_limit_gets_a_fault_that_names_it() {
    let mut options = Options::server();
    options.limits.message = 100;
    let fake = Fake::echo();
    let running = serve_with(&fake, options).await;
    let exactly = format!("<a>{}</a>", "x".repeat(93));
    let reason = refused("message bytes exceed the limit of 100");
    let mut raw = Raw::connect(&running).await;
    raw.send(format!("{exactly}\r\n{exactly}{exactly} ")).await;
    raw.expect(exactly.repeat(3)).await;
    raw.send(format!("<a>{}", "x".repeat(97))).await;
    assert_eq!(raw.rest().await, reason);
    // Comments before the root count.
    let mut raw = Raw::connect(&running).await;
    raw.send(format!("<!--{}--><a/>", "x".repeat(100))).await;
    assert_eq!(raw.rest().await, reason);
    assert_eq!(fake.count(), 3);
}

#[tokio::test]
async fn a_connection_without_a_byte_is_closed() {
    let options = timeouts(|timeouts| timeouts.first_byte = ms(50));
    let running = serve_with(&Fake::echo(), options).await;
    // White space begins nothing.
    for nothing in ["", "\r\n"] {
        let begin = Instant::now();
        let mut raw = Raw::connect(&running).await;
        raw.send(nothing).await;
        assert!(raw.is_closed().await);
        assert!(begin.elapsed() >= ms(50));
        assert!(begin.elapsed() < PATIENCE / 2);
    }
}

#[tokio::test]
async fn a_kept_connection_is_closed_after_its_idle_time() {
    let idle = ms(150);
    let options = timeouts(|timeouts| timeouts.idle = Some(idle));
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    for _ in 0..3 {
        raw.echo("<a/>").await;
    }
    let begin = Instant::now();
    assert!(raw.is_over().await);
    assert!(begin.elapsed() >= idle - ms(50), "{:?}", begin.elapsed());
}

/// White space behind a request, as gSOAP sends it, was taken for the beginning of a message: the connection was closed when a
/// message had to be there, not when its idle time was over.
#[tokio::test]
async fn white_space_does_not_end_the_idle_time() {
    let options = timeouts(|timeouts| {
        timeouts.body = ms(50);
        timeouts.body_read = ms(50);
        timeouts.idle = Some(ms(2000));
    });
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.echo("<a/>").await;
    let begin = Instant::now();
    raw.send("\r\n").await;
    // Longer than a message may take, and far from the end of the idle time.
    tokio::time::sleep(ms(150)).await;
    raw.echo("<a/>").await;
    raw.send("\r\n").await;
    assert!(raw.is_closed().await);
    assert!(begin.elapsed() >= ms(2100), "{:?}", begin.elapsed());
}

/// Sends the rest of a message a byte each `pause`, behind another or not, until the fault comes.
async fn dripped(options: Options, pause: Duration, reason: &str) {
    let fake = Fake::echo();
    let running = serve_with(&fake, options).await;
    for before in ["", "<a/>"] {
        let mut raw = Raw::connect(&running).await;
        raw.send(format!("{before}<a>")).await;
        raw.expect(before).await;
        let (mut read, mut write) = raw.stream.into_split();
        let dripping = tokio::spawn(async move {
            while write.write_all(b"x").await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        });
        let mut fault = vec![0; refused(reason).len()];
        let whole = tokio::time::timeout(PATIENCE, read.read_exact(&mut fault)).await;
        whole.unwrap().unwrap();
        assert_eq!(String::from_utf8(fault).unwrap(), refused(reason));
        assert_eq!(read.read(&mut [0]).await.unwrap(), 0);
        drop(read);
        dripping.abort();
    }
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn a_message_that_stops_is_given_up() {
    let options = timeouts(|timeouts| timeouts.body_read = ms(60));
    let reason = "reading more of the body did not end within 60ms";
    dripped(options, PATIENCE, reason).await;
}

#[tokio::test]
async fn a_message_that_drips_is_given_up() {
    let options = timeouts(|timeouts| timeouts.body = ms(60));
    dripped(options, ms(1), "reading the body did not end within 60ms").await;
}

#[tokio::test]
async fn a_message_below_the_rate_is_given_up() {
    let options = timeouts(|timeouts| timeouts.body_rate_after = ms(60));
    dripped(options, ms(1), "a body so slow did not end within 60ms").await;
}

#[tokio::test]
async fn a_handler_that_takes_too_long_costs_a_fault_and_not_the_connection() {
    let (fake, release) = Fake::held();
    let options = timeouts(|timeouts| timeouts.handler = ms(50));
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>").await;
    let reason = "the operation did not end within 50ms";
    raw.expect(refused(reason)).await;
    release.notify_one();
    release.notify_one();
    raw.send("<b/>").await;
    until(|| fake.count() == 2).await;
    release.notify_one();
    raw.expect("<b/>").await;
    assert!(raw.is_silent().await, "no late answer");
}

#[tokio::test]
async fn overload_is_a_fault_and_not_the_end_of_the_connection() {
    let (fake, release) = Fake::held();
    let mut options = Options::server();
    options.capacity.in_flight = Some(1);
    options.capacity.queue = 0;
    let running = serve_with(&fake, options).await;
    let mut first = Raw::connect(&running).await;
    first.send("<a/>").await;
    until(|| fake.count() == 1).await;
    let mut second = Raw::connect(&running).await;
    second.send("<b/><c/>").await;
    let busy = refused("the server is busy; try again later");
    second.expect(busy.repeat(2)).await;
    release.notify_one();
    first.expect("<a/>").await;
    second.send("<d/>").await;
    release.notify_one();
    second.expect("<d/>").await;
    assert_eq!(fake.texts(), ["<a/>", "<d/>"]);
}

/// A service of large answers, and a peer that asks for one and does not read it.
async fn stalled(options: Options) -> (soap_transport::Running, Raw) {
    let large = bytes::Bytes::from(vec![b'x'; 16 << 20]);
    let fake = Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    });
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::small(&running).await;
    raw.send("<a/>").await;
    (running, raw)
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_reset() {
    let options = timeouts(|timeouts| timeouts.write = ms(100));
    let (running, mut raw) = stalled(options).await;
    let mut other = Raw::connect(&running).await;
    until(|| running.counters().reset == 1).await;
    let ended = raw.stream.read_to_end(&mut Vec::new()).await;
    assert_eq!(
        ended.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
    other.send("<a/>").await;
    assert_eq!(other.stream.read_u8().await.unwrap(), b'x');
}

#[tokio::test]
async fn a_peer_that_reads_slowly_is_reset() {
    let options = timeouts(|timeouts| timeouts.connection = Some(ms(400)));
    let (_running, mut raw) = stalled(options).await;
    let begin = Instant::now();
    let mut read = 0;
    let mut chunk = vec![0; 8 << 10];
    while let Ok(some @ 1..) = raw.stream.read(&mut chunk).await {
        read += some;
        tokio::time::sleep(ms(10)).await;
    }
    assert!(read < 16 << 20, "{read}");
    assert!(begin.elapsed() >= ms(400));
}

#[tokio::test]
async fn no_room_is_a_close_and_the_connection_idle_longest_makes_some() {
    let (fake, release) = Fake::held();
    let mut options = Options::server();
    options.capacity.connections = 2;
    let running = serve_with(&fake, options).await;
    let mut idle = Raw::connect(&running).await;
    idle.send("<a/>").await;
    release.notify_one();
    idle.expect("<a/>").await;
    // As gSOAP ends its messages: it is idle all the same.
    idle.send("\r\n").await;
    assert!(idle.is_silent().await);
    let mut busy = Raw::connect(&running).await;
    busy.send("<b/>").await;
    until(|| fake.count() == 2).await;
    let mut third = Raw::connect(&running).await;
    third.send("<c/>").await;
    until(|| fake.count() == 3).await;
    assert!(idle.is_closed().await);
    // Two are busy.
    let mut fourth = Raw::connect(&running).await;
    assert!(fourth.is_closed().await);
    release.notify_one();
    release.notify_one();
    busy.expect("<b/>").await;
    third.expect("<c/>").await;
}

/// The beginning of a message behind another had no mark: its connection was taken for an idle one.
#[tokio::test]
async fn half_a_message_behind_another_does_not_make_room() {
    let fake = Fake::echo();
    let mut options = Options::server();
    options.capacity.connections = 1;
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/><b>").await;
    raw.expect("<a/>").await;
    assert!(Raw::connect(&running).await.is_closed().await);
    raw.send("</b>").await;
    raw.expect("<b></b>").await;
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
        .body_read(max)
        .body(max)
        .body_rate_after(max)
        .handler(max)
        .write(max)
        .idle(max)
        .connection(max)
        .grace(max)
        .stop(max);
    options.limits.message = usize::MAX;
    options.limits.body_rate = usize::MAX;
    options.capacity.connections = usize::MAX;
    options.capacity.requests_per_connection = Some(u64::MAX);
    options.capacity.in_flight = Some(usize::MAX);
    options.capacity.queue = usize::MAX;
    options.socket.linger = soap_core::Linger::Wait(max);
    let fake = Fake::new(|message| async move {
        tokio::task::yield_now().await;
        reply(message.envelope)
    });
    let running = serve_with(&fake, options.clone()).await;
    options.socket.linger = soap_core::Linger::Default;
    let large = format!("<a>{}</a>", "x".repeat(8 << 20));
    for pipeline in [1, 4] {
        let endpoint = soap_transport::Endpoint::new(&running.urls()[0]).options(options.clone());
        let tcp = soap_transport::tcp::TcpOptions::new().pipeline(pipeline);
        let transport = endpoint.with(tcp).transport().await.unwrap();
        for _ in 0..2 {
            let answer = crate::fake::call(&*transport, crate::fake::request(large.clone())).await;
            assert_eq!(answer.unwrap().len(), large.len());
        }
    }
    running.stop(max).await.unwrap();
}

#[tokio::test]
async fn an_accepted_message_counts_as_in_flight() {
    let fake = Fake::new(|_| async { Outcome::Accepted(Box::pin(std::future::pending())) });
    let mut options = Options::server();
    options.capacity.in_flight = Some(2);
    options.capacity.queue = 0;
    let server = Server::new(fake.dispatch_as()).bind("soap.tcp://127.0.0.1:0");
    let running = server.options(options).start().await.unwrap();
    let stream = TcpStream::connect(authority(&running)).await.unwrap();
    let mut raw = Raw::of(stream);
    raw.send("<a/>".repeat(3)).await;
    raw.expect(refused("the server is busy; try again later"))
        .await;
    assert_eq!(fake.count(), 2);
}

//! Peers that mean it no good: each gets an answer or a close as the limits say, and the others are served.

use std::{sync::Arc, time::Instant};

use proptest::prelude::*;
use soap_core::{Options, Timeouts, transport::Transport};
use soap_transport::{Endpoint, Running, tcp::TcpOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::fake::{
    Fake, PATIENCE, Raw, authority, call, ms, refused, reply, request, serve, serve_with, timeouts,
};

/// Another peer gets its answer, in time.
async fn others_are_served(running: &Running) {
    Raw::connect(running).await.echo("<well/>").await;
}

#[tokio::test]
async fn what_no_envelope_begins_with_gets_a_fault_and_a_close() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let http = "HTTP where an envelope should begin: the port takes bare envelopes";
    for (bytes, reason) in [
        ("POST / HTTP/1.1\r\nHost: a\r\n\r\n<a/>", http),
        ("GET / HTTP/1.0\r\n\r\n", http),
        ("garbage", "byte 0x67 where an envelope should begin"),
        ("\0\0\0\0", "byte 0x00 where an envelope should begin"),
        ("<\0a\0/\0>\0", "the stream is UTF-16: send UTF-8"),
        ("<!DOCTYPE a>", "a document type declaration is not allowed"),
        (
            "<!ELEMENT a>",
            "<! begins neither a comment nor a CDATA section",
        ),
        (
            "<?xml version='1.0'?>x",
            "byte 0x78 where an envelope should begin",
        ),
    ] {
        for before in ["", "<a/>\r\n"] {
            let mut raw = Raw::connect(&running).await;
            raw.send(format!("{before}{bytes}")).await;
            let expected = format!("{}{}", before.trim_end(), refused(reason));
            assert_eq!(raw.rest().await, expected, "{bytes:?}");
        }
    }
    assert_eq!(fake.count(), 8, "nothing else was executed");
}

#[tokio::test]
async fn a_tls_hello_is_closed_without_a_byte() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        .await;
    assert!(raw.is_over().await);
    others_are_served(&running).await;
}

/// Sends `begin` and then `again` without end, until the server has had enough; what it says last.
async fn endless(running: &Running, begin: &str, again: &[u8]) -> String {
    let mut raw = Raw::connect(running).await;
    raw.send(begin).await;
    let (mut read, mut write) = raw.stream.into_split();
    let again = again.repeat(1 + (16 << 10) / again.len());
    let writing = tokio::spawn(async move { while write.write_all(&again).await.is_ok() {} });
    let mut said = Vec::new();
    // The reset behind the drain may take the place of the end.
    let _ = tokio::time::timeout(PATIENCE, read.read_to_end(&mut said))
        .await
        .unwrap();
    writing.abort();
    String::from_utf8(said).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_without_end_is_cut_at_the_limit() {
    let fake = Fake::echo();
    let mut options = Options::server();
    options.limits.message = 256 << 10;
    let running = serve_with(&fake, options).await;
    let limit = refused("message bytes exceed the limit of 262144");
    for (begin, again) in [
        ("<a ", "b='c' "),
        ("<a", "a"),
        ("<a b='", "<>"),
        ("<a>", "<a>"),
        ("<a>", "x"),
        ("<a><![CDATA[", "]]"),
        ("<!--", " -"),
        ("", "<!--x-->"),
        ("<?x", "?"),
        ("<a></a", " "),
    ] {
        // Both the first message and a second one behind an answer.
        assert_eq!(
            endless(&running, begin, again.as_bytes()).await,
            limit,
            "{begin}"
        );
        let second = endless(&running, &format!("<r/>{begin}"), again.as_bytes()).await;
        assert_eq!(second, format!("<r/>{limit}"), "{begin}");
    }
    let spaces = endless(&running, "", b" \r\n\t").await;
    assert!(
        spaces.contains("white space between messages exceed"),
        "{spaces}"
    );
    assert_eq!(fake.count(), 10);
    others_are_served(&running).await;
}

#[tokio::test]
async fn half_a_message_and_a_reset() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    for half in ["", "<", "<a>", "<a/><a"] {
        for _ in 0..10 {
            let mut raw = Raw::connect(&running).await;
            raw.send(half).await;
            raw.stream.set_zero_linger().unwrap();
        }
    }
    others_are_served(&running).await;
    running.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn two_thousand_silent_connections_do_not_keep_others_out() {
    let options = timeouts(|timeouts| timeouts.grace = ms(10));
    let running = serve_with(&Fake::echo(), options).await;
    let mut silent = Vec::new();
    for number in 0..2000 {
        let mut stream = TcpStream::connect(authority(&running)).await.unwrap();
        // Some have begun something.
        stream
            .write_all(if number % 4 == 0 { b"<a>" } else { b"" })
            .await
            .unwrap();
        silent.push(stream);
    }
    others_are_served(&running).await;
    let begin = Instant::now();
    running.stop(PATIENCE).await.unwrap();
    assert!(begin.elapsed() < PATIENCE / 2, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn more_silent_connections_than_there_is_room_for_make_room() {
    let mut options = Options::server();
    options.capacity.connections = 50;
    let running = serve_with(&Fake::echo(), options).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(Raw::connect(&running).await);
    }
    others_are_served(&running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_and_slow_writers_hold_up_nobody() {
    let large = bytes::Bytes::from(format!("<a>{}</a>", "x".repeat(4 << 20)));
    let fake = Fake::new(move |message| {
        let large = large.clone();
        async move {
            match &message.envelope[..] {
                b"<large/>" => reply(large),
                _ => reply(message.envelope),
            }
        }
    });
    let options = timeouts(|timeouts| {
        timeouts.write = ms(500);
        timeouts.body = ms(500);
        timeouts.grace = ms(10);
    });
    let running = serve_with(&fake, options).await;
    let mut slow = JoinSet::new();
    for _ in 0..25 {
        let mut reader = Raw::small(&running).await;
        let mut writer = Raw::connect(&running).await;
        slow.spawn(async move {
            // Asks for more and more, and reads a byte now and then.
            while reader.stream.write_all(b"<large/>").await.is_ok() {
                tokio::time::sleep(ms(20)).await;
                let read = reader.stream.read(&mut [0]).await;
                if !matches!(read, Ok(1)) {
                    return;
                }
            }
        });
        slow.spawn(async move {
            for byte in b"<a b='".iter().chain(std::iter::repeat(&b'x')) {
                if writer.stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(ms(20)).await;
            }
        });
    }
    for _ in 0..10 {
        others_are_served(&running).await;
    }
    let ended = async { while slow.join_next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, ended)
        .await
        .expect("each of them ends");
    running.stop(PATIENCE).await.unwrap();
}

/// A peer that pipelines without reading an answer holds up itself.
#[tokio::test]
async fn a_peer_that_only_writes_is_not_read_for_ever() {
    let fake = Fake::echo();
    let mut options = timeouts(|timeouts| timeouts.write = ms(200));
    options.socket.send_buffer = Some(64 << 10);
    let running = serve_with(&fake, options).await;
    let mut raw = Raw::small(&running).await;
    let many = format!("<a>{}</a>", "x".repeat(4 << 10)).repeat(16);
    let mut written = 0;
    let writing = async {
        while raw.stream.write_all(many.as_bytes()).await.is_ok() {
            written += many.len();
        }
    };
    tokio::time::timeout(PATIENCE, writing)
        .await
        .expect("an end");
    assert!(written < 64 << 20, "{written}");
    others_are_served(&running).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, the server says something or closes, and serves others.
    #[test]
    fn any_bytes_come_to_an_end(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[<>/!?a '\"\\-\\[\\]= \r\n]{0,60}".prop_map(String::into_bytes),
    ]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let running = serve(&Fake::echo()).await;
            let mut raw = Raw::connect(&running).await;
            raw.send(&bytes).await;
            raw.end().await;
            let mut said = Vec::new();
            let end = tokio::time::timeout(PATIENCE, raw.stream.read_to_end(&mut said));
            end.await.expect("an end").expect("in good order");
            others_are_served(&running).await;
        });
    }

    /// Whatever comes back, the call ends, and no later one is told any of it.
    #[test]
    fn any_answer_ends_the_call(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "[<>/!?a '\"\\-\\[\\]= \r\n]{0,60}".prop_map(String::into_bytes),
        ],
        pipeline in 1_usize..3,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = Endpoint::new(format!("soap.tcp://{}", listener.local_addr().unwrap()));
            let endpoint = endpoint.timeouts(Timeouts::new().answer(ms(500)).body(ms(500)));
            let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
            let transport: Arc<dyn Transport> = endpoint.transport().await.unwrap();
            let peer = async {
                let mut raw = Raw::accept(&listener).await;
                raw.expect("<a/>").await;
                raw.send(&bytes).await;
                raw.end().await;
            };
            let ((), _) = tokio::join!(peer, call(&*transport, request("<a/>")));
            let peer = async {
                let mut raw = Raw::accept(&listener).await;
                raw.expect("<b/>").await;
                raw.send("<good/>").await;
                raw
            };
            let (_raw, result) = tokio::join!(peer, call(&*transport, request("<b/>")));
            assert_eq!(result.unwrap(), "<good/>");
        });
    }
}

#[tokio::test]
async fn an_endless_answer_ends_with_the_limit() {
    let (listener, endpoint) = crate::fake::listen().await;
    let limits = soap_core::Limits::client().message(256 << 10);
    for pipeline in [1, 2] {
        let endpoint = endpoint.clone().limits(limits.clone());
        let endpoint = endpoint.with(TcpOptions::new().pipeline(pipeline));
        let transport = endpoint.transport().await.unwrap();
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            raw.expect("<a/>").await;
            while raw.stream.write_all(&[b'<'; 4096]).await.is_ok() {}
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
        assert!(result.unwrap_err().is_limit());
    }
    // Nor is what comes behind an answer read without end.
    let endpoint = endpoint.with(TcpOptions::new().pipeline(2));
    let transport = endpoint.transport().await.unwrap();
    let peer = async {
        let mut raw = Raw::accept(&listener).await;
        raw.expect("<a/>").await;
        raw.send("<b/><a ").await;
        while raw.stream.write_all(&[b'a'; 4096]).await.is_ok() {}
    };
    let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
    assert_eq!(result.unwrap(), "<b/>");
}

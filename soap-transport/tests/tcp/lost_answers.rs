//! Answers that the peer reads late, or that are written before its request was read: none is lost (CL-1, CL-2).

use std::sync::Arc;

use soap_core::{FaultOrigin, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fake::{Fake, PATIENCE, Raw, authority, fault, ms, refused, reply, serve, serve_with};

const LARGE: usize = 4 << 20;

/// A service of answers of 4 MB.
fn large() -> Arc<Fake> {
    let large = bytes::Bytes::from(format!("<a>{}</a>", "x".repeat(LARGE - 7)));
    Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    })
}

/// As many times as told, 8 at a time: a request with `trailing` bytes behind it whose answer is read late, a connection each.
async fn read_late(times: usize, scheme_half_closes: bool, trailing: &'static str) {
    let mut options = Options::server();
    // What trails is then never read as a request: the connection ends with bytes of the peer unread.
    options.capacity.requests_per_connection = Some(1);
    let running = serve_with(&large(), options).await;
    let mut peers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let address = authority(&running);
        peers.spawn(async move {
            for _ in 0..times / 8 {
                let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
                let mut raw = Raw::of(stream);
                raw.send(format!("<r/>{trailing}")).await;
                if scheme_half_closes {
                    raw.end().await;
                }
                tokio::time::sleep(ms(5)).await;
                let mut answer = Vec::with_capacity(LARGE + 1);
                let read = tokio::time::timeout(PATIENCE, raw.stream.read_to_end(&mut answer));
                read.await.expect("in time").expect("no reset");
                assert_eq!(answer.len(), LARGE);
            }
        });
    }
    while let Some(ended) = peers.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cl_1_a_large_answer_is_read_whole_however_late() {
    read_late(32, false, "\r\n").await;
    read_late(32, true, "\r\n").await;
    read_late(32, true, "<trailing/>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cl_1_a_thousand_large_answers_of_a_thousand_are_read_whole() {
    read_late(1000, false, "<trailing/>").await;
}

/// Writes `rest` for as long as the server takes it, and only then reads.
async fn still_writing(raw: Raw, rest: &[u8], expected: &str) {
    let (mut read, mut write) = raw.stream.into_split();
    write.write_all(rest).await.unwrap();
    let mut answer = vec![0; expected.len()];
    let whole = tokio::time::timeout(PATIENCE, read.read_exact(&mut answer)).await;
    whole.unwrap().unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
    assert_eq!(read.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn cl_2_one_who_still_writes_gets_the_fault() {
    let mut options = Options::server();
    options.limits.message = 1000;
    let running = serve_with(&Fake::echo(), options).await;
    let rest = vec![b'x'; 1 << 20];
    let large = format!("<a>{}", "x".repeat(1000));
    for (begin, reason) in [
        (&*large, "message bytes exceed the limit of 1000"),
        ("<!DOCTYPE a>", "a document type declaration is not allowed"),
        ("hello", "byte 0x68 where an envelope should begin"),
    ] {
        let mut raw = Raw::connect(&running).await;
        raw.send(begin).await;
        // Most of it is written after the server has said all it has to say.
        let told = tokio::time::timeout(PATIENCE, raw.stream.peek(&mut [0])).await;
        assert_eq!(told.unwrap().unwrap(), 1);
        still_writing(raw, &rest[..(1 << 20) - 1000], &refused(reason)).await;
    }
}

#[tokio::test]
async fn cl_2_what_is_pipelined_behind_a_last_answer_does_not_destroy_it() {
    let fake = Fake::new(|message| async move {
        match message.envelope.len() {
            4 => fault(FaultOrigin::UnknownOperation),
            _ => reply(message.envelope),
        }
    });
    let running = serve(&fake).await;
    for _ in 0..20 {
        let mut raw = Raw::connect(&running).await;
        raw.send("<good/><x/>").await;
        still_writing(raw, &b"<more/>".repeat(50_000), "<good/><fault/>").await;
    }
}

/// It stops being read after a while: nobody writes for ever.
#[tokio::test]
async fn cl_2_the_drain_is_bounded() {
    let mut options = Options::server();
    options.limits.message = 10;
    options.socket.linger = soap_core::Linger::Wait(ms(200));
    let running = serve_with(&Fake::echo(), options).await;
    for chunk in [1 << 16, 1] {
        let mut raw = Raw::connect(&running).await;
        let chunk = vec![b'<'; chunk];
        let writing = async {
            while raw.stream.write_all(&chunk).await.is_ok() {
                tokio::time::sleep(ms(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, writing)
            .await
            .expect("an end");
    }
}

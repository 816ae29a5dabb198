//! Answers that the peer reads late, with bytes behind its request that nobody reads: none is lost (CL-1, CL-2).

use std::time::Duration;

use bytes::Bytes;
use soap_core::Options;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

use crate::fake::{Fake, PATIENCE, authority, reply, serve_with};

const LARGE: usize = 4 << 20;

/// As many times as told, 8 at a time: a request with `trailing` bytes behind it whose answer of 4 MB is read late, a connection
/// each.
async fn read_late(times: usize, trailing: &'static str) {
    let large = Bytes::from(format!("<a>{}</a>", "x".repeat(LARGE - 7)));
    let fake = Fake::new(move |_| {
        let large = large.clone();
        async move { reply(large) }
    });
    let mut options = Options::server();
    // What trails is then never read as a request: the connection ends with bytes of the peer unread.
    options.capacity.requests_per_connection = Some(1);
    let running = serve_with(&fake, options).await;
    let mut peers = JoinSet::new();
    for _ in 0..8 {
        let address = authority(&running);
        peers.spawn(async move {
            for _ in 0..times / 8 {
                let mut stream = TcpStream::connect(&address).await.unwrap();
                let request = format!(
                    "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<r/>{trailing}"
                );
                stream.write_all(request.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
                let mut answer = Vec::with_capacity(LARGE + 1024);
                let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
                read.expect("in time").expect("no reset");
                assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
                let head = answer.windows(4).position(|end| end == b"\r\n\r\n");
                assert_eq!(answer.len() - head.unwrap() - 4, LARGE);
            }
        });
    }
    while let Some(ended) = peers.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cl_1_a_large_answer_is_read_whole_however_late() {
    read_late(32, "\r\n").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cl_1_a_thousand_large_answers_of_a_thousand_are_read_whole() {
    read_late(1000, "POST /calc HTTP/1.1\r\n").await;
}

//! Bytes to our server and its answers, each checked for what must never be sent.

use std::{future::Future, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Answer, never_emit};

/// Longer than anything takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for what must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// A connection to our server.
pub struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
    gzip: bool,
}

impl Wire {
    pub async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await;
        Self {
            stream: stream.expect("connects"),
            received: Vec::new(),
            gzip: false,
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        let head = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        self.gzip |= head.contains("accept-encoding: gzip");
        soon(self.stream.write_all(bytes)).await.expect("writes");
    }

    /// Nothing more will be sent.
    pub async fn half_close(&mut self) {
        // The server may have closed already.
        let _ = self.stream.shutdown().await;
    }

    /// The next message of the server, interim ones (1xx) included; `None` when it has closed.
    pub async fn next(&mut self) -> Option<Answer> {
        loop {
            if let Some(answer) = take(&mut self.received) {
                if answer.status >= 200 {
                    never_emit::check_answer(&answer, self.gzip);
                }
                return Some(answer);
            }
            // A reset after the answer is the server's right where the request was cut.
            let read = soon(self.stream.read_buf(&mut self.received)).await;
            if read.unwrap_or(0) == 0 {
                let rest = String::from_utf8_lossy(&self.received);
                assert!(rest.is_empty(), "an answer is cut: {rest}");
                return None;
            }
        }
    }

    /// The next answer that is not an interim one.
    pub async fn answer(&mut self) -> Answer {
        loop {
            let answer = self.next().await.expect("an answer");
            if answer.status >= 200 {
                return answer;
            }
        }
    }
}

/// Takes a whole message from the front of `bytes`.
fn take(bytes: &mut Vec<u8>) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).expect("an ASCII head");
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .expect("a status line");
    let header = |line: &str| {
        let (name, value) = line.split_once(':').expect("a header");
        (name.to_owned(), value.trim().to_owned())
    };
    let mut answer = Answer {
        status,
        headers: lines.map(header).collect(),
        body: Vec::new(),
    };
    let length = match answer.header("content-length") {
        Some(length) => length.parse().expect("a number"),
        None => 0,
    };
    if bytes.len() < end + 4 + length {
        return None;
    }
    answer.body = bytes[end + 4..end + 4 + length].to_vec();
    bytes.drain(..end + 4 + length);
    Some(answer)
}

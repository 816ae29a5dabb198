//! Clients that call without a pause, as long as a test wants.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

use crate::{
    harness::{ADD, envelope11},
    process::port_of,
    victim::PATIENCE,
};

/// What became of the calls.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    stop: AtomicBool,
    pub(crate) answered: AtomicUsize,
    /// Connections that the kernel took, for a server or for its backlog.
    pub(crate) connected: AtomicUsize,
    /// Connections that were refused: nobody listens.
    pub(crate) refused: AtomicUsize,
    /// Connections that were taken, but ended before an answer: why.
    pub(crate) failed: Mutex<Vec<Failure>>,
}

/// A connection that ended without the answer to its last request.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: std::io::Error,
    /// That it had given before.
    pub(crate) answers: usize,
}

impl Failure {
    /// True of a connection that was reset in place of its first answer.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_at_once(&self) -> bool {
        use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
        self.answers == 0 && [BrokenPipe, ConnectionReset].contains(&self.error.kind())
    }
}

/// Clients at work.
pub(crate) struct Pressure {
    pub(crate) tally: Arc<Tally>,
    clients: JoinSet<()>,
}

impl Pressure {
    /// For each URL this many clients. Those of http keep their connections as long as the server lets them; others, which are not
    /// told when a connection ends, have a new one for each call.
    pub(crate) fn on(urls: &[String], clients: usize) -> Self {
        let mut pressure = Self {
            tally: Arc::default(),
            clients: JoinSet::new(),
        };
        for url in urls {
            for _ in 0..clients {
                let client = Client::of(url, &pressure.tally);
                pressure.clients.spawn(client.run());
            }
        }
        pressure
    }

    /// Waits for this many answers more.
    pub(crate) async fn answers(&self, more: usize) {
        let enough = self.tally.answered.load(SeqCst) + more;
        let waiting = async {
            while self.tally.answered.load(SeqCst) < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "no more answers: {:?}", self.tally);
    }

    /// Ends it, with the last answers.
    pub(crate) async fn end(self) -> Arc<Tally> {
        self.tally.stop.store(true, SeqCst);
        let ended = timeout(PATIENCE, self.clients.join_all()).await;
        ended.expect("every client ends");
        self.tally
    }
}

struct Client {
    port: u16,
    request: String,
    keeps: bool,
    tally: Arc<Tally>,
}

impl Client {
    fn of(url: &str, tally: &Arc<Tally>) -> Self {
        let keeps = url.starts_with("http:");
        Self {
            port: port_of(url),
            request: if keeps { post() } else { envelope11(ADD) },
            keeps,
            tally: Arc::clone(tally),
        }
    }

    async fn run(self) {
        while !self.tally.stop.load(SeqCst) {
            let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)).await else {
                self.tally.refused.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            self.tally.connected.fetch_add(1, SeqCst);
            let mut answers = 0;
            loop {
                match call(&mut stream, self.request.as_bytes()).await {
                    Ok(answer) => {
                        self.tally.answered.fetch_add(1, SeqCst);
                        answers += 1;
                        if !self.keeps || is_last(&answer) || self.tally.stop.load(SeqCst) {
                            break;
                        }
                    }
                    Err(error) => {
                        let mut failed = self.tally.failed.lock().expect("no panic");
                        failed.push(Failure { error, answers });
                        break;
                    }
                }
            }
        }
    }
}

/// A request to add, over HTTP.
pub(crate) fn post() -> String {
    let body = envelope11(ADD);
    let length = body.len();
    format!(
        "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends a request and reads its answer to the end.
pub(crate) async fn call(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"Envelope>") {
        let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await??;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let text = String::from_utf8_lossy(&answer);
    assert!(text.contains(">3.75<"), "{text}");
    Ok(answer)
}

/// True if the server says that it closes the connection.
fn is_last(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    text.contains("\r\nconnection: close\r\n")
}

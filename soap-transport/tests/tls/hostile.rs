//! Peers that mean a server under TLS no good: each is answered or let go in time, and others are served meanwhile.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use soap_core::{Capacity, Options, SocketOptions, Timeouts, transport::Dispatch};
use soap_transport::{
    Running, Server,
    tls::{Alpn, ClientTls, ServerTls, TlsStream},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    authority::Authority,
    peers::{TIME, provider},
    schemes::{Echo, authority, call, transport},
};

/// What is at once although the machine is busy: less than the bounds on time, of which the shortest is 10 s.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(8);
/// A bound on time that is waited for.
const SHORT: Duration = Duration::from_millis(200);
pub(crate) const SECURE: [&str; 2] = ["https://127.0.0.1:0/calc", "soap.tls://127.0.0.1:0/calc"];

/// A server under attack, and who calls it all the time.
struct Victim {
    running: Running,
    client: ClientTls,
}

impl Victim {
    async fn new(timeouts: Timeouts) -> Self {
        let mut options = Options::server();
        options.timeouts = timeouts;
        Self::with(&SECURE, options).await
    }

    async fn with(urls: &[&str], options: Options) -> Self {
        let ours = Authority::new("ours");
        let server = Server::new(Arc::new(Echo::default()) as Arc<dyn Dispatch>);
        let server = urls.iter().fold(server, |server, &url| server.bind(url));
        let tls = ServerTls::new(ours.issue(&["127.0.0.1"]).identity());
        let running = server.options(options.with(tls)).start().await.unwrap();
        Self {
            running,
            client: ClientTls::new().roots(ours.roots()),
        }
    }

    fn urls(&self) -> &[String] {
        self.running.urls()
    }

    /// A connection without TLS.
    async fn connect(&self, url: &str) -> TcpStream {
        TcpStream::connect(authority(url)).await.unwrap()
    }

    /// A connection after the handshake.
    async fn open(&self, url: &str) -> TlsStream<TcpStream> {
        let io = self.connect(url).await;
        let alpn = if url.starts_with("https") {
            Alpn::Http1
        } else {
            Alpn::None
        };
        self.client
            .connect("127.0.0.1", io, alpn, TIME)
            .await
            .unwrap()
    }

    /// Others are served at once, on new connections.
    async fn serves_others(&self) {
        for url in self.urls() {
            let calling = async { call(&transport(url, &self.client).await).await };
            let answer = timeout(AT_ONCE, calling).await.expect("served at once");
            answer.unwrap();
        }
    }
}

/// What a server sends until it ends the connection.
async fn ended(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let reading = timeout(AT_ONCE, stream.read_to_end(&mut answer));
    // Reset or closed, it is over.
    let _ = reading.await.expect("the connection ends");
    answer
}

/// The first flight of a client.
fn hello() -> Vec<u8> {
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = "127.0.0.1".try_into().unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

/// A record of TLS 1.2 and 1.3.
pub(crate) fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3][..], &length, content].concat()
}

/// True if all of it is alerts, or nothing.
fn is_alert(bytes: &[u8]) -> bool {
    bytes.is_empty() || (bytes[0] == 21 && bytes.len() == 7)
}

#[tokio::test]
async fn what_is_no_handshake_is_refused_at_once() {
    let victim = Victim::new(Timeouts::new()).await;
    let garbage: Vec<u8> = (0..4096_u32).map(|i| (i * 31 % 251) as u8).collect();
    let zeros = vec![0; 1 << 20];
    let whole = hello();
    let mut version = whole.clone();
    version[1] = 9;
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"POST /calc HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n<a/>\n",
        b"<?xml version='1.0'?><a/>",
        b"<a/>  ",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10",
        &garbage,
        &zeros,
        &version,
        &record(22, &[]),
        &record(23, b"data before a handshake"),
        &record(20, &[1]),
        &record(21, &[2, 40]),
        &record(22, b"\x0b\0\0\x03\0\0\0"),
        &record(22, b"\x01\0\0\x02\x03\x03"),
        &[&[22, 3, 3, 0xff, 0xff][..], &zeros].concat(),
    ] {
        for url in victim.urls() {
            let mut stream = victim.connect(url).await;
            // The server may have closed before it is all written.
            let _ = stream.write_all(bytes).await;
            let answer = ended(&mut stream).await;
            let start = &bytes[..bytes.len().min(20)];
            assert!(is_alert(&answer), "{start:?}: {answer:?}");
        }
    }
    victim.serves_others().await;
}

#[tokio::test]
async fn a_handshake_on_a_plain_port_is_answered_at_once() {
    let urls = [
        "http://127.0.0.1:0/calc",
        "soap.tcp://127.0.0.1:0",
        "https://127.0.0.1:0/calc",
    ];
    let victim = Victim::with(&urls, Options::server()).await;
    for (url, answered) in victim.urls().iter().zip(["HTTP/1.1 400", ""]) {
        let mut stream = victim.connect(url).await;
        stream.write_all(&hello()).await.unwrap();
        let answer = ended(&mut stream).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with(answered), "{url}: {answer}");
        assert_eq!(answer.is_empty(), answered.is_empty(), "{url}: {answer}");
    }
}

#[tokio::test]
async fn a_handshake_that_stalls_is_let_go() {
    let victim = Victim::new(Timeouts::new().tls(SHORT)).await;
    let hello = hello();
    for url in victim.urls() {
        for sent in [0, 1, 5, hello.len() / 2, hello.len()] {
            let start = Instant::now();
            let mut stream = victim.connect(url).await;
            stream.write_all(&hello[..sent]).await.unwrap();
            let answer = ended(&mut stream).await;
            assert!(
                start.elapsed() >= SHORT,
                "{sent} bytes: {:?}",
                start.elapsed()
            );
            assert_eq!(answer.is_empty(), sent < hello.len(), "{sent} bytes");
        }
    }
}

#[tokio::test]
async fn a_handshake_that_drips_is_let_go() {
    let victim = Victim::new(Timeouts::new().tls(SHORT)).await;
    let hello = hello();
    for url in victim.urls() {
        let (mut reading, mut writing) = victim.connect(url).await.into_split();
        let dripping = async {
            let mut ticks = tokio::time::interval(SHORT / 10);
            for byte in &hello {
                ticks.tick().await;
                if writing.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
        };
        let ending = async { while reading.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {} };
        let over = async {
            tokio::select! { () = dripping => {}, () = ending => {} }
        };
        let start = Instant::now();
        timeout(AT_ONCE, over).await.expect("it is let go");
        let time = start.elapsed();
        assert!(
            time < SHORT / 10 * u32::try_from(hello.len()).unwrap(),
            "{time:?}"
        );
    }
}

#[tokio::test]
async fn silence_after_the_handshake_ends_in_close_notify() {
    let victim = Victim::new(Timeouts::new().first_byte(SHORT)).await;
    for url in victim.urls() {
        let mut stream = victim.open(url).await;
        let read = timeout(AT_ONCE, stream.read(&mut [0; 16])).await;
        // Without close_notify it would be an error.
        assert_eq!(read.expect("it is let go").unwrap(), 0, "{url}");
    }
}

#[tokio::test]
async fn garbage_after_the_handshake_ends_the_connection_at_once() {
    let victim = Victim::new(Timeouts::new()).await;
    let noise = vec![0x5a; 1000];
    for url in victim.urls() {
        for bytes in [
            record(23, &noise),
            record(23, &[]),
            record(22, &noise),
            record(20, &noise),
            record(99, &noise),
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            [&[23, 3, 3, 0xff, 0xff][..], &noise].concat(),
        ] {
            let stream = victim.open(url).await;
            assert_eq!(stream.get_ref().try_write(&bytes).unwrap(), bytes.len());
            let mut stream = stream;
            let ending =
                async { while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {} };
            timeout(AT_ONCE, ending).await.expect("it ends");
        }
    }
    victim.serves_others().await;
}

#[tokio::test]
async fn a_handshake_message_without_end_is_cut() {
    let victim = Victim::new(Timeouts::new()).await;
    let mut first = vec![0; 1 << 14];
    first[..4].copy_from_slice(&[1, 0xff, 0xff, 0xff]);
    let (first, next) = (record(22, &first), record(22, &vec![0; 1 << 14]));
    for url in victim.urls() {
        let mut stream = victim.connect(url).await;
        let mut sent = 0;
        let sending = async {
            if stream.write_all(&first).await.is_err() {
                return;
            }
            while sent < 64 << 20 && stream.write_all(&next).await.is_ok() {
                sent += next.len();
            }
        };
        timeout(AT_ONCE, sending).await.expect("it is cut");
        let answer = ended(&mut stream).await;
        assert!(is_alert(&answer), "{answer:?}");
        assert!(sent < 16 << 20, "{sent}");
    }
    victim.serves_others().await;
}

#[tokio::test]
async fn a_client_that_never_reads_is_let_go() {
    let mut options = Options::server();
    options.timeouts = Timeouts::new().write(SHORT);
    options.socket = SocketOptions::new().send_buffer(64 << 10);
    let victim = Victim::with(&SECURE, options).await;
    let envelope = format!("<a>{}</a>", "x".repeat(1 << 20));
    let post = format!(
        "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\nContent-Length: {}\r\n\r\n{envelope}",
        envelope.len()
    );
    for (url, request) in victim.urls().iter().zip([&post, &envelope]) {
        let mut stream = victim.open(url).await;
        let sending = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
        let start = Instant::now();
        timeout(TIME, sending).await.expect("it is let go");
        assert!(start.elapsed() >= SHORT, "{url}");
    }
    victim.serves_others().await;
}

#[tokio::test]
async fn half_open_handshakes_do_not_keep_others_out() {
    const MANY: usize = 500;
    let victim = Victim::new(Timeouts::new()).await;
    victim.serves_others().await;
    let before = memory();
    let hello = hello();
    let mut open = Vec::new();
    for index in 0..MANY {
        let mut stream = victim.connect(&victim.urls()[index % 2]).await;
        let sent = [0, 5, hello.len() - 1, hello.len()][index / 2 % 4];
        stream.write_all(&hello[..sent]).await.unwrap();
        open.push(stream);
        if index % 100 == 99 {
            victim.serves_others().await;
        }
    }
    victim.serves_others().await;
    if let (Some(before), Some(after)) = (before, memory()) {
        let each = after.saturating_sub(before) / MANY;
        assert!(each < 64, "{each} KiB for each handshake");
    }
}

/// Both sides' memory, in KiB, where the system tells it.
fn memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[tokio::test]
async fn half_open_handshakes_lose_their_place_to_others() {
    let mut options = Options::server();
    options.capacity = Capacity::new().connections(20);
    let victim = Victim::with(&SECURE, options).await;
    let mut open = Vec::new();
    for index in 0..40 {
        open.push(victim.connect(&victim.urls()[index % 2]).await);
    }
    victim.serves_others().await;
}

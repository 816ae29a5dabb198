//! A server that answers with given bytes, for what peers put on the wire and our client must take.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};

use super::never_emit;

/// What a request looked like on the wire.
#[derive(Debug, Clone)]
pub struct Received {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What to do after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Keep,
    Close,
}

/// Serves the answers in order, over as many connections as it takes; gives the URL, and the requests in the end. Each request is
/// checked for what must never be sent.
pub async fn serve(answers: Vec<(Vec<u8>, Then)>) -> (String, JoinHandle<Vec<Received>>) {
    start(answers, drop).await
}

/// The same, and tells of each connection when its end has reached the client.
pub async fn serve_and_tell(
    answers: Vec<(Vec<u8>, Then)>,
) -> (String, JoinHandle<Vec<Received>>, UnboundedReceiver<()>) {
    let (closed, tell) = unbounded_channel();
    let end = move |stream| {
        close(stream);
        // Nobody may be interested.
        let _ = closed.send(());
    };
    let (url, task) = start(answers, end).await;
    (url, task, tell)
}

async fn start(
    answers: Vec<(Vec<u8>, Then)>,
    end: impl Fn(TcpStream) + Send + 'static,
) -> (String, JoinHandle<Vec<Received>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let url = format!("http://{}/calc", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let mut received = Vec::new();
        let mut answers = answers.into_iter().peekable();
        while answers.peek().is_some() {
            let (mut stream, _) = listener.accept().await.expect("accepts");
            while let Some(request) = read_request(&mut stream).await {
                never_emit::check_request(&request.headers, &request.body);
                received.push(request);
                let Some((answer, then)) = answers.next() else {
                    break;
                };
                stream.write_all(&answer).await.expect("writes");
                if then == Then::Close || answers.peek().is_none() {
                    break;
                }
            }
            end(stream);
        }
        received
    });
    (url, task)
}

/// Closes, and returns when the FIN has reached the other end, be it read or not.
fn close(stream: TcpStream) {
    #[expect(deprecated, reason = "that it blocks until then is what is wanted")]
    let waiting = stream.set_linger(Some(Duration::from_secs(10)));
    waiting.expect("lingers");
}

/// An HTTP answer with a Content-Length.
pub fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    format!("{head}\r\n{body}").into_bytes()
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).expect("an ASCII head");
    let mut lines = head.split("\r\n").map(str::to_owned);
    let line = lines.next().expect("a request line");
    let header = |line: String| {
        line.split_once(": ")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .expect("a Content-Length");
    let length: usize = length.1.parse().expect("a number");
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received {
        line,
        headers,
        body,
    })
}

//! The calculator under attack: what must be refused without an execution, and what must be answered.

use std::{future::Future, sync::atomic::Ordering, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) use soapstone::{Limits, Server, SoapVersion, server::Running};

use crate::harness::{Answer, Calculator, contract::CalcServer, never_emit, port};

/// Longer than anything takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const BOTH: [SoapVersion; 2] = [SoapVersion::Soap11, SoapVersion::Soap12];

/// What `future` gives, which must not take long.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("ends in time")
}

/// Namespace of the Envelope.
pub(crate) fn namespace(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::Soap12 => "http://www.w3.org/2003/05/soap-envelope",
        _ => "http://schemas.xmlsoap.org/soap/envelope/",
    }
}

/// Media type of the version.
pub(crate) fn media_type(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::Soap12 => "application/soap+xml",
        _ => "text/xml",
    }
}

/// Code of a fault that says the caller is to blame.
pub(crate) fn sender(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::Soap12 => "Sender",
        _ => "Client",
    }
}

/// An Envelope with `header` as the blocks of its Header and `body` in its Body.
pub(crate) fn envelope(version: SoapVersion, header: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"{}\" xmlns:c=\"http://example.org/calc\"><e:Header>{header}</e:Header>\
         <e:Body>{body}</e:Body></e:Envelope>",
        namespace(version)
    )
}

/// A request to add 1.5 and 2.25.
pub(crate) fn valid(version: SoapVersion) -> String {
    envelope(version, "", crate::harness::ADD)
}

/// The valid request with `from` replaced by `to`.
pub(crate) fn changed(version: SoapVersion, from: &str, to: &str) -> String {
    let valid = valid(version);
    assert!(valid.contains(from), "{from} is in the valid request");
    valid.replacen(from, to, 1)
}

/// The valid request with `content` in an element that nobody knows.
pub(crate) fn skipped(version: SoapVersion, content: &str) -> String {
    let ignored = format!("<c:ignored>{content}</c:ignored></c:Add>");
    changed(version, "</c:Add>", &ignored)
}

/// An HTTP request with these header lines, a Host and a Content-Length.
pub(crate) fn request(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!(
        "POST /calc HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What a fault says.
#[derive(Debug)]
pub(crate) struct FaultSeen {
    /// Local name of its code.
    pub(crate) code: String,
    pub(crate) reason: String,
    pub(crate) envelope: String,
}

impl FaultSeen {
    pub(crate) fn of(answer: &Answer, version: SoapVersion) -> Self {
        let (code, reason) = match version {
            SoapVersion::Soap12 => ("Value", "Text"),
            _ => ("faultcode", "faultstring"),
        };
        let envelope = answer.text();
        assert!(envelope.contains(namespace(version)), "{envelope}");
        let code = answer.value(code).expect("a fault code");
        let (_, code) = code.split_once(':').expect("a prefix");
        Self {
            code: code.to_owned(),
            reason: answer.value(reason).expect("a reason"),
            envelope,
        }
    }

    /// The caller's fault, whose reason holds `expected`.
    #[track_caller]
    pub(crate) fn blames(&self, version: SoapVersion, expected: &str) {
        assert_eq!(self.code, sender(version), "{self:?}");
        assert!(self.reason.contains(expected), "{expected:?}: {self:?}");
    }
}

pub(crate) struct Victim {
    pub(crate) running: Running,
    pub(crate) calculator: Calculator,
    pub(crate) port: u16,
}

impl Victim {
    pub(crate) async fn start() -> Self {
        Self::start_with(|server| server).await
    }

    pub(crate) async fn start_with(adapt: impl FnOnce(Server) -> Server) -> Self {
        let calculator = Calculator::default();
        let server = Server::new(CalcServer::new(calculator.clone()));
        let server = adapt(server.bind("http://127.0.0.1:0/calc"));
        let running = server.start().await.expect("the calculator starts");
        Self {
            port: port(&running),
            running,
            calculator,
        }
    }

    /// Behind soap.tcp in place of HTTP: only what goes by bytes has a meaning there.
    pub(crate) async fn on_stream() -> Self {
        let calculator = Calculator::default();
        let server = Server::new(CalcServer::new(calculator.clone()));
        let running = server.bind("soap.tcp://127.0.0.1:0").start().await;
        let running = running.expect("the calculator starts");
        Self {
            port: port(&running),
            running,
            calculator,
        }
    }

    /// Executions since this was asked last.
    pub(crate) fn ran(&self) -> usize {
        self.calculator.executed.swap(0, Ordering::SeqCst)
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        soon(TcpStream::connect(("127.0.0.1", self.port)))
            .await
            .expect("connects")
    }

    /// Sends bytes, ends its side and gives the answers, each checked for what must never be sent. The server may close before it
    /// has taken all.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Vec<Answer> {
        let (mut reading, mut writing) = self.connect().await.into_split();
        let mut received = Vec::new();
        let write = async {
            let _ = writing.write_all(bytes).await;
            let _ = writing.shutdown().await;
        };
        let read = async {
            let _ = reading.read_to_end(&mut received).await;
        };
        soon(async { tokio::join!(write, read) }).await;
        let answers = parse(&received);
        answers
            .iter()
            .for_each(|answer| never_emit::check_answer(answer, false));
        answers
    }

    /// Posts `body` with these header lines.
    pub(crate) async fn post_as(&self, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        let answers = self.send(&request(headers, body.as_ref())).await;
        answers.into_iter().next().expect("an answer")
    }

    /// Posts `body` with the media type of `version` and no charset.
    pub(crate) async fn post(&self, version: SoapVersion, body: impl AsRef<[u8]>) -> Answer {
        self.post_as(&[("Content-Type", media_type(version))], body)
            .await
    }

    /// Posts what must get a fault and must not be executed.
    pub(crate) async fn refused(&self, version: SoapVersion, body: impl AsRef<[u8]>) -> FaultSeen {
        let body = body.as_ref();
        let answer = self.post(version, body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(600)]);
        assert_eq!(answer.status, 500, "{shown}\n{answer:?}");
        assert_eq!(self.ran(), 0, "executed: {shown}");
        FaultSeen::of(&answer, version)
    }

    /// Posts what must be answered with the sum of 1.5 and 2.25.
    pub(crate) async fn answered(&self, version: SoapVersion, body: impl AsRef<[u8]>) {
        let answer = self.post(version, body).await;
        self.added(&answer);
    }

    /// The sum has come, after one execution.
    #[track_caller]
    pub(crate) fn added(&self, answer: &Answer) {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.value("AddResult").as_deref(), Some("3.75"));
        assert_eq!(self.ran(), 1);
    }

    /// Another client still gets its answers.
    pub(crate) async fn is_well(&self) {
        for version in BOTH {
            self.answered(version, valid(version)).await;
        }
    }
}

/// Splits what a server sent into answers; interim ones (1xx) are passed over.
pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = std::str::from_utf8(&bytes[..end]).expect("an ASCII head");
        bytes = &bytes[end + 4..];
        let (line, fields) = head.split_once("\r\n").unwrap_or((head, ""));
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let header = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_owned(), value.to_owned()))
        };
        let mut answer = Answer {
            status: status.expect("a status line"),
            headers: fields.split("\r\n").filter_map(header).collect(),
            body: Vec::new(),
        };
        if answer.status >= 200 {
            let length = answer.header("content-length").expect("a length");
            let length = length.parse::<usize>().expect("a number").min(bytes.len());
            answer.body = bytes[..length].to_vec();
            bytes = &bytes[length..];
            answers.push(answer);
        }
    }
    answers
}

//! What the tests from outside share: the calculator of the examples, bytes to and from it, and the folder of foreign data.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test binary uses its part of it"
)]

#[path = "../../examples/calculator/contract.rs"]
pub mod contract;
pub mod never_emit;
pub mod scripted;
pub mod shape;
pub mod shared;
pub mod sockets;
pub mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use soapstone::{Server, server::Running};

use contract::{Calc, CalcFault, CalcServer, Record};
use wire::Wire;

/// The calculator, which counts how often an operation ran.
#[derive(Default, Clone)]
pub struct Calculator {
    pub executed: Arc<AtomicUsize>,
}

impl Calculator {
    fn ran(&self) {
        self.executed.fetch_add(1, Ordering::SeqCst);
    }

    pub fn executions(&self) -> usize {
        self.executed.load(Ordering::SeqCst)
    }
}

impl Calc for Calculator {
    async fn add(&self, a: f64, b: f64) -> f64 {
        self.ran();
        a + b
    }

    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault> {
        self.ran();
        if b == 0.0 {
            return Err(CalcFault::DivideFault {
                code: 7,
                text: "divide by zero".into(),
            });
        }
        Ok(a / b)
    }

    async fn echo(&self, rec: Record) -> Record {
        self.ran();
        rec
    }

    async fn notify(&self, _text: String) {
        self.ran();
    }
}

/// The calculator on a free port.
pub async fn serve() -> (Running, Calculator) {
    let calculator = Calculator::default();
    let server = Server::new(CalcServer::new(calculator.clone())).bind("http://127.0.0.1:0/calc");
    (
        server.start().await.expect("the calculator starts"),
        calculator,
    )
}

/// The port of a bound URL.
pub fn port(running: &Running) -> u16 {
    let url = running.urls()[0].to_string();
    url.rsplit_once(':')
        .and_then(|(_, rest)| rest.split('/').next()?.parse().ok())
        .expect("a port")
}

/// An answer as it came over the wire.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    /// Text of the first element of this local name.
    pub fn value(&self, local: &str) -> Option<String> {
        let text = self.text();
        let document = roxmltree::Document::parse(&text).expect("well-formed");
        let found = document
            .descendants()
            .find(|node| node.tag_name().name() == local)?;
        Some(found.text().unwrap_or_default().to_owned())
    }
}

/// Sends `bytes` and reads one answer after another until the server closes; each is checked for what must never be sent.
/// Interim answers (1xx) are passed over.
pub async fn raw(port: u16, bytes: &[u8]) -> Vec<Answer> {
    let mut wire = Wire::connect(port).await;
    wire.send(bytes).await;
    wire.half_close().await;
    let mut answers = Vec::new();
    while let Some(answer) = wire.next().await {
        answers.push(answer);
    }
    answers.retain(|answer| answer.status >= 200);
    answers
}

/// A POST of `body` with these header lines, in bytes.
pub fn request(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "POST /calc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        bytes += &format!("{name}: {value}\r\n");
    }
    [bytes.as_bytes(), b"\r\n", body].concat()
}

/// Posts `body` with these header lines; the answer is checked for what must never be sent.
pub async fn post(port: u16, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    raw(port, &request(headers, body))
        .await
        .into_iter()
        .next()
        .expect("an answer")
}

/// Posts a SOAP 1.1 envelope.
pub async fn post11(port: u16, body: &str) -> Answer {
    post(
        port,
        &[
            ("Content-Type", "text/xml; charset=utf-8"),
            ("SOAPAction", "\"\""),
        ],
        body.as_bytes(),
    )
    .await
}

/// Posts a SOAP 1.2 envelope.
pub async fn post12(port: u16, body: &str) -> Answer {
    post(
        port,
        &[("Content-Type", "application/soap+xml; charset=utf-8")],
        body.as_bytes(),
    )
    .await
}

/// `body` in an envelope of SOAP 1.1, with the prefix `c` for the calculator.
pub fn envelope11(body: &str) -> String {
    envelope(never_emit::SOAP11, body)
}

/// `body` in an envelope of SOAP 1.2, with the prefix `c` for the calculator.
pub fn envelope12(body: &str) -> String {
    envelope(never_emit::SOAP12, body)
}

fn envelope(namespace: &str, body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e=\"{namespace}\" xmlns:c=\"http://example.org/calc\"><e:Body>{body}</e:Body></e:Envelope>"
    )
}

pub const ADD: &str = "<c:Add><c:a>1.5</c:a><c:b>2.25</c:b></c:Add>";

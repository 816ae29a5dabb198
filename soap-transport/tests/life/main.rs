//! The life of connections: sockets that were inherited, what is counted, what is told.

#![cfg(all(feature = "http", feature = "tcp"))]

#[path = "../http/fake.rs"]
#[allow(dead_code, reason = "shared with the tests of http")]
mod fake;

mod counters;
mod events;
mod inherit;

use soap_transport::Running;
use tokio::net::TcpStream;

/// A scheme, and a request in it.
#[derive(Debug, Clone, Copy)]
struct Way {
    scheme: &'static str,
    request: fn() -> String,
}

const WAYS: [Way; 2] = [
    Way {
        scheme: "http",
        request: || fake::post("<a/>"),
    },
    Way {
        scheme: "soap.tcp",
        request: || "<a/>".to_owned(),
    },
];

impl Way {
    /// A URL at `authority`.
    fn url(self, authority: &str) -> String {
        match self.scheme {
            "http" => format!("http://{authority}/calc"),
            scheme => format!("{scheme}://{authority}"),
        }
    }
}

/// `host:port` of the first URL.
fn authority(running: &Running) -> &str {
    let (_, rest) = running.urls()[0].split_once("://").unwrap();
    rest.split('/').next().unwrap()
}

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(authority(running)).await.unwrap()
}

/// Calls, and reads the answer to its end.
async fn call(stream: &mut TcpStream, way: Way) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all((way.request)().as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"<a/>") {
        let reading = tokio::time::timeout(fake::PATIENCE, stream.read_buf(&mut answer));
        let read = reading.await.unwrap().unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

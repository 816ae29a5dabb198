//! The same of a connection in two schemes.

use soap_transport::Running;
use tokio::net::TcpStream;

use crate::fake;

/// A scheme, and a request in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    pub(crate) scheme: &'static str,
    pub(crate) request: fn() -> String,
}

pub(crate) const WAYS: [Way; 2] = [
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
    pub(crate) fn url(self, authority: &str) -> String {
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

pub(crate) async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(authority(running)).await.unwrap()
}

/// Calls, and reads the answer to its end.
pub(crate) async fn call(stream: &mut TcpStream, way: Way) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all((way.request)().as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"<a/>") {
        let reading = tokio::time::timeout(fake::PATIENCE, stream.read_buf(&mut answer));
        let read = reading.await.unwrap().unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

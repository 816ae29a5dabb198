//! What `docs/tcp.md` says, read from the kernel's own table of sockets. Each test listens on a loopback address of its own, so
//! that it sees no connection of another.

use std::{net::SocketAddr, sync::Arc};

use soapstone::{
    Context, Endpoint, Server,
    server::Running,
    transport::{SocketOptions, TransportError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::{Notify, mpsc},
    time::timeout,
};

use crate::{
    harness::sockets::{Socket, State, becomes},
    victim::PATIENCE,
};

mod aborts;
mod closes;
mod network;
mod options;
mod restart;
mod table;

/// Operations that show what becomes of their connections.
#[soapstone::service(namespace = "http://example.org/work")]
trait Work {
    /// The address of the caller.
    async fn caller(&self, #[soap(context)] context: &Context) -> String;

    /// A text of so many bytes.
    async fn text(&self, bytes: u32) -> String;

    /// Answers when the test lets it.
    async fn wait(&self);
}

#[derive(Default)]
struct Worker {
    started: Option<mpsc::UnboundedSender<()>>,
    release: Arc<Notify>,
}

impl Work for Worker {
    async fn caller(&self, context: &Context) -> String {
        let address = context.peer().and_then(|peer| peer.address);
        address.expect("an address").to_string()
    }

    async fn text(&self, bytes: u32) -> String {
        "x".repeat(bytes as usize)
    }

    async fn wait(&self) {
        if let Some(started) = &self.started {
            started.send(()).expect("the test listens");
        }
        self.release.notified().await;
    }
}

/// Tries to serve `worker`.
async fn start(
    worker: Worker,
    url: &str,
    socket: SocketOptions,
) -> Result<Running, TransportError> {
    let server = Server::new(WorkServer::new(worker));
    server.bind(url).socket(socket).start().await
}

/// Serves on `scheme://ip` and a free port; where that is.
async fn serve(scheme: &str, ip: &str, socket: SocketOptions) -> (Running, SocketAddr) {
    let url = format!("{scheme}://{ip}:0");
    let running = start(Worker::default(), &url, socket).await;
    let running = running.expect("starts");
    let address = address(&running);
    (running, address)
}

fn address(running: &Running) -> SocketAddr {
    let url = &running.urls()[0];
    let authority = url.split('/').nth(2).expect("an authority");
    authority.parse().expect("an address")
}

/// A client whose connections end when it is dropped.
async fn client(running: &Running, socket: SocketOptions) -> WorkClient {
    let endpoint = Endpoint::new(&running.urls()[0]).socket(socket);
    WorkClient::new(endpoint.connect().await.expect("a client"))
}

/// Calls; the address from which the call came.
async fn call(client: &WorkClient) -> SocketAddr {
    let caller = client.caller().await.expect("an answer");
    caller.parse().expect("an address")
}

/// The bytes of a call of `operation`, for a client that is no client of ours.
fn request(scheme: &str, fields: &str, operation: &str) -> String {
    let envelope = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns='http://example.org/work'><e:Body>{operation}</e:Body></e:Envelope>"
    );
    if scheme != "http" {
        return envelope;
    }
    format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n{fields}Content-Length: {}\r\n\r\n{envelope}",
        envelope.len()
    )
}

/// A connection to `server` that takes few bytes before they are read.
async fn connect(server: SocketAddr) -> (TcpStream, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(16 << 10).expect("a buffer");
    let stream = socket.connect(server).await.expect("connects");
    let local = stream.local_addr().expect("an address");
    (stream, local)
}

async fn send(stream: &mut TcpStream, request: &str) {
    stream.write_all(request.as_bytes()).await.expect("writes");
}

/// All that comes until the end of the stream.
async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut received))
        .await
        .expect("ends in time")
        .expect("an orderly end");
    received
}

/// Waits until the server's FIN is at the client, which may have ended its side since.
async fn is_closed_by(server: SocketAddr, client: SocketAddr) {
    let closed = |end: Option<&Socket>| end.is_none_or(|end| end.state == State::CloseWait);
    becomes(client, server, closed).await;
}

async fn stop(running: Running) {
    running.stop(PATIENCE).await.expect("nothing is left");
}

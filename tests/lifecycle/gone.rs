//! A caller that leaves: the handler runs on to its end, and can know as much as TCP tells.

use std::sync::Arc;

use soapstone::{Context, Server};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::{Notify, mpsc},
    time::timeout,
};

use crate::{harness::port, victim::PATIENCE};

/// An operation that takes as long as the test wants.
#[soapstone::service(namespace = "http://example.org/watch")]
trait Watch {
    /// Waits; gives whether the caller is known to have left.
    async fn wait(&self, #[soap(context)] context: &Context) -> bool;
}

struct Watcher {
    started: mpsc::UnboundedSender<Context>,
    release: Arc<Notify>,
    ended: mpsc::UnboundedSender<bool>,
}

impl Watch for Watcher {
    async fn wait(&self, context: &Context) -> bool {
        self.started
            .send(context.clone())
            .expect("the test listens");
        self.release.notified().await;
        let gone = context.peer_gone();
        self.ended.send(gone).expect("the test listens");
        gone
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Leaves {
    ByReset,
    /// As programs do; a peer that only ends its side looks the same.
    ByClose,
    Not,
}

async fn noticed(known: impl Fn() -> bool) {
    let noticed = async {
        while !known() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, noticed)
        .await
        .expect("the leaving is noticed");
}

#[tokio::test]
async fn a_handler_runs_on_when_its_peer_leaves_and_knows_it() {
    let release = Arc::new(Notify::new());
    let (started_sender, mut started) = mpsc::unbounded_channel();
    let (ended_sender, mut ended) = mpsc::unbounded_channel();
    let watcher = Watcher {
        started: started_sender,
        release: Arc::clone(&release),
        ended: ended_sender,
    };
    let server = Server::new(WatchServer::new(watcher)).bind("http://127.0.0.1:0/watch");
    let running = server.start().await.expect("starts");
    let body = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><Wait xmlns='http://example.org/watch'/></e:Body></e:Envelope>";
    let request = format!(
        "POST /watch HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for leaves in [Leaves::ByReset, Leaves::ByClose, Leaves::Not] {
        let mut stream = TcpStream::connect(("127.0.0.1", port(&running)))
            .await
            .expect("connects");
        stream.write_all(request.as_bytes()).await.expect("writes");
        let context = timeout(PATIENCE, started.recv())
            .await
            .expect("starts")
            .expect("a context");
        let gone = &context.peer().expect("a peer").gone;
        assert!(
            !gone.is_half_closed() && !context.peer_gone(),
            "the peer is still there"
        );
        match leaves {
            Leaves::ByReset => {
                stream.set_zero_linger().expect("a socket");
                drop(stream);
                noticed(|| context.peer_gone()).await;
                release.notify_one();
            }
            Leaves::ByClose => {
                drop(stream);
                noticed(|| gone.is_half_closed()).await;
                release.notify_one();
            }
            Leaves::Not => {
                release.notify_one();
                let mut status = [0; 12];
                tokio::io::AsyncReadExt::read_exact(&mut stream, &mut status)
                    .await
                    .expect("an answer");
                assert_eq!(&status, b"HTTP/1.1 200");
            }
        }
        let gone = timeout(PATIENCE, ended.recv())
            .await
            .expect("the handler ran on")
            .expect("an end");
        assert_eq!(gone, leaves == Leaves::ByReset);
    }
    running
        .stop(PATIENCE)
        .await
        .expect("nothing is left behind");
}

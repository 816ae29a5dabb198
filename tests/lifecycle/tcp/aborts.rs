//! Closing by RST, and closing so that nothing is lost.

use std::{io::ErrorKind, time::Duration};

use soapstone::transport::{CloseFirst, Linger};
use tokio::io::AsyncReadExt;

use super::*;
use crate::harness::sockets::{State::TimeWait, becomes, end, is_gone, is_in};

#[tokio::test]
async fn an_abort_leaves_no_time_wait() {
    let abort = SocketOptions::new().linger(Linger::Abort);
    for scheme in ["http", "soap.tcp"] {
        let (running, server) = serve(scheme, "127.0.22.1", SocketOptions::new()).await;
        let work = client(&running, abort.clone()).await;
        let local = call(&work).await;
        drop(work);
        is_gone(server, local).await;
        assert_eq!(end(local, server), None, "no TIME_WAIT either");
        stop(running).await;
    }
}

#[tokio::test]
async fn an_abort_loses_what_the_client_has_not_read() {
    let abort = SocketOptions::new()
        .linger(Linger::Abort)
        .close_first(CloseFirst::Server)
        .send_buffer(1_000_000);
    let (running, server) = serve("soap.tcp", "127.0.22.2", abort).await;
    let (mut stream, local) = connect(server).await;
    let operation = "<Text><bytes>300000</bytes></Text>";
    send(&mut stream, &request("soap.tcp", "", operation)).await;
    is_gone(server, local).await;
    let mut received = Vec::new();
    let error = timeout(PATIENCE, stream.read_to_end(&mut received))
        .await
        .expect("ends in time")
        .expect_err("it was reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(received.len() < 300_000, "{} bytes came", received.len());
    stop(running).await;
}

/// A close with bytes unread is an RST in most stacks: here they are taken first, for a while.
#[tokio::test]
async fn a_lingering_close_keeps_a_large_answer_though_bytes_were_unread() {
    const ANSWER: usize = 4 << 20;
    const STRAY: usize = 256 << 10;
    for linger in [Linger::Default, Linger::Wait(Duration::from_secs(5))] {
        let socket = SocketOptions::new().linger(linger);
        let (running, server) = serve("http", "127.0.22.3", socket).await;
        let (stream, local) = connect(server).await;
        let operation = format!("<Text><bytes>{ANSWER}</bytes></Text>");
        let request = request("http", "Connection: close\r\n", &operation);
        let (mut reading, mut writing) = stream.into_split();
        let sending = tokio::spawn(async move {
            let bytes = [request.as_bytes(), &[b' '; STRAY]].concat();
            writing.write_all(&bytes).await.expect("all is taken");
            writing
        });
        becomes(server, local, |end| end.is_some_and(|end| end.unread > 0)).await;
        let mut answer = Vec::new();
        timeout(PATIENCE, reading.read_to_end(&mut answer))
            .await
            .expect("ends in time")
            .expect("no reset");
        assert!(answer.len() > ANSWER && answer.ends_with(b"Envelope>"));
        drop((reading, sending.await.expect("sent")));
        is_in(TimeWait, server, local).await;
        stop(running).await;
    }
}

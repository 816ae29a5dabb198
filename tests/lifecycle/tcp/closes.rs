//! Who closes first, and the states of both ends.

use soapstone::transport::CloseFirst;
use tokio::io::AsyncReadExt;

use super::*;
use crate::harness::sockets::{
    State::{CloseWait, Established, FinWait1, FinWait2, LastAck, TimeWait},
    Timer, end, is_gone, is_in,
};

fn server_closes() -> SocketOptions {
    SocketOptions::new().close_first(CloseFirst::Server)
}

/// More than the buffers of a slow reader take, less than a server writes without waiting.
const LARGE: usize = 300_000;

fn large() -> String {
    format!("<Text><bytes>{LARGE}</bytes></Text>")
}

#[tokio::test]
async fn a_client_closes_first_and_has_time_wait() {
    for scheme in ["http", "soap.tcp", "tcp"] {
        let (running, server) = serve(scheme, "127.0.21.1", SocketOptions::new()).await;
        let work = client(&running, SocketOptions::new()).await;
        let local = call(&work).await;
        if scheme != "tcp" {
            assert_eq!(end(local, server).map(|end| end.state), Some(Established));
            assert_eq!(end(server, local).map(|end| end.state), Some(Established));
            assert_eq!(call(&work).await, local, "the connection is kept");
        }
        drop(work);
        let waiting = is_in(TimeWait, local, server).await;
        assert_eq!(waiting.timer, Timer::TimeWait);
        assert!(
            (30..=60).contains(&waiting.rings.as_secs()),
            "{:?}",
            waiting.rings
        );
        is_gone(server, local).await;
        stop(running).await;
    }
}

#[tokio::test]
async fn a_server_that_closes_first_has_time_wait() {
    for scheme in ["http", "soap.tcp"] {
        let (running, server) = serve(scheme, "127.0.21.2", server_closes()).await;
        let work = client(&running, SocketOptions::new()).await;
        let local = call(&work).await;
        is_closed_by(server, local).await;
        drop(work);
        is_in(TimeWait, server, local).await;
        is_gone(local, server).await;
        stop(running).await;
    }
}

#[tokio::test]
async fn an_http_client_that_asks_for_the_close_leaves_time_wait_to_the_server() {
    let (running, server) = serve("http", "127.0.21.3", SocketOptions::new()).await;
    let (mut stream, local) = connect(server).await;
    let request = request("http", "Connection: close\r\n", "<Caller/>");
    send(&mut stream, &request).await;
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    drop(stream);
    is_in(TimeWait, server, local).await;
    is_gone(local, server).await;
    stop(running).await;
}

#[tokio::test]
async fn a_client_that_ended_its_side_still_gets_its_answer() {
    for scheme in ["http", "soap.tcp"] {
        let (started, mut starts) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        let worker = Worker {
            started: Some(started),
            release: Arc::clone(&release),
        };
        let url = format!("{scheme}://127.0.21.4:0");
        let running = start(worker, &url, SocketOptions::new()).await;
        let running = running.expect("starts");
        let server = address(&running);
        let (mut stream, local) = connect(server).await;
        send(&mut stream, &request(scheme, "", "<Wait/>")).await;
        timeout(PATIENCE, starts.recv()).await.expect("begins");
        is_in(Established, server, local).await;

        stream.shutdown().await.expect("ends its side");
        is_in(FinWait2, local, server).await;
        is_in(CloseWait, server, local).await;

        release.notify_one();
        let answer = read_to_end(&mut stream).await;
        let answer = String::from_utf8(answer).expect("UTF-8");
        assert!(answer.contains("WaitResponse"), "{answer}");
        is_in(TimeWait, local, server).await;
        is_gone(server, local).await;
        stop(running).await;
    }
}

#[tokio::test]
async fn a_message_that_a_fin_cuts_off_is_answered_by_a_fault() {
    for scheme in ["soap.tcp", "tcp"] {
        let (running, server) = serve(scheme, "127.0.21.8", SocketOptions::new()).await;
        let (mut stream, local) = connect(server).await;
        let whole = request(scheme, "", "<Caller/>");
        send(&mut stream, &whole[..whole.len() - 5]).await;
        stream.shutdown().await.expect("ends its side");
        let answer = read_to_end(&mut stream).await;
        let answer = String::from_utf8(answer).expect("UTF-8");
        assert!(answer.contains("Fault>"), "{answer}");
        is_in(TimeWait, local, server).await;
        stop(running).await;
    }
}

#[tokio::test]
async fn a_server_is_in_last_ack_until_the_client_has_the_answer() {
    let room = SocketOptions::new().send_buffer(1_000_000);
    let (running, server) = serve("soap.tcp", "127.0.21.5", room).await;
    let (mut stream, local) = connect(server).await;
    send(&mut stream, &request("soap.tcp", "", &large())).await;
    stream.shutdown().await.expect("ends its side");
    let last = is_in(LastAck, server, local).await;
    assert!(last.unsent > 0, "{last:?}");
    let answer = read_to_end(&mut stream).await;
    assert!(answer.len() > LARGE && answer.ends_with(b"Envelope>"));
    is_gone(server, local).await;
    is_in(TimeWait, local, server).await;
    stop(running).await;
}

#[tokio::test]
async fn a_server_that_closes_first_is_in_fin_wait_1_until_the_client_has_the_answer() {
    let room = server_closes().send_buffer(1_000_000);
    let (running, server) = serve("soap.tcp", "127.0.21.6", room).await;
    let (mut stream, local) = connect(server).await;
    send(&mut stream, &request("soap.tcp", "", &large())).await;
    let waiting = is_in(FinWait1, server, local).await;
    assert!(waiting.unsent > 0, "{waiting:?}");
    is_in(Established, local, server).await;

    let mut answer = vec![0; LARGE];
    timeout(PATIENCE, stream.read_exact(&mut answer))
        .await
        .expect("comes in time")
        .expect("the answer");
    let rest = read_to_end(&mut stream).await;
    assert!(rest.ends_with(b"Envelope>"));
    is_in(FinWait2, server, local).await;
    is_in(CloseWait, local, server).await;
    drop(stream);
    is_in(TimeWait, server, local).await;
    is_gone(local, server).await;
    stop(running).await;
}

/// What a program forgets to close stays in CLOSE_WAIT; a client of ours closes what it finds closed.
#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_closed_before_the_next_call() {
    let (running, server) = serve("soap.tcp", "127.0.21.7", server_closes()).await;
    let work = client(&running, SocketOptions::new()).await;
    let first = call(&work).await;
    is_closed_by(server, first).await;
    let second = call(&work).await;
    assert_ne!(first, second);
    is_gone(first, server).await;
    is_in(TimeWait, server, first).await;
    stop(running).await;
}

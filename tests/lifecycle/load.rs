//! A server that is stopped under load answers every request that it accepted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::JoinSet,
    time::timeout,
};

use crate::{
    harness::{ADD, Calculator, contract::CalcServer, envelope11, port, post11, serve},
    victim::{PATIENCE, parse},
};

const CLIENTS: usize = 32;

/// Calls over one connection until the server says that it closes it; gives the number of answers.
async fn client(port: u16, answered: &AtomicUsize, enough: &Notify) -> usize {
    let body = envelope11(ADD);
    let request = format!(
        "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("connects");
    let mut answers = 0;
    loop {
        stream
            .write_all(request.as_bytes())
            .await
            .expect("a request is taken until the end is announced");
        let mut received = Vec::new();
        while !received.ends_with(b"Envelope>") {
            let read = stream
                .read_buf(&mut received)
                .await
                .expect("no error within an answer");
            assert!(
                read > 0,
                "closed without an answer after {} bytes",
                received.len()
            );
        }
        let answer = &parse(&received)[0];
        assert_eq!(
            (answer.status, answer.value("AddResult").as_deref()),
            (200, Some("3.75"))
        );
        answers += 1;
        if answered.fetch_add(1, Ordering::SeqCst) == 50 * CLIENTS {
            enough.notify_one();
        }
        if answer
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
        {
            break;
        }
    }
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("an orderly end");
    assert!(rest.is_empty());
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_accepted_under_load_is_answered() {
    let (running, calculator) = serve().await;
    let port = port(&running);
    let answered = Arc::new(AtomicUsize::new(0));
    let enough = Arc::new(Notify::new());
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (answered, enough) = (Arc::clone(&answered), Arc::clone(&enough));
        clients.spawn(async move { client(port, &answered, &enough).await });
    }
    timeout(PATIENCE, enough.notified())
        .await
        .expect("the load begins");
    running
        .stop(Duration::from_secs(10))
        .await
        .expect("it stops in time");
    let answers: usize = timeout(PATIENCE, clients.join_all())
        .await
        .expect("all clients end")
        .into_iter()
        .sum();
    assert_eq!(answers, calculator.executions());
    assert!(
        TcpStream::connect(("127.0.0.1", port)).await.is_err(),
        "the port is closed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_and_started_again_at_once_serves_on_the_same_port() {
    let mut port_before = None;
    for _ in 0..5 {
        let calculator = Calculator::default();
        let server = soapstone::Server::new(CalcServer::new(calculator));
        let url = format!("http://127.0.0.1:{}/calc", port_before.unwrap_or(0));
        let running = server.bind(url).start().await.expect("binds at once");
        let port = port(&running);
        let answer = post11(port, &envelope11(ADD)).await;
        assert_eq!(answer.value("AddResult").as_deref(), Some("3.75"));
        port_before = Some(port);
        running
            .stop(Duration::from_secs(10))
            .await
            .expect("it stops");
    }
}

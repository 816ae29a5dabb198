//! What a connection costs a server that waits for its next request.

use std::{fs, time::Duration};

use soapstone::{
    Endpoint,
    transport::{Options, Timeouts},
};
use tokio::task::JoinSet;

use crate::{
    harness::contract::CalcClient,
    process::{Process, Setup, is_thorough},
};

/// Calls under way at a time.
const AT_A_TIME: usize = 32;
/// Bytes of resident memory for a connection, in any scheme, that this test takes for a mistake.
const MOST: usize = 96 << 10;

/// Bytes of resident memory of a process.
pub(crate) fn resident(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes
        .expect("a size")
        .parse::<usize>()
        .expect("a number")
        << 10
}

/// A client with a connection of its own.
async fn client(url: &str) -> CalcClient {
    let mut options = Options::client();
    options.timeouts = Timeouts::new().client_idle(Duration::from_secs(600));
    let endpoint = Endpoint::new(url).options(options);
    #[cfg(feature = "tls")]
    let endpoint = if url.starts_with("https") || url.starts_with("soap.tls") {
        use soapstone::transport::tls::ClientTls;
        endpoint.with(ClientTls::new().dangerous().accept_any_certificate())
    } else {
        endpoint
    };
    CalcClient::new(endpoint.connect().await.expect("options that fit"))
}

/// A call on each.
async fn call_all(clients: Vec<CalcClient>) -> Vec<CalcClient> {
    let mut waiting = clients.into_iter();
    let mut calls = JoinSet::new();
    let mut done = Vec::new();
    loop {
        while calls.len() < AT_A_TIME
            && let Some(client) = waiting.next()
        {
            calls.spawn(async move {
                assert_eq!(client.add(1.5, 2.25).await.expect("an answer"), 3.75);
                client
            });
        }
        match calls.join_next().await {
            Some(client) => done.push(client.expect("no panic")),
            None => return done,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_cost_little_and_serve_on() {
    let count = if is_thorough() { 10_000 } else { 500 };
    let schemes: &[_] = if cfg!(feature = "tls") {
        &["http", "soap.tcp", "https", "soap.tls"]
    } else {
        &["http", "soap.tcp"]
    };
    for scheme in schemes {
        let process = Process::start(&Setup {
            urls: &[&format!("{scheme}://127.0.0.1:0/calc")],
            ..Setup::default()
        });
        let url = &process.urls[0];
        let first = call_all(vec![client(url).await]).await;
        let before = resident(process.id());
        let mut clients = Vec::new();
        for _ in 0..count {
            clients.push(client(url).await);
        }
        let clients = call_all(clients).await;
        let each = resident(process.id()).saturating_sub(before) / count;
        eprintln!("{scheme}: {each} bytes for each of {count} idle connections");
        assert!(each < MOST, "{scheme}: {each} bytes");
        let clients = call_all(clients).await;
        drop((first, clients));
        assert_eq!(process.stop().executed, 1 + 2 * count);
    }
}

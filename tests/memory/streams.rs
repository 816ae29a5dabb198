//! Hostile peers of soap.tcp: what each may cost.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{ALONE, BOTH, MIB, Victim, envelope, fs, harness::ADD, status, victim::soon};

/// By how much memory grows while `attack` goes on.
async fn growth(attack: impl Future<Output = ()>) -> usize {
    fs::write("/proc/self/clear_refs", "5").expect("resets the peak");
    let before = status("VmRSS:");
    attack.await;
    status("VmHWM:").saturating_sub(before)
}

/// The calculator still answers.
async fn is_well(victim: &Victim) {
    let mut stream = victim.connect().await;
    let body = "<c:Add><c:a>1</c:a><c:b>2</c:b></c:Add>";
    let request = envelope(BOTH[0], "", body);
    stream
        .write_all(request.as_bytes())
        .await
        .expect("is taken");
    stream.shutdown().await.expect("ends");
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer))
        .await
        .expect("an answer");
    assert!(answer.contains(">3.0<"), "{answer}");
}

#[tokio::test]
async fn two_thousand_silent_connections() {
    let _alone = ALONE.lock().await;
    let victim = Victim::on_stream().await;
    let mut streams = Vec::new();
    let grown = growth(async {
        for number in 0..2000 {
            let mut stream = victim.connect().await;
            let begun: &[u8] = if number % 2 == 0 { b"<a>" } else { b"" };
            stream.write_all(begun).await.expect("is taken");
            streams.push(stream);
        }
        is_well(&victim).await;
    })
    .await;
    println!("2000 silent connections: {} KiB", grown >> 10);
    assert!(grown < 64 * MIB, "{grown}");
}

/// Whole messages of 4 MB, one a connection: what was read is not kept while the connection is idle.
#[tokio::test]
async fn idle_connections_do_not_keep_room_for_their_last_message() {
    let _alone = ALONE.lock().await;
    let victim = Victim::on_stream().await;
    let text = "x".repeat(3 * MIB);
    let body = format!("<c:Notify><c:text>{text}</c:text></c:Notify>");
    // gSOAP ends its messages with CRLF.
    let one_way = envelope(BOTH[0], "", &body) + "\r\n";
    let mut streams: Vec<TcpStream> = Vec::new();
    let grown = growth(async {
        for _ in 0..50 {
            let mut stream = victim.connect().await;
            stream
                .write_all(one_way.as_bytes())
                .await
                .expect("is taken");
            streams.push(stream);
            soon(async {
                while victim.calculator.executions() < streams.len() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
            .await;
        }
        is_well(&victim).await;
    })
    .await;
    println!("50 idle connections after 3 MB each: {} KiB", grown >> 10);
    assert!(grown < 64 * MIB, "{grown}");
}

/// Peers that ask for more and more and read nothing: answers wait in the kernel, requests with their sender.
#[tokio::test]
async fn peers_that_only_write() {
    let _alone = ALONE.lock().await;
    let victim = Victim::on_stream().await;
    let requests = envelope(BOTH[0], "", ADD).repeat(100);
    let mut peers = tokio::task::JoinSet::new();
    let grown = growth(async {
        for _ in 0..5 {
            let mut stream = victim.connect().await;
            let requests = requests.clone();
            peers.spawn(async move {
                let writing =
                    async { while stream.write_all(requests.as_bytes()).await.is_ok() {} };
                let _ = tokio::time::timeout(Duration::from_secs(1), writing).await;
            });
        }
        while peers.join_next().await.is_some() {}
        is_well(&victim).await;
    })
    .await;
    println!("5 peers that only write: {} KiB", grown >> 10);
    assert!(grown < 64 * MIB, "{grown}");
}

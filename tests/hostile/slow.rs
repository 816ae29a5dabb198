//! Peers that send a byte and fall silent hold nobody up, and are closed when their time is over.

use std::time::Duration;

use soapstone::transport::Timeouts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::victim::{PATIENCE, Victim, soon};

const SLOW: usize = 500;

#[tokio::test]
async fn five_hundred_silent_connections_do_not_stop_another_client_and_are_closed() {
    let bound = Duration::from_millis(1500);
    let timeouts = Timeouts::default()
        .head(bound)
        .first_byte(bound)
        .body_read(bound);
    let victim = Victim::start_with(|server| server.timeouts(timeouts)).await;
    let mut slow = Vec::new();
    for index in 0..SLOW {
        let mut stream = victim.connect().await;
        let bytes: &[u8] = match index % 4 {
            0 => b"",
            1 => b"P",
            2 => b"POST /calc HTTP/1.1\r\nHost: x\r\nContent-",
            _ => b"POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 9\r\n\r\n<",
        };
        stream.write_all(bytes).await.expect("writes");
        slow.push(stream);
        if index % 50 == 0 {
            victim.is_well().await;
        }
    }
    victim.is_well().await;
    for (index, mut stream) in slow.into_iter().enumerate() {
        let mut received = Vec::new();
        let _ = soon(stream.read_to_end(&mut received)).await;
        let received = String::from_utf8_lossy(&received);
        let expected = match index % 4 {
            3 => "HTTP/1.1 408 ",
            _ => "",
        };
        assert!(received.starts_with(expected), "{index}: {received}");
    }
    assert_eq!(victim.ran(), 0);
    victim.is_well().await;
    victim
        .running
        .stop(PATIENCE)
        .await
        .expect("nothing is left behind");
}

#[tokio::test]
async fn a_body_that_drips_is_cut_and_not_executed() {
    let timeouts = Timeouts::default().body(Duration::from_millis(300));
    let victim = Victim::start_with(|server| server.timeouts(timeouts)).await;
    let body = crate::victim::valid(crate::victim::BOTH[0]);
    let bytes = crate::victim::request(&[("Content-Type", "text/xml")], body.as_bytes());
    let (head, body) = bytes.split_at(bytes.len() - body.len());
    let (mut reading, mut writing) = victim.connect().await.into_split();
    writing.write_all(head).await.expect("writes");
    let drip = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        for byte in body {
            ticks.tick().await;
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    };
    let mut received = Vec::new();
    tokio::select! {
        _ = soon(reading.read_to_end(&mut received)) => {}
        () = drip => panic!("the whole body was taken"),
    }
    assert!(
        received.starts_with(b"HTTP/1.1 408 "),
        "{}",
        String::from_utf8_lossy(&received)
    );
    assert_eq!(victim.ran(), 0);
    victim.is_well().await;
}

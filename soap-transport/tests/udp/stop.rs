//! The end of a server.

use soap_core::Options;
use soap_transport::udp::UdpOptions;

use crate::fake::{PATIENCE, Raw, Target, ask, ms};

#[tokio::test]
async fn a_stop_answers_what_is_executed_and_takes_nothing_new() {
    let target = Target::start().await;
    let address = target.address();
    let raw = Raw::new().await;
    raw.send(ask("wait"), address).await;
    target.victim.waiting.notified().await;
    let victim = std::sync::Arc::clone(&target.victim);
    let stopping = tokio::spawn(target.running.stop(PATIENCE));
    // What the kernel holds is taken, what comes later is not.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    raw.send(ask("late"), address).await;
    victim.go_on.notify_one();
    assert!(raw.receive().await.0.contains("wait"));
    stopping.await.unwrap().unwrap();
    assert_eq!(victim.executed(), 1);
    assert!(raw.is_silent());
    tokio::net::UdpSocket::bind(address).await.unwrap();
}

#[tokio::test]
async fn a_stop_sends_the_copies_that_are_due_before_its_deadline() {
    let udp = UdpOptions::new().unicast_repeat(1);
    let target = Target::with(udp.min_delay(ms(30)).max_delay(ms(30))).await;
    let raw = Raw::new().await;
    raw.send(ask("twice"), target.address()).await;
    let first = raw.receive().await;
    target.running.stop(PATIENCE).await.unwrap();
    assert_eq!(raw.receive().await, first);
}

#[tokio::test]
async fn a_deadline_cuts_off_what_is_left() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    raw.send(ask("wait"), target.address()).await;
    target.victim.waiting.notified().await;
    let error = target.running.stop(ms(20)).await.unwrap_err();
    assert!(error.timed_out().is_some(), "{error}");
    let error = error.to_string();
    assert!(error.contains("1 calls in flight"), "{error}");
}

#[tokio::test]
async fn a_server_on_two_transports_stops_as_one() {
    let options = Options::server().with(UdpOptions::new());
    let target = Target::at("soap.udp://[::1]:0", options).await;
    assert!(target.running.urls()[0].starts_with("soap.udp://[::1]:"));
    target.running.stop(PATIENCE).await.unwrap();
}

//! Answers: where they leave from, their copies, and those that are too large.

use std::net::{IpAddr, SocketAddr};

use soap_core::Options;
use soap_transport::udp::UdpOptions;
use tokio::time::Instant;

use crate::fake::{Raw, Target, ask, envelope, head, ms, new_id};

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_answer_leaves_from_the_address_that_was_asked() {
    let options = Options::server().with(UdpOptions::new().unicast_repeat(0));
    let target = Target::at("soap.udp://0.0.0.0:0", options).await;
    let raw = Raw::new().await;
    for last in [1, 2, 77] {
        let asked = SocketAddr::from(([127, 0, 0, last], target.port()));
        raw.send(ask("who?"), asked).await;
        assert_eq!(raw.receive().await.1, asked);
        let peer = target.victim.peers.lock().unwrap().pop().unwrap();
        let destination = peer.destination.unwrap();
        assert_eq!(destination.address, asked.ip());
        assert!(destination.interface > 0 && !destination.is_multicast());
        assert_eq!(peer.scheme, "soap.udp");
        assert_eq!(peer.address, Some(raw.0.local_addr().unwrap()));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_of_both_families_tells_addresses_of_ipv4_as_such() {
    let mut options = Options::server().with(UdpOptions::new().unicast_repeat(0));
    options.socket.only_v6 = Some(false);
    let target = Target::at("soap.udp://[::]:0", options).await;
    let raw = Raw::new().await;
    raw.send(ask("v4"), target.address()).await;
    assert_eq!(raw.receive().await.1, target.address());
    let peer = target.victim.peers.lock().unwrap().pop().unwrap();
    assert_eq!(peer.address, Some(raw.0.local_addr().unwrap()));
    let destination = peer.destination.unwrap();
    assert_eq!(destination.address, IpAddr::from([127, 0, 0, 1]));
}

#[tokio::test]
async fn an_answer_is_sent_again_as_the_standard_says() {
    let udp = UdpOptions::new().unicast_repeat(2);
    let target = Target::with(udp.min_delay(ms(20)).max_delay(ms(40)).upper_delay(ms(60))).await;
    let raw = Raw::new().await;
    raw.send(ask("thrice"), target.address()).await;
    let first = raw.receive().await;
    let start = Instant::now();
    assert_eq!(raw.receive().await, first);
    assert_eq!(raw.receive().await, first);
    // The second gap is twice the first one.
    assert!(start.elapsed() >= ms(50), "{:?}", start.elapsed());
    target.until(|counts| counts.copies == 2).await;
    assert_eq!(target.counts().answered, 1);
    target.running.stop(ms(5000)).await.unwrap();
    assert!(raw.is_silent());
}

#[tokio::test]
async fn an_answer_too_large_for_a_datagram_is_a_fault_that_names_the_limit() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    for (asked, limit) in [("65507", "65507"), ("1000000", "65507")] {
        raw.send(ask(asked), target.address()).await;
        let (fault, _) = raw.receive().await;
        assert!(
            fault.contains("Fault") && fault.contains("Receiver"),
            "{fault}"
        );
        assert!(fault.contains(limit) && fault.len() < 2000, "{fault}");
    }
    assert_eq!(target.victim.executed(), 2);
}

#[tokio::test]
async fn an_answer_that_leaves_no_room_for_a_fault_is_dropped_and_counted() {
    let target = Target::with(UdpOptions::new().unicast_repeat(0).datagram(500)).await;
    let raw = Raw::new().await;
    let header = head(&new_id());
    raw.send(envelope(&header, "<t:Ask>500</t:Ask>"), target.address())
        .await;
    // The fault is as large as it is: either it fits, or there is silence.
    target
        .until(|counts| counts.answer_too_large + counts.answered == 1)
        .await;
    if target.counts().answered == 1 {
        assert!(raw.receive().await.0.len() <= 500);
    }
}

#[tokio::test]
async fn a_fault_of_an_operation_goes_to_who_asked() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    raw.send(ask("fail"), target.address()).await;
    assert!(raw.receive().await.0.contains("as you wish"));
}

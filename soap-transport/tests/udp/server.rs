//! What a server answers, from where, how often, and how it ends.

use std::net::{IpAddr, SocketAddr};

use soap_core::{
    Addressing, Limits, Options,
    addressing::{self, Edition},
};
use soap_transport::udp::UdpOptions;
use tokio::time::Instant;

use crate::fake::{PATIENCE, Raw, Target, ask, ask_as, envelope, head, ms, new_id, tell};

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

#[tokio::test]
async fn an_unspecified_address_of_ipv6_takes_ipv4_too() {
    let options = || Options::server().with(UdpOptions::new().unicast_repeat(0));
    let target = Target::at("soap.udp://[::]:0", options()).await;
    for own in ["127.0.0.1:0", "[::1]:0"] {
        let raw = Raw(tokio::net::UdpSocket::bind(own).await.unwrap());
        let asked = SocketAddr::new(raw.0.local_addr().unwrap().ip(), target.port());
        raw.send(ask(own), asked).await;
        let (answer, source) = raw.receive().await;
        assert!(answer.contains(own), "{answer}");
        assert_eq!(source, asked, "from the address that was asked");
    }
    let mut alone = options();
    alone.socket.only_v6 = Some(true);
    let target = Target::at("soap.udp://[::]:0", alone).await;
    Raw::new().await.send(ask("four"), target.address()).await;
    let raw = Raw(tokio::net::UdpSocket::bind("[::1]:0").await.unwrap());
    let asked = SocketAddr::new("::1".parse().unwrap(), target.port());
    raw.send(ask("six"), asked).await;
    assert!(raw.receive().await.0.contains("six"));
    assert_eq!(target.counts().received, 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_broadcast_is_not_executed_on_a_socket_of_both_families_either() {
    for url in ["soap.udp://0.0.0.0:0", "soap.udp://[::]:0"] {
        let options = Options::server().with(UdpOptions::new().unicast_repeat(0));
        let target = Target::at(url, options).await;
        let raw = Raw::new().await;
        raw.0.set_broadcast(true).unwrap();
        let all = SocketAddr::from(([127, 255, 255, 255], target.port()));
        raw.send(ask("all"), all).await;
        raw.send(ask("one"), target.address()).await;
        assert!(raw.receive().await.0.contains("one"), "{url}");
        assert_eq!(target.victim.executed(), 1, "{url}");
        assert_eq!(target.counts().received, 1, "{url}");
    }
}

/// What others have joined is not for a socket that has not, of whatever family.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_of_both_families_gets_no_multicast_of_ipv4_that_others_have_joined() {
    let options = Options::server().with(UdpOptions::new().unicast_repeat(0));
    let target = Target::at("soap.udp://[::]:0", options).await;
    let other = tokio::net::UdpSocket::bind("0.0.0.0:0").await.unwrap();
    let lo = std::net::Ipv4Addr::LOCALHOST;
    other.join_multicast_v4(crate::groups::GROUP, lo).unwrap();
    let raw = crate::groups::on_loopback().await;
    let group = SocketAddr::from((crate::groups::GROUP, target.port()));
    raw.send(ask("all"), group).await;
    raw.send(ask("one"), target.address()).await;
    assert!(raw.receive().await.0.contains("one"));
    assert_eq!(target.counts().received, 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_of_both_families_tells_addresses_of_ipv4_as_such() {
    let options = Options::server().with(UdpOptions::new().unicast_repeat(0));
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
    let start = Instant::now();
    raw.send(ask("thrice"), target.address()).await;
    let first = raw.receive().await;
    assert_eq!(raw.receive().await, first);
    assert_eq!(raw.receive().await, first);
    // The second gap is twice the first one.
    assert!(start.elapsed() >= ms(60), "{:?}", start.elapsed());
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
    let asked = ask("500");
    // The request fits, and no fault does: it names the request, and says more.
    let udp = UdpOptions::new().unicast_repeat(0).datagram(asked.len());
    let target = Target::with(udp).await;
    let raw = Raw::new().await;
    raw.send(&asked, target.address()).await;
    target.until(|counts| counts.answer_too_large == 1).await;
    assert_eq!(target.victim.executed(), 1);
    assert_eq!((target.counts().answered, target.counts().executed), (0, 1));
    assert!(raw.is_silent());
}

#[tokio::test]
async fn udp_2_utf_16_in_a_datagram_is_served() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let little = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    };
    let big = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_be_bytes);
        [0xfe, 0xff].into_iter().chain(units).collect()
    };
    for (text, encoded) in [
        ("gr\u{fc}n", little(&ask("gr\u{fc}n"))),
        ("\u{7dd1}", big(&ask("\u{7dd1}"))),
    ] {
        raw.send(encoded, target.address()).await;
        assert!(raw.receive().await.0.contains(text));
    }
    assert_eq!(target.victim.executed(), 2);
}

#[tokio::test]
async fn udp_6_a_header_block_that_must_be_understood_is_a_fault_and_nothing_runs() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    raw.send(not_understood(), target.address()).await;
    let (fault, _) = raw.receive().await;
    assert!(fault.contains("MustUnderstand"), "{fault}");
    assert_eq!(target.victim.executed(), 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn udp_6_a_header_block_that_must_be_understood_is_no_fault_to_a_group() {
    let target = crate::groups::member("soap.udp://239.255.77.2:0").await;
    let raw = crate::groups::on_loopback().await;
    let group = SocketAddr::from((crate::groups::GROUP, target.port()));
    raw.send(not_understood(), group).await;
    target.until(|counts| counts.received == 1).await;
    raw.send(ask("good"), group).await;
    assert!(raw.receive().await.0.contains("good"));
    assert!(raw.is_silent());
    assert_eq!(target.victim.executed(), 1);
}

fn not_understood() -> String {
    let header = head(&new_id()) + "<t:Unknown e:mustUnderstand='true'/>";
    envelope(&header, "<t:Ask>never</t:Ask>")
}

#[tokio::test]
async fn udp_3_an_answer_has_an_id_of_its_own_and_relates_to_its_request() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let id = new_id();
    raw.send(ask_as(&id, "who?"), target.address()).await;
    let (answer, _) = raw.receive().await;
    let related = format!(">{id}</");
    assert!(
        answer.contains("RelatesTo") && answer.contains(&related),
        "{answer}"
    );
    let own = addressing::peek(
        answer.as_bytes(),
        None,
        Edition::default(),
        &Limits::client(),
    )
    .unwrap();
    assert_eq!(own.answers, [&*id]);
    assert!(own.message_id.is_some_and(|own| own != id));
}

#[tokio::test]
async fn a_fault_of_an_operation_goes_to_who_asked() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    raw.send(ask("fail"), target.address()).await;
    assert!(raw.receive().await.0.contains("as you wish"));
}

#[tokio::test]
async fn a_stop_answers_what_is_in_flight() {
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
async fn a_stop_takes_all_that_the_kernel_holds() {
    let mut options = Options::server().with(UdpOptions::new());
    options.socket.receive_buffer = Some(200_000);
    let target = Target::at("soap.udp://127.0.0.1:0", options).await;
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    // More than tokio lets a task take at a time, and no more than the kernel holds.
    for _ in 0..150 {
        let told = tell(&new_id());
        sender.send_to(told.as_bytes(), target.address()).unwrap();
    }
    assert_eq!(target.counts().received, 0, "nobody else runs meanwhile");
    target.running.stop(PATIENCE).await.unwrap();
    assert_eq!(target.victim.executed(), 150);
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
async fn a_server_on_ipv6_serves_and_stops() {
    let options = Options::server().with(UdpOptions::new());
    let target = Target::at("soap.udp://[::1]:0", options).await;
    let asked = SocketAddr::new("::1".parse().unwrap(), target.port());
    assert_eq!(target.running.urls(), [format!("soap.udp://{asked}")]);
    let raw = Raw(tokio::net::UdpSocket::bind("[::1]:0").await.unwrap());
    raw.send(ask("six"), asked).await;
    let (answer, source) = raw.receive().await;
    assert!(answer.contains("six"), "{answer}");
    assert_eq!(source, asked);
    target.running.stop(PATIENCE).await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_fault_answers_a_multicast_request() {
    let target = crate::groups::member("soap.udp://239.255.77.2:0").await;
    let raw = crate::groups::on_loopback().await;
    let group = SocketAddr::from((crate::groups::GROUP, target.port()));
    for silent in [
        ask("fail"),
        ask("1000000"),
        envelope(&head(&new_id()), "<t:Nothing/>"),
        "garbage".to_owned(),
    ] {
        raw.send(silent, group).await;
    }
    target.until(|counts| counts.received == 4).await;
    raw.send(ask("good"), group).await;
    assert!(raw.receive().await.0.contains("good"));
    assert!(raw.is_silent());
    // The same over its own address gets one.
    raw.send(ask("fail"), target.address()).await;
    assert!(raw.receive().await.0.contains("as you wish"));
}

#[tokio::test]
async fn without_addressing_a_request_runs_each_time_it_comes() {
    let target = Target::lenient().await;
    let raw = Raw::new().await;
    let plain = envelope("", "<t:Ask>plain</t:Ask>");
    for done in 1..=3 {
        raw.send(&plain, target.address()).await;
        assert!(raw.receive().await.0.contains("plain"));
        assert_eq!(target.victim.executed(), done);
    }
    assert_eq!(target.counts().copies, 0);
    raw.send(envelope("", "<t:Ask>fail</t:Ask>"), target.address())
        .await;
    assert!(raw.receive().await.0.contains("as you wish"));
    for silent in [envelope("", "<t:Nothing/>"), "garbage".to_owned()] {
        raw.send(silent, target.address()).await;
    }
    target.until(|counts| counts.no_request == 2).await;
    assert!(raw.is_silent());
    // One with addressing is executed once all the same.
    let asked = ask("once");
    for _ in 0..2 {
        raw.send(&asked, target.address()).await;
        assert!(raw.receive().await.0.contains("once"));
    }
    assert_eq!(target.victim.executed(), 5);
}

#[tokio::test]
async fn where_addressing_is_off_a_message_id_means_nothing() {
    let mut options = Options::server();
    options.addressing = Addressing::Off.into();
    let target = Target::at("soap.udp://127.0.0.1:0", options).await;
    let raw = Raw::new().await;
    let asked = ask("again");
    for done in 1..=2 {
        raw.send(&asked, target.address()).await;
        assert!(raw.receive().await.0.contains("again"));
        assert_eq!(target.victim.executed(), done);
    }
}

/// The fault for an answer that is too large is the transport's, not the service's.
#[tokio::test]
async fn a_fault_of_the_transport_uses_addressing_as_its_binding_does() {
    for (mode, is_related) in [(Addressing::Off, false), (Addressing::Optional, true)] {
        let mut options = Options::server();
        options.addressing = mode.into();
        let target = Target::at("soap.udp://127.0.0.1:0", options).await;
        let raw = Raw::new().await;
        raw.send(ask("1000000"), target.address()).await;
        let (fault, _) = raw.receive().await;
        assert!(fault.contains("Receiver"), "{fault}");
        assert_eq!(fault.contains("RelatesTo"), is_related, "{mode:?}: {fault}");
    }
}

#[tokio::test]
async fn gsoap_duplicates_are_executed_once() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let asked = ask_as(&new_id(), "five times");
    for _ in 0..5 {
        raw.send(&asked, target.address()).await;
        raw.receive().await;
    }
    assert_eq!(target.victim.executed(), 1);
}

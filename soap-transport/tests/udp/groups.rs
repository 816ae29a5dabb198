//! Multicast, over the loopback interface, on IPv4.

#![cfg(target_os = "linux")]

use std::net::{Ipv4Addr, SocketAddr};

use soap_core::Options;
use soap_transport::udp::UdpOptions;

use crate::fake::{Raw, Target, ask, ask_as, new_id};

pub(crate) const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 77, 2);

pub(crate) async fn member(url: &str) -> Target {
    let udp = UdpOptions::new().unicast_repeat(0).interfaces(["lo"]);
    Target::at(url, Options::server().with(udp)).await
}

/// A peer whose datagrams to a group go to this machine alone.
pub(crate) async fn on_loopback() -> Raw {
    let raw = Raw::new().await;
    socket2::SockRef::from(&raw.0)
        .set_multicast_if_v4(&Ipv4Addr::LOCALHOST)
        .unwrap();
    raw
}

#[tokio::test]
pub(crate) async fn members_answer_a_request_to_their_group_from_addresses_of_their_own() {
    let first = member("soap.udp://239.255.77.2:0/path").await;
    let url = format!("soap.udp://239.255.77.2:{}/path", first.port());
    assert_eq!(first.running.urls(), [url.as_str()]);
    let second = member(&url).await;
    let raw = on_loopback().await;
    let group = SocketAddr::from((GROUP, first.port()));
    let asked = ask_as(&new_id(), "all");
    for _ in 0..3 {
        raw.send(&asked, group).await;
    }
    for _ in 0..2 {
        let (answer, source) = raw.receive().await;
        assert!(answer.contains("all"));
        assert!(!source.ip().is_multicast());
        assert_eq!(source.port(), group.port());
    }
    for target in [&first, &second] {
        // Copies to a group come whether it has answered or not.
        target.until(|counts| counts.duplicates == 2).await;
        assert_eq!((target.victim.executed(), target.counts().answered), (1, 1));
        let peer = target.victim.peers.lock().unwrap().pop().unwrap();
        let destination = peer.destination.unwrap();
        assert!(destination.is_multicast() && destination.interface > 0);
        assert_eq!(destination.address, GROUP);
    }
    assert!(raw.is_silent());
}

#[tokio::test]
async fn a_server_on_all_addresses_joins_further_groups() {
    let udp = UdpOptions::new()
        .unicast_repeat(0)
        .interfaces(["127.0.0.1"]);
    let udp = udp.groups([std::net::IpAddr::V4(GROUP)]);
    let target = Target::at("soap.udp://0.0.0.0:0", Options::server().with(udp)).await;
    let raw = on_loopback().await;
    for to in [SocketAddr::from((GROUP, target.port())), target.address()] {
        raw.send(ask("both"), to).await;
        assert!(raw.receive().await.0.contains("both"));
    }
}

//! Copies of requests: executed once, and answered again only to who asked.

use soap_transport::udp::UdpOptions;

use crate::fake::{Raw, Target, ask_as, new_id, tell};

#[tokio::test]
async fn a_copy_is_answered_with_the_same_bytes_and_not_executed() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let asked = ask_as(&new_id(), "once");
    raw.send(&asked, target.address()).await;
    let (first, _) = raw.receive().await;
    for copies in 1..=3 {
        raw.send(&asked, target.address()).await;
        assert_eq!(raw.receive().await.0, first);
        assert_eq!(target.counts().duplicates, copies);
    }
    assert!(raw.is_silent(), "one answer a copy");
    assert_eq!(target.victim.executed(), 1);
}

#[tokio::test]
async fn a_copy_from_elsewhere_gets_nothing() {
    let target = Target::start().await;
    let (raw, other) = (Raw::new().await, Raw::new().await);
    let asked = ask_as(&new_id(), "mine");
    raw.send(&asked, target.address()).await;
    raw.receive().await;
    other.send(&asked, target.address()).await;
    target.until(|counts| counts.duplicates == 1).await;
    target.others_are_served().await;
    assert!(other.is_silent() && raw.is_silent());
}

#[tokio::test]
async fn copies_that_come_while_a_request_is_executed_share_its_answer() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let asked = ask_as(&new_id(), "wait");
    for _ in 0..5 {
        raw.send(&asked, target.address()).await;
    }
    target.until(|counts| counts.duplicates == 4).await;
    target.victim.go_on.notify_one();
    raw.receive().await;
    target.others_are_served().await;
    assert!(raw.is_silent());
    assert_eq!(target.victim.executed(), 2);
}

#[tokio::test]
async fn a_one_way_message_is_executed_once_and_never_answered() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let told = tell(&new_id());
    for _ in 0..3 {
        raw.send(&told, target.address()).await;
    }
    target.until(|counts| counts.duplicates == 2).await;
    target.others_are_served().await;
    assert_eq!(target.victim.executed(), 2);
    assert!(raw.is_silent());
}

#[tokio::test]
async fn answers_that_take_too_much_room_are_not_kept() {
    let target = Target::with(UdpOptions::new().unicast_repeat(0).answers(2000)).await;
    let raw = Raw::new().await;
    let large = ask_as(&new_id(), "5000");
    let small = ask_as(&new_id(), "small");
    for asked in [&large, &small] {
        raw.send(asked, target.address()).await;
        raw.receive().await;
    }
    raw.send(&large, target.address()).await;
    raw.send(&small, target.address()).await;
    assert!(raw.receive().await.0.contains("small"));
    assert_eq!(target.victim.executed(), 2);
    assert_eq!(target.counts().duplicates, 2);
}

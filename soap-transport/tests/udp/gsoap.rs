//! What gSOAP's server does wrong on datagrams, the other way (INVENTORY 8).

use crate::fake::{Raw, Target, ask, ask_as, new_id};

#[tokio::test]
async fn gsoap_splices_the_datagrams_of_two_senders() {
    let target = Target::start().await;
    let (first, second) = (Raw::new().await, Raw::new().await);
    let whole = ask("spliced");
    let (begin, end) = whole.split_at(whole.len() / 2);
    first.send(begin, target.address()).await;
    second.send(end, target.address()).await;
    first.send(end, target.address()).await;
    target.until(|counts| counts.no_request == 3).await;
    assert_eq!(target.victim.executed(), 0);
    assert!(first.is_silent() && second.is_silent());
}

#[tokio::test]
async fn gsoap_is_poisoned_by_what_came_before() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let cut = ask("cut off");
    for garbage in ["<", "garbage", &cut[..cut.len() - 1], "\0\0\0\0"] {
        raw.send(garbage, target.address()).await;
        raw.send(ask("clean"), target.address()).await;
        assert!(
            raw.receive().await.0.contains("clean"),
            "behind {garbage:?}"
        );
    }
    assert!(raw.is_silent());
}

#[tokio::test]
async fn gsoap_executes_each_copy() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let asked = ask_as(&new_id(), "five times");
    for _ in 0..5 {
        raw.send(&asked, target.address()).await;
        raw.receive().await;
    }
    assert_eq!(target.victim.executed(), 1);
}

#[tokio::test]
async fn gsoap_answers_faults_with_faults() {
    let (here, there) = (Target::start().await, Target::start().await);
    let raw = Raw::new().await;
    raw.send(ask("fail"), here.address()).await;
    let (fault, _) = raw.receive().await;
    raw.send(&fault, there.address()).await;
    there.until(|counts| counts.no_request == 1).await;
    there.others_are_served().await;
    assert!(raw.is_silent());
}

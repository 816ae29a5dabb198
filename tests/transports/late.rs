//! Answers that come when nobody waits for them any more.

use std::time::Duration;

use soapstone::CallError;

use crate::{
    harness::{Harness, Served},
    service::PromisesClient,
};

/// The answer of the call that was given up is released: no other call may get it.
async fn nothing_comes_late(client: &PromisesClient, served: &mut Served) {
    assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    served.probe.release(1);
    assert_eq!(served.probe.ended().await, 1, "the handler runs to its end");
    for number in 0..10 {
        assert_eq!(client.add(number, 2).await.expect("a sum"), number + 2);
    }
}

pub(crate) async fn the_answer_to_a_call_that_timed_out_reaches_no_later_call(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    let mut time = Duration::from_millis(50);
    loop {
        let result = client.hold(1).timeout(time).await;
        let Err(CallError::Transport(error)) = result else {
            panic!("{result:?}");
        };
        assert_eq!(error.timed_out(), Some(time));
        if error.is_ambiguous() {
            break;
        }
        time *= 2; // it was not even sent
    }
    assert_eq!(served.probe.begun().await, 1);
    nothing_comes_late(&client, &mut served).await;
}

pub(crate) async fn the_answer_to_a_call_that_was_dropped_reaches_no_later_call(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    for _ in 0..2 {
        let call = tokio::spawn({
            let client = client.clone();
            async move { client.hold(1).await }
        });
        assert_eq!(served.probe.begun().await, 1);
        call.abort();
        let dropped = call.await.expect_err("dropped");
        assert!(dropped.is_cancelled());
        nothing_comes_late(&client, &mut served).await;
    }
}

pub(crate) async fn a_handler_can_know_that_its_caller_has_left(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.watch().await }
    });
    served.probe.begun().await;
    call.abort();
    served.probe.ended().await;
    assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
}

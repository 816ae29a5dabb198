//! How servers end, and begin again.

use std::time::Duration;

use soapstone::CallError;

use crate::{
    harness::{Harness, PATIENCE, in_time},
    service::PromisesClient,
};

/// Ends once nobody new is served at `url`.
async fn closed(at: &Harness, url: &str) {
    let refused = async {
        loop {
            let stranger = match at.stranger(url).connect().await {
                Ok(channel) => PromisesClient::new(channel),
                Err(error) => break error,
            };
            match stranger.add(1, 2).await {
                Err(CallError::Transport(error)) if error.is_connect() => break error,
                // Taken in time, or just before the end.
                Ok(3) | Err(CallError::Transport(_)) => {}
                other => panic!("{other:?}"),
            }
            // A call within one process may end without waiting for anything.
            tokio::task::yield_now().await;
        }
    };
    let error = in_time(refused).await;
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
}

pub(crate) async fn a_stop_answers_the_call_in_flight(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.hold(7).await }
    });
    served.probe.begun().await;
    let stopping = tokio::spawn(served.running.stop(PATIENCE));
    closed(&at, &served.url).await;
    served.probe.release(1);
    let answer = in_time(call).await.expect("no panic");
    assert_eq!(answer.expect("answered"), 7);
    let stopped = in_time(stopping).await.expect("no panic");
    stopped.expect("in good order");
    let error = client.add(1, 2).await.expect_err("nobody is there");
    let CallError::Transport(error) = error else {
        panic!("{error:?}");
    };
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
}

pub(crate) async fn a_stop_is_not_held_up_by_silent_clients(at: Harness) {
    let served = at.serve().await;
    let client = at.client(&served.url).await;
    assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    // It fails if anything is left at its deadline.
    let stopped = in_time(served.running.stop(Duration::from_secs(10))).await;
    stopped.expect("in time");
}

pub(crate) async fn a_stop_past_its_deadline_ends_the_calls_in_flight(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    let call = tokio::spawn(async move { client.hold(1).await });
    served.probe.begun().await;
    let error = in_time(served.running.stop(Duration::from_millis(100))).await;
    let error = error.expect_err("a call is left");
    assert!(error.timed_out().is_some(), "{error:?}");
    let result = in_time(call).await.expect("no panic");
    let Err(CallError::Transport(error)) = result else {
        panic!("{result:?}");
    };
    assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
    served.probe.release(1);
    assert_eq!(served.probe.ended().await, 1, "the handler runs to its end");
}

pub(crate) async fn a_server_starts_again_on_its_address_at_once(at: Harness) {
    let mut options = at.options();
    options.timeouts.grace = Duration::from_millis(20);
    let mut url = at.url();
    let mut old = Vec::new();
    for _ in 0..3 {
        let served = at.serve_at(&url, options.clone()).await;
        url = served.url;
        let client = at.client(&url).await;
        assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
        old.push(client);
        in_time(served.running.stop(PATIENCE)).await.expect("stops");
    }
    let served = at.serve_at(&url, options.clone()).await;
    assert_eq!(served.url, url);
    for client in &old {
        // Those who were there before come again; what they kept open has ended.
        assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    }
}

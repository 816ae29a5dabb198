//! Connections that end when they should not.

use soapstone::CallError;
use tokio::task::JoinHandle;

use crate::{
    between::{Between, Cut},
    harness::{Harness, Served, in_time},
    headers::mandatory,
    service::PromisesClient,
};

const BOTH: [Cut; 2] = [Cut::End, Cut::Reset];

async fn lines(at: &Harness) -> (Served, Between, PromisesClient) {
    let served = at.serve().await;
    let between = Between::before(&served.url).await;
    let client = at.client(&between.url).await;
    (served, between, client)
}

fn hold(client: &PromisesClient) -> JoinHandle<Result<u32, CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.hold(1).await })
}

async fn is_lost(call: JoinHandle<Result<u32, CallError>>) {
    let result = in_time(call).await.expect("no panic");
    let Err(CallError::Transport(error)) = result else {
        panic!("{result:?}");
    };
    assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
}

pub(crate) async fn a_connection_lost_within_a_call_is_ambiguous(at: Harness) {
    for how in BOTH {
        let (mut served, mut between, client) = lines(&at).await;
        let call = hold(&client);
        served.probe.begun().await;
        between.cut(how).await;
        is_lost(call).await;
        assert_eq!(client.add(1, 2).await.expect("the next call works"), 3);
        served.probe.release(1);
        assert_eq!(served.probe.ended().await, 1, "the handler runs to its end");
    }
}

pub(crate) async fn a_call_is_never_sent_twice(at: Harness) {
    for how in BOTH {
        for kept in [false, true] {
            let (mut served, mut between, client) = lines(&at).await;
            if kept {
                assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
            }
            let call = hold(&client);
            served.probe.begun().await;
            let before = (between.lines(), served.probe.executions());
            between.cut(how).await;
            is_lost(call).await;
            let after = (between.lines(), served.probe.executions());
            assert_eq!(before, after, "{how:?}, kept: {kept}");
        }
    }
}

pub(crate) async fn an_idempotent_call_is_sent_again_once(at: Harness) {
    for how in BOTH {
        let (mut served, mut between, client) = lines(&at).await;
        let look = || {
            let client = client.clone();
            tokio::spawn(async move { client.look(1).await })
        };
        let call = look();
        served.probe.begun().await;
        between.cut(how).await;
        served.probe.begun().await;
        served.probe.release(2);
        let answer = in_time(call).await.expect("no panic");
        assert_eq!(answer.expect("answered"), 1);
        assert_eq!((between.lines(), served.probe.executions()), (2, 2));
        let call = look();
        for _ in 0..2 {
            served.probe.begun().await;
            between.cut(how).await;
        }
        is_lost(call).await;
        assert_eq!(served.probe.executions(), 4);
        served.probe.release(2);
    }
}

pub(crate) async fn a_kept_connection_that_has_ended_is_not_used(at: Harness) {
    for how in BOTH {
        let (served, mut between, client) = lines(&at).await;
        for number in 0..3 {
            assert_eq!(client.add(number, 2).await.expect("a sum"), number + 2);
            between.cut(how).await;
        }
        assert_eq!((between.lines(), served.probe.executions()), (3, 3));
    }
}

pub(crate) async fn a_call_that_is_refused_does_not_end_the_connection(at: Harness) {
    let (_served, between, client) = lines(&at).await;
    for _ in 0..2 {
        assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
        client
            .divide(1, 0)
            .await
            .expect_err("a fault of the service");
        let call = client.add(1, 2).header(&mandatory());
        call.await.expect_err("a fault before it");
        client.panic().await.expect_err("a panic");
    }
    assert_eq!(between.lines(), 1);
}

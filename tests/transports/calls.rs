//! Calls and their answers.

use std::{future::IntoFuture, time::Duration};

use soapstone::{CallError, Fault, FaultCode, SoapVersion};
use tokio::task::JoinSet;

use crate::{
    harness::{Harness, in_time},
    service::DivideFault,
};

const BOTH: [SoapVersion; 2] = [SoapVersion::Soap11, SoapVersion::Soap12];

pub(crate) async fn a_call_is_answered(at: Harness) {
    let served = at.serve().await;
    for version in BOTH {
        let client = at.client_in(version, &served.url).await;
        for number in 0..3 {
            assert_eq!(client.add(number, 1).await.expect("a sum"), number + 1);
        }
    }
    assert_eq!(served.probe.executions(), 6);
}

pub(crate) async fn a_typed_fault_comes_with_its_detail(at: Harness) {
    let served = at.serve().await;
    for version in BOTH {
        let client = at.client_in(version, &served.url).await;
        let (meta, result) = client.divide(7, 0).with_meta().await;
        let Err(CallError::Fault(DivideFault::ByZero { dividend, text })) = result else {
            panic!("{result:?}");
        };
        assert_eq!((dividend, text.as_str()), (7, "\u{fc}ber <0>"));
        let fault = meta.fault().expect("a fault");
        assert_eq!(
            (fault.code(), fault.reason()),
            (FaultCode::Sender, "divide by zero")
        );
        assert_eq!(client.divide(7, 2).await.expect("goes on"), 3);
    }
}

pub(crate) async fn text_of_any_script_arrives_as_it_was_sent(at: Harness) {
    let served = at.serve().await;
    let texts = [
        "",
        " ",
        "\u{dc}bertrag \u{65e5}\u{672c}\u{8a9e} \u{5d0}\u{5d1} \u{1d11e} \u{10ffff}",
        "<a b='c'>&amp;]]></Envelope>",
        "tab\tline\nreturn\r\nend\r",
    ];
    for version in BOTH {
        let client = at.client_in(version, &served.url).await;
        for text in texts {
            assert_eq!(client.echo(text.to_owned()).await.expect("an echo"), text);
        }
    }
}

pub(crate) async fn an_answer_without_a_value_is_an_answer(at: Harness) {
    let served = at.serve().await;
    let client = at.client(&served.url).await;
    let (meta, result) = client.nothing().with_meta().await;
    result.expect("an answer");
    let answer = meta.answer.expect("a message");
    assert!(!answer.envelope.is_empty());
    assert_eq!(client.add(1, 2).await.expect("goes on"), 3);
}

pub(crate) async fn calls_at_the_same_time_get_their_own_answers(at: Harness) {
    const CALLS: u32 = 100;
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    for _ in 0..2 {
        let mut calls = JoinSet::new();
        for number in 0..CALLS {
            let client = client.clone();
            calls.spawn(async move { (number, client.hold(number).await) });
        }
        let mut begun = Vec::new();
        for _ in 0..CALLS {
            begun.push(served.probe.begun().await);
        }
        begun.sort_unstable();
        assert!(begun.into_iter().eq(0..CALLS), "all are held at a time");
        served.probe.release(CALLS as usize);
        for (number, result) in in_time(calls.join_all()).await {
            assert_eq!(result.expect("an answer"), number);
        }
    }
}

pub(crate) async fn nothing_is_sent_before_the_first_poll(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    let polled = client.notify(1).into_future();
    let dropped = client.notify(2).into_future();
    assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    drop(dropped);
    assert_eq!(served.probe.executions(), 1, "only the sum");
    served.probe.release(2);
    polled.await.expect("sent");
    assert_eq!(served.probe.ended().await, 1);
    assert_eq!(served.probe.executions(), 2);
}

fn is_of_server(error: &CallError) -> bool {
    let fault: Option<&Fault> = error.fault();
    fault.is_some_and(|fault| fault.code() == FaultCode::Receiver)
}

pub(crate) async fn a_panic_is_a_fault_and_the_server_goes_on(at: Harness) {
    let served = at.serve().await;
    for version in BOTH {
        let client = at.client_in(version, &served.url).await;
        let error = client.panic().await.expect_err("a fault");
        assert!(is_of_server(&error), "{error:?}");
        assert!(!error.to_string().contains("panics"), "{error}");
        assert_eq!(client.add(1, 2).await.expect("goes on"), 3);
    }
}

pub(crate) async fn a_handler_that_takes_too_long_is_a_fault_and_runs_on(at: Harness) {
    let bound = |options: &mut soapstone::transport::Options| {
        options.timeouts.handler = Duration::from_millis(20);
    };
    let mut served = at.serve_with(bound).await;
    let client = at.client(&served.url).await;
    let error = client.hold(1).await.expect_err("a fault");
    assert!(is_of_server(&error), "{error:?}");
    assert!(error.to_string().contains("20ms"), "{error}");
    assert_eq!(client.add(1, 2).await.expect("goes on"), 3);
    served.probe.release(1);
    assert_eq!(served.probe.ended().await, 1);
}

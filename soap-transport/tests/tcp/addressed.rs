//! Answers that say by WS-Addressing which request they are to.

use std::{sync::Arc, time::Duration};

use soap_core::{
    Timeouts,
    addressing::Edition,
    transport::{Request, Transport, TransportError},
};
use soap_transport::{Endpoint, tcp::TcpOptions};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};

use crate::fake::{PATIENCE, Raw, call, listen, named, relates_to, request};

type Called = JoinHandle<Result<bytes::Bytes, TransportError>>;

async fn transport(options: TcpOptions) -> (TcpListener, Arc<dyn Transport>) {
    let (listener, endpoint) = listen().await;
    let transport = endpoint.with(options).transport().await.unwrap();
    (listener, transport)
}

fn begin(transport: &Arc<dyn Transport>, request: Request) -> Called {
    let transport = Arc::clone(transport);
    tokio::spawn(async move { call(&*transport, request).await })
}

/// The calls of these `MessageID`s, whose requests the peer has read.
async fn begun(
    listener: &TcpListener,
    transport: &Arc<dyn Transport>,
    ids: &[&str],
) -> (Raw, Vec<Called>) {
    let mut calls = Vec::new();
    let mut raw = None;
    for id in ids {
        calls.push(begin(transport, named(id)));
        if raw.is_none() {
            raw = Some(Raw::accept(listener).await);
        }
        let raw = raw.as_mut().unwrap();
        raw.expect(format!("<asks id='{id}'/>")).await;
    }
    (raw.unwrap(), calls)
}

fn is_another(error: &TransportError) -> bool {
    let text = error.to_string();
    text.starts_with("the answer is to another request") && error.is_lost() && error.is_ambiguous()
}

#[tokio::test]
async fn an_answer_to_another_request_is_refused_and_its_connection_not_used_again() {
    let (listener, transport) = transport(TcpOptions::new()).await;
    let (mut raw, mut calls) = begun(&listener, &transport, &["one"]).await;
    raw.send(relates_to("two")).await;
    let error = calls.remove(0).await.unwrap().unwrap_err();
    assert!(is_another(&error), "{error:?}");
    assert!(raw.is_closed().await);
    // The next call has a connection of its own, which is kept.
    let (mut raw, mut calls) = begun(&listener, &transport, &["two"]).await;
    raw.send(relates_to("two")).await;
    assert_eq!(calls.remove(0).await.unwrap().unwrap(), relates_to("two"));
    let last = begin(&transport, named("three"));
    raw.expect("<asks id='three'/>").await;
    raw.send("<names nothing='true'/>").await;
    assert_eq!(last.await.unwrap().unwrap(), "<names nothing='true'/>");
}

#[tokio::test]
async fn without_a_message_id_any_answer_is_taken() {
    for options in [TcpOptions::new(), TcpOptions::new().pipeline(2)] {
        let (listener, transport) = transport(options).await;
        let called = begin(&transport, request("<a/>"));
        let mut raw = Raw::accept(&listener).await;
        raw.expect("<a/>").await;
        raw.send(relates_to("whom")).await;
        assert_eq!(called.await.unwrap().unwrap(), relates_to("whom"));
    }
}

/// `relates_to` two requests.
fn relates_to_both(first: &str, second: &str) -> String {
    let answer = relates_to(first);
    let (head, rest) = answer.split_once(first).unwrap();
    let name = head.rsplit('<').next().unwrap();
    let tag = name.split([' ', '>']).next().unwrap();
    format!("{head}{first}</{tag}><{name}{second}{rest}")
}

#[tokio::test]
async fn an_answer_to_several_requests_is_an_answer_to_each() {
    for options in [TcpOptions::new(), TcpOptions::new().pipeline(2)] {
        let (listener, transport) = transport(options).await;
        let (mut raw, mut calls) = begun(&listener, &transport, &["ours"]).await;
        let answer = relates_to_both("theirs", "ours");
        raw.send(&answer).await;
        assert_eq!(calls.remove(0).await.unwrap().unwrap(), answer);
    }
    // Of several that wait it is the one that is named, wherever it is named.
    let (listener, transport) = transport(TcpOptions::new().pipeline(2)).await;
    let (mut raw, calls) = begun(&listener, &transport, &["a", "b"]).await;
    let answers = [relates_to("a"), relates_to_both("theirs", "b")];
    raw.send(format!("{1}{0}", answers[0], answers[1])).await;
    for (answer, call) in answers.iter().zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), answer);
    }
}

/// What stands for a request without a `MessageID` names none.
#[tokio::test]
async fn an_answer_to_an_unspecified_request_is_taken_as_one_that_names_none() {
    let unspecified = Edition::V200508.unspecified();
    for options in [TcpOptions::new(), TcpOptions::new().pipeline(2)] {
        let (listener, transport) = transport(options).await;
        let (mut raw, mut calls) = begun(&listener, &transport, &["a"]).await;
        raw.send(relates_to(unspecified)).await;
        assert_eq!(
            calls.remove(0).await.unwrap().unwrap(),
            relates_to(unspecified)
        );
    }
}

#[tokio::test]
async fn pipelined_answers_may_come_in_reverse() {
    let (listener, transport) = transport(TcpOptions::new().pipeline(8)).await;
    let ids = ["a", "b", "c", "d", "e"];
    let (mut raw, calls) = begun(&listener, &transport, &ids).await;
    for id in ids.iter().rev() {
        raw.send(relates_to(id)).await;
    }
    for (id, call) in ids.iter().zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), relates_to(id));
    }
    // The connection goes on.
    let last = begin(&transport, named("f"));
    raw.expect("<asks id='f'/>").await;
    raw.send(relates_to("f")).await;
    assert_eq!(last.await.unwrap().unwrap(), relates_to("f"));
}

#[tokio::test]
async fn a_slow_call_does_not_hold_up_the_answers_behind_it() {
    let (listener, transport) = transport(TcpOptions::new().pipeline(2)).await;
    let (mut raw, mut calls) = begun(&listener, &transport, &["slow", "fast"]).await;
    for more in ["x", "y", "z"] {
        raw.send(relates_to("fast")).await;
        let fast = calls.pop().unwrap().await;
        assert_eq!(fast.unwrap().unwrap(), relates_to("fast"));
        calls.push(begin(&transport, named("fast")));
        raw.expect("<asks id='fast'/>").await;
        assert_eq!(calls.len(), 2, "{more}");
    }
    raw.send(format!("{}{}", relates_to("fast"), relates_to("slow")))
        .await;
    for (id, call) in ["slow", "fast"].iter().zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), relates_to(id));
    }
}

#[tokio::test]
async fn a_call_that_the_server_forgot_ends_in_time_though_others_are_answered() {
    let bound = Duration::from_millis(300);
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint.with(TcpOptions::new().pipeline(2));
    let endpoint = endpoint.timeouts(Timeouts::new().answer(bound));
    let transport = endpoint.transport().await.unwrap();
    let (mut raw, mut calls) = begun(&listener, &transport, &["forgotten"]).await;
    let others = tokio::spawn(async move {
        loop {
            let fast = begin(&transport, named("fast"));
            raw.expect("<asks id='fast'/>").await;
            raw.send(relates_to("fast")).await;
            fast.await.unwrap().unwrap();
        }
    });
    let ended = timeout(PATIENCE, calls.remove(0)).await;
    let error = ended.expect("in time").unwrap().unwrap_err();
    assert_eq!(error.timed_out(), Some(bound), "{error:?}");
    others.abort();
}

#[tokio::test]
async fn a_pipelined_answer_that_names_nothing_goes_to_the_first() {
    let (listener, transport) = transport(TcpOptions::new().pipeline(4)).await;
    let (mut raw, calls) = begun(&listener, &transport, &["a", "b", "c"]).await;
    raw.send(format!("<first/>{}<second/>", relates_to("b")))
        .await;
    for (expected, call) in ["<first/>", &relates_to("b"), "<second/>"]
        .iter()
        .zip(calls)
    {
        assert_eq!(call.await.unwrap().unwrap(), *expected);
    }
}

#[tokio::test]
async fn a_pipelined_answer_to_nothing_known_ends_the_connection() {
    let (listener, transport) = transport(TcpOptions::new().pipeline(4)).await;
    let (mut raw, calls) = begun(&listener, &transport, &["a", "b"]).await;
    // Twice the same: the second answers nobody.
    raw.send(relates_to("b").repeat(2)).await;
    let mut calls = calls.into_iter();
    let first = calls.next().unwrap().await.unwrap().unwrap_err();
    assert!(is_another(&first), "{first:?}");
    assert_eq!(
        calls.next().unwrap().await.unwrap().unwrap(),
        relates_to("b")
    );
    assert!(raw.is_closed().await);
    let (mut raw, mut calls) = begun(&listener, &transport, &["c"]).await;
    raw.send(relates_to("c")).await;
    assert_eq!(calls.remove(0).await.unwrap().unwrap(), relates_to("c"));
}

#[tokio::test]
async fn the_answer_to_a_call_that_was_dropped_reaches_no_other_out_of_order() {
    let (listener, transport) = transport(TcpOptions::new().pipeline(4)).await;
    let (mut raw, mut calls) = begun(&listener, &transport, &["a", "b", "c"]).await;
    let dropped = calls.remove(1);
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    for id in ["c", "b", "a"] {
        raw.send(relates_to(id)).await;
    }
    for (id, call) in ["a", "c"].iter().zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), relates_to(id));
    }
}

/// An answer before all of its request was taken: what follows would be taken for another request by one of the two.
#[tokio::test]
async fn an_answer_to_a_request_that_is_being_written_ends_the_connection() {
    let (listener, transport) = transport(TcpOptions::new().pipeline(4)).await;
    let (mut raw, mut calls) = begun(&listener, &transport, &["a"]).await;
    let mut large = named("large");
    large.message.envelope = format!("<a>{}</a>", "x".repeat(64 << 20)).into();
    let large = begin(&transport, large);
    raw.expect("<a>xxx").await;
    raw.send(relates_to("large")).await;
    assert_eq!(large.await.unwrap().unwrap(), relates_to("large"));
    let error = calls.remove(0).await.unwrap().unwrap_err();
    assert!(error.is_lost() && error.is_ambiguous(), "{error:?}");
}

#[tokio::test]
async fn an_endpoint_refuses_what_is_for_servers() {
    use soap_core::{Addressing, AddressingOptions};
    let options = AddressingOptions::new(Addressing::Optional);
    for (options, name) in [
        (options.clone().answers_to(["http://a/"]), "answers_to"),
        (options.check_to(["urn:a"]), "check_to"),
    ] {
        let endpoint = Endpoint::new("soap.tcp://127.0.0.1:1").addressing(options);
        let error = endpoint.connect().await.unwrap_err();
        let told = format!("AddressingOptions::{name} is for servers, not for a client");
        assert_eq!(error.to_string(), told);
        assert!(error.is_config() && endpoint.transport().await.is_err());
    }
}

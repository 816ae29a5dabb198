//! What goes with a call besides its value.

use soapstone::{CallError, Fault, FaultCode, HeaderBlock, SoapType, SoapVersion};

use crate::{harness::Harness, service::Tag};

pub(crate) async fn the_handler_knows_who_calls(at: Harness) {
    let served = at.serve().await;
    let client = at.client(&served.url).await;
    let (scheme, rest) = served.url.split_once("://").expect("a URL");
    let address = if rest.starts_with("127.0.0.1") {
        "127.0.0.1"
    } else {
        "none"
    };
    let caller = client.caller().await.expect("an answer");
    assert_eq!(caller, format!("{scheme} {address}"));
}

pub(crate) async fn the_raw_bytes_of_both_messages_are_kept(at: Harness) {
    let served = at.serve().await;
    let client = at.client(&served.url).await;
    for text in ["one", "two"] {
        let (meta, result) = client.echo(text.to_owned()).with_meta().await;
        assert_eq!(result.expect("an echo"), text);
        let answer = meta.answer.expect("a message");
        for (bytes, element) in [
            (meta.request.expect("a message"), "Echo>"),
            (answer.envelope, "EchoResponse>"),
        ] {
            let xml = std::str::from_utf8(&bytes).expect("UTF-8");
            assert!(xml.trim_end().ends_with("Envelope>"), "{xml}");
            assert!(xml.contains(element) && xml.contains(text), "{xml}");
        }
    }
}

pub(crate) async fn a_header_block_goes_both_ways(at: Harness) {
    let served = at.serve().await;
    for version in [SoapVersion::Soap11, SoapVersion::Soap12] {
        let client = at.client_in(version, &served.url).await;
        let tag = Tag {
            key: "a<b".to_owned(),
        };
        let answer = client.tag(tag).await.expect("an answer");
        assert_eq!(
            (answer.value, answer.header.key),
            ("a<b".into(), "a<ba<b".into())
        );
    }
}

/// A block that nobody understands.
#[derive(SoapType, Debug, Clone)]
#[soap(namespace = "http://example.org/promises/strange")]
pub(crate) struct Strange {
    key: String,
}

/// The same, where it must be understood.
pub(crate) fn mandatory() -> HeaderBlock<Strange> {
    HeaderBlock::new(Strange { key: "k".into() }).must_understand()
}

pub(crate) async fn a_mandatory_block_not_understood_stops_the_call(at: Harness) {
    let served = at.serve().await;
    let block = HeaderBlock::new(Strange { key: "k".into() });
    for version in [SoapVersion::Soap11, SoapVersion::Soap12] {
        let client = at.client_in(version, &served.url).await;
        let before = served.probe.executions();
        let result = client.add(1, 2).header(&mandatory()).await;
        let Err(CallError::Fault(fault)) = result else {
            panic!("{result:?}");
        };
        let fault: Fault = fault;
        assert_eq!(fault.code(), FaultCode::MustUnderstand);
        assert_eq!(served.probe.executions(), before, "no side effect");
        let sum = client.add(1, 2).header(&block).await;
        assert_eq!(sum.expect("the next call works"), 3);
    }
}

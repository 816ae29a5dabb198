//! The SOAP 1.2 Test Collection: its requests to a service of ours, its expectations (kind of answer, fault code) of us.
//!
//! What its index expects is what one stack answered. Where that is not what the standard says, the standard wins.

use std::{fs, sync::Arc};

use soapstone::{
    Host, Limits, SoapType, SoapVersion, WithHeader,
    server::IntoDispatch,
    transport::{Dispatch, Message, Outcome},
};

use crate::harness::shared;

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/ts-tests", name = "echoOk")]
struct EchoOk(String);

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/ts-tests", name = "responseOk")]
struct ResponseOk(String);

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/ts-tests", name = "requiredHeader")]
struct RequiredHeader(String);

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/ts-tests", name = "echoHeader")]
struct EchoHeader;

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/ts-tests", name = "echoHeaderResponse")]
struct EchoHeaderResponse(String);

struct Node;

/// Three operations: with an empty Body, `echoOk` in the Body, and one that needs a header block.
#[soapstone::service(namespace = "http://example.org/ts-tests")]
impl Node {
    #[soap(bare)]
    async fn header_only(
        &self,
        #[soap(header)] echo: Option<EchoOk>,
    ) -> WithHeader<(), Option<ResponseOk>> {
        WithHeader::new((), echo.map(|EchoOk(text)| ResponseOk(text)))
    }

    #[soap(bare)]
    async fn echo_ok(
        &self,
        #[soap(header)] echo: Option<EchoOk>,
        body: EchoOk,
    ) -> WithHeader<ResponseOk, Option<ResponseOk>> {
        WithHeader::new(
            ResponseOk(body.0),
            echo.map(|EchoOk(text)| ResponseOk(text)),
        )
    }

    #[soap(bare)]
    async fn echo_header(
        &self,
        #[soap(header)] required: RequiredHeader,
        _body: EchoHeader,
    ) -> EchoHeaderResponse {
        EchoHeaderResponse(required.0)
    }
}

/// Where the index has what one stack answered, and the standard has something else.
const STANDARD_WINS: [(&str, &str); 2] = [
    ("T26", "fault env:Sender"), // a processing instruction: SOAP 1.2 P1 5
    ("T64", "fault env:Sender"), // a DTD: SOAP 1.2 P1 5, the sender's fault
];

#[tokio::test]
async fn soap12_test_collection() {
    let Some(folder) = shared("corpus/messages/soap12-testcollection") else {
        return;
    };
    let host = Host::new(NodeServer::new(Node))
        .role("http://example.org/ts-tests/C")
        .into_dispatch(&Limits::server());
    let index = fs::read_to_string(folder.join("INDEX.tsv")).expect("INDEX.tsv");
    let mut seen = 0;
    for line in index.lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(id), Some(_), Some(expected)) = (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let number: u32 = id[1..]
            .split('_')
            .next()
            .and_then(|number| number.parse().ok())
            .expect("a number");
        if !matches!(number, 1..=39 | 66..=74 | 80) && id != "T64" {
            continue; // SOAP encoding
        }
        let request = fs::read(folder.join(format!("{id}.request.xml"))).expect("a request");
        let wanted = STANDARD_WINS
            .iter()
            .find(|(other, _)| *other == id)
            .map_or(expected, |(_, standard)| standard);
        assert_eq!(kind(&answer(&host, request).await), wanted, "{id}");
        seen += 1;
    }
    println!("{seen} messages of the SOAP 1.2 Test Collection");
    assert_eq!(
        seen, 23,
        "of T01-T39, T64, T66-T74 and T80 that many are there"
    );
}

#[tokio::test]
async fn soap12_t01_the_header_is_answered() {
    let Some(folder) = shared("corpus/messages/soap12-testcollection") else {
        return;
    };
    let host = Host::new(NodeServer::new(Node))
        .role("http://example.org/ts-tests/C")
        .into_dispatch(&Limits::server());
    for id in ["T01", "T03", "T22", "T38_1", "T66", "T74"] {
        let request = fs::read(folder.join(format!("{id}.request.xml"))).expect("a request");
        let answer = answer(&host, request).await;
        let document = roxmltree::Document::parse(&answer).expect("well-formed");
        let header = document
            .descendants()
            .find(|node| node.tag_name().name() == "Header")
            .expect("a Header");
        let block = header.first_element_child().expect("a block");
        assert!(
            block.has_tag_name(("http://example.org/ts-tests", "responseOk")),
            "{id}: {answer}"
        );
        assert_eq!(block.text(), Some("foo"), "{id}");
    }
    // The block of T05 is for another role: nothing comes back.
    let request = fs::read(folder.join("T05.request.xml")).expect("a request");
    assert!(!answer(&host, request).await.contains("responseOk"));
}

async fn answer(host: &Arc<dyn Dispatch>, request: Vec<u8>) -> String {
    // As the media type would announce it.
    let text = String::from_utf8_lossy(&request);
    let first = |version: SoapVersion| text.find(version.namespace().uri());
    let version = match first(SoapVersion::Soap11) {
        Some(at) if first(SoapVersion::Soap12).is_none_or(|other| at < other) => {
            SoapVersion::Soap11
        }
        _ => SoapVersion::Soap12,
    };
    let message = Message::new(request).version(version);
    match Arc::clone(host).dispatch(message).await {
        Outcome::Reply(reply) => String::from_utf8(reply.envelope.to_vec()).expect("UTF-8"),
        other => panic!("{other:?}"),
    }
}

/// `response` or `fault env:CODE`, as the index has it.
fn kind(answer: &str) -> String {
    let document = roxmltree::Document::parse(answer).expect("well-formed");
    let fault = document
        .descendants()
        .find(|node| node.tag_name().name() == "Fault");
    let Some(fault) = fault else {
        return "response".to_owned();
    };
    let version = if fault.tag_name().namespace() == Some(SoapVersion::Soap12.namespace().uri()) {
        "Value"
    } else {
        "faultcode"
    };
    let code = fault
        .descendants()
        .find(|node| node.tag_name().name() == version)
        .and_then(|node| node.text())
        .expect("a code");
    format!(
        "fault env:{}",
        code.split_once(':').map_or(code, |(_, local)| local)
    )
}

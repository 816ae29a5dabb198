//! Q45 to Q48: header blocks as others write them.

use soapstone::{CallError, SoapVersion};

use super::{
    client::{self, BOTH, SUM, failed, is_divide_fault, namespace, ok},
    server::{SOAP11, SOAP12, add, code, service, sum},
};

const ACTION: &str = "<Action s:mustUnderstand=\"1\" xmlns=\"http://schemas.microsoft.com/ws/2005/05/addressing/none\">http://example.org/calc/Add</Action>";

/// A reply with these header blocks.
fn reply(version: SoapVersion, blocks: &str, body: &str) -> String {
    client::envelope(version, body).replace(
        "<s:Body>",
        &format!("<s:Header>{blocks}</s:Header><s:Body>"),
    )
}

/// `Add` with these header blocks; `s` is the prefix of the Envelope.
fn request(namespace: &str, blocks: &str) -> String {
    add("s", namespace).replace(
        "<s:Body>",
        &format!("<s:Header>{blocks}</s:Header><s:Body>"),
    )
}

#[tokio::test]
async fn q45_mandatory_action_of_wcf_is_understood_and_ignored() {
    for version in BOTH {
        let answer = ok(version, &reply(version, ACTION, SUM));
        assert_eq!(client::add(version, answer).await.expect("a sum"), 3.75);
        let fault = if version == SoapVersion::Soap11 {
            "<s:Fault><faultcode>Sender</faultcode><faultstring xml:lang=\"\">divide by zero</faultstring><detail><c:DivideFault><c:code>7</c:code><c:text>divide by zero</c:text></c:DivideFault></detail></s:Fault>"
        } else {
            "<s:Fault><s:Code><s:Value>Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"\">divide by zero</s:Text></s:Reason><s:Detail><c:DivideFault><c:code>7</c:code><c:text>divide by zero</c:text></c:DivideFault></s:Detail></s:Fault>"
        };
        let answer = failed(version, &reply(version, ACTION, fault));
        is_divide_fault(client::divide(version, answer).await);
    }
    let service = service().await;
    for namespace in [SOAP11, SOAP12] {
        let answer = service.post(&request(namespace, ACTION)).await;
        assert_eq!(sum(&answer), 3.75);
    }
}

#[tokio::test]
async fn q46_must_understand_in_every_form() {
    let service = service().await;
    let block = |attribute: &str| format!("<x:Unknown xmlns:x=\"urn:x\" {attribute}>1</x:Unknown>");
    for namespace in [SOAP11, SOAP12] {
        for yes in ["1", "true", " true ", "\t1"] {
            let block = block(&format!("s:mustUnderstand=\"{yes}\""));
            let answer = service.post(&request(namespace, &block)).await;
            assert_eq!(code(&answer), "MustUnderstand", "{yes:?}");
        }
        let other = if namespace == SOAP11 { SOAP12 } else { SOAP11 };
        let of_other = format!("xmlns:o=\"{other}\" o:mustUnderstand=\"1\"");
        for no in [
            "s:mustUnderstand=\"0\"",
            "s:mustUnderstand=\"false\"",
            "mustUnderstand=\"1\"",
            "mustUnderstand=\"true\"",
            &of_other,
        ] {
            let answer = service.post(&request(namespace, &block(no))).await;
            assert_eq!(sum(&answer), 3.75, "{no}");
        }
    }
    assert_eq!(
        service.calculator.executions(),
        10,
        "the refused ones had no effect"
    );
}

#[tokio::test]
async fn q46_must_understand_in_replies() {
    for version in BOTH {
        for (attribute, is_read) in [
            ("s:mustUnderstand=\"1\"", false),
            ("s:mustUnderstand=\"true\"", false),
            ("s:mustUnderstand=\"0\"", true),
            ("s:mustUnderstand=\"false\"", true),
            ("mustUnderstand=\"1\"", true),
        ] {
            let block = format!("<x:Unknown xmlns:x=\"urn:x\" {attribute}/>");
            let answer = ok(version, &reply(version, &block, SUM));
            match client::add(version, answer).await {
                Ok(sum) => assert!(is_read && sum == 3.75, "{attribute}"),
                Err(CallError::Read(error)) => assert!(!is_read, "{attribute}: {error}"),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";

/// The blocks of WS-Addressing, those that gSOAP marks with `mark`.
fn addressing(mark: &str, id: &str, to: &str) -> String {
    format!(
        "<a:MessageID xmlns:a=\"{ADDRESSING}\">{id}:b3bfddf2-1787-4e12-ab8b-4567327b23c6</a:MessageID><a:ReplyTo xmlns:a=\"{ADDRESSING}\"{mark}><a:Address>{ADDRESSING}/anonymous</a:Address></a:ReplyTo><a:To xmlns:a=\"{ADDRESSING}\"{mark}>{to}</a:To><a:Action xmlns:a=\"{ADDRESSING}\"{mark}>http://example.org/calc/Add</a:Action>"
    )
}

#[tokio::test]
async fn q47_addressing_blocks_on_requests() {
    let service = service().await;
    let anonymous = format!("{ADDRESSING}/anonymous");
    let listener = format!("http://127.0.0.1:{}/calc", service.port);
    for id in ["urn:uuid", "uuid"] {
        for to in [&anonymous, &listener] {
            for namespace in [SOAP11, SOAP12] {
                let request = request(namespace, &addressing("", id, to));
                assert_eq!(sum(&service.post(&request).await), 3.75);
            }
        }
    }
}

#[tokio::test]
async fn q47_mandatory_addressing_blocks_are_understood_and_answered() {
    let service = service().await;
    for namespace in [SOAP11, SOAP12] {
        let marked = addressing(" s:mustUnderstand=\"true\"", "urn:uuid", "urn:here");
        let answer = service.post(&request(namespace, &marked)).await;
        assert_eq!(sum(&answer), 3.75);
        let related = answer.value("RelatesTo").expect("RelatesTo");
        assert_eq!(related, "urn:uuid:b3bfddf2-1787-4e12-ab8b-4567327b23c6");
    }
    assert_eq!(service.calculator.executions(), 2);
}

#[tokio::test]
async fn q47_addressing_blocks_on_replies() {
    for version in BOTH {
        let blocks = format!(
            "{}<a:RelatesTo xmlns:a=\"{ADDRESSING}\">uuid:1</a:RelatesTo>",
            addressing("", "uuid", &format!("{ADDRESSING}/anonymous"))
        );
        let answer = ok(version, &reply(version, &blocks, SUM));
        assert_eq!(client::add(version, answer).await.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q48_unknown_mandatory_header_is_a_fault() {
    let service = service().await;
    for version in BOTH {
        let namespace = namespace(version);
        let block = "<x:Unknown xmlns:x=\"urn:x\" s:mustUnderstand=\"1\">1</x:Unknown>";
        let answer = service.post(&request(namespace, block)).await;
        assert_eq!(code(&answer), "MustUnderstand");
        let text = answer.text();
        let document = roxmltree::Document::parse(&text).expect("well-formed");
        let named = document
            .descendants()
            .find(|node| node.has_tag_name((SOAP12, "NotUnderstood")));
        if version == SoapVersion::Soap12 {
            let named = named.expect("the block is named");
            let name = named.attribute("qname").expect("its name");
            let (prefix, local) = name.split_once(':').expect("a prefix");
            assert_eq!(local, "Unknown");
            assert_eq!(named.lookup_namespace_uri(Some(prefix)), Some("urn:x"));
        }
        // For somebody else it is none of ours.
        let target = if version == SoapVersion::Soap11 {
            "actor"
        } else {
            "role"
        };
        let other = block.replace(" s:must", &format!(" s:{target}=\"urn:other\" s:must"));
        assert_eq!(sum(&service.post(&request(namespace, &other)).await), 3.75);
    }
    assert_eq!(service.calculator.executions(), 2);
}

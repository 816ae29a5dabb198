//! Q1 to Q7 and Q18: envelopes as others write them.

use soapstone::{CallError, SoapVersion};

use super::{
    client::{self, BOTH, SUM, media, namespace, ok},
    server::{SOAP11, SOAP12, add, code, service, sum},
};
use crate::harness::{self, ADD, envelope11, envelope12, post, scripted};

const PREFIXES: [&str; 8] = [
    "soap-env",
    "SOAP-ENV",
    "S",
    "s",
    "soap",
    "e",
    "env",
    "soap11env",
];

#[tokio::test]
async fn q01_any_prefix_of_the_envelope() {
    let service = service().await;
    for prefix in PREFIXES {
        for namespace in [SOAP11, SOAP12] {
            let answer = service.post(&add(prefix, namespace)).await;
            assert_eq!(sum(&answer), 3.75, "{prefix}");
        }
        for version in BOTH {
            let answer = client::sum(version)
                .replace("<s:", &format!("<{prefix}:"))
                .replace("</s:", &format!("</{prefix}:"))
                .replace("xmlns:s=", &format!("xmlns:{prefix}="));
            let sum = client::add(version, ok(version, &answer)).await;
            assert_eq!(sum.expect("a sum"), 3.75, "{prefix}");
        }
    }
}

#[tokio::test]
async fn q01_payload_in_a_default_namespace_or_prefixed() {
    let service = service().await;
    for prefix in ["ns0", "ns1", "c", "tns"] {
        let body = format!(
            "<{prefix}:Add xmlns:{prefix}=\"http://example.org/calc\"><{prefix}:a>1.5</{prefix}:a><{prefix}:b>2.25</{prefix}:b></{prefix}:Add>"
        );
        assert_eq!(sum(&service.post(&envelope11(&body)).await), 3.75);
        assert_eq!(sum(&service.post(&envelope12(&body)).await), 3.75);
    }
    let body =
        "<AddResponse xmlns=\"http://example.org/calc\"><AddResult>3.75</AddResult></AddResponse>";
    for version in BOTH {
        let answer = ok(version, &client::envelope(version, body));
        assert_eq!(client::add(version, answer).await.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q02_two_prefixes_of_one_envelope_uri() {
    let service = service().await;
    for namespace in [SOAP11, SOAP12] {
        let envelope = format!(
            "<a:Envelope xmlns:a=\"{namespace}\"><b:Header xmlns:b=\"{namespace}\"/><b:Body xmlns:b=\"{namespace}\" xmlns:c=\"http://example.org/calc\">{ADD}</b:Body></a:Envelope>"
        );
        assert_eq!(sum(&service.post(&envelope).await), 3.75);
    }
    for version in BOTH {
        let namespace = namespace(version);
        let answer = format!(
            "<a:Envelope xmlns:a=\"{namespace}\"><Body xmlns=\"{namespace}\" xmlns:c=\"http://example.org/calc\">{SUM}</Body></a:Envelope>"
        );
        let sum = client::add(version, ok(version, &answer)).await;
        assert_eq!(sum.expect("a sum"), 3.75);
    }
}

const UNUSED: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:wsa5=\"http://www.w3.org/2005/08/addressing\" xmlns:chan=\"http://schemas.microsoft.com/ws/2005/02/duplex\" xmlns:tns=\"http://example.org/calc\"";

#[tokio::test]
async fn q03_unused_and_repeated_declarations() {
    let service = service().await;
    for namespace in [SOAP11, SOAP12] {
        let envelope = format!(
            "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{namespace}\" {UNUSED}><SOAP-ENV:Body xmlns:SOAP-ENV=\"{namespace}\" {UNUSED}><c:Add xmlns:c=\"http://example.org/calc\" {UNUSED}><c:a>1.5</c:a><tns:b>2.25</tns:b></c:Add></SOAP-ENV:Body></SOAP-ENV:Envelope>"
        );
        assert_eq!(sum(&service.post(&envelope).await), 3.75);
    }
    for version in BOTH {
        let answer = client::sum(version)
            .replace("<s:Body", &format!("<s:Body {UNUSED}"))
            .replace("<s:Envelope", &format!("<s:Envelope {UNUSED}"));
        let sum = client::add(version, ok(version, &answer)).await;
        assert_eq!(sum.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q03_encoding_style_on_the_envelope_of_soap_11() {
    let style = "<s:Envelope s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"";
    let service = service().await;
    let request = add("s", SOAP11).replace("<s:Envelope", style);
    assert_eq!(sum(&service.post(&request).await), 3.75);
    let answer = client::sum(SoapVersion::Soap11).replace("<s:Envelope", style);
    let answer = ok(SoapVersion::Soap11, &answer);
    let sum = client::add(SoapVersion::Soap11, answer).await;
    assert_eq!(sum.expect("a sum"), 3.75);
}

#[tokio::test]
async fn q04_xml_declaration_absent_or_present() {
    let service = service().await;
    for declaration in [
        "",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<?xml version='1.0' encoding='utf-8'?>\n",
        "<?xml version=\"1.0\"?>\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
    ] {
        for namespace in [SOAP11, SOAP12] {
            let request = format!("{declaration}{}", add("soap", namespace));
            assert_eq!(sum(&service.post(&request).await), 3.75, "{declaration}");
        }
        for version in BOTH {
            let (_, envelope) = client::sum(version)
                .split_once("?>")
                .map(|(head, rest)| (head.to_owned(), rest.to_owned()))
                .expect("a declaration");
            let answer = ok(version, &format!("{declaration}{envelope}"));
            let sum = client::add(version, answer).await;
            assert_eq!(sum.expect("a sum"), 3.75, "{declaration}");
        }
    }
}

#[tokio::test]
async fn q05_utf8_byte_order_mark() {
    let service = service().await;
    for namespace in [SOAP11, SOAP12] {
        let request = format!(
            "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>{}",
            add("s", namespace)
        );
        assert_eq!(sum(&service.post(&request).await), 3.75);
    }
    for version in BOTH {
        let answer = ok(version, &format!("\u{FEFF}{}", client::sum(version)));
        let sum = client::add(version, answer).await;
        assert_eq!(sum.expect("a sum"), 3.75);
    }
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[tokio::test]
async fn q06_utf16_request_is_answered_in_utf8() {
    let service = service().await;
    for (mark, charset) in [
        ("\u{FEFF}", "text/xml; charset=utf-16"),
        ("\u{FEFF}", "text/xml ;charset=utf-16"),
        ("\u{FEFF}", "text/xml; charset=\"UTF-16\""),
        ("\u{FEFF}", "text/xml"),
        ("", "text/xml; charset=utf-16"),
    ] {
        let text = format!(
            "{mark}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{}",
            envelope11("<c:Add><c:a>1.5</c:a><c:b>2.25</c:b></c:Add>")
        );
        for order in [u16::to_be_bytes, u16::to_le_bytes] {
            let answer = post(
                service.port,
                &[("Content-Type", charset)],
                &utf16(&text, order),
            )
            .await;
            assert_eq!(sum(&answer), 3.75, "{charset}");
        }
    }
}

#[tokio::test]
async fn q06_utf16_reply_with_a_blank_before_the_semicolon() {
    let text = client::sum(SoapVersion::Soap11).replace("utf-8", "UTF-16");
    for text in [text.clone(), format!("\u{FEFF}{text}")] {
        let body = utf16(&text, u16::to_be_bytes);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-type: text/xml ;charset=utf-16\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = [head.as_bytes(), &body].concat();
        let sum = client::add(SoapVersion::Soap11, answer).await;
        assert_eq!(sum.expect("a sum"), 3.75);
    }
}

#[tokio::test]
async fn q07_indentation_and_line_end_behind_the_message() {
    let service = service().await;
    for gap in ["", " ", "\n\t\t", "\r\n    "] {
        let indent = |text: String| text.replace("><", &format!(">{gap}<"));
        for namespace in [SOAP11, SOAP12] {
            let request = format!("{}\r\n", indent(add("s", namespace)));
            assert_eq!(sum(&service.post(&request).await), 3.75);
        }
        for version in BOTH {
            let answer = format!("{}{gap}\r\n", indent(client::sum(version)));
            let sum = client::add(version, ok(version, &answer)).await;
            assert_eq!(sum.expect("a sum"), 3.75);
        }
    }
}

#[tokio::test]
async fn q18_document_truncated_after_the_body_is_a_fault() {
    let service = service().await;
    for namespace in [SOAP11, SOAP12] {
        let whole = add("s", namespace);
        for cut in ["</s:Envelope>", "Envelope>", ">"] {
            let truncated = whole.strip_suffix(cut).expect("the end");
            service.refuses(truncated).await;
        }
    }
    for version in BOTH {
        let whole = client::sum(version);
        let truncated = whole.strip_suffix("</s:Envelope>").expect("the end");
        let headers = [("Content-Type", media(version))];
        let answer = scripted::answer("200 OK", &headers, truncated);
        let result = client::add(version, answer).await;
        assert!(matches!(result, Err(CallError::Read(_))), "{result:?}");
    }
}

/// Rule S-1: SOAP 1.1 allows elements after the Body, SOAP 1.2 does not.
#[tokio::test]
async fn elements_after_the_body_of_soap_11_are_passed_over() {
    let service = service().await;
    let trailer = |trailer: &str, namespace| {
        add("s", namespace).replace("</s:Body>", &format!("</s:Body>{trailer}"))
    };
    let foreign = "<x:Trailer xmlns:x=\"urn:x\"><x:deep/></x:Trailer>";
    let answer = service.post(&trailer(foreign, SOAP11)).await;
    assert_eq!(sum(&answer), 3.75);
    let service = self::service().await;
    for trailer in [
        trailer(foreign, SOAP12),
        trailer("<Trailer/>", SOAP11),
        trailer("<s:Header/>", SOAP11),
        trailer("<s:Body/>", SOAP11),
    ] {
        service.refuses(&trailer).await;
    }
}

/// Rule S-6 in the shape real messages have.
#[tokio::test]
async fn header_blocks_without_a_namespace_are_taken_in_soap_11_only() {
    let service = service().await;
    let header = |namespace, attributes| {
        add("s", namespace).replace(
            "<s:Body>",
            &format!("<s:Header><SomeToken{attributes}>abc</SomeToken></s:Header><s:Body>"),
        )
    };
    assert_eq!(sum(&service.post(&header(SOAP11, "")).await), 3.75);
    let mandatory = header(SOAP11, " s:mustUnderstand=\"1\"");
    assert_eq!(code(&service.post(&mandatory).await), "MustUnderstand");
    let answer = harness::post12(service.port, &header(SOAP12, "")).await;
    assert_eq!(code(&answer), "Sender");
    assert_eq!(service.calculator.executions(), 1);
}

//! What no peer must ever get from us: the never-emit lines of the quirks of other stacks, in one checker for everything our
//! wire tests make us send.

use super::Answer;

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Checks an answer of our server (Q77 to Q84).
pub fn check_answer(answer: &Answer) {
    let kind = answer.header("content-type");
    if answer.status == 202 {
        assert_eq!(
            answer.header("content-length"),
            Some("0"),
            "Q78: a one-way answer has Content-Length: 0"
        );
        assert!(
            answer.body.is_empty() && kind.is_none(),
            "Q78: a one-way answer has no body"
        );
        return;
    }
    let namespace = match kind {
        Some("text/xml; charset=utf-8") => SOAP11,
        Some("application/soap+xml; charset=utf-8") => SOAP12,
        Some("text/plain; charset=utf-8") | None if answer.status >= 400 => return,
        other => panic!("Q77: Content-Type {other:?} with status {}", answer.status),
    };
    assert!(
        answer.header("content-encoding").is_none(),
        "Q81: compressed though the request did not ask for it"
    );
    assert!(
        answer.header("transfer-encoding").is_none(),
        "answers have a Content-Length"
    );
    let text = answer.text();
    if !text.contains("Envelope") {
        return; // a WSDL
    }
    let fault = check_envelope(&text, namespace);
    assert_eq!(
        answer.status == 200,
        !fault,
        "Q79: status {} with fault: {fault}",
        answer.status
    );
    assert!(
        !fault || answer.status == 500 || answer.status == 503,
        "Q79: a fault with status {}",
        answer.status
    );
    assert!(
        !text.contains("mustUnderstand"),
        "Q84: a mandatory header block in an answer"
    );
}

/// Checks a request of our client (Q80 to Q86).
pub fn check_request(headers: &[(String, String)], body: &[u8]) {
    let header = |name: &str| {
        headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let kind = header("content-type").expect("Q85: a request has a Content-Type");
    let namespace = if kind == "text/xml; charset=utf-8" {
        let action = header("soapaction").expect("Q85: a SOAP 1.1 request has a SOAPAction");
        assert!(
            action.len() >= 2 && action.starts_with('"') && action.ends_with('"'),
            "Q85: SOAPAction {action} is not quoted"
        );
        SOAP11
    } else {
        let action = kind
            .strip_prefix("application/soap+xml; charset=utf-8; action=\"")
            .and_then(|rest| rest.strip_suffix('"'));
        assert!(
            action.is_some_and(|action| !action.is_empty()),
            "Q85: Content-Type {kind}"
        );
        assert!(
            header("soapaction").is_none(),
            "a SOAPAction on a SOAP 1.2 request"
        );
        SOAP12
    };
    assert!(
        header("transfer-encoding").is_none() && header("content-length").is_some(),
        "Q86: a chunked request"
    );
    let text = std::str::from_utf8(body).expect("Q81: UTF-8");
    assert!(!check_envelope(text, namespace), "a fault in a request");
}

/// Checks an envelope; true if it holds a fault.
pub fn check_envelope(text: &str, namespace: &str) -> bool {
    assert!(
        text.starts_with(DECLARATION),
        "Q80: bytes before the declaration, or none: {}",
        &text[..text.len().min(60)]
    );
    for forbidden in ["<![CDATA[", "<!--", "<!DOCTYPE"] {
        assert!(!text.contains(forbidden), "Q82: {forbidden} in {text}");
    }
    let document = roxmltree::Document::parse(text).expect("our envelopes are well-formed");
    let root = document.root_element();
    assert!(
        root.has_tag_name((namespace, "Envelope")),
        "Q84: an envelope of another version than its media type"
    );
    assert!(
        root.descendants()
            .all(|node| node.attribute((XSI, "type")).is_none()),
        "Q83: xsi:type in {text}"
    );
    let body = root
        .children()
        .find(|node| node.has_tag_name((namespace, "Body")))
        .expect("a Body");
    assert!(
        body.children().filter(roxmltree::Node::is_element).count() <= 1,
        "more than one element in the Body"
    );
    let Some(fault) = body
        .children()
        .find(|node| node.has_tag_name((namespace, "Fault")))
    else {
        return false;
    };
    check_fault(fault, namespace, text);
    true
}

fn check_fault(fault: roxmltree::Node<'_, '_>, namespace: &str, text: &str) {
    let code = if namespace == SOAP11 {
        "faultcode"
    } else {
        "Value"
    };
    let code = fault
        .descendants()
        .find(|node| node.tag_name().name() == code)
        .and_then(|node| node.text())
        .expect("a code");
    let (prefix, _) = code
        .split_once(':')
        .unwrap_or_else(|| panic!("Q84: fault code {code} without a prefix"));
    assert!(
        fault.lookup_namespace_uri(Some(prefix)).is_some(),
        "Q84: prefix of {code} is not declared in {text}"
    );
    if namespace == SOAP12 {
        let reasons: Vec<_> = fault
            .descendants()
            .filter(|node| node.has_tag_name((SOAP12, "Text")))
            .collect();
        let language = ("http://www.w3.org/XML/1998/namespace", "lang");
        assert!(
            !reasons.is_empty()
                && reasons
                    .iter()
                    .all(|reason| reason.attribute(language).is_some()),
            "Q84: a reason without xml:lang"
        );
    }
}

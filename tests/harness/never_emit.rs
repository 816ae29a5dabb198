//! What no peer must ever get from us: the never-emit lines of the quirks of other stacks (Q77 to Q86), in one checker for
//! everything that our wire tests make us send.

use roxmltree::{Document, Node};

use super::{
    Answer,
    shape::{self, CALC},
};

pub const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const LANGUAGE: (&str, &str) = ("http://www.w3.org/XML/1998/namespace", "lang");
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const REQUESTS: [&str; 4] = ["Add", "Divide", "Echo", "Notify"];
const ANSWERS: [&str; 3] = ["AddResponse", "DivideResponse", "EchoResponse"];

/// Checks an answer of our server; `gzip`: the request allowed compression.
pub fn check_answer(answer: &Answer, gzip: bool) {
    let kind = answer.header("content-type");
    assert!(
        answer.header("transfer-encoding").is_none(),
        "Q78: an answer is chunked"
    );
    assert!(
        gzip || answer.header("content-encoding").is_none(),
        "Q81: compressed though the request did not ask for it"
    );
    if answer.status == 202 {
        assert!(
            answer.header("content-length") == Some("0")
                && answer.body.is_empty()
                && kind.is_none(),
            "Q78: a one-way answer is more than 202 with Content-Length: 0"
        );
        return;
    }
    let namespace = match kind {
        Some("text/xml; charset=utf-8") => SOAP11,
        Some("application/soap+xml; charset=utf-8") => SOAP12,
        Some("text/plain; charset=utf-8") | None if answer.status >= 400 => return,
        other => panic!(
            "{}: Content-Type {other:?} with status {}",
            if answer.body.is_empty() { "Q78" } else { "Q77" },
            answer.status
        ),
    };
    if answer.header("content-encoding").is_some() {
        return;
    }
    let text = utf8(&answer.body);
    let document = check_document(text);
    if document.root_element().tag_name().name() != "Envelope" {
        check_description(&document, answer.status);
        return;
    }
    let fault = check_envelope(&document, namespace, &ANSWERS, "Q83");
    assert_eq!(
        answer.status == 200,
        !fault,
        "Q79: status {}; a fault: {fault}",
        answer.status
    );
    assert!(
        !fault || matches!(answer.status, 500 | 503),
        "Q79: a fault with status {}",
        answer.status
    );
    let mandatory = |node: Node<'_, '_>| {
        node.attributes()
            .any(|attribute| attribute.name() == "mustUnderstand")
    };
    assert!(
        !document.descendants().any(mandatory),
        "Q84: a mandatory header block in an answer"
    );
}

/// Checks a request of our client for the calculator.
pub fn check_request(headers: &[(String, String)], body: &[u8]) {
    let header = |name: &str| {
        headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let kind = header("content-type").expect("Q85: a request has a Content-Type");
    assert!(
        header("transfer-encoding").is_none() && header("content-length").is_some(),
        "Q86: a chunked request"
    );
    assert!(
        header("content-encoding").is_none(),
        "Q85: a compressed request"
    );
    let (namespace, action) = if kind == "text/xml; charset=utf-8" {
        let action = header("soapaction").expect("Q85: a SOAP 1.1 request has a SOAPAction");
        let action = action
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        (SOAP11, action.expect("Q85: SOAPAction is not quoted"))
    } else {
        let action = kind
            .strip_prefix("application/soap+xml; charset=utf-8; action=\"")
            .and_then(|rest| rest.strip_suffix('"'));
        let action =
            action.unwrap_or_else(|| panic!("Q85: Content-Type {kind}, or action not quoted"));
        (SOAP12, action)
    };
    let document = check_document(utf8(body));
    assert!(
        !check_envelope(&document, namespace, &REQUESTS, "Q86"),
        "a fault in a request"
    );
    let operation = body_element(&document, namespace).tag_name().name();
    assert_eq!(
        action,
        format!("{CALC}/{operation}"),
        "Q85: the action is empty or wrong"
    );
}

fn utf8(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap_or_else(|_| panic!("Q81: {body:?} is not UTF-8"))
}

/// Checks what holds for any document.
fn check_document(text: &str) -> Document<'_> {
    assert!(
        text.starts_with(DECLARATION),
        "Q80: bytes before the declaration, or none: {}",
        text.chars().take(60).collect::<String>()
    );
    for forbidden in ["<![CDATA[", "<!--", "<!DOCTYPE"] {
        assert!(!text.contains(forbidden), "Q82: {forbidden} in {text}");
    }
    Document::parse(text).expect("what we send is well-formed")
}

/// Checks a WSDL or a schema.
fn check_description(document: &Document<'_>, status: u16) {
    let name = document.root_element().tag_name();
    let known = [
        ("http://schemas.xmlsoap.org/wsdl/", "definitions"),
        ("http://www.w3.org/2001/XMLSchema", "schema"),
    ];
    assert!(
        status == 200 && known.contains(&(name.namespace().unwrap_or_default(), name.name())),
        "Q83: {name:?} with status {status}"
    );
}

fn body_element<'d>(document: &'d Document<'_>, namespace: &str) -> Node<'d, 'd> {
    document
        .root_element()
        .children()
        .find(|node| node.has_tag_name((namespace, "Body")))
        .and_then(|body| body.first_element_child())
        .expect("Q78: an envelope without a Body, or with an empty one")
}

/// Checks an envelope; true if it holds a fault.
fn check_envelope(document: &Document<'_>, namespace: &str, wrappers: &[&str], rule: &str) -> bool {
    let root = document.root_element();
    assert!(
        root.has_tag_name((namespace, "Envelope")),
        "Q84: an envelope of another version than its media type"
    );
    assert!(
        root.descendants()
            .all(|node| node.attribute((XSI, "type")).is_none()),
        "Q83: xsi:type"
    );
    let content = body_element(document, namespace);
    let parts = root.children().filter(Node::is_element);
    let parts: Vec<_> = parts.map(|node| node.tag_name().name()).collect();
    assert!(
        matches!(*parts, ["Body"] | ["Header", "Body"])
            && content.next_sibling_element().is_none()
            && content.prev_sibling_element().is_none(),
        "{rule}: extra elements in the envelope"
    );
    if content.tag_name().name() != "Fault" {
        shape::check_body(content, wrappers, rule);
        return false;
    }
    assert!(
        content.has_tag_name((namespace, "Fault")),
        "Q84: the fault of another version"
    );
    check_fault(content, namespace);
    true
}

fn check_fault(fault: Node<'_, '_>, namespace: &str) {
    let is_11 = namespace == SOAP11;
    let (known, own): (&[&str], _) = if is_11 {
        (&["faultcode", "faultstring", "faultactor", "detail"], None)
    } else {
        (
            &["Code", "Reason", "Node", "Role", "Detail"],
            Some(namespace),
        )
    };
    let mut allowed = known.iter();
    for part in fault.children().filter(Node::is_element) {
        let name = part.tag_name();
        assert!(
            name.namespace() == own && allowed.any(|allowed| *allowed == name.name()),
            "Q84: {name:?} in a fault of {namespace}"
        );
    }
    let part = |name: &str| {
        fault
            .descendants()
            .find(|node| node.tag_name().name() == name)
    };
    let code =
        part(if is_11 { "faultcode" } else { "Value" }).expect("Q84: a fault without a code");
    check_code(code, namespace);
    if is_11 {
        let reason = part("faultstring").and_then(|node| node.text());
        assert!(reason.is_some(), "Q84: a fault without a reason");
    } else {
        let mut reasons = fault
            .descendants()
            .filter(|node| node.has_tag_name((SOAP12, "Text")))
            .peekable();
        assert!(
            reasons.peek().is_some() && reasons.all(|text| text.attribute(LANGUAGE).is_some()),
            "Q84: a reason without xml:lang"
        );
    }
    if let Some(detail) = part(known[known.len() - 1]) {
        for element in detail.children().filter(Node::is_element) {
            shape::check_detail(element, "Q83");
        }
    }
}

/// A code is a QName with a prefix; in SOAP 1.2 one of its five.
fn check_code(code: Node<'_, '_>, namespace: &str) {
    let text = code.text().unwrap_or_default();
    let (prefix, local) = text
        .split_once(':')
        .unwrap_or_else(|| panic!("Q84: fault code {text} without a prefix"));
    let bound = code.lookup_namespace_uri(Some(prefix));
    assert!(bound.is_some(), "Q84: prefix of {text} is not declared");
    const CODES: [&str; 5] = [
        "VersionMismatch",
        "MustUnderstand",
        "DataEncodingUnknown",
        "Sender",
        "Receiver",
    ];
    assert!(
        namespace == SOAP11 || bound == Some(namespace) && CODES.contains(&local),
        "Q84: {text} is no code of SOAP 1.2"
    );
}

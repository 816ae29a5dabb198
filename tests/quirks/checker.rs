//! The checker of what must never be sent catches each of it: a bad message a line, and the good one it was made of passes.

use std::panic::catch_unwind;

use crate::harness::{
    Answer,
    never_emit::{SOAP11, SOAP12, check_answer, check_request},
};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const TEXT: &str = "text/xml; charset=utf-8";
const SOAP: &str = "application/soap+xml; charset=utf-8";
const SUM: &str = "<c:AddResponse><c:AddResult>3.75</c:AddResult></c:AddResponse>";
const ECHO: &str = "<c:EchoResponse><c:EchoResult><c:name>n</c:name><c:count>1</c:count><c:price>1</c:price><c:when>2024-02-29T12:34:56Z</c:when><c:nick i:nil=\"true\"/><c:blob/><c:color>Red</c:color></c:EchoResult></c:EchoResponse>";
const FAULT11: &str = "<S:Fault><faultcode>S:Client</faultcode><faultstring>no</faultstring><detail><c:DivideFault><c:code>7</c:code><c:text>t</c:text></c:DivideFault></detail></S:Fault>";
const FAULT12: &str = "<S:Fault><S:Code><S:Value>S:Sender</S:Value></S:Code><S:Reason><S:Text xml:lang=\"en\">no</S:Text></S:Reason></S:Fault>";

fn envelope(namespace: &str, body: &str) -> String {
    format!(
        "{DECLARATION}<S:Envelope xmlns:S=\"{namespace}\" xmlns:c=\"http://example.org/calc\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"><S:Body>{body}</S:Body></S:Envelope>"
    )
}

fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers = headers.iter();
    Answer {
        status,
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.to_vec(),
    }
}

fn typed(status: u16, kind: &str, body: &str) -> Answer {
    let length = body.len().to_string();
    let headers = [("content-type", kind), ("content-length", &length)];
    answer(status, &headers, body.as_bytes())
}

fn passes(answer: &Answer) {
    check_answer(answer, false);
}

/// What the checker says, which must begin with the line.
#[track_caller]
fn caught(line: &str, check: impl FnOnce() + std::panic::UnwindSafe) {
    let panic = catch_unwind(check).expect_err(line);
    let said = panic.downcast_ref::<String>().cloned();
    let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
    let said = said.expect("a text");
    // `assert_eq!` puts the message behind its own words.
    let is_line =
        said.starts_with(&format!("{line}:")) || said.contains(&format!("failed: {line}:"));
    assert!(is_line, "{line} expected: {said}");
}

#[track_caller]
fn refuses(line: &str, answer: Answer) {
    caught(line, || check_answer(&answer, false));
}

#[test]
fn good_messages_pass() {
    passes(&typed(200, TEXT, &envelope(SOAP11, SUM)));
    passes(&typed(200, SOAP, &envelope(SOAP12, ECHO)));
    passes(&typed(500, TEXT, &envelope(SOAP11, FAULT11)));
    passes(&typed(500, SOAP, &envelope(SOAP12, FAULT12)));
    passes(&answer(202, &[("content-length", "0")], b""));
    passes(&typed(415, "text/plain; charset=utf-8", "no"));
    let wsdl = format!("{DECLARATION}<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"/>");
    passes(&typed(200, TEXT, &wsdl));
}

#[test]
fn q77_content_types() {
    let body = envelope(SOAP11, SUM);
    for kind in [
        "text/xml",
        "text/xml;charset=utf-8",
        "text/xml; charset=UTF-8",
        "text/xml; charset=\"utf-8\"",
        "application/xml; charset=utf-8",
        "application/soap+xml; charset=utf-8; action=\"urn:a\"",
    ] {
        refuses("Q77", typed(200, kind, &body));
    }
    refuses("Q77", answer(200, &[], body.as_bytes()));
}

#[test]
fn q78_one_way_answers() {
    refuses("Q78", answer(202, &[], b""));
    refuses("Q78", answer(202, &[("transfer-encoding", "chunked")], b""));
    refuses("Q78", typed(202, TEXT, ""));
    refuses("Q78", typed(202, TEXT, &envelope(SOAP11, "")));
    refuses("Q78", answer(200, &[("content-length", "0")], b""));
    refuses("Q78", answer(204, &[], b""));
    refuses("Q78", typed(200, TEXT, &envelope(SOAP11, "")));
}

#[test]
fn q79_statuses() {
    refuses("Q79", typed(400, TEXT, &envelope(SOAP11, FAULT11)));
    refuses("Q79", typed(400, SOAP, &envelope(SOAP12, FAULT12)));
    refuses("Q79", typed(200, SOAP, &envelope(SOAP12, FAULT12)));
    refuses("Q79", typed(201, TEXT, &envelope(SOAP11, SUM)));
    refuses("Q79", typed(500, TEXT, &envelope(SOAP11, SUM)));
}

#[test]
fn q80_first_bytes() {
    let good = envelope(SOAP11, SUM);
    for bad in [
        format!("\n{good}"),
        format!("\u{FEFF}{good}"),
        good.replace(DECLARATION, ""),
        good.replace("UTF-8", "UTF-16"),
    ] {
        refuses("Q80", typed(200, TEXT, &bad));
    }
}

#[test]
fn q81_encodings() {
    let good = envelope(SOAP11, SUM);
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let wide = [&[0xFE, 0xFF][..], &wide].concat();
    refuses("Q81", answer(200, &[("content-type", TEXT)], &wide));
    let gzip = [("content-type", TEXT), ("content-encoding", "gzip")];
    refuses("Q81", answer(200, &gzip, &[0x1f, 0x8b]));
    check_answer(&answer(200, &gzip, &[0x1f, 0x8b]), true);
}

#[test]
fn q82_cdata_comments_doctypes() {
    let good = envelope(SOAP11, SUM);
    for bad in [
        good.replace("3.75", "<![CDATA[3.75]]>"),
        good.replace("3.75", "3<!-- -->.75"),
        good.replace(DECLARATION, &format!("{DECLARATION}<!DOCTYPE S:Envelope>")),
    ] {
        refuses("Q82", typed(200, TEXT, &bad));
    }
}

#[test]
fn q83_shapes() {
    let typed_sum = SUM.replace("<c:AddResult>", "<c:AddResult i:type=\"c:double\">");
    for bad in [
        &*typed_sum,
        "<c:AddResponse><AddResult>3.75</AddResult></c:AddResponse>",
        "<c:AddResponse><c:AddResult>3.75</c:AddResult><c:extra/></c:AddResponse>",
        "<c:AddResponse><c:return>3.75</c:return></c:AddResponse>",
        "<c:AddResponse/>",
        "<c:AddResponse><c:AddResult>1</c:AddResult><c:AddResult>1</c:AddResult></c:AddResponse>",
        "<c:AddResponse><c:AddResult><c:x/></c:AddResult></c:AddResponse>",
        "<c:AddResponse><c:AddResult i:nil=\"true\"/></c:AddResponse>",
        "<c:AddResult>3.75</c:AddResult>",
        "<x:AddResponse xmlns:x=\"urn:x\"><x:AddResult>3.75</x:AddResult></x:AddResponse>",
        &ECHO.replace("<c:count>1</c:count>", ""),
        &ECHO.replace(
            "<c:name>n</c:name><c:count>1</c:count>",
            "<c:count>1</c:count><c:name>n</c:name>",
        ),
        &format!("{SUM}{SUM}"),
    ] {
        refuses("Q83", typed(200, TEXT, &envelope(SOAP11, bad)));
    }
    let trailer = envelope(SOAP11, SUM).replace("</S:Body>", "</S:Body><c:more/>");
    refuses("Q83", typed(200, TEXT, &trailer));
    let detail = FAULT11.replace("<c:code>7</c:code>", "<code>7</code>");
    refuses("Q83", typed(500, TEXT, &envelope(SOAP11, &detail)));
}

#[test]
fn q84_headers_versions_and_fault_codes() {
    let block = "<S:Header><c:A S:mustUnderstand=\"1\"/></S:Header><S:Body>";
    let marked = envelope(SOAP11, SUM).replace("<S:Body>", block);
    refuses("Q84", typed(200, TEXT, &marked));
    refuses("Q84", typed(500, TEXT, &envelope(SOAP12, FAULT12)));
    refuses("Q84", typed(500, TEXT, &envelope(SOAP11, FAULT12)));
    refuses("Q84", typed(500, SOAP, &envelope(SOAP12, FAULT11)));
    let foreign = FAULT12.replace("S:", "f:");
    let foreign = foreign.replace("<f:Fault", &format!("<f:Fault xmlns:f=\"{SOAP12}\""));
    refuses("Q84", typed(500, TEXT, &envelope(SOAP11, &foreign)));
    for (kind, namespace, fault) in [
        (TEXT, SOAP11, FAULT11.replace("S:Client", "Client")),
        (TEXT, SOAP11, FAULT11.replace("S:Client", "x:Client")),
        (SOAP, SOAP12, FAULT12.replace("S:Sender", "Sender")),
        (SOAP, SOAP12, FAULT12.replace("S:Sender", "c:Sender")),
        (SOAP, SOAP12, FAULT12.replace("S:Sender", "S:Client")),
        (SOAP, SOAP12, FAULT12.replace(" xml:lang=\"en\"", "")),
    ] {
        refuses("Q84", typed(500, kind, &envelope(namespace, &fault)));
    }
}

const ADD: &str = "<c:Add><c:a>1.5</c:a><c:b>2.25</c:b></c:Add>";
const ACTION: (&str, &str) = ("soapaction", "\"http://example.org/calc/Add\"");
const LENGTH: (&str, &str) = ("content-length", "1");
const KIND11: (&str, &str) = ("content-type", TEXT);
const KIND12: (&str, &str) = (
    "content-type",
    "application/soap+xml; charset=utf-8; action=\"http://example.org/calc/Add\"",
);

fn sent(headers: &[(&str, &str)], body: &str) {
    let request = answer(0, headers, body.as_bytes());
    check_request(&request.headers, &request.body);
}

#[test]
fn good_requests_pass() {
    sent(&[KIND11, ACTION, LENGTH], &envelope(SOAP11, ADD));
    sent(&[KIND12, LENGTH], &envelope(SOAP12, ADD));
}

#[test]
fn q80_to_q82_in_requests() {
    let good = envelope(SOAP11, ADD);
    for (line, bad) in [
        ("Q80", format!("\u{FEFF}{good}")),
        ("Q82", good.replace("1.5", "<![CDATA[1.5]]>")),
        (
            "Q82",
            good.replace(DECLARATION, &format!("{DECLARATION}<!DOCTYPE x>")),
        ),
        ("Q83", good.replace("<c:a>", "<c:a i:type=\"c:double\">")),
    ] {
        caught(line, || sent(&[KIND11, ACTION, LENGTH], &bad));
    }
}

#[test]
fn q85_actions_and_media_types() {
    let (old, new) = (envelope(SOAP11, ADD), envelope(SOAP12, ADD));
    let kind = |kind| ("content-type", kind);
    let action = |action| ("soapaction", action);
    for headers in [
        vec![ACTION, LENGTH],
        vec![KIND11, LENGTH],
        vec![KIND11, action("\"\""), LENGTH],
        vec![KIND11, action("http://example.org/calc/Add"), LENGTH],
        vec![KIND11, action("\"http://example.org/calc/Divide\""), LENGTH],
        vec![KIND11, ACTION, LENGTH, ("content-encoding", "gzip")],
    ] {
        caught("Q85", || sent(&headers, &old));
    }
    for kind in [
        kind("application/soap+xml; charset=utf-8"),
        kind("application/soap+xml; charset=utf-8; action=http://example.org/calc/Add"),
        kind("application/soap+xml; charset=utf-8; action=\"\""),
        kind("application/soap+xml; charset=utf-8; action=\"urn:wrong\""),
    ] {
        caught("Q85", || sent(&[kind, LENGTH], &new));
    }
}

#[test]
fn q86_shapes_and_chunks() {
    let chunked = ("transfer-encoding", "chunked");
    caught("Q86", || {
        sent(&[KIND11, ACTION, chunked], &envelope(SOAP11, ADD))
    });
    caught("Q86", || sent(&[KIND11, ACTION], &envelope(SOAP11, ADD)));
    for bad in [
        "<c:Add><c:b>1</c:b><c:a>1</c:a></c:Add>",
        "<c:Add><c:a>1</c:a></c:Add>",
        "<c:Add><a>1</a><b>1</b></c:Add>",
        "<Add><a>1</a><b>1</b></Add>",
    ] {
        caught("Q86", || {
            sent(&[KIND11, ACTION, LENGTH], &envelope(SOAP11, bad))
        });
    }
}

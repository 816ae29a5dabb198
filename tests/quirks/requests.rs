//! Q19 to Q29: HTTP requests as others send them.

use super::server::{SOAP11, SOAP12, Service, add, service, sum};
use crate::harness::{ADD, envelope11, envelope12, post, raw, request, wire::Wire};

const ACTION: &str = "http://example.org/calc/Add";
const TEXT: (&str, &str) = ("Content-Type", "text/xml; charset=utf-8");
const SOAP: (&str, &str) = ("Content-Type", "application/soap+xml; charset=utf-8");

async fn adds(service: &Service, headers: &[(&str, &str)], envelope: &str) {
    let answer = post(service.port, headers, envelope.as_bytes()).await;
    assert_eq!(sum(&answer), 3.75, "{headers:?}");
}

#[tokio::test]
async fn q19_soap_action_quoted_unquoted_empty_missing_in_any_case() {
    let service = service().await;
    let envelope = envelope11(ADD);
    adds(&service, &[TEXT], &envelope).await;
    let quoted = format!("\"{ACTION}\"");
    for name in ["SOAPAction", "Soapaction", "soapaction", "SOAPACTION"] {
        for value in [&*quoted, ACTION, "\"\"", "", "\"urn:nobody-knows\""] {
            adds(&service, &[TEXT, (name, value)], &envelope).await;
        }
    }
}

#[tokio::test]
async fn q19_dispatch_is_by_the_body_not_by_the_action() {
    let service = service().await;
    let divide = envelope11("<c:Divide><c:a>7</c:a><c:b>2</c:b></c:Divide>");
    let headers = [TEXT, ("SOAPAction", "\"\"")];
    let answer = post(service.port, &headers, divide.as_bytes()).await;
    assert_eq!(answer.value("DivideResult").as_deref(), Some("3.5"));
}

#[tokio::test]
async fn q20_action_parameter_quoted_absent_or_unquoted() {
    let service = service().await;
    let envelope = envelope12(ADD);
    for kind in [
        format!("application/soap+xml; charset=utf-8; action=\"{ACTION}\""),
        format!("application/soap+xml; charset=utf-8;action=\"{ACTION}\""),
        format!("application/soap+xml; charset=utf-8; action={ACTION}"),
        format!("application/soap+xml;action={ACTION};charset=utf-8"),
        "application/soap+xml; charset=utf-8; action=\"\"".to_owned(),
        "application/soap+xml; charset=utf-8".to_owned(),
        "application/soap+xml".to_owned(),
    ] {
        adds(&service, &[("Content-Type", &kind)], &envelope).await;
    }
}

#[tokio::test]
async fn q21_stray_soap_action_beside_soap_12() {
    let service = service().await;
    let kind = format!("application/soap+xml; charset=utf-8; action=\"{ACTION}\"");
    let kinds = [SOAP, ("Content-Type", &*kind)];
    for kind in kinds {
        for action in [
            "\"http://example.org/calc/Add\"",
            "\"\"",
            "\"http://example.org/calc/Divide\"",
        ] {
            let headers = [kind, ("SOAPAction", action)];
            adds(&service, &headers, &envelope12(ADD)).await;
        }
    }
}

#[tokio::test]
async fn q22_expect_100_continue_with_the_body_held_back() {
    let service = service().await;
    let mut wire = Wire::connect(service.port).await;
    // Every request of Mono, several on one connection.
    for envelope in [add("s", SOAP12), add("s", SOAP12)] {
        let bytes = request(&[SOAP, ("Expect", "100-continue")], envelope.as_bytes());
        let head = bytes.len() - envelope.len();
        wire.send(&bytes[..head]).await;
        let interim = wire.next().await.expect("an interim answer");
        assert_eq!(interim.status, 100);
        wire.send(&bytes[head..]).await;
        assert_eq!(sum(&wire.answer().await), 3.75);
    }
}

#[tokio::test]
async fn q23_te_and_several_accepts_of_perl() {
    let service = service().await;
    let headers = [
        ("TE", "deflate,gzip;q=0.3"),
        ("Connection", "TE, close"),
        ("Accept", "text/xml"),
        ("Accept", "multipart/*"),
        ("Accept", "application/soap"),
        ("User-Agent", "SOAP::Lite/Perl/1.27"),
        TEXT,
        ("SOAPAction", ACTION),
    ];
    let mut wire = Wire::connect(service.port).await;
    let envelope = add("soap", SOAP11);
    wire.send(&request(&headers, envelope.as_bytes())).await;
    assert_eq!(sum(&wire.answer().await), 3.75);
    assert!(wire.next().await.is_none(), "closed as the client asked");
}

#[tokio::test]
async fn q23_accept_encoding_none_or_compress() {
    let service = service().await;
    for coding in ["none", "compress", "identity", ""] {
        // Long enough to be worth compressing.
        let text = "x".repeat(4096);
        let name = format!("<c:name>{text}</c:name>");
        let fields = super::server::fields(&[("name", &name)]);
        let envelope = envelope11(&format!("<c:Echo><c:rec>{fields}</c:rec></c:Echo>"));
        let headers = [
            TEXT,
            ("Accept-Encoding", coding),
            ("Accept-Charset", "utf-8"),
            ("TE", "deflate,gzip;q=0.3"),
        ];
        let answer = post(service.port, &headers, envelope.as_bytes()).await;
        assert_eq!(answer.value("name"), Some(text), "{coding:?}");
    }
}

#[tokio::test]
async fn q24_http_10_with_keep_alive() {
    let service = service().await;
    let bytes = |connection: &[(&str, &str)]| {
        let headers = [&[TEXT], connection].concat();
        let bytes = request(&headers, add("s", SOAP11).as_bytes());
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.replace("HTTP/1.1", "HTTP/1.0").into_bytes()
    };
    let mut wire = Wire::connect(service.port).await;
    for _ in 0..3 {
        wire.send(&bytes(&[("Connection", "keep-alive")])).await;
        let answer = wire.answer().await;
        assert_eq!(sum(&answer), 3.75);
        let connection = answer.header("connection").unwrap_or_default();
        assert!(connection.eq_ignore_ascii_case("keep-alive"));
    }
    wire.send(&bytes(&[])).await;
    assert_eq!(sum(&wire.answer().await), 3.75);
    assert!(wire.next().await.is_none(), "HTTP/1.0 ends the connection");
}

#[tokio::test]
async fn q25_chunked_bodies_with_sizes_in_any_hex_case() {
    let service = service().await;
    let envelope = add("soap", SOAP11);
    let (first, rest) = envelope.split_at(0x1f);
    let (second, third) = rest.split_at(0x2a);
    let head = "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (sizes, last) in [
        (["1f", "2a"], "0"),
        (["1F", "2A"], "0"),
        (["001f", "2a;name=value"], "000"),
    ] {
        let third_size = format!("{:X}", third.len());
        let mut bytes = head.to_owned();
        for (size, chunk) in [(sizes[0], first), (sizes[1], second), (&*third_size, third)] {
            bytes += &format!("{size}\r\n{chunk}\r\n");
        }
        bytes += &format!("{last}\r\n\r\n");
        // The next request tells that the end was found.
        bytes += &String::from_utf8_lossy(&request(&[TEXT], envelope.as_bytes()));
        let answers = raw(service.port, bytes.as_bytes()).await;
        assert_eq!(answers.iter().map(sum).collect::<Vec<_>>(), [3.75, 3.75]);
    }
}

#[tokio::test]
async fn q26_gzip_request_is_refused_or_inflated() {
    let service = service().await;
    let body = gzip(envelope11(ADD).as_bytes());
    for coding in ["gzip", "GZIP"] {
        let headers = [TEXT, ("Content-Encoding", coding)];
        let answer = post(service.port, &headers, &body).await;
        if cfg!(feature = "gzip") {
            assert_eq!(sum(&answer), 3.75);
        } else {
            assert_eq!(answer.status, 415);
            assert_eq!(service.calculator.executions(), 0);
        }
    }
    let unknown = [TEXT, ("Content-Encoding", "br")];
    assert_eq!(post(service.port, &unknown, &body).await.status, 415);
}

/// Bytes in a gzip stream of one stored block (RFC 1952, RFC 1951 3.2.4).
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short");
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    let crc = bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    });
    out.extend((!crc).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

#[tokio::test]
async fn q27_one_connection_for_all_calls_or_one_each() {
    let service = service().await;
    let mut kept = Wire::connect(service.port).await;
    for _ in 0..5 {
        let bytes = request(&[TEXT], add("s", SOAP11).as_bytes());
        kept.send(&bytes).await;
        assert_eq!(sum(&kept.answer().await), 3.75);
        let mut other = Wire::connect(service.port).await;
        other.send(&bytes).await;
        assert_eq!(sum(&other.answer().await), 3.75);
    }
    // A client that closes its side at once is answered all the same, as are requests sent ahead.
    let bytes = request(&[TEXT], add("s", SOAP11).as_bytes()).repeat(3);
    assert_eq!(raw(service.port, &bytes).await.len(), 3);
    assert_eq!(service.calculator.executions(), 13);
}

#[tokio::test]
async fn q28_both_versions_on_one_path_and_connection() {
    let service = service().await;
    let mut wire = Wire::connect(service.port).await;
    for (kind, namespace) in [(TEXT, SOAP11), (SOAP, SOAP12), (TEXT, SOAP11)] {
        wire.send(&request(&[kind], add("s", namespace).as_bytes()))
            .await;
        let answer = wire.answer().await;
        assert_eq!(sum(&answer), 3.75);
        assert_eq!(answer.header("content-type"), Some(kind.1));
    }
    // Told apart by both: where they differ, nothing is guessed.
    for (kind, namespace) in [(TEXT, SOAP12), (SOAP, SOAP11)] {
        wire.send(&request(&[kind], add("s", namespace).as_bytes()))
            .await;
        assert_eq!(wire.answer().await.status, 415);
    }
    assert_eq!(service.calculator.executions(), 3);
}

#[tokio::test]
async fn q29_charset_quoted_upper_case_or_missing() {
    let service = service().await;
    for (media, envelope) in [
        ("text/xml", envelope11(ADD)),
        ("application/soap+xml", envelope12(ADD)),
    ] {
        for parameter in [
            "",
            ";charset=utf-8",
            "; charset=\"utf-8\"",
            "; charset=UTF-8",
            "; charset=\"UTF-8\"",
            " ; Charset=Utf-8",
        ] {
            let kind = format!("{media}{parameter}");
            adds(&service, &[("Content-Type", &kind)], &envelope).await;
        }
        let kind = media.to_uppercase();
        adds(&service, &[("content-type", &kind)], &envelope).await;
    }
}

#[tokio::test]
async fn q29_missing_content_type_is_taken_by_the_envelope() {
    let service = service().await;
    for (envelope, kind) in [(envelope11(ADD), TEXT), (envelope12(ADD), SOAP)] {
        let answer = post(service.port, &[], envelope.as_bytes()).await;
        assert_eq!(sum(&answer), 3.75);
        assert_eq!(answer.header("content-type"), Some(kind.1));
    }
}

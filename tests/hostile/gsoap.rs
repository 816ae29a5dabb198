//! What gSOAP 2.8.124 was measured to get wrong with XML and HTTP: each the other way round here.

use crate::victim::{BOTH, FaultSeen, Victim, changed, media_type, request, skipped, soon, valid};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn gsoap_defect_two_requests_pipelined() {
    let victim = Victim::start().await;
    for version in BOTH {
        let one = request(
            &[("Content-Type", media_type(version))],
            valid(version).as_bytes(),
        );
        let answers = victim.send(&one.repeat(2)).await;
        assert_eq!(answers.len(), 2);
        assert!(
            answers
                .iter()
                .all(|answer| answer.value("AddResult").as_deref() == Some("3.75"))
        );
        assert_eq!(victim.ran(), 2);
    }
}

#[tokio::test]
async fn gsoap_defect_content_length_too_long() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version);
        let bytes = String::from_utf8(request(
            &[("Content-Type", media_type(version))],
            body.as_bytes(),
        ))
        .expect("UTF-8");
        let right = format!("Content-Length: {}", body.len());
        let long = bytes.replace(&right, &format!("Content-Length: {}", body.len() + 50));
        let answers = victim.send(long.as_bytes()).await;
        assert!(
            answers.len() == 1 && answers[0].status == 400,
            "{answers:?}"
        );
        assert_eq!(victim.ran(), 0);
    }
}

#[tokio::test]
async fn gsoap_defect_content_length_too_short() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version);
        let bytes = String::from_utf8(request(
            &[("Content-Type", media_type(version))],
            body.as_bytes(),
        ))
        .expect("UTF-8");
        let right = format!("Content-Length: {}", body.len());
        let short = bytes.replace(&right, &format!("Content-Length: {}", body.len() - 50));
        let statuses: Vec<_> = victim
            .send(short.as_bytes())
            .await
            .iter()
            .map(|answer| answer.status)
            .collect();
        assert_eq!(
            statuses,
            [500, 400],
            "a fault for half an Envelope; the rest is no request"
        );
        assert_eq!(victim.ran(), 0);
    }
}

#[tokio::test]
async fn gsoap_defect_content_lengths_that_differ() {
    let victim = Victim::start().await;
    let body = valid(BOTH[0]);
    for wrong in ["1", "x", "+9", "-1", "9, 9", ""] {
        let bytes = request(
            &[("Content-Type", "text/xml"), ("Content-Length", wrong)],
            body.as_bytes(),
        );
        let answers = victim.send(&bytes).await;
        assert!(
            answers.len() == 1 && answers[0].status == 400,
            "{wrong}: {answers:?}"
        );
        assert_eq!(victim.ran(), 0, "{wrong}");
    }
}

#[tokio::test]
async fn gsoap_defect_content_length_beside_chunks() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version);
        let second = String::from_utf8(request(
            &[("Content-Type", media_type(version))],
            body.as_bytes(),
        ))
        .expect("UTF-8");
        let first = format!(
            "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n\
             {:x}\r\n{body}\r\n0\r\n\r\n",
            media_type(version),
            body.len()
        );
        let answers = victim.send(format!("{first}{second}").as_bytes()).await;
        assert_eq!(
            answers.len(),
            1,
            "the bytes behind are not read as a request"
        );
        assert_eq!(answers[0].header("connection"), Some("close"));
        victim.added(&answers[0]);
    }
}

#[tokio::test]
async fn gsoap_defect_hundred_thousand_header_lines() {
    let victim = Victim::start().await;
    let body = valid(BOTH[0]);
    for (count, line) in [
        (100_000, "X-A: b\r\n"),
        (101, "X-A: b\r\n"),
        (1, &*format!("X-A: {}\r\n", "b".repeat(1 << 20))),
    ] {
        let lines = line.repeat(count);
        let head = format!(
            "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{lines}\r\n{body}",
            body.len()
        );
        let answers = victim.send(head.as_bytes()).await;
        assert!(
            answers.len() == 1 && answers[0].status == 431,
            "{count}: {answers:?}"
        );
        assert_eq!(victim.ran(), 0);
    }
    let long = format!(
        "POST /calc?{} HTTP/1.1\r\nHost: x\r\n\r\n",
        "x".repeat(100_000)
    );
    let answers = victim.send(long.as_bytes()).await;
    assert!([414, 431].contains(&answers[0].status), "{answers:?}");
    victim.is_well().await;
}

#[tokio::test]
async fn gsoap_defect_any_media_type_and_action() {
    let victim = Victim::start().await;
    for version in BOTH {
        let json = [("Content-Type", "application/json")];
        assert_eq!(victim.post_as(&json, valid(version)).await.status, 415);
    }
    let foreign = [
        ("Content-Type", "text/xml"),
        ("SOAPAction", "\"http://example.org/calc/Divide\""),
    ];
    let answer = victim.post_as(&foreign, valid(BOTH[0])).await;
    assert_eq!(answer.status, 500);
    FaultSeen::of(&answer, BOTH[0]).blames(BOTH[0], "Divide");
    assert_eq!(victim.ran(), 0);
}

#[tokio::test]
async fn gsoap_defect_end_tag_of_another_element() {
    let victim = Victim::start().await;
    for version in BOTH {
        victim
            .refused(version, changed(version, "</c:a>", "</c:x>"))
            .await
            .blames(version, "end tag of \"c:x\"");
    }
}

#[tokio::test]
async fn gsoap_defect_content_after_the_envelope() {
    let victim = Victim::start().await;
    for version in BOTH {
        for junk in ["junk", "<x/>", "<", "\0"] {
            victim
                .refused(version, format!("{}{junk}", valid(version)))
                .await
                .blames(version, "");
        }
    }
}

#[tokio::test]
async fn gsoap_defect_missing_end_of_the_envelope_is_a_fault_at_once() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version).replace("</e:Envelope>", "");
        let bytes = request(&[("Content-Type", media_type(version))], body.as_bytes());
        let mut stream = victim.connect().await;
        stream.write_all(&bytes).await.expect("writes");
        let mut status = [0; 12];
        // The peer's side stays open: the fault must not wait for its end.
        soon(stream.read_exact(&mut status))
            .await
            .expect("an answer");
        assert_eq!(&status, b"HTTP/1.1 500");
        assert_eq!(victim.ran(), 0);
    }
}

#[tokio::test]
async fn gsoap_defect_double_in_hex() {
    let victim = Victim::start().await;
    for version in BOTH {
        let fault = victim
            .refused(version, changed(version, "1.5", "0x10"))
            .await;
        fault.blames(version, "\"0x10\" is not");
        let answer = victim.post(version, changed(version, "1.5", "1e400")).await;
        assert_eq!(answer.value("AddResult").as_deref(), Some("INF"));
        assert_eq!(victim.ran(), 1);
    }
}

#[tokio::test]
async fn gsoap_defect_bytes_that_are_no_text_in_an_unknown_element() {
    let victim = Victim::start().await;
    for version in BOTH {
        let bad = skipped(version, "~")
            .into_bytes()
            .into_iter()
            .map(|byte| if byte == b'~' { 0xFF } else { byte });
        victim
            .refused(version, bad.collect::<Vec<_>>())
            .await
            .blames(version, "not UTF-8");
        victim
            .refused(version, skipped(version, "&#0;"))
            .await
            .blames(version, "U+0000");
        let utf16 = changed(version, "\"1.0\"", "\"1.0\" encoding=\"UTF-16\"");
        victim
            .refused(version, utf16)
            .await
            .blames(version, "the bytes are not UTF-16");
    }
}

#[tokio::test]
async fn gsoap_defect_wrong_envelope_namespace() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version).replacen(crate::victim::namespace(version), "urn:wrong", 1);
        let fault = victim.refused(version, body).await;
        assert_eq!(fault.code, "VersionMismatch");
        assert!(fault.envelope.contains("Upgrade>"), "{fault:?}");
    }
}

#[tokio::test]
async fn gsoap_defect_missing_and_repeated_elements() {
    let victim = Victim::start().await;
    for version in BOTH {
        victim
            .refused(version, changed(version, "<c:a>1.5</c:a>", ""))
            .await
            .blames(version, "\"a\"");
        let twice = changed(version, "<c:b>", "<c:a>1</c:a><c:b>");
        victim
            .refused(version, twice)
            .await
            .blames(version, "\"a\"");
        victim.answered(version, skipped(version, "<c:d/>")).await;
    }
}

#[tokio::test]
async fn gsoap_defect_depth_is_not_bounded_in_skipped_content() {
    let victim = Victim::start().await;
    for version in BOTH {
        let nested = format!("{}{}", "<x>".repeat(20_000), "</x>".repeat(20_000));
        victim
            .refused(version, skipped(version, &nested))
            .await
            .blames(version, "limit of 100");
    }
}

#[tokio::test]
async fn gsoap_defect_two_hundred_megabytes_in_an_unknown_element() {
    let victim = Victim::start().await;
    let mut stream = victim.connect().await;
    let head = "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 200000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("writes");
    let mut status = [0; 12];
    soon(stream.read_exact(&mut status))
        .await
        .expect("an answer before the body");
    assert_eq!(&status, b"HTTP/1.1 413");
}

#[tokio::test]
async fn gsoap_defect_huge_parts_are_accepted() {
    let victim = Victim::start().await;
    for version in BOTH {
        let text = "x".repeat(5 << 20);
        let notify = crate::victim::envelope(
            version,
            "",
            &format!("<c:Notify><c:text>{text}</c:text></c:Notify>"),
        );
        assert_eq!(victim.post(version, notify).await.status, 413);
        let attributes: String = (0..10_000).map(|index| format!(" a{index}=''")).collect();
        victim
            .refused(version, skipped(version, &format!("<x{attributes}/>")))
            .await
            .blames(version, "limit of 256");
        victim
            .refused(
                version,
                skipped(version, &format!("<x a='{}'/>", "v".repeat(1 << 20))),
            )
            .await
            .blames(version, "limit of 65536");
        victim
            .refused(
                version,
                skipped(version, &format!("<{}/>", "x".repeat(5000))),
            )
            .await
            .blames(version, "limit of 1024");
        assert_eq!(victim.ran(), 0);
    }
}

#[tokio::test]
async fn gsoap_defect_bytes_of_one_peer_do_not_reach_the_request_of_another() {
    let victim = Victim::start().await;
    let mut poisons = Vec::new();
    for _ in 0..50 {
        let mut stream = victim.connect().await;
        stream.write_all(b"<a<a<a<a<a ").await.expect("writes");
        poisons.push(stream);
    }
    victim.is_well().await;
    drop(poisons);
    victim.is_well().await;
}

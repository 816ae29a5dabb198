//! What HTTP carries beside the Envelope: media types, actions, methods, and bodies that are cut off.

use tokio::io::AsyncReadExt;

use crate::victim::{BOTH, FaultSeen, SoapVersion, Victim, media_type, request, soon, valid};

#[tokio::test]
async fn a_wrong_media_type_is_415() {
    let victim = Victim::start().await;
    for version in BOTH {
        for kind in [
            "application/json",
            "text/plain",
            "text/html; charset=utf-8",
            "application/xml",
            "text/xmlx",
            "application/soap",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "*/*",
            "xml",
            "; charset=utf-8",
            "\u{ff}",
        ] {
            let answer = victim
                .post_as(&[("Content-Type", kind)], valid(version))
                .await;
            assert_eq!(answer.status, 415, "{kind}");
            assert_eq!(victim.ran(), 0, "{kind}");
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn the_media_type_of_the_other_version_is_415_and_none_at_all_is_taken() {
    let victim = Victim::start().await;
    for (version, other) in [(BOTH[0], BOTH[1]), (BOTH[1], BOTH[0])] {
        let answer = victim.post(other, valid(version)).await;
        assert_eq!(answer.status, 415);
        assert_eq!(victim.ran(), 0);
        let answer = victim.post_as(&[], valid(version)).await;
        victim.added(&answer);
        assert!(
            answer
                .header("content-type")
                .is_some_and(|kind| kind.starts_with(media_type(version)))
        );
    }
}

#[tokio::test]
async fn the_action_of_another_operation_is_a_fault_and_an_unknown_one_is_not() {
    let victim = Victim::start().await;
    for version in BOTH {
        let post = async |action: &str| {
            let kind = match version {
                SoapVersion::Soap12 => format!("application/soap+xml; action={action}"),
                _ => "text/xml".to_owned(),
            };
            let mut headers = vec![("Content-Type", kind.as_str())];
            if version == SoapVersion::Soap11 {
                headers.push(("SOAPAction", action));
            }
            victim.post_as(&headers, valid(version)).await
        };
        for other in ["Divide", "Echo", "Notify"] {
            let answer = post(&format!("\"http://example.org/calc/{other}\"")).await;
            assert_eq!(answer.status, 500, "{other}");
            assert_eq!(victim.ran(), 0);
            FaultSeen::of(&answer, version).blames(version, other);
        }
        for taken in [
            "\"http://example.org/calc/Add\"",
            "http://example.org/calc/Add",
            "\"\"",
            "",
            "\"urn:unknown\"",
            "\"",
            "\"\\\"",
        ] {
            victim.added(&post(taken).await);
        }
    }
    let stray = [
        ("Content-Type", "application/soap+xml"),
        ("SOAPAction", "\"http://example.org/calc/Divide\""),
    ];
    let answer = victim.post_as(&stray, valid(SoapVersion::Soap12)).await;
    victim.added(&answer); // SOAPAction means nothing beside SOAP 1.2
}

#[tokio::test]
async fn other_methods_are_405_and_say_which_is_allowed() {
    let victim = Victim::start().await;
    for method in [
        "GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "M-POST", "post", "X",
    ] {
        for target in ["/calc", "/calc?x", "/calc?xwsdl"] {
            let body = valid(SoapVersion::Soap11);
            let bytes =
                String::from_utf8(request(&[("Content-Type", "text/xml")], body.as_bytes()))
                    .expect("UTF-8");
            let bytes = bytes.replacen("POST /calc", &format!("{method} {target}"), 1);
            let answer = victim.send(bytes.as_bytes()).await.remove(0);
            assert_eq!(answer.status, 405, "{method} {target}");
            assert_eq!(answer.header("allow"), Some("POST"), "{method}");
            assert_eq!(victim.ran(), 0);
        }
    }
    let elsewhere = b"POST /calc/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(victim.send(elsewhere).await[0].status, 404);
    victim.is_well().await;
}

#[tokio::test]
async fn the_wsdl_is_served_beside_all_that() {
    let victim = Victim::start().await;
    for target in ["/calc?wsdl", "/calc?WSDL", "/calc?singleWsdl"] {
        let get = format!("GET {target} HTTP/1.1\r\nHost: example.org:81\r\n\r\n");
        let answer = victim.send(get.as_bytes()).await.remove(0);
        assert_eq!(answer.status, 200, "{target}");
        assert!(
            answer.text().contains("http://example.org:81/calc"),
            "{answer:?}"
        );
    }
    for host in ["\"><script>", "a b", "a\"b", "a/b", "u@h"] {
        let get = format!("GET /calc?wsdl HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let answers = victim.send(get.as_bytes()).await;
        assert_eq!(answers[0].status, 400, "{host}");
    }
    assert_eq!(victim.ran(), 0);
}

#[tokio::test]
async fn every_prefix_of_a_request_is_refused_or_left_and_nothing_is_executed() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version);
        let whole = request(
            &[
                ("Content-Type", media_type(version)),
                ("Connection", "close"),
            ],
            body.as_bytes(),
        );
        for end in 0..whole.len() {
            let answers = victim.send(&whole[..end]).await;
            assert!(answers.len() <= 1, "{end}: {answers:?}");
            assert!(
                answers.iter().all(|answer| answer.status == 400),
                "{end}: {answers:?}"
            );
        }
        assert_eq!(victim.ran(), 0);
        let answers = victim.send(&whole).await;
        victim.added(&answers[0]);
    }
}

#[tokio::test]
async fn every_prefix_of_an_envelope_is_a_fault() {
    let victim = Victim::start().await;
    for version in BOTH {
        let whole = valid(version);
        for end in 0..whole.len() {
            victim
                .refused(version, &whole[..end])
                .await
                .blames(version, "");
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn a_chunked_body_that_is_cut_off_or_wrong_is_not_executed() {
    let victim = Victim::start().await;
    for version in BOTH {
        let body = valid(version);
        let head = format!(
            "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
            media_type(version)
        );
        let length = format!("{:x}", body.len());
        for chunks in [
            String::new(),
            "1".to_owned(),
            format!("{length}\r\n"),
            format!("{length}\r\n{body}"),
            format!("{length}\r\n{body}\r\n"),
            format!("{length}\r\n{body}\r\n0"),
            format!("g\r\n{body}\r\n0\r\n\r\n"),
            format!("-1\r\n{body}\r\n0\r\n\r\n"),
            format!("ffffffffffffffff\r\n{body}\r\n0\r\n\r\n"),
            format!("fffffffffffffffff\r\n{body}\r\n0\r\n\r\n"),
            format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len() + 1),
            format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len() - 1),
            format!("{length};{}\r\n{body}\r\n0\r\n\r\n", "x".repeat(20_000)),
        ] {
            let answers = victim.send(format!("{head}{chunks}").as_bytes()).await;
            assert!(
                answers
                    .iter()
                    .all(|answer| (400..=413).contains(&answer.status)),
                "{chunks}: {answers:?}"
            );
            assert_eq!(victim.ran(), 0, "{chunks}");
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn a_peer_that_leaves_in_the_middle_is_forgotten() {
    let victim = Victim::start().await;
    let whole = request(
        &[("Content-Type", "text/xml")],
        valid(SoapVersion::Soap11).as_bytes(),
    );
    for end in (0..whole.len()).step_by(7) {
        let mut stream = victim.connect().await;
        tokio::io::AsyncWriteExt::write_all(&mut stream, &whole[..end])
            .await
            .expect("writes");
        drop(stream);
    }
    let mut silent = victim.connect().await;
    victim.is_well().await;
    tokio::io::AsyncWriteExt::shutdown(&mut silent)
        .await
        .expect("half-closes");
    let mut nothing = Vec::new();
    soon(silent.read_to_end(&mut nothing))
        .await
        .expect("is closed");
    assert_eq!(nothing, b"");
    assert_eq!(victim.ran(), 0);
}

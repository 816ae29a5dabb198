//! Envelopes that are not as SOAP has them, and operations that are not there.

use crate::{
    harness::ADD,
    victim::{BOTH, FaultSeen, SoapVersion, Victim, changed, envelope, namespace, valid},
};

const UPGRADE: &str = "http://www.w3.org/2003/05/soap-envelope";

#[tokio::test]
async fn an_envelope_of_another_namespace_is_a_version_mismatch_with_upgrade() {
    let victim = Victim::start().await;
    for version in BOTH {
        for wrong in [
            "http://www.w3.org/2001/12/soap-envelope",
            "http://www.w3.org/2002/06/soap-envelope",
            "http://schemas.xmlsoap.org/soap/envelope",
            "HTTP://schemas.xmlsoap.org/soap/envelope/",
            "http://schemas.xmlsoap.org/soap/envelope/ ",
            "urn:x",
        ] {
            let body = changed(
                version,
                &format!("\"{}\"", namespace(version)),
                &format!("\"{wrong}\""),
            );
            mismatched(&victim.refused(version, body).await);
        }
        let unqualified = "<Envelope><Body/></Envelope>";
        mismatched(&victim.refused(version, unqualified).await);
    }
    victim.is_well().await;
}

/// The fault says so, and its header lists the two versions by QNames whose prefixes are declared.
fn mismatched(fault: &FaultSeen) {
    assert_eq!(fault.code, "VersionMismatch", "{fault:?}");
    let document = roxmltree::Document::parse(&fault.envelope).expect("well-formed");
    let upgrade = document
        .descendants()
        .find(|node| node.has_tag_name((UPGRADE, "Upgrade")))
        .expect("an Upgrade");
    assert_eq!(
        upgrade.parent().expect("a parent").tag_name().name(),
        "Header"
    );
    let mut supported: Vec<_> = upgrade
        .children()
        .filter(|node| node.has_tag_name((UPGRADE, "SupportedEnvelope")))
        .map(|node| {
            let (prefix, local) = node
                .attribute("qname")
                .and_then(|name| name.split_once(':'))
                .expect("a QName");
            assert_eq!(local, "Envelope");
            node.lookup_namespace_uri(Some(prefix)).expect("declared")
        })
        .collect();
    supported.sort_unstable();
    assert_eq!(supported, BOTH.map(namespace));
}

#[tokio::test]
async fn a_root_that_is_no_envelope_is_the_callers_fault() {
    let victim = Victim::start().await;
    for version in BOTH {
        let uri = namespace(version);
        for body in [
            ADD.replace("<c:Add>", "<c:Add xmlns:c='http://example.org/calc'>"),
            format!("<e:Body xmlns:e='{uri}'/>"),
            format!("<e:envelope xmlns:e='{uri}'/>"),
            "<html><body>hello</body></html>".to_owned(),
        ] {
            victim.refused(version, &body).await.blames(version, "");
        }
    }
}

#[tokio::test]
async fn parts_in_the_wrong_place_are_faults() {
    let victim = Victim::start().await;
    for version in BOTH {
        for (from, to) in [
            ("<e:Body>", "<e:Body/><e:Body>"),
            ("</e:Envelope>", "<e:Body/></e:Envelope>"),
            ("</e:Envelope>", "<e:Header/></e:Envelope>"),
            ("</e:Envelope>", "x</e:Envelope>"),
            ("<e:Header>", "<e:Header/><e:Header>"),
            ("<e:Header>", "<c:x/><e:Header>"),
            ("<e:Header>", "<e:header/><e:Header>"),
            ("<e:Header>", "x<e:Header>"),
            ("<e:Header>", "<Header/><e:Header>"),
            ("<e:Header>", "<e:Header>x"),
            ("</e:Body>", "<c:x/></e:Body>"),
            (
                "</e:Body>",
                "<c:Add><c:a>1</c:a><c:b>1</c:b></c:Add></e:Body>",
            ),
            ("<e:Body>", "<e:Body><c:x/>"),
            ("<e:Body>", "<e:Body><e:Fault/>"),
        ] {
            victim
                .refused(version, changed(version, from, to))
                .await
                .blames(version, "");
        }
        for (from, to) in [
            ("</e:Envelope>", "<c:x/></e:Envelope>"),
            ("<e:Header>", "<e:Header><unqualified/>"),
        ] {
            match version {
                SoapVersion::Soap12 => victim
                    .refused(version, changed(version, from, to))
                    .await
                    .blames(version, ""),
                _ => victim.answered(version, changed(version, from, to)).await,
            }
        }
        let head = format!("<e:Envelope xmlns:e=\"{}\">", namespace(version));
        for body in [
            format!("{head}</e:Envelope>"),
            format!("{head}<e:Header/></e:Envelope>"),
            format!("{head}<e:Body/></e:Envelope>"),
            format!("{head}<e:Body> <!-- --> </e:Body></e:Envelope>"),
            format!("{head}<Body/></e:Envelope>"),
            head.replace(">", "/>"),
            valid(version).replace("e:Body>", "e:body>"),
        ] {
            victim.refused(version, &body).await.blames(version, "");
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_named() {
    let victim = Victim::start().await;
    for version in BOTH {
        for (body, name) in [
            (
                "<c:Subtract><c:a>1</c:a><c:b>1</c:b></c:Subtract>",
                "\"Subtract\" of namespace \"http://example.org/calc\"",
            ),
            ("<c:add><c:a>1</c:a><c:b>1</c:b></c:add>", "\"add\""),
            ("<c:AddResponse/>", "\"AddResponse\""),
            ("<Add><a>1</a><b>1</b></Add>", "\"Add\" of namespace \"\""),
            (
                "<o:Add xmlns:o='urn:o'><o:a>1</o:a><o:b>1</o:b></o:Add>",
                "\"Add\" of namespace \"urn:o\"",
            ),
        ] {
            let fault = victim.refused(version, envelope(version, "", body)).await;
            fault.blames(version, name);
        }
        let long = "x".repeat(1000);
        let fault = victim
            .refused(version, envelope(version, "", &format!("<c:{long}/>")))
            .await;
        fault.blames(version, "no operation");
    }
}

#[tokio::test]
async fn an_unknown_encoding_style_is_refused() {
    let victim = Victim::start().await;
    for version in BOTH {
        let styled = changed(version, "<c:Add>", "<c:Add e:encodingStyle='urn:x'>");
        let fault = victim.refused(version, styled).await;
        let expected = match version {
            SoapVersion::Soap12 => "DataEncodingUnknown",
            _ => "Client",
        };
        assert_eq!(fault.code, expected, "{fault:?}");
    }
    for place in ["<e:Header", "<e:Body", "<e:Envelope"] {
        let none = "http://www.w3.org/2003/05/soap-envelope/encoding/none";
        let styled = changed(
            SoapVersion::Soap12,
            place,
            &format!("{place} e:encodingStyle='{none}'"),
        );
        victim
            .refused(SoapVersion::Soap12, styled)
            .await
            .blames(SoapVersion::Soap12, "encodingStyle");
    }
}

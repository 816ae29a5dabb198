//! Values outside their types, parameters that are missing or repeated: each fault names the element and its path.

use crate::victim::{BOTH, SoapVersion, Victim, changed, envelope};

const RECORD: &str = "<c:Echo><c:rec><c:name>n</c:name><c:count>-42</c:count><c:price>12.50</c:price>\
    <c:when>2024-02-29T12:34:56.789Z</c:when><c:note>n</c:note><c:nick>k</c:nick><c:tags>a</c:tags><c:tags>b</c:tags>\
    <c:blob>AAEC</c:blob><c:color>Green</c:color><c:child><c:id>5</c:id><c:label>L</c:label></c:child></c:rec></c:Echo>";

fn echo(version: SoapVersion, from: &str, to: &str) -> String {
    assert!(RECORD.contains(from), "{from}");
    envelope(version, "", &RECORD.replacen(from, to, 1))
}

#[tokio::test]
async fn a_record_is_echoed() {
    let victim = Victim::start().await;
    for version in BOTH {
        let answer = victim.post(version, envelope(version, "", RECORD)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.value("price").as_deref(), Some("12.50"));
        assert_eq!(victim.ran(), 1);
    }
}

#[tokio::test]
async fn a_lexical_error_names_the_element_and_its_path() {
    let cases = [
        (
            "count",
            "-42",
            &[
                "",
                "x",
                "1.5",
                "2147483648",
                "-2147483649",
                "1 2",
                "0x10",
                "1e3",
                "--1",
                "１",
            ][..],
        ),
        (
            "price",
            "12.50",
            &["", "1e5", "x", "1,5", ".", "INF", "1.2.3", "- 1"],
        ),
        (
            "when",
            "2024-02-29T12:34:56.789Z",
            &[
                "",
                "2024",
                "2023-02-29T00:00:00",
                "2024-13-01T00:00:00",
                "2024-02-29T25:00:00",
                "2024-02-29T12:34:60Z",
                "2024-02-29 12:34:56",
                "2024-02-29T12:34:56+15:00",
                "24-02-29T12:34:56",
                "x",
            ],
        ),
        (
            "blob",
            "AAEC",
            &["A", "AAE", "====", "AA=A", "A*EC", "AAEC="],
        ),
        ("color", "Green", &["", "green", "Purple", "Red Green", "0"]),
        (
            "child/id",
            "5</c:id>",
            &["x</c:id>", "</c:id>", "99999999999999999999999999</c:id>"],
        ),
    ];
    let victim = Victim::start().await;
    for version in BOTH {
        for (field, valid, wrong) in cases {
            for wrong in wrong {
                let body = echo(version, valid, wrong);
                let fault = victim.refused(version, &body).await;
                fault.blames(version, &format!("/Envelope/Body/Echo/rec/{field}"));
                let shown = wrong.trim_end_matches("</c:id>");
                assert!(fault.reason.contains(shown), "{wrong}: {fault:?}");
            }
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn a_double_is_one_or_a_fault() {
    let victim = Victim::start().await;
    for version in BOTH {
        for wrong in [
            "", " ", "one", "0x10", "1,5", "1.5.2", "inf", "nan", "Infinity", "+-1", "1e", "e5",
            "1f", "1_0", "1 2", "NAN", "--INF",
        ] {
            let fault = victim
                .refused(version, changed(version, "1.5", wrong))
                .await;
            fault.blames(version, "/Envelope/Body/Add/a");
        }
        for (right, sum) in [
            ("1e400", "INF"),
            ("-1E400", "-INF"),
            ("NaN", "NaN"),
            (" +1.5\n", "3.75"),
            ("INF", "INF"),
            ("15e-1", "3.75"),
        ] {
            let answer = victim.post(version, changed(version, "1.5", right)).await;
            assert_eq!(answer.value("AddResult").as_deref(), Some(sum), "{right}");
            assert_eq!(victim.ran(), 1);
        }
    }
}

#[tokio::test]
async fn no_partial_parse_of_a_value() {
    let victim = Victim::start().await;
    for version in BOTH {
        for (to, expected) in [
            ("1<x/>9", "/Envelope/Body/Add/a"),
            ("<x/>1.5", "/Envelope/Body/Add/a"),
            ("1.5<c:b>1</c:b>", "/Envelope/Body/Add/a"),
        ] {
            let fault = victim.refused(version, changed(version, "1.5", to)).await;
            fault.blames(version, expected);
        }
    }
}

#[tokio::test]
async fn missing_and_repeated_elements_are_faults_that_name_the_path() {
    let required = [
        ("name", "<c:name>n</c:name>"),
        ("count", "<c:count>-42</c:count>"),
        ("price", "<c:price>12.50</c:price>"),
        ("when", "<c:when>2024-02-29T12:34:56.789Z</c:when>"),
        ("nick", "<c:nick>k</c:nick>"),
        ("blob", "<c:blob>AAEC</c:blob>"),
        ("color", "<c:color>Green</c:color>"),
        ("id", "<c:id>5</c:id>"),
        ("label", "<c:label>L</c:label>"),
    ];
    let optional = [
        ("note", "<c:note>n</c:note>"),
        (
            "child",
            "<c:child><c:id>5</c:id><c:label>L</c:label></c:child>",
        ),
    ];
    let victim = Victim::start().await;
    for version in BOTH {
        for (name, element) in required {
            let fault = victim.refused(version, echo(version, element, "")).await;
            fault.blames(version, &format!("\"{name}\""));
            fault.blames(version, "/Envelope/Body/Echo/rec");
            let unqualified = element.replace("c:", "");
            let fault = victim
                .refused(version, echo(version, element, &unqualified))
                .await;
            fault.blames(version, &format!("\"{name}\""));
        }
        for (name, element) in required.into_iter().chain(optional) {
            let fault = victim
                .refused(version, echo(version, element, &element.repeat(2)))
                .await;
            fault.blames(version, &format!("\"{name}\""));
            fault.blames(version, "/Envelope/Body/Echo/rec");
        }
        for (_, element) in optional {
            assert_eq!(
                victim
                    .post(version, echo(version, element, ""))
                    .await
                    .status,
                200
            );
            assert_eq!(victim.ran(), 1);
        }
        for (from, to) in [
            ("<c:a>1.5</c:a>", ""),
            ("<c:b>2.25</c:b>", "<c:b>1</c:b><c:b>1</c:b>"),
            ("<c:a>1.5</c:a>", "<a>1.5</a>"),
        ] {
            let fault = victim.refused(version, changed(version, from, to)).await;
            fault.blames(version, "/Envelope/Body/Add");
        }
    }
}

#[tokio::test]
async fn text_between_elements_is_a_fault() {
    let victim = Victim::start().await;
    for version in BOTH {
        for (from, to) in [
            ("<c:a>", "x<c:a>"),
            ("</c:Add>", "x</c:Add>"),
            ("<c:Add>", "x<c:Add>"),
            ("</c:Add>", "</c:Add>x"),
            ("<e:Body>", "x<e:Body>"),
            ("</e:Body>", "</e:Body>x"),
            ("<c:a>", "&#65;<c:a>"),
            ("<c:a>", "<![CDATA[x]]><c:a>"),
        ] {
            let fault = victim.refused(version, changed(version, from, to)).await;
            fault.blames(version, "text is not expected");
        }
        victim
            .refused(version, echo(version, "<c:id>", "x<c:id>"))
            .await
            .blames(version, "rec/child");
    }
}

#[tokio::test]
async fn nil_where_there_is_no_nil_is_a_fault() {
    let victim = Victim::start().await;
    let nil = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil";
    for version in BOTH {
        for to in [
            format!("<c:a {nil}=\"true\"/>"),
            format!("<c:a {nil}=\"perhaps\"/>"),
        ] {
            let body = changed(version, "<c:a>1.5</c:a>", &to);
            victim
                .refused(version, body)
                .await
                .blames(version, "/Envelope/Body/Add");
        }
        let with_content = echo(version, "<c:nick>", &format!("<c:nick {nil}=\"1\">"));
        victim
            .refused(version, with_content)
            .await
            .blames(version, "rec/nick");
    }
}

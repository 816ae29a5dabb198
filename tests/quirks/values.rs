//! Q8 to Q17: values as others write them.

use soapstone::{
    CallError, Server, SoapType, SoapVersion,
    types::{DateTime, Decimal, Nillable},
};

use super::{
    client::{self, BOTH},
    server::{SOAP12, code, fields, record, service, sum},
};
use crate::harness::{Answer, contract::Record, envelope11, envelope12, port, post};

const NIL: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The record our client reads from these fields, in both versions.
async fn read(fields: &str) -> Result<Record, CallError> {
    let mut result = None;
    for version in BOTH {
        let answer = client::record(version, fields);
        let (read, _) = client::echo(version, record(), answer).await;
        result = Some(read);
    }
    result.expect("two versions")
}

/// True if the answer has an element of that name; nil or not.
fn element(answer: &Answer, name: &str) -> Option<bool> {
    let text = answer.text();
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    let found = document
        .descendants()
        .find(|node| node.tag_name().name() == name)?;
    Some(found.attribute((NIL, "nil")) == Some("true"))
}

#[tokio::test]
async fn q08_cdata_mixed_with_text_and_entities() {
    let name = "<c:name>&#xDC;n\u{EF} &amp; &lt;tag> <![CDATA[]]]]>&gt; <!-- no text --><![CDATA[<&amp;>]]>&#34;q&quot;&#x2603;</c:name>";
    let text = "Ünï & <tag> ]]> <&amp;>\"q\"\u{2603}";
    let fields = fields(&[("name", name)]);
    let answer = service().await.echo(&fields).await;
    assert_eq!(answer.value("name").as_deref(), Some(text));
    assert_eq!(read(&fields).await.expect("a record").name, text);
}

#[tokio::test]
async fn q09_nil_absent_and_empty_are_three_things() {
    let service = service().await;
    for nil in [
        format!("<c:nick xmlns:xsi=\"{NIL}\" xsi:nil=\"true\"/>"),
        format!("<c:nick xmlns:i=\"{NIL}\" i:nil=\"1\"></c:nick>"),
        format!("<c:nick xmlns:any=\"{NIL}\" any:nil=\" true \" />"),
    ] {
        let fields = fields(&[("nick", &nil)]);
        let answer = service.echo(&fields).await;
        assert_eq!(element(&answer, "nick"), Some(true), "{nil}");
        let read = read(&fields).await.expect("a record");
        assert_eq!(read.nick, Nillable::Nil);
    }
    for empty in [
        "<c:nick/>".to_owned(),
        "<c:nick></c:nick>".to_owned(),
        format!("<c:nick xmlns:i=\"{NIL}\" i:nil=\"false\"/>"),
        format!("<c:nick xmlns:i=\"{NIL}\" i:nil=\"0\"/>"),
    ] {
        let fields = fields(&[("nick", &empty)]);
        let answer = service.echo(&fields).await;
        assert_eq!(element(&answer, "nick"), Some(false), "{empty}");
        let read = read(&fields).await.expect("a record");
        assert_eq!(read.nick, Nillable::Value(String::new()));
    }
    let absent = fields(&[("nick", "")]);
    let answer = service.echo(&absent).await;
    assert_eq!(code(&answer), "Sender");
    assert!(answer.text().contains("nick"), "{}", answer.text());
    assert!(matches!(read(&absent).await, Err(CallError::Read(_))));
}

#[tokio::test]
async fn q09_optional_elements_nil_absent_or_empty() {
    let service = service().await;
    let nil = format!("<c:note xmlns:i=\"{NIL}\" i:nil=\"1\"/>");
    for (note, text) in [("", None), (&*nil, None), ("<c:note/>", Some(""))] {
        let fields = fields(&[("note", note)]);
        let answer = service.echo(&fields).await;
        assert_eq!(answer.value("note").as_deref(), text, "{note}");
        let read = read(&fields).await.expect("a record");
        assert_eq!(read.note.as_deref(), text, "{note}");
    }
}

#[tokio::test]
async fn q10_nil_prefix_declared_on_that_very_element() {
    for nil in [
        format!("<c:nick xsi:nil=\"true\" xmlns:xsi=\"{NIL}\"></c:nick>"),
        format!("<c:nick xmlns:q=\"{NIL}\" q:nil=\"true\"/>"),
    ] {
        let fields = fields(&[("nick", &nil)]);
        let answer = service().await.echo(&fields).await;
        assert_eq!(element(&answer, "nick"), Some(true));
        let read = read(&fields).await.expect("a record");
        assert_eq!(read.nick, Nillable::Nil);
    }
}

#[tokio::test]
async fn q11_xsi_type_on_literal_scalars_is_passed_over() {
    let service = service().await;
    for declared in ["xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"", ""] {
        let typed = format!("xmlns:xsi=\"{NIL}\" {declared} xsi:type=\"xsd:double\"");
        let request = format!("<c:Add><c:a {typed}>1.5</c:a><c:b {typed}>2.25</c:b></c:Add>");
        assert_eq!(sum(&service.post(&envelope11(&request)).await), 3.75);
        let answer =
            format!("<c:AddResponse><c:AddResult {typed}>3.75</c:AddResult></c:AddResponse>");
        for version in BOTH {
            let answer = client::ok(version, &client::envelope(version, &answer));
            let sum = client::add(version, answer).await;
            assert_eq!(sum.expect("a sum"), 3.75, "{typed}");
        }
        let count = format!("<c:count {typed}>-42</c:count>");
        let read = read(&fields(&[("count", &count)])).await;
        assert_eq!(read.expect("a record").count, -42);
    }
}

#[tokio::test]
async fn q12_doubles_in_any_form() {
    let service = service().await;
    for seven in [
        "7",
        "7.0",
        "7.0E0",
        " 7 ",
        "\n\t7e0\r\n",
        "+7",
        "07.",
        "70E-1",
    ] {
        let body = format!("<c:Add><c:a>{seven}</c:a><c:b>2.0E0</c:b></c:Add>");
        assert_eq!(
            sum(&service.post(&envelope12(&body)).await),
            9.0,
            "{seven:?}"
        );
        let answer = client::envelope(SoapVersion::Soap11, &client::SUM.replace("3.75", seven));
        let answer = client::ok(SoapVersion::Soap11, &answer);
        let sum = client::add(SoapVersion::Soap11, answer).await;
        assert_eq!(sum.expect("a sum"), 7.0, "{seven:?}");
    }
}

#[tokio::test]
async fn q13_decimals_keep_every_digit() {
    let service = service().await;
    let many = "1234567890123456789.0123456789";
    for (sent, meant) in [("12.5", "12.50"), ("12.50", "12.5"), (many, many)] {
        let price = format!("<c:price>{sent}</c:price>");
        let fields = fields(&[("price", &price)]);
        let answer = service.echo(&fields).await;
        let meant: Decimal = meant.parse().expect("a decimal");
        let echoed = answer.value("price").expect("a price");
        assert_eq!(echoed.parse::<Decimal>().expect("a decimal"), meant);
        assert_eq!(read(&fields).await.expect("a record").price, meant);
        assert!(sent != many || echoed == many, "{echoed}");
    }
}

#[tokio::test]
async fn q14_date_times_with_any_fraction_and_zone() {
    let service = service().await;
    let meant: DateTime = "2024-02-29T12:34:56.789Z".parse().expect("a time");
    for (when, is_same) in [
        ("2024-02-29T12:34:56.789Z", true),
        ("2024-02-29T12:34:56.789000Z", true),
        ("2024-02-29T12:34:56.789000+00:00", true),
        ("2024-02-29T12:34:56.789", false),
    ] {
        let text = format!("<c:when>{when}</c:when>");
        let fields = fields(&[("when", &text)]);
        let answer = service.echo(&fields).await;
        let echoed = answer.value("when").expect("a time");
        let echoed: DateTime = echoed.parse().expect("a time");
        assert_eq!(echoed == meant, is_same, "{when}");
        let read = read(&fields).await.expect("a record");
        assert_eq!(read.when == meant, is_same, "{when}");
        assert_eq!(read.when, when.parse().expect("a time"));
    }
}

#[tokio::test]
async fn q15_base64_with_line_breaks_and_blanks() {
    let service = service().await;
    for blob in ["AA EC", "\r\nAA\r\nEC\r\n", "A A\tE\nC ", "AAEC"] {
        let text = format!("<c:blob>{blob}</c:blob>");
        let fields = fields(&[("blob", &text)]);
        let answer = service.echo(&fields).await;
        assert_eq!(answer.value("blob").as_deref(), Some("AAEC"), "{blob:?}");
        let read = read(&fields).await.expect("a record");
        assert_eq!(read.blob, record().blob);
    }
}

#[tokio::test]
async fn q16_missing_optional_repeated_and_empty_lists() {
    let service = service().await;
    let smallest = fields(&[("note", ""), ("tags", ""), ("child", "")]);
    let answer = service.echo(&smallest).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for name in ["note", "tags", "child"] {
        assert_eq!(element(&answer, name), None, "{name}");
    }
    let received = read(&smallest).await.expect("a record");
    assert_eq!(
        (received.note, received.tags.len(), received.child),
        (None, 0, None)
    );
    let answer = service.echo(&fields(&[])).await;
    assert_eq!(answer.text().matches("tags>").count(), 4, "two elements");
    assert_eq!(read(&fields(&[])).await.expect("a record"), record());
}

#[tokio::test]
async fn q17_unknown_extra_elements_are_passed_over() {
    let service = service().await;
    for extra in [
        "<c:extra>1</c:extra>",
        "<extra/>",
        "<x:extra xmlns:x=\"urn:x\"><x:deep><c:a>9</c:a></x:deep></x:extra>",
        "<x:a xmlns:x=\"urn:x\">9</x:a>",
    ] {
        let body = format!("<c:Add>{extra}<c:a>1.5</c:a>{extra}<c:b>2.25</c:b>{extra}</c:Add>");
        assert_eq!(
            sum(&service.post(&envelope11(&body)).await),
            3.75,
            "{extra}"
        );
        let name = format!("{extra}<c:name>n</c:name>{extra}");
        let fields = fields(&[("name", &name)]);
        assert_eq!(service.echo(&fields).await.status, 200, "{extra}");
        assert_eq!(read(&fields).await.expect("a record"), record(), "{extra}");
    }
}

#[tokio::test]
async fn q17_missing_and_unqualified_elements_are_the_senders_fault() {
    let service = service().await;
    for body in [
        "<c:Add><c:a>1.5</c:a></c:Add>",
        "<c:Add/>",
        "<c:Add><a>1.5</a><b>2.25</b></c:Add>",
        "<c:Add><c:a>1.5</c:a><c:b/></c:Add>",
    ] {
        service.refuses(&envelope11(body)).await;
        service.refuses(&envelope12(body)).await;
    }
    let answer = client::envelope(
        SoapVersion::Soap12,
        "<c:AddResponse><AddResult>3.75</AddResult></c:AddResponse>",
    );
    let result = client::add(
        SoapVersion::Soap12,
        client::ok(SoapVersion::Soap12, &answer),
    )
    .await;
    assert!(matches!(result, Err(CallError::Read(_))), "{result:?}");
}

#[tokio::test]
async fn q17_reordered_elements_are_taken_by_name() {
    let service = service().await;
    let body = "<c:Divide><c:b>2</c:b><c:a>7</c:a></c:Divide>";
    let answer = service.post(&envelope12(body)).await;
    assert_eq!(answer.value("DivideResult").as_deref(), Some("3.5"));
    let name = "<c:color>Green</c:color><c:name>n</c:name>";
    let reordered = fields(&[("name", name), ("color", "")]);
    assert_eq!(service.echo(&reordered).await.status, 200);
    assert_eq!(read(&reordered).await.expect("a record"), record());
}

/// Takes its elements only in their order.
#[derive(SoapType, Debug)]
#[soap(namespace = "http://example.org/calc", ordered)]
struct Pair {
    first: i32,
    second: i32,
}

struct Orderly;

#[soapstone::service(namespace = "http://example.org/calc")]
impl Orderly {
    #[soap(one_way)]
    async fn put(&self, _pair: Pair) {}
}

#[tokio::test]
async fn q17_reordered_elements_are_refused_where_the_type_says_ordered() {
    let server = Server::new(OrderlyServer::new(Orderly)).bind("http://127.0.0.1:0/calc");
    let running = server.start().await.expect("starts");
    let (first, second) = ("<c:first>1</c:first>", "<c:second>2</c:second>");
    for (pair, status) in [
        (format!("{first}{second}"), 202),
        (format!("{first}<c:x/>{second}"), 202),
        (format!("{second}{first}"), 500),
    ] {
        let body = format!("<c:Put><c:pair>{pair}</c:pair></c:Put>");
        for envelope in [envelope11(&body), envelope12(&body)] {
            let kind = [
                ("Content-Type", "text/xml"),
                ("Content-Type", "application/soap+xml"),
            ];
            let kind = kind[usize::from(envelope.contains(SOAP12))];
            let answer = post(port(&running), &[kind], envelope.as_bytes()).await;
            assert_eq!(answer.status, status, "{pair}");
        }
    }
}

//! Q77 to Q86: what we send, all of it once. The checker of the harness looks at every message; what is asserted here is that it
//! had something to look at.

use soapstone::{CallError, SoapVersion, types::Nillable};

use super::{
    client::{self, BOTH, client, media, ok},
    server::{SOAP11, SOAP12, add, code, fields, record, service},
};
use crate::harness::{
    self, envelope11, envelope12, post, raw,
    scripted::{self, Then, serve},
    wire::soon,
};

const NOTIFY: &str = "<c:Notify><c:text>hi</c:text></c:Notify>";

#[tokio::test]
async fn q77_media_types_of_answers_and_faults() {
    let service = service().await;
    for (namespace, version) in [(SOAP11, SoapVersion::Soap11), (SOAP12, SoapVersion::Soap12)] {
        for envelope in [
            add("s", namespace),
            add("s", namespace).replace("Add", "Sub"),
        ] {
            let answer = service.post(&envelope).await;
            assert_eq!(answer.header("content-type"), Some(media(version)));
        }
    }
}

#[tokio::test]
async fn q77_q80_the_wsdl() {
    let service = service().await;
    for query in ["wsdl", "WSDL", "singleWsdl"] {
        let request = format!("GET /calc?{query} HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = &raw(service.port, request.as_bytes()).await[0];
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            Some("text/xml; charset=utf-8")
        );
        assert!(answer.text().contains("definitions"));
    }
}

#[tokio::test]
async fn q78_one_way_answer_is_202_without_a_body() {
    let service = service().await;
    for envelope in [envelope11(NOTIFY), envelope12(NOTIFY)] {
        let answer = service.post(&envelope).await;
        assert_eq!(
            (answer.status, answer.header("content-length")),
            (202, Some("0"))
        );
    }
    // A one-way request that cannot be read is a fault all the same.
    let service = self::service().await;
    service.refuses(&envelope12("<c:Notify/>")).await;
}

#[tokio::test]
async fn q79_every_fault_has_status_500() {
    let service = service().await;
    for (namespace, envelope) in [(SOAP11, envelope11("")), (SOAP12, envelope12(""))] {
        let with_body = |body: &str| envelope.replace("<e:Body>", &format!("<e:Body>{body}"));
        let kind = |namespace| {
            if namespace == SOAP11 {
                "text/xml"
            } else {
                "application/soap+xml"
            }
        };
        let divide = with_body("<c:Divide><c:a>1</c:a><c:b>0</c:b></c:Divide>");
        for (body, expected) in [
            (envelope.clone(), "Sender"),
            (
                with_body("<c:Add><c:a>x</c:a><c:b>1</c:b></c:Add>"),
                "Sender",
            ),
            (with_body("<c:Unknown/>"), "Sender"),
            (with_body("<c:Add>"), "Sender"),
            (divide, "Sender"),
            (format!("<!DOCTYPE x>{envelope}"), "Sender"),
            ("no XML".to_owned(), "Sender"),
            (String::new(), "Sender"),
            (envelope.replace(namespace, "urn:other"), "VersionMismatch"),
            (envelope.replace("Envelope", "Letter"), "Sender"),
        ] {
            let headers = [("Content-Type", kind(namespace))];
            let answer = post(service.port, &headers, body.as_bytes()).await;
            assert_eq!(code(&answer), expected, "{body}");
        }
    }
    assert_eq!(service.calculator.executions(), 2, "the divisions by zero");
}

#[tokio::test]
async fn q79_refusals_without_an_envelope() {
    let service = service().await;
    let get = raw(service.port, b"GET /calc HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!((get[0].status, get[0].header("allow")), (405, Some("POST")));
    let body = add("s", SOAP11);
    let kinds = ["application/xml", "text/plain", "application/json"];
    for kind in kinds {
        let answer = post(service.port, &[("Content-Type", kind)], body.as_bytes()).await;
        assert_eq!(answer.status, 415, "{kind}");
    }
    let elsewhere = raw(
        service.port,
        b"POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(elsewhere[0].status, 404);
}

#[tokio::test]
async fn q81_answers_are_utf8_and_not_compressed_unasked() {
    let service = service().await;
    let name = format!("<c:name>{}</c:name>", "Ünï \u{2603} ".repeat(500));
    let fields = fields(&[("name", &name)]);
    let answer = service.echo(&fields).await;
    assert!(answer.header("content-encoding").is_none());
    assert!(
        answer
            .text()
            .contains(&name["<c:name>".len()..name.len() - "</c:name>".len()])
    );
}

#[tokio::test]
async fn q82_text_that_asks_for_cdata_is_escaped() {
    let service = service().await;
    let name = "<c:name>&lt;![CDATA[x]]&gt; &lt;!-- y --&gt; &amp;&lt;!DOCTYPE z></c:name>";
    let text = "<![CDATA[x]]> <!-- y --> &<!DOCTYPE z>";
    let fields = fields(&[("name", name)]);
    assert_eq!(
        service.echo(&fields).await.value("name").as_deref(),
        Some(text)
    );
    for version in BOTH {
        let mut sent = record();
        sent.name = text.to_owned();
        let answer = client::record(version, &fields);
        let (result, request) = client::echo(version, sent.clone(), answer).await;
        assert_eq!(result.expect("a record"), sent);
        assert!(request.body.windows(4).any(|four| four == b"&lt;"));
    }
}

#[tokio::test]
async fn q83_q84_answers_of_the_contract_and_nothing_else() {
    let service = service().await;
    let smallest = fields(&[("note", ""), ("tags", ""), ("child", "")]);
    for fields in [fields(&[]), smallest] {
        assert_eq!(service.echo(&fields).await.status, 200);
    }
    let block = "<e:Header><x:A xmlns:x=\"urn:x\" e:mustUnderstand=\"1\"/></e:Header><e:Body>";
    for envelope in [envelope11(harness::ADD), envelope12(harness::ADD)] {
        let refused = service.post(&envelope.replace("<e:Body>", block)).await;
        assert_eq!(code(&refused), "MustUnderstand");
    }
}

#[tokio::test]
async fn q85_q86_every_request_of_ours() {
    for version in BOTH {
        let sum = ok(version, &client::sum(version));
        let quotient = "<c:DivideResponse><c:DivideResult>3.5</c:DivideResult></c:DivideResponse>";
        let quotient = ok(version, &client::envelope(version, quotient));
        let accepted = scripted::answer("202 Accepted", &[], "");
        let full = client::record(version, &fields(&[]));
        let answers = [sum, quotient, full.clone(), full, accepted];
        let (url, served) = serve(answers.map(|answer| (answer, Then::Keep)).to_vec()).await;
        let calc = client(&url, version).await;
        let mut smallest = record();
        (smallest.note, smallest.child, smallest.nick) = (None, None, Nillable::Nil);
        smallest.tags.clear();
        soon(calc.add(1.5, 2.25).into_future())
            .await
            .expect("a sum");
        soon(calc.divide(7.0, 2.0).into_future())
            .await
            .expect("a quotient");
        soon(calc.echo(record()).into_future())
            .await
            .expect("a record");
        soon(calc.echo(smallest).into_future())
            .await
            .expect("a record");
        soon(calc.notify("hi".to_owned()).into_future())
            .await
            .expect("taken");
        let received = soon(served).await.expect("requests");
        assert_eq!(received.len(), 5);
        for request in received {
            assert_eq!(request.line, "POST /calc HTTP/1.1");
            assert!(
                request
                    .header("host")
                    .is_some_and(|host| url.contains(host))
            );
        }
    }
}

/// What XML cannot hold never reaches the wire.
#[tokio::test]
async fn q85_nothing_is_sent_that_cannot_be_written() {
    let calc = client("http://127.0.0.1:9/calc", SoapVersion::Soap11).await;
    let result = soon(calc.notify("\u{1}".to_owned()).into_future()).await;
    assert!(matches!(result, Err(CallError::Write(_))), "{result:?}");
}

//! Bare envelopes on streams, as other programs send them: what comes back, and what does not.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    between::{Line, dial},
    harness::{Harness, PATIENCE, built_in, in_time},
};

/// The transports that speak them.
async fn transports() -> Vec<Harness> {
    vec![
        built_in("soap.tcp://127.0.0.1:0"),
        built_in("tcp://127.0.0.1:0"),
        #[cfg(unix)]
        crate::harness::unix(),
    ]
}

fn envelope(body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns='http://example.org/promises'><e:Body>{body}</e:Body></e:Envelope>"
    )
}

fn add(a: &str) -> String {
    envelope(&format!("<Add><a>{a}</a><b>1</b></Add>"))
}

/// All that comes up to the end of the stream. A reset after it is an end too: bytes were sent that nobody read.
async fn rest(line: &mut dyn Line) -> String {
    let mut bytes = Vec::new();
    match in_time(line.read_to_end(&mut bytes)).await {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// Sends `bytes` and no more, and gives the answers.
async fn exchange(at: &Harness, bytes: &str) -> (String, usize) {
    let served = at.serve().await;
    let mut line = dial(&served.url).await.expect("connects");
    served.probe.release(100);
    in_time(line.write_all(bytes.as_bytes()))
        .await
        .expect("taken");
    in_time(line.shutdown()).await.expect("its side ends");
    let answers = rest(&mut *line).await;
    (answers, served.probe.executions())
}

/// Asserts that the answers hold these texts in this order, one each.
fn answers_are(answers: &str, expected: &[&str]) {
    let count = answers.matches(":Body>").count() / 2;
    assert_eq!(count, expected.len(), "{answers}");
    let mut rest = answers;
    for text in expected {
        let at = rest.find(text);
        let at = at.unwrap_or_else(|| panic!("{text:?} is missing in {rest}, of {answers}"));
        rest = &rest[at + text.len()..];
    }
}

#[tokio::test]
async fn requests_sent_at_once_are_answered_in_order_and_one_way_ones_are_not() {
    let notify = envelope("<Notify><number>1</number></Notify>");
    let wrong = envelope("<Notify><number>none</number></Notify>");
    let bytes = [
        add("1"),
        notify,
        add("two"),
        "\r\n".to_owned(),
        wrong,
        add("3"),
    ]
    .concat();
    for at in transports().await {
        let (answers, executions) = exchange(&at, &bytes).await;
        answers_are(&answers, &[">2<", "Fault", ">4<"]);
        assert_eq!(executions, 3);
    }
}

#[tokio::test]
async fn what_cannot_be_read_gets_a_fault_and_the_end() {
    let unreadable = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "plain text".to_owned(),
        "<!DOCTYPE a><a/>".to_owned(),
        "<a></b>".to_owned(),
        envelope("<Unknown/>"),
        envelope("<Add><a>1</b></Add>"),
        add("1").replace("</e:Envelope>", ""),
    ];
    for at in transports().await {
        for bytes in &unreadable {
            let (answers, executions) = exchange(&at, &[&add("5"), bytes.as_str()].concat()).await;
            // Shown where it fails.
            println!("{} {bytes:?}", at.url());
            answers_are(&answers, &[">6<", "Fault"]);
            assert_eq!(executions, 1);
        }
        let (answers, _) = exchange(&at, &[&unreadable[3], add("5").as_str()].concat()).await;
        answers_are(&answers, &["Fault"]);
        // A fault would be no TLS record either.
        let (answers, _) = exchange(&at, "\u{16}\u{3}\u{1}").await;
        answers_are(&answers, &[]);
    }
}

#[tokio::test]
async fn a_fault_is_not_answered() {
    let fault = envelope(
        "<e:Fault><faultcode xmlns=''>e:Server</faultcode><faultstring xmlns=''>no</faultstring></e:Fault>",
    );
    for at in transports().await {
        let (answers, _) = exchange(&at, &fault).await;
        answers_are(&answers, &[]);
    }
}

#[tokio::test]
async fn who_sends_nothing_or_not_enough_is_not_waited_for() {
    let short = std::time::Duration::from_millis(50);
    for at in transports().await {
        let served = at.serve_with(|options| {
            options.timeouts.first_byte = short;
            options.timeouts.body_read = short;
            options.timeouts.idle = Some(short);
        });
        let served = served.await;
        for (bytes, expected) in [
            ("", [].as_slice()),
            ("<a", &["did not end within"]),
            (&*add("1"), &[">2<"]),
        ] {
            let mut line = dial(&served.url).await.expect("connects");
            line.write_all(bytes.as_bytes()).await.expect("taken");
            answers_are(&rest(&mut *line).await, expected);
        }
        in_time(served.running.stop(PATIENCE)).await.expect("stops");
    }
}

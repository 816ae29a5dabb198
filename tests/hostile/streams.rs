//! Bare envelopes to the calculator over soap.tcp: exactly one answer to what waits for one, nothing to a one-way message, and
//! never an answer that belongs to another request.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    harness::ADD,
    victim::{BOTH, PATIENCE, SoapVersion, Victim, changed, envelope, sender, soon, valid},
};

/// Sends `bytes` and reads all up to the end, which is in good order.
async fn said(mut stream: TcpStream, bytes: impl AsRef<[u8]>, end: bool) -> String {
    stream.write_all(bytes.as_ref()).await.expect("is taken");
    if end {
        stream.shutdown().await.expect("ends");
    }
    let mut text = String::new();
    let read = soon(stream.read_to_string(&mut text)).await;
    read.expect("no reset");
    text
}

/// What each answer holds, in their order: a result, or the code and the reason of a fault.
fn answers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for envelope in text
        .split_inclusive(":Envelope>")
        .filter(|part| part.contains("Body"))
    {
        let document = roxmltree::Document::parse(envelope.trim()).expect("an envelope of its own");
        let value = |name: &str| {
            let mut all = document.descendants();
            let node = all.find(|node| node.tag_name().name() == name)?;
            node.descendants().find_map(|node| node.text())
        };
        let result = value("AddResult").or_else(|| value("DivideResult"));
        let code = || value("faultcode").or_else(|| value("Value"));
        let reason = || value("faultstring").or_else(|| value("Text"));
        let fault = || Some(format!("{}: {}", code()?.split_once(':')?.1, reason()?));
        found.push(result.map(str::to_owned).or_else(fault).expect("an answer"));
    }
    found
}

fn add(version: SoapVersion, number: usize) -> String {
    let body = format!("<c:Add><c:a>{number}</c:a><c:b>0.5</c:b></c:Add>");
    envelope(version, "", &body)
}

#[tokio::test]
async fn both_versions_are_answered_in_order_on_one_connection() {
    let victim = Victim::on_stream().await;
    let requests: String = (0..500)
        .map(|number| add(BOTH[number % 2], number) + "\r\n")
        .collect();
    let text = said(victim.connect().await, requests, true).await;
    let expected: Vec<_> = (0..500).map(|number| format!("{number}.5")).collect();
    assert_eq!(answers(&text), expected);
    assert_eq!(victim.ran(), 500);
}

#[tokio::test]
async fn a_one_way_message_gets_nothing_whatever_is_wrong_with_its_arguments() {
    let victim = Victim::on_stream().await;
    for version in BOTH {
        let right = envelope(version, "", "<c:Notify><c:text>x</c:text></c:Notify>");
        let wrong = envelope(version, "", "<c:Notify/>");
        let block = "<c:h e:mustUnderstand='1'/>";
        let not_understood = envelope(version, block, "<c:Notify><c:text>x</c:text></c:Notify>");
        let requests = [
            add(version, 1),
            right,
            wrong,
            not_understood,
            add(version, 2),
        ];
        let text = said(victim.connect().await, requests.concat(), true).await;
        assert_eq!(answers(&text), ["1.5", "2.5"]);
        assert_eq!(victim.ran(), 3);
    }
}

#[tokio::test]
async fn a_fault_of_a_known_operation_keeps_the_connection() {
    let victim = Victim::on_stream().await;
    for version in BOTH {
        let missing = changed(version, "<c:b>2.25</c:b>", "");
        let lexical = changed(version, "2.25", "0x10");
        let by_zero = "<c:Divide><c:a>1</c:a><c:b>0</c:b></c:Divide>";
        let block = envelope(version, "<c:h e:mustUnderstand='1'/>", ADD);
        for wrong in [missing, lexical, envelope(version, "", by_zero), block] {
            let requests = [add(version, 1), wrong, add(version, 2)];
            let text = said(victim.connect().await, requests.concat(), true).await;
            let answers = answers(&text);
            assert_eq!(answers.len(), 3, "{answers:?}");
            assert_eq!((&*answers[0], &*answers[2]), ("1.5", "2.5"));
            assert!(answers[1].contains(": "), "{answers:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_request_gets_one_fault_and_the_end() {
    let victim = Victim::on_stream().await;
    for version in BOTH {
        let sender = sender(version);
        for (wrong, code) in [
            (envelope(version, "", "<c:Nothing/>"), sender),
            (changed(version, "</c:Add>", "</c:x>"), "Client"),
            (changed(version, "1.5", "\0"), "Client"),
            (changed(version, "1.5", "&#0;"), "Client"),
            (changed(version, "<c:a>", "<z:a>"), sender),
            ("<a><b/></a>".to_owned(), "Client"),
            (
                "<a:Envelope xmlns:a='urn:a'><a:Body/></a:Envelope>".to_owned(),
                "VersionMismatch",
            ),
        ] {
            let requests = [add(version, 1), wrong.clone(), add(version, 2)];
            // The end is the server's.
            let text = said(victim.connect().await, requests.concat(), false).await;
            let answers = answers(&text);
            assert_eq!(answers.len(), 2, "{wrong}: {answers:?}");
            assert_eq!(answers[0], "1.5");
            let told = answers[1].split(':').next();
            assert!(
                told == Some(code) || told == Some(sender),
                "{wrong}: {answers:?}"
            );
            assert_eq!(victim.ran(), 1, "{wrong}");
        }
    }
}

/// INVENTORY 8: gSOAP waits for what is missing until its timeout; it takes any end tag for the right one.
#[tokio::test]
async fn gsoap_a_message_cut_by_the_end_of_the_stream_is_told_at_once() {
    let victim = Victim::on_stream().await;
    for version in BOTH {
        let whole = valid(version);
        for cut in (1..whole.len()).step_by(7) {
            let Some(begin) = whole.get(..cut) else {
                continue;
            };
            let text = said(victim.connect().await, format!("{whole}{begin}"), true).await;
            let answers = answers(&text);
            assert_eq!(answers.len(), 2, "{begin}: {answers:?}");
            assert_eq!(answers[0], "3.75");
            assert_eq!(victim.ran(), 1, "{begin}");
        }
    }
}

/// INVENTORY 8: gSOAP takes any end tag for the right one. Nobody knows where such a message ends, so nothing is read behind it.
#[tokio::test]
async fn gsoap_an_end_tag_of_another_element_is_a_fault_and_the_end() {
    let victim = Victim::on_stream().await;
    for version in BOTH {
        let wrong = changed(version, "</c:a>", "</c:x>");
        let text = said(
            victim.connect().await,
            format!("{wrong}{}", valid(version)),
            false,
        )
        .await;
        let answers = answers(&text);
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert!(answers[0].contains("end tag of \"c:x\""), "{answers:?}");
        assert_eq!(victim.ran(), 0);
    }
}

/// INVENTORY 8: gSOAP overlooks what follows the Envelope. On a stream it begins the next message, or none.
#[tokio::test]
async fn gsoap_what_follows_an_envelope_is_answered_for_itself() {
    let victim = Victim::on_stream().await;
    for version in BOTH {
        for (junk, told) in [
            ("junk", "where an envelope should begin"),
            ("\0\0", "where an envelope should begin"),
            ("<x/>", "not a SOAP Envelope"),
        ] {
            let text = said(victim.connect().await, valid(version) + junk, false).await;
            let answers = answers(&text);
            assert_eq!(answers.len(), 2, "{junk:?}: {answers:?}");
            assert_eq!(answers[0], "3.75");
            assert!(answers[1].contains(told), "{junk:?}: {answers:?}");
            assert_eq!(victim.ran(), 1);
        }
    }
}

#[tokio::test]
async fn a_server_that_has_stopped_had_answered_all() {
    let victim = Victim::on_stream().await;
    let text = said(victim.connect().await, add(BOTH[0], 1), true).await;
    assert_eq!(answers(&text), ["1.5"]);
    victim.running.stop(PATIENCE).await.expect("in good order");
}

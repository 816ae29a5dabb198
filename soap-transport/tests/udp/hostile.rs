//! Datagrams that are no requests: silence, and nobody else notices.

use proptest::prelude::*;
use soap_core::{AddressingOptions, Options};
use soap_transport::{Server, udp::UdpOptions};

use crate::fake::{
    PATIENCE, Raw, Shared, Target, Victim, ask, ask_as, envelope, head, new_id, tell,
};

/// What nobody is to answer, with a `MessageID` wherever there is a place for one.
fn no_requests() -> Vec<(&'static str, Vec<u8>)> {
    let whole = || ask("never");
    let cut = |behind: usize| {
        let mut text = whole();
        text.truncate(text.len() - behind);
        text
    };
    let body = "<t:Ask>never</t:Ask>";
    let fault = "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang='en'>no</e:Text></e:Reason>\
                 </e:Fault>";
    let relates = format!("{}<a:RelatesTo>urn:uuid:1</a:RelatesTo>", head(&new_id()));
    let id = format!("<a:MessageID>{}</a:MessageID>", new_id());
    let texts = [
        ("empty", String::new()),
        ("white space", " \r\n".to_owned()),
        ("garbage", "\u{1}garbage".to_owned()),
        ("XML of another kind", "<a/>".to_owned()),
        ("cut off", cut(9)),
        ("cut off in the head", cut(300)),
        ("two envelopes", whole() + &whole()),
        ("an envelope and garbage", whole() + "garbage"),
        (
            "two envelopes, of which nobody knows the operation",
            format!("{0}{0}", envelope(&head(&new_id()), "<t:Nothing/>")),
        ),
        (
            "an unknown version",
            whole().replace("2003/05/soap-envelope", "2042/soap-envelope"),
        ),
        (
            "a DTD",
            format!("<!DOCTYPE a [<!ENTITY b 'bb'>]>{}", ask("never")),
        ),
        (
            "HTTP",
            format!(
                "POST /path HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{}",
                whole().len(),
                whole()
            ),
        ),
        ("no header", envelope("", body)),
        (
            "no MessageID",
            envelope("<a:Action>urn:t/Ask</a:Action>", body),
        ),
        ("an empty MessageID", envelope(&head(" "), body)),
        (
            "two MessageIDs",
            envelope(&format!("{}{id}", head(&new_id())), body),
        ),
        ("a fault", envelope(&head(&new_id()), fault)),
        ("a fault that answers", envelope(&relates, fault)),
        (
            "an answer to nothing",
            envelope(&relates, "<t:Answer>x</t:Answer>"),
        ),
    ];
    let mut all: Vec<_> = texts
        .into_iter()
        .map(|(what, text)| (what, text.into_bytes()))
        .collect();
    all.push(("no UTF-8", [ask("never").as_bytes(), b"\xff"].concat()));
    all
}

#[tokio::test]
async fn what_is_no_request_is_met_by_silence() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    for (done, (what, datagram)) in (1..).zip(no_requests()) {
        raw.send(&datagram, target.address()).await;
        target.until(|counts| counts.no_request == done).await;
        assert!(raw.is_silent(), "{what}");
        assert_eq!(target.victim.executed(), 0, "{what}");
    }
    raw.send(ask("still there?"), target.address()).await;
    assert!(raw.receive().await.0.contains("still there?"));
    assert!(raw.is_silent());
    assert_eq!(target.counts().answered, 1);
}

#[tokio::test]
async fn a_request_without_one_message_id_is_met_by_silence() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let id = || format!("<a:MessageID>{}</a:MessageID>", new_id());
    let action = "<a:Action>urn:t/Ask</a:Action>";
    let to_another = id().replace("<a:MessageID", "<a:MessageID e:role='urn:another'");
    for (done, ids) in (1..).zip([String::new(), id() + &id(), id().repeat(9), to_another]) {
        let asked = envelope(&format!("{action}{ids}"), "<t:Ask>never</t:Ask>");
        raw.send(asked, target.address()).await;
        target.until(|counts| counts.no_request == done).await;
    }
    target.others_are_served().await;
    assert_eq!(target.victim.executed(), 1);
    assert!(raw.is_silent());
}

#[tokio::test]
async fn a_reply_to_elsewhere_is_refused_and_nothing_is_sent_there() {
    let target = Target::start().await;
    let (raw, third) = (Raw::new().await, Raw::new().await);
    let to = third.0.local_addr().unwrap();
    for block in ["ReplyTo", "FaultTo"] {
        for address in [format!("soap.udp://{to}/x"), format!("http://{to}/")] {
            let header = format!(
                "{}<a:{block}><a:Address>{address}</a:Address></a:{block}>",
                head(&new_id())
            );
            let asked = envelope(&header, "<t:Ask>fail</t:Ask>");
            raw.send(asked, target.address()).await;
            let (fault, _) = raw.receive().await;
            assert!(fault.contains("OnlyAnonymousAddressSupported"), "{fault}");
        }
    }
    assert_eq!(target.victim.executed(), 0);
    assert!(third.is_silent());
}

/// A request for `Ask` whose answer shall go to `address`.
fn ask_for(address: &str) -> String {
    let reply_to = format!("<a:ReplyTo><a:Address>{address}</a:Address></a:ReplyTo>");
    envelope(&(head(&new_id()) + &reply_to), "<t:Ask>who?</t:Ask>")
}

/// Posts `envelope` to `url`, and gives the first line of what comes back.
#[cfg(feature = "http")]
async fn posted(url: &str, envelope: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let authority = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/soap+xml\r\nContent-Length: {}\r\n\r\n",
        envelope.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(envelope.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// What a server may send to on behalf of HTTP peers, no forged datagram makes it send to.
#[cfg(feature = "http")]
#[tokio::test]
async fn udp_4_answers_to_does_not_let_a_datagram_send_answers_elsewhere() {
    let backend = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let third = Raw::new().await;
    let allowed = [
        format!("http://{}/", backend.local_addr().unwrap()),
        format!("soap.udp://{}/", third.0.local_addr().unwrap()),
    ];
    let victim = std::sync::Arc::new(Victim::default());
    let running = Server::new(Shared(std::sync::Arc::clone(&victim)))
        .addressing(AddressingOptions::default().answers_to(&allowed))
        .bind("soap.udp://127.0.0.1:0")
        .bind("http://127.0.0.1:0")
        .start()
        .await
        .unwrap();
    let target = Target { victim, running };
    let raw = Raw::new().await;
    for address in &allowed {
        raw.send(ask_for(address), target.address()).await;
        let (fault, _) = raw.receive().await;
        assert!(fault.contains("OnlyAnonymousAddressSupported"), "{fault}");
    }
    assert_eq!(target.victim.executed(), 0);
    // The other binding does send there, and nobody else has.
    let http = target.running.urls()[1].clone();
    let first = posted(&http, &ask_for(&allowed[0])).await;
    assert!(first.starts_with("HTTP/1.1 202"), "{first}");
    let (delivery, _) = tokio::time::timeout(PATIENCE, backend.accept())
        .await
        .unwrap()
        .unwrap();
    drop((delivery, backend));
    target.running.stop(PATIENCE).await.unwrap();
    assert_eq!(target.victim.executed(), 1);
    assert!(third.is_silent());
}

#[tokio::test]
async fn udp_4_answers_to_for_datagrams_alone_is_refused_at_start() {
    let mut options = Options::server();
    options.addressing = options.addressing.answers_to(["soap.tcp://127.0.0.1:1"]);
    let server = || Server::new(Shared(std::sync::Arc::default()));
    let udp = "soap.udp://127.0.0.1:0";
    for server in [
        server().options(options.clone()).bind(udp),
        server().bind_with(udp, options.clone()),
        server()
            .bind("soap.udp://127.0.0.1:0")
            .bind_with(udp, options.clone()),
    ] {
        let error = server.start().await.unwrap_err();
        assert!(error.is_config(), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("answers_to") && text.contains(udp) && text.contains("only go back"),
            "{text}"
        );
    }
    let registry = soap_transport::default_registry();
    let error = registry.bind(udp, &options).await.unwrap_err().to_string();
    assert!(error.contains("answers_to"), "{error}");
}

#[tokio::test]
async fn what_is_cut_off_keeps_nothing_that_is_whole_away() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let whole = ask("whole");
    raw.send(&whole[..whole.len() - 9], target.address()).await;
    target.until(|counts| counts.no_request == 1).await;
    raw.send(&whole, target.address()).await;
    assert!(raw.receive().await.0.contains("whole"));
}

#[tokio::test]
async fn a_datagram_larger_than_the_limit_is_not_read() {
    let target = Target::with(UdpOptions::new().unicast_repeat(0).datagram(4096)).await;
    let raw = Raw::new().await;
    let of_length = |length: usize| {
        let told = tell(&new_id());
        let fill = "n".repeat(length - told.len());
        told.replace("news", &format!("news{fill}"))
    };
    raw.send(of_length(4097), target.address()).await;
    target.until(|counts| counts.too_large == 1).await;
    assert_eq!(target.counts().executed, 0);
    raw.send(of_length(4096), target.address()).await;
    target.until(|counts| counts.executed == 1).await;
    target.others_are_served().await;
    assert!(raw.is_silent());
    assert_eq!(
        (target.counts().received, target.counts().too_large),
        (3, 1)
    );
}

#[tokio::test]
async fn a_request_of_64_kib_is_served() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let fill = 65_507 - tell(&new_id()).len();
    let large = tell(&new_id()).replace("news", &"n".repeat(fill + 4));
    assert_eq!(large.len(), 65_507);
    raw.send(large, target.address()).await;
    target.until(|counts| counts.executed == 1).await;
    raw.send(ask("60000"), target.address()).await;
    assert!(raw.receive().await.0.len() > 60_000);
}

#[tokio::test]
async fn a_request_that_asks_for_no_operation_is_told_so_if_it_is_whole_and_can_be_told() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let unknown = envelope(&head(&new_id()), "<t:Nothing/>");
    raw.send(&unknown, target.address()).await;
    let (fault, _) = raw.receive().await;
    assert!(
        fault.contains("Fault") && fault.contains("Nothing"),
        "{fault}"
    );
    // Its copy is no new request.
    raw.send(&unknown, target.address()).await;
    assert_eq!(raw.receive().await.0, fault);
    assert_eq!(target.counts().executed, 1);
}

#[tokio::test]
async fn a_storm_is_dropped_and_the_others_are_served() {
    let mut options = Options::server().with(UdpOptions::new().unicast_repeat(0));
    options.capacity.in_flight = Some(2);
    options.capacity.queue = 3;
    let target = Target::at("soap.udp://127.0.0.1:0", options).await;
    let raw = Raw::new().await;
    for _ in 0..20 {
        raw.send(ask("wait"), target.address()).await;
    }
    target.until(|counts| counts.received == 20).await;
    let counts = target.counts();
    assert_eq!((counts.executed, counts.busy), (5, 15));
    assert!(raw.is_silent(), "who is dropped is not told");
    let answered = async {
        for _ in 0..5 {
            assert!(raw.receive().await.0.contains("wait"));
        }
    };
    let go_on = async {
        loop {
            target.victim.go_on.notify_one();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = answered => {}
        () = go_on => {}
    }
    target.others_are_served().await;
}

#[tokio::test]
async fn who_was_dropped_for_want_of_room_is_served_when_it_asks_again() {
    let mut options = Options::server().with(UdpOptions::new().unicast_repeat(0));
    options.capacity.in_flight = Some(1);
    options.capacity.queue = 0;
    let target = Target::at("soap.udp://127.0.0.1:0", options).await;
    let raw = Raw::new().await;
    raw.send(ask("wait"), target.address()).await;
    target.victim.waiting.notified().await;
    let second = ask_as(&new_id(), "second");
    raw.send(&second, target.address()).await;
    target.until(|counts| counts.busy == 1).await;
    target.victim.go_on.notify_one();
    assert!(raw.receive().await.0.contains("wait"));
    raw.send(&second, target.address()).await;
    assert!(raw.receive().await.0.contains("second"));
}

#[tokio::test]
async fn gsoap_datagrams_of_two_senders_are_not_spliced() {
    let target = Target::start().await;
    let (first, second) = (Raw::new().await, Raw::new().await);
    let whole = ask("spliced");
    let (begin, end) = whole.split_at(whole.len() / 2);
    first.send(begin, target.address()).await;
    second.send(end, target.address()).await;
    first.send(end, target.address()).await;
    target.until(|counts| counts.no_request == 3).await;
    assert_eq!(target.victim.executed(), 0);
    assert!(first.is_silent() && second.is_silent());
}

#[tokio::test]
async fn gsoap_a_truncated_datagram_does_not_poison_the_next() {
    let target = Target::start().await;
    let raw = Raw::new().await;
    let cut = ask("cut off");
    for garbage in ["<", "garbage", &cut[..cut.len() - 1], "\0\0\0\0"] {
        raw.send(garbage, target.address()).await;
        raw.send(ask("clean"), target.address()).await;
        assert!(
            raw.receive().await.0.contains("clean"),
            "behind {garbage:?}"
        );
    }
    assert!(raw.is_silent());
}

#[tokio::test]
async fn gsoap_a_fault_is_not_answered() {
    let (here, there) = (Target::start().await, Target::start().await);
    let raw = Raw::new().await;
    raw.send(ask("fail"), here.address()).await;
    let (fault, _) = raw.receive().await;
    raw.send(&fault, there.address()).await;
    there.until(|counts| counts.no_request == 1).await;
    there.others_are_served().await;
    assert!(raw.is_silent());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, the next request is answered.
    #[test]
    fn bytes_of_any_kind_do_no_harm(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..20),
        cut in 0_usize..400,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let target = Target::start().await;
            let raw = Raw::new().await;
            for datagram in &datagrams {
                raw.send(datagram, target.address()).await;
                let mut bent = ask("bent").into_bytes();
                let at = cut.min(bent.len() - 1);
                bent.truncate(at);
                bent.extend_from_slice(datagram);
                raw.send(bent, target.address()).await;
            }
            target.until(|counts| counts.received == 2 * datagrams.len() as u64).await;
            target.others_are_served().await;
        });
    }
}

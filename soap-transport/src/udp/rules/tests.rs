use soap_core::{Destination, transport::BoxFuture, transport::Outcome};

use super::*;

const NEAR: &str = "192.0.2.9:4000";
const FAR: &str = "203.0.113.9:4000";
const OWN: &str = "192.0.2.1";
const GROUP: &str = "239.1.1.1";

/// Writes faults of so many bytes.
#[derive(Debug)]
struct Faults(usize);

impl Dispatch for Faults {
    fn dispatch(self: std::sync::Arc<Self>, _: Message) -> BoxFuture<'static, Outcome> {
        Box::pin(async { Outcome::Reply(Message::default()) })
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        let missing = self.0.saturating_sub(fault.reason().len());
        let text = fault.reason().to_owned() + &" ".repeat(missing);
        fault_of(FaultOrigin::Refused, text)
    }
}

const MODE: (Addressing, Edition) = (Addressing::Required, Edition::V200508);

fn rules(options: &UdpOptions) -> Rules {
    let mut rules = Rules::new(options, MODE, Limits::server(), false);
    let own = OWN.parse().unwrap();
    rules.guard.set_near(vec![(own, 24)]);
    rules
}

fn received(source: &str, destination: Option<&str>) -> Received {
    Received {
        length: 0,
        is_truncated: false,
        source: source.parse().unwrap(),
        destination: destination.map(|to| Destination::new(to.parse().unwrap(), 7)),
    }
}

fn request(id: &str) -> String {
    message(&format!("<a:MessageID>{id}</a:MessageID>"))
}

fn message(header: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://www.w3.org/2005/08/addressing'>\
         <e:Header>{header}</e:Header><e:Body/></e:Envelope>"
    )
}

fn answer_of(length: usize) -> Message {
    Message::new(vec![b'x'; length])
}

fn fault_of(origin: FaultOrigin, text: impl Into<Bytes>) -> Message {
    let mut message = Message::new(text);
    message.fault = Some(origin);
    message
}

/// The request that is to be executed.
fn asked(rules: &mut Rules, received: &Received, request: &str, now: Instant) -> Asked {
    match rules.judge(received, request.as_bytes(), now) {
        Verdict::Run(asked) => asked,
        other => panic!("{other:?}"),
    }
}

/// What goes out for `reply` to a new request from `source` to `destination`.
fn answered(
    options: &UdpOptions,
    source: &str,
    destination: &str,
    reply: Message,
) -> Result<Answer, Option<Dropped>> {
    let now = Instant::now();
    let mut rules = rules(options);
    let received = received(source, Some(destination));
    let asked = asked(&mut rules, &received, &request("a"), now);
    rules.answer(&asked, reply, &Faults(0), now)
}

#[test]
fn udp_14_b_an_answer_to_afar_is_three_times_its_request_at_most_and_goes_once() {
    let options = UdpOptions::new();
    let length = request("a").len();
    let sent = answered(&options, FAR, OWN, answer_of(3 * length)).unwrap();
    assert_eq!((sent.copies, sent.to), (0, FAR.parse().unwrap()));
    let fault = answered(&options, FAR, OWN, answer_of(3 * length + 1)).unwrap();
    let text = String::from_utf8(fault.datagram.to_vec()).unwrap();
    let expected = format!(
        "the answer has {} bytes, more than the {} that a request of {length} bytes is answered with",
        3 * length + 1,
        3 * length
    );
    assert_eq!((text, fault.copies), (expected, 0));
    let near = answered(&options, NEAR, OWN, answer_of(60_000)).unwrap();
    assert_eq!((near.datagram.len(), near.copies), (60_000, 1));
}

#[test]
fn udp_14_b_a_fault_that_does_not_fit_either_is_not_sent() {
    let now = Instant::now();
    let mut rules = rules(&UdpOptions::new());
    let far = received(FAR, Some(OWN));
    let first = asked(&mut rules, &far, &request("a"), now);
    let dropped = rules.answer(&first, answer_of(9000), &Faults(5000), now);
    assert_eq!(dropped.unwrap_err(), Some(Dropped::Amplification));
    let near = received(NEAR, Some(OWN));
    let second = asked(&mut rules, &near, &request("b"), now);
    let dropped = rules.answer(&second, answer_of(70_000), &Faults(70_000), now);
    assert_eq!(dropped.unwrap_err(), Some(Dropped::AnswerTooLarge));
    let copy = rules.judge(&near, request("b").as_bytes(), now);
    assert!(matches!(copy, Verdict::Drop(Dropped::Copy)), "{copy:?}");
}

#[test]
fn udp_14_b_a_small_copy_gets_no_large_answer() {
    let now = Instant::now();
    let mut rules = rules(&UdpOptions::new());
    let far = received(FAR, Some(OWN));
    let padded = request("a") + &" ".repeat(5000);
    let first = asked(&mut rules, &far, &padded, now);
    rules
        .answer(&first, answer_of(9000), &Faults(0), now)
        .unwrap();
    let copy = rules.judge(&far, padded.as_bytes(), now);
    assert!(matches!(copy, Verdict::Again(..)), "{copy:?}");
    let small = rules.judge(&far, request("a").as_bytes(), now);
    assert!(
        matches!(small, Verdict::Drop(Dropped::Amplification)),
        "{small:?}"
    );
}

#[test]
fn udp_5_faults_go_where_one_peer_has_asked_for_something() {
    let options = UdpOptions::new();
    let goes = |origin, to: &str| {
        let reply = fault_of(origin, "fault");
        answered(&options, NEAR, to, reply).map(drop)
    };
    for origin in [
        FaultOrigin::Refused,
        FaultOrigin::Application,
        FaultOrigin::UnknownOperation,
    ] {
        assert_eq!(goes(origin, OWN), Ok(()), "{origin:?}");
    }
    for origin in [
        FaultOrigin::Refused,
        FaultOrigin::Application,
        FaultOrigin::UnknownOperation,
        FaultOrigin::OneWay,
    ] {
        assert_eq!(goes(origin, GROUP), Err(None), "{origin:?}");
    }
    assert_eq!(goes(FaultOrigin::OneWay, OWN), Err(None));
    for origin in [FaultOrigin::Unreadable, FaultOrigin::ToFault] {
        for to in [OWN, GROUP] {
            assert_eq!(goes(origin, to), Err(Some(Dropped::NoRequest)));
        }
    }
    assert!(answered(&options, NEAR, GROUP, answer_of(70_000)).is_err());
}

#[test]
fn a_message_that_answers_something_is_executed_but_gets_no_fault_for_an_unknown_operation() {
    let now = Instant::now();
    let mut rules = rules(&UdpOptions::new());
    let near = received(NEAR, Some(OWN));
    let related = |id| {
        message(&format!(
            "<a:MessageID>{id}</a:MessageID><a:RelatesTo>urn:b</a:RelatesTo>"
        ))
    };
    let first = asked(&mut rules, &near, &related("a"), now);
    let reply = fault_of(FaultOrigin::UnknownOperation, "fault");
    let silent = rules.answer(&first, reply, &Faults(0), now);
    assert_eq!(silent.unwrap_err(), Some(Dropped::NoRequest));
    let second = asked(&mut rules, &near, &related("c"), now);
    rules
        .answer(&second, answer_of(9), &Faults(0), now)
        .unwrap();
}

#[test]
fn who_is_told_nothing_because_the_server_is_busy_may_ask_again() {
    let now = Instant::now();
    let mut rules = rules(&UdpOptions::new());
    let near = received(NEAR, Some(OWN));
    for _ in 0..2 {
        let asked = asked(&mut rules, &near, &request("a"), now);
        let mut busy = fault_of(FaultOrigin::Refused, "busy");
        busy.status = Some(503);
        let silent = rules.answer(&asked, busy, &Faults(0), now);
        assert_eq!(silent.unwrap_err(), Some(Dropped::Busy));
    }
}

/// A service of one's own may answer with the same status what it has executed.
#[test]
fn an_executed_request_is_not_executed_again_whatever_status_its_answer_has() {
    let now = Instant::now();
    let near = received(NEAR, Some(OWN));
    for reply in [answer_of(9), fault_of(FaultOrigin::Application, "not now")] {
        let mut rules = rules(&UdpOptions::new());
        let asked = asked(&mut rules, &near, &request("a"), now);
        let mut reply = reply;
        reply.status = Some(503);
        let answer = rules.answer(&asked, reply, &Faults(0), now).unwrap();
        let again = rules.judge(&near, request("a").as_bytes(), now);
        assert!(matches!(again, Verdict::Again(same, ..) if same == answer.datagram));
    }
}

#[test]
fn answers_leave_from_the_address_asked_or_by_the_interface_of_the_group() {
    let from = |address: Option<&str>, interface| {
        let address = address.map(|address| address.parse().unwrap());
        Some(From { address, interface })
    };
    for (to, expected) in [
        (Some(OWN), from(Some(OWN), 0)),
        (Some(GROUP), from(None, 7)),
        (Some("ff02::c"), from(None, 7)),
        (Some("fe80::1"), from(Some("fe80::1"), 7)),
        (Some("fd00::1"), from(Some("fd00::1"), 0)),
        (None, None),
    ] {
        assert_eq!(back(&received(NEAR, to)), expected, "{to:?}");
    }
}

#[test]
fn where_nobody_knows_what_was_asked_a_member_of_groups_sends_no_faults() {
    let now = Instant::now();
    for (has_groups, is_silent) in [(true, true), (false, false)] {
        let options = UdpOptions::new();
        let mut rules = Rules::new(&options, MODE, Limits::server(), has_groups);
        let asked = asked(&mut rules, &received(NEAR, None), &request("a"), now);
        let reply = fault_of(FaultOrigin::Refused, "fault");
        let answer = rules.answer(&asked, reply, &Faults(0), now);
        assert_eq!(answer.is_err(), is_silent);
    }
}

#[test]
fn what_is_cut_off_or_comes_from_a_forged_port_is_not_looked_at() {
    let now = Instant::now();
    let mut rules = rules(&UdpOptions::new());
    let mut cut = received(NEAR, Some(OWN));
    cut.is_truncated = true;
    let request = request("a");
    let judged = rules.judge(&cut, request.as_bytes(), now);
    assert!(matches!(judged, Verdict::Drop(Dropped::TooLarge)));
    for source in ["203.0.113.9:53", "203.0.113.9:1900", "203.0.113.9:0"] {
        let judged = rules.judge(&received(source, Some(OWN)), request.as_bytes(), now);
        assert!(matches!(judged, Verdict::Drop(Dropped::Source)), "{source}");
    }
}

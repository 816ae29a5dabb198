use std::{error::Error as _, time::Duration};

use soap_core::addressing::new_message_id;

use super::{super::UdpOptions, super::repeat::Constants, *};

const ID: &str = "urn:uuid:1";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn asked() -> SocketAddr {
    address("192.0.2.1:9")
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// An envelope with the header blocks of WS-Addressing given.
fn envelope(headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let blocks = headers.iter().map(|(name, value)| {
        let end = name.split(' ').next().unwrap_or(name);
        format!("<a:{name}>{value}</a:{end}>")
    });
    let blocks: String = blocks.collect();
    format!(
        "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://www.w3.org/2005/08/addressing'>\
         <e:Header>{blocks}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
    .into_bytes()
}

fn answer(id: &str) -> Vec<u8> {
    envelope(&[("RelatesTo", ID), ("MessageID", id)], "<r/>")
}

/// A request to `to`, which copies are sent of after 100, 300, 700 ms and so on.
struct Call {
    exchange: Exchange,
    start: Instant,
}

impl Call {
    fn new(to: SocketAddr, expect: Expect, id: Option<&str>, is_lenient: bool) -> Self {
        let start = Instant::now();
        let mut request = Message::new(envelope(&[("MessageID", id.unwrap_or_default())], "<q/>"));
        request.message_id = id.map(Into::into);
        let options = UdpOptions::draft_2004();
        let constants = if to.ip().is_multicast() {
            Constants::multicast(&options)
        } else {
            Constants::unicast(&options)
        };
        let repeat = Repeat::new(constants, start, |_| 50);
        let options = AddressingOptions::new(if is_lenient {
            Addressing::Optional
        } else {
            Addressing::Required
        });
        let asked = Asked::new(&request, to, expect, &options);
        Self {
            exchange: Exchange::new(asked, repeat, start + ms(5000)),
            start,
        }
    }

    fn strict(expect: Expect) -> Self {
        Self::new(asked(), expect, Some(ID), false)
    }

    fn takes(&mut self, datagram: &[u8], source: SocketAddr) -> bool {
        self.exchange
            .handle_datagram(datagram, source, &Limits::client())
    }

    /// When it is sent up to `until`, and when that ends.
    fn times(&mut self, until: u64) -> (Vec<u64>, Option<u64>) {
        let mut sent = Vec::new();
        while let Some(at) = self.exchange.poll_timeout() {
            let after = u64::try_from((at - self.start).as_millis()).unwrap();
            if after > until {
                return (sent, Some(after));
            }
            if self.exchange.handle_timeout(at) {
                sent.push(after);
            }
        }
        (sent, None)
    }

    fn last_stray(&self) -> String {
        let (_, stray) = self.exchange.strays.last.as_ref().unwrap();
        stray.to_string()
    }
}

#[test]
fn udp_4_an_answer_is_known_by_what_it_relates_to_wherever_it_comes_from() {
    for source in ["192.0.2.1:9", "192.0.2.1:4711", "[2001:db8::1]:3702"] {
        let mut call = Call::strict(Expect::One);
        assert!(call.takes(&answer("urn:uuid:2"), address(source)));
        assert_eq!(call.exchange.poll_timeout(), None);
    }
    let mut call = Call::strict(Expect::One);
    let fault = envelope(
        &[("RelatesTo", ID)],
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code></e:Fault>",
    );
    assert!(call.takes(&fault, asked()), "a fault is an answer");
    let mut call = Call::strict(Expect::One);
    let wrapped = format!("\n  {ID}\t ");
    assert!(call.takes(&envelope(&[("RelatesTo", &wrapped)], "<r/>"), asked()));
    let mut call = Call::strict(Expect::One);
    let two = [
        ("RelatesTo RelationshipType='urn:other'", "urn:uuid:7"),
        ("RelatesTo", ID),
    ];
    assert!(call.takes(&envelope(&two, "<r/>"), asked()));
}

#[test]
fn what_is_no_answer_says_why() {
    let mut call = Call::strict(Expect::One);
    let fault = "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code></e:Fault>";
    let own = call.exchange.asked.envelope.to_vec();
    for (datagram, why) in [
        (b"".to_vec(), "is no envelope: "),
        (b"\0\xff garbage".to_vec(), "is no envelope: "),
        (b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), "is no envelope: "),
        (answer("urn:uuid:2")[..150].to_vec(), "is no envelope: "),
        (own, "is the request itself"),
        (
            envelope(&[("RelatesTo", "urn:uuid:11")], "<r/>"),
            "answers another request",
        ),
        (
            envelope(&[("MessageID", ID)], "<other/>"),
            "does not say which request it answers",
        ),
        (
            envelope(&[("RelatesTo RelationshipType='urn:x'", ID)], "<r/>"),
            "does not say which request it answers",
        ),
        (
            envelope(&[], fault),
            "is a fault that does not say which request it answers",
        ),
    ] {
        assert!(!call.takes(&datagram, asked()), "{why}");
        assert!(call.last_stray().starts_with(why), "{}", call.last_stray());
    }
    call.exchange.handle_truncated(asked());
    assert_eq!(call.last_stray(), "is larger than UdpOptions::datagram");
    assert!(call.takes(&answer("urn:uuid:2"), asked()), "none did harm");
}

#[test]
fn without_addressing_only_the_address_asked_answers() {
    let mut call = Call::new(asked(), Expect::One, None, false);
    let plain = envelope(&[], "<r/>");
    for other in ["192.0.2.1:10", "192.0.2.2:9", "[::1]:9"] {
        assert!(!call.takes(&plain, address(other)), "{other}");
        assert_eq!(
            call.last_stray(),
            "comes from another address than was asked"
        );
    }
    let own = call.exchange.asked.envelope.to_vec();
    assert!(!call.takes(&own, asked()), "as a port that echoes sends");
    let late = envelope(&[("RelatesTo", "urn:uuid:7")], "<r/>");
    assert!(!call.takes(&late, asked()), "an answer to somebody else");
    assert!(call.takes(&plain, address("[::ffff:192.0.2.1]:9")));

    let mut call = Call::new(asked(), Expect::One, None, false);
    let unspecified = "http://www.w3.org/2005/08/addressing/unspecified";
    assert!(call.takes(&envelope(&[("RelatesTo", unspecified)], "<r/>"), asked()));
}

#[test]
fn an_answer_need_not_have_what_is_optional() {
    let lenient = || Call::new(asked(), Expect::One, Some(ID), true);
    let plain = envelope(&[], "<r/>");
    assert!(lenient().takes(&plain, asked()));
    assert!(!lenient().takes(&plain, address("192.0.2.1:10")));
    assert!(lenient().takes(&answer("urn:uuid:2"), address("192.0.2.1:10")));
    let foreign = envelope(&[("RelatesTo", "urn:uuid:7")], "<r/>");
    assert!(!lenient().takes(&foreign, asked()));
}

#[test]
fn without_addressing_a_group_answers_from_its_port() {
    let group = address("239.255.255.250:3702");
    let mut call = Call::new(group, Expect::Many, None, false);
    let plain = envelope(&[], "<r/>");
    assert!(call.takes(&plain, address("192.0.2.1:3702")));
    assert!(call.takes(&plain, address("192.0.2.2:3702")));
    assert!(!call.takes(&plain, address("192.0.2.2:3703")));
}

#[test]
fn the_copies_of_an_answer_are_one() {
    let group = address("239.255.255.250:3702");
    let mut call = Call::new(group, Expect::Many, Some(ID), false);
    let (one, two) = (address("192.0.2.1:3702"), address("192.0.2.2:40000"));
    assert!(call.takes(&answer("urn:uuid:2"), one));
    assert!(!call.takes(&answer("urn:uuid:2"), one));
    assert!(
        !call.takes(&answer("urn:uuid:2"), two),
        "by another interface"
    );
    assert!(call.takes(&answer("urn:uuid:3"), two));
    let nameless = envelope(&[("RelatesTo", ID)], "<r/>");
    assert!(call.takes(&nameless, one));
    assert!(!call.takes(&nameless, one));
    assert!(call.takes(&nameless, two));
    assert_eq!(call.last_stray(), "has come before");
}

#[test]
fn answers_to_one_request_are_bounded() {
    let mut call = Call::strict(Expect::Many);
    for _ in 0..MOST_ANSWERS {
        assert!(call.takes(&answer(&new_message_id()), asked()));
    }
    assert!(!call.takes(&answer(&new_message_id()), asked()));
    assert_eq!(call.last_stray(), "is one answer too many");
}

#[test]
fn udp_9_copies_stop_with_the_first_answer_of_one_peer() {
    assert_eq!(
        Call::strict(Expect::One).times(6000),
        (vec![0, 100, 300], None)
    );
    let mut call = Call::strict(Expect::One);
    assert_eq!(call.times(150), (vec![0, 100], Some(300)));
    assert!(call.takes(&answer("urn:uuid:2"), asked()));
    assert_eq!(call.times(6000), (vec![], None));
    let mut call = Call::strict(Expect::Many);
    assert_eq!(call.times(50), (vec![0], Some(100)));
    assert!(call.takes(&answer("urn:uuid:2"), asked()));
    assert_eq!(call.times(4999), (vec![], Some(5000)), "others may answer");
    assert_eq!(call.times(6000), (vec![], None));
    assert!(!call.exchange.handle_timeout(Instant::now() + ms(9000)));
}

#[test]
fn all_copies_to_a_group_go_out() {
    let group = address("[ff02::c]:3702");
    let mut call = Call::new(group, Expect::Many, Some(ID), false);
    assert_eq!(call.times(50), (vec![0], Some(100)));
    assert!(call.takes(&answer("urn:uuid:2"), asked()));
    assert_eq!(call.times(6000), (vec![100, 300, 700, 1200], None));
}

#[test]
fn a_one_way_message_ends_with_its_last_copy() {
    assert_eq!(
        Call::strict(Expect::Nothing).times(6000),
        (vec![0, 100, 300], None)
    );
}

#[test]
fn no_copies_from_the_deadline_on() {
    let mut call = Call::new(address("239.1.1.1:9"), Expect::Many, Some(ID), false);
    call.exchange.deadline = call.start + ms(300);
    assert_eq!(call.times(6000), (vec![0, 100], None));
    let mut call = Call::strict(Expect::Nothing);
    call.exchange.deadline = call.start + ms(300);
    assert_eq!(call.times(6000), (vec![0, 100], None));
}

#[test]
fn the_error_tells_what_was_sent_and_what_came() {
    let mut call = Call::strict(Expect::One);
    call.times(6000);
    let within = Patience {
        time: ms(5000),
        option: None,
    };
    let error = call.exchange.unanswered(within);
    assert!(error.is_ambiguous());
    assert_eq!(error.timed_out(), Some(ms(5000)));
    assert_eq!(
        error.to_string(),
        "waiting for an answer to the request, sent 3 times to 192.0.2.1:9, did not end within 5s; \
         the peer may have processed the request"
    );
    assert!(error.source().is_none());
    assert!(!call.takes(
        &envelope(&[("RelatesTo", "urn:x")], "<r/>"),
        address("192.0.2.7:1")
    ));
    let within = Patience {
        time: ms(5000),
        option: None,
    };
    let error = call.exchange.unanswered(within);
    assert_eq!(
        error.source().unwrap().to_string(),
        "of what came nothing was an answer (1 in all): the last, from 192.0.2.7:1, answers another request"
    );
}

//! The client: what it sends when, what it takes, and how it ends.

use std::{
    collections::HashMap,
    error::Error as _,
    io,
    net::IpAddr,
    task::{Context, Poll},
};

use soap_core::{Addressing, AddressingOptions, Limits, addressing, transport::TransportError};
use tokio::time::{sleep, timeout};

use super::*;
use crate::udp::{
    address::Address,
    client::{MOST_DETACHED, TOO_LARGE, UdpTransport},
    net::{From, Socket},
};

const URL: &str = "soap.udp://10.0.0.2:9000/calc";
const GROUP_URL: &str = "soap.udp://239.1.1.1:3702";
const GROUP: &str = "239.1.1.1";

fn fine() -> Simulated {
    Simulated::new(Weather::FINE, 1)
}

fn options() -> Options {
    Options::client()
}

fn with(udp: UdpOptions) -> Options {
    options().with(udp)
}

/// Those of a client whose peer need not have WS-Addressing.
fn optional() -> Options {
    let mut options = options();
    options.addressing = AddressingOptions::new(Addressing::Optional);
    options
}

/// What one call to `URL` gives.
async fn ask(
    network: &Simulated,
    options: &Options,
    request: Request,
) -> Result<Option<Message>, TransportError> {
    let transport = connect(network, URL, options).await;
    transport.exchange(request).next().await.transpose()
}

/// A peer at the address of `URL` that answers each request at once.
fn answering(network: &Simulated) -> SocketAddr {
    peer(network, "10.0.0.2:9000", &[], |request| {
        vec![(None, answer_to(request, "<r/>"))]
    })
}

#[track_caller]
fn assert_gaps(times: &[u64], count: usize) {
    assert_eq!(times.len(), count, "{times:?}");
    let mut due = 0;
    let mut gap = 0;
    for (n, pair) in times.windows(2).enumerate() {
        if n == 0 {
            gap = pair[1] - pair[0];
            assert!((50..=250).contains(&gap), "{times:?}");
        } else {
            gap = (2 * gap).min(500);
        }
        due += gap;
        assert_eq!(pair[1] - times[0], due, "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn udp_4_an_answer_may_come_from_another_port() {
    let network = fine();
    let other = address("10.0.0.9:777");
    peer(&network, "10.0.0.2:9000", &[], move |request| {
        vec![(Some(other), answer_to(request, "<r/>"))]
    });
    let answer = ask(&network, &options(), request("<q/>", Expect::One)).await;
    let answer = answer.unwrap().unwrap();
    let peer = answer.peer.unwrap();
    assert_eq!((peer.scheme, peer.address), ("soap.udp", Some(other)));
    assert_eq!(peer.destination.unwrap().interface, 7);
    assert!(answer.version.is_none() && answer.charset.is_none());
    assert_eq!(
        network.sent().len(),
        2,
        "the answer was there before a copy was due"
    );
    assert_eq!(network.open_sockets(), 1, "that of the call is closed");
}

#[tokio::test(start_paused = true)]
async fn udp_9_a_silent_peer_gets_all_copies_and_the_error_counts_them() {
    for (udp, copies) in [
        (UdpOptions::new(), 1),
        (UdpOptions::draft_2004(), 2),
        (UdpOptions::new().unicast_repeat(6), 6),
        (UdpOptions::new().unicast_repeat(0), 0),
    ] {
        let network = fine();
        let start = Instant::now();
        let sent = ask(&network, &with(udp), request("<q/>", Expect::One)).await;
        let error = sent.unwrap_err();
        assert_eq!(start.elapsed(), ms(5000));
        assert_eq!(error.timed_out(), Some(ms(5000)));
        assert!(error.is_ambiguous());
        let times_sent = match copies {
            0 => "once".to_owned(),
            copies => format!("{} times", copies + 1),
        };
        assert_eq!(
            error.to_string(),
            format!(
                "waiting for an answer to the request, sent {times_sent} to 10.0.0.2:9000, as long as UdpOptions::answer says, \
                 did not end within 5s; \
                 the peer may have processed the request"
            )
        );
        assert_gaps(
            &times(&network, start, address("10.0.0.2:9000")),
            copies + 1,
        );
        let sent = network.sent();
        assert!(sent.iter().all(|datagram| datagram.bytes == sent[0].bytes));
        assert!(
            sent.iter()
                .all(|datagram| datagram.source == sent[0].source)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_the_copies() {
    let network = fine();
    let mut requests = 0;
    let server = peer(&network, "10.0.0.2:9000", &[], move |request| {
        requests += 1;
        let answer = (requests == 3).then(|| (None, answer_to(request, "<r/>")));
        answer.into_iter().collect()
    });
    let start = Instant::now();
    let udp = UdpOptions::new().unicast_repeat(9);
    let answer = ask(&network, &with(udp), request("<q/>", Expect::One)).await;
    answer.unwrap().unwrap();
    sleep(ms(9000)).await;
    assert_gaps(&times(&network, start, server), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_the_time_it_is_given() {
    let network = fine();
    let calls = options();
    let mut short = options();
    short.timeouts.call = ms(700);
    let mut impatient = options();
    impatient.timeouts.answer = ms(800);
    let udp = |millis| with(UdpOptions::new().answer(ms(millis)));
    for (options, own, wanted, option) in [
        (&calls, None, 5000, Some("UdpOptions::answer")),
        (&calls, Some(ms(60)), 60, None),
        (&calls, Some(ms(20_000)), 20_000, None),
        (&short, None, 700, Some("Timeouts::call")),
        (&impatient, None, 800, Some("Timeouts::answer")),
        (&udp(300), None, 300, Some("UdpOptions::answer")),
        (&udp(30_000), None, 30_000, Some("UdpOptions::answer")),
        (&udp(70_000), None, 60_000, Some("Timeouts::answer")),
    ] {
        let start = Instant::now();
        let mut request = request("<q/>", Expect::One);
        request.timeout = own;
        let error = ask(&network, options, request).await.unwrap_err();
        assert_eq!(start.elapsed(), ms(wanted));
        assert_eq!(error.timed_out(), Some(ms(wanted)));
        let error = error.to_string();
        match option {
            Some(option) => assert!(
                error.contains(&format!("as long as {option} says,")),
                "{error}"
            ),
            None => assert!(!error.contains("as long as"), "{error}"),
        }
    }
    let before = network.sent().len();
    for expect in [Expect::One, Expect::Nothing] {
        let mut none = request("<q/>", expect);
        none.timeout = Some(ms(0));
        let error = ask(&network, &calls, none).await.unwrap_err();
        assert!(!error.is_ambiguous(), "{error}");
    }
    assert_eq!(network.sent().len(), before);
}

#[tokio::test(start_paused = true)]
async fn a_one_way_call_does_not_wait_for_its_copies() {
    let network = fine();
    let start = Instant::now();
    let udp = UdpOptions::new().unicast_repeat(4);
    let done = ask(&network, &with(udp), request("<q/>", Expect::Nothing)).await;
    assert!(done.unwrap().is_none());
    assert_eq!(start.elapsed(), ms(0));
    assert_eq!(network.open_sockets(), 1);
    sleep(ms(9000)).await;
    assert_gaps(&times(&network, start, address("10.0.0.2:9000")), 5);
    assert_eq!(network.open_sockets(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_way_messages_whose_copies_go_out_are_bounded() {
    let network = fine();
    let transport = connect(&network, URL, &options()).await;
    let start = Instant::now();
    for _ in 0..MOST_DETACHED {
        let sent = transport
            .exchange(request("<q/>", Expect::Nothing))
            .next()
            .await;
        assert!(sent.is_none());
    }
    assert_eq!(start.elapsed(), ms(0));
    let sent = transport
        .exchange(request("<q/>", Expect::Nothing))
        .next()
        .await;
    assert!(sent.is_none());
    assert!(start.elapsed() >= ms(50), "it waits for its own copies");
    sleep(ms(300)).await;
    assert_eq!(network.sent().len(), 2 * (MOST_DETACHED + 1));
    assert_eq!(network.open_sockets(), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_ends_it_and_nothing_happens_before_it_is_polled() {
    let network = fine();
    let transport = connect(&network, URL, &options()).await;
    for expect in [Expect::One, Expect::Many, Expect::Nothing] {
        drop(transport.exchange(request("<q/>", expect)));
    }
    assert!(network.sent().is_empty());
    for expect in [Expect::One, Expect::Many] {
        let before = network.sent().len();
        let mut replies = transport.exchange(request("<q/>", expect));
        assert!(timeout(ms(20), replies.next()).await.is_err());
        drop(replies);
        assert_eq!(network.open_sockets(), 0);
        sleep(ms(9000)).await;
        assert_eq!(network.sent().len(), before + 1, "no copy after it");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_of_a_group_come_until_the_time_is_over() {
    let network = fine();
    let mut hosts = Vec::new();
    for n in 0..3 {
        let body = format!("<r>{n}</r>");
        // Each answers each copy it gets as a server does: with the same datagram again.
        let mut kept = HashMap::new();
        hosts.push(peer(&network, "0.0.0.0:3702", &[GROUP], move |request| {
            let answer = kept.entry(request.to_vec());
            let answer = answer.or_insert_with(|| answer_to(request, &body));
            vec![(None, answer.clone()), (None, b"garbage".to_vec())]
        }));
    }
    let transport = connect(&network, GROUP_URL, &options()).await;
    let start = Instant::now();
    let mut asked = request("<q/>", Expect::Many);
    asked.timeout = Some(ms(2000));
    let answers = all(transport.exchange(asked)).await;
    assert_eq!(start.elapsed(), ms(2000));
    let mut sources: Vec<_> = answers
        .iter()
        .map(|answer| answer.peer.as_ref().unwrap().address.unwrap())
        .collect();
    sources.sort();
    assert_eq!(sources, hosts, "each once");
    assert_gaps(&times(&network, start, address("239.1.1.1:3702")), 3);
    assert_eq!(network.open_sockets(), 3);

    let one = transport
        .exchange(request("<q/>", Expect::One))
        .next()
        .await;
    one.unwrap().unwrap();
    assert_eq!(network.open_sockets(), 3);
}

#[tokio::test(start_paused = true)]
async fn answers_that_came_in_time_are_not_lost_when_the_call_is_polled_after_its_end() {
    let network = fine();
    answering(&network);
    for host in ["10.0.1.1:3702", "10.0.1.2:3702", "10.0.1.3:3702"] {
        peer(&network, host, &[GROUP], |request| {
            vec![(None, answer_to(request, "<r/>"))]
        });
    }
    let many = connect(&network, GROUP_URL, &options()).await;
    let mut answers = many.exchange(request("<q/>", Expect::Many));
    assert!(answers.next().await.is_some());
    sleep(ms(6000)).await;
    assert_eq!(all(answers).await.len(), 2);

    let one = connect(&network, URL, &options()).await;
    let mut answer = one.exchange(request("<q/>", Expect::One));
    let begun = timeout(ms(1), answer.next()).await;
    assert!(begun.is_err(), "{begun:?}");
    sleep(ms(6000)).await;
    answer.next().await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_in_a_group_is_no_error_where_many_may_answer() {
    let network = fine();
    let transport = connect(&network, GROUP_URL, &with(UdpOptions::draft_2004())).await;
    let start = Instant::now();
    assert!(
        all(transport.exchange(request("<q/>", Expect::Many)))
            .await
            .is_empty()
    );
    assert_gaps(&times(&network, start, address("239.1.1.1:3702")), 5);
    let error = transport
        .exchange(request("<q/>", Expect::One))
        .next()
        .await;
    assert!(error.unwrap().unwrap_err().timed_out().is_some());
    assert_eq!(network.open_sockets(), 0);
}

/// A transport that multicasts by the interfaces 3 and 7.
fn by_two_interfaces(network: &Simulated, url: &str) -> UdpTransport {
    UdpTransport {
        address: Address::of(url).unwrap(),
        network: Arc::new(network.clone()),
        interfaces: vec![3, 7],
        detached: Arc::new(tokio::sync::Semaphore::new(1)),
        options: options(),
        udp: UdpOptions::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_to_a_group_leaves_by_each_interface() {
    for (url, ways) in [
        (GROUP_URL, &[Some(3), Some(7)][..]),
        ("soap.udp://[ff02::c]:3702", &[Some(3), Some(7)]),
        ("soap.udp://[fe80::1]:3702", &[Some(3), Some(7)]),
        (URL, &[None]),
    ] {
        let network = fine();
        let transport = by_two_interfaces(&network, url);
        all(transport.exchange(request("<q/>", Expect::Many))).await;
        let sent = network.sent();
        let copies = if Address::of(url).unwrap().url.as_str() == GROUP_URL || url.contains("ff02")
        {
            3
        } else {
            2
        };
        assert_eq!(sent.len(), copies * ways.len());
        for (n, datagram) in sent.iter().enumerate() {
            let from = ways[n % ways.len()].map(|interface| From {
                address: None,
                interface,
            });
            assert_eq!(datagram.from, from);
            assert_eq!(datagram.bytes, sent[0].bytes);
            assert_eq!(datagram.source, sent[0].source);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_fails_does_not_keep_the_others_from_sending() {
    let network = fine();
    let transport = by_two_interfaces(&network, GROUP_URL);
    network.fail([io::ErrorKind::NetworkUnreachable.into()]);
    assert!(
        all(transport.exchange(request("<q/>", Expect::Many)))
            .await
            .is_empty()
    );
    assert_eq!(network.sent().len(), 5);
    network.fail([(); 2].map(|()| io::ErrorKind::NetworkUnreachable.into()));
    let mut replies = transport.exchange(request("<q/>", Expect::Many));
    assert!(replies.next().await.unwrap().unwrap_err().is_connect());
    assert!(replies.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn too_large_is_an_error_before_anything_is_sent() {
    let network = fine();
    let large = || request(&"x".repeat(65_507), Expect::One);
    let size = large().message.envelope.len();
    let error = ask(&network, &options(), large()).await.unwrap_err();
    assert!(error.is_limit() && !error.is_ambiguous());
    assert_eq!(
        error.to_string(),
        format!(
            "the request of {size} bytes is larger than the datagram of 65507 bytes that UdpOptions::datagram allows; \
             http and soap.tcp have no such limit"
        )
    );
    let dpws = with(UdpOptions::dpws());
    let larger = request(&"x".repeat(4096), Expect::Nothing);
    let error = ask(&network, &dpws, larger).await.unwrap_err();
    assert!(error.to_string().contains("4096"));
    network.fail([io::Error::from_raw_os_error(TOO_LARGE)]);
    let error = ask(&network, &options(), request("<q/>", Expect::One)).await;
    let error = error.unwrap_err();
    assert!(error.is_limit() && !error.is_ambiguous(), "{error:?}");
    assert!(error.source().is_some());
    assert!(network.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_told_at_once_and_a_copy_that_fails_is_not() {
    let network = fine();
    network.fail([io::ErrorKind::HostUnreachable.into()]);
    let error = ask(&network, &options(), request("<q/>", Expect::One)).await;
    let error = error.unwrap_err();
    assert!(error.is_connect() && !error.is_ambiguous());
    assert_eq!(
        error.to_string(),
        "nothing can be sent to 10.0.0.2:9000 at 10.0.0.2:9000: host unreachable"
    );
    let transport = connect(&network, URL, &options()).await;
    let mut replies = transport.exchange(request("<q/>", Expect::One));
    assert!(timeout(ms(10), replies.next()).await.is_err());
    network.fail([io::ErrorKind::HostUnreachable.into()]);
    let error = replies.next().await.unwrap().unwrap_err();
    assert!(error.timed_out().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_group_without_a_route_is_told_with_its_remedy() {
    for (url, is_told) in [(GROUP_URL, true), (URL, false)] {
        let network = fine();
        network.fail([io::ErrorKind::NetworkUnreachable.into()]);
        let transport = connect(&network, url, &options()).await;
        let answer = transport
            .exchange(request("<q/>", Expect::One))
            .next()
            .await;
        let error = answer.unwrap().unwrap_err().to_string();
        assert_eq!(error.contains("UdpOptions::interfaces"), is_told, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_addressing_nothing_is_sent_again_unless_asked_for() {
    let optional = optional();
    let asked_for = UdpOptions::new().repeat_unaddressed(true);
    for (options, request, sent) in [
        (&options(), plain_request(Expect::One), 1),
        (&options(), plain_request(Expect::Nothing), 1),
        (&optional, request("<q/>", Expect::One), 1),
        (&with(asked_for), plain_request(Expect::One), 2),
    ] {
        let network = fine();
        let _ = ask(&network, options, request).await;
        sleep(ms(1000)).await;
        assert_eq!(network.sent().len(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn without_addressing_the_peer_answers_by_its_address() {
    let network = fine();
    let plain = || envelope(&[], "<r/>");
    let server = peer(&network, "10.0.0.2:9000", &[], move |_| {
        vec![(None, plain())]
    });
    let answer = ask(&network, &options(), plain_request(Expect::One)).await;
    let answer = answer.unwrap().unwrap();
    assert_eq!(answer.peer.unwrap().address, Some(server));
    // With it the same answer does not do, unless it may lack what is optional.
    let asked = || request("<q/>", Expect::One);
    let error = ask(&network, &options(), asked()).await.unwrap_err();
    assert_eq!(
        error.source().unwrap().to_string(),
        "of what came nothing was an answer (2 in all): the last, from 10.0.0.2:9000, \
         does not say which request it answers"
    );
    let optional = optional();
    ask(&network, &optional, asked()).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_larger_than_allowed_is_no_answer() {
    let network = fine();
    peer(&network, "10.0.0.2:9000", &[], |request| {
        vec![(None, answer_to(request, &"x".repeat(4096)))]
    });
    let error = ask(
        &network,
        &with(UdpOptions::dpws()),
        request("<q/>", Expect::One),
    )
    .await;
    let cause = error.unwrap_err().source().unwrap().to_string();
    assert!(
        cause.ends_with("is larger than UdpOptions::datagram"),
        "{cause}"
    );
}

/// A network on which garbage never ends.
#[derive(Debug)]
struct Storm;

impl Network for Storm {
    fn open(&self, _: &Opening<'_>) -> io::Result<Arc<dyn Socket>> {
        Ok(Arc::new(Self))
    }

    fn prefixes(&self) -> io::Result<Vec<(IpAddr, u8)>> {
        Ok(Vec::new())
    }
}

impl Socket for Storm {
    fn local(&self) -> io::Result<SocketAddr> {
        Ok(address("10.0.0.1:1"))
    }

    fn poll_send(
        &self,
        _: &mut Context<'_>,
        _: &[u8],
        _: SocketAddr,
        _: Option<From>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&self, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Received>> {
        Poll::Ready(Ok(self.receive_now(buffer).unwrap()))
    }

    fn receive_now(&self, buffer: &mut [u8]) -> Option<Received> {
        buffer[..7].copy_from_slice(b"garbage");
        Some(Received {
            length: 7,
            is_truncated: false,
            source: address("10.0.0.66:66"),
            destination: None,
        })
    }
}

#[tokio::test]
async fn a_storm_does_not_outlast_the_call_and_others_have_their_turn() {
    let scheme = Udp::over(Arc::new(Storm));
    let transport = scheme.connect(URL, &options()).await.unwrap();
    for expect in [Expect::One, Expect::Many] {
        let mut request = request("<q/>", expect);
        request.timeout = Some(ms(60));
        let call = async { transport.exchange(request).next().await };
        let mut turns = 0_u32;
        tokio::select! {
            answer = call => match answer {
                None => assert_eq!(expect, Expect::Many),
                Some(answer) => assert!(answer.unwrap_err().timed_out().is_some()),
            },
            () = async { loop { turns += 1; tokio::task::yield_now().await } } => {}
        }
        assert!(turns > 1);
    }
}

#[tokio::test(start_paused = true)]
async fn options_that_mean_nothing_here_are_refused_by_name() {
    let refused = async |options: Options| {
        let scheme = Udp::new();
        let error = scheme.connect(URL, &options).await.unwrap_err();
        assert!(error.is_config());
        error.to_string()
    };
    assert_eq!(
        refused(options().with(5_u8)).await,
        "soap.udp cannot honour the options u8"
    );
    let socket = SocketOptions::new().backlog(5);
    let mut streams = options();
    streams.socket = socket;
    assert!(
        refused(streams)
            .await
            .starts_with("SocketOptions::backlog is for streams")
    );
    assert_eq!(
        refused(with(UdpOptions::new().hops(999))).await,
        "UdpOptions::hops is 999; allowed: from 0 to 255"
    );
    let unknown = refused(with(UdpOptions::new().interfaces(["nowhere"]))).await;
    assert!(
        unknown.starts_with(
            "UdpOptions::interfaces: there is no network interface \"nowhere\"; there are: "
        ),
        "{unknown}"
    );
    Udp::new()
        .connect(
            URL,
            &with(UdpOptions::new().groups([IpAddr::from([239, 1, 1, 1])])),
        )
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn gsoap_a_reply_from_a_foreign_port_is_not_taken() {
    let network = fine();
    let foreign = address("10.0.0.2:9001");
    peer(&network, "10.0.0.2:9000", &[], move |_| {
        vec![
            (Some(foreign), envelope(&[], "<r>666</r>")),
            (None, envelope(&[], "<r>3</r>")),
        ]
    });
    let answer = ask(&network, &options(), plain_request(Expect::One)).await;
    assert_eq!(answer.unwrap().unwrap().envelope, envelope(&[], "<r>3</r>"));
}

#[tokio::test(start_paused = true)]
async fn gsoap_a_foreign_message_id_is_not_accepted() {
    let network = fine();
    peer(&network, "10.0.0.2:9000", &[], |request| {
        let foreign = envelope(&[("RelatesTo", "urn:uuid:0")], "<r>666</r>");
        vec![(None, foreign), (None, answer_to(request, "<r>3</r>"))]
    });
    let answer = ask(&network, &options(), request("<q/>", Expect::One)).await;
    let text = String::from_utf8(answer.unwrap().unwrap().envelope.into()).unwrap();
    assert!(text.contains("<r>3</r>"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn gsoap_two_datagrams_are_never_spliced() {
    let network = fine();
    peer(&network, "10.0.0.2:9000", &[], |request| {
        let whole = answer_to(request, "<r><a>1000</a><b>1</b></r>");
        let (first, rest) = whole.split_at(60);
        vec![
            (None, first.to_vec()),
            (Some(address("10.0.0.3:9000")), rest.to_vec()),
        ]
    });
    let error = ask(&network, &options(), request("<q/>", Expect::One)).await;
    let error = error.unwrap_err();
    assert!(error.timed_out().is_some());
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("is no envelope"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn gsoap_copies_go_out_though_sending_succeeds() {
    let network = fine();
    let start = Instant::now();
    let error = ask(&network, &options(), request("<q/>", Expect::One)).await;
    error.unwrap_err();
    assert_gaps(&times(&network, start, address("10.0.0.2:9000")), 2);
}

#[tokio::test(start_paused = true)]
async fn gsoap_a_late_answer_does_not_reach_the_next_call() {
    let network = fine();
    let server = answering(&network);
    let transport = connect(&network, URL, &options()).await;
    let first = request("<q/>", Expect::One);
    let bytes = first.message.envelope.clone();
    transport.exchange(first).next().await.unwrap().unwrap();
    // The old answer, garbage and half a datagram, to whatever port the next call may have.
    let old = answer_to(&bytes, "<r>666</r>");
    let second = request("<q/>", Expect::One);
    let id = second.message.message_id.clone();
    let mut replies = transport.exchange(second);
    let early = async {
        for port in 10_000..10_010 {
            let to = SocketAddr::new([10, 0, 0, 1].into(), port);
            for bytes in [&old[..], b"garbage", &old[..50]] {
                network.send(server, to, bytes, None);
            }
        }
    };
    let (answer, ()) = tokio::join!(replies.next(), early);
    let answer = answer.unwrap().unwrap();
    let peek = addressing::peek(
        &answer.envelope,
        None,
        addressing::Edition::default(),
        &Limits::client(),
    )
    .unwrap();
    assert_eq!(peek.answers.first().map(String::as_str), id.as_deref());
}

#[tokio::test]
async fn calls_go_over_real_sockets() {
    for local in ["127.0.0.1:0", "[::1]:0"] {
        let server = tokio::net::UdpSocket::bind(local).await.unwrap();
        let url = format!("soap.udp://{}/calc", server.local_addr().unwrap());
        let serve = async {
            let mut buffer = vec![0; 65_536];
            let (length, source) = server.recv_from(&mut buffer).await.unwrap();
            let answer = answer_to(&buffer[..length], "<r/>");
            let other = tokio::net::UdpSocket::bind(local).await.unwrap();
            other.send_to(b"garbage", source).await.unwrap();
            other.send_to(&answer, source).await.unwrap();
        };
        let transport = Udp::new().connect(&url, &options()).await.unwrap();
        let asked = request(&format!("<q>{}</q>", "x".repeat(60_000)), Expect::One);
        let mut replies = transport.exchange(asked);
        let (answer, ()) = tokio::join!(replies.next(), serve);
        answer.unwrap().unwrap();
    }
}

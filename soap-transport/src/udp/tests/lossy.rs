//! The client and the server through a network that loses, doubles, delays and reorders: what became of each call, how often its
//! operation ran, and whether each datagram left exactly when a schedule says that knows nothing of theirs.

use std::{collections::HashMap, ops::RangeInclusive, sync::Mutex};

use bytes::Bytes;
use soap_core::{
    Fault,
    transport::{BoxFuture, Dispatch, Outcome, Stop, TransportError},
};
use tokio::{task::JoinSet, time::sleep};

use super::*;

const URL: &str = "soap.udp://10.0.0.2:9000/calc";
const GROUP: &str = "239.1.1.1:3702";
const BAD: Weather = Weather {
    lost: 30,
    doubled: 20,
    delay: 1..=400,
};
/// Calls under way at a time.
const WAVE: usize = 500;

/// Milliseconds that an operation takes: copies of a request meet it while it runs.
const TAKES: RangeInclusive<u64> = 0..=600;

/// Counts how often the request of each `MessageID` is executed.
#[derive(Debug)]
struct Counting {
    runs: Mutex<HashMap<String, u32>>,
    random: Mutex<fastrand::Rng>,
}

impl Dispatch for Counting {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            let id = id_of(&request.envelope).unwrap();
            let answer = envelope(
                &[("RelatesTo", &id), ("MessageID", &new_message_id())],
                "<r/>",
            );
            *self.runs.lock().unwrap().entry(id).or_default() += 1;
            let takes = self.random.lock().unwrap().u64(TAKES);
            sleep(ms(takes)).await;
            Outcome::Reply(Message::new(answer))
        })
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        panic!("{fault:?}")
    }
}

/// A server on the network, and what counts for it.
async fn serve(network: &Simulated, url: &str, udp: &UdpOptions, stop: &Stop) -> Arc<Counting> {
    let scheme = Udp::over(Arc::new(network.clone()));
    let options = Options::server().with(udp.clone());
    let listener = scheme.bind(url, &options).await.unwrap();
    let counting = Arc::new(Counting {
        runs: Mutex::default(),
        random: Mutex::new(fastrand::Rng::with_seed(11)),
    });
    tokio::spawn(listener.serve(counting.clone(), stop.clone()));
    counting
}

/// The standard's algorithm as a table, in milliseconds from the first datagram: what is due if the second one leaves after `first`.
fn schedule(first: u64, repeat: usize) -> Vec<u64> {
    let gaps = (0..repeat).map(|n| match n {
        0 => first,
        n => (first << n).min(500),
    });
    let mut at = 0;
    let copies = gaps.map(|gap| {
        at += gap;
        at
    });
    std::iter::once(0).chain(copies).collect()
}

/// Whether `times` are the beginning of a schedule of so many copies.
#[track_caller]
fn assert_scheduled(times: &[u64], repeat: usize) {
    let from_first: Vec<_> = times.iter().map(|at| at - times[0]).collect();
    if let Some(first) = from_first.get(1) {
        assert!((50..=250).contains(first), "{times:?}");
        let due = schedule(*first, repeat);
        assert_eq!(due.get(..times.len()), Some(&from_first[..]));
    }
}

/// What became of one call.
struct Ended {
    request: Bytes,
    start: u64,
    end: u64,
    answer: Result<(), TransportError>,
}

/// When datagrams were sent or have arrived, by what tells them apart.
type Times<K> = HashMap<K, Vec<u64>>;

fn group<K: std::hash::Hash + Eq>(
    all: &[Datagram],
    start: Instant,
    key: impl Fn(&Datagram) -> Option<K>,
) -> Times<K> {
    let mut times: Times<K> = HashMap::new();
    for datagram in all {
        if let Some(key) = key(datagram) {
            let at = u64::try_from((datagram.at - start).as_millis()).unwrap();
            times.entry(key).or_default().push(at);
        }
    }
    times
}

/// Makes calls, [`WAVE`] at a time, which begin within a second, and waits until nothing is under way any more.
async fn call(transport: &Arc<dyn Transport>, count: usize, start: Instant) -> Vec<Ended> {
    let now = move || u64::try_from(start.elapsed().as_millis()).unwrap();
    let mut ended = Vec::new();
    while ended.len() < count {
        let mut calls = JoinSet::new();
        for n in 0..WAVE.min(count - ended.len()) {
            let transport = Arc::clone(transport);
            calls.spawn(async move {
                sleep(ms(n as u64 * 7 % 1000)).await;
                let request = request("<q/>", Expect::One);
                let bytes = request.message.envelope.clone();
                let start = now();
                let answer = transport.exchange(request).next().await.unwrap();
                Ended {
                    request: bytes,
                    start,
                    end: now(),
                    answer: answer.map(drop),
                }
            });
        }
        ended.extend(calls.join_all().await);
        sleep(ms(5000)).await;
    }
    ended
}

/// What the calls of one run came to.
#[derive(Debug, Default)]
struct Sum {
    answered: usize,
    requests: usize,
    answers: usize,
    /// Copies of requests that came while the operation ran.
    met_running: usize,
    /// The first gaps of calls whose copies no answer could have stopped.
    gaps: Vec<u64>,
}

/// Checks every call and every datagram of `count` calls under `udp`.
async fn check(count: usize, udp: UdpOptions, seed: u64) -> Sum {
    let network = Simulated::new(BAD, seed);
    let start = Instant::now();
    let stop = Stop::new();
    let counting = serve(&network, URL, &udp, &stop).await;
    let options = Options::client().with(udp.clone());
    let transport = connect(&network, URL, &options).await;
    let calls = call(&transport, count, start).await;
    assert_eq!(calls.len(), count);

    let server = address("10.0.0.2:9000");
    let (sent, arrived) = (network.sent(), network.arrived());
    let to_server = |datagram: &Datagram| (datagram.to == server).then(|| datagram.bytes.clone());
    let of_server = |datagram: &Datagram| (datagram.source == server).then_some(datagram.to);
    let requests = group(&sent, start, to_server);
    let requests_arrived = group(&arrived, start, to_server);
    let answers = group(&sent, start, of_server);
    let answers_arrived = group(&arrived, start, of_server);
    let ports: HashMap<_, _> = sent
        .iter()
        .filter(|datagram| datagram.to == server)
        .map(|datagram| (datagram.bytes.clone(), datagram.source))
        .collect();
    assert_eq!(ports.len(), count);

    let repeat = usize::try_from(udp.unicast_repeat).unwrap();
    let mut sum = Sum::default();
    for call in &calls {
        let port = ports[&call.request];
        let times = &requests[&call.request];
        let first_answer = answers_arrived.get(&port).map(|times| times[0]);
        check_request(call, times, first_answer, repeat);
        let runs = counting.runs.lock().unwrap();
        let runs = runs.get(&id_of(&call.request).unwrap()).copied();
        match requests_arrived.get(&call.request) {
            Some(arrived) => {
                assert_eq!(runs, Some(1));
                sum.met_running += check_answers(arrived, &answers[&port], repeat);
                sum.answers += answers[&port].len();
            }
            None => assert_eq!((runs, answers.get(&port)), (None, None)),
        }
        sum.answered += usize::from(call.answer.is_ok());
        sum.requests += times.len();
        if first_answer.is_none_or(|at| at > times[0] + 250) {
            sum.gaps
                .extend(times.get(1).map(|second| second - times[0]));
        }
    }
    let all: usize = requests.values().map(Vec::len).sum();
    assert_eq!(all, sum.requests, "no other requests");
    assert_eq!(network.open_sockets(), 1, "that of the server");
    stop.stop(ms(0));
    sum
}

/// One request and its copies: on schedule, all of them unless an answer came, none behind an answer.
#[track_caller]
fn check_request(call: &Ended, times: &[u64], first_answer: Option<u64>, repeat: usize) {
    assert_eq!(times[0], call.start);
    assert_scheduled(times, repeat);
    let last = times[times.len() - 1];
    match (&call.answer, first_answer) {
        (Ok(()), Some(answer)) => {
            assert_eq!(call.end, answer, "taken at once");
            assert!(last <= answer, "a copy behind the answer");
            let due = match times {
                [first] => first + 250,
                [first, second, ..] => {
                    let due = schedule(second - first, repeat);
                    due.get(times.len()).map_or(u64::MAX, |at| first + at)
                }
                [] => unreachable!(),
            };
            assert!(
                times.len() == repeat + 1 || answer <= due,
                "a copy is missing"
            );
        }
        (Err(error), None) => {
            assert_eq!(error.timed_out(), Some(ms(5000)));
            assert!(error.is_ambiguous());
            assert_eq!(call.end, call.start + 5000);
            assert_eq!(times.len(), repeat + 1);
        }
        (answer, came) => panic!("{answer:?} though {came:?} came"),
    }
}

/// The answers to one request: the first and its copies on schedule from the end of the operation, which the first request that
/// arrived began, and one for each copy of the request behind it. Gives how many came while the operation ran, which get none.
#[track_caller]
fn check_answers(requests: &[u64], answers: &[u64], repeat: usize) -> usize {
    let first = answers[0];
    assert!(TAKES.contains(&(first - requests[0])));
    let mut scheduled = answers.to_vec();
    let mut met_running = 0;
    for copy in &requests[1..] {
        let at = scheduled.iter().rposition(|at| at == copy);
        if *copy < first || (*copy == first && at == Some(0)) {
            met_running += 1;
            continue;
        }
        scheduled.remove(at.unwrap_or_else(|| panic!("{requests:?} got {answers:?}")));
    }
    assert_eq!(scheduled.len(), repeat + 1, "{requests:?} got {answers:?}");
    assert_eq!(scheduled[0], first);
    assert_scheduled(&scheduled, repeat);
    met_running
}

#[tokio::test(start_paused = true)]
async fn every_call_is_answered_or_times_out_and_no_operation_runs_twice() {
    let sum = check(10_000, UdpOptions::new(), 4).await;
    // 9 % of the requests are lost with their copy, and then each answer is lost with 30 %.
    assert!((8000..9500).contains(&sum.answered), "{sum:?}");
    assert!(sum.met_running > 1000, "{sum:?}");
    let drawn: u64 = sum.gaps.iter().sum();
    let count = sum.gaps.len() as u64;
    assert!(
        (145..=155).contains(&(drawn / count)),
        "uniform from 50 to 250"
    );
    let (least, most) = (sum.gaps.iter().min(), sum.gaps.iter().max());
    assert_eq!((least, most), (Some(&50), Some(&250)));
}

#[tokio::test(start_paused = true)]
async fn the_draft_and_longer_schedules_through_bad_weather() {
    check(500, UdpOptions::draft_2004(), 5).await;
    let sum = check(500, UdpOptions::draft_2004().unicast_repeat(6), 6).await;
    assert!(sum.answered > 490, "{}", sum.answered);
    check(200, UdpOptions::new().unicast_repeat(0), 7).await;
}

/// Many requests to a group of three: checks every datagram, and that each answer that has come is one answer.
async fn check_group(count: usize, udp: UdpOptions, seed: u64) {
    let url = format!("soap.udp://{GROUP}");
    let network = Simulated::new(BAD, seed);
    let start = Instant::now();
    let stop = Stop::new();
    let mut hosts = Vec::new();
    for _ in 0..3 {
        hosts.push(serve(&network, &url, &udp, &stop).await);
    }
    let transport = connect(&network, &url, &Options::client().with(udp.clone())).await;
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let transport = Arc::clone(&transport);
        calls.spawn(async move {
            let request = request("<q/>", Expect::Many);
            let bytes = request.message.envelope.clone();
            (bytes, all(transport.exchange(request)).await)
        });
    }
    let calls = calls.join_all().await;
    sleep(ms(5000)).await;

    let (sent, arrived) = (network.sent(), network.arrived());
    let group_address = address(GROUP);
    let requests = group(&sent, start, |datagram| {
        (datagram.to == group_address).then(|| datagram.bytes.clone())
    });
    let pair = |datagram: &Datagram| {
        (datagram.to != group_address).then_some((datagram.source, datagram.to))
    };
    let answers = group(&sent, start, pair);
    let answers_arrived = group(&arrived, start, |datagram| {
        (datagram.to.port() != group_address.port()).then_some((datagram.source, datagram.to))
    });
    let ports: HashMap<_, _> = sent
        .iter()
        .filter(|datagram| datagram.to == group_address)
        .map(|datagram| (datagram.bytes.clone(), datagram.source))
        .collect();
    let copies = usize::try_from(udp.multicast_repeat).unwrap();
    for (bytes, taken) in &calls {
        assert_eq!(requests[bytes].len(), copies + 1, "whatever is answered");
        assert_scheduled(&requests[bytes], copies);
        let mut sources: Vec<_> = taken
            .iter()
            .map(|answer| answer.peer.as_ref().unwrap().address.unwrap())
            .collect();
        sources.sort();
        let port = ports[bytes];
        let mut came: Vec<_> = answers_arrived
            .keys()
            .filter_map(|(source, to)| (*to == port).then_some(*source))
            .collect();
        came.sort();
        assert_eq!(sources, came, "each that has come, once");
    }
    for times in answers.values() {
        assert_eq!(
            times.len(),
            usize::try_from(udp.unicast_repeat).unwrap() + 1
        );
        assert_scheduled(times, times.len() - 1);
    }
    for host in hosts {
        assert!(host.runs.lock().unwrap().values().all(|runs| *runs == 1));
    }
    let taken: usize = calls.iter().map(|(_, taken)| taken.len()).sum();
    assert!(taken > count * 2, "{taken} of {}", count * 3);
    stop.stop(ms(0));
}

#[tokio::test(start_paused = true)]
async fn requests_to_a_group_through_bad_weather() {
    check_group(300, UdpOptions::new(), 8).await;
    check_group(300, UdpOptions::draft_2004(), 9).await;
    check_group(100, UdpOptions::dpws(), 10).await;
}

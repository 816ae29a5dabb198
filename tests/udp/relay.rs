//! A relay between client and server that loses, doubles and holds back datagrams.

use std::{
    collections::{HashMap, HashSet},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use soapstone::{CallError, Endpoint, Server, transport::udp::UdpOptions};
use tokio::{net::UdpSocket, sync::Semaphore, task::JoinSet, time};

const CALLS: u32 = 1000;
const AT_A_TIME: usize = 100;

#[soapstone::service(namespace = "http://example.org/once")]
trait Once {
    /// The number again. No number comes twice.
    async fn take(&self, number: u32) -> u32;
}

#[derive(Default, Clone)]
struct Taken {
    numbers: Arc<Mutex<HashSet<u32>>>,
    twice: Arc<Mutex<Vec<u32>>>,
}

impl Once for Taken {
    async fn take(&self, number: u32) -> u32 {
        if !self.numbers.lock().expect("no panic").insert(number) {
            self.twice.lock().expect("no panic").push(number);
        }
        number
    }
}

/// What becomes of datagrams, by a generator of numbers that is the same in every run.
struct Fate(u64);

impl Fate {
    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// After which times copies of a datagram arrive: three of ten get lost, one of ten comes twice.
    fn arrivals(&mut self) -> Vec<Duration> {
        let copies = match self.below(10) {
            0..3 => 0,
            3 => 2,
            _ => 1,
        };
        (0..copies)
            .map(|_| Duration::from_millis(self.below(30)))
            .collect()
    }
}

/// Passes on what `from` gets to `to`, by `by`, as fate has it.
fn pass(datagram: &[u8], by: &Arc<UdpSocket>, to: SocketAddr, fate: &Mutex<Fate>) {
    for after in fate.lock().expect("no panic").arrivals() {
        let (by, datagram) = (Arc::clone(by), datagram.to_vec());
        tokio::spawn(async move {
            time::sleep(after).await;
            // A caller that has its answer is gone.
            let _ = by.send_to(&datagram, to).await;
        });
    }
}

/// A relay to `server`, with a socket towards it for each client.
async fn relay(server: SocketAddr) -> SocketAddr {
    let front = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("binds");
    let front = Arc::new(front);
    let address = front.local_addr().expect("bound");
    tokio::spawn(async move {
        let fate = Arc::new(Mutex::new(Fate(42)));
        let mut clients: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        let mut buffer = vec![0; 65_536];
        loop {
            let Ok((length, client)) = front.recv_from(&mut buffer).await else {
                continue;
            };
            let back = match clients.get(&client) {
                Some(back) => Arc::clone(back),
                None => {
                    let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
                        .await
                        .expect("binds");
                    let back = Arc::new(back);
                    clients.insert(client, Arc::clone(&back));
                    let (from, front, fate) =
                        (Arc::clone(&back), Arc::clone(&front), Arc::clone(&fate));
                    tokio::spawn(async move {
                        let mut buffer = vec![0; 65_536];
                        while let Ok((length, _)) = from.recv_from(&mut buffer).await {
                            pass(&buffer[..length], &front, client, &fate);
                        }
                    });
                    back
                }
            };
            pass(&buffer[..length], &back, server, &fate);
        }
    });
    address
}

/// Rules UDP-9 and UDP-12 over real sockets: a call is answered with its own answer or ends in time, and nothing runs twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_over_a_lossy_relay_are_executed_at_most_once() {
    let taken = Taken::default();
    let server = Server::new(OnceServer::new(taken.clone())).bind("soap.udp://127.0.0.1:0/once");
    let running = server.start().await.expect("binds");
    let port = url::Url::parse(&running.urls()[0]).expect("a URL").port();
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port.expect("a port")));
    let relay = relay(server).await;
    let options = UdpOptions::new()
        .unicast_repeat(3)
        .answer(Duration::from_secs(5));
    let endpoint = Endpoint::new(format!("soap.udp://{relay}/once")).with(options);
    let once = Arc::new(OnceClient::new(endpoint.connect().await.expect("a URL")));
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let (once, places) = (Arc::clone(&once), Arc::clone(&places));
        calls.spawn(async move {
            let _place = places.acquire().await.expect("open");
            (number, once.take(number).await)
        });
    }
    let (mut answered, mut late) = (0, 0);
    while let Some(call) = calls.join_next().await {
        match call.expect("no panic") {
            (number, Ok(answer)) => {
                assert_eq!(answer, number, "the answer to another call");
                answered += 1;
            }
            (number, Err(CallError::Transport(error))) if error.timed_out().is_some() => {
                assert!(error.is_ambiguous(), "{number}: {error}");
                late += 1;
            }
            (number, Err(error)) => panic!("{number}: {error}"),
        }
    }
    eprintln!("{answered} answered, {late} ended in time without an answer");
    assert_eq!(*taken.twice.lock().expect("no panic"), []);
    let executed = taken.numbers.lock().expect("no panic").len();
    assert!(executed >= answered, "{executed} executed");
    assert!(answered >= 900, "{answered} answered");
    running.stop(Duration::from_secs(10)).await.expect("stops");
}

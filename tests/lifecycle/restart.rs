//! Servers that start again at once on their port, and servers whose place another takes without one refused connection.

#[cfg(target_os = "linux")]
use std::{collections::BTreeMap, net::SocketAddr, process::Output};
use std::{
    net::TcpListener,
    process::Command,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
use tokio::{net::TcpStream, time::timeout};

#[cfg(target_os = "linux")]
use crate::{
    harness::{
        ADD, envelope11,
        sockets::{State, at},
    },
    pressure::{Failure, call, post},
    victim::PATIENCE,
};
use crate::{
    pressure::{Pressure, Tally},
    process::{Process, Setup, is_thorough},
};

const CONNECTIONS: usize = 200;
const HTTP: &str = "http://127.0.0.1:0/calc";
const TCP: &str = "soap.tcp://127.0.0.1:0";

fn rounds() -> usize {
    if is_thorough() { 100 } else { 20 }
}

/// What the servers before have left on `port`.
#[cfg(target_os = "linux")]
#[derive(Debug, Default)]
struct Left {
    /// How many were seen in each state that no process has any more, at all looks together.
    seen: BTreeMap<String, usize>,
}

#[cfg(target_os = "linux")]
impl Left {
    /// Looks until at least so many are in TIME_WAIT or FIN_WAIT_2.
    async fn look(&mut self, port: u16, least: usize) {
        let looking = async {
            while self.waiting(port) < least {
                // The kernel tells nobody when its table changes.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let looked = timeout(PATIENCE, looking).await;
        assert!(looked.is_ok(), "fewer than {least}: {:?}", self.seen);
    }

    fn waiting(&mut self, port: u16) -> usize {
        use State::{Closing, FinWait1, FinWait2, LastAck, TimeWait};
        let mut waiting = 0;
        for socket in at(SocketAddr::from(([127, 0, 0, 1], port))) {
            if [FinWait1, FinWait2, TimeWait, LastAck, Closing].contains(&socket.state) {
                *self.seen.entry(format!("{:?}", socket.state)).or_default() += 1;
                waiting += usize::from([TimeWait, FinWait2].contains(&socket.state));
            }
        }
        waiting
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_killed_server_starts_again_at_once_past_its_live_connections() {
    for (free, request) in [(HTTP, post()), (TCP, envelope11(ADD))] {
        kill_and_start(free, &request).await;
    }
}

#[cfg(target_os = "linux")]
async fn kill_and_start(free: &str, request: &str) {
    let mut process = Process::start(&Setup {
        urls: &[free],
        ..Setup::default()
    });
    let (url, port) = (process.urls[0].clone(), process.port());
    let mut longest = Duration::ZERO;
    let mut left = Left::default();
    for _ in 0..rounds() {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut stream = TcpStream::connect(("127.0.0.1", port))
                .await
                .expect("connects");
            call(&mut stream, request.as_bytes())
                .await
                .expect("an answer");
            streams.push(stream);
        }
        process.kill();
        left.look(port, CONNECTIONS).await;
        let begin = Instant::now();
        process = Process::start(&Setup {
            urls: &[&url],
            ..Setup::default()
        });
        longest = longest.max(begin.elapsed());
        drop(streams);
    }
    eprintln!(
        "{} restarts of {free} by SIGKILL; the longest took {longest:?}; {:?}",
        rounds(),
        left.seen
    );
    process.stop();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_under_load_starts_again_at_once_and_loses_no_accepted_request() {
    stop_and_start(HTTP, false).await;
    // Callers of bare envelopes close first; so that something is left on the port, this server does.
    stop_and_start(TCP, true).await;
}

#[cfg(target_os = "linux")]
async fn stop_and_start(free: &str, closes: bool) {
    let mut process = Process::start(&Setup {
        urls: &[free],
        closes,
        ..Setup::default()
    });
    let (url, port) = (process.urls[0].clone(), process.port());
    let pressure = Pressure::on(std::slice::from_ref(&url), 16);
    let (mut executed, mut accepted) = (0, 0);
    let mut left = Left::default();
    for _ in 0..rounds() {
        pressure.answers(100).await;
        let done = process.stop();
        executed += done.executed;
        accepted += done.accepted;
        left.look(port, 1).await;
        process = Process::start(&Setup {
            urls: &[&url],
            closes,
            ..Setup::default()
        });
    }
    let tally = pressure.end().await;
    let done = process.stop();
    executed += done.executed;
    accepted += done.accepted;
    report(&format!("graceful restarts of {free}"), &tally);
    eprintln!("{:?}", left.seen);
    // What was accepted was executed, and all of it answered.
    assert_eq!(tally.answered.load(SeqCst), executed);
    // The rest never reached a server: the kernel reset it in the backlog of a listener that was being closed.
    let failed = tally.failed.lock().expect("no panic");
    assert!(failed.iter().all(Failure::is_at_once), "{failed:?}");
    let never_accepted = tally.connected.load(SeqCst) - accepted;
    assert_eq!(failed.len(), never_accepted, "{failed:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_an_inherited_socket_take_over_without_one_failed_request() {
    for scheme in ["http", "soap.tcp"] {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = socket.local_addr().expect("an address").port();
        let url = format!("{scheme}://127.0.0.1:{port}/calc");
        let setup = Setup {
            urls: &[&url],
            inherited: Some(&socket),
            ..Setup::default()
        };
        let tally = succession(Process::start(&setup), &setup).await;
        report(
            &format!("successors on an inherited socket, {scheme}"),
            &tally,
        );
        assert!(is_spotless(&tally), "{tally:?}");
    }
}

/// Set in the process that runs in a network of its own.
#[cfg(target_os = "linux")]
const NETWORK: &str = "SOAPSTONE_TEST_NETWORK";

/// Runs `script` in a network of its own.
#[cfg(target_os = "linux")]
fn in_network(script: &str, prepare: impl FnOnce(&mut Command)) -> std::io::Result<Output> {
    let mut command = Command::new("unshare");
    command.args(["--net", "sh", "-c", script]);
    prepare(&mut command);
    command.output()
}

#[cfg(target_os = "linux")]
#[test]
fn servers_that_share_a_port_take_over_without_one_failed_request_if_the_kernel_migrates() {
    let probe = "ip link set lo up && test -w /proc/sys/net/ipv4/tcp_migrate_req";
    let probed = in_network(probe, |_| ());
    if !probed.as_ref().is_ok_and(|probed| probed.status.success()) {
        eprintln!(
            "SKIPPED: a network of its own needs privileges, unshare, ip and Linux 5.14: {probed:?}"
        );
        return;
    }
    for migrate in [1, 0] {
        let script = format!(
            "ip link set lo up && echo {migrate} > /proc/sys/net/ipv4/tcp_migrate_req && exec \"$0\" \"$@\""
        );
        let output = in_network(&script, |command| {
            command
                .arg(std::env::current_exe().expect("this program"))
                .args(["--exact", "restart::in_a_network_of_its_own", "--nocapture"])
                .env(NETWORK, migrate.to_string());
        });
        let output = output.expect("it ran before");
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        eprint!("{errors}");
        assert!(text.contains("the network is there"), "{text}{errors}");
        assert!(text.contains("test result: ok. 1 passed"), "{text}");
    }
}

/// Does nothing but in a network of its own.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_network_of_its_own() {
    let Ok(migrate) = std::env::var(NETWORK) else {
        return;
    };
    println!("the network is there");
    // The calls of soap.tcp have a connection each.
    let first = Process::start(&Setup {
        urls: &["http://127.0.0.1:0/calc", "soap.tcp://127.0.0.1:0"],
        reuse_port: true,
        ..Setup::default()
    });
    let urls = first.urls.clone();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let setup = Setup {
        urls: &urls,
        reuse_port: true,
        ..Setup::default()
    };
    let tally = succession(first, &setup).await;
    report(
        &format!("successors by reuse_port, tcp_migrate_req={migrate}"),
        &tally,
    );
    if migrate == "1" {
        assert!(is_spotless(&tally), "{tally:?}");
    }
}

/// One server after another, each there before the one before it is told to stop, under load.
async fn succession(mut process: Process, setup: &Setup<'_>) -> Arc<Tally> {
    let pressure = Pressure::on(&process.urls, 16);
    let mut executed = 0;
    for _ in 0..rounds() {
        pressure.answers(500).await;
        let next = Process::start(setup);
        pressure.answers(100).await;
        executed += process.stop().executed;
        process = next;
    }
    pressure.answers(500).await;
    let tally = pressure.end().await;
    executed += process.stop().executed;
    assert_eq!(tally.answered.load(SeqCst), executed);
    tally
}

fn is_spotless(tally: &Tally) -> bool {
    tally.refused.load(SeqCst) == 0 && tally.failed.lock().expect("no panic").is_empty()
}

fn report(what: &str, tally: &Tally) {
    let failed = tally.failed.lock().expect("no panic");
    eprintln!(
        "{what}: {} answered, {} refused, {} failed",
        tally.answered.load(SeqCst),
        tally.refused.load(SeqCst),
        failed.len()
    );
}

//! Servers that start again at once on their port, and servers whose place another takes without one refused connection.

use std::{
    fs,
    net::TcpListener,
    process::Command,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use tokio::net::TcpStream;

use crate::{
    pressure::{Pressure, Tally, call, post},
    process::{Process, Setup, is_thorough},
};

const CONNECTIONS: usize = 200;
const FREE: &[&str] = &["http://127.0.0.1:0/calc"];

fn rounds() -> usize {
    if is_thorough() { 100 } else { 20 }
}

/// Sockets on `port` that no process has any more: in FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT, LAST_ACK or CLOSING of the kernel's table.
fn left_on(port: u16) -> usize {
    let table = fs::read_to_string("/proc/self/net/tcp").expect("the kernel's table");
    let here = format!(":{port:04X}");
    let is_left = |line: &&str| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next().expect("a local address");
        let state = fields.nth(1).expect("a state");
        local.ends_with(&here) && ["04", "05", "06", "09", "0B"].contains(&state)
    };
    table.lines().skip(1).filter(is_left).count()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_killed_server_starts_again_at_once_past_its_live_connections() {
    let mut process = Process::start(&Setup {
        urls: FREE,
        ..Setup::default()
    });
    let (url, port) = (process.urls[0].clone(), process.port());
    let request = post();
    let mut longest = Duration::ZERO;
    for round in 0..rounds() {
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
        assert!(left_on(port) >= CONNECTIONS, "round {round}");
        let begin = Instant::now();
        process = Process::start(&Setup {
            urls: &[&url],
            ..Setup::default()
        });
        longest = longest.max(begin.elapsed());
        assert!(left_on(port) >= CONNECTIONS, "round {round}");
        drop(streams);
    }
    eprintln!(
        "{} restarts by SIGKILL; the longest took {longest:?}",
        rounds()
    );
    process.stop();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_under_load_starts_again_at_once_and_loses_no_accepted_request() {
    let mut process = Process::start(&Setup {
        urls: FREE,
        ..Setup::default()
    });
    let (url, port) = (process.urls[0].clone(), process.port());
    let pressure = Pressure::on(std::slice::from_ref(&url), 16);
    let mut executed = 0;
    for round in 0..rounds() {
        pressure.answers(100).await;
        executed += process.stop();
        assert!(left_on(port) > 0, "round {round}");
        process = Process::start(&Setup {
            urls: &[&url],
            ..Setup::default()
        });
        assert!(left_on(port) > 0, "round {round}");
    }
    let tally = pressure.end().await;
    executed += process.stop();
    report("graceful restarts", &tally);
    // What was accepted was executed, and all of it answered. The rest never reached a server.
    assert_eq!(tally.answered.load(SeqCst), executed);
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
const NETWORK: &str = "SOAPSTONE_TEST_NETWORK";

#[cfg(target_os = "linux")]
#[test]
fn servers_that_share_a_port_take_over_without_one_failed_request_if_the_kernel_migrates() {
    for migrate in [1, 0] {
        let script = format!(
            "ip link set lo up && echo {migrate} > /proc/sys/net/ipv4/tcp_migrate_req && exec \"$0\" \"$@\""
        );
        let ended = Command::new("unshare")
            .args(["--net", "sh", "-c", &script])
            .arg(std::env::current_exe().expect("this program"))
            .args(["--exact", "restart::in_a_network_of_its_own", "--nocapture"])
            .env(NETWORK, migrate.to_string())
            .output();
        let output = ended.map(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            (text, String::from_utf8_lossy(&output.stderr).into_owned())
        });
        match output {
            Ok((text, errors)) if text.contains("the network is there") => {
                eprint!("{errors}");
                assert!(text.contains("test result: ok. 1 passed"), "{text}");
            }
            other => {
                eprintln!(
                    "SKIPPED: a network of its own needs privileges, unshare, ip and Linux 5.14: {other:?}"
                );
                return;
            }
        }
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
        executed += process.stop();
        process = next;
    }
    pressure.answers(500).await;
    let tally = pressure.end().await;
    executed += process.stop();
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

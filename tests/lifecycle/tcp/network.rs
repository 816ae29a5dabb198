//! What needs a network of its own: few ports, and a peer that vanishes without a word. Such a network takes root, or a kernel
//! that lets anybody make one; elsewhere these tests say so and pass.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use soapstone::{
    CallError,
    transport::{Keepalive, SocketOptions},
};

use super::*;
use crate::harness::sockets::{State::Established, Timer, becomes, is_gone, is_in};

/// Set for the processes that have such a network.
const INSIDE: &str = "SOAPSTONE_TEST_NETWORK";

/// Runs a test of this file in a network of its own, unless this process has one already or there can be none: then false.
fn moved(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return false;
    }
    let setup = "ip link set lo up && ip link add veth0 type veth peer name veth1";
    let tried = Command::new("unshare")
        .args(["-n", "sh", "-c", setup])
        .output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: a network of its own cannot be made here"
        );
        return true;
    }
    let ran = in_a_network(test).output().expect("runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    let complained = String::from_utf8_lossy(&ran.stderr);
    let passed = ran.status.success() && said.contains("1 passed");
    assert!(passed, "{said}{complained}");
    true
}

/// This program in a new network, to run one test.
fn in_a_network(test: &str) -> Command {
    let mut command = Command::new("unshare");
    command
        .arg("-n")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", &format!("tcp::network::{test}"), "--nocapture"])
        .env(INSIDE, test);
    command
}

fn run(command: &str) {
    let status = Command::new("sh").args(["-c", command]).status();
    assert!(status.expect("a shell").success(), "{command}");
}

#[tokio::test]
async fn a_client_without_ports_says_so_and_kept_connections_need_none() {
    if moved("a_client_without_ports_says_so_and_kept_connections_need_none") {
        return;
    }
    run("ip link set lo up && echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse");
    let (once, server) = serve("tcp", "127.0.0.1", SocketOptions::new()).await;
    let (kept, _) = serve("soap.tcp", "127.0.0.1", SocketOptions::new()).await;
    run("echo '50000 50003' > /proc/sys/net/ipv4/ip_local_port_range");
    let new = SocketOptions::new;
    let work = client(&once, new()).await;
    for _ in 0..4 {
        call(&work).await;
    }
    let error = match work.caller().await {
        Err(CallError::Transport(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
    let text = error.to_string();
    let begins = format!("no connection to {server} at {server}: no local port");
    assert!(text.starts_with(&begins), "{text}");
    let remedy =
        "keep connections for more than one call, or connect from more addresses (local_address)";
    assert!(text.ends_with(remedy), "{text}");
    // The ports are gone towards that server only.
    let work = client(&kept, new()).await;
    let local = call(&work).await;
    for _ in 0..100 {
        assert_eq!(call(&work).await, local);
    }
    let other = new().local_address(Some([127, 0, 0, 2].into()));
    call(&client(&once, other).await).await;
    stop(kept).await;
    stop(once).await;
}

/// A peer on a machine that can vanish.
struct Vanishing {
    process: Child,
    says: BufReader<ChildStdout>,
    told: ChildStdin,
}

impl Vanishing {
    fn start() -> Self {
        let mut process = in_a_network("the_peer_that_vanishes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut peer = Self {
            says: BufReader::new(process.stdout.take().expect("a pipe")),
            told: process.stdin.take().expect("a pipe"),
            process,
        };
        peer.hears("ready");
        run(&format!(
            "ip link add veth0 type veth peer name veth1 netns {}",
            peer.process.id()
        ));
        run("ip addr add 10.99.0.1/24 dev veth0 && ip link set veth0 up");
        peer
    }

    /// Tells it a line.
    fn tell(&mut self, line: &str) {
        writeln!(self.told, "{line}").expect("it listens");
    }

    /// Waits for a line that begins so; the rest of it.
    fn hears(&mut self, word: &str) -> String {
        let mut line = String::new();
        while self.says.read_line(&mut line).expect("a line") > 0 {
            if let Some(at) = line.find(&format!("{word}:")) {
                return line[at + word.len() + 1..].trim().to_owned();
            }
            line.clear();
        }
        panic!("the peer never says {word}")
    }
}

impl Drop for Vanishing {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The peer: it calls, and then its machine is gone. Does nothing but in that process.
#[test]
fn the_peer_that_vanishes() {
    if std::env::var_os(INSIDE).is_none_or(|test| test != "the_peer_that_vanishes") {
        return;
    }
    println!("ready:");
    let mut stream = None;
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        if let Some(server) = line.strip_prefix("call ") {
            run("ip addr add 10.99.0.2/24 dev veth1 && ip link set veth1 up");
            let mut connected = std::net::TcpStream::connect(server).expect("connects");
            let request = request("soap.tcp", "", "<Wait/>");
            connected.write_all(request.as_bytes()).expect("writes");
            println!("called:{}", connected.local_addr().expect("an address"));
            stream = Some(connected);
        } else {
            run("ip addr flush dev veth1");
            println!("vanished:");
        }
    }
    drop(stream);
}

/// On an idle connection probes find it; where an answer is under way, the time it may stay unacknowledged.
#[tokio::test]
async fn a_peer_that_vanished_is_found_by_probes_and_by_the_user_timeout() {
    if moved("a_peer_that_vanished_is_found_by_probes_and_by_the_user_timeout") {
        return;
    }
    run("ip link set lo up");
    let seconds = Duration::from_secs;
    let mut peer = Vanishing::start();
    let probes = SocketOptions::new().keepalive(Keepalive::Probes {
        idle: seconds(1),
        interval: seconds(1),
        count: 2,
    });
    let unacknowledged = SocketOptions::new().user_timeout(seconds(1));
    for (socket, timer) in [(probes, Timer::KeepAlive), (unacknowledged, Timer::Again)] {
        let (started, mut starts) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        let worker = Worker {
            started: Some(started),
            release: Arc::clone(&release),
        };
        let running = start(worker, "soap.tcp://10.99.0.1:0", socket).await;
        let running = running.expect("starts");
        let server = address(&running);
        peer.tell(&format!("call {server}"));
        let local = peer.hears("called").parse().expect("an address");
        timeout(PATIENCE, starts.recv()).await.expect("begins");
        peer.tell("vanish");
        peer.hears("vanished");
        is_in(Established, server, local).await;
        if timer == Timer::Again {
            release.notify_one();
        }
        becomes(server, local, |end| {
            end.is_none_or(|end| end.timer == timer)
        })
        .await;
        let vanished = Instant::now();
        is_gone(server, local).await;
        assert!(vanished.elapsed() < seconds(20), "{:?}", vanished.elapsed());
        release.notify_one();
        stop(running).await;
    }
}

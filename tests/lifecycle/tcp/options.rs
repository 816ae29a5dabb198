//! Options of sockets, as the kernel shows them.

use std::{io::Write, net::IpAddr, process::Command, time::Duration};

use soapstone::{server::Inherited, transport::Keepalive};

use super::*;
use crate::harness::sockets::{
    State::{Established, SynSent},
    Timer, becomes, end, is_in,
};

/// Waits until both ends have `timer`; when it rings at each.
async fn timers(timer: Timer, server: SocketAddr, client: SocketAddr) -> [Duration; 2] {
    let mut rings = [Duration::ZERO; 2];
    for (rings, (local, remote)) in rings.iter_mut().zip([(server, client), (client, server)]) {
        let end = becomes(local, remote, |end| {
            end.is_some_and(|end| end.state == Established && end.timer == timer)
        });
        *rings = end.await.expect("it is there").rings;
    }
    rings
}

#[tokio::test]
async fn probes_are_on_by_default_on_soap_tcp_alone() {
    for (scheme, timer) in [("soap.tcp", Timer::KeepAlive), ("http", Timer::None)] {
        let (running, server) = serve(scheme, "127.0.24.1", SocketOptions::new()).await;
        let work = client(&running, SocketOptions::new()).await;
        let local = call(&work).await;
        let rings = timers(timer, server, local).await;
        if scheme == "soap.tcp" {
            let in_a_minute = |rings: &Duration| (30..=60).contains(&rings.as_secs());
            assert!(rings.iter().all(in_a_minute), "{rings:?}");
        }
        drop(work);
        stop(running).await;
    }
}

#[tokio::test]
async fn probes_come_when_they_are_asked_for() {
    let socket = SocketOptions::new().keepalive(Keepalive::Probes {
        idle: Duration::from_secs(200),
        interval: Duration::from_secs(7),
        count: 3,
    });
    for scheme in ["soap.tcp", "http"] {
        let (running, server) = serve(scheme, "127.0.24.2", socket.clone()).await;
        let work = client(&running, socket.clone()).await;
        let local = call(&work).await;
        for rings in timers(Timer::KeepAlive, server, local).await {
            assert!((150..=200).contains(&rings.as_secs()), "{rings:?}");
        }
        drop(work);
        stop(running).await;
    }
}

/// It was made with the options of the listener's owner, who asked for no probes on one scheme and for probes on the other.
#[tokio::test]
async fn a_connection_that_waited_before_the_server_began_has_the_options_of_the_server() {
    for (scheme, owner_probes, wanted) in [
        ("soap.tcp", false, Timer::KeepAlive),
        ("http", true, Timer::None),
    ] {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_keepalive(owner_probes).expect("an option");
        let ip = SocketAddr::from(([127, 0, 24, 6], 0));
        socket.bind(ip).expect("a port");
        let socket = socket.listen(16).and_then(|socket| socket.into_std());
        let socket = socket.expect("listens");
        let server = socket.local_addr().expect("an address");
        let (mut waiting, local) = connect(server).await;
        send(&mut waiting, &request(scheme, "", "<Caller/>")).await;
        is_in(Established, server, local).await;
        let work = Server::new(WorkServer::new(Worker::default()));
        let work = work.bind(format!("{scheme}://{server}"));
        let running = work.inherit(Inherited::new([socket])).start().await;
        let running = running.expect("starts");
        let answered = timeout(PATIENCE, waiting.read(&mut [0])).await;
        assert_eq!(answered.expect("in time").expect("an answer"), 1);
        becomes(server, local, |end| {
            end.is_some_and(|end| end.state == Established && end.timer == wanted)
        })
        .await;
        drop(waiting);
        stop(running).await;
    }
}

#[tokio::test]
async fn a_client_connects_from_its_local_address() {
    let local = IpAddr::from([127, 0, 24, 33]);
    let (running, server) = serve("soap.tcp", "127.0.24.3", SocketOptions::new()).await;
    let work = client(&running, SocketOptions::new().local_address(local)).await;
    let caller = call(&work).await;
    assert_eq!(caller.ip(), local);
    assert_eq!(end(caller, server).map(|end| end.state), Some(Established));
    drop(work);
    stop(running).await;
}

/// A listener holds one more than its backlog. Who comes then is not answered at all, and asks again after a second.
#[tokio::test]
async fn who_finds_the_backlog_full_stays_in_syn_sent() {
    let socket = TcpSocket::new_v4().expect("a socket");
    let ip = SocketAddr::from(([127, 0, 24, 5], 0));
    socket.bind(ip).expect("a port");
    let listener = socket.listen(1).expect("listens");
    let server = listener.local_addr().expect("an address");
    let (_first, _) = connect(server).await;
    let (_second, _) = connect(server).await;
    let third = TcpSocket::new_v4().expect("a socket");
    let local = SocketAddr::from(([127, 0, 24, 55], 0));
    third.bind(local).expect("a port");
    let local = third.local_addr().expect("an address");
    let connecting = tokio::spawn(third.connect(server));
    is_in(SynSent, local, server).await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        let accepted = timeout(PATIENCE, listener.accept()).await;
        taken.push(accepted.expect("comes in time").expect("a connection"));
    }
    is_in(Established, local, server).await;
    connecting.await.expect("no panic").expect("connects");
}

/// The table in /proc does not tell it; `ss` asks the kernel by another way.
#[tokio::test]
async fn the_backlog_is_the_send_queue_of_the_listener() {
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("a bound");
    let most: u32 = most.trim().parse().expect("a number");
    for (socket, backlog) in [
        (SocketOptions::new(), 1024),
        (SocketOptions::new().backlog(7), 7),
    ] {
        let (running, server) = serve("http", "127.0.24.4", socket).await;
        let shown = Command::new("ss")
            .args(["-Hltn", "src", &server.to_string()])
            .output();
        let Ok(shown) = shown else {
            let _ = writeln!(std::io::stderr(), "SKIPPED: there is no ss here");
            return;
        };
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        let mut columns = shown.split_ascii_whitespace();
        assert_eq!(columns.next(), Some("LISTEN"));
        assert_eq!(columns.next(), Some("0"), "none waits to be accepted");
        let wanted = backlog.min(most).to_string();
        assert_eq!(columns.next(), Some(&*wanted));
        stop(running).await;
    }
}

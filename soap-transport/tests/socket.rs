//! Socket options as they reach the sockets of http, and what is said where they cannot.

#![cfg(feature = "http")]

use std::{future::ready, sync::Arc, time::Duration};

use soap_core::{
    CloseFirst, Fault, Keepalive, Linger, Message, SocketOptions,
    transport::{BoxFuture, Dispatch, Outcome, Request, Transport, TransportError},
};
use soap_transport::{Endpoint, Running, Server};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers with the address of the caller.
#[derive(Debug)]
struct Mirror;

impl Dispatch for Mirror {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        let address = request.peer.and_then(|peer| peer.address);
        let text = address.map_or_else(String::new, |address| address.to_string());
        let version = request.version.unwrap_or_default();
        Box::pin(ready(Outcome::Reply(Message::new(text).version(version))))
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        Message::new(fault.reason().to_owned())
    }
}

async fn serve(url: &str, socket: SocketOptions) -> Result<Running, TransportError> {
    let server = Server::new(Arc::new(Mirror) as Arc<dyn Dispatch>);
    server.bind(url).socket(socket).start().await
}

async fn client(url: &str, socket: SocketOptions) -> Result<Arc<dyn Transport>, TransportError> {
    Endpoint::new(url).socket(socket).transport().await
}

/// The address that the server sees.
async fn call(transport: &dyn Transport) -> Result<String, TransportError> {
    let request = Request::new(Message::new("<a/>"));
    let answer = transport.exchange(request).next().await.unwrap()?;
    Ok(String::from_utf8(answer.envelope.to_vec()).unwrap())
}

const ANY: &str = "http://127.0.0.1:0/";

#[tokio::test]
async fn what_cannot_be_honoured_is_refused_when_a_client_connects_and_a_server_binds() {
    let probes = Keepalive::Probes {
        idle: Duration::ZERO,
        interval: Duration::from_secs(1),
        count: 1,
    };
    let text = "SocketOptions::keepalive (idle) is 0ns; allowed: whole seconds from 1 to 32767";
    let socket = SocketOptions::new().keepalive(probes);
    let errors = [
        client("http://a/", socket.clone()).await.err(),
        serve(ANY, socket).await.err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(error.is_config());
        assert_eq!(error.to_string(), text);
    }
    let backlog = SocketOptions::new().backlog(1);
    let error = client("http://a/", backlog).await.unwrap_err();
    let text = "SocketOptions::backlog is for listeners, not for a client";
    assert_eq!(error.to_string(), text);
}

/// They were taken, and nothing came of them.
#[tokio::test]
async fn a_client_of_any_scheme_refuses_close_first_and_a_time_to_linger() {
    let wait = Linger::Wait(Duration::from_millis(1));
    for url in ["http://a/", "soap.tcp://a:1", "tcp://a:1"] {
        for (socket, begins) in [
            (SocketOptions::new().linger(wait), "Linger::Wait is for"),
            (
                SocketOptions::new().close_first(CloseFirst::Server),
                "SocketOptions::close_first is for",
            ),
        ] {
            let error = client(url, socket).await.unwrap_err();
            assert!(error.is_config());
            assert!(error.to_string().starts_with(begins), "{error}");
        }
        let socket = SocketOptions::new().linger(Linger::Abort);
        client(url, socket).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_cannot_listen_says_where_and_what_to_do() {
    let first = serve(ANY, SocketOptions::new()).await.unwrap();
    let url = &first.urls()[0];
    let address = url["http://".len()..].trim_end_matches('/');
    let error = serve(url, SocketOptions::new()).await.unwrap_err();
    let says = format!(
        "cannot listen on http://{address}: another socket has {address}: end it or take another port; "
    );
    assert!(error.to_string().starts_with(&says), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn servers_share_a_port_by_reuse_port() {
    let shared = SocketOptions::new().reuse_port(true);
    let first = serve(ANY, shared.clone()).await.unwrap();
    let url = first.urls()[0].clone();
    let second = serve(&url, shared).await.unwrap();
    first.stop(PATIENCE).await.unwrap();
    let transport = client(&url, SocketOptions::new()).await.unwrap();
    assert!(call(&*transport).await.unwrap().starts_with("127.0.0.1:"));
    second.stop(PATIENCE).await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_without_its_local_address_or_interface_says_so() {
    let running = serve(ANY, SocketOptions::new()).await.unwrap();
    let url = &running.urls()[0];
    let address = url["http://".len()..].trim_end_matches('/');
    for (socket, text) in [
        (
            SocketOptions::new().interface("none-such"),
            "there is no network interface \"none-such\"",
        ),
        (
            SocketOptions::new().local_address(std::net::IpAddr::from([192, 0, 2, 1])),
            "no network interface of this machine has the local_address 192.0.2.1",
        ),
    ] {
        let transport = client(url, socket).await.unwrap();
        let error = call(&*transport).await.unwrap_err();
        assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
        let text = format!("no connection to {address} at {address}: {text}");
        assert_eq!(error.to_string(), text);
    }
}

/// Looks at sockets of this process from the outside, as nobody hands them out.
#[cfg(target_os = "linux")]
mod live {
    use std::{fs, net::SocketAddr};

    use rustix::{
        io::Errno,
        process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
    };
    use soap_transport::socket::{EffectiveOptions, read_back};

    use super::*;

    /// The inode of the socket on `local`, connected to `remote` (0: listening).
    fn inode(local: u16, remote: u16) -> Option<String> {
        let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
        let ends_in = |field: &str, port: u16| field.ends_with(&format!(":{port:04X}"));
        let found = table.lines().find_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let this = ends_in(fields[1], local) && ends_in(fields[2], remote);
            this.then(|| fields[9].to_owned())
        });
        found.filter(|inode| inode != "0")
    }

    /// `None` where the machine forbids it.
    fn options(local: u16, remote: u16) -> Option<EffectiveOptions> {
        let link = format!("socket:[{}]", inode(local, remote).expect("a socket"));
        let descriptors = fs::read_dir("/proc/self/fd").unwrap();
        let descriptor = descriptors
            .filter_map(Result::ok)
            .find(|entry| fs::read_link(entry.path()).is_ok_and(|to| to.as_os_str() == &*link))
            .expect("a descriptor");
        let number = descriptor.file_name().to_str().unwrap().parse().unwrap();
        let this = pidfd_open(getpid(), PidfdFlags::empty()).ok()?;
        match pidfd_getfd(this, number, PidfdGetfdFlags::empty()) {
            Ok(socket) => Some(read_back(&socket).unwrap()),
            Err(Errno::PERM | Errno::NOSYS) => None,
            Err(error) => panic!("{error}"),
        }
    }

    #[tokio::test]
    async fn every_option_reaches_the_sockets_of_http() {
        let both = SocketOptions::new()
            .nodelay(false)
            .user_timeout(Duration::from_millis(12_345))
            .receive_buffer(50_000)
            .send_buffer(40_000)
            .interface("lo")
            .linger(Linger::Abort)
            .keepalive(Keepalive::Probes {
                idle: Duration::from_secs(61),
                interval: Duration::from_secs(11),
                count: 6,
            });
        let of_server = both.clone().reuse_address(false).reuse_port(true);
        let running = serve(ANY, of_server.clone()).await.unwrap();
        let url = &running.urls()[0];
        let local = std::net::IpAddr::from([127, 0, 0, 9]);
        let transport = client(url, both.clone().local_address(local))
            .await
            .unwrap();
        let seen: SocketAddr = call(&*transport).await.unwrap().parse().unwrap();
        assert_eq!(seen.ip(), local);
        let address: SocketAddr = url["http://".len()..]
            .trim_end_matches('/')
            .parse()
            .unwrap();
        let (server, client) = (address.port(), seen.port());
        let ends = [(server, 0), (server, client), (client, server)];
        for (end, wanted) in ends.into_iter().zip([&of_server, &of_server, &both]) {
            let Some(found) = options(end.0, end.1) else {
                eprintln!("SKIPPED: no pidfd_getfd here");
                return;
            };
            assert_eq!(found.nodelay, wanted.nodelay);
            assert_eq!(found.keepalive, wanted.keepalive);
            assert_eq!(found.user_timeout, wanted.user_timeout);
            assert_eq!(found.interface, wanted.interface);
            // Linux doubles them.
            assert_eq!(found.receive_buffer, 100_000);
            assert_eq!(found.send_buffer, 80_000);
            assert_eq!(found.linger, None);
            assert_eq!(found.reuse_port, wanted.reuse_port);
            assert!(!found.reuse_address, "{end:?}");
        }
    }
}

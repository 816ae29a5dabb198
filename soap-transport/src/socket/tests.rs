use std::{net::Ipv6Addr, time::Duration};

use soap_core::{CloseFirst, Linger};
use tokio::{io::AsyncReadExt, time::timeout};

use super::*;

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A listener, a connection it took and the client of that, as the kernel has them.
type Live = [EffectiveOptions; 3];

async fn live(address: SocketAddr, server: &SocketOptions, client: &SocketOptions) -> Live {
    let listener = listen(address, server).unwrap();
    let mut to = listener.local_addr().unwrap();
    if to.ip().is_unspecified() {
        to.set_ip(Ipv6Addr::LOCALHOST.into());
    }
    let client = connect(to, client).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    set_up(&accepted, server).unwrap();
    [
        read_back(&listener).unwrap(),
        read_back(&accepted).unwrap(),
        read_back(&client).unwrap(),
    ]
}

/// Where an option shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    All,
    Server,
    Nowhere,
}

type Case = (
    &'static str,
    At,
    fn(SocketOptions) -> SocketOptions,
    fn(&mut EffectiveOptions),
);

const PROBES: Keepalive = Keepalive::Probes {
    idle: Duration::from_secs(61),
    interval: Duration::from_secs(11),
    count: 6,
};

/// What is doubled by Linux alone.
const BYTES: usize = if platform::LINUX { 80_000 } else { 40_000 };

const PORTABLE: &[Case] = &[
    (
        "nodelay",
        At::All,
        |new| new.nodelay(false),
        |is| is.nodelay = false,
    ),
    (
        "keepalive",
        At::All,
        |new| new.keepalive(PROBES),
        |is| is.keepalive = PROBES,
    ),
    (
        "keepalive off",
        At::Nowhere,
        |new| new.keepalive(Keepalive::Off),
        |_| {},
    ),
    (
        "receive_buffer",
        At::All,
        |new| new.receive_buffer(Some(40_000)),
        |is| is.receive_buffer = BYTES,
    ),
    (
        "send_buffer",
        At::All,
        |new| new.send_buffer(Some(40_000)),
        |is| is.send_buffer = BYTES,
    ),
    ("backlog", At::Nowhere, |new| new.backlog(7), |_| {}),
    (
        "linger abort",
        At::Nowhere,
        |new| new.linger(Linger::Abort),
        |_| {},
    ),
    (
        "linger wait",
        At::Nowhere,
        |new| new.linger(Linger::Wait(Duration::from_secs(9))),
        |_| {},
    ),
    (
        "close_first",
        At::Nowhere,
        |new| new.close_first(CloseFirst::Server),
        |_| {},
    ),
    (
        "local_address",
        At::Nowhere,
        |new| new.local_address(Some(LOOPBACK.ip())),
        |_| {},
    ),
];

#[cfg(target_os = "linux")]
const LINUX_ONLY: &[Case] = &[
    (
        "reuse_address",
        At::Server,
        |new| new.reuse_address(false),
        |is| is.reuse_address = false,
    ),
    (
        "reuse_port",
        At::Server,
        |new| new.reuse_port(true),
        |is| is.reuse_port = true,
    ),
    (
        "user_timeout",
        At::All,
        |new| new.user_timeout(Some(Duration::from_millis(12_345))),
        |is| is.user_timeout = Some(Duration::from_millis(12_345)),
    ),
    (
        "interface",
        At::All,
        |new| new.interface("lo"),
        |is| is.interface = Some("lo".to_owned()),
    ),
];
#[cfg(not(target_os = "linux"))]
const LINUX_ONLY: &[Case] = &[];

/// gSOAP joins options by `|`, but on Linux they are numbers, not bits: SO_BROADCAST gave SO_LINGER and SO_REUSEADDR.
#[tokio::test]
async fn gsoap_flag_bug_each_option_alone_changes_itself_and_no_other() {
    let default = SocketOptions::new();
    let before = live(LOOPBACK, &default, &default).await;
    for (name, at, set, change) in PORTABLE.iter().chain(LINUX_ONLY) {
        let options = set(default.clone());
        for (of_server, of_client) in [(&options, &default), (&default, &options)] {
            let mut expected = before.clone();
            let [listener, accepted, client] = &mut expected;
            let of_server_is_set = *of_server == options;
            match at {
                At::All | At::Server if of_server_is_set => {
                    change(listener);
                    change(accepted);
                }
                At::All if !of_server_is_set => change(client),
                _ => {}
            }
            assert_eq!(
                live(LOOPBACK, of_server, of_client).await,
                expected,
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn only_v6_alone_changes_itself_and_no_other() {
    let address = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let default = SocketOptions::new();
    let one = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    if listen(one, &default).is_err() {
        return;
    }
    let both = live(address, &default, &default).await;
    assert_eq!(both[0].only_v6, Some(false));
    let mut expected = both.clone();
    expected[0].only_v6 = Some(true);
    expected[1].only_v6 = Some(true);
    let alone = SocketOptions::new().only_v6(Some(true));
    assert_eq!(live(address, &alone, &default).await, expected);
    assert_eq!(live(one, &default, &default).await[0].only_v6, Some(true));
    // It has no meaning on IPv4: one set of options serves both bindings of a server.
    listen(LOOPBACK, &alone).unwrap();
}

/// The owner's options and what the server says instead.
fn of_owner_and_server() -> [SocketOptions; 2] {
    let owner = SocketOptions::new().nodelay(false).keepalive(PROBES);
    let server = SocketOptions::new().receive_buffer(Some(40_000));
    if platform::LINUX {
        let seconds = Duration::from_secs;
        [
            owner.user_timeout(Some(seconds(12))),
            server.user_timeout(Some(seconds(34))),
        ]
    } else {
        [owner, server]
    }
}

/// A connection that waited in the backlog of an inherited listener has the options of that listener's owner: those of the server
/// are set on it by name, on or off.
#[tokio::test]
async fn a_connection_from_before_the_adoption_has_the_options_of_the_server() {
    let [one, other] = of_owner_and_server();
    let default = SocketOptions::new();
    for (owner, server) in [(&one, &other), (&other, &one), (&one, &default)] {
        let owned = listen(LOOPBACK, owner).unwrap().into_std().unwrap();
        let address = owned.local_addr().unwrap();
        let _client = connect(address, &default).await.unwrap();
        let adopted = adopt(owned, server).unwrap();
        let (waited, _) = adopted.accept().await.unwrap();
        take_over(&waited, server).unwrap();
        let _client = connect(address, &default).await.unwrap();
        let (came, _) = adopted.accept().await.unwrap();
        for socket in [
            read_back(&adopted).unwrap(),
            read_back(&waited).unwrap(),
            read_back(&came).unwrap(),
        ] {
            let keepalive = match server.keepalive {
                Keepalive::Probes { .. } => server.keepalive,
                _ => Keepalive::Off,
            };
            assert_eq!(socket.nodelay, server.nodelay);
            assert_eq!(socket.keepalive, keepalive);
            assert_eq!(socket.user_timeout, server.user_timeout);
            if server.receive_buffer.is_some() {
                assert_eq!(socket.receive_buffer, BYTES);
            }
        }
    }
}

#[tokio::test]
async fn a_connection_to_be_reset_lingers_for_no_time() {
    let listener = listen(LOOPBACK, &SocketOptions::new()).unwrap();
    let address = listener.local_addr().unwrap();
    let client = connect(address, &SocketOptions::new()).await.unwrap();
    reset_on_close(&client);
    assert_eq!(read_back(&client).unwrap().linger, Some(Duration::ZERO));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn tw_3_a_server_starts_again_at_once_past_connections_in_time_wait() {
    let default = SocketOptions::new();
    let listener = listen(LOOPBACK, &default).unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = connect(address, &default).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    // Who closes first has it.
    drop((accepted, listener));
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    drop(client);
    let error = listen(address, &default.clone().reuse_address(false)).unwrap_err();
    assert!(error.to_string().contains("TIME_WAIT"), "{error}");
    listen(address, &default).unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_holds_as_many_connections_as_backlog_says() {
    let options = SocketOptions::new().backlog(1);
    let listener = listen(LOOPBACK, &options).unwrap();
    let address = listener.local_addr().unwrap();
    let client = SocketOptions::new();
    let mut held = Vec::new();
    // Linux holds one more.
    for _ in 0..2 {
        held.push(connect(address, &client).await.unwrap());
    }
    let third = timeout(Duration::from_millis(50), connect(address, &client));
    assert!(third.await.is_err());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_calls_from_its_local_address() {
    let listener = listen(LOOPBACK, &SocketOptions::new()).unwrap();
    let address = listener.local_addr().unwrap();
    let local = IpAddr::from([127, 0, 0, 2]);
    let options = SocketOptions::new().local_address(Some(local));
    let _client = connect(address, &options).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().1.ip(), local);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn errors_of_a_listener_name_address_and_remedy() {
    let new = SocketOptions::new;
    let says = |address: SocketAddr, options: SocketOptions| {
        let error = listen(address, &options).unwrap_err();
        (error.kind(), error.to_string())
    };
    let first = listen(LOOPBACK, &new()).unwrap();
    let taken = first.local_addr().unwrap();
    let in_use = io::ErrorKind::AddrInUse;
    assert_eq!(
        says(taken, new()),
        (
            in_use,
            format!(
                "another socket has {taken}: end it or take another port; if none listens, connections of a last server that \
                 had reuse_address off are in TIME_WAIT: wait a minute"
            )
        )
    );
    let (kind, text) = says(taken, new().reuse_address(false));
    assert_eq!(kind, in_use);
    assert!(
        text.contains("TIME_WAIT") && text.contains("reuse_address"),
        "{text}"
    );
    let (kind, text) = says(taken, new().reuse_port(true));
    assert_eq!(kind, in_use);
    assert!(text.contains("without reuse_port"), "{text}");
    assert_eq!(
        says("192.0.2.1:0".parse().unwrap(), new()),
        (
            io::ErrorKind::AddrNotAvailable,
            "no network interface of this machine has the address 192.0.2.1".to_owned()
        )
    );
    let (_, text) = says(LOOPBACK, new().interface("none-such"));
    assert_eq!(text, "there is no network interface \"none-such\"");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn errors_of_a_client_name_the_option() {
    let says = async |options: SocketOptions| {
        let error = connect(SocketAddr::new(LOOPBACK.ip(), 9), &options).await;
        error.unwrap_err().to_string()
    };
    let local = SocketOptions::new().local_address(Some([192, 0, 2, 1].into()));
    assert_eq!(
        says(local).await,
        "no network interface of this machine has the local_address 192.0.2.1"
    );
    assert_eq!(
        says(SocketOptions::new().interface("none-such")).await,
        "there is no network interface \"none-such\""
    );
}

#[test]
fn what_cannot_be_made_to_happen_here_is_told_as_well() {
    let new = SocketOptions::new;
    let error = |kind: io::ErrorKind| io::Error::from(kind);
    let low = SocketAddr::from(([127, 0, 0, 1], 80));
    let denied = error(io::ErrorKind::PermissionDenied);
    let text = explain::listening(low, &new(), denied).to_string();
    if cfg!(unix) {
        let begin = "port 80: ports below 1024 need root or CAP_NET_BIND_SERVICE";
        assert!(text.starts_with(begin), "{text}");
    }
    let none = error(io::ErrorKind::AddrNotAvailable);
    let text = explain::connecting(none).to_string();
    assert!(
        text.contains("TIME_WAIT") && text.contains("local_address"),
        "{text}"
    );
    let full = error(io::ErrorKind::AddrInUse);
    let text = explain::local(LOOPBACK.ip(), full).to_string();
    assert!(
        text.starts_with("no local port of 127.0.0.1 is left"),
        "{text}"
    );
    let refused = explain::connecting(error(io::ErrorKind::ConnectionRefused));
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}

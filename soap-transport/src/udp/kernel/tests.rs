use std::future::poll_fn;

use soap_core::{Destination, SocketOptions};

use super::*;
use crate::udp::net::Multicast;

const MULTICAST: Multicast = Multicast {
    hops: 1,
    is_looped: true,
};

fn open(local: &str, socket: &SocketOptions) -> io::Result<Arc<dyn Socket>> {
    Kernel.open(&Opening {
        local: local.parse().unwrap(),
        socket,
        only_v6: false,
        is_shared: false,
        groups: &[],
        multicast: MULTICAST,
    })
}

async fn send(socket: &Arc<dyn Socket>, bytes: &[u8], to: SocketAddr, from: Option<From>) {
    poll_fn(|cx| socket.poll_send(cx, bytes, to, from))
        .await
        .unwrap();
}

async fn receive(socket: &Arc<dyn Socket>, buffer: &mut [u8]) -> Received {
    poll_fn(|cx| socket.poll_receive(cx, buffer)).await.unwrap()
}

#[tokio::test]
async fn a_datagram_goes_there_and_back() {
    for local in ["127.0.0.1:0", "[::1]:0"] {
        let options = SocketOptions::new();
        let server = open(local, &options).unwrap();
        let client = open(local, &options).unwrap();
        let mut buffer = [0; 100];
        send(&client, b"asked", server.local().unwrap(), None).await;
        let asked = receive(&server, &mut buffer).await;
        assert_eq!(&buffer[..asked.length], b"asked");
        assert_eq!(asked.source, client.local().unwrap());
        assert!(!asked.is_truncated);
        send(&server, b"answer", asked.source, None).await;
        let answer = receive(&client, &mut buffer).await;
        assert_eq!(&buffer[..answer.length], b"answer");
    }
}

#[tokio::test]
async fn what_is_there_is_received_though_the_runtime_has_not_noticed() {
    let options = SocketOptions::new();
    let server = open("127.0.0.1:0", &options).unwrap();
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut buffer = [0; 100];
    assert!(server.receive_now(&mut buffer).is_none());
    for count in 0..200_u8 {
        sender.send_to(&[count], server.local().unwrap()).unwrap();
    }
    if packet::KNOWN {
        for count in 0..200 {
            let received = server.receive_now(&mut buffer).unwrap();
            assert_eq!((received.length, buffer[0]), (1, count));
        }
        assert!(server.receive_now(&mut buffer).is_none());
    }
}

#[tokio::test]
async fn what_is_longer_than_the_buffer_is_told_apart() {
    let options = SocketOptions::new();
    let server = open("127.0.0.1:0", &options).unwrap();
    let client = open("127.0.0.1:0", &options).unwrap();
    for (bytes, is_truncated) in [
        (vec![b'x'; 9], true),
        (vec![b'x'; 8], false),
        (vec![], false),
    ] {
        send(&client, &bytes, server.local().unwrap(), None).await;
        let received = receive(&server, &mut [0; 8]).await;
        assert_eq!(received.is_truncated, is_truncated && packet::KNOWN);
        assert_eq!(received.length, bytes.len().min(8));
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[tokio::test]
async fn a_server_on_all_addresses_knows_which_was_asked_and_answers_from_it() {
    let options = SocketOptions::new();
    for local in ["0.0.0.0:0", "[::]:0"] {
        let server = open(local, &options).unwrap();
        let client = open("127.0.0.1:0", &options).unwrap();
        let asked = SocketAddr::from(([127, 0, 0, 2], server.local().unwrap().port()));
        let mut buffer = [0; 100];
        send(&client, b"asked", asked, None).await;
        let received = receive(&server, &mut buffer).await;
        let destination = received.destination.unwrap();
        assert_eq!(destination.address, asked.ip());
        assert!(destination.interface > 0);
        assert_eq!(received.source, client.local().unwrap());
        let from = From {
            address: Some(destination.address),
            interface: 0,
        };
        send(&server, b"answer", received.source, Some(from)).await;
        assert_eq!(receive(&client, &mut buffer).await.source, asked);
    }
}

/// On IPv4 alone: no datagram of IPv6 goes to a group over a loopback interface.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[tokio::test]
async fn a_group_is_joined_on_the_interface_named() {
    let there = interfaces().unwrap();
    let of = ["127.0.0.1".to_owned()];
    let loopback = crate::udp::interfaces::indexes(&of, &there).unwrap();
    let group = IpAddr::from([239, 255, 77, 1]);
    let options = SocketOptions::new();
    let shared = |port: u16, groups: &[(IpAddr, Vec<u32>)]| {
        let opening = Opening {
            local: SocketAddr::from(([0, 0, 0, 0], port)),
            socket: &options,
            only_v6: false,
            is_shared: true,
            groups,
            multicast: MULTICAST,
        };
        Kernel.open(&opening).unwrap()
    };
    let member = shared(0, &[(group, loopback.clone())]);
    let to = SocketAddr::new(group, member.local().unwrap().port());
    let stranger = shared(to.port(), &[]);
    let client = open("127.0.0.1:0", &options).unwrap();
    let from = From {
        address: None,
        interface: loopback[0],
    };
    send(&client, b"all", to, Some(from)).await;
    let mut buffer = [0; 100];
    let received = receive(&member, &mut buffer).await;
    let expected = Destination::new(group, loopback[0]);
    assert_eq!(received.destination, Some(expected));
    assert_eq!(received.source.port(), client.local().unwrap().port());
    let only = SocketAddr::from(([127, 0, 0, 1], to.port()));
    send(&client, b"one", only, None).await;
    let first = receive(&stranger, &mut buffer).await;
    assert_eq!(&buffer[..first.length], b"one", "only what it has joined");
}

#[tokio::test]
async fn a_second_server_on_a_port_is_refused() {
    let options = SocketOptions::new();
    let first = open("127.0.0.1:0", &options).unwrap();
    let local = first.local().unwrap();
    let error = open(&local.to_string(), &options).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("another socket has {local}: end it or take another port")
    );
}

#[tokio::test]
async fn errors_name_what_is_not_there() {
    let options = SocketOptions::new();
    let error = open("192.0.2.99:0", &options).unwrap_err().to_string();
    assert_eq!(
        error,
        "no network interface of this machine has the address 192.0.2.99"
    );
    let nowhere = options.interface("none-such");
    let error = open("127.0.0.1:0", &nowhere).unwrap_err().to_string();
    assert!(error.contains("none-such"), "{error}");
}

#[test]
fn a_group_that_cannot_be_joined_is_told_with_its_remedy() {
    let error = not_joined([239, 1, 1, 1].into(), 0, io::Error::other("No such device"));
    assert_eq!(
        error.to_string(),
        "the group 239.1.1.1 cannot be joined on the network interface that the kernel chose: No such device; \
         name those to join it on by UdpOptions::interfaces"
    );
}

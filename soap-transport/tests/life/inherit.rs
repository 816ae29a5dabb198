//! Servers on sockets that listened before them.

use std::net::TcpListener;

use soap_core::{SocketOptions, transport::TransportError};
use soap_transport::{Inherited, Running, Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    fake::{Fake, PATIENCE},
    ways::{WAYS, Way, call, connect},
};

fn server() -> Server {
    Server::new(Fake::echo().dispatch_as())
}

async fn serve(way: Way, socket: &TcpListener) -> Running {
    let url = way.url(&socket.local_addr().unwrap().to_string());
    let inherited = Inherited::new([socket.try_clone().unwrap()]);
    let running = server()
        .bind(&url)
        .inherit(inherited)
        .start()
        .await
        .unwrap();
    assert_eq!(running.urls()[0].trim_end_matches('/'), url);
    running
}

#[tokio::test]
async fn who_connects_between_two_servers_waits_for_the_second() {
    for way in WAYS {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let first = serve(way, &socket).await;
        let mut kept = connect(&first).await;
        call(&mut kept, way).await;
        first.stop(PATIENCE).await.unwrap();
        assert_eq!(kept.read(&mut [0]).await.unwrap(), 0);

        let address = socket.local_addr().unwrap();
        let mut waiting = TcpStream::connect(address).await.unwrap();
        waiting.write_all((way.request)().as_bytes()).await.unwrap();
        let second = serve(way, &socket).await;
        let answer = timeout(PATIENCE, waiting.read(&mut [0])).await;
        assert_eq!(answer.unwrap().unwrap(), 1);
        drop(waiting);
        second.stop(PATIENCE).await.unwrap();
    }
}

/// The one that stops must not take what comes for the other.
#[tokio::test]
async fn a_server_that_stops_leaves_what_waits_to_the_other() {
    for way in WAYS {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let old = serve(way, &socket).await;
        let stopped = old.monitor();
        let stopping = old.stop(PATIENCE);
        // Connected before the server has run again: they lie in the backlog when it stops.
        let address = socket.local_addr().unwrap();
        let clients: Vec<_> = (0..20)
            .map(|_| std::net::TcpStream::connect(address).unwrap())
            .collect();
        stopping.await.unwrap();
        assert_eq!(stopped.counters().accepted, 0);
        let new = serve(way, &socket).await;
        for client in clients {
            client.set_nonblocking(true).unwrap();
            call(&mut TcpStream::from_std(client).unwrap(), way).await;
        }
        assert_eq!(new.counters().accepted, 20);
        new.stop(PATIENCE).await.unwrap();
    }
}

#[tokio::test]
async fn urls_without_a_socket_are_bound() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let running = server()
        .bind("soap.tcp://127.0.0.1:0")
        .bind(format!("http://{address}/calc"))
        .inherit(Inherited::new([socket]))
        // What concerns an unbound socket is left as it is.
        .socket(
            SocketOptions::new()
                .reuse_port(cfg!(unix))
                .receive_buffer(65536),
        )
        .start()
        .await
        .unwrap();
    let [tcp, http] = running.urls() else {
        panic!("two URLs");
    };
    assert_eq!(http, &format!("http://{address}/calc"));
    assert_ne!(tcp, "soap.tcp://127.0.0.1:0");
    let mut stream = TcpStream::connect(address).await.unwrap();
    call(&mut stream, WAYS[0]).await;
    drop(stream);
    running.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn an_unspecified_host_takes_the_socket_of_any_address() {
    let Ok(socket) = TcpListener::bind("[::]:0") else {
        eprintln!("skipped: no IPv6 here");
        return;
    };
    let port = socket.local_addr().unwrap().port();
    let running = server()
        .bind(format!("http://0.0.0.0:{port}/calc"))
        .inherit(Inherited::new([socket]))
        .start()
        .await
        .unwrap();
    assert_eq!(running.urls()[0], format!("http://0.0.0.0:{port}/calc"));
    running.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_socket_that_no_url_takes_is_named() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let start = async |url: &str| -> TransportError {
        let inherited = Inherited::new([socket.try_clone().unwrap()]);
        let started = server().bind(url).inherit(inherited).start().await;
        started.map(|_| ()).unwrap_err()
    };
    let error = start("http://127.0.0.1:0/calc").await;
    assert!(error.is_config());
    let text = error.to_string();
    let begin = format!(
        "the inherited socket {address} is that of none of the URLs that are bound: http://127.0.0.1:"
    );
    assert!(text.starts_with(&begin), "{text}");
}

#[test]
fn nothing_announced_is_nothing_inherited() {
    assert!(Inherited::from_env().unwrap().addresses().is_empty());
}

/// `ListenStream=9000` of systemd makes a socket of all addresses, which is not that of `127.0.0.1:9000`.
#[tokio::test]
async fn an_inherited_socket_of_another_address_is_named_where_the_port_is_taken() {
    let socket = TcpListener::bind("0.0.0.0:0").unwrap();
    let address = socket.local_addr().unwrap();
    let url = format!("soap.tcp://127.0.0.1:{}", address.port());
    let server = server().bind(url).inherit(Inherited::new([socket]));
    let error = server.start().await.unwrap_err().to_string();
    let named =
        format!("; the inherited sockets listen on {address}: the URL must have that very address");
    assert!(error.ends_with(&named), "{error}");
}

#[tokio::test]
async fn two_urls_of_a_server_on_one_port_are_told_of_mount() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let server = server()
        .bind(format!("http://{address}/a"))
        .bind(format!("http://{address}/b"))
        .inherit(Inherited::new([socket]));
    let error = server.start().await.unwrap_err();
    assert!(error.is_config());
    let named = "another service on that port is mounted, by Server::mount";
    assert!(error.to_string().ends_with(named), "{error}");
}

/// Where a port has one service, there is nothing to mount.
#[tokio::test]
async fn two_urls_of_a_server_on_one_port_without_paths_are_told_to_part() {
    for (one, other, path) in [
        ("soap.tcp", "soap.tcp", ""),
        ("http", "soap.tcp", ""),
        #[cfg(feature = "udp")]
        ("soap.udp", "soap.udp", "/a"),
    ] {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let mut server = server()
            .bind(format!("{one}://{address}{path}"))
            .bind(format!("{other}://{address}"));
        if one != "soap.udp" {
            server = server.inherit(Inherited::new([socket]));
        }
        let error = server.start().await.unwrap_err();
        assert!(error.is_config());
        let named = "one service has a port there, whatever the path: take another port";
        assert!(error.to_string().ends_with(named), "{error}");
    }
}

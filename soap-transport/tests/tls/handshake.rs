//! Handshakes that succeed, and how streams end.

use std::{io, net::Ipv4Addr};

use soap_core::transport::TransportError;
use soap_transport::tls::{Alpn, ClientTls, ServerTls, TlsVersion};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    net::{TcpListener, TcpStream},
};

use super::{
    authority::Authority,
    peers::{
        HOST, TIME, client_of, greet, meet, meet_as, meet_client, meet_server, provider,
        read_greeting, server_of,
    },
};

#[tokio::test(start_paused = true)]
async fn the_two_sides_meet_and_know_each_other() {
    let authority = Authority::new("ours");
    let issued = authority.issue(&[HOST]);
    let server = ServerTls::new(issued.identity());
    let client = ClientTls::new().roots(authority.roots());
    let (server, client) = meet(&server, &client).await;
    let (server, client) = (server.unwrap(), client.unwrap());
    assert_eq!(server.version(), TlsVersion::Tls13);
    assert_eq!(client.version(), TlsVersion::Tls13);
    assert_eq!(
        client
            .certificates()
            .iter()
            .map(|c| c.to_vec())
            .collect::<Vec<_>>(),
        [issued.der]
    );
    assert!(server.certificates().is_empty());
    assert_eq!((server.alpn(), client.alpn()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn tls_1_2_is_spoken_with_those_who_know_no_better() {
    let authority = Authority::new("ours");
    let issued = authority.issue(&[HOST]);
    let version = &rustls::version::TLS12;
    let peer = client_of(version, provider(), &authority, None);
    let met = meet_client(&ServerTls::new(issued.identity()), &peer).await;
    assert_eq!(met.unwrap().version(), TlsVersion::Tls12);
    let peer = server_of(version, provider(), &issued, None);
    let met = meet_server(&peer, &ClientTls::new().roots(authority.roots())).await;
    assert_eq!(met.unwrap().version(), TlsVersion::Tls12);
}

#[tokio::test(start_paused = true)]
async fn addresses_stand_in_certificates_too() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&["127.0.0.1", "::1"]).identity());
    let client = ClientTls::new().roots(authority.roots());
    for host in ["127.0.0.1", "::1", "[::1]"] {
        let (server, client) = meet_as(&server, &client, host).await;
        assert!(server.is_ok() && client.is_ok(), "{host}: {client:?}");
    }
}

#[tokio::test]
async fn a_connection_over_tcp() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&["127.0.0.1"]).identity());
    let client = ClientTls::new().roots(authority.roots());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (io, _) = listener.accept().await.unwrap();
        let mut stream = server.accept(io, Alpn::Http1, TIME).await.unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        stream.write_all(&read).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    let io = TcpStream::connect(address).await.unwrap();
    let mut stream = client
        .connect("127.0.0.1", io, Alpn::Http1, TIME)
        .await
        .unwrap();
    assert_eq!(stream.get_ref().peer_addr().unwrap(), address);
    let sent = vec![b'x'; 1 << 20];
    stream.write_all(&sent).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await.unwrap();
    assert!(read == sent);
    serving.await.unwrap();
}

async fn agree(
    server: Alpn,
    client: Alpn,
) -> (
    Result<Option<Vec<u8>>, String>,
    Result<Option<Vec<u8>>, String>,
) {
    let authority = Authority::new("ours");
    let tls = ServerTls::new(authority.issue(&[HOST]).identity());
    let ours = ClientTls::new().roots(authority.roots());
    let (near, far) = duplex(1 << 16);
    let (accepted, connected) = tokio::join!(
        greet(tls.accept(far, server, TIME)),
        read_greeting(ours.connect(HOST, near, client, TIME)),
    );
    let told = |error: TransportError| error.to_string();
    (
        accepted.map(|s| s.alpn().map(<[u8]>::to_vec)).map_err(told),
        connected
            .map(|s| s.alpn().map(<[u8]>::to_vec))
            .map_err(told),
    )
}

#[tokio::test(start_paused = true)]
async fn https_agrees_on_http_1_1_and_streams_on_nothing() {
    let http = Ok(Some(b"http/1.1".to_vec()));
    assert_eq!(agree(Alpn::Http1, Alpn::Http1).await, (http.clone(), http));
    for (server, client) in [
        (Alpn::None, Alpn::None),
        (Alpn::Http1, Alpn::None),
        (Alpn::None, Alpn::Http1),
    ] {
        assert_eq!(agree(server, client).await, (Ok(None), Ok(None)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_without_close_notify_is_cut_off() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&[HOST]).identity());
    let client = ClientTls::new().roots(authority.roots());
    let (accepted, connected) = meet(&server, &client).await;
    drop(accepted);
    let error = connected.unwrap().read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(
        error.to_string(),
        "calc.example ended the connection without close_notify: what it sent last may be cut off"
    );
    let (accepted, connected) = meet(&server, &client).await;
    drop(connected);
    let error = accepted.unwrap().read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(
        soap_transport::tls::explain(&error),
        Some(
            "the client ended the connection without close_notify: what it sent last may be cut off"
        )
    );
}

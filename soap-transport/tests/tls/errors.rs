//! Handshakes that fail, each with a text of its own.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use rustls::{CipherSuite, version};
use soap_core::transport::TransportError;
use soap_transport::tls::{Alpn, ClientTls, Roots, ServerTls, TlsVersion};
use std::error::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::{
    authority::Authority,
    peers::{
        HOST, TIME, client_of, meet, meet_as, meet_client, meet_server, only, provider, server_of,
        text,
    },
};

/// What the client of a server with such a certificate is told.
async fn told(change: impl FnOnce(&mut CertificateParams)) -> String {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue_with(&[HOST], change).identity());
    let client = ClientTls::new().roots(authority.roots());
    text(meet(&server, &client).await.1)
}

#[tokio::test(start_paused = true)]
async fn unknown_authority() {
    let server = ServerTls::new(Authority::new("theirs").issue(&[HOST]).identity());
    let client = ClientTls::new().roots(Authority::new("ours").roots());
    let (accepted, connected) = meet(&server, &client).await;
    let error = connected.unwrap_err();
    assert!(error.is_connect() && !error.is_ambiguous());
    assert_eq!(
        error.to_string(),
        "the certificate of calc.example is signed by an authority that is not among the roots: add that authority by \
         Roots::from_pem_file to ClientTls::roots, or let the server send its whole chain"
    );
    let source = error.source().unwrap().downcast_ref::<rustls::Error>();
    assert!(matches!(source, Some(rustls::Error::InvalidCertificate(_))));
    assert_eq!(
        text(accepted),
        "the client refused our certificate, whose authority it does not know: give the client that authority, or this \
         server the whole chain"
    );
}

#[tokio::test(start_paused = true)]
async fn unknown_authority_beside_the_platform() {
    let server = ServerTls::new(Authority::new("theirs").issue(&[HOST]).identity());
    let roots = Authority::new("ours").roots().and_platform();
    let text = text(meet(&server, &ClientTls::new().roots(roots)).await.1);
    assert!(text.contains("is not among the roots"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn own_roots_beside_those_of_the_platform() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&[HOST]).identity());
    let client = ClientTls::new().roots(authority.roots().and_platform());
    assert!(meet(&server, &client).await.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn expired_and_not_yet_valid() {
    let expired = told(|params| params.not_after = date_time_ymd(2001, 2, 3)).await;
    assert!(
        expired.starts_with(
            "the certificate of calc.example expired on 2001-02-03T00:00:00Z (now it is 20"
        ),
        "{expired}"
    );
    let early = told(|params| params.not_before = date_time_ymd(3001, 2, 3)).await;
    assert!(
        early.starts_with(
            "the certificate of calc.example is valid from 3001-02-03T00:00:00Z on (now it is 20"
        ),
        "{early}"
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_name() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(
        authority
            .issue(&["a.example", "*.b.example", "127.0.0.2"])
            .identity(),
    );
    let client = ClientTls::new().roots(authority.roots());
    assert_eq!(
        text(meet(&server, &client).await.1),
        "the certificate of calc.example is not for that name but for a.example, *.b.example, 127.0.0.2"
    );
    let by_address = text(meet_as(&server, &client, "127.0.0.1").await.1);
    assert!(
        by_address
            .starts_with("the certificate of 127.0.0.1 is not for that name but for a.example"),
        "{by_address}"
    );
    assert!(meet_as(&server, &client, "x.b.example").await.1.is_ok());
    let error = meet_as(&server, &client, "no host").await.1.unwrap_err();
    assert!(error.is_config());
    assert_eq!(
        error.to_string(),
        "\"no host\" is not a name that a certificate can be for"
    );
}

#[tokio::test(start_paused = true)]
async fn an_authority_as_a_server() {
    let text = told(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)).await;
    assert!(
        text.ends_with("make one with basicConstraints=CA:FALSE"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_certificate_for_another_purpose() {
    let text =
        told(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]).await;
    assert_eq!(
        text,
        "the certificate of calc.example is not made for this purpose: it lacks the extended key usage serverAuth"
    );
}

/// A client, and what a server does that speaks no TLS.
async fn answered(bytes: &[u8]) -> TransportError {
    let client = ClientTls::new().roots(Authority::new("ours").roots());
    let (near, mut far) = duplex(1 << 16);
    let answering = async {
        assert!(far.read(&mut [0; 4096]).await.unwrap() > 0);
        far.write_all(bytes).await.unwrap();
        drop(far);
    };
    let connecting = client.connect(HOST, near, Alpn::Http1, TIME);
    tokio::join!(connecting, answering).0.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_speaks_no_tls() {
    for plain in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"<?xml version='1.0'?>",
    ] {
        let error = answered(plain).await;
        assert!(error.is_connect());
        assert_eq!(
            error.to_string(),
            "calc.example does not speak TLS on this port: what it sent may be plain text, as of http: or soap.tcp:"
        );
    }
    assert_eq!(
        answered(b"").await.to_string(),
        "calc.example ended the connection in the TLS handshake: it may not speak TLS on this port"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_speaks_no_tls() {
    let server = ServerTls::new(Authority::new("ours").issue(&[HOST]).identity());
    for plain in [&b"POST / HTTP/1.1\r\n\r\n"[..], b"<?xml version='1.0'?>"] {
        let (mut near, far) = duplex(1 << 16);
        near.write_all(plain).await.unwrap();
        near.shutdown().await.unwrap();
        let error = server.accept(far, Alpn::Http1, TIME).await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the client does not speak TLS: its URL"),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn silent_peers() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&[HOST]).identity());
    let client = ClientTls::new().roots(authority.roots());
    let start = tokio::time::Instant::now();
    let (_near, far) = duplex(1 << 16);
    let error = server.accept(far, Alpn::None, TIME).await.unwrap_err();
    assert_eq!(error.timed_out(), Some(TIME));
    assert_eq!(
        error.to_string(),
        "the TLS handshake with the client did not end within 10s"
    );
    let (near, _far) = duplex(1 << 16);
    let error = client
        .connect(HOST, near, Alpn::None, TIME)
        .await
        .unwrap_err();
    assert_eq!(error.timed_out(), Some(TIME));
    assert_eq!(
        error.to_string(),
        "the TLS handshake with calc.example did not end within 10s"
    );
    assert!(!error.is_ambiguous());
    assert_eq!(start.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_refused_client_is_not_listened_to_for_long() {
    let server = ServerTls::new(Authority::new("ours").issue(&[HOST]).identity());
    let (mut near, far) = duplex(1 << 16);
    near.write_all(b"no TLS at all").await.unwrap();
    let start = tokio::time::Instant::now();
    let accepting = server.accept(far, Alpn::None, Duration::MAX).await;
    assert!(accepting.is_err());
    assert_eq!(start.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn versions_that_are_too_old() {
    let authority = Authority::new("ours");
    let issued = authority.issue(&[HOST]);
    let server = ServerTls::new(issued.identity()).min_version(TlsVersion::Tls13);
    let peer = client_of(&version::TLS12, provider(), &authority, None);
    assert_eq!(
        text(meet_client(&server, &peer).await),
        "the client speaks no version of TLS that is allowed here, which is TLS 1.3 only"
    );
    let client = ClientTls::new()
        .roots(authority.roots())
        .min_version(TlsVersion::Tls13);
    let peer = server_of(&version::TLS12, provider(), &issued, None);
    assert_eq!(
        text(meet_server(&peer, &client).await),
        "calc.example speaks no version of TLS that is allowed here, which is TLS 1.3 only"
    );
}

#[tokio::test(start_paused = true)]
async fn no_cipher_in_common() {
    let authority = Authority::new("ours");
    let issued = authority.issue(&[HOST]);
    // The keys of our certificates are elliptic.
    let rsa = only(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
    let peer = client_of(&version::TLS12, rsa.clone(), &authority, None);
    let server = ServerTls::new(issued.identity());
    assert_eq!(
        text(meet_client(&server, &peer).await),
        "no cipher in common with the client"
    );
    let peer = server_of(&version::TLS12, rsa, &issued, None);
    let client = ClientTls::new().roots(authority.roots());
    assert_eq!(
        text(meet_server(&peer, &client).await),
        "calc.example refused the handshake: it demands a client certificate, which ClientTls::identity gives, or there is \
         no cipher or key exchange in common"
    );
    let client = client.identity(authority.issue(&[]).identity());
    assert_eq!(
        text(meet_server(&peer, &client).await),
        "calc.example refused the handshake: no cipher or key exchange in common"
    );
}

#[tokio::test(start_paused = true)]
async fn no_protocol_in_common() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&[HOST]).identity());
    let peer = client_of(&version::TLS13, provider(), &authority, None);
    let mut config = rustls::ClientConfig::clone(peer.config());
    config.alpn_protocols = vec![b"h2".to_vec()];
    let peer = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let (near, far) = duplex(1 << 16);
    let (accepted, connected) = tokio::join!(
        server.accept(far, Alpn::Http1, TIME),
        peer.connect(HOST.try_into().unwrap(), near),
    );
    assert_eq!(
        accepted.unwrap_err().to_string(),
        "the client offers no protocol (ALPN) that is spoken here, which is http/1.1"
    );
    let error = connected.unwrap_err().to_string();
    assert!(error.contains("NoApplicationProtocol"), "{error}");
}

#[test]
fn explanations_are_found_within_other_errors_and_nowhere_else() {
    let plain = TransportError::lost("broke", true).caused_by(std::io::Error::other("cable"));
    assert_eq!(soap_transport::tls::explain(&plain), None);
    assert_eq!(
        soap_transport::tls::explain(&std::io::Error::other("cable")),
        None
    );
}

#[test]
fn roots_of_the_platform_need_no_files_of_ours() {
    let text = format!("{:?}", Roots::default());
    assert!(text.contains("platform: true"), "{text}");
}

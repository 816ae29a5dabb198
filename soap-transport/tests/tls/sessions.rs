//! Sessions that are resumed, and those that must not be.

use rustls::version;
use soap_transport::tls::{ClientCertificates, ClientTls, ServerTls, TlsStream, TlsVersion};
use tokio::io::DuplexStream;

use super::{
    authority::Authority,
    peers::{HOST, Met, client_of, meet, meet_client, provider},
};

fn resumed((server, client): (Met, Met)) -> bool {
    let is_resumed = |met: Met| {
        met.as_ref()
            .is_ok_and(TlsStream::<DuplexStream>::is_resumed)
    };
    let server = is_resumed(server);
    assert_eq!(is_resumed(client), server);
    server
}

#[tokio::test(start_paused = true)]
async fn the_next_connection_resumes_the_session() {
    let authority = Authority::new("ours");
    let me = authority.issue(&["me"]);
    let server = ServerTls::new(authority.issue(&[HOST]).identity())
        .client_certificates(ClientCertificates::Required(authority.roots()));
    let client = ClientTls::new()
        .roots(authority.roots())
        .identity(me.identity());
    assert!(!resumed(meet(&server, &client).await));
    let (accepted, connected) = meet(&server.clone(), &client.clone()).await;
    // Who the client is stays known.
    assert_eq!(accepted.as_ref().unwrap().certificates()[0], me.der);
    assert!(resumed((accepted, connected)));
}

#[tokio::test(start_paused = true)]
async fn also_in_tls_1_2() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&[HOST]).identity());
    let peer = client_of(&version::TLS12, provider(), &authority, None);
    assert!(!meet_client(&server, &peer).await.unwrap().is_resumed());
    assert!(meet_client(&server, &peer).await.unwrap().is_resumed());
}

#[tokio::test(start_paused = true)]
async fn other_choices_begin_anew() {
    let authority = Authority::new("ours");
    let server = ServerTls::new(authority.issue(&[HOST]).identity());
    let client = ClientTls::new().roots(authority.roots());
    assert!(!resumed(meet(&server, &client).await));
    assert!(resumed(meet(&server, &client).await));
    assert!(!resumed(
        meet(&server, &client.clone().min_version(TlsVersion::Tls13)).await
    ));
    // A server that demands certificates takes no session of the time when it did not.
    let strict = server.client_certificates(ClientCertificates::Required(authority.roots()));
    let (accepted, connected) = meet(&strict, &client).await;
    assert!(accepted.is_err() && connected.is_err());
}

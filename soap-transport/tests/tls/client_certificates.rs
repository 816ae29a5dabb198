//! Client certificates off, optional and required, in both versions of TLS.

use rustls::version;
use soap_transport::tls::{ClientCertificates, ClientTls, Identity, Roots, ServerTls, TlsVersion};

use super::{
    authority::Authority,
    peers::{HOST, client_of, meet, meet_client, meet_server, provider, server_of, text},
};

const DEMANDS: &str =
    "calc.example demands a client certificate: give one with ClientTls::identity";

fn server(authority: &Authority, certificates: ClientCertificates) -> ServerTls {
    ServerTls::new(authority.issue(&[HOST]).identity()).client_certificates(certificates)
}

fn chain(stream: &soap_transport::tls::TlsStream<tokio::io::DuplexStream>) -> Vec<Vec<u8>> {
    stream.certificates().iter().map(|c| c.to_vec()).collect()
}

#[tokio::test(start_paused = true)]
async fn off_asks_for_none() {
    let authority = Authority::new("ours");
    let client = ClientTls::new()
        .roots(authority.roots())
        .identity(authority.issue(&["me"]).identity());
    let accepted = meet(&server(&authority, ClientCertificates::Off), &client)
        .await
        .0;
    assert!(accepted.unwrap().certificates().is_empty());
}

#[tokio::test(start_paused = true)]
async fn optional_takes_those_without_and_refuses_wrong_ones() {
    let authority = Authority::new("ours");
    let server = server(&authority, ClientCertificates::Optional(authority.roots()));
    let client = ClientTls::new().roots(authority.roots());
    let (accepted, connected) = meet(&server, &client).await;
    assert!(accepted.unwrap().certificates().is_empty() && connected.is_ok());

    let me = authority.issue(&["me"]);
    let (accepted, _) = meet(&server, &client.clone().identity(me.identity())).await;
    assert_eq!(chain(&accepted.unwrap()), [me.der]);

    let stranger = Authority::new("theirs").issue(&["me"]).identity();
    let (accepted, connected) = meet(&server, &client.identity(stranger)).await;
    assert_eq!(
        text(accepted),
        "the certificate of the client is signed by an authority that is not among those of ClientCertificates"
    );
    assert_eq!(
        text(connected),
        "calc.example refused our client certificate: its authority is none that calc.example trusts; the peer may have \
         processed the request"
    );
}

#[tokio::test(start_paused = true)]
async fn required_refuses_those_without() {
    let authority = Authority::new("ours");
    let server = server(&authority, ClientCertificates::Required(authority.roots()));
    let client = ClientTls::new().roots(authority.roots());
    let (accepted, connected) = meet(&server, &client).await;
    assert_eq!(
        text(accepted),
        "the client sent no certificate, and one is required"
    );
    assert_eq!(
        text(connected),
        format!("{DEMANDS}; the peer may have processed the request")
    );
    let me = authority.issue(&["me"]);
    let (accepted, connected) = meet(&server, &client.identity(me.identity())).await;
    assert_eq!(chain(&accepted.unwrap()), [me.der]);
    assert_eq!(connected.unwrap().version(), TlsVersion::Tls13);
}

#[tokio::test(start_paused = true)]
async fn required_in_tls_1_2() {
    let authority = Authority::new("ours");
    let me = authority.issue(&["me"]);
    let ours = server(&authority, ClientCertificates::Required(authority.roots()));
    let without = client_of(&version::TLS12, provider(), &authority, None);
    assert_eq!(
        text(meet_client(&ours, &without).await),
        "the client sent no certificate, and one is required"
    );
    let with = client_of(&version::TLS12, provider(), &authority, Some(&me));
    let accepted = meet_client(&ours, &with).await.unwrap();
    assert_eq!(
        (accepted.version(), chain(&accepted)),
        (TlsVersion::Tls12, vec![me.der.clone()])
    );

    let theirs = server_of(
        &version::TLS12,
        provider(),
        &authority.issue(&[HOST]),
        Some(&authority),
    );
    let client = ClientTls::new().roots(authority.roots());
    let error = meet_server(&theirs, &client).await.unwrap_err();
    assert!(error.is_connect());
    assert_eq!(error.to_string(), DEMANDS);
    assert!(
        meet_server(&theirs, &client.identity(me.identity()))
            .await
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn optional_in_tls_1_2() {
    let authority = Authority::new("ours");
    let ours = server(&authority, ClientCertificates::Optional(authority.roots()));
    let without = client_of(&version::TLS12, provider(), &authority, None);
    assert!(
        meet_client(&ours, &without)
            .await
            .unwrap()
            .certificates()
            .is_empty()
    );
    let stranger = Authority::new("theirs").issue(&["me"]);
    let with = client_of(&version::TLS12, provider(), &authority, Some(&stranger));
    assert!(
        text(meet_client(&ours, &with).await).contains("not among those of ClientCertificates")
    );
}

#[tokio::test(start_paused = true)]
async fn the_chain_of_the_client_comes_whole() {
    let authority = Authority::new("ours");
    let me = authority.issue(&["me"]);
    let identity = Identity::from_pem(
        format!("{}{}", me.pem, authority.pem()),
        me.key.serialize_pem(),
    );
    let server = server(&authority, ClientCertificates::Required(authority.roots()));
    let client = ClientTls::new()
        .roots(authority.roots())
        .identity(identity.unwrap());
    let accepted = meet(&server, &client).await.0.unwrap();
    assert_eq!(chain(&accepted), [me.der, authority.der()]);
}

#[test]
fn those_of_the_platform_are_no_authorities_of_clients() {
    let authority = Authority::new("ours");
    for roots in [Roots::platform(), authority.roots().and_platform()] {
        let error = server(&authority, ClientCertificates::Required(roots))
            .check()
            .unwrap_err();
        assert!(error.is_config());
        assert!(
            error
                .to_string()
                .starts_with("client certificates need roots of their own"),
            "{error}"
        );
    }
}

//! What can be chosen, and what is refused before any handshake.

use rcgen::date_time_ymd;
use soap_core::Options;
use soap_transport::tls::{ClientCertificates, ClientTls, Identity, Roots, ServerTls};

use super::{
    authority::Authority,
    peers::{HOST, meet, text},
};

#[test]
fn no_key_shows_in_debug() {
    let authority = Authority::new("ours");
    let issued = authority.issue(&[HOST]);
    let key = issued.key.serialize_der();
    let server = ServerTls::new(issued.identity())
        .client_certificates(ClientCertificates::Optional(authority.roots()));
    let client = ClientTls::new().identity(issued.identity());
    let options = Options::server().with(server.clone()).with(client.clone());
    for text in [
        format!("{server:?}"),
        format!("{client:#?}"),
        format!("{:?}", client.clone().dangerous()),
        format!("{:?}", issued.identity()),
    ] {
        assert!(text.len() < 600, "{text}");
        let numbers: String = text.chars().filter(char::is_ascii_digit).collect();
        let bytes: String = key.iter().take(8).map(u8::to_string).collect();
        assert!(
            !numbers.contains(&bytes) && !text.to_lowercase().contains("private"),
            "{text}"
        );
    }
    assert!(format!("{options:?}").ends_with("[ServerTls, ClientTls] }"));
    assert!(options.get::<ServerTls>().is_some() && options.get::<ClientTls>().is_some());
}

#[tokio::test(start_paused = true)]
async fn any_certificate_is_taken_only_where_that_was_said() {
    let theirs = Authority::new("theirs");
    let issued = theirs.issue_with(&["other.example"], |params| {
        params.not_after = date_time_ymd(2001, 1, 1);
    });
    let server = ServerTls::new(issued.identity());
    let client = ClientTls::new().roots(Authority::new("ours").roots());
    assert!(meet(&server, &client).await.1.is_err());
    let client = client.dangerous().accept_any_certificate();
    let (accepted, connected) = meet(&server, &client).await;
    assert!(accepted.is_ok() && connected.is_ok());
    assert!(format!("{client:?}").contains("trust: AnyCertificate"));
}

#[tokio::test(start_paused = true)]
async fn any_name_is_taken_of_known_authorities_only() {
    let ours = Authority::new("ours");
    let client = ClientTls::new()
        .roots(ours.roots())
        .dangerous()
        .accept_any_name();
    let server = ServerTls::new(ours.issue(&["other.example"]).identity());
    assert!(meet(&server, &client).await.1.is_ok());
    let stranger = ServerTls::new(Authority::new("theirs").issue(&[HOST]).identity());
    assert!(text(meet(&stranger, &client).await.1).contains("not among the roots"));
    let expired = ours.issue_with(&[HOST], |params| {
        params.not_after = date_time_ymd(2001, 1, 1)
    });
    let expired = ServerTls::new(expired.identity());
    assert!(text(meet(&expired, &client).await.1).contains("expired"));

    let error = ClientTls::new()
        .dangerous()
        .accept_any_name()
        .check()
        .unwrap_err();
    assert!(
        error.is_config()
            && error
                .to_string()
                .starts_with("accept_any_name needs roots of its own")
    );
}

#[test]
fn pem_that_cannot_be_used_says_why() {
    let authority = Authority::new("ours");
    let (one, other) = (authority.issue(&[HOST]), authority.issue(&[HOST]));
    let key = one.key.serialize_pem();
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let refused = |certificate: &str, key: &str| {
        let error = Identity::from_pem(certificate, key).unwrap_err();
        assert!(error.is_config());
        error.to_string()
    };
    for (text, expected) in [
        (
            refused("", &key),
            "the certificate holds no certificate in PEM",
        ),
        (
            refused(&key, &key),
            "the certificate holds no certificate in PEM (\"-----BEGIN CERTIFICATE-----\"): it holds PRIVATE KEY: are certificate \
             and key swapped?",
        ),
        (
            refused(&one.pem, &one.pem),
            "the key holds no private key in PEM (\"-----BEGIN PRIVATE KEY-----\"), but CERTIFICATE",
        ),
        (
            refused(&one.pem, &encrypted),
            "the key holds an encrypted key: decrypt it",
        ),
        (
            refused(&other.pem, &key),
            "the key does not belong to the first certificate of the certificate",
        ),
        (
            refused(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                &key,
            ),
            "the certificate is not valid",
        ),
        (
            refused("-----BEGIN CERTIFICATE-----\n\u{7}", &key),
            "the certificate is not valid PEM",
        ),
        (
            refused(
                &one.pem,
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            ),
            "the key cannot be used",
        ),
        (
            Identity::from_der([one.der.clone()], [1, 2, 3])
                .unwrap_err()
                .to_string(),
            "the key is not a private key in DER",
        ),
        (
            Identity::from_der(Vec::<Vec<u8>>::new(), one.key.serialize_der())
                .unwrap_err()
                .to_string(),
            "an identity without a certificate",
        ),
        (
            Roots::from_pem("").unwrap_err().to_string(),
            "the PEM of the roots holds no certificate",
        ),
        (
            Roots::from_der([authority.der(), vec![1, 2, 3]])
                .unwrap_err()
                .to_string(),
            "certificate 2 of the roots is not valid",
        ),
        (
            Roots::from_pem_file("no/such/file.pem")
                .unwrap_err()
                .to_string(),
            "cannot read no/such/file.pem: ",
        ),
    ] {
        assert!(text.starts_with(expected), "{text}");
    }
    // One text may hold both.
    let both = format!("{key}{}", one.pem);
    assert!(Identity::from_pem(&both, &both).is_ok());
}

//! TLS by a configuration: files that stand beside it, and what is told of those that cannot be used.

use std::{fs, path::PathBuf, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use soapstone::{Config, Server, transport::TransportError};

use crate::{
    calls::harness::{
        Calculator,
        contract::{CalcClient, CalcServer},
    },
    parse,
};

/// A folder with an authority (`ca.pem`), and a certificate and key of `127.0.0.1` in one file (`both.pem`).
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let write = |file: &str, text: String| fs::write(folder.join(file), text).expect("a file");
    write("ca.pem", authority.pem());
    write("both.pem", certificate.pem() + &key.serialize_pem());
    folder
}

const FILE: &str = r#"
[server]
bind = ["https://127.0.0.1:0/calc", "soap.tls://127.0.0.1:0"]
tls.certificate = "both.pem"
tls.client_certificates = "required"
tls.client_roots = "ca.pem"

[client.tls]
roots = "ca.pem"
certificate = "both.pem"
min_version = "1.3"
"#;

#[tokio::test]
async fn both_sides_from_files_beside_the_configuration() {
    let file = folder("tls-both").join("calc.toml");
    fs::write(&file, FILE).expect("a file");
    let config = Config::from_file(&file).expect("right");
    let service = CalcServer::new(Calculator::default());
    let server = Server::from_config(service, &config).expect("a server");
    let running = server.start().await.expect("it starts");
    for url in running.urls() {
        let variables = [("SOAPSTONE_CLIENT__URL", url)];
        let config = config.clone().environment(variables).expect("right");
        let calc = CalcClient::from_config(&config).await.expect("a client");
        assert_eq!(
            calc.divide(7.0, 2.0).await.expect("an answer"),
            3.5,
            "{url}"
        );
        // Without a certificate nobody is served.
        let config = config.environment([("SOAPSTONE_CLIENT__TLS__CERTIFICATE", "none")]);
        let calc = CalcClient::from_config(&config.expect("right"))
            .await
            .expect("a client");
        calc.divide(7.0, 2.0).await.expect_err("no certificate");
    }
    running
        .stop(Duration::from_secs(10))
        .await
        .expect("it stops");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_told_at_their_line() {
    let folder = folder("tls-wrong");
    let file = folder.join("calc.toml");
    for (text, told) in [
        (
            "tls.certificate = \"absent.pem\"",
            ":3:19: server.tls.certificate: ",
        ),
        (
            "tls.key = \"both.pem\"",
            ":3:11: server.tls.certificate: there is a key, but no certificate",
        ),
        (
            "tls.min_version = \"1.3\"",
            "server.tls.certificate: a server needs one",
        ),
        (
            "tls.certificate = \"both.pem\"\ntls.client_roots = \"ca.pem\"",
            ":4:20: server.tls.client_roots: nobody is asked: client_certificates is \"off\"",
        ),
        (
            "tls.certificate = \"both.pem\"\ntls.client_certificates = \"required\"",
            "server.tls.client_roots: whose certificates are taken? client_certificates asks for them",
        ),
    ] {
        fs::write(
            &file,
            format!("[server]\nbind = \"https://127.0.0.1:0/\"\n{text}\n"),
        )
        .expect("a file");
        let config = Config::from_file(&file).expect(text);
        let service = CalcServer::new(Calculator::default());
        let error = Server::from_config(service, &config)
            .expect_err(text)
            .to_string();
        let place = file.display().to_string();
        assert!(error.replace(&place, "").starts_with(told), "{error}");
    }
    let text = format!(
        "[client]\nurl = \"https://a/\"\ntls.roots = [\"platform\", {:?}]",
        folder.join("none.pem")
    );
    let config = parse(&text).expect("right");
    let error: TransportError = CalcClient::from_config(&config)
        .await
        .expect_err("no roots");
    assert!(
        error
            .to_string()
            .starts_with("line 3, column 26: client.tls.roots: "),
        "{error}"
    );
}

#[test]
fn tls_needs_a_url_that_has_it() {
    let error =
        parse("[client]\nurl = \"http://a/\"\ntls.min_version = \"1.3\"").expect_err("http");
    assert_eq!(
        error.to_string(),
        "line 3, column 5: client.tls.min_version: http://a/ cannot honour it, only a URL with https, soap.tls can"
    );
}

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
            ":3:1: server.tls.certificate: a server needs one",
        ),
        (
            "tls.certificate = \"both.pem\"\ntls.client_roots = \"ca.pem\"",
            ":4:20: server.tls.client_roots: nobody is asked: client_certificates is \"off\"",
        ),
        (
            "tls.certificate = \"both.pem\"\ntls.client_certificates = \"required\"",
            ":4:27: server.tls.client_roots: whose certificates are taken? client_certificates asks for them",
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

/// TLS may be given by the program as well, so that its lack is found at the start: at the line of the URL, with the key.
#[tokio::test]
async fn a_url_without_a_certificate_is_told_at_its_line() {
    for url in ["https://127.0.0.1:0/", "soap.tls://127.0.0.1:0"] {
        let config = parse(&format!("[server]\nbind = \"{url}\"")).expect("right so far");
        let server = Server::from_config(CalcServer::new(Calculator::default()), &config);
        let error = server.expect("a server").start().await;
        let error = error.expect_err("no certificate").to_string();
        let told = format!("line 2, column 8: server.bind: \"{url}\" needs a certificate: ");
        assert!(error.starts_with(&told), "{error}");
        assert!(
            error.ends_with("the key `certificate` of [server.tls]"),
            "{error}"
        );
    }
}

/// The options of the server are there for URLs that come later, also where the file has only URLs with options of their own.
#[tokio::test]
async fn a_url_that_comes_later_has_the_options_of_the_file() {
    let folder = folder("tls-later");
    let file = folder.join("calc.toml");
    let text = "[server.tls]\ncertificate = \"both.pem\"\n[server.http]\ngzip = false\n";
    let binding = "[[server.binding]]\nurl = \"https://127.0.0.1:0/\"\n";
    fs::write(
        &file,
        format!("{text}{binding}[client.tls]\nroots = \"ca.pem\"\n"),
    )
    .expect("a file");
    let config = Config::from_file(&file).expect("right");
    let server = Server::from_config(CalcServer::new(Calculator::default()), &config);
    // To one that has no place for them they are not given.
    let server = server
        .expect("a server")
        .bind("soap.tls://127.0.0.1:0")
        .bind("soap.tcp://127.0.0.1:0");
    let running = server.start().await.expect("a certificate for both");
    for url in running.urls() {
        let config = config.clone().environment([("SOAPSTONE_CLIENT__URL", url)]);
        let config = match url.starts_with("soap.tcp") {
            true => parse(&format!("[client]\nurl = \"{url}\"")),
            false => config,
        };
        let calc = CalcClient::from_config(&config.expect("right")).await;
        let sum = calc.expect("a client").add(1.0, 2.0).await;
        assert_eq!(sum.expect("an answer"), 3.0, "{url}");
    }
    running
        .stop(Duration::from_secs(10))
        .await
        .expect("it stops");
}

/// A certificate that was replaced on the disk is shown without a restart.
#[tokio::test]
async fn the_certificate_of_a_configured_server_is_reloaded() {
    let folder_before = folder("tls-before");
    let folder_now = folder("tls-now");
    let file = folder_now.join("calc.toml");
    fs::write(
        &file,
        "[server]\nbind = \"https://127.0.0.1:0/\"\n[server.tls]\ncertificate = \"both.pem\"\n\
         [[server.binding]]\nurl = \"soap.tls://127.0.0.1:0\"\n",
    )
    .expect("a file");
    let new = fs::read(folder_now.join("both.pem")).expect("it is there");
    fs::copy(folder_before.join("both.pem"), folder_now.join("both.pem")).expect("the old one");
    let config = Config::from_file(&file).expect("right");
    let server = Server::from_config(CalcServer::new(Calculator::default()), &config);
    let server = server.expect("a server");
    let identities = server.identities();
    let running = server.start().await.expect("it starts");
    let answered = async |url: &str, folder: &PathBuf| {
        let roots = folder.join("ca.pem");
        let text = format!("[client]\nurl = \"{url}\"\ntls.roots = {roots:?}");
        let calc = CalcClient::from_config(&parse(&text).expect("right")).await;
        calc.expect("a client").add(1.0, 2.0).await.is_ok()
    };
    for url in running.urls() {
        assert!(answered(url, &folder_before).await, "{url}");
        assert!(!answered(url, &folder_now).await, "{url}");
    }
    fs::write(folder_now.join("both.pem"), new).expect("the new one");
    for identity in &identities {
        identity.reload().expect("it is right");
    }
    for url in running.urls() {
        assert!(!answered(url, &folder_before).await, "{url}");
        assert!(answered(url, &folder_now).await, "{url}");
    }
    running
        .stop(Duration::from_secs(10))
        .await
        .expect("it stops");
}

/// Each file adds its authorities to those of the others.
#[tokio::test]
async fn several_files_of_roots_are_trusted_together() {
    let folders = [folder("tls-one"), folder("tls-two")];
    let roots = folders.each_ref().map(|folder| folder.join("ca.pem"));
    for folder in &folders {
        let file = folder.join("calc.toml");
        let text = "[server]\nbind = \"https://127.0.0.1:0/\"\ntls.certificate = \"both.pem\"\n";
        fs::write(&file, text).expect("a file");
        let config = Config::from_file(&file).expect("right");
        let server = Server::from_config(CalcServer::new(Calculator::default()), &config);
        let running = server.expect("a server").start().await;
        let running = running.expect("it starts");
        let url = &running.urls()[0];
        let text = format!("[client]\nurl = \"{url}\"\ntls.roots = {roots:?}");
        let calc = CalcClient::from_config(&parse(&text).expect("right")).await;
        let sum = calc.expect("a client").add(1.0, 2.0).await;
        assert_eq!(sum.expect("trusted"), 3.0);
        let stopped = running.stop(Duration::from_secs(10)).await;
        stopped.expect("it stops");
    }
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

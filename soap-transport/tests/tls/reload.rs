//! Certificates replaced while in use.

use std::{fs, path::PathBuf};

use soap_transport::tls::{ClientCertificates, ClientTls, Identity, ServerTls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    authority::{Authority, Issued},
    peers::{HOST, meet},
};

struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn certificate(&self) -> PathBuf {
        self.0.join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }

    fn write(&self, issued: &Issued) {
        fs::write(self.certificate(), &issued.pem).unwrap();
        fs::write(self.key(), issued.key.serialize_pem()).unwrap();
    }

    fn identity(&self) -> Identity {
        Identity::from_pem_files(self.certificate(), self.key()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_shows_the_new_certificate_and_open_connections_go_on() {
    let authority = Authority::new("ours");
    let (old, new) = (authority.issue(&[HOST]), authority.issue(&[HOST]));
    let files = Files::new("reload_server");
    files.write(&old);
    let identity = files.identity();
    let server = ServerTls::new(identity.clone());
    let client = ClientTls::new().roots(authority.roots());

    let (open, connected) = meet(&server, &client).await;
    let (mut open, mut connected) = (open.unwrap(), connected.unwrap());
    assert_eq!(connected.certificates()[0], old.der);

    files.write(&new);
    assert_eq!(
        meet(&server, &client).await.1.unwrap().certificates()[0],
        old.der
    );
    identity.reload().unwrap();
    // The same client: the session it could resume was under the old certificate.
    let later = meet(&server.clone(), &client).await.1.unwrap();
    assert_eq!(later.certificates()[0], new.der);

    connected.write_all(b"still here").await.unwrap();
    connected.shutdown().await.unwrap();
    let mut read = String::new();
    open.read_to_string(&mut read).await.unwrap();
    assert_eq!(read, "still here");
}

#[tokio::test(start_paused = true)]
async fn a_broken_file_keeps_the_old_certificate() {
    let authority = Authority::new("ours");
    let (old, new) = (authority.issue(&[HOST]), authority.issue(&[HOST]));
    let files = Files::new("reload_broken");
    files.write(&old);
    let identity = files.identity();
    let server = ServerTls::new(identity.clone());
    let client = ClientTls::new().roots(authority.roots());

    fs::write(files.certificate(), &new.pem).unwrap();
    let mismatch = identity.reload().unwrap_err().to_string();
    assert!(
        mismatch.contains("key.pem does not belong to the first certificate of "),
        "{mismatch}"
    );
    fs::write(files.certificate(), "half a fi").unwrap();
    let broken = identity.reload().unwrap_err().to_string();
    assert!(
        broken.contains("cert.pem holds no certificate in PEM"),
        "{broken}"
    );
    fs::remove_file(files.certificate()).unwrap();
    let gone = identity.reload().unwrap_err().to_string();
    assert!(
        gone.starts_with("cannot read ") && gone.contains("cert.pem: "),
        "{gone}"
    );
    assert_eq!(
        meet(&server, &client).await.1.unwrap().certificates()[0],
        old.der
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_shows_the_new_certificate() {
    let authority = Authority::new("ours");
    let (old, new) = (authority.issue(&["me"]), authority.issue(&["me"]));
    let server = ServerTls::new(authority.issue(&[HOST]).identity())
        .client_certificates(ClientCertificates::Required(authority.roots()));
    let identity = old.identity();
    let client = ClientTls::new()
        .roots(authority.roots())
        .identity(identity.clone());
    assert_eq!(
        meet(&server, &client).await.0.unwrap().certificates()[0],
        old.der
    );
    let error = identity.reload().unwrap_err();
    assert!(error.is_config() && error.to_string().ends_with("use Identity::replace"));
    identity.replace(&new.identity());
    assert_eq!(
        meet(&server, &client).await.0.unwrap().certificates()[0],
        new.der
    );
}

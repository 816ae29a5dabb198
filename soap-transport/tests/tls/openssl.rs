//! Against the command `openssl`, for what rustls does not speak and for the alerts of others. Left out where it is not installed.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use soap_transport::tls::{Alpn, ClientTls, ServerTls};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
};

use super::{authority::Authority, peers::TIME};

/// Lets openssl speak what it would rather not.
const OLD: [&str; 3] = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];

fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

fn installed() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        skipped("openssl is not installed");
    }
    found
}

/// The output of `openssl s_client` with these arguments against our server, and what the server says of it; `None` if it does not
/// even connect.
async fn client(arguments: &'static [&'static str]) -> Option<(String, Result<(), String>)> {
    if !installed() {
        return None;
    }
    let server = ServerTls::new(Authority::new("ours").issue(&["127.0.0.1"]).identity());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut running = tokio::task::spawn_blocking(move || {
        let output = Command::new("openssl")
            .args(["s_client", "-connect", &address, "-noservername"])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let output = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&output).into_owned()
    });
    let io = select! {
        biased;
        accepted = listener.accept() => accepted.unwrap().0,
        output = &mut running => {
            skipped(&output.unwrap());
            return None;
        }
    };
    let accepted = server.accept(io, Alpn::Http1, TIME).await;
    let accepted = accepted.map(drop).map_err(|error| error.to_string());
    Some((running.await.unwrap(), accepted))
}

/// `openssl s_server`, ended when this is dropped.
struct Server {
    child: Child,
    port: u16,
    authority: Authority,
}

impl Server {
    fn start(name: &str, arguments: &[&str]) -> Option<Self> {
        if !installed() {
            return None;
        }
        let authority = Authority::new("ours");
        let issued = authority.issue(&["127.0.0.1"]);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("cert.pem"), &issued.pem).unwrap();
        fs::write(folder.join("key.pem"), issued.key.serialize_pem()).unwrap();
        fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
        let mut child = Command::new("openssl")
            .current_dir(folder)
            .args(["s_server", "-accept", "127.0.0.1:0", "-CAfile", "ca.pem"])
            .args(["-cert", "cert.pem", "-key", "key.pem"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut server = Self {
            child,
            port: 0,
            authority,
        };
        for line in lines.map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("ACCEPT") {
                server.port = address.rsplit(':').next()?.trim().parse().ok()?;
                return Some(server);
            }
        }
        skipped("openssl s_server does not start with these options");
        None
    }

    /// What our client says of it.
    async fn refusal(&self) -> String {
        let io = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .unwrap();
        let client = ClientTls::new().roots(self.authority.roots());
        let connected = client.connect("127.0.0.1", io, Alpn::None, TIME).await;
        connected.expect_err("no error").to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_floor_of_a_server_is_tls_1_2() {
    if let Some((output, accepted)) = client(&OLD).await {
        assert_eq!(
            accepted.unwrap_err(),
            "the client speaks no version of TLS that is allowed here, which is TLS 1.2 and newer",
            "{output}"
        );
    }
    if let Some((output, accepted)) = client(&["-tls1_2"]).await {
        assert_eq!(accepted, Ok(()), "{output}");
    }
}

#[tokio::test]
async fn a_client_that_speaks_only_http_2_is_told_so() {
    if let Some((output, accepted)) = client(&["-alpn", "h2"]).await {
        assert!(accepted.unwrap_err().contains("offers no protocol (ALPN)"));
        assert!(output.contains("no application protocol"), "{output}");
    }
}

#[tokio::test]
async fn the_floor_of_a_client_is_tls_1_2() {
    if let Some(server) = Server::start("openssl_floor", &OLD) {
        assert_eq!(
            server.refusal().await,
            "127.0.0.1 speaks no version of TLS that is allowed here, which is TLS 1.2 and newer"
        );
    }
}

#[tokio::test]
async fn a_client_certificate_that_openssl_demands() {
    let demands = ["-tls1_2", "-Verify", "1", "-verify_return_error"];
    if let Some(server) = Server::start("openssl_demands", &demands) {
        let refusal = server.refusal().await;
        assert!(
            refusal.contains("demands a client certificate"),
            "{refusal}"
        );
    }
}

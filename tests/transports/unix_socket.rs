//! What the transport of the example promises beside the rest: its file, its room.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use soapstone::{
    Server,
    server::Running,
    transport::{TransportError, default_registry},
};
use tokio::io::AsyncReadExt;

use crate::{
    between::dial,
    harness::{PATIENCE, in_time, unix},
    service::{PromisesServer, worker},
    unix_transport::{Unix, UnixOptions},
};

fn path(url: &str) -> PathBuf {
    url.strip_prefix("unix://").expect("a path").into()
}

async fn bind(url: &str, mode: Option<u32>) -> Result<Running, TransportError> {
    let (worker, _probe) = worker();
    let server = Server::new(PromisesServer::new(worker));
    let server = server.registry(default_registry().with(Unix)).bind(url);
    let server = match mode {
        Some(mode) => server.with(UnixOptions::new().mode(mode)),
        None => server,
    };
    server.start().await
}

#[tokio::test]
async fn the_file_has_its_permissions_and_goes_with_the_server() {
    let at = unix();
    for (mode, expected) in [(None, 0o600), (Some(0o660), 0o660)] {
        let url = at.url();
        let running = bind(&url, mode).await.expect("binds");
        let found = fs::metadata(path(&url)).expect("a file");
        assert_eq!(found.permissions().mode() & 0o777, expected);
        in_time(running.stop(PATIENCE)).await.expect("stops");
        assert!(!path(&url).exists());
    }
    let url = at.url();
    drop(bind(&url, None).await.expect("binds"));
    let gone = async {
        while path(&url).exists() {
            tokio::task::yield_now().await;
        }
    };
    in_time(gone).await;
}

#[tokio::test]
async fn only_what_a_dead_server_left_is_replaced() {
    let at = unix();
    let url = at.url();
    drop(std::os::unix::net::UnixListener::bind(path(&url)).expect("binds"));
    assert!(path(&url).exists(), "nobody listens, but the file is there");
    let running = bind(&url, None).await.expect("replaces it");
    let error = bind(&url, None).await.expect_err("one lives there");
    let text = error.to_string();
    assert!(text.contains("another server listens there"), "{text}");
    let file = path(&at.url());
    fs::write(&file, "precious").expect("writes");
    let error = bind(&format!("unix://{}", file.display()), None).await;
    let text = error.expect_err("no socket").to_string();
    assert!(text.contains("no socket"), "{text}");
    assert_eq!(fs::read_to_string(&file).expect("reads"), "precious");
    // A file that took the place of the socket is not the server's.
    fs::remove_file(path(&url)).expect("removes");
    fs::write(path(&url), "precious").expect("writes");
    in_time(running.stop(PATIENCE)).await.expect("stops");
    assert!(Path::new(&path(&url)).exists());
}

#[tokio::test]
async fn a_url_of_no_socket_is_refused() {
    for url in ["unix://", "unix:///", "unix://relative/path"] {
        let error = bind(url, None).await.expect_err("no socket");
        assert!(error.is_config(), "{error:?}");
    }
}

#[tokio::test]
async fn a_connection_too_many_is_told_so() {
    let at = unix();
    let served = at.serve_with(|options| options.capacity.connections = 1);
    let served = served.await;
    let client = at.client(&served.url).await;
    assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    let mut second = dial(&served.url).await.expect("connects");
    let mut told = String::new();
    in_time(second.read_to_string(&mut told))
        .await
        .expect("an end");
    assert!(told.contains("too many connections"), "{told}");
    assert_eq!(client.add(1, 2).await.expect("the first goes on"), 3);
}

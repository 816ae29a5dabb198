//! Servers that mean a client under TLS no good.

use std::sync::Arc;

use soap_core::transport::Transport;
use soap_transport::tls::ClientTls;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    authority::Authority,
    hostile::{AT_ONCE, SECURE, record},
    schemes::{call, transport},
};

/// What a client says of a server that does this with a connection.
async fn error_of<F: Future<Output = ()> + Send + 'static>(
    url: &str,
    script: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        script(stream).await;
    });
    let client = ClientTls::new().roots(Authority::new("ours").roots());
    let url = url.replace("127.0.0.1:0", &address.to_string());
    let transport: Arc<dyn Transport> = transport(&url, &client).await;
    let error = timeout(AT_ONCE, call(&transport)).await.expect("at once");
    let error = error.unwrap_err();
    assert!(error.is_connect() && !error.is_ambiguous(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_server_that_floods_the_handshake_is_left() {
    for url in SECURE {
        let mut first = vec![0; 1 << 14];
        first[..4].copy_from_slice(&[2, 0xff, 0xff, 0xff]);
        let (first, next) = (record(22, &first), record(22, &vec![0; 1 << 14]));
        let text = error_of(url, async move |mut stream: TcpStream| {
            let _ = stream.write_all(&first).await;
            while stream.write_all(&next).await.is_ok() {}
        });
        let text = text.await;
        assert!(text.starts_with("127.0.0.1 "), "{text}");
        let text = error_of(
            url,
            async |mut stream: TcpStream| {
                while stream.write_all(&[0x5a; 1000]).await.is_ok() {}
            },
        );
        let text = text.await;
        assert!(
            text.starts_with("127.0.0.1 does not speak TLS on this port"),
            "{text}"
        );
    }
}

//! A server that refuses a client late: with TLS 1.3 its alert comes where the client waits for an answer.

use std::sync::Arc;

use rustls::{
    CipherSuite, ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConfig,
    SupportedCipherSuite,
    crypto::cipher::{OutboundChunks, OutboundPlainMessage},
    version,
};
use soap_core::transport::TransportError;
use soap_transport::tls::ClientTls;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    authority::Authority,
    peers::{only, server_of},
    schemes::{call, transport},
};

const SUITE: CipherSuite = CipherSuite::TLS13_AES_256_GCM_SHA384;
/// RFC 8446 6: fatal, access_denied.
const ACCESS_DENIED: &[u8] = &[2, 49];

async fn request(stream: &mut TlsStream<TcpStream>) {
    let mut read = Vec::new();
    while !read.ends_with(b"<a/>") {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
    }
}

/// rustls sends no alert that it is asked for: this makes the record with its keys.
async fn refuse(stream: TlsStream<TcpStream>) {
    let (mut stream, connection) = stream.into_inner();
    let secrets = connection.dangerous_extract_secrets().unwrap();
    let (sequence, ConnectionTrafficSecrets::Aes256Gcm { key, iv }) = secrets.tx else {
        panic!("another cipher");
    };
    let SupportedCipherSuite::Tls13(suite) = only(SUITE).cipher_suites[0] else {
        panic!("another version");
    };
    let alert = OutboundPlainMessage {
        typ: ContentType::Alert,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::from(ACCESS_DENIED),
    };
    let mut encrypter = suite.aead_alg.encrypter(key, iv);
    let record = encrypter.encrypt(alert, sequence).unwrap();
    stream.write_all(&record.encode()).await.unwrap();
    // Until the client has left, so that nothing is reset.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// What the call is told that comes after so many answers on its connection.
async fn refused_after(answers: usize, scheme: &str, answer: &'static str) -> TransportError {
    let ours = Authority::new("ours");
    let acceptor = server_of(
        &version::TLS13,
        only(SUITE),
        &ours.issue(&["127.0.0.1"]),
        None,
    );
    let mut config = ServerConfig::clone(acceptor.config());
    config.enable_secret_extraction = true;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{scheme}://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let mut stream = acceptor.accept(stream).await.unwrap();
        for _ in 0..answers {
            request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        request(&mut stream).await;
        refuse(stream).await;
    });
    let transport = transport(&url, &ClientTls::new().roots(ours.roots())).await;
    for _ in 0..answers {
        call(&transport).await.unwrap();
    }
    let error = call(&transport).await.unwrap_err();
    drop(transport);
    serving.await.unwrap();
    error
}

#[tokio::test]
async fn an_alert_is_proof_that_nothing_was_done_before_the_first_answer_only() {
    let http = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>";
    for (scheme, answer) in [("https", http), ("soap.tls", "<a/>")] {
        let first = refused_after(0, scheme, answer).await;
        assert!(first.is_connect() && !first.is_ambiguous(), "{first:?}");
        let later = refused_after(1, scheme, answer).await;
        assert!(later.is_lost() && later.is_ambiguous(), "{later:?}");
        let told = "127.0.0.1 demands a client certificate";
        assert!(later.to_string().starts_with(told), "{later}");
    }
}

//! Servers that mean a client no good: each call ends in time, with an error that says what happened and whether the request may
//! have been processed.

use std::{future::IntoFuture, pin::Pin, sync::Arc, time::Duration};

use soapstone::{
    CallError, Endpoint,
    transport::{Timeouts, TransportError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    harness::contract::CalcClient,
    victim::{Limits, SoapVersion, soon},
};

type Script = dyn Fn(TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// A client of a server that does this with each connection.
async fn client_of<F>(script: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> CalcClient
where
    F: Future<Output = ()> + Send + 'static,
{
    let script: Arc<Script> = Arc::new(move |stream| Box::pin(script(stream)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let url = format!("http://{}/calc", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(script(stream));
        }
    });
    let short = Duration::from_millis(400);
    let timeouts = Timeouts::default()
        .answer(short)
        .body_read(short)
        .body(short * 2)
        .call(short * 4);
    let endpoint = Endpoint::new(url).timeouts(timeouts);
    let limits = Limits::client().message(1 << 20);
    CalcClient::new(endpoint.limits(limits).connect().await.expect("connects"))
}

/// Reads a request to its end: the client sends it in one piece with a Content-Length.
async fn take_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"Envelope>") {
        if !stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
            return false;
        }
    }
    true
}

/// A client of a server that answers each request with these bytes, and keeps the connection or not.
pub(crate) async fn client_told(bytes: impl Into<Vec<u8>>, keep: bool) -> CalcClient {
    let bytes: Arc<[u8]> = bytes.into().into();
    client_of(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            while take_request(&mut stream).await {
                let _ = stream.write_all(&bytes).await;
                if !keep {
                    break;
                }
            }
        }
    })
    .await
}

/// An answer of HTTP with a Content-Length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// An answer that holds this Envelope.
pub(crate) fn soap(body: &str) -> String {
    answer("200 OK", "Content-Type: text/xml; charset=utf-8\r\n", body)
}

pub(crate) fn sum(value: &str) -> String {
    let body = format!("<c:AddResponse><c:AddResult>{value}</c:AddResult></c:AddResponse>");
    crate::victim::envelope(SoapVersion::Soap11, "", &body)
}

/// The transport error of a division, which may be repeated, and whether the division may have been done.
pub(crate) async fn error_of(client: &CalcClient) -> TransportError {
    match soon(client.add(1.5, 2.25).into_future()).await {
        Err(CallError::Transport(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn ambiguous(error: &TransportError, expected: &str) {
    let text = format!(
        "{error}: {:?}",
        std::error::Error::source(error).map(ToString::to_string)
    );
    assert!(text.contains(expected), "{expected:?} in {text}");
    assert!(error.is_ambiguous(), "{text}");
}

#[tokio::test]
async fn an_honest_server_is_understood() {
    let client = client_told(soap(&sum("3.75")), true).await;
    for _ in 0..3 {
        assert_eq!(
            soon(client.add(1.5, 2.25).into_future())
                .await
                .expect("a sum"),
            3.75
        );
    }
}

#[tokio::test]
async fn endless_heads_are_cut() {
    for line in [
        "X-A: b\r\n".to_owned(),
        "b".repeat(1000),
        "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_owned(),
    ] {
        let interim = line.starts_with("HTTP");
        let client = client_of(move |mut stream| {
            let line = line.clone();
            async move {
                take_request(&mut stream).await;
                let start: &[u8] = if interim {
                    b""
                } else {
                    b"HTTP/1.1 200 OK\r\nX-Long: "
                };
                let _ = stream.write_all(start).await;
                while stream.write_all(line.as_bytes()).await.is_ok() {}
            }
        })
        .await;
        let error = error_of(&client).await;
        ambiguous(&error, "");
    }
}

#[tokio::test]
async fn endless_bodies_are_cut_at_the_limit() {
    for (head, chunk) in [
        (
            "Transfer-Encoding: chunked\r\n\r\n",
            format!("3e8\r\n{}\r\n", " ".repeat(1000)),
        ),
        ("Connection: close\r\n\r\n", " ".repeat(1000)),
        ("Content-Length: 99999999\r\n\r\n", " ".repeat(1000)),
    ] {
        let client = client_of(move |mut stream| {
            let chunk = chunk.clone();
            async move {
                take_request(&mut stream).await;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n{head}");
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            }
        })
        .await;
        let error = error_of(&client).await;
        assert!(error.is_limit(), "{error}");
        ambiguous(&error, "1048576");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let silent = client_of(|mut stream| async move {
        take_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let error = error_of(&silent).await;
    assert!(error.timed_out().is_some(), "{error}");
    ambiguous(&error, "did not end within");
    for start in [
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<e:Envelope",
    ] {
        let client = client_told(start, true).await;
        let error = error_of(&client).await;
        assert!(error.timed_out().is_some(), "{start}: {error}");
        ambiguous(&error, "did not end within");
    }
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up() {
    let client = client_of(|mut stream| async move {
        take_request(&mut stream).await;
        let answer = soap(&sum("3.75"));
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        for byte in answer.as_bytes() {
            ticks.tick().await;
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    })
    .await;
    let error = error_of(&client).await;
    assert!(error.timed_out().is_some(), "{error}");
    ambiguous(&error, "did not end within");
}

#[tokio::test]
async fn a_connection_closed_too_early_is_lost() {
    let whole = soap(&sum("3.75"));
    let body = whole.find("<?xml").expect("a body");
    for end in [0, 1, 12, 20, body - 2, body, body + 1, whole.len() - 1] {
        let client = client_told(&whole.as_bytes()[..end], false).await;
        let error = error_of(&client).await;
        assert!(error.is_lost(), "{end}: {error}");
        ambiguous(&error, "");
    }
    let chunked =
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<e:En";
    for rest in ["", "\r\n", "\r\n0\r\n"] {
        let client = client_told(format!("{chunked}{rest}"), false).await;
        let error = error_of(&client).await;
        assert!(error.is_lost(), "{rest:?}: {error}");
        ambiguous(&error, "");
    }
}

#[tokio::test]
async fn what_is_no_http_is_an_error() {
    let xml = sum("3.75");
    for bytes in [
        "garbage\r\n\r\n".to_owned(),
        "\0\u{1}\u{2}\u{3}".repeat(100),
        "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
        "\u{15}\u{3}\u{1}\0\u{2}\u{2}P".to_owned(),
        xml.clone(),
        "HTTP/1.1 200\0 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
        format!(
            "HTTP/1.1 999999 OK\r\nContent-Length: {}\r\n\r\n{xml}",
            xml.len()
        ),
        format!(
            "HTTP/9.9 200 OK\r\nContent-Length: {}\r\n\r\n{xml}",
            xml.len()
        ),
        format!("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{xml}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{xml}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{xml}"),
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{xml}\r\n0\r\n\r\n"
        ),
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{xml}\r\n0\r\n\r\n"
        ),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_owned(),
    ] {
        let client = client_told(bytes.clone(), false).await;
        let error = error_of(&client).await;
        ambiguous(&error, "");
        assert!(!error.to_string().is_empty(), "{bytes}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_soap_message_is_told_with_its_status() {
    for (status, headers, body) in [
        (
            "200 OK",
            "Content-Type: text/html\r\n",
            "<html>login</html>",
        ),
        ("200 OK", "Content-Type: application/json\r\n", "{}"),
        ("200 OK", "", "plain"),
        ("200 OK", "Content-Type: text/xml\r\n", ""),
        ("404 Not Found", "Content-Type: text/plain\r\n", "no"),
        ("503 Busy", "", ""),
        ("401 Who", "WWW-Authenticate: Basic\r\n", ""),
    ] {
        let client = client_told(answer(status, headers, body), true).await;
        let error = error_of(&client).await;
        let (code, start) = error.http().expect("an answer of HTTP");
        assert_eq!(
            (code.to_string().as_str(), start),
            (&status[..3], body.as_bytes())
        );
        assert!(error.to_string().contains(&status[..3]), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_where_to() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let location = format!("http://{}/", elsewhere.local_addr().expect("an address"));
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let client = client_told(
            answer(status, &format!("Location: {location}\r\n"), ""),
            true,
        )
        .await;
        let error = error_of(&client).await;
        assert_eq!(
            error.http().map(|(code, _)| code.to_string()).as_deref(),
            Some(&status[..3])
        );
        let source = std::error::Error::source(&error)
            .expect("a cause")
            .to_string();
        assert!(source.contains(&location), "{source}");
    }
    let mut accept = std::pin::pin!(elsewhere.accept());
    std::future::poll_fn(|cx| {
        assert!(accept.as_mut().poll(cx).is_pending(), "nobody went there");
        std::task::Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn bytes_behind_an_answer_never_become_the_answer_of_the_next_call() {
    for between in ["", "\r\n", "garbage"] {
        let told = format!("{}{between}{}", soap(&sum("3.75")), soap(&sum("666")));
        let client = client_told(told, true).await;
        for _ in 0..5 {
            assert_eq!(
                soon(client.add(1.5, 2.25).into_future())
                    .await
                    .expect("a sum"),
                3.75,
                "{between:?}"
            );
        }
    }
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn a_bomb_is_bounded_while_it_is_inflated() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(&vec![b' '; 64 << 20])
        .expect("compresses");
    let bomb = encoder.finish().expect("compresses");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    );
    let client = client_told([head.as_bytes(), &bomb].concat(), true).await;
    let error = error_of(&client).await;
    assert!(error.is_limit(), "{error}");
    ambiguous(&error, "1048576");
    let client = client_told(
        [
            head.as_bytes(),
            &bomb[..bomb.len() / 2],
            &vec![0; bomb.len()],
        ]
        .concat(),
        false,
    )
    .await;
    ambiguous(&error_of(&client).await, "");
}

//! Compression in both directions.

use std::io::{Read, Write};

use flate2::{
    Compression,
    read::GzDecoder,
    write::{GzEncoder, ZlibEncoder},
};
use soap_core::{Limits, Options};
use soap_transport::{Endpoint, http::HttpOptions};

use crate::{
    calls::call,
    client::{listen, request},
    fake::{Fake, Head, Raw, post, serve, serve_with},
};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn send(raw: &mut Raw, coding: &str, body: &[u8]) -> Head {
    raw.send(format!(
        "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ))
    .await;
    raw.send(body).await;
    raw.answer().await
}

#[tokio::test]
async fn q26_requests_are_inflated_within_bounds() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    for (coding, body) in [
        ("gzip", gzip(b"<a/>")),
        ("x-gzip", gzip(b"<a/>")),
        ("Deflate", zlib(b"<a/>")),
        ("identity", b"<a/>".to_vec()),
    ] {
        let answer = send(&mut raw, coding, &body).await;
        assert_eq!((answer.status(), answer.text()), (200, "<a/>"), "{coding}");
        assert_eq!(answer.field("content-encoding"), None);
    }
    for (status, coding, body) in [
        (415, "br", b"x".to_vec()),
        (415, "gzip, gzip", gzip(b"<a/>")),
        (400, "gzip", b"<a/>".to_vec()),
        (400, "gzip", gzip(b"<a/>")[..12].to_vec()),
        (413, "gzip", gzip(&vec![b' '; 5 << 20])),
    ] {
        let mut raw = Raw::connect(&running).await;
        assert_eq!(
            send(&mut raw, coding, &body).await.status(),
            status,
            "{coding}"
        );
    }
    let mut options = Options::server();
    options.limits.message = 64 << 20;
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    let answer = send(&mut raw, "gzip", &gzip(&vec![b' '; 6 << 20])).await;
    assert_eq!(
        answer.text(),
        "the message inflates to more than 100 times its size"
    );
    assert_eq!(answer.status(), 413);
}

#[tokio::test]
async fn q81_answers_are_compressed_only_for_who_asks() {
    let options = Options::server().with(HttpOptions::new().gzip(true));
    let running = serve_with(&Fake::echo(), options).await;
    let plain_server = serve(&Fake::echo()).await;
    let large = format!("<a>{}</a>", "x".repeat(2000));
    for (accept, gzipped) in [
        ("", false),
        ("Accept-Encoding: none\r\n", false),
        ("Accept-Encoding: compress, gzip;q=0\r\n", false),
        ("Accept-Encoding: gzip; q=0.0\r\n", false),
        ("Accept-Encoding: deflate, gzip;q=0.3\r\n", true),
        (
            "Accept-Encoding: deflate\r\nAccept-Encoding: GZIP\r\n",
            true,
        ),
    ] {
        let request = post(&large).replace("Host: a\r\n", &format!("Host: a\r\n{accept}"));
        let mut raw = Raw::connect(&running).await;
        raw.send(&request).await;
        let answer = raw.answer().await;
        assert_eq!(
            answer.field("content-encoding"),
            gzipped.then_some("gzip"),
            "{accept}"
        );
        assert_eq!(
            answer.field("content-type"),
            Some("text/xml; charset=utf-8")
        );
        let text = if gzipped {
            let mut text = String::new();
            GzDecoder::new(&answer.body[..])
                .read_to_string(&mut text)
                .unwrap();
            text
        } else {
            answer.text().to_owned()
        };
        assert_eq!(text, large);
        let mut raw = Raw::connect(&plain_server).await;
        raw.send(&request).await;
        assert_eq!(raw.answer().await.text(), large, "only with the option");
    }
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>").replace("Host: a\r\n", "Host: a\r\nAccept-Encoding: gzip\r\n"))
        .await;
    assert_eq!(
        raw.answer().await.text(),
        "<a/>",
        "a small body stays as it is"
    );
}

#[tokio::test]
async fn answers_are_inflated_within_bounds() {
    let (listener, endpoint) = listen().await;
    let endpoint = endpoint
        .with(HttpOptions::new().gzip(true))
        .limits(Limits::client().message(2 << 20));
    for (body, good) in [
        (gzip(b"<b/>"), true),
        (gzip(&vec![b' '; 3 << 20]), false),
        (b"<b/>".to_vec(), false),
    ] {
        let transport = endpoint.transport().await.unwrap();
        let peer = async {
            let mut raw = Raw::accept(&listener).await;
            let head = raw.answer().await;
            assert_eq!(head.field("accept-encoding"), Some("gzip"));
            raw.send(format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ))
            .await;
            raw.send(&body).await;
        };
        let ((), result) = tokio::join!(peer, call(&*transport, request("<a/>")));
        match result {
            Ok(message) => assert!(good && message.unwrap().envelope == "<b/>"),
            Err(error) => assert!(!good, "{error}"),
        }
    }
}

#[tokio::test]
async fn both_ends_agree() {
    let options = Options::server().with(HttpOptions::new().gzip(true));
    let running = serve_with(&Fake::echo(), options).await;
    let endpoint = Endpoint::new(&running.urls()[0]).with(HttpOptions::new().gzip(true));
    let transport = endpoint.transport().await.unwrap();
    let large = format!("<a>{}</a>", "x".repeat(100_000));
    let mut request = request("");
    request.message.envelope = large.clone().into();
    let answer = call(&*transport, request).await.unwrap().unwrap();
    assert_eq!(answer.envelope, large);
}

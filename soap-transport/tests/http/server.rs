//! Our server against a peer that speaks bytes: what it takes, what it answers.

use std::sync::Arc;

use soap_core::{
    Message, Options, SoapVersion,
    transport::{Dispatch, Outcome},
};
use soap_transport::{Server, http::HttpOptions};

use crate::fake::{Fake, PATIENCE, Raw, authority, post, reply, serve, serve_with, until};

fn fields(head: &crate::fake::Head) -> Vec<&str> {
    let mut names: Vec<_> = head.fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn q77_media_types_of_answers_are_exact() {
    let fake = Fake::new(|message| async move {
        Outcome::Reply(Message::new(message.envelope).version(message.version.unwrap_or_default()))
    });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    let answer = raw.answer().await;
    assert_eq!(answer.first, "HTTP/1.1 200 OK");
    assert_eq!(
        answer.field("content-type"),
        Some("text/xml; charset=utf-8")
    );
    assert_eq!(fields(&answer), ["content-length", "content-type", "date"]);
    assert_eq!(answer.text(), "<a/>");
    let request = post("<b/>").replace("text/xml", "application/soap+xml");
    raw.send(request).await;
    let answer = raw.answer().await;
    assert_eq!(
        answer.field("content-type"),
        Some("application/soap+xml; charset=utf-8")
    );
    let seen = fake.seen.lock().unwrap().clone();
    assert_eq!(seen[0].version, Some(SoapVersion::Soap11));
    assert_eq!(seen[0].action.as_deref(), Some("urn:a"));
    assert_eq!(
        (seen[1].version, seen[1].action.as_deref()),
        (Some(SoapVersion::Soap12), None)
    );
    let peer = seen[0].peer.clone().unwrap();
    assert_eq!(
        (peer.scheme, peer.address),
        ("http", raw.stream.local_addr().ok())
    );
}

#[tokio::test]
async fn q78_one_way_is_202_with_length_0_and_its_work_is_done() {
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let set = Arc::clone(&done);
    let fake = Fake::new(move |_| {
        let set = Arc::clone(&set);
        let work = Box::pin(async move {
            tokio::task::yield_now().await;
            set.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        async move { Outcome::Accepted(work) }
    });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    let answer = raw.answer().await;
    assert_eq!(answer.first, "HTTP/1.1 202 Accepted");
    assert_eq!(fields(&answer), ["content-length", "date"]);
    assert_eq!(answer.field("content-length"), Some("0"));
    until(|| done.load(std::sync::atomic::Ordering::SeqCst)).await;
}

#[tokio::test]
async fn the_status_is_the_messages() {
    let fake = Fake::new(|_| async {
        let mut fault = Message::new("<fault/>");
        fault.status = Some(500);
        Outcome::Reply(fault)
    });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    let answer = raw.answer().await;
    assert_eq!((answer.status(), answer.text()), (500, "<fault/>"));
}

#[tokio::test]
async fn q24_http_10_closes_unless_it_asks_to_be_kept() {
    let running = serve(&Fake::echo()).await;
    let old = post("<a/>")
        .replace("HTTP/1.1", "HTTP/1.0")
        .replace("Host: a\r\n", "");
    let mut raw = Raw::connect(&running).await;
    for _ in 0..2 {
        raw.send(old.replace("\r\n\r\n", "\r\nConnection: keep-alive\r\n\r\n"))
            .await;
        let answer = raw.answer().await;
        assert_eq!(
            (answer.status(), answer.field("connection")),
            (200, Some("keep-alive"))
        );
    }
    raw.send(old).await;
    assert_eq!(raw.answer().await.text(), "<a/>");
    assert!(raw.is_over().await);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_however_they_are_cut() {
    let fake = Fake::new(|message| async move {
        if message.envelope.len() % 3 == 0 {
            tokio::task::yield_now().await;
        }
        reply(message.envelope)
    });
    let running = serve(&fake).await;
    let bodies: Vec<String> = (0..100)
        .map(|i| format!("<a>{i}{}</a>", "x".repeat(i % 7)))
        .collect();
    let bytes = bodies
        .iter()
        .map(|body| post(body))
        .collect::<String>()
        .into_bytes();
    for seed in 1..=5_u64 {
        let mut raw = Raw::connect(&running).await;
        let mut state = seed;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let (now, later) = rest.split_at(rest.len().min(1 + (state >> 33) as usize % 700));
            raw.send(now).await;
            tokio::task::yield_now().await;
            rest = later;
        }
        for body in &bodies {
            assert_eq!(raw.answer().await.text(), body);
        }
    }
    assert_eq!(fake.count(), 500);
}

#[tokio::test]
async fn q25_chunked_bodies_in_any_hex_case() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    let head = "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    for size in ["a", "A", "0A"] {
        raw.send(head).await;
        raw.send(format!("{size}\r\n<a>12345</")).await;
        raw.send("\r\n2;x=y\r\na>\r\n0\r\nTrailer: x\r\n\r\n").await;
        assert_eq!(raw.answer().await.text(), "<a>12345</a>");
    }
}

#[tokio::test]
async fn q22_expect_is_answered_at_once() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    let request = post("<a/>").replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let (head, body) = request.split_at(request.len() - 4);
    raw.send(head).await;
    assert_eq!(raw.answer().await.first, "HTTP/1.1 100 Continue");
    raw.send(body).await;
    assert_eq!(raw.answer().await.text(), "<a/>");
}

#[tokio::test]
async fn q23_te_and_many_accepts() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    let more = "\r\nTE: deflate,gzip;q=0.3\r\nConnection: TE, close\r\nAccept: text/xml\r\nAccept: multipart/*\r\nAccept-Encoding: none\r\n\r\n";
    raw.send(post("<a/>").replace("\r\n\r\n", more)).await;
    assert_eq!(raw.answer().await.text(), "<a/>");
    assert!(raw.is_over().await);
}

#[tokio::test]
async fn q29_a_missing_media_type_is_left_to_the_envelope() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    let request = post("<a/>").replace("Content-Type: text/xml; charset=utf-8\r\n", "");
    raw.send(request).await;
    assert_eq!(raw.answer().await.status(), 200);
    let seen = fake.seen.lock().unwrap()[0].clone();
    assert_eq!(
        (seen.version, seen.action.as_deref()),
        (None, Some("urn:a"))
    );
    raw.send(post("<a/>").replace("utf-8", "\"UTF-16\"")).await;
    assert_eq!(raw.answer().await.status(), 200);
    assert_eq!(
        fake.seen.lock().unwrap()[1].charset.as_deref(),
        Some("UTF-16")
    );
}

/// Each request is answered with this status, and nothing is dispatched; `close`: the connection ends.
#[tokio::test]
async fn bad_requests() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let good = post("<a/>");
    let with = |from: &str, to: &str| good.replace(from, to);
    let cases = [
        (415, true, with("text/xml", "text/plain")),
        (415, true, with("text/xml", "application/json")),
        (404, true, with("/calc", "/other")),
        (405, true, with("POST", "PUT")),
        (405, true, with("POST", "M-POST")),
        (
            405,
            false,
            "GET /calc HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        ),
        (
            405,
            false,
            "DELETE /calc HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        ),
        (
            404,
            false,
            "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ),
        (400, true, with("Host: a\r\n", "")),
        (400, true, with("Host: a\r\n", "Host: a\r\nHost: a\r\n")),
        (400, true, with("Host: a\r\n", "Host: a b\r\n")),
        (
            400,
            true,
            with("Length: 4", "Length: 4\r\nContent-Length: 5"),
        ),
        (400, true, with("Length: 4", "Length: four")),
        (400, true, with("Length: 4", "Length: -4")),
        (400, true, with("Length: 4", "Length: +4")),
        (400, true, with("Length: 4", "Length: 99999999999999999999")),
        (413, true, with("Length: 4", "Length: 4194305")),
        (
            413,
            true,
            with("Length: 4", "Length: 4194305\r\nExpect: 100-continue"),
        ),
        (
            431,
            true,
            with(
                "Host: a\r\n",
                &format!("Host: a\r\nX: {}\r\n", "x".repeat(17 << 10)),
            ),
        ),
        (
            431,
            true,
            with(
                "Host: a\r\n",
                &format!("Host: a\r\n{}", "X: y\r\n".repeat(101)),
            ),
        ),
        (400, true, "\0\u{1}\u{2}\r\n\r\n".to_owned()),
        (
            400,
            true,
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}".to_owned(),
        ),
        (400, true, "<Envelope/>\r\n\r\n".to_owned()),
    ];
    for (status, closes, request) in cases {
        let mut raw = Raw::connect(&running).await;
        raw.send(&request).await;
        let answer = raw.answer().await;
        assert_eq!(answer.status(), status, "{request:.300}");
        assert_eq!(
            answer.field("allow"),
            (status == 405).then_some("POST"),
            "{request:.300}"
        );
        if closes {
            assert!(raw.is_over().await, "{request:.300}");
        } else {
            raw.send(&good).await;
            let next = raw.message().await;
            assert_eq!(
                next.map(|answer| answer.status()),
                Some(200),
                "{request:.300}"
            );
        }
    }
    assert!(
        fake.seen
            .lock()
            .unwrap()
            .iter()
            .all(|seen| seen.envelope == "<a/>")
    );
}

/// The answer did not say that its connection ends, so a client sent its next request into it and lost it.
#[tokio::test]
async fn a_refusal_before_the_body_has_come_announces_the_end() {
    let running = serve(&Fake::echo()).await;
    let good = post("<a/>");
    for (status, request) in [
        (404, good.replace("/calc", "/other")),
        (405, good.replace("POST", "PUT")),
        (415, good.replace("text/xml", "text/plain")),
        (415, good.replace("Host", "Content-Encoding: br\r\nHost")),
        (200, good.replace("POST /calc", "GET /calc?wsdl")),
    ] {
        let mut raw = Raw::connect(&running).await;
        let (head, body) = request.split_at(request.len() - 4);
        raw.send(head).await;
        let answer = raw.answer().await;
        assert_eq!(
            (answer.status(), answer.field("connection")),
            (status, Some("close")),
            "{request}"
        );
        raw.send(body.to_owned() + &good).await;
        assert!(raw.is_over().await, "{request}");
    }
}

#[tokio::test]
async fn bytes_behind_a_length_beside_chunks_are_no_request() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    let smuggled = post("<smuggled/>");
    raw.send(format!(
        "POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n{smuggled}"
    ))
    .await;
    let first = raw.answer().await;
    assert!(first.status() == 400 || first.text() == "<a/>");
    assert!(raw.is_over().await);
    assert!(
        fake.seen
            .lock()
            .unwrap()
            .iter()
            .all(|seen| seen.envelope == "<a/>")
    );
}

#[tokio::test]
async fn a_body_too_large_in_chunks_is_413() {
    let mut options = Options::server();
    options.limits.message = 10;
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("POST /calc HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a>12\r\n6\r\n345</a\r\n").await;
    let answer = raw.answer().await;
    assert_eq!(
        (answer.status(), answer.text()),
        (413, "the message exceeds the limit of 10 bytes")
    );
    assert_eq!(answer.field("connection"), Some("close"));
    assert!(raw.is_over().await);
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a>123</a>")).await;
    assert_eq!(raw.answer().await.status(), 200);
}

#[tokio::test]
async fn the_other_version_than_announced_is_415() {
    let fake = Fake::new(|_| async { Outcome::VersionMismatchesMediaType });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    assert_eq!(raw.answer().await.status(), 415);
}

#[tokio::test]
async fn a_path_has_one_service() {
    let fake = || -> Arc<dyn Dispatch> { Fake::new(|_| async { reply("x") }) };
    let url = "http://127.0.0.1:0/calc";
    let twice = Server::new(fake())
        .bind(url)
        .mount("/a", fake())
        .mount("/a", fake());
    let error = twice.start().await.unwrap_err().to_string();
    assert_eq!(error, "\"/a\" is mounted twice");
    let hidden = Server::new(fake()).bind(url).mount("/calc", fake());
    let error = hidden.start().await.unwrap_err().to_string();
    assert!(
        error.contains("\"/calc\" is mounted, but it is the path of"),
        "{error}"
    );
}

#[tokio::test]
async fn services_by_path() {
    let named = |name: &'static str| -> Arc<dyn Dispatch> {
        Fake::new(move |_| async move { reply(name) })
    };
    let running = Server::new(named("calc"))
        .bind("http://127.0.0.1:0/calc")
        .bind("http://127.0.0.1:0")
        .mount("/orders", named("orders"))
        .mount("/größe", named("size"))
        .start()
        .await
        .unwrap();
    let mut raw = Raw::connect(&running).await;
    for (target, name) in [
        ("/calc", "calc"),
        ("/calc?x", "calc"),
        ("/orders", "orders"),
        ("/gr%C3%B6%C3%9Fe", "size"),
        ("http://elsewhere/orders", "orders"),
        ("http://elsewhere/calc", "calc"),
    ] {
        raw.send(post("<a/>").replace("/calc", target)).await;
        assert_eq!(raw.answer().await.text(), name, "{target}");
    }
    raw.send(post("<a/>").replace("/calc", "/")).await;
    assert_eq!(raw.answer().await.status(), 404);
    let any = running.urls()[1]
        .strip_prefix("http://")
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let mut raw = Raw::of(tokio::net::TcpStream::connect(any).await.unwrap());
    for (target, name) in [
        ("/orders", "orders"),
        ("/", "calc"),
        ("/x/y", "calc"),
        ("http://a", "calc"),
    ] {
        raw.send(post("<a/>").replace("/calc", target)).await;
        assert_eq!(raw.answer().await.text(), name, "{target}");
    }
}

/// Options of HTTP made a server with a binding of another scheme fail.
#[tokio::test]
async fn options_are_for_the_bindings_that_can_honour_them() {
    let server = || {
        let registry = soap_transport::default_registry().with(soap_transport::Memory::new());
        Server::new(Fake::echo().dispatch_as())
            .registry(registry)
            .bind("http://127.0.0.1:0/calc")
            .bind("memory://calc")
    };
    let running = server().with(HttpOptions::new()).start().await.unwrap();
    running.stop(PATIENCE).await.unwrap();
    let error = server().with(7_u8).start().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no URL is bound whose transport can honour the options u8"
    );
    let own = Options::server().with(HttpOptions::new());
    let error = server()
        .bind_with("memory://other", own)
        .start()
        .await
        .unwrap_err();
    let expected = "memory cannot honour the options HttpOptions";
    assert_eq!(error.to_string(), expected);
    let one = Server::new(Fake::echo().dispatch_as()).bind("http://127.0.0.1:0");
    let error = one.with(7_u8).start().await.unwrap_err();
    assert_eq!(error.to_string(), "http cannot honour the options u8");
}

#[tokio::test]
async fn a_binding_may_have_options_of_its_own() {
    let mut small = Options::server();
    small.limits.message = 3;
    let running = Server::new(Fake::echo().dispatch_as())
        .bind("http://127.0.0.1:0/calc")
        .bind_with("http://127.0.0.1:0/calc", small)
        .start()
        .await
        .unwrap();
    for (url, status) in running.urls().iter().zip([200, 413]) {
        let address = url.trim_start_matches("http://").trim_end_matches("/calc");
        let mut raw = Raw::of(tokio::net::TcpStream::connect(address).await.unwrap());
        raw.send(post("<a/>")).await;
        assert_eq!(raw.answer().await.status(), status);
    }
    running.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn the_wsdl_is_had_by_get_and_head() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    for query in ["wsdl", "WSDL", "wsdl=1", "singleWsdl"] {
        raw.send(format!(
            "GET /calc?{query} HTTP/1.1\r\nHost: a.example:81\r\n\r\n"
        ))
        .await;
        let answer = raw.answer().await;
        assert_eq!(answer.text(), "<wsdl at=\"http://a.example:81/calc\"/>");
        assert_eq!(
            answer.field("content-type"),
            Some("text/xml; charset=utf-8")
        );
    }
    raw.send("GET /calc?xsd HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(raw.answer().await.status(), 405);
    raw.send("GET /calc?wsdl HTTP/1.0\r\n\r\n").await;
    let own = format!("<wsdl at=\"http://{}/calc\"/>", authority(&running));
    assert_eq!(raw.answer().await.text(), own);
    let mut raw = Raw::connect(&running).await;
    raw.send("HEAD /calc?wsdl HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut raw.stream, &mut text)
        .await
        .unwrap();
    assert!(
        text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_peer_that_closes_its_side_is_answered_and_not_gone() {
    let told = Arc::new(std::sync::Mutex::new(None));
    let tell = Arc::clone(&told);
    let fake = Fake::new(move |message| {
        *tell.lock().unwrap() = message.peer.clone();
        let gone = message.peer.unwrap().gone;
        async move {
            while !gone.is_half_closed() {
                tokio::task::yield_now().await;
            }
            assert!(!gone.is_set(), "the answer is read");
            reply(message.envelope)
        }
    });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send(post("<a/>")).await;
    until(|| told.lock().unwrap().is_some()).await;
    tokio::io::AsyncWriteExt::shutdown(&mut raw.stream)
        .await
        .unwrap();
    assert_eq!(raw.answer().await.text(), "<a/>");
    assert!(raw.is_over().await);
    running.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn bytes_of_any_kind_do_no_harm() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let good = post("<a>some text</a>").into_bytes();
    let mut state = 7_u64;
    for _ in 0..300 {
        let mut bytes = good.clone();
        for _ in 0..1 + state % 5 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (state >> 33) as usize % bytes.len();
            match state % 3 {
                0 => bytes[at] = (state >> 20) as u8,
                1 => bytes.truncate(at + 1),
                _ => bytes.insert(at, (state >> 20) as u8),
            }
        }
        let mut raw = Raw::connect(&running).await;
        raw.send(&bytes).await;
        tokio::io::AsyncWriteExt::shutdown(&mut raw.stream)
            .await
            .unwrap();
        while let Ok(Some(read)) = tokio::time::timeout(PATIENCE, async {
            let mut chunk = [0; 4096];
            tokio::io::AsyncReadExt::read(&mut raw.stream, &mut chunk)
                .await
                .ok()
                .filter(|&read| read > 0)
        })
        .await
        {
            assert!(read > 0);
        }
    }
    let mut raw = Raw::connect(&running).await;
    raw.send(&good).await;
    assert_eq!(raw.answer().await.status(), 200);
}

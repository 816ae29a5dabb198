//! Every bound of [`Limits`] that a message can pass: at the bound it is taken, beyond it is a fault that names the bound.

use crate::harness::ADD;
use crate::victim::{BOTH, Limits, SoapVersion, Victim, changed, envelope, skipped, soon};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// `within` is answered, `beyond` is a fault of the caller that says `what`.
async fn bound(
    victim: &Victim,
    what: &str,
    within: impl Fn(SoapVersion) -> String,
    beyond: impl Fn(SoapVersion) -> String,
) {
    for version in BOTH {
        victim.answered(version, within(version)).await;
        victim
            .refused(version, beyond(version))
            .await
            .blames(version, what);
    }
}

fn nested(version: SoapVersion, depth: usize) -> String {
    skipped(
        version,
        &format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth)),
    )
}

#[tokio::test]
async fn depth() {
    let victim = Victim::start().await;
    // Envelope, Body, Add and the element skipped come first.
    bound(
        &victim,
        "exceed the limit of 100",
        |v| nested(v, 96),
        |v| nested(v, 97),
    )
    .await;
    bound(
        &victim,
        "exceed the limit of 100",
        |v| nested(v, 1),
        |v| nested(v, 200_000),
    )
    .await;
    for version in BOTH {
        let unclosed = skipped(version, &"<x>".repeat(100_000));
        victim
            .refused(version, unclosed)
            .await
            .blames(version, "exceed the limit of 100");
        let in_header = envelope(
            version,
            &format!("<c:h>{}{}</c:h>", "<x>".repeat(200), "</x>".repeat(200)),
            ADD,
        );
        victim
            .refused(version, in_header)
            .await
            .blames(version, "exceed the limit of 100");
        let in_value = changed(
            version,
            "1.5",
            &format!("1.5{}{}", "<x>".repeat(200), "</x>".repeat(200)),
        );
        victim.refused(version, in_value).await.blames(version, "");
    }
    victim.is_well().await;
}

#[tokio::test]
async fn depth_beyond_a_thousand_cannot_be_allowed() {
    let victim =
        Victim::start_with(|server| server.limits(Limits::server().depth(usize::MAX))).await;
    bound(
        &victim,
        "exceed the limit of 1000",
        |v| nested(v, 996),
        |v| nested(v, 997),
    )
    .await;
}

#[tokio::test]
async fn attributes() {
    let victim = Victim::start().await;
    let element = |version, count: usize| {
        let attributes: String = (0..count).map(|index| format!(" a{index}='1'")).collect();
        skipped(version, &format!("<x{attributes}/>"))
    };
    bound(
        &victim,
        "attributes of an element exceed the limit of 256",
        |v| element(v, 256),
        |v| element(v, 257),
    )
    .await;
    bound(
        &victim,
        "exceed the limit of 256",
        |v| element(v, 1),
        |v| element(v, 100_000),
    )
    .await;
}

#[tokio::test]
async fn namespaces_in_scope() {
    let victim = Victim::start().await;
    let element = |version, count: usize| {
        let declarations: String = (0..count)
            .map(|index| format!(" xmlns:p{index}='urn:{index}'"))
            .collect();
        skipped(version, &format!("<x{declarations}/>"))
    };
    bound(
        &victim,
        "namespace",
        |v| element(v, 100),
        |v| element(v, 129),
    )
    .await;
    let nested = |version, depth: usize| {
        let starts: String = (0..depth)
            .map(|index| format!("<x xmlns:p{index}a='u' xmlns:p{index}b='u'>"))
            .collect();
        skipped(version, &format!("{starts}{}", "</x>".repeat(depth)))
    };
    bound(&victim, "namespace", |v| nested(v, 50), |v| nested(v, 70)).await;
}

#[tokio::test]
async fn children_and_elements() {
    let victim = Victim::start().await;
    let children = |version, count: usize| skipped(version, &"<x/>".repeat(count));
    bound(
        &victim,
        "exceed the limit of 50000",
        |v| children(v, 50_000),
        |v| children(v, 50_001),
    )
    .await;
    let victim = Victim::start_with(|server| server.limits(Limits::server().elements(1000))).await;
    // Envelope, Header, Body, Add, a, b and the element skipped are among them.
    bound(
        &victim,
        "exceed the limit of 1000",
        |v| children(v, 993),
        |v| children(v, 994),
    )
    .await;
}

#[tokio::test]
async fn header_blocks() {
    let victim = Victim::start().await;
    let blocks = |version, count: usize| envelope(version, &"<c:h/>".repeat(count), ADD);
    bound(
        &victim,
        "header blocks exceed the limit of 128",
        |v| blocks(v, 128),
        |v| blocks(v, 129),
    )
    .await;
    bound(
        &victim,
        "header blocks exceed the limit of 128",
        |v| blocks(v, 0),
        |v| blocks(v, 100_000),
    )
    .await;
}

#[tokio::test]
async fn names_and_attribute_values() {
    let victim = Victim::start().await;
    let element = |version, length: usize| skipped(version, &format!("<{}/>", "x".repeat(length)));
    bound(
        &victim,
        "exceed the limit of 1024",
        |v| element(v, 1024),
        |v| element(v, 1025),
    )
    .await;
    let attribute =
        |version, length: usize| skipped(version, &format!("<x {}='1'/>", "x".repeat(length)));
    bound(
        &victim,
        "exceed the limit of 1024",
        |v| attribute(v, 1024),
        |v| attribute(v, 1025),
    )
    .await;
    let prefix = |version, length: usize| {
        let prefix = "p".repeat(length);
        skipped(version, &format!("<x xmlns:{prefix}='u'/>"))
    };
    bound(
        &victim,
        "exceed the limit of 1024",
        |v| prefix(v, 1000),
        |v| prefix(v, 1025),
    )
    .await;
    let value =
        |version, length: usize| skipped(version, &format!("<x a='{}'/>", "v".repeat(length)));
    bound(
        &victim,
        "exceed the limit of 65536",
        |v| value(v, 65_536),
        |v| value(v, 65_537),
    )
    .await;
}

#[tokio::test]
async fn comments() {
    let victim = Victim::start().await;
    let comments =
        |version, each: usize| skipped(version, &format!("<!--{}-->", "x".repeat(each)).repeat(8));
    bound(
        &victim,
        "exceed the limit of 65536",
        |v| comments(v, 8000),
        |v| comments(v, 8193),
    )
    .await;
    let many =
        |version, count: usize| changed(version, "1.5", &format!("1{}.5", "<!---->".repeat(count)));
    bound(
        &victim,
        "exceed the limit of 65536",
        |v| many(v, 1000),
        |v| many(v, 500_000),
    )
    .await;
}

#[tokio::test]
async fn a_message_beyond_its_limit_is_413_before_it_is_sent() {
    let victim = Victim::start().await;
    for version in BOTH {
        let padded = |size: usize| {
            let valid = crate::victim::valid(version);
            let padding = "x".repeat(size - skipped(version, "").len());
            let body = skipped(version, &padding);
            assert!(body.len() == size && size > valid.len());
            body
        };
        victim.answered(version, padded(4 << 20)).await;
        let answer = victim.post(version, padded((4 << 20) + 1)).await;
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(answer.text().contains("4194304"), "{answer:?}");
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(victim.ran(), 0);
        for length in ["4194305", "1000000000000", "18446744073709551615"] {
            let mut stream = victim.connect().await;
            let head = format!(
                "POST /calc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("writes");
            let mut answer = [0; 12];
            soon(stream.read_exact(&mut answer))
                .await
                .expect("an answer");
            let answer = String::from_utf8_lossy(&answer);
            let expected = match length {
                "18446744073709551615" => "HTTP/1.1 431", // hyper's word for more than it counts to
                _ => "HTTP/1.1 413",
            };
            assert_eq!(answer, expected, "{length}");
        }
        assert_eq!(victim.ran(), 0);
    }
    victim.is_well().await;
}

#[cfg(feature = "gzip")]
fn gzip(body: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("compresses");
    encoder.finish().expect("compresses")
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn a_message_is_bounded_while_it_is_inflated() {
    use crate::victim::{media_type, valid};
    let victim = Victim::start().await;
    for version in BOTH {
        let kind = media_type(version);
        let post = async |body: Vec<u8>| {
            victim
                .post_as(
                    &[("Content-Type", kind), ("Content-Encoding", "gzip")],
                    body,
                )
                .await
        };
        victim.added(&post(gzip(valid(version).as_bytes())).await);
        let bomb = gzip(skipped(version, &" ".repeat(64 << 20)).as_bytes());
        assert!(bomb.len() < 1 << 20);
        let answer = post(bomb.clone()).await;
        assert_eq!(answer.status, 413, "{answer:?}");
        let twice = gzip(&bomb);
        assert!(post(twice).await.status >= 400);
        let ratio = gzip(skipped(version, &" ".repeat(3 << 20)).as_bytes());
        assert_eq!(post(ratio).await.status, 413);
        for broken in [
            &bomb[..bomb.len() / 2],
            b"not gzip at all",
            b"",
            &bomb[..10],
        ] {
            assert!((400..=500).contains(&post(broken.to_vec()).await.status));
        }
        assert_eq!(victim.ran(), 0);
    }
    victim.is_well().await;
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn a_content_coding_that_is_not_taken_is_415() {
    let victim = Victim::start().await;
    let coding = [("Content-Type", "text/xml"), ("Content-Encoding", "gzip")];
    assert_eq!(victim.post_as(&coding, "x").await.status, 415);
    assert_eq!(victim.ran(), 0);
}

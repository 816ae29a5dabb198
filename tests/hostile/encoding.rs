//! Bytes that are not in the encoding they claim, and encodings that must be taken (BP R1012, R4001).

use crate::victim::{BOTH, SoapVersion, Victim, media_type, valid};

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

fn declared(version: SoapVersion, encoding: &str) -> String {
    valid(version).replace("\"1.0\"", &format!("\"1.0\" encoding=\"{encoding}\""))
}

#[tokio::test]
async fn bytes_that_are_no_utf8_are_refused_wherever_they_stand() {
    let victim = Victim::start().await;
    for version in BOTH {
        let valid = valid(version);
        for bytes in [
            &b"\xFF"[..],
            b"\xC0\x80",
            b"\xED\xA0\x80",
            b"\xF8\x88\x80\x80\x80",
            b"\xE2\x82",
            b"\x80",
            b"\xF4\x90\x80\x80",
        ] {
            for place in ["1.5", "<c:a>", "</e:Header>", "</e:Envelope>"] {
                let at = valid.find(place).expect("the place");
                let body = [&valid.as_bytes()[..at], bytes, &valid.as_bytes()[at..]].concat();
                victim
                    .refused(version, &body)
                    .await
                    .blames(version, "the bytes are not UTF-8");
            }
            let skipped = [b"<c:x y='", bytes, b"'/></c:Add>"].concat();
            let at = valid.find("</c:Add>").expect("the place");
            let body = [
                &valid.as_bytes()[..at],
                &skipped,
                &valid.as_bytes()[at + 8..],
            ]
            .concat();
            victim
                .refused(version, &body)
                .await
                .blames(version, "the bytes are not UTF-8");
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn utf16_and_iso_8859_1_are_taken() {
    let victim = Victim::start().await;
    for version in BOTH {
        let valid = valid(version);
        let comment = valid.replace("<c:Add>", "<!-- ü --><c:Add>");
        let latin = |text: &str| {
            text.chars()
                .map(|c| u8::try_from(u32::from(c)).expect("Latin 1"))
                .collect::<Vec<u8>>()
        };
        victim.answered(version, format!("\u{FEFF}{comment}")).await;
        victim
            .answered(
                version,
                latin(&declared(version, "ISO-8859-1").replace("<c:Add>", "<!-- ü --><c:Add>")),
            )
            .await;
        for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            victim
                .answered(
                    version,
                    utf16(&format!("\u{FEFF}{}", declared(version, "UTF-16")), unit),
                )
                .await;
            victim
                .answered(version, utf16(&format!("\u{FEFF}{comment}"), unit))
                .await;
        }
        for (charset, body) in [
            ("utf-8", comment.clone().into_bytes()),
            ("\"UTF-8\"", declared(version, "ISO-8859-1").into_bytes()),
            (
                "utf-16",
                utf16(&format!("\u{FEFF}{comment}"), u16::to_le_bytes),
            ),
            ("iso-8859-1", latin(&comment)),
            ("us-ascii", valid.clone().into_bytes()),
        ] {
            let kind = format!("{}; charset={charset}", media_type(version));
            let answer = victim.post_as(&[("Content-Type", &kind)], body).await;
            victim.added(&answer);
        }
    }
}

#[tokio::test]
async fn an_encoding_that_is_not_kept_is_refused() {
    let victim = Victim::start().await;
    for version in BOTH {
        let valid = valid(version);
        let marked = utf16(&format!("\u{FEFF}{valid}"), u16::to_le_bytes);
        for (body, expected) in [
            (
                declared(version, "UTF-16").into_bytes(),
                "the bytes are not UTF-16",
            ),
            (
                declared(version, "utf-16le").into_bytes(),
                "the bytes are not UTF-16",
            ),
            (
                utf16(&declared(version, "utf-8"), u16::to_be_bytes),
                "the bytes are not UTF-8",
            ),
            (
                format!("\u{FEFF}{}", declared(version, "iso-8859-1")).into_bytes(),
                "the bytes are not ISO-8859-1",
            ),
            (
                marked[..marked.len() - 1].to_vec(),
                "the bytes are not UTF-16",
            ),
            (
                [&marked[..], &[0x00, 0xD8]].concat(),
                "the bytes are not UTF-16",
            ),
            (
                declared(version, "koi8-r").into_bytes(),
                "encoding \"koi8-r\" is not supported",
            ),
            (
                declared(version, "utf-7").into_bytes(),
                "encoding \"utf-7\" is not supported",
            ),
            (declared(version, "utf-8;").into_bytes(), "not"),
            (utf16(&valid, u16::to_le_bytes)[1..].to_vec(), "not"),
        ] {
            victim
                .refused(version, &body)
                .await
                .blames(version, expected);
        }
        for (charset, body) in [
            ("utf-16", valid.clone().into_bytes()),
            ("utf-8", marked.clone()),
            (
                "us-ascii",
                valid.replace("<c:Add>", "<!-- ü --><c:Add>").into_bytes(),
            ),
            ("ebcdic", valid.clone().into_bytes()),
        ] {
            let kind = format!("{}; charset={charset}", media_type(version));
            let answer = victim.post_as(&[("Content-Type", &kind)], body).await;
            assert_eq!(answer.status, 500, "{charset}");
            assert_eq!(victim.ran(), 0);
        }
    }
    victim.is_well().await;
}

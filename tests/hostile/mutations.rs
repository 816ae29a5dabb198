//! A thousand mutations of a valid request: each gets an answer of HTTP that is right or says no, and others get theirs meanwhile.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::victim::{BOTH, SoapVersion, Victim, media_type, request, soon, valid};

/// xorshift64*: the same mutations every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("fits")
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(8)).min(bytes.len());
            match self.below(6) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.next() as u8,
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
                4 => {
                    let other = self.below(bytes.len());
                    bytes.swap(at, other);
                }
                _ => {
                    const TOKENS: [&[u8]; 10] = [
                        b"<",
                        b">",
                        b"&",
                        b"\"",
                        b"</",
                        b"\0",
                        b"]]>",
                        b"<!--",
                        b"<![CDATA[",
                        b"\xFF",
                    ];
                    let token = TOKENS[self.below(TOKENS.len())];
                    bytes.splice(at..at, token.iter().copied());
                }
            }
        }
    }
}

/// A client that keeps its connection and gets the right answer each time.
struct Witness(tokio::net::TcpStream);

impl Witness {
    async fn asks(&mut self) {
        let body = valid(SoapVersion::Soap11);
        let request = request(&[("Content-Type", "text/xml")], body.as_bytes());
        soon(self.0.write_all(&request)).await.expect("writes");
        let mut received = Vec::new();
        while !received.ends_with(b"Envelope>") {
            let read = soon(self.0.read_buf(&mut received)).await.expect("reads");
            assert!(read > 0, "the connection of another client was closed");
        }
        assert!(String::from_utf8_lossy(&received).contains(">3.75<"));
    }
}

/// Sends them a few at a time while the witness asks; gives how many were answered with a result.
async fn send_all(victim: &Victim, requests: &[Vec<u8>]) -> usize {
    let mut witness = Witness(victim.connect().await);
    let mut results = 0;
    for few in requests.chunks(4) {
        let (mine, (), one, two, three) = tokio::join!(
            victim.send(&few[0]),
            witness.asks(),
            victim.send(few.get(1).map_or(&[], |bytes| bytes)),
            victim.send(few.get(2).map_or(&[], |bytes| bytes)),
            victim.send(few.get(3).map_or(&[], |bytes| bytes)),
        );
        for (answers, bytes) in [mine, one, two, three].into_iter().zip(few) {
            let shown = String::from_utf8_lossy(bytes);
            let has_head = shown.contains("\n\r\n") || shown.contains("\n\n");
            assert!(!answers.is_empty() || !has_head, "no answer to {shown}");
            for answer in answers {
                let ok = match answer.status {
                    200 => answer
                        .value("AddResult")
                        .is_some_and(|sum| sum.parse::<f64>().is_ok() || sum.ends_with("INF")),
                    202 => answer.body.is_empty(),
                    400..=499 => true,
                    500 => answer.value("Fault").is_some(),
                    _ => false,
                };
                assert!(ok, "{shown}\n{answer:?}");
                results += usize::from(answer.status < 300);
            }
        }
        results += 1; // the witness
    }
    results
}

#[tokio::test]
async fn mutated_envelopes_are_answered() {
    let victim = Victim::start().await;
    for version in BOTH {
        let mut random = Random(0x5EED_0001);
        let requests: Vec<_> = (0..1000)
            .map(|_| {
                let mut body = valid(version).into_bytes();
                random.mutate(&mut body);
                request(&[("Content-Type", media_type(version))], &body)
            })
            .collect();
        let results = send_all(&victim, &requests).await;
        assert_eq!(
            victim.ran(),
            results,
            "executed without a result, or the other way round"
        );
    }
    victim.is_well().await;
}

#[tokio::test]
async fn mutated_requests_are_answered() {
    let victim = Victim::start().await;
    for version in BOTH {
        let mut random = Random(0x5EED_0002);
        let body = valid(version);
        let whole = request(
            &[
                ("Content-Type", media_type(version)),
                ("SOAPAction", "\"\""),
            ],
            body.as_bytes(),
        );
        let requests: Vec<_> = (0..1000)
            .map(|_| {
                let mut bytes = whole.clone();
                random.mutate(&mut bytes);
                bytes
            })
            .collect();
        let results = send_all(&victim, &requests).await;
        assert_eq!(
            victim.ran(),
            results,
            "executed without a result, or the other way round"
        );
    }
    victim.is_well().await;
}

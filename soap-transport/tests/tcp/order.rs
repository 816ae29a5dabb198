//! Answers come in the order of the requests, one each, however the bytes fall.

use std::fmt::Write as _;

use proptest::{collection::vec, prelude::*};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fake::{Fake, PATIENCE, Raw, ms, reply, serve};

/// INVENTORY 8: gSOAP answers the first of two and loses the second.
#[tokio::test]
async fn gsoap_two_requests_in_one_segment_are_both_answered() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a>1</a>\r\n<a>2</a>\r\n").await;
    raw.expect("<a>1</a><a>2</a>").await;
}

/// INVENTORY 2.4: gSOAP waits for the rest until its timeout, and closes without an answer.
#[tokio::test]
async fn gsoap_one_byte_a_segment_and_half_a_message() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    for byte in "<a b='1'>x</a>\r\n".bytes() {
        raw.send([byte]).await;
        tokio::task::yield_now().await;
    }
    raw.expect("<a b='1'>x</a>").await;
    raw.send("<a>").await;
    raw.end().await;
    assert_eq!(raw.rest().await, "<a>", "told at the end of the stream");
}

fn numbered(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let _ = write!(text, "<call n='{number}'><![CDATA[</call>]]><x/></call>");
    }
    text
}

/// Pseudo-random, the same with each run.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % end
    }
}

/// Sends `text` in pieces of at most `longest` bytes, with a chance for the server to see each, and reads all that comes.
async fn sent_in_pieces(text: &str, longest: usize, seed: u64) -> String {
    let running = serve(&Fake::echo()).await;
    let raw = Raw::connect(&running).await;
    let (mut read, mut write) = raw.stream.into_split();
    let sending = async {
        let mut random = Lcg(seed);
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let length = (1 + random.below(longest)).min(rest.len());
            let (piece, behind) = rest.split_at(length);
            write.write_all(piece).await.unwrap();
            if random.below(4) == 0 {
                tokio::task::yield_now().await;
            }
            rest = behind;
        }
        write.shutdown().await.unwrap();
    };
    let reading = async {
        let mut answers = String::new();
        read.read_to_string(&mut answers).await.unwrap();
        answers
    };
    let both = async { tokio::join!(sending, reading).1 };
    tokio::time::timeout(PATIENCE, both).await.unwrap()
}

#[tokio::test]
async fn ten_thousand_requests_in_one_write_get_their_answers_in_order() {
    let requests = numbered(10_000);
    for (longest, seed) in [(usize::MAX, 1), (100, 2), (5000, 3)] {
        let answers = sent_in_pieces(&requests, longest, seed).await;
        assert!(answers == requests, "pieces of {longest}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_split_equals_no_split(lengths in vec(0_usize..400, 1..12), longest in 1_usize..300, seed: u64) {
        let text: String = lengths
            .iter()
            .enumerate()
            .map(|(number, length)| format!("<a n=\"{number}>\"><!--<b>-->{}</a>", "x".repeat(*length)))
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answers = runtime.block_on(sent_in_pieces(&text, longest, seed));
        prop_assert_eq!(answers, text);
    }
}

#[tokio::test]
async fn handlers_that_take_different_times_do_not_change_the_order() {
    let fake = Fake::new(|message| async move {
        let digits: String = message
            .envelope
            .iter()
            .map(|byte| char::from(*byte))
            .filter(char::is_ascii_digit)
            .collect();
        tokio::time::sleep(ms(digits.parse().unwrap())).await;
        reply(message.envelope)
    });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    let requests = "<a>30</a><a>0</a><a>20</a><a>0</a><a>10</a>";
    raw.send(requests).await;
    raw.expect(requests).await;
    // Another connection is not held up.
    let (fake, _never) = Fake::held();
    let running = serve(&fake).await;
    Raw::connect(&running).await.send("<a/>").await;
    let mut second = Raw::connect(&running).await;
    second.send("<b/>").await;
    crate::fake::until(|| fake.count() == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_at_a_time_keep_their_answers_apart() {
    let running = serve(&Fake::echo()).await;
    let mut peers = Vec::new();
    for peer in 0..64 {
        let mut raw = Raw::connect(&running).await;
        peers.push(tokio::spawn(async move {
            for call in 0..20 {
                let requests = format!("<a p='{peer}' c='{call}'/><b p='{peer}' c='{call}'/>");
                raw.echo(&requests).await;
            }
        }));
    }
    for peer in peers {
        peer.await.unwrap();
    }
}

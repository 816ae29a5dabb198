//! What a message may cost: memory grows by less than 64 MiB and 100 times the bytes sent, whatever the limits are raised to, and
//! time does not grow with their square. A binary of its own, because the memory of the whole process is looked at.
#![cfg(target_os = "linux")]

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../hostile/victim.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests of hostile input"
)]
mod victim;

mod namespaces;
mod streams;

use std::{fmt::Write, fs, time::Instant};

use tokio::sync::Mutex;

use victim::{BOTH, Limits, SoapVersion, Victim, changed, envelope, skipped};

const MIB: usize = 1 << 20;

/// One test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Everything a user can raise, raised.
fn raised() -> Limits {
    let most = usize::MAX / 4;
    Limits::server()
        .message(512 * MIB)
        .depth(most)
        .attributes(most)
        .namespaces(most)
        .children(most)
        .elements(most)
        .name(most)
        .attribute_value(most)
        .comments(most)
        .header_blocks(most)
}

fn status(field: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find(|line| line.starts_with(field))
        .expect("the field");
    let kibibytes: String = line.chars().filter(char::is_ascii_digit).collect();
    kibibytes.parse::<usize>().expect("a number") * 1024
}

/// Sends it and gives the status and by how much memory grew at most meanwhile.
async fn cost(victim: &Victim, version: SoapVersion, body: &str) -> (u16, usize) {
    fs::write("/proc/self/clear_refs", "5").expect("resets the peak");
    let before = status("VmRSS:");
    let answer = victim.post(version, body).await;
    (answer.status, status("VmHWM:").saturating_sub(before))
}

/// The body is answered with these statuses, under the defaults and with every limit raised, within `64 MiB + times * bytes`.
async fn costs(name: &str, expected: [u16; 2], times: usize, body: impl Fn(SoapVersion) -> String) {
    let _alone = ALONE.lock().await;
    let cases = [Limits::server(), raised()].into_iter().zip(expected);
    for ((limits, expected), version) in cases.zip(BOTH) {
        let victim = Victim::start_with(|server| server.limits(limits)).await;
        let body = body(version);
        let begin = Instant::now();
        let (status, growth) = cost(&victim, version, &body).await;
        assert_eq!(status, expected, "{name}");
        let bound = 64 * MIB + times * body.len();
        println!(
            "{name}: {} KiB sent, {} KiB more, {} KiB allowed, {:?}",
            body.len() >> 10,
            growth >> 10,
            bound >> 10,
            begin.elapsed()
        );
        assert!(growth < bound, "{name}: {growth} of {bound} bytes");
        victim.ran();
        victim.is_well().await;
    }
}

fn repeated(count: usize, write: impl Fn(&mut String, usize)) -> String {
    let mut text = String::new();
    (0..count).for_each(|index| write(&mut text, index));
    text
}

#[tokio::test]
async fn a_hundred_thousand_header_blocks() {
    costs("header blocks", [500, 200], 100, |version| {
        envelope(version, &"<c:h/>".repeat(100_000), harness::ADD)
    })
    .await;
    costs("mandatory header blocks", [500, 500], 100, |version| {
        let blocks = repeated(100_000, |text, index| {
            let _ = write!(text, "<c:h{index} e:mustUnderstand='1'/>");
        });
        envelope(version, &blocks, harness::ADD)
    })
    .await;
}

#[tokio::test]
async fn a_million_levels() {
    costs("levels", [413, 500], 3, |version| {
        skipped(
            version,
            &format!("{}{}", "<x>".repeat(1_000_000), "</x>".repeat(1_000_000)),
        )
    })
    .await;
    costs("levels never closed", [500, 500], 3, |version| {
        skipped(version, &"<x>".repeat(1_000_000))
    })
    .await;
}

#[tokio::test]
async fn fifty_megabytes_of_text() {
    costs("text skipped", [413, 200], 3, |version| {
        skipped(version, &"x".repeat(50_000_000))
    })
    .await;
    costs("text skipped with references", [413, 200], 3, |version| {
        skipped(version, &"&amp;&#65;".repeat(1_000_000))
    })
    .await;
    costs("text taken", [413, 202], 4, |version| {
        envelope(
            version,
            "",
            &format!(
                "<c:Notify><c:text>{}</c:text></c:Notify>",
                "x&#65;".repeat(1_500_000)
            ),
        )
    })
    .await;
    // A number with 10 million digits is a double all the same: INF.
    costs("a number", [413, 200], 4, |version| {
        changed(version, "1.5", &"1".repeat(10_000_000))
    })
    .await;
    costs("comments", [413, 200], 3, |version| {
        skipped(version, &format!("<!--{}-->", "x".repeat(10_000_000)))
    })
    .await;
    costs("a comment never closed", [413, 500], 3, |version| {
        skipped(version, &format!("<!--{}", "x".repeat(10_000_000)))
    })
    .await;
}

#[tokio::test]
async fn many_of_a_kind() {
    costs("children", [500, 200], 100, |version| {
        skipped(version, &"<x/>".repeat(900_000))
    })
    .await;
    costs("attributes", [500, 200], 100, |version| {
        let attributes = repeated(200_000, |text, index| {
            let _ = write!(text, " a{index}=''");
        });
        skipped(version, &format!("<x{attributes}/>"))
    })
    .await;
    costs(
        "prefixed attributes that are the same",
        [500, 500],
        100,
        |version| {
            let attributes = repeated(100_000, |text, index| {
                let _ = write!(text, " c:a{}=''", index % 99_999);
            });
            skipped(version, &format!("<x{attributes}/>"))
        },
    )
    .await;
    costs(
        "namespaces one after the other",
        [200, 200],
        100,
        |version| {
            let elements = repeated(49_000, |text, index| {
                let _ = write!(text, "<x xmlns:p='u{index}' xmlns='v{index}'/>");
            });
            skipped(version, &elements)
        },
    )
    .await;
    costs("namespaces in scope", [500, 200], 100, |version| {
        let declarations = repeated(5_000, |text, index| {
            let _ = write!(text, " xmlns:p{index}='u{index}'");
        });
        skipped(version, &format!("<x{declarations}/>"))
    })
    .await;
    costs("a long name", [413, 200], 4, |version| {
        skipped(version, &format!("<{}/>", "x".repeat(10_000_000)))
    })
    .await;
    costs("a long attribute", [413, 200], 4, |version| {
        skipped(version, &format!("<x a='{}'/>", "&lt;".repeat(3_000_000)))
    })
    .await;
    costs("long names never closed", [500, 500], 4, |version| {
        skipped(version, &format!("<{}>", "x".repeat(1000)).repeat(900))
    })
    .await;
    costs("end tags", [500, 500], 4, |version| {
        skipped(version, &"</x>".repeat(900_000))
    })
    .await;
    costs("CDATA sections", [200, 200], 4, |version| {
        skipped(version, &"<![CDATA[]]>".repeat(300_000))
    })
    .await;
    costs("small comments in a value", [200, 200], 4, |version| {
        changed(version, "1.5", &format!("1{}.5", "<!---->".repeat(9_000)))
    })
    .await;
}

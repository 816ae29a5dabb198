//! Header blocks as someone sends them who means harm.

use soapstone::addressing::{Addressing, AddressingOptions, Edition};

use super::{BOTH, GET, NEW, OLD, asking, endpoint};

#[tokio::test]
async fn headers_repeated_a_hundred_times_are_one_fault() {
    for version in BOTH {
        for block in [
            "<a:Action>urn:q:Get</a:Action>".to_owned(),
            endpoint("ReplyTo", "http://evil.example/"),
            endpoint("From", "urn:x"),
        ] {
            let came = asking(version)
                .with(&(GET.to_owned() + &block.repeat(126)))
                .await;
            came.refused(version, &["InvalidAddressingHeader", "InvalidCardinality"]);
            assert!(came.text.len() < 2000);
        }
        let came = asking(version)
            .with(&(GET.to_owned() + &"<a:RelatesTo>urn:1</a:RelatesTo>".repeat(126)))
            .await;
        assert_eq!(came.executed, 1);
        let came = asking(version)
            .with(&(GET.to_owned() + &"<a:RelatesTo>urn:1</a:RelatesTo>".repeat(127)))
            .await;
        assert_eq!((&*came.way, came.executed), ("back", 0));
    }
}

#[tokio::test]
async fn faults_repeat_little_of_what_is_foreign() {
    let long = "x".repeat(1 << 17);
    for version in BOTH {
        for headers in [
            format!("<a:Action>urn:{long}</a:Action>"),
            format!("{GET}{}", endpoint("ReplyTo", &format!("http://{long}/"))),
            format!("{GET}{}", endpoint("FaultTo", &long)),
            format!("{GET}<a:Unknown s:mustUnderstand='1'>{long}</a:Unknown>"),
        ] {
            let came = asking(version).with(&headers).await;
            assert_eq!((&*came.way, came.executed), ("back", 0));
            assert!(came.text.len() < 3000, "{} bytes", came.text.len());
        }
    }
}

#[tokio::test]
async fn a_reference_nested_deeper_than_the_limit_is_not_read() {
    let (open, close) = ("<q:x>".repeat(200), "</q:x>".repeat(200));
    for version in BOTH {
        let reply_to = format!(
            "<a:ReplyTo><a:Address>{NEW}/anonymous</a:Address><a:ReferenceParameters>{open}{close}</a:ReferenceParameters></a:ReplyTo>"
        );
        let came = asking(version).with(&format!("{GET}{reply_to}")).await;
        assert_eq!((&*came.way, came.executed), ("back", 0));
        let (open, close) = ("<q:x>".repeat(80), "</q:x>".repeat(80));
        let reply_to = format!(
            "<a:ReplyTo><a:Address>{NEW}/anonymous</a:Address><a:ReferenceParameters>{open}{close}</a:ReferenceParameters></a:ReplyTo>"
        );
        let came = asking(version).with(&format!("{GET}{reply_to}")).await;
        assert_eq!(came.text.matches("<q:x").count(), 80);
    }
}

/// A parameter takes the declarations around it along: a thousand that share a long one would make an answer a thousand times
/// as long as the request.
#[tokio::test]
async fn parameters_that_share_a_long_declaration_make_no_long_answer() {
    let uri = "u".repeat(60_000);
    let many = "<k:k/>".repeat(10_000);
    for version in BOTH {
        for block in ["ReplyTo", "FaultTo", "From"] {
            let endpoint = format!(
                "<a:{block} xmlns:k='{uri}'><a:Address>{NEW}/anonymous</a:Address><a:ReferenceParameters>{many}</a:ReferenceParameters></a:{block}>"
            );
            let came = asking(version).with(&format!("{GET}{endpoint}")).await;
            came.refused(version, &["InvalidAddressingHeader", "InvalidEPR"]);
            assert!(came.text.len() < 2000);
        }
    }
}

/// Each grows by its mark: a thousand of four bytes made an answer twenty times as long as the request.
#[tokio::test]
async fn many_tiny_reference_parameters_make_no_long_answer() {
    for version in BOTH {
        for block in ["ReplyTo", "FaultTo", "From"] {
            let with = |count: usize| {
                let many = "<k/>".repeat(count);
                format!(
                    "{GET}<a:{block}><a:Address>{NEW}/anonymous</a:Address><a:ReferenceParameters>{many}</a:ReferenceParameters></a:{block}>"
                )
            };
            for count in [33, 1000] {
                let came = asking(version).with(&with(count)).await;
                came.refused(version, &["InvalidAddressingHeader", "InvalidEPR"]);
                assert!(came.text.len() < 2000);
            }
            let came = asking(version).with(&with(32)).await;
            assert_eq!(came.executed, 1);
            assert!(came.text.len() < 9000, "{} bytes", came.text.len());
            let echoed = came.text.matches("IsReferenceParameter=").count();
            assert_eq!(echoed, if block == "ReplyTo" { 32 } else { 0 });
        }
    }
}

/// Whoever sends a request could write what the answer says: its action, or which request it is to.
#[tokio::test]
async fn reference_parameters_that_are_blocks_of_addressing_are_not_echoed() {
    let parameters = [
        "<a:RelatesTo>urn:uuid:of-another</a:RelatesTo>",
        "<b:RelatesTo>urn:uuid:of-another</b:RelatesTo>",
        "<a:Action>urn:evil</a:Action>",
        "<b:ReplyTo><b:Address>http://evil.example/</b:Address></b:ReplyTo>",
        "<q:k/><a:Unknown/>",
    ];
    for version in BOTH {
        for parameter in parameters {
            let reply_to = |anonymous: &str| {
                format!(
                    "<a:ReplyTo><a:Address>{anonymous}</a:Address><a:ReferenceParameters>{parameter}</a:ReferenceParameters></a:ReplyTo>"
                )
            };
            let blocks = format!("{GET}{}", reply_to(&format!("{NEW}/anonymous")));
            let came = asking(version).with(&blocks).await;
            came.refused(version, &["InvalidAddressingHeader", "InvalidEPR"]);
            assert!(!came.text.contains("evil") && !came.text.contains("of-another"));
            let blocks = format!("{GET}{}", reply_to(&format!("{OLD}/role/anonymous")));
            let came = asking(version).old().with(&blocks).await;
            came.refused(version, &["InvalidMessageInformationHeader"]);
            assert!(!came.text.contains("evil") && !came.text.contains("of-another"));
        }
    }
}

/// What somebody wanted back says nothing of the message it comes with, whatever it is named.
#[tokio::test]
async fn a_block_marked_as_a_reference_parameter_is_no_property() {
    for version in BOTH {
        for (block, text) in [
            ("MessageID", "urn:uuid:2"),
            ("Action", "urn:q:Put"),
            ("To", "urn:elsewhere"),
            ("ReplyTo", "<a:Address>http://evil.example/</a:Address>"),
        ] {
            let marked = format!("<a:{block} a:IsReferenceParameter='true'>{text}</a:{block}>");
            for blocks in [format!("{GET}{marked}"), format!("{marked}{GET}")] {
                let options = AddressingOptions::default().check_to(["urn:here"]);
                let came = asking(version).options(options).with(&blocks).await;
                assert_eq!((&*came.way, came.executed), ("back", 1), "{}", came.text);
                assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
            }
        }
    }
}

#[tokio::test]
async fn a_message_of_both_editions_is_answered_in_one() {
    let both = format!(
        "{GET}{}",
        GET.replace("a:", "b:").replace("uuid:1", "uuid:2")
    );
    for version in BOTH {
        let came = asking(version).with(&both).await;
        assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
        assert!(!came.text.contains(OLD));
        // What the edition that counts breaks is not mended by the other.
        let came = asking(version)
            .with(&both.replacen("a:Action", "a:To", 2))
            .await;
        came.refused(version, &["MessageAddressingHeaderRequired"]);
    }
}

#[tokio::test]
async fn a_request_that_relates_to_nothing_known_is_a_request() {
    for version in BOTH {
        let came = asking(version)
            .with(&format!(
                "{GET}<a:RelatesTo>urn:uuid:none-of-ours</a:RelatesTo>"
            ))
            .await;
        assert_eq!(
            (came.executed, came.block("RelatesTo")),
            (1, "urn:uuid:1".into())
        );
    }
}

/// Blocks of which messages are put together at random.
fn vocabulary() -> Vec<String> {
    let addresses = [
        format!("{NEW}/anonymous"),
        format!("{OLD}/role/anonymous"),
        format!("{NEW}/none"),
        "http://a.example/answers".to_owned(),
        "http://a.example@evil.example/answers".to_owned(),
        "http://evil.example/answers".to_owned(),
        "urn:&#x9;x&lt;&amp;\"".to_owned(),
        String::new(),
    ];
    let mut blocks: Vec<String> = Vec::new();
    for prefix in ["a", "b"] {
        for address in &addresses {
            for block in ["ReplyTo", "FaultTo", "From"] {
                let parameters = "<a:ReferenceParameters><k xmlns='urn:k' l='&lt;'>]]&gt;&amp;</k><q:k/></a:ReferenceParameters>";
                let whole = endpoint(block, address)
                    .replace("</a:Address>", &format!("</a:Address>{parameters}"));
                blocks.push(whole.replace("a:", &format!("{prefix}:")));
            }
            blocks.push(format!("<{prefix}:To>{address}</{prefix}:To>"));
        }
        for id in ["urn:1", " urn:2&lt; ", "", "<q:x/>"] {
            blocks.push(format!("<{prefix}:MessageID>{id}</{prefix}:MessageID>"));
            blocks.push(
                format!("<{prefix}:RelatesTo RelationshipType='q:{id}'>urn:0</{prefix}:RelatesTo>")
                    .replace("<q:x/>'", "'"),
            );
        }
        for _ in 0..8 {
            blocks.push(format!("<{prefix}:Action>urn:q:Get</{prefix}:Action>"));
        }
        blocks.push(format!("<{prefix}:Action>urn:q:Put</{prefix}:Action>"));
        blocks.push(format!("<q:k {prefix}:IsReferenceParameter='true'>1</q:k>"));
    }
    blocks
}

/// A number below `bound`, the same ones in every run.
fn below(state: &mut u64, bound: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % bound as u64).expect("fits")
}

#[tokio::test]
async fn whatever_blocks_there_are_the_answer_is_sound_and_goes_nowhere_it_must_not() {
    const ALLOWED: &str = "http://a.example/answers";
    let vocabulary = vocabulary();
    let mut state = 0x5EED_0003;
    let mut ways = std::collections::HashSet::new();
    for round in 0..2000 {
        let count = below(&mut state, 6);
        let headers: String = (0..count)
            .map(|_| &*vocabulary[below(&mut state, vocabulary.len())])
            .collect();
        let mode = [Addressing::Off, Addressing::Optional, Addressing::Required];
        let mut options = AddressingOptions::new(mode[below(&mut state, 3)])
            .edition(Edition::ALL[below(&mut state, 2)]);
        let is_allowed = below(&mut state, 2) == 0;
        if is_allowed {
            options = options.answers_to([ALLOWED]);
        }
        let bodies = [
            "<q:Get><q:key>7</q:key></q:Get>",
            "<q:Get><q:key>0</q:key></q:Get>",
            "<q:X/>",
        ];
        let asking = asking(BOTH[round % 2])
            .options(options)
            .body(bodies[below(&mut state, 3)]);
        let came = asking.with(&headers).await;
        assert!(came.executed <= 1, "{headers}");
        match &*came.way {
            "back" | "nobody" => {}
            way => assert!(is_allowed && way == ALLOWED, "{headers}"),
        }
        if came.way != "nobody" {
            roxmltree::Document::parse(&came.text).expect(&headers);
            assert!(came.text.len() < 4000 + 8 * headers.len());
            let related = [NEW, OLD].map(|edition| came.blocks(edition, "RelatesTo"));
            let related: Vec<_> = related.into_iter().flatten().collect();
            assert!(related.len() <= 1);
            assert!(
                related.iter().all(|id| id == "urn:1" || id == "urn:2<"),
                "{related:?}"
            );
        }
        ways.insert(came.way);
    }
    assert_eq!(ways.len(), 3, "{ways:?}");
}

//! Rules: which header blocks count, and what is wrong with them.

use soapstone::addressing::{Addressing, AddressingOptions, Edition};

use super::{Asking, BOTH, GET, NEW, OLD, asking, endpoint};

#[tokio::test]
async fn a_1_the_namespace_tells_the_edition_and_the_answer_has_it() {
    for version in BOTH {
        let came = asking(version).with(GET).await;
        assert_eq!(came.blocks(NEW, "RelatesTo"), ["urn:uuid:1"]);
        assert_eq!(came.blocks(OLD, "RelatesTo"), [""; 0]);
        let came = asking(version).old().with(GET).await;
        assert_eq!(came.blocks(OLD, "RelatesTo"), ["urn:uuid:1"]);
        assert_eq!(came.blocks(NEW, "RelatesTo"), [""; 0]);
        assert_eq!(came.blocks(OLD, "To"), [format!("{OLD}/role/anonymous")]);
    }
}

#[tokio::test]
async fn a_1_of_two_editions_that_of_the_binding_counts_and_the_other_is_ordinary() {
    let both = format!("<b:Action>urn:nonsense</b:Action><b:MessageID>old</b:MessageID>{GET}");
    for version in BOTH {
        let came = asking(version).with(&both).await;
        assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
        let old = AddressingOptions::default().edition(Edition::V200408);
        let came = asking(version).old().options(old).with(&both).await;
        assert_eq!(came.blocks(OLD, "RelatesTo"), ["urn:uuid:1"]);
        let mandatory = format!("{GET}<b:To s:mustUnderstand='1'>urn:x</b:To>");
        let came = asking(version).with(&mandatory).await;
        assert_eq!(came.codes(), ["MustUnderstand"]);
    }
}

#[tokio::test]
async fn a_2_a_repeated_header_is_invalid_cardinality() {
    let anywhere = endpoint("ReplyTo", "http://evil.example/");
    for version in BOTH {
        for (name, block) in [
            ("To", "<a:To>urn:x</a:To>".to_owned()),
            ("Action", "<a:Action>urn:q:Get</a:Action>".to_owned()),
            (
                "MessageID",
                "<a:MessageID>urn:uuid:1</a:MessageID>".to_owned(),
            ),
            ("From", endpoint("From", "urn:x")),
            ("ReplyTo", anywhere.clone()),
            ("FaultTo", endpoint("FaultTo", &format!("{NEW}/none"))),
        ] {
            let once = if GET.contains(&format!("<a:{name}>")) {
                ""
            } else {
                &*block
            };
            let came = asking(version).with(&format!("{GET}{once}{block}")).await;
            came.refused(version, &["InvalidAddressingHeader", "InvalidCardinality"]);
            let detail = came.detail(version, "ProblemHeaderQName");
            assert_eq!(detail, Some(format!("wsa:{name}")));
            assert_eq!(came.block("To"), format!("{NEW}/anonymous"));
            assert_eq!(came.block("Action"), format!("{NEW}/fault"));
            let related = came.blocks(NEW, "RelatesTo");
            assert_eq!(related.len(), usize::from(name != "MessageID"));
        }
        let came = asking(version)
            .old()
            .with(&format!("{GET}<a:To>urn:x</a:To><a:To>urn:x</a:To>"))
            .await;
        came.refused(version, &["InvalidMessageInformationHeader"]);
        assert_eq!(came.blocks(OLD, "Action"), [format!("{OLD}/fault")]);
    }
}

#[tokio::test]
async fn a_2_blocks_for_other_roles_do_not_count() {
    for (version, role) in BOTH.into_iter().zip(["actor", "role"]) {
        let other = format!("<a:Action s:{role}='urn:other'>urn:x</a:Action>{GET}");
        let came = asking(version).with(&other).await;
        assert_eq!(
            (came.executed, came.block("RelatesTo")),
            (1, "urn:uuid:1".into())
        );
    }
}

#[tokio::test]
async fn a_3_a_request_without_action_is_refused() {
    for version in BOTH {
        for blocks in [
            "<a:MessageID>urn:uuid:1</a:MessageID>".to_owned(),
            "<a:To>urn:x</a:To>".to_owned(),
            endpoint("ReplyTo", &format!("{NEW}/anonymous")),
        ] {
            let came = asking(version).with(&blocks).await;
            came.refused(version, &["MessageAddressingHeaderRequired"]);
            let detail = came.detail(version, "ProblemHeaderQName");
            assert_eq!(detail.as_deref(), Some("wsa:Action"));
        }
        let came = asking(version).old().with("<a:To>urn:x</a:To>").await;
        came.refused(version, &["MessageInformationHeaderRequired"]);
    }
}

#[tokio::test]
async fn a_3_without_message_id_an_answer_relates_to_nothing_unless_addressing_is_required() {
    let action = "<a:Action>urn:q:Get</a:Action>";
    let required = AddressingOptions::new(Addressing::Required);
    for version in BOTH {
        let came = asking(version).with(action).await;
        assert_eq!((came.executed, came.blocks(NEW, "RelatesTo").len()), (1, 0));
        assert_eq!(came.block("Action"), "urn:q:Queue:GetResponse");
        let strict = asking(version).options(required.clone());
        let came = strict.with(action).await;
        came.refused(version, &["MessageAddressingHeaderRequired"]);
        let detail = came.detail(version, "ProblemHeaderQName");
        assert_eq!(detail.as_deref(), Some("wsa:MessageID"));
        // Nobody waits for the answer of a one-way operation.
        let put = strict.body("<q:Put><q:key>1</q:key></q:Put>");
        assert_eq!(put.with("<a:Action>urn:q:Put</a:Action>").await.executed, 1);
    }
}

#[tokio::test]
async fn a_3_in_the_edition_of_2004_who_says_where_answers_go_must_have_an_identifier() {
    let reply_to = endpoint("ReplyTo", &format!("{OLD}/role/anonymous"));
    let action = "<a:Action>urn:q:Get</a:Action>";
    let required = AddressingOptions::new(Addressing::Required);
    for version in BOTH {
        let old = asking(version).old();
        let came = old.with(&format!("{action}{reply_to}")).await;
        came.refused(version, &["MessageInformationHeaderRequired"]);
        assert_eq!(old.with(action).await.executed, 1);
        let strict = old.options(required.clone());
        let to = "<a:To>urn:x</a:To>";
        for lacking in [format!("{GET}{to}"), format!("{GET}{reply_to}")] {
            let came = strict.with(&lacking).await;
            came.refused(version, &["MessageInformationHeaderRequired"]);
        }
        assert_eq!(
            strict.with(&format!("{GET}{to}{reply_to}")).await.executed,
            1
        );
    }
}

#[tokio::test]
async fn a_3_where_it_is_required_a_request_without_it_is_refused() {
    for version in BOTH {
        for edition in Edition::ALL {
            let options = AddressingOptions::new(Addressing::Required).edition(edition);
            let came = asking(version).options(options).with("").await;
            let code = match edition {
                Edition::V200508 => "MessageAddressingHeaderRequired",
                Edition::V200408 => "MessageInformationHeaderRequired",
            };
            came.refused(version, &[code]);
            assert_eq!(came.blocks(edition.namespace().uri(), "Action"), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_4_an_action_that_differs_from_that_of_the_transport_is_a_mismatch() {
    for version in BOTH {
        for action in ["", "urn:q:Get"] {
            assert_eq!(asking(version).action(action).with(GET).await.executed, 1);
        }
        for action in ["urn:q:Queue:GetRequest", "urn:other", "urn:q:Put"] {
            let came = asking(version).action(action).with(GET).await;
            came.refused(version, &["InvalidAddressingHeader", "ActionMismatch"]);
            assert_eq!(came.detail(version, "Action").as_deref(), Some("urn:q:Get"));
            assert_eq!(came.detail(version, "SoapAction").as_deref(), Some(action));
        }
    }
}

fn mandatory(blocks: &str) -> String {
    [
        "Action>",
        "MessageID>",
        "To>",
        "ReplyTo>",
        "FaultTo>",
        "From>",
        "RelatesTo>",
    ]
    .into_iter()
    .fold(blocks.to_owned(), |blocks, name| {
        let open = format!("<a:{name}");
        let marked = open.replace('>', " s:mustUnderstand='1'>");
        blocks.replace(&open, &marked)
    })
}

fn all(asking: &Asking) -> String {
    let anonymous = asking.edition.anonymous();
    let endpoints: String = ["ReplyTo", "FaultTo", "From"]
        .iter()
        .map(|block| endpoint(block, anonymous))
        .collect();
    let rest = "<a:To>urn:x</a:To><a:RelatesTo>urn:uuid:0</a:RelatesTo>";
    mandatory(&format!("{GET}{endpoints}{rest}"))
}

#[tokio::test]
async fn a_11_all_its_blocks_are_understood_and_none_where_it_is_off() {
    for version in BOTH {
        for asking in [asking(version), asking(version).old()] {
            let blocks = all(&asking);
            assert_eq!(asking.with(&blocks).await.executed, 1);
            let off = asking
                .clone()
                .options(AddressingOptions::new(Addressing::Off));
            let came = off.with(&blocks).await;
            assert_eq!(came.codes(), ["MustUnderstand"]);
            // Off, what need not be understood means nothing, and the answer says nothing.
            let came = off
                .with(&format!("{GET}<a:To>x</a:To><a:To>x</a:To>"))
                .await;
            assert_eq!(came.executed, 1);
            assert!(!came.text.contains(asking.edition.namespace().uri()));
            // Nobody knows such a block.
            let unknown = format!("{GET}<a:Unknown s:mustUnderstand='1'/>");
            assert_eq!(asking.with(&unknown).await.codes(), ["MustUnderstand"]);
        }
    }
}

#[tokio::test]
async fn a_11_an_answer_to_a_request_without_it_has_none() {
    for version in BOTH {
        let came = asking(version).with("").await;
        assert_eq!(came.executed, 1);
        assert!(
            !came.text.contains(NEW) && !came.text.contains("Header"),
            "{}",
            came.text
        );
    }
}

#[tokio::test]
async fn a_12_white_space_is_collapsed_and_nothing_else_is_made_equal() {
    let spaced = "<a:Action>\n  urn:q:Get\t</a:Action><a:MessageID>\r\n urn:uuid:1 </a:MessageID>";
    let check_to = AddressingOptions::default().check_to(["http://h/q"]);
    for version in BOTH {
        let asking = asking(version).options(check_to.clone());
        let reply_to = endpoint("ReplyTo", &format!(" {NEW}/anonymous\n"));
        let came = asking
            .with(&format!("{spaced}<a:To> http://h/q </a:To>{reply_to}"))
            .await;
        assert_eq!(
            (came.executed, came.block("RelatesTo")),
            (1, "urn:uuid:1".into())
        );
        for to in ["http://H/q", "http://h:80/q", "http://h/%71", "http://h/q/"] {
            let came = asking.with(&format!("{GET}<a:To>{to}</a:To>")).await;
            came.refused(version, &["DestinationUnreachable"]);
        }
        for address in [format!("{NEW}/Anonymous"), format!("{NEW}/anonymous/")] {
            let came = asking
                .with(&format!("{GET}{}", endpoint("ReplyTo", &address)))
                .await;
            came.refused(
                version,
                &["InvalidAddressingHeader", "OnlyAnonymousAddressSupported"],
            );
        }
    }
}

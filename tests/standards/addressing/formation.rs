//! Rules A-5, A-13 to A-16: what stands in answers, and what of a request is believed.

use std::collections::HashSet;

use roxmltree::Document;

use super::{BOTH, GET, NEW, OLD, asking, endpoint, named};

const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

#[tokio::test]
async fn a_5_reference_parameters_come_back_as_marked_blocks_with_their_namespaces() {
    let anonymous = format!("{NEW}/anonymous");
    let reply_to = format!(
        "<a:ReplyTo xmlns:k='urn:k' xmlns:v='urn:v'><a:Address>{anonymous}</a:Address><a:ReferenceParameters>\
         <k:Key kind='v:big' a:IsReferenceParameter='false' s:role='urn:r'><k:Part><m xmlns='urn:m'>v:7 &amp; 8</m></k:Part></k:Key>\
         <k:Other/></a:ReferenceParameters></a:ReplyTo>"
    );
    for version in BOTH {
        let came = asking(version).with(&format!("{GET}{reply_to}")).await;
        let document = Document::parse(&came.text).expect("well-formed");
        let header = named(&document, "Header").expect("a Header");
        let key = header
            .children()
            .find(|block| block.has_tag_name(("urn:k", "Key")))
            .expect("the parameter");
        assert_eq!(key.attribute((NEW, "IsReferenceParameter")), Some("true"));
        assert_eq!(key.attribute("kind"), Some("v:big"));
        assert_eq!(key.lookup_namespace_uri(Some("v")), Some("urn:v"));
        let soap = version.namespace().uri();
        assert_eq!(key.attribute((soap, "role")), Some("urn:r"));
        let m = key
            .descendants()
            .find(|node| node.has_tag_name(("urn:m", "m")));
        assert_eq!(m.and_then(|m| m.text()), Some("v:7 & 8"));
        assert!(
            header
                .children()
                .any(|block| block.has_tag_name(("urn:k", "Other")))
        );
        assert_eq!(came.block("To"), anonymous);
        assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
        assert_eq!(came.block("Action"), "urn:q:Queue:GetResponse");
        assert!(!came.text.contains("RelationshipType"));
    }
}

#[tokio::test]
async fn a_5_the_edition_of_2004_has_no_mark_and_properties_too() {
    let reply_to = format!(
        "<a:ReplyTo><a:Address>{OLD}/role/anonymous</a:Address><a:ReferenceProperties><k xmlns='urn:k'>1</k></a:ReferenceProperties>\
         <a:ReferenceParameters><l xmlns='urn:k'>2</l></a:ReferenceParameters><a:PortType>q:Queue</a:PortType></a:ReplyTo>"
    );
    for version in BOTH {
        let came = asking(version)
            .old()
            .with(&format!("{GET}{reply_to}"))
            .await;
        assert_eq!(came.blocks("urn:k", "k"), ["1"]);
        assert_eq!(came.blocks("urn:k", "l"), ["2"]);
        assert_eq!(came.blocks(OLD, "To"), [format!("{OLD}/role/anonymous")]);
        assert_eq!(came.blocks(OLD, "Action"), ["urn:q:Queue:GetResponse"]);
        assert!(!came.text.contains("IsReferenceParameter"));
    }
}

#[tokio::test]
async fn a_5_faults_have_the_actions_of_their_kind() {
    for version in BOTH {
        let typed = asking(version).body("<q:Get><q:key>0</q:key></q:Get>");
        let came = typed.with(GET).await;
        assert_eq!(came.block("Action"), "urn:q:Queue:Get:Fault:NoKey");
        assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
        assert!(came.text.contains("no such key"));
        let came = typed.old().with(GET).await;
        assert_eq!(came.blocks(OLD, "Action"), [format!("{OLD}/fault")]);
        for body in [
            "<q:Get><q:key>1</q:key></q:Get>",
            "<q:Get><q:key>x</q:key></q:Get>",
            "<q:Nothing/>",
        ] {
            let came = asking(version).body(body).with(GET).await;
            assert_eq!(came.block("Action"), format!("{NEW}/soap/fault"), "{body}");
            assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
            let came = asking(version).old().body(body).with(GET).await;
            assert_eq!(came.blocks(OLD, "Action"), [format!("{OLD}/fault")]);
        }
        let unknown = format!("{GET}<x:Unknown xmlns:x='urn:x' s:mustUnderstand='1'/>");
        let came = asking(version).with(&unknown).await;
        assert_eq!(came.codes(), ["MustUnderstand"]);
        assert_eq!(came.block("Action"), format!("{NEW}/soap/fault"));
    }
}

#[tokio::test]
async fn a_13_message_ids_are_random_uuids_in_lower_case() {
    let mut seen = HashSet::new();
    for round in 0..50 {
        let came = asking(BOTH[round % 2]).with(GET).await;
        let id = came.block("MessageID");
        let uuid = id.strip_prefix("urn:uuid:").expect("a UUID");
        let parts: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        assert!(uuid.chars().all(|c| c == '-' || is_hex(c)), "{id}");
        assert_eq!(uuid.as_bytes()[14], b'4', "{id}");
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn a_14_from_is_what_the_sender_says_and_nothing_is_sent_there() {
    for version in BOTH {
        let from = endpoint("From", "http://evil.example/");
        for asking in [asking(version), asking(version).old()] {
            let came = asking.with(&format!("{GET}{from}")).await;
            assert_eq!((&*came.way, came.executed), ("back", 1));
            assert!(came.text.contains("evil.example"), "the handler is told");
            let faulty = asking.body("<q:Get><q:key>0</q:key></q:Get>");
            let came = faulty.with(&format!("{GET}{from}")).await;
            assert_eq!(came.way, "back");
        }
    }
}

#[tokio::test]
async fn a_15_signatures_that_must_be_checked_are_refused_and_not_ignored() {
    for version in BOTH {
        let security = format!("<w:Security xmlns:w='{SECURITY}' s:mustUnderstand='1'/>");
        let came = asking(version).with(&format!("{GET}{security}")).await;
        assert_eq!(
            (came.codes(), came.executed),
            (vec!["MustUnderstand".to_owned()], 0)
        );
    }
}

#[tokio::test]
async fn a_16_reference_parameters_are_data_of_the_caller() {
    let mark = "a:IsReferenceParameter='true'";
    for version in BOTH {
        // In a request they are told to the handler; a mandatory one is as mandatory as any block.
        let block = format!("<k:Key xmlns:k='urn:k' {mark}>7</k:Key>");
        let came = asking(version).with(&format!("{GET}{block}")).await;
        assert!(came.text.contains("urn:k"), "{}", came.text);
        let block = format!("<k:Key xmlns:k='urn:k' {mark} s:mustUnderstand='1'>7</k:Key>");
        let came = asking(version).with(&format!("{GET}{block}")).await;
        assert_eq!(
            (came.codes(), came.executed),
            (vec!["MustUnderstand".to_owned()], 0)
        );
        // In an answer they keep the mark, whatever they look like.
        let smuggled = format!("<w:Security xmlns:w='{SECURITY}' a:IsReferenceParameter='0'/>");
        let reply_to = format!(
            "<a:ReplyTo><a:Address>{NEW}/anonymous</a:Address><a:ReferenceParameters>{smuggled}</a:ReferenceParameters></a:ReplyTo>"
        );
        let came = asking(version).with(&format!("{GET}{reply_to}")).await;
        let document = Document::parse(&came.text).expect("well-formed");
        let security = named(&document, "Security").expect("the parameter");
        assert_eq!(
            security.attribute((NEW, "IsReferenceParameter")),
            Some("true")
        );
    }
}

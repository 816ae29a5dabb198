//! Rules, and those on endpoint references and relations: what a server takes.

use std::sync::Arc;

use soapstone::{
    Host, SoapVersion,
    addressing::AddressingOptions,
    transport::{Dispatch, Message, Outcome},
};

use super::{BOTH, Counting, GET, Item, NEW, OLD, QueueServer, asking, endpoint};

#[tokio::test]
async fn a_17_to_is_compared_with_nothing_unless_told() {
    let checked = AddressingOptions::default().check_to(["urn:here", "http://h/q"]);
    for version in BOTH {
        let elsewhere = format!("{GET}<a:To s:mustUnderstand='1'>http://other.example/</a:To>");
        assert_eq!(asking(version).with(&elsewhere).await.executed, 1);
        let asking = asking(version).options(checked.clone());
        let came = asking.with(&elsewhere).await;
        came.refused(version, &["DestinationUnreachable"]);
        let detail = came.detail(version, "ProblemIRI");
        assert_eq!(detail.as_deref(), Some("http://other.example/"));
        for to in ["urn:here", "http://h/q", &format!("{NEW}/anonymous")] {
            let came = asking.with(&format!("{GET}<a:To>{to}</a:To>")).await;
            assert_eq!(came.executed, 1, "{to}");
        }
        assert_eq!(asking.with(GET).await.executed, 1);
    }
}

#[tokio::test]
async fn a_18_the_declared_action_and_the_default_one_are_accepted() {
    let action = |action| format!("<a:Action>{action}</a:Action><a:MessageID>urn:1</a:MessageID>");
    for version in BOTH {
        for said in ["urn:q:Get", "urn:q:Queue:GetRequest"] {
            assert_eq!(asking(version).with(&action(said)).await.executed, 1);
        }
        let put = asking(version).body("<q:Put><q:key>1</q:key></q:Put>");
        for said in ["urn:q:Put", "urn:q:Queue:Put"] {
            let came = put.with(&action(said)).await;
            assert_eq!((&*came.way, came.executed), ("nobody", 1));
        }
        for said in ["urn:unknown", "urn:q:Put", "urn:q:Queue:Put", "urn:q:get"] {
            let came = asking(version).with(&action(said)).await;
            came.refused(version, &["ActionNotSupported"]);
            assert_eq!(came.detail(version, "Action").as_deref(), Some(said));
        }
        let came = asking(version).old().with(&action("urn:unknown")).await;
        came.refused(version, &["ActionNotSupported"]);
        assert_eq!(came.blocks(OLD, "RelatesTo"), ["urn:1"]);
    }
}

#[tokio::test]
async fn a_18_operations_with_one_element_are_told_apart_by_it() {
    let item = "<q:Item><q:id>5</q:id></q:Item>";
    for version in BOTH {
        let asking = asking(version).body(item);
        for (action, id) in [
            ("urn:q:Open", 6),
            ("urn:q:Queue:OpenRequest", 6),
            ("urn:q:Close", 4),
            ("urn:q:Queue:CloseRequest", 4),
        ] {
            let came = asking.with(&format!("<a:Action>{action}</a:Action>")).await;
            assert!(came.text.contains(&format!(">{id}<")), "{}", came.text);
        }
        let came = asking.with("<a:Action>urn:q:Get</a:Action>").await;
        came.refused(version, &["ActionNotSupported"]);
    }
}

/// `open` has the action that `close` has by default in the edition of 2004.
#[soapstone::service(namespace = "urn:q")]
trait Twins {
    #[soap(bare)]
    async fn close(&self, item: Item) -> Item;
    #[soap(bare, action = "urn:q/Twins/CloseRequest")]
    async fn open(&self, item: Item) -> Item;
}

struct Door;

impl Twins for Door {
    async fn close(&self, item: Item) -> Item {
        Item { id: item.id - 1 }
    }

    async fn open(&self, item: Item) -> Item {
        Item { id: item.id + 1 }
    }
}

#[tokio::test]
async fn a_18_a_declared_action_goes_before_the_default_one_of_another_operation() {
    for version in BOTH {
        for (action, id) in [
            ("urn:q/Twins/CloseRequest", 6),
            ("urn:q:Twins:OpenRequest", 6),
            ("urn:q:Twins:CloseRequest", 4),
            ("urn:q:Close", 4),
        ] {
            let envelope = asking(version)
                .body("<q:Item><q:id>5</q:id></q:Item>")
                .envelope(&format!("<a:Action>{action}</a:Action>"));
            let host = Arc::new(Host::new(TwinsServer::new(Door)));
            let request = Message::new(envelope).version(version);
            let Outcome::Reply(answer) = host.dispatch(request).await else {
                panic!("an answer")
            };
            let text = String::from_utf8_lossy(&answer.envelope).into_owned();
            assert!(text.contains(&format!(">{id}<")), "{action}: {text}");
        }
    }
}

/// SOAP 1.1 has no place for it.
#[tokio::test]
async fn faults_of_2004_name_the_header_block_in_their_detail() {
    let action = "<a:Action>urn:q:Get</a:Action>";
    for version in BOTH {
        let asking = asking(version).old();
        for (blocks, header) in [
            ("<a:To>urn:x</a:To>".to_owned(), "wsa:Action"),
            (format!("{action}{action}"), "wsa:Action"),
            (format!("{GET}<a:ReplyTo/>"), "wsa:ReplyTo"),
            (
                format!("{GET}{}", endpoint("FaultTo", "http://h/")),
                "wsa:FaultTo",
            ),
        ] {
            let detail = asking.with(&blocks).await;
            let detail = detail.detail_in(version, OLD, "ProblemHeaderQName");
            let expected = (version == SoapVersion::Soap12).then(|| header.to_owned());
            assert_eq!(detail, expected, "{blocks}");
        }
        let mismatch = asking.clone().action("urn:q:Put").with(GET).await;
        let detail = mismatch.detail_in(version, OLD, "ProblemHeaderQName");
        assert_eq!(detail.is_some(), version == SoapVersion::Soap12);
    }
}

#[tokio::test]
async fn an_endpoint_without_address_or_with_a_wrong_one_is_refused_on_the_way_back() {
    for version in BOTH {
        for block in ["ReplyTo", "FaultTo", "From"] {
            for (inside, code) in [
                ("", "MissingAddressInEPR"),
                ("<a:Address> </a:Address>", "MissingAddressInEPR"),
                (
                    "<x:Address xmlns:x='urn:x'>urn:y</x:Address>",
                    "MissingAddressInEPR",
                ),
                ("<a:Address>here</a:Address>", "InvalidAddress"),
                ("<a:Address>/here</a:Address>", "InvalidAddress"),
                ("<a:Address>urn:a b</a:Address>", "InvalidAddress"),
                ("<a:Address><b/></a:Address>", "InvalidEPR"),
                ("text", "InvalidEPR"),
            ] {
                let came = asking(version)
                    .with(&format!("{GET}<a:{block}>{inside}</a:{block}>"))
                    .await;
                came.refused(version, &["InvalidAddressingHeader", code]);
                let detail = came.detail(version, "ProblemHeaderQName");
                assert_eq!(detail, Some(format!("wsa:{block}")));
            }
        }
        let came = asking(version)
            .old()
            .with(&format!("{GET}<a:ReplyTo/>"))
            .await;
        came.refused(version, &["InvalidMessageInformationHeader"]);
    }
}

#[tokio::test]
async fn an_empty_header_is_refused() {
    for version in BOTH {
        for block in ["To", "Action", "MessageID"] {
            let rest = GET.replace(&format!("a:{block}>"), "q:ignored>");
            for empty in [
                format!("<a:{block}/>"),
                format!("<a:{block}><q:x/></a:{block}>"),
            ] {
                let came = asking(version).with(&format!("{rest}{empty}")).await;
                came.refused(version, &["InvalidAddressingHeader"]);
            }
        }
    }
}

#[tokio::test]
async fn relations_of_several_kinds_reach_the_handler() {
    let relations = "<a:RelatesTo>urn:1</a:RelatesTo><a:RelatesTo RelationshipType='urn:kind'>urn:2</a:RelatesTo>\
         <a:RelatesTo RelationshipType='http://www.w3.org/2005/08/addressing/reply'>urn:3</a:RelatesTo>";
    for version in BOTH {
        let came = asking(version).with(&format!("{GET}{relations}")).await;
        let text = came.text.replace("&quot;", "\"");
        for (id, kind) in [
            ("urn:1", "None"),
            ("urn:2", "Some(\"urn:kind\")"),
            ("urn:3", "None"),
        ] {
            let said = format!("message_id: \"{id}\", relationship: {kind}");
            assert!(text.contains(&said), "{said}: {text}");
        }
        let old = "<a:RelatesTo RelationshipType='a:Reply'>urn:1</a:RelatesTo><a:RelatesTo RelationshipType='q:Kind'>urn:2</a:RelatesTo>";
        let came = asking(version).old().with(&format!("{GET}{old}")).await;
        for kind in ["relationship: None", "{urn:q}Kind"] {
            assert!(came.text.contains(kind), "{}", came.text);
        }
    }
}

#[tokio::test]
async fn a_refusal_without_dispatch_is_addressed_too() {
    use soapstone::{Fault, Host, transport::Message};
    let host = Host::new(QueueServer::new(Counting::default()));
    let reply_to = endpoint("ReplyTo", "http://evil.example/");
    for version in BOTH {
        let envelope = asking(version).envelope(&format!("{GET}{reply_to}"));
        let answer = host.refuse(&Message::new(envelope), &Fault::receiver("busy"));
        let text = String::from_utf8(answer.envelope.to_vec()).expect("UTF-8");
        let document = roxmltree::Document::parse(&text).expect("well-formed");
        for (local, value) in [
            ("RelatesTo", "urn:uuid:1".to_owned()),
            ("To", format!("{NEW}/anonymous")),
            ("Action", format!("{NEW}/soap/fault")),
        ] {
            let block = super::named(&document, local).expect(local);
            assert_eq!(block.text(), Some(&*value));
        }
    }
}

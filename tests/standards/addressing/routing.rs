//! Rules: where answers and faults go.

use soapstone::{SoapVersion, addressing::AddressingOptions};

use super::{Asking, BOTH, GET, NEW, OLD, asking, endpoint};

const VALUE: &str = "<q:Get><q:key>7</q:key></q:Get>";
const TYPED: &str = "<q:Get><q:key>0</q:key></q:Get>";
const PLAIN: &str = "<q:Get><q:key>1</q:key></q:Get>";
const UNREAD: &str = "<q:Get><q:key>x</q:key></q:Get>";
const A: &str = "http://a.example/answers/1";
const F: &str = "http://f.example:8080/faults";

fn allowed(version: SoapVersion) -> Asking {
    let urls = ["http://a.example/answers", "http://f.example:8080/"];
    asking(version).options(AddressingOptions::default().answers_to(urls))
}

fn none() -> String {
    format!("{NEW}/none")
}

fn anonymous() -> String {
    format!("{NEW}/anonymous")
}

/// The way of a value, and of each kind of fault.
async fn ways(asking: &Asking, headers: &str) -> (String, String) {
    let value = asking.clone().body(VALUE).with(headers).await;
    assert_eq!(value.executed, 1);
    let mut ways = Vec::new();
    for body in [TYPED, PLAIN, UNREAD] {
        let came = asking.clone().body(body).with(headers).await;
        assert_eq!(came.executed, usize::from(body != UNREAD));
        assert!(came.way == "nobody" || came.text.contains("Fault>"));
        ways.push(came.way);
    }
    assert!(ways.iter().all(|way| *way == ways[0]), "{ways:?}");
    (value.way, ways[0].clone())
}

#[tokio::test]
async fn a_6_faults_go_to_fault_to_else_reply_to_else_back() {
    for version in BOTH {
        let asking = allowed(version);
        for (blocks, value, fault) in [
            (String::new(), "back", "back"),
            (endpoint("FaultTo", F), "back", F),
            (endpoint("ReplyTo", A), A, A),
            (endpoint("ReplyTo", A) + &endpoint("FaultTo", F), A, F),
            (endpoint("From", A), "back", "back"),
        ] {
            let got = ways(&asking, &format!("{GET}{blocks}")).await;
            assert_eq!(got, (value.into(), fault.into()), "{blocks}");
        }
    }
}

#[tokio::test]
async fn a_6_in_the_edition_of_2004_faults_go_to_from_before_they_go_back() {
    for version in BOTH {
        let asking = allowed(version).old();
        let reply_to = endpoint("ReplyTo", &format!("{OLD}/role/anonymous"));
        for (blocks, value, fault) in [
            (endpoint("From", F), "back", F),
            (endpoint("From", "http://evil.example/"), "back", "back"),
            (endpoint("From", F) + &reply_to, "back", "back"),
            (endpoint("From", F) + &endpoint("ReplyTo", A), A, A),
            (endpoint("From", F) + &endpoint("FaultTo", A), "back", A),
        ] {
            let got = ways(&asking, &format!("{GET}{blocks}")).await;
            assert_eq!(got, (value.into(), fault.into()), "{blocks}");
        }
    }
}

#[tokio::test]
async fn a_6_what_is_wrong_with_the_addressing_itself_goes_back() {
    let action = "<a:Action>urn:q:Get</a:Action>";
    for version in BOTH {
        let asking = allowed(version);
        for blocks in [
            endpoint("FaultTo", F),
            format!("{GET}{action}{}", endpoint("FaultTo", F)),
            format!("{GET}<a:FaultTo/>{}", endpoint("ReplyTo", A)),
            format!("{GET}{}<a:ReplyTo/>", endpoint("FaultTo", F)),
        ] {
            let came = asking.with(&blocks).await;
            assert_eq!((&*came.way, came.executed), ("back", 0), "{blocks}");
            assert_eq!(came.block("To"), anonymous());
        }
        // A fault that has nothing to do with where it goes does go there.
        let unknown = format!("{GET}{}", endpoint("FaultTo", F));
        let came = asking.body("<q:Unknown/>").with(&unknown).await;
        assert_eq!((&*came.way, came.block("To")), (F, F.to_owned()));
    }
}

#[tokio::test]
async fn a_6_a_fault_is_never_sent_anywhere_for_a_fault() {
    for version in BOTH {
        let mut request = allowed(version).envelope(&format!("{GET}{}", endpoint("FaultTo", F)));
        request = request.replace(super::GET_BODY, "<s:Fault/>");
        let came = allowed(version).sent(request).await;
        assert_eq!(came.way, "back");
        let origin = came.message.and_then(|message| message.fault);
        assert_eq!(origin, Some(soapstone::transport::FaultOrigin::ToFault));
    }
}

#[tokio::test]
async fn a_6_a_request_that_cannot_be_read_to_its_end_is_answered_on_its_way() {
    let to = endpoint("ReplyTo", A);
    for version in BOTH {
        for broken in [
            "<q:key>7</q:key><q:more>&unknown;</q:more></q:Get>",
            "<q:key>7</q:Get>",
        ] {
            let envelope = allowed(version).envelope(&format!("{GET}{to}"));
            let envelope = envelope.replace("<q:key>7</q:key></q:Get>", broken);
            let came = allowed(version).sent(envelope).await;
            assert_eq!((&*came.way, came.executed), ("back", 0), "{broken}");
        }
    }
}

#[tokio::test]
async fn a_7_what_is_for_nobody_is_dropped() {
    for version in BOTH {
        let asking = asking(version);
        let reply_to = endpoint("ReplyTo", &none());
        for (blocks, value, fault) in [
            (reply_to.clone(), "nobody", "nobody"),
            (
                reply_to.clone() + &endpoint("FaultTo", &anonymous()),
                "nobody",
                "back",
            ),
            (endpoint("FaultTo", &none()), "back", "nobody"),
        ] {
            let got = ways(&asking, &format!("{GET}{blocks}")).await;
            assert_eq!(got, (value.into(), fault.into()), "{blocks}");
        }
        let both = format!("{GET}{reply_to}{}", endpoint("FaultTo", F));
        let got = ways(&allowed(version), &both).await;
        assert_eq!(got, ("nobody".into(), F.into()));
        // Before the operation is known to run, nobody waits either.
        let came = asking.body(VALUE).with(&format!("{GET}{reply_to}")).await;
        assert_eq!((came.early, came.executed), (0, 1));
    }
}

#[tokio::test]
async fn a_8_anonymous_is_the_way_back() {
    for version in BOTH {
        let blocks = endpoint("ReplyTo", &anonymous()) + &endpoint("FaultTo", &anonymous());
        let to = format!("<a:To>{}</a:To>", anonymous());
        let got = ways(&asking(version), &format!("{GET}{blocks}{to}")).await;
        assert_eq!(got, ("back".into(), "back".into()));
    }
}

#[tokio::test]
async fn a_9_answers_elsewhere_are_refused_before_anything_is_executed() {
    for version in BOTH {
        for address in [
            A,
            F,
            "urn:somewhere",
            "soap.udp://h:1",
            "http://169.254.169.254/",
        ] {
            for block in ["ReplyTo", "FaultTo"] {
                let headers = format!("{GET}{}", endpoint(block, address));
                let came = asking(version).with(&headers).await;
                came.refused(
                    version,
                    &["InvalidAddressingHeader", "OnlyAnonymousAddressSupported"],
                );
                let detail = came.detail(version, "ProblemHeaderQName");
                assert_eq!(detail, Some(format!("wsa:{block}")));
                assert_eq!(came.block("To"), anonymous());
                let came = asking(version).old().with(&headers).await;
                came.refused(version, &["InvalidMessageInformationHeader"]);
            }
        }
        let came = allowed(version)
            .with(&format!(
                "{GET}{}",
                endpoint("ReplyTo", "http://a.example/answersmore")
            ))
            .await;
        came.refused(
            version,
            &["InvalidAddressingHeader", "OnlyAnonymousAddressSupported"],
        );
    }
}

#[tokio::test]
async fn a_9_answers_to_an_allowed_address_are_messages_of_their_own() {
    for version in BOTH {
        let parameter = "<a:ReferenceParameters><q:Key>9</q:Key></a:ReferenceParameters>";
        let reply_to =
            endpoint("ReplyTo", A).replace("</a:ReplyTo>", &format!("{parameter}</a:ReplyTo>"));
        let came = allowed(version).with(&format!("{GET}{reply_to}")).await;
        assert_eq!((&*came.way, came.early, came.executed), (A, 0, 1));
        assert_eq!(came.block("To"), A);
        assert_eq!(came.block("RelatesTo"), "urn:uuid:1");
        assert_eq!(came.blocks("urn:q", "Key"), ["9"]);
        let message = came.message.as_ref().expect("a message");
        assert_eq!(message.action.as_deref(), Some("urn:q:Queue:GetResponse"));
        assert_eq!(
            message.message_id.as_deref(),
            Some(&*came.block("MessageID"))
        );
        assert_eq!(message.version, Some(version));
    }
}

#[tokio::test]
async fn a_9_a_one_way_message_sends_faults_where_they_are_wanted() {
    for version in BOTH {
        let put = |body| allowed(version).body(body);
        let action = "<a:Action>urn:q:Put</a:Action>";
        let fault_to = format!("{action}{}", endpoint("FaultTo", F));
        let came = put("<q:Put><q:key>1</q:key></q:Put>").with(&fault_to).await;
        assert_eq!((&*came.way, came.executed), ("nobody", 1));
        let wrong = put("<q:Put><q:key>x</q:key></q:Put>");
        assert_eq!(wrong.with(&fault_to).await.way, F);
        assert_eq!(wrong.with(action).await.way, "back");
        let none = endpoint("ReplyTo", &none());
        assert_eq!(wrong.with(&format!("{action}{none}")).await.way, "nobody");
    }
}

/// Nobody would send anything there, so it is no reason to lose the message.
#[tokio::test]
async fn a_9_a_one_way_message_runs_whatever_its_reply_to_says() {
    const PUT: &str = "<q:Put><q:key>1</q:key></q:Put>";
    const WRONG: &str = "<q:Put><q:key>x</q:key></q:Put>";
    let evil = "http://evil.example/";
    let action = "<a:Action>urn:q:Put</a:Action><a:MessageID>urn:uuid:1</a:MessageID>";
    for version in BOTH {
        for asking in [allowed(version), allowed(version).old()] {
            for (endpoints, fault) in [
                (endpoint("ReplyTo", evil), "nobody"),
                (endpoint("FaultTo", evil), "nobody"),
                (endpoint("ReplyTo", evil) + &endpoint("FaultTo", F), F),
                (
                    endpoint("ReplyTo", A) + &endpoint("FaultTo", evil),
                    "nobody",
                ),
            ] {
                let blocks = format!("{action}{endpoints}");
                let came = asking.clone().body(PUT).with(&blocks).await;
                assert_eq!((&*came.way, came.executed), ("nobody", 1), "{endpoints}");
                let came = asking.clone().body(WRONG).with(&blocks).await;
                assert_eq!((&*came.way, came.executed), (fault, 0), "{endpoints}");
            }
        }
        // What cannot be used at all is wrong all the same.
        let came = allowed(version)
            .body(PUT)
            .with(&format!("{action}<a:ReplyTo/>"))
            .await;
        came.refused(version, &["InvalidAddressingHeader", "MissingAddressInEPR"]);
    }
}

#[tokio::test]
async fn a_10_reply_to_and_fault_to_are_judged_apart() {
    for version in BOTH {
        let asking = allowed(version);
        let (anonymous, none) = (anonymous(), none());
        for (reply_to, fault_to) in [
            (A, &*anonymous),
            (&*anonymous, F),
            (A, &*none),
            (&*none, F),
            (&*anonymous, &*none),
            (&*none, &*anonymous),
        ] {
            let way = |address: &str| match address {
                A | F => address.to_owned(),
                _ if address.ends_with("none") => "nobody".to_owned(),
                _ => "back".to_owned(),
            };
            let blocks = endpoint("ReplyTo", reply_to) + &endpoint("FaultTo", fault_to);
            let got = ways(&asking, &format!("{GET}{blocks}")).await;
            assert_eq!(got, (way(reply_to), way(fault_to)), "{blocks}");
        }
        // One of them allowed does not make the other so.
        let blocks = endpoint("ReplyTo", A) + &endpoint("FaultTo", "http://evil.example/");
        let came = asking.with(&format!("{GET}{blocks}")).await;
        came.refused(
            version,
            &["InvalidAddressingHeader", "OnlyAnonymousAddressSupported"],
        );
    }
}

//! Header blocks that must be understood (SOAP 1.1 4.2.3, SOAP 1.2 P1 2.4 to 2.6): checked before anything has an effect.

use crate::{
    harness::ADD,
    victim::{BOTH, SoapVersion, Victim, envelope, namespace},
};

fn target(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::Soap12 => "role",
        _ => "actor",
    }
}

#[tokio::test]
async fn a_block_that_is_not_understood_refuses_the_call_and_nothing_is_executed() {
    let victim = Victim::start().await;
    for version in BOTH {
        let next = match version {
            SoapVersion::Soap12 => "http://www.w3.org/2003/05/soap-envelope/role/next",
            _ => "http://schemas.xmlsoap.org/soap/actor/next",
        };
        let target = target(version);
        for attributes in [
            "e:mustUnderstand='1'".to_owned(),
            "e:mustUnderstand='true'".to_owned(),
            "e:mustUnderstand=' 1 '".to_owned(),
            format!("e:mustUnderstand='1' e:{target}=''"),
            format!("e:mustUnderstand='1' e:{target}='{next}'"),
            format!("xmlns:f='{}' f:mustUnderstand='1'", namespace(version)),
            "e:mustUnderstand='1' e:relay='true'".to_owned(),
        ] {
            let block = format!("<t:Token xmlns:t='urn:t' {attributes}>x</t:Token>");
            for body in [
                ADD,
                "<c:Notify><c:text>x</c:text></c:Notify>",
                "<c:Unknown/>",
                "<c:Add/>",
                "",
            ] {
                let fault = victim
                    .refused(version, envelope(version, &block, body))
                    .await;
                assert_eq!(fault.code, "MustUnderstand", "{block} {body} {fault:?}");
            }
        }
    }
    victim.is_well().await;
}

#[tokio::test]
async fn soap_12_names_every_block_that_was_not_understood() {
    let victim = Victim::start().await;
    let version = SoapVersion::Soap12;
    let blocks = "<t:One xmlns:t='urn:t' e:mustUnderstand='1'/><c:Fine/><u:Two xmlns:u='urn:u' e:mustUnderstand='true'/>\
        <u:Other xmlns:u='urn:u' e:mustUnderstand='1' e:role='urn:elsewhere'/>";
    let fault = victim
        .refused(version, envelope(version, blocks, ADD))
        .await;
    let document = roxmltree::Document::parse(&fault.envelope).expect("well-formed");
    let names: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name((namespace(version), "NotUnderstood")))
        .map(|node| {
            let (prefix, local) = node
                .attribute("qname")
                .and_then(|name| name.split_once(':'))
                .expect("a QName");
            (
                node.lookup_namespace_uri(Some(prefix)).expect("declared"),
                local,
            )
        })
        .collect();
    assert_eq!(names, [("urn:t", "One"), ("urn:u", "Two")]);
}

#[tokio::test]
async fn what_is_not_mandatory_for_this_node_does_not_refuse_the_call() {
    let victim = Victim::start().await;
    for version in BOTH {
        let (target, other) = match version {
            SoapVersion::Soap12 => ("role", namespace(SoapVersion::Soap11)),
            _ => ("actor", namespace(SoapVersion::Soap12)),
        };
        for attributes in [
            String::new(),
            "e:mustUnderstand='0'".to_owned(),
            "e:mustUnderstand='false'".to_owned(),
            "mustUnderstand='1'".to_owned(),
            format!("xmlns:o='{other}' o:mustUnderstand='1'"),
            format!("e:mustUnderstand='1' e:{target}='urn:elsewhere'"),
        ] {
            let block = format!("<t:Token xmlns:t='urn:t' {attributes}>x</t:Token>");
            victim
                .answered(version, envelope(version, &block, ADD))
                .await;
        }
        let child = "<t:Token xmlns:t='urn:t'><t:Child e:mustUnderstand='1'/></t:Token>";
        victim
            .answered(version, envelope(version, child, ADD))
            .await;
    }
    let none = "<t:T xmlns:t='urn:t' e:mustUnderstand='1' e:role='http://www.w3.org/2003/05/soap-envelope/role/none'/>";
    victim
        .answered(
            SoapVersion::Soap12,
            envelope(SoapVersion::Soap12, none, ADD),
        )
        .await;
}

#[tokio::test]
async fn must_understand_is_a_boolean() {
    let victim = Victim::start().await;
    for version in BOTH {
        for wrong in ["2", "", "yes", "TRUE", "1 1"] {
            let block = format!("<t:Token xmlns:t='urn:t' e:mustUnderstand='{wrong}'/>");
            let fault = victim
                .refused(version, envelope(version, &block, ADD))
                .await;
            fault.blames(version, "mustUnderstand");
        }
    }
}

use super::*;
use crate::FaultCode;

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

fn wrap(namespace: &str, inner: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{namespace}' xmlns:o='{SOAP11}' xmlns:t='{SOAP12}' xmlns:m='urn:m'>{inner}</e:Envelope>"
    )
}

/// Reads a whole envelope; what is wrong with it.
fn problem(text: &str) -> Option<String> {
    let mut envelope = match Envelope::read(text, &Limits::default()) {
        Ok(envelope) => envelope,
        Err(refused) => return Some(refused.to_string()),
    };
    let rest = if envelope.body().is_some() {
        envelope.reader().skip()
    } else {
        Ok(())
    };
    rest.and_then(|()| envelope.finish())
        .err()
        .map(|error| error.to_string())
}

fn not_understood(namespace: &str, header: &str, roles: &[&str]) -> Vec<String> {
    let text = wrap(
        namespace,
        &format!("<e:Header>{header}</e:Header><e:Body/>"),
    );
    let envelope = Envelope::read(&text, &Limits::default()).unwrap();
    let roles: Vec<_> = roles.iter().map(|role| (*role).to_owned()).collect();
    envelope
        .not_understood(&roles, |_, local| local == "Known")
        .iter()
        .map(|name| name.local().to_owned())
        .collect()
}

/// Rule S-2.
#[test]
fn the_namespace_of_the_root_tells_the_version() {
    for (namespace, version) in [(SOAP11, SoapVersion::Soap11), (SOAP12, SoapVersion::Soap12)] {
        let text = wrap(namespace, "<e:Body/>");
        assert_eq!(
            Envelope::read(&text, &Limits::default()).unwrap().version(),
            version
        );
    }
    let refused = Envelope::read(&wrap("urn:other", "<e:Body/>"), &Limits::default()).unwrap_err();
    assert_eq!(
        crate::Fault::from(refused.error).code(),
        FaultCode::VersionMismatch
    );
    let refused = Envelope::read("<m:Message xmlns:m='urn:m'/>", &Limits::default()).unwrap_err();
    assert_eq!(crate::Fault::from(refused.error).code(), FaultCode::Sender);
}

/// Rules S-1 and S-7.
#[test]
fn the_parts_of_an_envelope_stand_in_their_order() {
    let good = [
        "<e:Body/>",
        " <e:Header/> <e:Body> <m:a/> </e:Body> ",
        "<!-- x --><e:Body><m:a>1</m:a></e:Body>",
    ];
    let bad = [
        "",
        "<e:Header/>",
        "<e:Body/><e:Header/>",
        "<e:Header/><e:Header/><e:Body/>",
        "<e:Body/><e:Body/>",
        "<m:a/><e:Body/>",
        "text<e:Body/>",
        "<e:Body/>text",
        "<e:Body/><unqualified/>",
        "<e:Body><m:a/><m:b/></e:Body>",
        "<e:Body>text</e:Body>",
    ];
    // Rules S-1 and S-6: what SOAP 1.1 allows, or its stacks send, and SOAP 1.2 does not.
    let good_11 = [
        "<e:Body/><m:after><m:a/></m:after><m:after/>",
        "<e:Header><unqualified/></e:Header><e:Body/>",
    ];
    for inner in good_11 {
        assert_eq!(problem(&wrap(SOAP11, inner)), None, "{inner}");
        assert!(problem(&wrap(SOAP12, inner)).is_some(), "{inner}");
    }
    for namespace in [SOAP11, SOAP12] {
        for inner in good {
            assert_eq!(problem(&wrap(namespace, inner)), None, "{inner}");
        }
        for inner in bad {
            assert!(problem(&wrap(namespace, inner)).is_some(), "{inner}");
        }
        assert!(problem(&(wrap(namespace, "<e:Body/>") + "<x/>")).is_some());
    }
}

/// Rule M-2.
#[test]
fn must_understand_counts_in_the_namespace_of_the_envelope_only() {
    for value in ["1", "true", " 1 "] {
        assert_eq!(
            not_understood(SOAP12, &format!("<m:A e:mustUnderstand='{value}'/>"), &[]),
            ["A"],
            "{value:?}"
        );
    }
    for block in [
        "<m:A e:mustUnderstand='0'/>",
        "<m:A e:mustUnderstand='false'/>",
        "<m:A mustUnderstand='1'/>",
        "<m:A o:mustUnderstand='1'/>",
    ] {
        assert_eq!(not_understood(SOAP12, block, &[]), [""; 0], "{block}");
    }
    assert_eq!(
        not_understood(
            SOAP11,
            "<m:A t:mustUnderstand='1'/><m:B o:mustUnderstand='1'/><m:Known o:mustUnderstand='1'/>",
            &[]
        ),
        ["B"]
    );
    assert!(
        problem(&wrap(
            SOAP12,
            "<e:Header><m:A e:mustUnderstand='9'/></e:Header><e:Body/>"
        ))
        .is_some()
    );
}

/// Rules M-1, M-4 and M-8.
#[test]
fn only_blocks_for_this_node_must_be_understood() {
    let block = |role: &str| format!("<m:A e:mustUnderstand='1' e:role='{role}'/>");
    for role in [
        "",
        "http://www.w3.org/2003/05/soap-envelope/role/next",
        "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
    ] {
        assert_eq!(not_understood(SOAP12, &block(role), &[]), ["A"], "{role:?}");
    }
    for role in [
        "http://www.w3.org/2003/05/soap-envelope/role/none",
        "urn:other",
    ] {
        assert_eq!(
            not_understood(SOAP12, &block(role), &["urn:mine"]),
            [""; 0],
            "{role:?}"
        );
    }
    assert_eq!(
        not_understood(SOAP12, &block("urn:mine"), &["urn:mine"]),
        ["A"]
    );
    let actor = "<m:A e:mustUnderstand='1' e:actor='http://schemas.xmlsoap.org/soap/actor/next'/><m:B e:mustUnderstand='1' e:actor='urn:other'/>";
    assert_eq!(not_understood(SOAP11, actor, &[]), ["A"]);
}

/// Rule S-8.
#[test]
fn encoding_style_stands_where_soap12_allows_it() {
    let style = "e:encodingStyle='http://www.w3.org/2003/05/soap-encoding'";
    assert!(problem(&wrap(SOAP12, &format!("<e:Body {style}/>"))).is_some());
    assert!(problem(&wrap(SOAP12, &format!("<e:Header {style}/><e:Body/>"))).is_some());
    assert_eq!(
        problem(&wrap(SOAP11, "<e:Body e:encodingStyle='urn:any'/>")),
        None
    );
    assert_eq!(
        problem(&wrap(SOAP12, &format!("<e:Body><m:a {style}/></e:Body>"))),
        None
    );
    let poison = "<e:Body><m:a e:encodingStyle='urn:poison'/></e:Body>";
    let text = wrap(SOAP12, poison);
    let refused = Envelope::read(&text, &Limits::default());
    assert_eq!(
        crate::Fault::from(refused.unwrap_err().error).code(),
        FaultCode::DataEncodingUnknown
    );
}

#[test]
fn header_blocks_are_bounded() {
    let limits = Limits {
        header_blocks: 3,
        ..Limits::default()
    };
    let text = |count: usize| {
        wrap(
            SOAP11,
            &format!("<e:Header>{}</e:Header><e:Body/>", "<m:A/>".repeat(count)),
        )
    };
    assert!(Envelope::read(&text(3), &limits).is_ok());
    let error = Envelope::read(&text(4), &limits).unwrap_err().to_string();
    assert!(
        error.contains("header blocks exceed the limit of 3"),
        "{error}"
    );
}

use super::*;
use crate::{Envelope, Limits, SoapVersion};

fn written(fault: &Fault, version: SoapVersion) -> String {
    let mut writer = Writer::new();
    write(fault, version, &mut writer).unwrap();
    let text = String::from_utf8(writer.envelope(version).to_vec()).unwrap();
    let start = text.find(if text.contains("<S:Header>") {
        "<S:Header>"
    } else {
        "<S:Body>"
    });
    text[start.unwrap()..].to_owned()
}

fn read_back(body: &str, namespace: &str) -> Fault {
    let text = format!(
        "<S:Envelope xmlns:S='{namespace}' xmlns:m='urn:m'><S:Body>{body}</S:Body></S:Envelope>"
    );
    let mut envelope = Envelope::read(&text, &Limits::default()).unwrap();
    let fault = read(envelope.reader()).unwrap();
    envelope.finish().unwrap();
    fault
}

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

#[test]
fn soap11_children_are_unqualified() {
    let fault = Fault::sender("a < b").with_node("http://h/q");
    assert_eq!(
        written(&fault, SoapVersion::Soap11),
        "<S:Body><S:Fault><faultcode>S:Client</faultcode><faultstring xml:lang=\"en\">a &lt; b</faultstring>\
         <faultactor>http://h/q</faultactor></S:Fault></S:Body></S:Envelope>"
    );
}

#[test]
fn soap12_children_are_qualified_and_subcodes_nest() {
    let fault = Fault::receiver("busy")
        .with_subcode(QName::new("urn:m", "Outer"))
        .with_subcode(QName::new("urn:m", "Inner"))
        .with_role("urn:role");
    assert_eq!(
        written(&fault, SoapVersion::Soap12),
        "<S:Body><S:Fault><S:Code><S:Value>S:Receiver</S:Value><S:Subcode><S:Value>n0:Outer</S:Value>\
         <S:Subcode><S:Value>n0:Inner</S:Value></S:Subcode></S:Subcode></S:Code>\
         <S:Reason><S:Text xml:lang=\"en\">busy</S:Text></S:Reason><S:Role>urn:role</S:Role></S:Fault></S:Body></S:Envelope>"
    );
}

/// Rule F-7.
#[test]
fn soap11_carries_the_most_special_subcode_in_place_of_the_code() {
    let fault = Fault::sender("x")
        .with_subcode(QName::new("urn:m", "Outer"))
        .with_subcode(QName::new("urn:m", "Inner"));
    assert!(written(&fault, SoapVersion::Soap11).contains("<faultcode>n0:Inner</faultcode>"));
}

/// Rule V-2.
#[test]
fn a_version_mismatch_tells_which_versions_there_are() {
    let fault = Fault::new(FaultCode::VersionMismatch, "no such version");
    let text = written(&fault, SoapVersion::Soap11);
    assert!(text.starts_with(
        "<S:Header><n0:Upgrade><n0:SupportedEnvelope qname=\"n0:Envelope\"></n0:SupportedEnvelope>\
         <n0:SupportedEnvelope qname=\"n1:Envelope\"></n0:SupportedEnvelope></n0:Upgrade></S:Header>"
    ), "{text}");
}

/// Rule M-5; SOAP 1.1 has no such block.
#[test]
fn what_was_not_understood_is_named_in_soap12_only() {
    let fault = Fault::new(FaultCode::MustUnderstand, "x")
        .with_not_understood(vec![QName::new("urn:m", "Block")]);
    let text = written(&fault, SoapVersion::Soap12);
    assert!(
        text.starts_with("<S:Header><S:NotUnderstood qname=\"n0:Block\"/></S:Header>"),
        "{text}"
    );
    assert!(!written(&fault, SoapVersion::Soap11).contains("NotUnderstood"));
}

#[test]
fn what_is_written_is_read() {
    let subcode = QName::new("urn:m", "Sub");
    let fault = Fault::sender("why")
        .with_subcode(subcode.clone())
        .with_node("urn:node")
        .with_language("de");
    for version in [SoapVersion::Soap11, SoapVersion::Soap12] {
        let mut writer = Writer::new();
        write(&fault, version, &mut writer).unwrap();
        let bytes = writer.envelope(version);
        let mut envelope =
            Envelope::read(std::str::from_utf8(&bytes).unwrap(), &Limits::default()).unwrap();
        let read: Fault = read(envelope.reader()).unwrap();
        assert_eq!(
            (read.code(), read.subcodes(), read.node()),
            (FaultCode::Sender, &[subcode.clone()][..], Some("urn:node"))
        );
        assert_eq!((read.reason(), read.language()), ("why", "de"));
    }
}

#[test]
fn codes_are_taken_by_local_name_whatever_their_prefix() {
    for code in [
        "S:Client",
        "Client",
        "nowhere:Client",
        "S:Client.Auth",
        " S:Sender ",
    ] {
        let fault = read_back(
            &format!(
                "<S:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring></S:Fault>"
            ),
            SOAP11,
        );
        assert_eq!(
            (fault.code(), fault.subcodes().len()),
            (FaultCode::Sender, 0),
            "{code}"
        );
    }
    let fault = read_back(
        "<S:Fault><faultcode>m:Server</faultcode><faultstring>x</faultstring></S:Fault>",
        SOAP11,
    );
    assert_eq!(
        (fault.code(), fault.subcodes()),
        (FaultCode::Receiver, &[QName::new("urn:m", "Server")][..])
    );
    let fault = read_back(
        "<S:Fault><faultcode>m:NoSuchAccount</faultcode><faultstring>x</faultstring></S:Fault>",
        SOAP11,
    );
    assert_eq!(
        (fault.code(), fault.subcodes()),
        (
            FaultCode::Sender,
            &[QName::new("urn:m", "NoSuchAccount")][..]
        )
    );
}

#[test]
fn the_english_reason_is_taken_and_else_the_first() {
    let texts = "<S:Text xml:lang='fr'>oui</S:Text><S:Text xml:lang='en-GB'>yes</S:Text><S:Text xml:lang='en'>yeah</S:Text>";
    let body = |texts| {
        format!(
            "<S:Fault><S:Code><S:Value>S:Receiver</S:Value></S:Code><S:Reason>{texts}</S:Reason></S:Fault>"
        )
    };
    let fault = read_back(&body(texts), SOAP12);
    assert_eq!((fault.reason(), fault.language()), ("yes", "en-GB"));
    let fault = read_back(
        &body("<S:Text xml:lang='fr'>oui</S:Text><S:Text>x</S:Text>"),
        SOAP12,
    );
    assert_eq!((fault.reason(), fault.language()), ("oui", "fr"));
}

#[test]
fn the_detail_keeps_every_element() {
    let fault = read_back(
        "<S:Fault><detail><m:A>1</m:A><m:B/></detail><faultstring>x</faultstring><faultcode>S:Server</faultcode></S:Fault>",
        SOAP11,
    );
    assert_eq!(fault.code(), FaultCode::Receiver);
    assert_eq!(fault.detail().len(), 2);
    let again = written(
        &Fault::receiver("y").with_detail(fault.detail()[0].clone()),
        SoapVersion::Soap12,
    );
    assert!(
        again.contains("<S:Detail><") && again.contains(">1</"),
        "{again}"
    );
}

//! Q39 to Q44: faults as others write them.

use soapstone::{FaultCode, SoapVersion};

use super::client::{divide, envelope, failed, is_divide_fault, plain_fault};

const TYPED: &str = "<DivideFault xmlns=\"http://example.org/calc\"><code>7</code><text>divide by zero</text></DivideFault>";

/// An answer with a fault of SOAP 1.1.
fn fault11(code: &str, rest: &str) -> Vec<u8> {
    let body = format!("<s:Fault><faultcode>{code}</faultcode>{rest}</s:Fault>");
    failed(SoapVersion::Soap11, &envelope(SoapVersion::Soap11, &body))
}

/// An answer with a fault of SOAP 1.2.
fn fault12(code: &str, rest: &str) -> Vec<u8> {
    let body = format!("<s:Fault><s:Code>{code}</s:Code>{rest}</s:Fault>");
    failed(SoapVersion::Soap12, &envelope(SoapVersion::Soap12, &body))
}

const REASON11: &str = "<faultstring>divide by zero</faultstring>";
const REASON12: &str = "<s:Reason><s:Text xml:lang=\"en\">divide by zero</s:Text></s:Reason>";

#[tokio::test]
async fn q39_soap_11_codes_without_prefix_with_any_prefix_or_suffix() {
    for (code, meant) in [
        ("Sender", FaultCode::Sender),
        ("Client", FaultCode::Sender),
        ("s:Client", FaultCode::Sender),
        ("soap11env:Client", FaultCode::Sender),
        ("s:Client.Data", FaultCode::Sender),
        ("Client.Data.Range", FaultCode::Sender),
        ("\n s:Server ", FaultCode::Receiver),
        ("Receiver", FaultCode::Receiver),
        ("s:Server.Busy", FaultCode::Receiver),
        ("s:MustUnderstand", FaultCode::MustUnderstand),
    ] {
        let result = divide(SoapVersion::Soap11, fault11(code, REASON11)).await;
        let fault = plain_fault(result);
        assert_eq!(fault.code(), meant, "{code}");
        assert!(fault.subcodes().is_empty(), "{code}");
        assert_eq!(fault.reason(), "divide by zero");
        let detail = format!("{REASON11}<detail>{TYPED}</detail>");
        is_divide_fault(divide(SoapVersion::Soap11, fault11(code, &detail)).await);
    }
}

#[tokio::test]
async fn q39_server_for_a_typed_business_fault() {
    let body = format!(
        "<s:Fault xmlns:ns4=\"http://www.w3.org/2003/05/soap-envelope\"><faultcode>s:Server</faultcode>{REASON11}<detail>{TYPED}</detail></s:Fault>"
    );
    let version = SoapVersion::Soap11;
    let answer = failed(version, &envelope(version, &body));
    is_divide_fault(divide(version, answer).await);
    let code = "<s:Value>s:Receiver</s:Value>";
    let detail = format!("{REASON12}<s:Detail>{TYPED}</s:Detail>");
    is_divide_fault(divide(SoapVersion::Soap12, fault12(code, &detail)).await);
}

#[tokio::test]
async fn q40_actor_present_empty_or_absent() {
    for (actor, meant) in [
        ("", None),
        ("<faultactor></faultactor>", None),
        ("<faultactor/>", None),
        (
            "<faultactor>http://127.0.0.1:9704/</faultactor>",
            Some("http://127.0.0.1:9704/"),
        ),
    ] {
        let answer = fault11("s:Client", &format!("{REASON11}{actor}"));
        let fault = plain_fault(divide(SoapVersion::Soap11, answer).await);
        assert_eq!(fault.node(), meant);
        let typed = format!("{REASON11}{actor}<detail>{TYPED}</detail>");
        is_divide_fault(divide(SoapVersion::Soap11, fault11("s:Client", &typed)).await);
    }
}

#[tokio::test]
async fn q40_empty_language_of_the_reason() {
    let reason = "<faultstring xml:lang=\"\">divide by zero</faultstring>";
    let answer = fault11("Sender", reason);
    let fault = plain_fault(divide(SoapVersion::Soap11, answer).await);
    assert_eq!((fault.reason(), fault.language()), ("divide by zero", ""));
    let reason = "<s:Reason><s:Text xml:lang=\"\">divide by zero</s:Text></s:Reason>";
    let answer = fault12("<s:Value>s:Sender</s:Value>", reason);
    let fault = plain_fault(divide(SoapVersion::Soap12, answer).await);
    assert_eq!((fault.reason(), fault.language()), ("divide by zero", ""));
}

#[tokio::test]
async fn q41_soap_12_codes_without_prefix_or_of_another_namespace() {
    for (value, meant) in [
        ("Sender", FaultCode::Sender),
        ("c:Sender", FaultCode::Sender),
        ("unknown:Sender", FaultCode::Sender),
        ("s:Receiver", FaultCode::Receiver),
        (" s:Receiver\n", FaultCode::Receiver),
    ] {
        let code = format!(
            "<s:Value>{value}</s:Value><s:Subcode><s:Value xmlns:a=\"http://example.org/calc\">a:DivideByZero</s:Value></s:Subcode>"
        );
        let result = divide(SoapVersion::Soap12, fault12(&code, REASON12)).await;
        let fault = plain_fault(result);
        assert_eq!(fault.code(), meant, "{value}");
        let subcode = &fault.subcodes()[0];
        assert_eq!(
            (subcode.namespace(), subcode.local()),
            ("http://example.org/calc", "DivideByZero")
        );
        let typed = format!("{REASON12}<s:Detail>{TYPED}</s:Detail>");
        is_divide_fault(divide(SoapVersion::Soap12, fault12(&code, &typed)).await);
    }
}

#[tokio::test]
async fn q42_reason_without_a_language() {
    let reason = "<s:Reason><s:Text>divide by zero</s:Text></s:Reason>";
    let code = "<s:Value>s:Sender</s:Value>";
    let fault = plain_fault(divide(SoapVersion::Soap12, fault12(code, reason)).await);
    assert_eq!(fault.reason(), "divide by zero");
    let typed = format!("{reason}<s:Detail>{TYPED}</s:Detail>");
    is_divide_fault(divide(SoapVersion::Soap12, fault12(code, &typed)).await);
}

#[tokio::test]
async fn q43_detail_in_the_envelope_namespace_with_a_default_on_top() {
    let detail = "<s:Reason><s:Text>divide by zero</s:Text></s:Reason><s:Detail><s:DivideFault xmlns=\"http://example.org/calc\"><s:code>7</s:code><s:text>divide by zero</s:text></s:DivideFault></s:Detail>";
    let code = "<s:Value>s:Sender</s:Value>";
    is_divide_fault(divide(SoapVersion::Soap12, fault12(code, detail)).await);
    // Without the default nothing says what is meant.
    let plain = detail.replace(" xmlns=\"http://example.org/calc\"", "");
    let fault = plain_fault(divide(SoapVersion::Soap12, fault12(code, &plain)).await);
    assert_eq!(fault.detail()[0].name().local(), "DivideFault");
}

#[tokio::test]
async fn q44_detail_with_types_of_no_declared_prefix() {
    for typed in [
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"namesp1\"",
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"namesp1:DivideFault\"",
    ] {
        let detail = format!(
            "{REASON11}<faultactor>http://127.0.0.1:9704/</faultactor><detail><DivideFault xmlns=\"http://example.org/calc\" {typed}><code xsi:type=\"xsd:int\">7</code><text xsi:type=\"xsd:string\">divide by zero</text></DivideFault></detail>"
        );
        is_divide_fault(divide(SoapVersion::Soap11, fault11("s:Client", &detail)).await);
    }
}

//! Answers that come through but are not what a client may take, and faults of any size.

use std::{future::IntoFuture, time::Instant};

use soapstone::CallError;

use crate::{
    harness::contract::CalcFault,
    server::{answer, client_told, error_of, soap, sum},
    victim::{SoapVersion, envelope, namespace, soon},
};

#[tokio::test]
async fn an_envelope_that_cannot_be_read_is_a_read_error() {
    let right = sum("3.75");
    let other = right.replace(namespace(SoapVersion::Soap11), "urn:x");
    let mandatory = right.replace("<e:Header>", "<e:Header><c:x e:mustUnderstand='1'/>");
    let nested = right.replace("<c:AddResult>", &"<c:x>".repeat(200_000));
    for (body, expected) in [
        ("<".to_owned(), "ends inside"),
        (format!("{right}{right}"), "not"),
        (
            right.replace("3.75", "x"),
            "/Envelope/Body/AddResponse/AddResult",
        ),
        (
            right.replace("<c:AddResult>3.75</c:AddResult>", ""),
            "AddResult",
        ),
        (
            right.replace("AddResponse", "DivideResponse"),
            "DivideResponse",
        ),
        (
            right.replace(
                "<e:Envelope",
                "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><e:Envelope",
            ),
            "document type declaration",
        ),
        (right.replace("3.75", "&#0;"), "U+0000"),
        (other, "neither that of SOAP 1.1"),
        (mandatory, "mandatory header block"),
        (nested, "limit of 100"),
        ("<html><body>hello</body></html>".to_owned(), "html"),
    ] {
        let client = client_told(soap(&body), true).await;
        match soon(client.add(1.5, 2.25).into_future()).await {
            Err(CallError::Read(error)) => {
                assert!(error.to_string().contains(expected), "{expected}: {error}")
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn faults_may_be_huge_within_the_limit() {
    let fault = |reason: &str, detail: &str| {
        let body = format!(
            "<e:Fault><faultcode>e:Client</faultcode><faultstring>{reason}</faultstring><detail>{detail}</detail></e:Fault>"
        );
        answer(
            "500 No",
            "Content-Type: text/xml\r\n",
            &envelope(SoapVersion::Soap11, "", &body),
        )
    };
    let long = "x".repeat(900_000);
    let client = client_told(fault(&long, ""), true).await;
    match soon(client.divide(1.0, 0.0).into_future()).await {
        Err(CallError::Fault(CalcFault::Other(fault))) => assert_eq!(fault.reason(), long),
        other => panic!("{}", format!("{other:?}").len()),
    }
    let client = client_told(fault("many", &"<d/>".repeat(200_000)), true).await;
    match soon(client.divide(1.0, 0.0).into_future()).await {
        Err(CallError::Fault(CalcFault::Other(fault))) => assert_eq!(fault.detail().len(), 200_000),
        other => panic!("{}", format!("{other:?}").len()),
    }
    let client = client_told(fault(&long.repeat(2), ""), true).await;
    let error = error_of(&client).await;
    assert!(error.is_limit(), "{error}");
}

#[tokio::test]
async fn a_detail_of_many_namespaces_is_read_in_linear_time() {
    let fault = |count: usize| {
        let entries: String = (0..count)
            .map(|index| format!("<d xmlns='u{index}'/>"))
            .collect();
        let body = format!(
            "<e:Fault><faultcode>e:Client</faultcode><faultstring>x</faultstring><detail>{entries}</detail></e:Fault>"
        );
        answer(
            "500 No",
            "Content-Type: text/xml\r\n",
            &envelope(SoapVersion::Soap11, "", &body),
        )
    };
    let begin = Instant::now();
    let client = client_told(fault(40_000), true).await;
    match client.divide(1.0, 0.0).await {
        Err(CallError::Fault(CalcFault::Other(fault))) => assert_eq!(fault.detail().len(), 40_000),
        other => panic!("{}", format!("{other:?}").len()),
    }
    assert!(
        begin.elapsed() < crate::victim::PATIENCE,
        "{:?}",
        begin.elapsed()
    );
}

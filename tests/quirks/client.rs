//! Our client under test, and the answers it gets.

use soapstone::{CallError, Endpoint, SoapVersion};

use crate::harness::{
    contract::{CalcClient, CalcFault, Record},
    scripted::{self, Received, Then},
    wire::soon,
};

use super::server::{SOAP11, SOAP12};

pub(crate) const BOTH: [SoapVersion; 2] = [SoapVersion::Soap11, SoapVersion::Soap12];

pub(crate) async fn client(url: &str, version: SoapVersion) -> CalcClient {
    let channel = Endpoint::new(url).version(version).connect().await;
    CalcClient::new(channel.expect("a channel"))
}

/// Runs a call of one request against a server that answers with these bytes and then closes.
macro_rules! answered {
    ($version:expr, $answer:expr, $calc:ident => $call:expr) => {{
        let (url, served) = scripted::serve(vec![($answer, Then::Close)]).await;
        let $calc = client(&url, $version).await;
        let result = soon($call.into_future()).await;
        let mut received = soon(served).await.expect("the request is as it must be");
        assert_eq!(received.len(), 1, "one request");
        (result, received.remove(0))
    }};
}

pub(crate) async fn add(version: SoapVersion, answer: Vec<u8>) -> Result<f64, CallError> {
    answered!(version, answer, calc => calc.add(1.5, 2.25)).0
}

pub(crate) async fn divide(
    version: SoapVersion,
    answer: Vec<u8>,
) -> Result<f64, CallError<CalcFault>> {
    answered!(version, answer, calc => calc.divide(1.0, 0.0)).0
}

pub(crate) async fn echo(
    version: SoapVersion,
    sent: Record,
    answer: Vec<u8>,
) -> (Result<Record, CallError>, Received) {
    answered!(version, answer, calc => calc.echo(sent))
}

pub(crate) async fn notify(
    version: SoapVersion,
    answer: Vec<u8>,
) -> (Result<(), CallError>, Received) {
    answered!(version, answer, calc => calc.notify("hi".to_owned()))
}

/// The media type of a version.
pub(crate) fn media(version: SoapVersion) -> &'static str {
    if version == SoapVersion::Soap11 {
        "text/xml; charset=utf-8"
    } else {
        "application/soap+xml; charset=utf-8"
    }
}

pub(crate) fn namespace(version: SoapVersion) -> &'static str {
    if version == SoapVersion::Soap11 {
        SOAP11
    } else {
        SOAP12
    }
}

/// A whole answer of status 200.
pub(crate) fn ok(version: SoapVersion, body: &str) -> Vec<u8> {
    scripted::answer("200 OK", &[("Content-Type", media(version))], body)
}

/// A whole answer with a fault.
pub(crate) fn failed(version: SoapVersion, body: &str) -> Vec<u8> {
    let kind = [("Content-Type", media(version))];
    scripted::answer("500 Internal Server Error", &kind, body)
}

/// An envelope with the prefix `s`, and `c` for the calculator.
pub(crate) fn envelope(version: SoapVersion, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"{}\" xmlns:c=\"http://example.org/calc\"><s:Body>{body}</s:Body></s:Envelope>",
        namespace(version)
    )
}

pub(crate) const SUM: &str = "<c:AddResponse><c:AddResult>3.75</c:AddResult></c:AddResponse>";

/// The answer to `Add`.
pub(crate) fn sum(version: SoapVersion) -> String {
    envelope(version, SUM)
}

/// The answer to `Echo` with these fields.
pub(crate) fn record(version: SoapVersion, fields: &str) -> Vec<u8> {
    let body = format!("<c:EchoResponse><c:EchoResult>{fields}</c:EchoResult></c:EchoResponse>");
    ok(version, &envelope(version, &body))
}

/// The typed fault in any shape.
#[track_caller]
pub(crate) fn is_divide_fault(result: Result<f64, CallError<CalcFault>>) {
    match result {
        Err(CallError::Fault(CalcFault::DivideFault { code: 7, text }))
            if text == "divide by zero" => {}
        other => panic!("{other:?}"),
    }
}

/// The fault that is not typed.
#[track_caller]
pub(crate) fn plain_fault(result: Result<f64, CallError<CalcFault>>) -> soapstone::Fault {
    match result {
        Err(CallError::Fault(CalcFault::Other(fault))) => fault,
        other => panic!("{other:?}"),
    }
}

//! Typed faults: codes, reasons and details.

use soapstone::{Fault, FaultCode, SoapFault, SoapType};

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:f")]
struct Quota {
    left: i32,
}

/// What can go wrong.
#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:f")]
enum CalcFault {
    #[soap(code = "Sender", reason = "divide by zero")]
    DivideFault {
        code: i32,
        text: String,
    },
    #[soap(
        code = "Sender",
        subcode = "Limit",
        reason = "only {left:03} of {{many}} left, {left}"
    )]
    Limit {
        left: i32,
    },
    #[soap(reason = "wait {0}", name = "wait")]
    Wait(i32),
    QuotaExceeded(Quota),
    NotFound,
    #[soap(other)]
    Other(Fault),
}

#[test]
fn codes_and_reasons() {
    let fault = |typed: CalcFault| {
        let fault = typed.fault();
        (
            fault.code(),
            fault.reason().to_owned(),
            fault.subcodes().first().map(|code| code.local().to_owned()),
        )
    };
    let divide = CalcFault::DivideFault {
        code: 1,
        text: "x".into(),
    };
    assert_eq!(divide.to_string(), "divide by zero");
    assert_eq!(
        fault(divide),
        (FaultCode::Sender, "divide by zero".into(), None)
    );
    let limit = CalcFault::Limit { left: 5 };
    assert_eq!(
        fault(limit),
        (
            FaultCode::Sender,
            "only 005 of {many} left, 5".into(),
            Some("Limit".into())
        )
    );
    assert_eq!(
        fault(CalcFault::Wait(3)),
        (FaultCode::Receiver, "wait 3".into(), None)
    );
    assert_eq!(
        fault(CalcFault::QuotaExceeded(Quota { left: 1 })).1,
        "quota exceeded"
    );
    assert_eq!(fault(CalcFault::NotFound).1, "not found");
    assert_eq!(
        fault(Fault::sender("no").into()),
        (FaultCode::Sender, "no".into(), None)
    );
}

#[test]
fn a_typed_fault_knows_its_name_in_the_wsdl() {
    let limit = CalcFault::Limit { left: 5 };
    assert_eq!(limit.name(), Some("Limit"));
    assert_eq!(CalcFault::Wait(3).name(), Some("wait"));
    assert_eq!(CalcFault::NotFound.name(), Some("NotFound"));
    assert_eq!(CalcFault::from(Fault::sender("no")).name(), None);
    assert_eq!(Fault::sender("no").name(), None);
}

#[test]
fn the_description_names_every_detail() {
    let names = CalcFault::describe()
        .iter()
        .map(|fault| fault.element.local)
        .collect::<Vec<_>>();
    assert_eq!(
        names,
        ["DivideFault", "Limit", "wait", "QuotaExceeded", "NotFound"]
    );
}

#[test]
fn details_are_read_by_local_names_whatever_the_namespace_of_the_children_q43() {
    use soapstone::{Limits, xml::Reader};
    let text = r#"<d:DivideFault xmlns:d="urn:f" xmlns="urn:else"><code>7</code><x/><d:text>t</d:text></d:DivideFault>"#;
    let mut reader = Reader::new(text, &Limits::default()).unwrap();
    let name = reader.next().unwrap().unwrap();
    let fault = CalcFault::read_detail(name, &mut reader).unwrap();
    assert!(matches!(fault, Some(CalcFault::DivideFault { code: 7, text }) if text == "t"));

    let mut reader = Reader::new(r#"<DivideFault xmlns="urn:g"/>"#, &Limits::default()).unwrap();
    let name = reader.next().unwrap().unwrap();
    assert!(CalcFault::read_detail(name, &mut reader).unwrap().is_none());
}

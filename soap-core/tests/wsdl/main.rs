//! The WSDL that a description prints: its text, and that every name in it is declared.

mod calculator;
mod clashes;
mod kitchen_sink;
mod references;
mod write;

use soap_core::{
    Addressing, Fault, Host, Incoming, Reply, Service,
    describe::{self, ServiceDescription},
    transport::{BoxFuture, Dispatch, Port},
};

#[test]
fn calculator() {
    assert_golden("calculator.wsdl", &calculator::CALC);
}

#[test]
fn kitchen_sink() {
    assert_golden("kitchen-sink.wsdl", &kitchen_sink::KITCHEN);
}

#[test]
fn a_port_without_ws_addressing_says_nothing_of_it() {
    let text = with_addressing(Addressing::Off);
    references::check(&text);
    for word in ["wsam", "wsaw", "wsp", "Action=\"http", "ddressing"] {
        let is_there = text.replace("soapAction", "").contains(word);
        assert!(!is_there, "{word} in {text}");
    }
}

#[test]
fn a_port_that_requires_ws_addressing_says_so_of_each_binding() {
    let required = "<wsaw:UsingAddressing wsdl:required=\"true\"/>";
    let text = with_addressing(Addressing::Required);
    references::check(&text);
    assert_eq!(text.matches(required).count(), 2);
    assert_eq!(text.matches("<wsam:Addressing>").count(), 2);
    let optional = with_addressing(Addressing::Optional);
    assert!(!optional.contains("wsdl:required"));
    let assertion = "<wsam:Addressing wsp:Optional=\"true\">";
    assert_eq!(optional.matches(assertion).count(), 2);
    let same = text.replace(required, "<wsaw:UsingAddressing/>");
    assert_eq!(same.replace("<wsam:Addressing>", assertion), optional);
}

fn with_addressing(mode: Addressing) -> String {
    let mut port = Port::new("http://127.0.0.1:9000/calc");
    port.addressing = mode;
    describe::wsdl(&calculator::CALC, &port)
}

#[test]
fn a_service_without_operations() {
    static EMPTY: ServiceDescription = ServiceDescription {
        name: "EmptyService",
        port_type: "Empty",
        namespace: &write::NONE,
        documentation: "",
        operations: &[],
    };
    let text = describe::wsdl(&EMPTY, &Port::new("http://host/?a=1&b=\"2\""));
    references::check(&text);
    assert!(!text.contains("wsdl:types"));
    assert!(text.contains("location=\"http://host/?a=1&amp;b=&quot;2&quot;\""));
}

#[test]
fn a_host_shows_the_wsdl_of_its_service() {
    struct Calculator;

    impl Service for Calculator {
        fn description(&self) -> &'static ServiceDescription {
            &calculator::CALC
        }

        fn invoke<'x>(&'x self, _: usize, _: Incoming<'x>) -> BoxFuture<'x, Result<Reply, Fault>> {
            Box::pin(async { Err(Fault::receiver("nothing is called")) })
        }
    }

    let location = "https://example.org/calc";
    let expected = describe::wsdl(&calculator::CALC, &Port::new(location));
    assert_eq!(
        Host::new(Calculator).wsdl(&Port::new(location)),
        Some(expected)
    );
}

/// Compares with a file of `tests/data`, which `SOAPSTONE_BLESS=1` rewrites.
fn assert_golden(file: &str, service: &'static ServiceDescription) {
    let text = describe::wsdl(service, &Port::new("http://127.0.0.1:9000/calc"));
    references::check(&text);
    assert_eq!(
        text,
        describe::wsdl(service, &Port::new("http://127.0.0.1:9000/calc"))
    );
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("SOAPSTONE_BLESS").is_some() {
        std::fs::write(&path, &text).expect("write the golden file");
    }
    let golden = std::fs::read_to_string(&path).expect("read the golden file");
    assert!(
        text == golden,
        "{file} differs; SOAPSTONE_BLESS=1 rewrites it. Now it is:\n{text}"
    );
}

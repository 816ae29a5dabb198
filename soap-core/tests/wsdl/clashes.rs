//! Two components that want one name.

use soap_core::{
    describe::{self, Content, Operation, Particle::Element, ServiceDescription, Style},
    xml::Namespace,
};

use crate::{
    references,
    write::{NILLABLE, ONCE, answer, body, describe, element, int, named, string, wrapped},
};

static NS: Namespace = Namespace::new("urn:clash");
static OTHER: Namespace = Namespace::new("urn:clash:other");

describe!(
    record = named(
        &NS,
        "Record",
        Content::Sequence(&[
            Element(element(&NS, "id", int, ONCE)),
            Element(element(&OTHER, "code", int, ONCE)),
            Element(element(&OTHER, "note", string, ONCE)),
            Element(element(&NS, "next", record, ONCE)),
        ])
    )
);

// says the same as `record`, as if another crate had compiled it
describe!(
    twin = named(
        &NS,
        "Record",
        Content::Sequence(&[
            Element(element(&NS, "id", int, ONCE)),
            Element(element(&OTHER, "code", int, ONCE)),
            Element(element(&OTHER, "note", string, ONCE)),
            Element(element(&NS, "next", twin, ONCE)),
        ])
    )
);

describe!(
    stranger = named(
        &NS,
        "Record",
        Content::Sequence(&[
            Element(element(&OTHER, "code", string, ONCE)),
            Element(element(&OTHER, "note", string, NILLABLE)),
        ])
    )
);

static CLASHES: ServiceDescription = ServiceDescription {
    name: "Clashes",
    port_type: "Clash",
    namespace: &NS,
    documentation: "",
    operations: &[
        wrapped(
            ("Put", "urn:clash:Put"),
            body(&NS, "Put"),
            &[
                element(&NS, "record", record, ONCE),
                element(&NS, "twin", twin, ONCE),
                element(&NS, "stranger", stranger, ONCE),
            ],
            Some(answer(body(&NS, "PutResponse"), None)),
        ),
        Operation {
            style: Style::Bare,
            ..wrapped(
                ("Put", "urn:clash:PutAgain"),
                body(&NS, "PutAgain"),
                &[element(&NS, "PutAgain", stranger, ONCE)],
                Some(answer(
                    body(&NS, "PutResponse"),
                    Some(element(&NS, "PutResponse", int, ONCE)),
                )),
            )
        },
    ],
};

fn text() -> String {
    let text = describe::wsdl(&CLASHES, "http://127.0.0.1/");
    references::check(&text);
    text
}

#[test]
fn types_that_say_the_same_are_one() {
    let text = text();
    assert_eq!(text.matches("<xsd:complexType name=\"Record\">").count(), 1);
    assert!(text.contains("<xsd:element name=\"twin\" type=\"tns:Record\"/>"));
}

#[test]
fn another_type_of_the_same_name_gets_a_number() {
    let text = text();
    assert_eq!(
        text.matches("<xsd:complexType name=\"Record_2\">").count(),
        1
    );
    assert!(text.contains("<xsd:element name=\"stranger\" type=\"tns:Record_2\"/>"));
    assert!(text.contains("<xsd:element name=\"PutAgain\" type=\"tns:Record_2\"/>"));
}

#[test]
fn an_element_of_two_types_is_of_any_type() {
    let text = text();
    assert_eq!(
        text.matches("<xsd:element name=\"code\" type=\"xsd:anyType\"/>")
            .count(),
        1
    );
    assert_eq!(
        text.matches("<xsd:element name=\"note\" type=\"xsd:string\" nillable=\"true\"/>")
            .count(),
        1
    );
    assert_eq!(
        text.matches("<xsd:element name=\"PutResponse\" type=\"xsd:anyType\"/>")
            .count(),
        1
    );
}

#[test]
fn operations_and_messages_are_numbered() {
    let text = text();
    assert!(text.contains("<wsdl:message name=\"PutIn\">"));
    assert!(text.contains("<wsdl:message name=\"Put_2In\">"));
    assert!(text.contains("<wsdl:operation name=\"Put_2\">"));
}

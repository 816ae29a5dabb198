//! Two components that want one name.

use soap_core::{
    describe::{self, Content, Operation, ServiceDescription, Style, Table},
    transport::Port,
    xml::Namespace,
};

use crate::{
    references,
    write::{NILLABLE, NONE, ONCE, answer, body, describe, element, int, named, string, wrapped},
};

static NS: Namespace = Namespace::new("urn:clash");
static OTHER: Namespace = Namespace::new("urn:clash:other");

describe!(
    record = named(
        &NS,
        "Record",
        Content::Fields(&Table::new(&[
            element(&NS, "id", int, ONCE),
            element(&OTHER, "code", int, ONCE),
            element(&OTHER, "note", string, ONCE),
            element(&NS, "next", record, ONCE),
        ]))
    )
);

// says the same as `record`, as if another crate had compiled it
describe!(
    twin = named(
        &NS,
        "Record",
        Content::Fields(&Table::new(&[
            element(&NS, "id", int, ONCE),
            element(&OTHER, "code", int, ONCE),
            element(&OTHER, "note", string, ONCE),
            element(&NS, "next", twin, ONCE),
        ]))
    )
);

describe!(
    stranger = named(
        &NS,
        "Record",
        Content::Fields(&Table::new(&[
            element(&OTHER, "code", string, ONCE),
            element(&OTHER, "note", string, NILLABLE),
        ]))
    )
);

static CLASHES: ServiceDescription = ServiceDescription {
    name: "Clashes",
    port_type: "Clash",
    namespace: &NS,
    documentation: "",
    operations: &[
        &wrapped(
            ("Put", "urn:clash:Put"),
            body(&NS, "Put"),
            &[
                element(&NS, "record", record, ONCE),
                element(&NS, "twin", twin, ONCE),
                element(&NS, "stranger", stranger, ONCE),
            ],
            Some(answer(body(&NS, "PutResponse"), None)),
        ),
        &Operation {
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

describe!(circle = named(&NS, "Circle", Content::Fields(&Table::new(&[]))));
describe!(
    loose = named(
        &NONE,
        "Circle",
        Content::Fields(&Table::new(&[element(&NONE, "radius", int, ONCE),]))
    )
);
describe!(
    first = named(
        &NS,
        "First",
        Content::Polymorphic(&[element(&NS, "Circle", circle, ONCE)])
    )
);
describe!(
    second = named(
        &NS,
        "Second",
        Content::Polymorphic(&[element(&NS, "Circle", circle, ONCE)])
    )
);

static SHAPES: ServiceDescription = ServiceDescription {
    name: "Shapes",
    port_type: "Shape",
    namespace: &NS,
    documentation: "",
    operations: &[&wrapped(
        ("Draw", "urn:clash:Draw"),
        body(&NS, "Draw"),
        &[
            element(&NS, "first", first, ONCE),
            element(&NS, "second", second, ONCE),
            element(&NS, "circle", circle, ONCE),
            element(&NS, "loose", loose, ONCE),
        ],
        None,
    )],
};

fn text() -> String {
    let text = describe::wsdl(&CLASHES, &Port::new("http://127.0.0.1/"));
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

#[test]
fn a_variant_of_two_polymorphic_types_extends_the_first() {
    let text = describe::wsdl(&SHAPES, &Port::new("http://127.0.0.1/"));
    references::check(&text);
    assert_eq!(
        text.matches("<xsd:extension base=\"tns:First\">").count(),
        1
    );
    assert!(text.contains("<xsd:element name=\"first\" type=\"tns:First\"/>"));
    assert!(text.contains("<xsd:element name=\"second\" type=\"xsd:anyType\"/>"));
    assert!(!text.contains("name=\"Second\""));
}

#[test]
fn types_in_no_namespace_stand_in_that_of_the_service() {
    let text = describe::wsdl(&SHAPES, &Port::new("http://127.0.0.1/"));
    assert_eq!(text.matches("<xsd:schema ").count(), 1);
    assert!(text.contains("<xsd:element name=\"loose\" type=\"tns:Circle_2\"/>"));
    assert!(text.contains("<xsd:element name=\"radius\" type=\"xsd:int\" form=\"unqualified\"/>"));
}

//! The calculator: the contract that other stacks are tested with.

use soap_core::{
    describe::{Content, FaultDescription, Operation, ServiceDescription, Table},
    xml::Namespace,
};

use crate::write::{
    MANY, NILLABLE, ONCE, OPTIONAL, answer, base64, body, date_time, decimal, describe, double,
    element, int, name, named, string, word, wrapped,
};

static NS: Namespace = Namespace::new("http://example.org/calc");

describe!(
    color = named(
        &NS,
        "Color",
        Content::Enumeration(&[word("Red"), word("Green"), word("Blue")])
    )
);

describe!(
    child = named(
        &NS,
        "Child",
        Content::Fields(&Table::new(&[
            element(&NS, "id", int, ONCE),
            element(&NS, "label", string, ONCE),
        ]))
    )
);

describe!(
    record = named(
        &NS,
        "Record",
        Content::Fields(&Table::new(&[
            element(&NS, "name", string, ONCE),
            element(&NS, "count", int, ONCE),
            element(&NS, "price", decimal, ONCE),
            element(&NS, "when", date_time, ONCE),
            element(&NS, "note", string, OPTIONAL),
            element(&NS, "nick", string, NILLABLE),
            element(&NS, "tags", string, MANY),
            element(&NS, "blob", base64, ONCE),
            element(&NS, "color", color, ONCE),
            element(&NS, "child", child, OPTIONAL),
        ]))
    )
);

describe!(
    divide_fault = named(
        &NS,
        "DivideFault",
        Content::Fields(&Table::new(&[
            element(&NS, "code", int, ONCE),
            element(&NS, "text", string, ONCE),
        ]))
    )
);

fn faults() -> &'static [FaultDescription] {
    static FAULTS: [FaultDescription; 1] = [FaultDescription {
        name: "DivideFault",
        element: name(&NS, "DivideFault"),
        of: divide_fault,
        documentation: "",
        action: None,
    }];
    &FAULTS
}

pub(crate) static CALC: ServiceDescription = ServiceDescription {
    name: "CalcService",
    port_type: "Calc",
    namespace: &NS,
    documentation: "",
    operations: &[
        &wrapped(
            ("Add", "http://example.org/calc/Add"),
            body(&NS, "Add"),
            &[
                element(&NS, "a", double, ONCE),
                element(&NS, "b", double, ONCE),
            ],
            Some(answer(
                body(&NS, "AddResponse"),
                Some(element(&NS, "AddResult", double, ONCE)),
            )),
        ),
        &Operation {
            faults,
            ..wrapped(
                ("Divide", "http://example.org/calc/Divide"),
                body(&NS, "Divide"),
                &[
                    element(&NS, "a", double, ONCE),
                    element(&NS, "b", double, ONCE),
                ],
                Some(answer(
                    body(&NS, "DivideResponse"),
                    Some(element(&NS, "DivideResult", double, ONCE)),
                )),
            )
        },
        &wrapped(
            ("Echo", "http://example.org/calc/Echo"),
            body(&NS, "Echo"),
            &[element(&NS, "rec", record, ONCE)],
            Some(answer(
                body(&NS, "EchoResponse"),
                Some(element(&NS, "EchoResult", record, ONCE)),
            )),
        ),
        &wrapped(
            ("Notify", "http://example.org/calc/Notify"),
            body(&NS, "Notify"),
            &[element(&NS, "text", string, ONCE)],
            None,
        ),
    ],
};

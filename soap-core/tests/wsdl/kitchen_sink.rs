//! One service with everything a description can say.

use soap_core::{
    describe::{
        Content, EnumerationValue, FaultDescription, HeaderDescription, NamedType, Operation,
        OutputDescription,
        Particle::{Any, Choice, Element},
        ServiceDescription, Style,
    },
    xml::{self, Namespace},
};

use crate::write::{
    MANY, NILLABLE, NONE, ONCE, OPTIONAL, answer, any_type, attribute, body, boolean, decimal,
    describe, double, element, int, ints, language, name, named, string, word, wrapped,
};

static NS: Namespace = Namespace::new("urn:kitchen");
static STOCK: Namespace = Namespace::new("urn:kitchen:stock");

describe!(
    kind = NamedType {
        documentation: " Where it comes from: field & <wood>.\n Or elsewhere. ",
        ..named(
            &STOCK,
            "Kind",
            Content::Enumeration(&[
                EnumerationValue {
                    value: "Field",
                    documentation: "Grown."
                },
                word("Wood"),
                word("Wood & <moor>"),
            ])
        )
    }
);

describe!(
    origin = named(
        &STOCK,
        "Origin",
        Content::Sequence(&[
            Element(element(&STOCK, "kind", kind, ONCE)),
            Element(element(&NONE, "loose", loose, OPTIONAL)),
        ])
    )
);

describe!(
    loose = named(
        &NONE,
        "Loose",
        Content::Sequence(&[
            Element(element(&NONE, "value", int, ONCE)),
            Element(element(&STOCK, "origin", origin, NILLABLE)),
        ])
    )
);

describe!(
    price = NamedType {
        attributes: &[attribute(&NONE, "currency", string, true)],
        ..named(&NS, "Price", Content::Simple(decimal))
    }
);

describe!(celsius = named(&NS, "Celsius", Content::Simple(double)));

describe!(
    scores = NamedType {
        attributes: &[attribute(&NONE, "final", boolean, false)],
        ..named(&NS, "Scores", Content::Simple(ints))
    }
);

describe!(steps = named(&NS, "Steps", Content::Simple(ints)));

describe!(
    serving = NamedType {
        documentation: "Hot or cold.",
        ..named(
            &NS,
            "Serving",
            Content::Choice(&[
                Element(element(&NS, "hot", celsius, ONCE)),
                Element(element(&NS, "cold", boolean, ONCE)),
            ])
        )
    }
);

describe!(
    dish = NamedType {
        documentation: "What is served.",
        attributes: &[
            attribute(&NONE, "id", int, true),
            attribute(&NONE, "kind", kind, false),
            attribute(&NONE, "sizes", ints, false),
            attribute(&STOCK, "lot", string, false),
            attribute(&NS, "own", string, true),
            attribute(&xml::XML, "lang", language, false),
        ],
        ..named(
            &NS,
            "Dish",
            Content::Sequence(&[
                Element(element(&NS, "name", string, ONCE)),
                Element(element(&NONE, "weight", int, OPTIONAL)),
                Element(element(&STOCK, "origin", origin, NILLABLE)),
                Choice(serving, MANY, "Beside it."),
                Element(element(&NS, "marks", ints, ONCE)),
                Element(element(&NS, "scores", scores, OPTIONAL)),
                Element(element(&NS, "steps", steps, OPTIONAL)),
                Element(element(&NS, "price", price, NILLABLE)),
                Element(element(&NS, "side", dish, MANY)),
                Element(element(&NS, "shape", shape, OPTIONAL)),
                Element(element(&NS, "mixed", mixed, OPTIONAL)),
            ])
        )
    }
);

describe!(
    open = named(
        &NS,
        "Open",
        Content::Sequence(&[
            Element(element(&NS, "first", string, OPTIONAL)),
            Element(element(&NONE, "second", string, OPTIONAL)),
            Any(MANY),
        ])
    )
);

describe!(anything = named(&NS, "Anything", Content::Sequence(&[Any(MANY)])));

describe!(
    closed = named(
        &NS,
        "Closed",
        Content::Sequence(&[Element(element(&STOCK, "kind", kind, OPTIONAL)), Any(MANY),])
    )
);

describe!(
    shape = named(
        &NS,
        "Shape",
        Content::Polymorphic(&[
            Element(element(&NS, "Circle", circle, ONCE)),
            Element(element(&NS, "Oval", oval, ONCE)),
        ])
    )
);

describe!(
    circle = named(
        &NS,
        "Circle",
        Content::Sequence(&[Element(element(&NS, "radius", double, ONCE))])
    )
);

describe!(
    oval = NamedType {
        attributes: &[attribute(&NONE, "width", double, true)],
        ..named(&STOCK, "Oval", Content::Sequence(&[]))
    }
);

describe!(
    mixed = named(
        &NS,
        "Mixed",
        Content::Polymorphic(&[
            Element(element(&NS, "Steps", steps, ONCE)),
            Element(element(&NS, "Circle", circle, ONCE)),
        ])
    )
);

describe!(
    session = named(
        &NS,
        "Session",
        Content::Sequence(&[Element(element(&NS, "key", string, ONCE))])
    )
);

describe!(
    burnt = named(
        &NS,
        "Burnt",
        Content::Sequence(&[Element(element(&NS, "degrees", celsius, ONCE))])
    )
);

fn faults() -> &'static [FaultDescription] {
    static FAULTS: [FaultDescription; 2] = [
        FaultDescription {
            name: "Burnt",
            element: name(&NS, "Burnt"),
            of: burnt,
            documentation: "Too hot.",
            action: Some("urn:kitchen:errors:Burnt"),
        },
        FaultDescription {
            name: "SoldOut",
            element: name(&STOCK, "SoldOut"),
            of: string,
            documentation: "",
            action: None,
        },
    ];
    &FAULTS
}

fn quota() -> &'static [HeaderDescription] {
    static QUOTA: [HeaderDescription; 1] = [HeaderDescription {
        name: name(&STOCK, "Session"),
        required: false,
        of: int,
    }];
    &QUOTA
}

const SESSION: HeaderDescription = HeaderDescription {
    name: name(&NS, "Session"),
    required: true,
    of: session,
};

pub(crate) static KITCHEN: ServiceDescription = ServiceDescription {
    name: "KitchenService",
    port_type: "Kitchen",
    namespace: &NS,
    documentation: "Cooks & serves.\n\n`<dishes>` on demand.",
    operations: &[
        &Operation {
            documentation: "Cooks one.",
            input_headers: &[SESSION],
            faults,
            ..wrapped(
                ("Cook", "urn:kitchen:Cook"),
                body(&NS, "Cook"),
                &[
                    element(&NS, "dish", dish, ONCE),
                    element(&NS, "times", int, OPTIONAL),
                ],
                Some(OutputDescription {
                    headers: quota,
                    ..answer(
                        body(&NS, "CookResponse"),
                        Some(element(&NS, "CookResult", open, MANY)),
                    )
                }),
            )
        },
        &Operation {
            style: Style::Bare,
            input_headers: &[SESSION],
            faults,
            ..wrapped(
                ("Order", "urn:kitchen:Order"),
                body(&NS, "Dish"),
                &[element(&NS, "Dish", dish, ONCE)],
                Some(answer(
                    body(&STOCK, "Receipt"),
                    Some(element(&STOCK, "Receipt", price, NILLABLE)),
                )),
            )
        },
        &wrapped(
            ("Clean", "urn:kitchen:Clean"),
            body(&NS, "Clean"),
            &[],
            Some(answer(body(&NS, "CleanResponse"), None)),
        ),
        &wrapped(
            ("Store", "urn:kitchen:Store"),
            body(&NS, "Store"),
            &[
                element(&NS, "anything", anything, ONCE),
                element(&NS, "closed", closed, ONCE),
                element(&NS, "raw", any_type, OPTIONAL),
                element(&NS, "serving", serving, OPTIONAL),
                element(&NONE, "plain", loose, OPTIONAL),
            ],
            None,
        ),
        &Operation {
            input: None,
            ..wrapped(
                ("Ping", "urn:kitchen:Ping"),
                body(&NS, "Ping"),
                &[],
                Some(OutputDescription {
                    element: None,
                    result: None,
                    headers: || &[],
                    action: Some("urn:kitchen:Pong"),
                }),
            )
        },
    ],
};

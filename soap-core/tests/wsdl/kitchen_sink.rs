//! One service with everything a description can say.

use soap_core::{
    describe::{
        Content, EnumerationValue, FaultDescription, HeaderDescription, NamedType, Operation,
        OutputDescription, ServiceDescription, Style, Table,
    },
    xml::{self, Namespace},
};

use crate::write::{
    MANY, NILLABLE, NONE, ONCE, OPTIONAL, answer, any, any_type, attribute, body, boolean, choice,
    decimal, describe, double, element, int, ints, language, name, named, string, text,
    with_attributes, word, wrapped,
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
        Content::Fields(&Table::new(&[
            element(&STOCK, "kind", kind, ONCE),
            element(&NONE, "loose", loose, OPTIONAL),
        ]))
    )
);

describe!(
    loose = named(
        &NONE,
        "Loose",
        Content::Fields(&Table::new(&[
            element(&NONE, "value", int, ONCE),
            element(&STOCK, "origin", origin, NILLABLE),
        ]))
    )
);

describe!(
    price = named(
        &NS,
        "Price",
        Content::Fields(&with_attributes(
            &[attribute(&NONE, "currency", string, ONCE)],
            &[text(decimal)]
        ))
    )
);

describe!(celsius = named(&NS, "Celsius", Content::Simple(double)));

describe!(
    scores = named(
        &NS,
        "Scores",
        Content::Fields(&with_attributes(
            &[attribute(&NONE, "final", boolean, OPTIONAL)],
            &[text(ints)]
        ))
    )
);

describe!(steps = named(&NS, "Steps", Content::Simple(ints)));

describe!(
    serving = NamedType {
        documentation: "Hot or cold.",
        ..named(
            &NS,
            "Serving",
            Content::Choice(&[
                element(&NS, "hot", celsius, ONCE),
                element(&NS, "cold", boolean, ONCE),
            ])
        )
    }
);

describe!(
    dish = NamedType {
        documentation: "What is served.",
        ..named(
            &NS,
            "Dish",
            Content::Fields(&with_attributes(
                &[
                    attribute(&NONE, "id", int, ONCE),
                    attribute(&NONE, "kind", kind, OPTIONAL),
                    attribute(&NONE, "sizes", ints, OPTIONAL),
                    attribute(&STOCK, "lot", string, OPTIONAL),
                    attribute(&NS, "own", string, ONCE),
                    attribute(&xml::XML, "lang", language, OPTIONAL),
                ],
                &[
                    element(&NS, "name", string, ONCE),
                    element(&NONE, "weight", int, OPTIONAL),
                    element(&STOCK, "origin", origin, NILLABLE),
                    choice(serving, MANY, "Beside it."),
                    element(&NS, "marks", ints, ONCE),
                    element(&NS, "scores", scores, OPTIONAL),
                    element(&NS, "steps", steps, OPTIONAL),
                    element(&NS, "price", price, NILLABLE),
                    element(&NS, "side", dish, MANY),
                    element(&NS, "shape", shape, OPTIONAL),
                    element(&NS, "mixed", mixed, OPTIONAL),
                ]
            ))
        )
    }
);

describe!(
    open = named(
        &NS,
        "Open",
        Content::Fields(&Table::new(&[
            element(&NS, "first", string, OPTIONAL),
            element(&NONE, "second", string, OPTIONAL),
            any(MANY),
        ]))
    )
);

describe!(anything = named(&NS, "Anything", Content::Fields(&Table::new(&[any(MANY)]))));

describe!(
    closed = named(
        &NS,
        "Closed",
        Content::Fields(&Table::new(&[
            element(&STOCK, "kind", kind, OPTIONAL),
            any(MANY),
        ]))
    )
);

describe!(
    shape = named(
        &NS,
        "Shape",
        Content::Polymorphic(&[
            element(&NS, "Circle", circle, ONCE),
            element(&NS, "Oval", oval, ONCE),
        ])
    )
);

describe!(
    circle = named(
        &NS,
        "Circle",
        Content::Fields(&Table::new(&[element(&NS, "radius", double, ONCE)]))
    )
);

describe!(
    oval = named(
        &STOCK,
        "Oval",
        Content::Fields(&with_attributes(
            &[attribute(&NONE, "width", double, ONCE)],
            &[]
        ))
    )
);

describe!(
    mixed = named(
        &NS,
        "Mixed",
        Content::Polymorphic(&[
            element(&NS, "Steps", steps, ONCE),
            element(&NS, "Circle", circle, ONCE),
        ])
    )
);

describe!(
    session = named(
        &NS,
        "Session",
        Content::Fields(&Table::new(&[element(&NS, "key", string, ONCE)]))
    )
);

describe!(
    burnt = named(
        &NS,
        "Burnt",
        Content::Fields(&Table::new(&[element(&NS, "degrees", celsius, ONCE)]))
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

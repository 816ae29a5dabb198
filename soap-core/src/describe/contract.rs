//! Operations as a WSDL sees them: the elements and messages they need, and the names of those.

use super::{
    BodyElement, FaultDescription, HeaderDescription, Operation, Row, Style,
    names::{Names, Prefixes},
    node::Node,
    schema::{Component, Schemas},
    types::Types,
};
use crate::xml::Name;

/// What operations share, under construction.
pub(super) struct Contract<'t> {
    pub(super) schemas: Schemas<'t>,
    pub(super) messages: Vec<Node>,
    operation_names: Names,
    message_names: Names,
    header_names: Names,
    headers: Vec<(Name, HeaderPart)>,
    faults: Vec<(Name, String)>,
}

/// An operation with the names of its messages.
pub(super) struct NamedOperation {
    pub(super) operation: &'static Operation,
    pub(super) name: String,
    pub(super) input: Direction,
    pub(super) output: Option<Direction>,
    pub(super) faults: Vec<NamedFault>,
}

/// A request or an answer.
pub(super) struct Direction {
    pub(super) message: String,
    pub(super) headers: Vec<HeaderPart>,
}

/// Where a header block is described.
#[derive(Clone)]
pub(super) struct HeaderPart {
    pub(super) message: String,
    pub(super) part: String,
}

/// A fault of one operation.
pub(super) struct NamedFault {
    pub(super) name: String,
    pub(super) message: String,
    pub(super) described: &'static FaultDescription,
}

impl<'t> Contract<'t> {
    pub(super) fn new(target: &'static str, types: &'t Types) -> Self {
        Self {
            schemas: Schemas::new(types, Prefixes::new(target)),
            messages: Vec::new(),
            operation_names: Names::default(),
            message_names: Names::default(),
            header_names: Names::default(),
            headers: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Declares the elements and messages of an operation.
    pub(super) fn operation(&mut self, operation: &'static Operation) -> NamedOperation {
        let name = self.operation_names.unique("", operation.name);
        let style = operation.style;
        let parameters = operation.parameters.iter().collect();
        let input = Direction {
            message: self.body(
                &format!("{name}In"),
                style,
                operation.input.as_ref(),
                parameters,
            ),
            headers: self.headers(operation.input_headers),
        };
        let output = operation.output.as_ref().map(|output| {
            let result = output.result.iter().collect();
            Direction {
                message: self.body(
                    &format!("{name}Out"),
                    style,
                    output.element.as_ref(),
                    result,
                ),
                headers: self.headers((output.headers)()),
            }
        });
        let mut names = Names::default();
        let fault = |fault| self.fault(fault, &mut names);
        let faults = match output {
            Some(_) => (operation.faults)().iter().map(fault).collect(),
            None => Vec::new(),
        };
        NamedOperation {
            operation,
            name,
            input,
            output,
            faults,
        }
    }

    /// The message of a Body, and the element in it.
    fn body(
        &mut self,
        name: &str,
        style: Style,
        element: Option<&BodyElement>,
        children: Vec<&'static Row>,
    ) -> String {
        let parts = element.map(|element| {
            let name = parts_of(element.name);
            let part = match (style, children.as_slice()) {
                (Style::Bare, [only, ..]) => {
                    let nillable = only.occurs.nillable;
                    let of = (only.of)();
                    self.schemas
                        .global(Component::Element, name, of, nillable, only.documentation);
                    "body"
                }
                (Style::Bare, []) => {
                    self.schemas.wrapper(name, []);
                    "body"
                }
                (Style::Wrapped, _) => {
                    self.schemas.wrapper(name, children);
                    "parameters"
                }
            };
            self.part(part, element.name)
        });
        self.message(name, parts)
    }

    fn headers(&mut self, headers: &'static [HeaderDescription]) -> Vec<HeaderPart> {
        headers.iter().map(|header| self.header(header)).collect()
    }

    /// The message of a header block, which all operations share.
    fn header(&mut self, header: &'static HeaderDescription) -> HeaderPart {
        let name = parts_of(header.name);
        self.schemas
            .global(Component::Element, name, (header.of)(), false, "");
        let known = self
            .headers
            .iter()
            .find(|(known, _)| parts_of(*known) == name);
        if let Some((_, part)) = known {
            return part.clone();
        }
        let part = self.header_names.unique("", header.name.local);
        let node = self.part(&part, header.name);
        let header_part = HeaderPart {
            message: self.message(&format!("{part}Header"), [node]),
            part,
        };
        self.headers.push((header.name, header_part.clone()));
        header_part
    }

    /// The message of a fault, which all operations share.
    fn fault(&mut self, fault: &'static FaultDescription, names: &mut Names) -> NamedFault {
        let element = parts_of(fault.element);
        self.schemas
            .global(Component::Element, element, (fault.of)(), false, "");
        let known = self
            .faults
            .iter()
            .find(|(known, _)| parts_of(*known) == element);
        let message = known
            .map(|(_, message)| message.clone())
            .unwrap_or_else(|| {
                let part = self.part("fault", fault.element);
                let message = self.message(&format!("{}Msg", fault.name), [part]);
                self.faults.push((fault.element, message.clone()));
                message
            });
        NamedFault {
            name: names.unique("", fault.name),
            message,
            described: fault,
        }
    }

    fn part(&mut self, name: &str, element: Name) -> Node {
        let (namespace, local) = parts_of(element);
        let element = self.schemas.prefixes.qname(namespace, local);
        Node::new("wsdl:part")
            .with("name", name)
            .with("element", element)
    }

    /// Adds a message; its name is `wish` unless that is taken.
    fn message(&mut self, wish: &str, parts: impl IntoIterator<Item = Node>) -> String {
        let name = self.message_names.unique("", wish);
        let message = Node::new("wsdl:message")
            .with("name", name.as_str())
            .children(parts);
        self.messages.push(message);
        name
    }
}

fn parts_of(name: Name) -> (&'static str, &'static str) {
    (name.namespace.uri(), name.local)
}

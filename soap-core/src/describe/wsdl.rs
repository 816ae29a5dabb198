//! The WSDL 1.1 of a service, with a SOAP 1.1 and a SOAP 1.2 port, document/literal (rule W-14).

use super::{
    ServiceDescription, addressing,
    contract::{Contract, Direction, NamedOperation},
    names::Prefixes,
    node::Node,
    types::Types,
};
use crate::{Addressing, transport::Port, xml::XSD};

/// The WSDL of a service with ports as `port` says.
///
/// The same description gives the same text, byte for byte.
///
/// # Names
/// - portType: as described. The bindings and their ports: `{portType}Soap11` and
///   `{portType}Soap12`.
/// - Messages: `{Op}In` and `{Op}Out` with the one part `parameters` (`body` where the style is
///   bare), and `{Fault}Msg` with the part `fault`.
/// - A header block has a message of its own, `{Header}Header`, with a part named as the block. So
///   the message of a Body has one part, and tools still see its parameters (rule W-15).
/// - Types in no namespace are declared in that of the service.
/// - A name that is taken gets a number: `Record_2`. Types of one name are one if they say the same;
///   if not, the second is renamed and a warning is traced.
///
/// # What XML Schema cannot say
/// - An element in another namespace than its type is declared globally there. Where two such
///   declarations differ, the element is of type `xsd:anyType`, which admits both, and a warning is
///   traced.
/// - `xsd:any` must not compete with a declared element. Beside elements it stands for other
///   namespaces only; it is left out beside an element of another namespace and beside another
///   `xsd:any`. Servers read what comes all the same.
/// - Attributes such as `xml:lang` are admitted by `xsd:anyAttribute`: tools would fetch their
///   declaration from elsewhere.
/// - A polymorphic type is an empty type that its variants extend: `xsi:type` can name each. Where
///   one cannot extend it (a simple type, a polymorphic one, one in no namespace or already
///   a variant of another), the element is of type `xsd:anyType`.
/// - Header blocks are declared, but not whether they are required.
///
/// # WS-Addressing
/// Unless the port has it [off](Addressing::Off), every message of the portType has its `wsam:Action`, declared or by default, and
/// each binding says that it takes WS-Addressing: by a policy, as the recommendation of 2007 has it, and by
/// `wsaw:UsingAddressing`, which tools from before it look for. Clients made by zeep and JAX-WS then send it by themselves. Where
/// the port has it [required](Addressing::Required), that element must be understood, so tools that know nothing of it, such as
/// PHP's, refuse the whole WSDL.
///
/// # Example
/// ```
/// use soap_core::{
///     describe::{
///         BodyElement, FieldType, Occurs, Operation, Row, ServiceDescription, Style,
///         TypeDescription, wsdl,
///     },
///     transport::Port,
///     xml::{Name, Namespace, Tag},
/// };
///
/// static NS: Namespace = Namespace::new("http://example.org/log");
/// const STRING: FieldType = FieldType {
///     occurs: Occurs::ONCE,
///     of: || &TypeDescription::BuiltIn("string"),
/// };
/// const TEXT: Row = Row::element((&NS, "text"), Tag::new("<n0:text>", "</n0:text>"), STRING, "");
/// static LOG: ServiceDescription = ServiceDescription {
///     name: "LogService",
///     port_type: "Log",
///     namespace: &NS,
///     documentation: "Keeps lines.",
///     operations: &[&Operation {
///         name: "Append",
///         action: "http://example.org/log/Append",
///         default_action: "http://example.org/log/Log/Append",
///         documentation: "",
///         style: Style::Wrapped,
///         input: Some(BodyElement {
///             name: Name { namespace: &NS, local: "Append" },
///             tag: const { &Tag::new("<n0:Append>", "</n0:Append>") },
///         }),
///         parameters: &[TEXT],
///         input_headers: &[],
///         output: None,
///         faults: || &[],
///         idempotent: false,
///     }],
/// };
///
/// let text = wsdl(&LOG, &Port::new("http://127.0.0.1:9000/log"));
/// assert!(text.contains(r#"<xsd:element name="text" type="xsd:string"/>"#));
/// assert!(text.contains(r#"<soap12:address location="http://127.0.0.1:9000/log"/>"#));
/// ```
#[must_use]
pub fn wsdl(description: &'static ServiceDescription, port: &Port<'_>) -> String {
    let types = Types::of(description);
    let mut contract = Contract::new(description.namespace.uri(), &types);
    let operations: Vec<_> = description
        .operations
        .iter()
        .map(|operation| contract.operation(operation))
        .collect();
    let Contract {
        schemas, messages, ..
    } = contract;
    let (types, prefixes) = schemas.print();
    let mut printer = Printer {
        description,
        operations,
        prefixes,
        addressing: port.addressing,
    };
    let body: Vec<_> = types
        .into_iter()
        .chain(messages)
        .chain([
            printer.port_type(),
            printer.binding(SOAP11),
            printer.binding(SOAP12),
        ])
        .chain([printer.service(port.location)])
        .collect();
    printer.definitions().children(body).document()
}

/// One of the two bindings.
#[derive(Clone, Copy)]
struct Binding {
    /// What the port type's name is followed by.
    suffix: &'static str,
    binding: &'static str,
    operation: &'static str,
    body: &'static str,
    header: &'static str,
    fault: &'static str,
    address: &'static str,
}

const SOAP11: Binding = Binding {
    suffix: "Soap11",
    binding: "soap:binding",
    operation: "soap:operation",
    body: "soap:body",
    header: "soap:header",
    fault: "soap:fault",
    address: "soap:address",
};

const SOAP12: Binding = Binding {
    suffix: "Soap12",
    binding: "soap12:binding",
    operation: "soap12:operation",
    body: "soap12:body",
    header: "soap12:header",
    fault: "soap12:fault",
    address: "soap12:address",
};

/// Prints what follows the messages.
struct Printer {
    description: &'static ServiceDescription,
    operations: Vec<NamedOperation>,
    prefixes: Prefixes,
    addressing: Addressing,
}

impl Printer {
    fn definitions(&self) -> Node {
        let target = self.description.namespace.uri();
        let root = Node::new("wsdl:definitions").with("name", self.description.name);
        let root = if target.is_empty() {
            root
        } else {
            root.with("targetNamespace", target)
        };
        let root = root
            .with("xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/")
            .with("xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/")
            .with("xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/")
            .with("xmlns:xsd", XSD.uri());
        let root = addressing::declared(self.addressing)
            .iter()
            .fold(root, |root, (name, uri)| root.with(*name, *uri));
        let declared = self.prefixes.declared();
        declared.fold(root, |root, (prefix, uri)| {
            root.with(format!("xmlns:{prefix}"), uri)
        })
    }

    fn port_type(&mut self) -> Node {
        let Self {
            description,
            operations,
            prefixes,
            addressing,
        } = self;
        let mut message = |node: Node, name: &str, action: String| {
            let node = node.with("message", prefixes.qname(description.namespace.uri(), name));
            addressing::with_action(node, *addressing, action)
        };
        let operations = operations.iter().map(|named| {
            let operation = named.operation;
            let action = operation.request_action().to_owned();
            let input = message(Node::new("wsdl:input"), &named.input.message, action);
            let output = named.output.as_ref().map(|output| {
                let action = description.reply_action(operation).into_owned();
                message(Node::new("wsdl:output"), &output.message, action)
            });
            let faults = named.faults.iter().map(|fault| {
                let node = Node::new("wsdl:fault").with("name", fault.name.as_str());
                let action = description.fault_action(operation, fault.described.name);
                message(node, &fault.message, action)
                    .children(documentation(fault.described.documentation))
            });
            let faults: Vec<_> = faults.collect();
            Node::new("wsdl:operation")
                .with("name", named.name.as_str())
                .children(documentation(operation.documentation))
                .child(input)
                .children(output)
                .children(faults)
        });
        Node::new("wsdl:portType")
            .with("name", description.port_type)
            .children(documentation(description.documentation))
            .children(operations)
    }

    fn binding(&mut self, binding: Binding) -> Node {
        let namespace = self.description.namespace.uri();
        let port_type = self.prefixes.qname(namespace, self.description.port_type);
        let Self {
            operations,
            prefixes,
            addressing,
            ..
        } = self;
        let operations = operations.iter().map(|named| {
            let operation = Node::new(binding.operation)
                .with("soapAction", named.operation.action)
                .with("style", "document");
            let mut direction = |name, of: &Direction| {
                let headers = of.headers.iter().map(|header| {
                    Node::new(binding.header)
                        .with("message", prefixes.qname(namespace, &header.message))
                        .with("part", header.part.as_str())
                        .with("use", "literal")
                });
                let body = Node::new(binding.body).with("use", "literal");
                Node::new(name).child(body).children(headers)
            };
            let input = direction("wsdl:input", &named.input);
            let output = named
                .output
                .as_ref()
                .map(|output| direction("wsdl:output", output));
            let faults = named.faults.iter().map(|fault| {
                let name = fault.name.as_str();
                let literal = Node::new(binding.fault)
                    .with("name", name)
                    .with("use", "literal");
                Node::new("wsdl:fault").with("name", name).child(literal)
            });
            Node::new("wsdl:operation")
                .with("name", named.name.as_str())
                .child(operation)
                .child(input)
                .children(output)
                .children(faults)
        });
        let transport = Node::new(binding.binding)
            .with("style", "document")
            .with("transport", "http://schemas.xmlsoap.org/soap/http");
        Node::new("wsdl:binding")
            .with(
                "name",
                self.description.port_type.to_owned() + binding.suffix,
            )
            .with("type", port_type)
            .child(transport)
            .children(addressing::assertions(*addressing))
            .children(operations)
    }

    fn service(&mut self, location: &str) -> Node {
        let Self {
            description,
            prefixes,
            ..
        } = self;
        let ports = [SOAP11, SOAP12].map(|binding| {
            let name = description.port_type.to_owned() + binding.suffix;
            let address = Node::new(binding.address).with("location", location);
            let qname = prefixes.qname(description.namespace.uri(), &name);
            Node::new("wsdl:port")
                .with("name", name)
                .with("binding", qname)
                .child(address)
        });
        Node::new("wsdl:service")
            .with("name", description.name)
            .children(ports)
    }
}

fn documentation(text: &str) -> Option<Node> {
    let text = text.trim();
    (!text.is_empty()).then(|| Node::new("wsdl:documentation").text(text))
}

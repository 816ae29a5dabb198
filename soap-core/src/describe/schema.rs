//! The schemas inside a WSDL (XML Schema 1.0): one a namespace, with its types and its global
//! elements and attributes.

use super::{
    Row, TypeDescription,
    names::Prefixes,
    node::Node,
    types::{Reference, Types},
};
use crate::xml::XSD;

/// The schemas under construction, in the order of first use.
#[derive(Debug)]
pub(super) struct Schemas<'t> {
    pub(super) types: &'t Types,
    pub(super) prefixes: Prefixes,
    schemas: Vec<Schema>,
}

/// One schema.
#[derive(Debug)]
struct Schema {
    namespace: &'static str,
    imports: Vec<&'static str>,
    types: Vec<Node>,
    globals: Vec<Global>,
}

/// An element or attribute of the top level.
#[derive(Debug)]
struct Global {
    kind: Component,
    local: &'static str,
    nillable: bool,
    of: GlobalType,
    documentation: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    Element,
    Attribute,
}

/// The type of a global element or attribute.
#[derive(Debug, PartialEq, Eq)]
enum GlobalType {
    /// One that stands elsewhere.
    Reference(Reference),
    /// One of its own.
    Anonymous(Node),
}

impl<'t> Schemas<'t> {
    pub(super) fn new(types: &'t Types, prefixes: Prefixes) -> Self {
        Self {
            types,
            prefixes,
            schemas: Vec::new(),
        }
    }

    /// Declares a global element with a type of its own: the wrapper of some parameters.
    pub(super) fn wrapper<'d>(
        &mut self,
        (namespace, local): (&'static str, &'static str),
        children: impl IntoIterator<Item = &'d Row>,
    ) {
        self.schema(namespace);
        let children: Vec<_> = children
            .into_iter()
            .map(|child| self.element(namespace, child))
            .collect();
        let sequence = Node::new("xsd:sequence").children(children);
        let of = GlobalType::Anonymous(Node::new("xsd:complexType").child(sequence));
        let kind = Component::Element;
        self.declare(
            namespace,
            Global {
                kind,
                local,
                nillable: false,
                of,
                documentation: "",
            },
        );
    }

    /// Declares a global element or attribute of a type that stands elsewhere.
    pub(super) fn global(
        &mut self,
        kind: Component,
        (namespace, local): (&'static str, &'static str),
        of: &'static TypeDescription,
        nillable: bool,
        documentation: &'static str,
    ) {
        let of = GlobalType::Reference(self.types.reference(of));
        self.declare(
            namespace,
            Global {
                kind,
                local,
                nillable,
                of,
                documentation,
            },
        );
    }

    /// Adds a type with a name.
    pub(super) fn add_type(&mut self, namespace: &'static str, node: Node) {
        self.schema(namespace).types.push(node);
    }

    /// `wsdl:types`, unless there is nothing to declare. Elements must have been declared before.
    pub(super) fn print(mut self) -> (Option<Node>, Prefixes) {
        self.add_types();
        let mut printed = Vec::new();
        for index in 0..self.schemas.len() {
            let Some(schema) = self.schemas.get_mut(index) else {
                continue;
            };
            let namespace = schema.namespace;
            let types = std::mem::take(&mut schema.types);
            let globals = std::mem::take(&mut schema.globals);
            let globals: Vec<_> = globals
                .into_iter()
                .map(|global| self.print_global(namespace, global))
                .collect();
            let imports = self
                .schema(namespace)
                .imports
                .iter()
                .map(|uri| named_unless_empty(Node::new("xsd:import"), "namespace", uri));
            let node = named_unless_empty(Node::new("xsd:schema"), "targetNamespace", namespace)
                .with("elementFormDefault", "qualified")
                .children(imports)
                .children(types)
                .children(globals);
            printed.push(node);
        }
        let types = (!printed.is_empty()).then(|| Node::new("wsdl:types").children(printed));
        (types, self.prefixes)
    }

    /// The name as it stands in an attribute of the schema of `from`, which imports its namespace.
    pub(super) fn qname(&mut self, from: &'static str, to: &'static str, local: &str) -> String {
        if to != from && to != XSD.uri() {
            let imports = &mut self.schema(from).imports;
            if !imports.contains(&to) {
                imports.push(to);
            }
        }
        self.prefixes.qname(to, local)
    }

    /// Says of which type an element or attribute is, in the schema of `from`.
    pub(super) fn typed(&mut self, from: &'static str, node: Node, of: &Reference) -> Node {
        match of {
            Reference::Name(namespace, local) => {
                node.with("type", self.qname(from, namespace, local))
            }
            Reference::List(item) => node.child(self.list(from, item)),
        }
    }

    /// A simple type without a name: the list of `item`.
    pub(super) fn list(&mut self, from: &'static str, item: &Reference) -> Node {
        let list = Node::new("xsd:list");
        let list = match item {
            Reference::Name(namespace, local) => {
                list.with("itemType", self.qname(from, namespace, local))
            }
            // XML Schema 1.0 knows no list of lists
            Reference::List(_) => list.with("itemType", "xsd:string"),
        };
        Node::new("xsd:simpleType").child(list)
    }

    /// Two declarations of one name become one that admits both.
    fn declare(&mut self, namespace: &'static str, new: Global) {
        let globals = &mut self.schema(namespace).globals;
        let same_name = |old: &&mut Global| (old.kind, old.local) == (new.kind, new.local);
        let Some(old) = globals.iter_mut().find(same_name) else {
            globals.push(new);
            return;
        };
        old.nillable |= new.nillable;
        if old.of != new.of {
            let (kind, name) = (new.kind, new.local);
            tracing::warn!(
                namespace,
                name,
                ?kind,
                "two types for one name: any type in the WSDL"
            );
            old.of = GlobalType::Reference(Reference::built_in(kind.any_type()));
        }
    }

    fn print_global(&mut self, namespace: &'static str, global: Global) -> Node {
        let node = Node::new(global.kind.name()).with("name", global.local);
        let node = match global.of {
            GlobalType::Reference(of) => self.typed(namespace, node, &of),
            GlobalType::Anonymous(of) => node.child(of),
        };
        let node = if global.nillable {
            node.with("nillable", "true")
        } else {
            node
        };
        node.first(annotation(global.documentation))
    }

    fn schema(&mut self, namespace: &'static str) -> &mut Schema {
        let known = self
            .schemas
            .iter()
            .position(|schema| schema.namespace == namespace);
        let index = known.unwrap_or_else(|| {
            let (imports, types, globals) = (Vec::new(), Vec::new(), Vec::new());
            self.schemas.push(Schema {
                namespace,
                imports,
                types,
                globals,
            });
            self.schemas.len() - 1
        });
        &mut self.schemas[index]
    }
}

impl Component {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Element => "xsd:element",
            Self::Attribute => "xsd:attribute",
        }
    }

    fn any_type(self) -> &'static str {
        match self {
            Self::Element => "anyType",
            Self::Attribute => "anySimpleType",
        }
    }
}

/// The documentation of a schema component, if there is any.
pub(super) fn annotation(documentation: &str) -> Option<Node> {
    let text = documentation.trim();
    let node = || Node::new("xsd:documentation").text(text);
    (!text.is_empty()).then(|| Node::new("xsd:annotation").child(node()))
}

fn named_unless_empty(node: Node, attribute: &'static str, uri: &str) -> Node {
    if uri.is_empty() {
        node
    } else {
        node.with(attribute, uri)
    }
}

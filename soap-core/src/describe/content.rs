//! How a type is printed: its content model and its attributes.

use std::ptr;

use super::{
    Content, EnumerationValue, Kind, NamedType, Occurs, Row, TypeDescription,
    node::Node,
    schema::{Component, Schemas, annotation},
    types::{Entry, Reference, Types, choice, elements},
};
use crate::xml::XML;

impl Schemas<'_> {
    /// Prints every type into the schema of its namespace.
    pub(super) fn add_types(&mut self) {
        let types = self.types;
        for entry in types.entries().iter().filter(|entry| entry.is_referenced()) {
            let namespace = entry.namespace;
            let node = match (&entry.named.content, entry.named.text()) {
                (_, Some(of)) => self.simple(namespace, entry, of()),
                (Content::Enumeration(values), _) => enumeration(values),
                (Content::Fields(table), _) => self.complex(namespace, entry, table.rows),
                (Content::Choice(rows), _) => self.complex(namespace, entry, rows),
                _ => self.complex(namespace, entry, &[]),
            };
            let node = node.first(annotation(entry.named.documentation));
            self.add_type(namespace, node.with_first("name", entry.name.as_str()));
        }
    }

    /// An element in the content of a type of namespace `from`.
    pub(super) fn element(&mut self, from: &'static str, element: &Row) -> Node {
        let namespace = element.namespace.uri();
        let node = Node::new(Component::Element.name());
        let nillable = element.occurs.nillable;
        if !namespace.is_empty() && namespace != from {
            let name = (namespace, element.name);
            self.global(Component::Element, name, (element.of)(), nillable, "");
            let node = node.with("ref", self.qname(from, namespace, element.name));
            return occurs(node, element.occurs).children(annotation(element.documentation));
        }
        let of = self.types.reference((element.of)());
        let node = self.typed(from, node.with("name", element.name), &of);
        let mut node = occurs(node, element.occurs);
        if nillable {
            node = node.with("nillable", "true");
        }
        if namespace != from {
            node = node.with("form", "unqualified");
        }
        node.first(annotation(element.documentation))
    }

    fn complex(&mut self, from: &'static str, entry: &Entry, rows: &'static [Row]) -> Node {
        let model = match entry.named.content {
            Content::Choice(_) => Node::new("xsd:choice"),
            _ => Node::new("xsd:sequence"),
        };
        let mut wildcard = Wildcard::among(from, rows);
        let mut open = vec![entry.named];
        let model = self.model(from, model, rows, &mut wildcard, &mut open);
        let attributes = self.attributes(from, entry.named.attributes());
        let node = Node::new("xsd:complexType");
        let base = entry.base.and_then(|base| self.types.entries().get(base));
        match base.map(Entry::reference) {
            Some(Reference::Name(namespace, local)) => {
                let extension = Node::new("xsd:extension")
                    .with("base", self.qname(from, namespace, &local))
                    .child(model)
                    .children(attributes);
                node.child(Node::new("xsd:complexContent").child(extension))
            }
            _ => node.child(model).children(attributes),
        }
    }

    /// Fills a sequence or a choice. `open` holds the choices that this one stands in.
    fn model(
        &mut self,
        from: &'static str,
        mut node: Node,
        rows: &'static [Row],
        wildcard: &mut Wildcard,
        open: &mut Vec<&'static NamedType>,
    ) -> Node {
        for row in rows {
            node = match row.kind {
                Kind::Element => node.child(self.element(from, row)),
                Kind::Any => node.children(wildcard.print(row.occurs)),
                Kind::Choice => {
                    let Some((named, rows)) = choice((row.of)()) else {
                        continue;
                    };
                    if open.iter().any(|known| ptr::eq(*known, named)) {
                        continue;
                    }
                    open.push(named);
                    let inner = occurs(Node::new("xsd:choice"), row.occurs);
                    let inner = inner.children(annotation(row.documentation));
                    let inner = self.model(from, inner, rows, wildcard, open);
                    open.pop();
                    node.child(inner)
                }
                Kind::Attribute | Kind::Text => node,
            };
        }
        node
    }

    /// Text: a simple type, or with attributes a complex one that extends it.
    fn simple(&mut self, from: &'static str, entry: &Entry, of: &'static TypeDescription) -> Node {
        let text = self.types.reference(of);
        if entry.named.attributes().is_empty() && Types::is_simple(of) {
            return match text {
                Reference::List(item) => self.list(from, &item),
                Reference::Name(namespace, local) => {
                    let base = self.qname(from, namespace, &local);
                    let restriction = Node::new("xsd:restriction").with("base", base);
                    Node::new("xsd:simpleType").child(restriction)
                }
            };
        }
        let base = match (text, &entry.text_name) {
            (Reference::List(item), Some(name)) => {
                let list = self.list(from, &item).with_first("name", name.as_str());
                self.add_type(from, list);
                self.qname(from, from, name)
            }
            (Reference::List(_), None) => "xsd:string".to_owned(),
            (Reference::Name(namespace, local), _) => self.qname(from, namespace, &local),
        };
        let attributes = self.attributes(from, entry.named.attributes());
        let extension = Node::new("xsd:extension")
            .with("base", base)
            .children(attributes);
        let content = Node::new("xsd:simpleContent").child(extension);
        Node::new("xsd:complexType").child(content)
    }

    fn attributes(&mut self, from: &'static str, attributes: &'static [Row]) -> Vec<Node> {
        let is_xml = |attribute: &&Row| *attribute.namespace == XML;
        let (xml, declared): (Vec<_>, Vec<_>) = attributes.iter().partition(is_xml);
        let declared = declared
            .into_iter()
            .map(|attribute| self.attribute(from, attribute));
        let mut nodes: Vec<_> = declared.collect();
        if !xml.is_empty() {
            let wildcard = Node::new("xsd:anyAttribute").with("namespace", XML.uri());
            nodes.push(wildcard.with("processContents", "lax"));
        }
        nodes
    }

    fn attribute(&mut self, from: &'static str, attribute: &Row) -> Node {
        let namespace = attribute.namespace.uri();
        let of = (attribute.of)();
        let node = Node::new(Component::Attribute.name());
        let node = if namespace.is_empty() {
            let of = self.types.reference(of);
            self.typed(from, node.with("name", attribute.name), &of)
        } else {
            self.global(
                Component::Attribute,
                (namespace, attribute.name),
                of,
                false,
                "",
            );
            node.with("ref", self.qname(from, namespace, attribute.name))
        };
        let node = if attribute.occurs.optional {
            node
        } else {
            node.with("use", "required")
        };
        node.first(annotation(attribute.documentation))
    }
}

/// What `xsd:any` may stand for in one type, so that it never competes with a declared element: XML
/// Schema 1.0 wants to know of each element, without looking ahead, what it is (Unique Particle
/// Attribution).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wildcard {
    /// Anything: no element is declared.
    Any,
    /// What is in another namespace: all declared elements are in that of the type, or in none.
    Other,
    /// Nothing: some declared element is in another namespace too, or there has been a wildcard
    /// already.
    Nothing,
}

impl Wildcard {
    fn among(namespace: &'static str, rows: &'static [Row]) -> Self {
        let elements = elements(rows);
        let own = |element: &&Row| {
            element.namespace.uri().is_empty() || element.namespace.uri() == namespace
        };
        match elements.as_slice() {
            [] => Self::Any,
            elements if elements.iter().all(own) => Self::Other,
            _ => Self::Nothing,
        }
    }

    fn print(&mut self, of: Occurs) -> Option<Node> {
        let namespace = match std::mem::replace(self, Self::Nothing) {
            Self::Any => "##any",
            Self::Other => "##other",
            Self::Nothing => return None,
        };
        let node = Node::new("xsd:any").with("namespace", namespace);
        Some(occurs(node.with("processContents", "lax"), of))
    }
}

fn enumeration(values: &[EnumerationValue]) -> Node {
    let values = values.iter().map(|value| {
        let node = Node::new("xsd:enumeration").with("value", value.value);
        node.children(annotation(value.documentation))
    });
    let restriction = Node::new("xsd:restriction")
        .with("base", "xsd:string")
        .children(values);
    Node::new("xsd:simpleType").child(restriction)
}

fn occurs(mut node: Node, occurs: Occurs) -> Node {
    if occurs.optional {
        node = node.with("minOccurs", "0");
    }
    if occurs.many {
        node = node.with("maxOccurs", "unbounded");
    }
    node
}

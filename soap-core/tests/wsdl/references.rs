//! Checks a WSDL: it is well-formed, every name it refers to is declared, imported and unique, and
//! children stand in their order.

use std::collections::HashSet;

use roxmltree::{Document, Node};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Symbol space, namespace and local name.
type Symbol = (&'static str, String, String);

pub(crate) fn check(text: &str) {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let root = document.root_element();
    assert!(root.has_tag_name((WSDL, "definitions")));
    let declared = declarations(root);
    for node in root.descendants().filter(Node::is_element) {
        for (attribute, space) in references(node) {
            let Some(value) = node.attribute(attribute) else {
                continue;
            };
            let (namespace, local) = expand(node, value);
            if namespace == XSD && space == "type" {
                continue;
            }
            let known = declared.contains(&(space, namespace.clone(), local));
            assert!(known, "{attribute}={value:?} refers to nothing:\n{text}");
            assert_imported(node, &namespace, text);
        }
    }
    assert_order(
        root,
        &["types", "message", "portType", "binding", "service"],
    );
    for node in root
        .children()
        .filter(|node| node.has_tag_name((WSDL, "portType")))
    {
        assert_order(node, &["documentation", "operation"]);
        let operations = node
            .children()
            .filter(|node| node.has_tag_name((WSDL, "operation")));
        operations
            .for_each(|node| assert_order(node, &["documentation", "input", "output", "fault"]));
    }
    for node in root
        .descendants()
        .filter(|node| node.has_tag_name((XSD, "schema")))
    {
        let order = ["import", "simpleType|complexType", "element|attribute"];
        assert_order(node, &order);
    }
}

/// Every component of the top level, once.
fn declarations(root: Node<'_, '_>) -> HashSet<Symbol> {
    let mut declared = HashSet::new();
    let target = root.attribute("targetNamespace").unwrap_or_default();
    let mut add = |node: Node<'_, '_>, namespace: &str| {
        let Some(space) = space(node.tag_name().name()) else {
            return;
        };
        let name = node
            .attribute("name")
            .expect("a global component has a name");
        let symbol = (space, namespace.to_owned(), name.to_owned());
        assert!(
            declared.insert(symbol),
            "{space} {name} of {namespace:?} is declared twice"
        );
    };
    root.children().for_each(|node| add(node, target));
    for schema in root
        .descendants()
        .filter(|node| node.has_tag_name((XSD, "schema")))
    {
        let namespace = schema.attribute("targetNamespace").unwrap_or_default();
        schema.children().for_each(|node| add(node, namespace));
    }
    declared
}

fn space(tag: &str) -> Option<&'static str> {
    match tag {
        "simpleType" | "complexType" => Some("type"),
        "element" => Some("element"),
        "attribute" => Some("attribute"),
        "message" => Some("message"),
        "portType" => Some("portType"),
        "binding" => Some("binding"),
        _ => None,
    }
}

/// The attributes that refer, and to what.
fn references(node: Node<'_, '_>) -> Vec<(&'static str, &'static str)> {
    match (node.tag_name().namespace(), node.tag_name().name()) {
        (Some(XSD), "element") => vec![("type", "type"), ("ref", "element")],
        (Some(XSD), "attribute") => vec![("type", "type"), ("ref", "attribute")],
        (Some(XSD), _) => vec![("base", "type"), ("itemType", "type")],
        (Some(WSDL), "part") => vec![("element", "element")],
        (Some(WSDL), "binding") => vec![("type", "portType")],
        (Some(WSDL), "port") => vec![("binding", "binding")],
        _ => vec![("message", "message")],
    }
}

fn expand(node: Node<'_, '_>, value: &str) -> (String, String) {
    let Some((prefix, local)) = value.split_once(':') else {
        return (String::new(), value.to_owned());
    };
    let namespace = node.lookup_namespace_uri(Some(prefix));
    let namespace = namespace.unwrap_or_else(|| panic!("prefix {prefix} is not declared"));
    (namespace.to_owned(), local.to_owned())
}

/// A schema imports every namespace that it refers to.
fn assert_imported(node: Node<'_, '_>, namespace: &str, text: &str) {
    let Some(schema) = node
        .ancestors()
        .find(|node| node.has_tag_name((XSD, "schema")))
    else {
        return;
    };
    let target = schema.attribute("targetNamespace").unwrap_or_default();
    let mut imports = schema
        .children()
        .filter(|node| node.has_tag_name((XSD, "import")));
    let imported = imports.any(|node| node.attribute("namespace").unwrap_or_default() == namespace);
    assert!(
        namespace == target || imported,
        "{target:?} lacks the import of {namespace:?}:\n{text}"
    );
}

fn assert_order(node: Node<'_, '_>, order: &[&str]) {
    let place = |child: Node<'_, '_>| {
        let name = child.tag_name().name();
        let place = order
            .iter()
            .position(|names| names.split('|').any(|known| known == name));
        place.unwrap_or_else(|| panic!("{name} must not stand in {}", node.tag_name().name()))
    };
    let places: Vec<_> = node
        .children()
        .filter(Node::is_element)
        .map(place)
        .collect();
    assert!(
        places.is_sorted(),
        "children of {} are out of order",
        node.tag_name().name()
    );
}

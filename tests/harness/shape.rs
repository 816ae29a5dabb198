//! What the contract of the calculator says of the elements in a Body: names, namespace, order, number.

use roxmltree::Node;

pub const CALC: &str = "http://example.org/calc";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const RECORD: &str = "name count price when note? nick~ tags* blob color child?";

/// Children of an element in their order: `?` optional, `*` any number, `~` nillable. `None`: it holds text.
fn children_of(element: &str) -> Option<&'static str> {
    Some(match element {
        "Add" | "Divide" => "a b",
        "Echo" => "rec",
        "Notify" => "text",
        "AddResponse" => "AddResult",
        "DivideResponse" => "DivideResult",
        "EchoResponse" => "EchoResult",
        "rec" | "EchoResult" => RECORD,
        "child" => "id label",
        "DivideFault" => "code text",
        _ => return None,
    })
}

/// Checks an element of the Body, `rule` being the line that forbids what else it might be.
pub fn check_body(element: Node<'_, '_>, wrappers: &[&str], rule: &str) {
    let name = element.tag_name();
    assert!(
        wrappers.contains(&name.name()) && name.namespace() == Some(CALC),
        "{rule}: wrapper {name:?} is none of the contract"
    );
    check(element, false, rule);
}

/// Checks a typed fault.
pub fn check_detail(element: Node<'_, '_>, rule: &str) {
    if element.tag_name().namespace() == Some(CALC) {
        check_body(element, &["DivideFault"], rule);
    }
}

fn check(element: Node<'_, '_>, nillable: bool, rule: &str) {
    let name = element.tag_name();
    assert_eq!(
        name.namespace(),
        Some(CALC),
        "{rule}: <{}> is not qualified",
        name.name()
    );
    for attribute in element.attributes() {
        assert!(
            nillable && attribute.namespace() == Some(XSI) && attribute.name() == "nil",
            "{rule}: attribute {} on <{}>",
            attribute.name(),
            name.name()
        );
    }
    let mut rest = element.children().filter(Node::is_element).peekable();
    for particle in children_of(name.name())
        .unwrap_or_default()
        .split_whitespace()
    {
        let expected = particle.trim_end_matches(['?', '*', '~']);
        let mut seen = 0;
        while let Some(child) = rest.next_if(|child| child.tag_name().name() == expected) {
            check(child, particle.ends_with('~'), rule);
            seen += 1;
        }
        let is_right = match particle.chars().last() {
            Some('?') => seen <= 1,
            Some('*') => true,
            _ => seen == 1,
        };
        assert!(
            is_right,
            "{rule}: <{expected}> stands {seen} times at its place in <{}>",
            name.name()
        );
    }
    if let Some(extra) = rest.next() {
        panic!(
            "{rule}: <{}> does not belong at its place in <{}>",
            extra.tag_name().name(),
            name.name()
        );
    }
}

//! What a WSDL says of WS-Addressing (Metadata, sections 3 and 4): that a binding takes it, and the actions of messages.

use super::node::Node;
use crate::Addressing;

/// Prefix and URI of each namespace that is used.
pub(super) fn declared(mode: Addressing) -> &'static [(&'static str, &'static str)] {
    match mode {
        Addressing::Off => &[],
        Addressing::Optional | Addressing::Required => &[
            (
                "xmlns:wsam",
                "http://www.w3.org/2007/05/addressing/metadata",
            ),
            ("xmlns:wsaw", "http://www.w3.org/2006/05/addressing/wsdl"),
            ("xmlns:wsp", "http://www.w3.org/ns/ws-policy"),
        ],
    }
}

/// The message with its action.
pub(super) fn with_action(node: Node, mode: Addressing, action: impl Into<String>) -> Node {
    match mode {
        Addressing::Off => node,
        Addressing::Optional | Addressing::Required => node.with("wsam:Action", action),
    }
}

/// What a binding says: the policy of the recommendation, and the element that came before it, by which older tools go.
pub(super) fn assertions(mode: Addressing) -> Vec<Node> {
    let using = Node::new("wsaw:UsingAddressing");
    let assertion = Node::new("wsam:Addressing");
    let (using, assertion) = match mode {
        Addressing::Off => return Vec::new(),
        Addressing::Optional => (using, assertion.with("wsp:Optional", "true")),
        Addressing::Required => (using.with("wsdl:required", "true"), assertion),
    };
    let assertion = assertion.child(Node::new("wsp:Policy"));
    vec![using, Node::new("wsp:Policy").child(assertion)]
}

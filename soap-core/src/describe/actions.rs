//! The actions of messages (WS-Addressing 1.0 WSDL Binding, section 4.4): what a contract does not say follows from its names.

use std::borrow::Cow;

use super::{Operation, ServiceDescription};

impl ServiceDescription {
    /// The action of an operation's request where none is declared.
    #[must_use]
    pub fn default_action(&self, operation: &Operation) -> String {
        let suffix = if operation.output.is_some() {
            "Request"
        } else {
            ""
        };
        self.pattern(&[self.port_type, &format!("{}{suffix}", operation.name)])
    }

    /// The action of an operation's answer.
    #[must_use]
    pub fn reply_action(&self, operation: &Operation) -> Cow<'static, str> {
        self.pattern(&[self.port_type, &format!("{}Response", operation.name)])
            .into()
    }

    /// The action of an operation's typed fault, by the name it has in the WSDL.
    #[must_use]
    pub fn fault_action(&self, operation: &Operation, fault: &str) -> String {
        self.pattern(&[self.port_type, operation.name, "Fault", fault])
    }

    fn pattern(&self, parts: &[&str]) -> String {
        let namespace = self.namespace.uri();
        let is_urn = namespace
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        let delimiter = if is_urn { ":" } else { "/" };
        let start = namespace.strip_suffix(delimiter).unwrap_or(namespace);
        format!("{start}{delimiter}{}", parts.join(delimiter))
    }
}

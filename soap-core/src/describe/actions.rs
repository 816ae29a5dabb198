//! The actions of messages (WS-Addressing 1.0 Metadata, section 4.4): what a contract does not say follows from its names.

use std::borrow::Cow;

use super::{Operation, ServiceDescription};

impl ServiceDescription {
    /// True if `action` is one of the operation's request (rule A-18): the declared one, or that which follows from the names. The
    /// edition of 2004 joins names by `/` behind a URN too, where 1.0 has `:`; either is taken.
    #[must_use]
    pub fn accepts(&self, operation: &Operation, action: &str) -> bool {
        !action.is_empty()
            && (action == operation.action
                || action == operation.default_action
                || action == self.default_action_of_2004(operation))
    }

    /// The default action of its request in the edition of 2004.
    pub(crate) fn default_action_of_2004(&self, operation: &Operation) -> String {
        self.pattern("/", &[self.port_type, &input_name(operation)])
    }

    /// The action of an operation's answer.
    #[must_use]
    pub fn reply_action(&self, operation: &Operation) -> Cow<'static, str> {
        let declared = operation.output.as_ref().and_then(|output| output.action);
        declared.map_or_else(
            || {
                let name = format!("{}Response", operation.name);
                self.pattern(self.delimiter(), &[self.port_type, &name])
                    .into()
            },
            Cow::Borrowed,
        )
    }

    /// The action of an operation's typed fault, by the name it has in the WSDL.
    #[must_use]
    pub fn fault_action(&self, operation: &Operation, fault: &str) -> String {
        let declared = (operation.faults)()
            .iter()
            .find(|described| described.name == fault)
            .and_then(|described| described.action);
        declared.map_or_else(
            || {
                let names = [self.port_type, operation.name, "Fault", fault];
                self.pattern(self.delimiter(), &names)
            },
            str::to_owned,
        )
    }

    /// What joins names by default.
    fn delimiter(&self) -> &'static str {
        let is_urn =
            (self.namespace.uri().get(..4)).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        if is_urn { ":" } else { "/" }
    }

    fn pattern(&self, delimiter: &str, parts: &[&str]) -> String {
        let namespace = self.namespace.uri();
        let start = namespace.strip_suffix(delimiter).unwrap_or(namespace);
        format!("{start}{delimiter}{}", parts.join(delimiter))
    }
}

/// The name a request has where none is given (WSDL 1.1, section 2.4.5).
fn input_name(operation: &Operation) -> Cow<'static, str> {
    match operation.output {
        Some(_) => format!("{}Request", operation.name).into(),
        None => operation.name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        describe::{FaultDescription, OutputDescription, Style, TypeDescription},
        xml::{Name, Namespace},
    };

    static EXAMPLE: Namespace = Namespace::new("http://x/y");
    static ENDED: Namespace = Namespace::new("http://x/y/");
    static URN: Namespace = Namespace::new("URN:x:y");
    static ENDED_URN: Namespace = Namespace::new("urn:x:y:");

    const fn fault(name: &'static str, action: Option<&'static str>) -> FaultDescription {
        FaultDescription {
            name,
            element: Name {
                namespace: &EXAMPLE,
                local: name,
            },
            of: || &TypeDescription::AnyType,
            documentation: "",
            action,
        }
    }

    static FAULTS: [FaultDescription; 2] = [
        fault("BadId", None),
        fault("Gone", Some("http://x/y/errors/gone")),
    ];

    fn operation(action: &'static str, reply_action: Option<&'static str>) -> Operation {
        Operation {
            name: "Get",
            action,
            default_action: "http://x/y/P/GetRequest",
            documentation: "",
            style: Style::Wrapped,
            input: None,
            parameters: &[],
            input_headers: &[],
            output: Some(OutputDescription {
                element: None,
                result: None,
                headers: || &[],
                action: reply_action,
            }),
            faults: || &FAULTS,
            idempotent: false,
        }
    }

    fn one_way() -> Operation {
        Operation {
            default_action: "http://x/y/P/Get",
            output: None,
            ..operation("", None)
        }
    }

    fn service(namespace: &'static Namespace) -> ServiceDescription {
        ServiceDescription {
            name: "PService",
            port_type: "P",
            namespace,
            documentation: "",
            operations: &[],
        }
    }

    #[test]
    fn defaults_are_those_of_the_standards_pattern() {
        for namespace in [&EXAMPLE, &ENDED] {
            let (service, get) = (service(namespace), operation("", None));
            assert_eq!(service.reply_action(&get), "http://x/y/P/GetResponse");
            assert_eq!(
                service.fault_action(&get, "BadId"),
                "http://x/y/P/Get/Fault/BadId"
            );
        }
    }

    #[test]
    fn behind_a_urn_names_are_joined_by_colons() {
        let get = operation("", None);
        let action = service(&URN).reply_action(&get);
        assert_eq!(action, "URN:x:y:P:GetResponse");
        let service = service(&ENDED_URN);
        assert_eq!(service.reply_action(&get), "urn:x:y:P:GetResponse");
        assert_eq!(
            service.fault_action(&get, "BadId"),
            "urn:x:y:P:Get:Fault:BadId"
        );
    }

    #[test]
    fn what_is_declared_goes_before_the_pattern() {
        let service = service(&EXAMPLE);
        let get = operation("urn:get", Some("urn:got"));
        assert_eq!(get.request_action(), "urn:get");
        assert_eq!(service.reply_action(&get), "urn:got");
        assert_eq!(service.fault_action(&get, "Gone"), "http://x/y/errors/gone");
        let silent = operation("", None);
        assert_eq!(silent.request_action(), "http://x/y/P/GetRequest");
    }

    #[test]
    fn a_18_accepted_actions() {
        let get = operation("urn:get", None);
        let accepts = |namespace, action| service(namespace).accepts(&get, action);
        assert!(accepts(&EXAMPLE, "urn:get"));
        assert!(accepts(&EXAMPLE, "http://x/y/P/GetRequest"));
        assert!(accepts(&ENDED, "http://x/y/P/GetRequest"));
        assert!(!accepts(&EXAMPLE, "http://x/y/P/GetResponse"));
        assert!(!accepts(&EXAMPLE, "http://x/y/P/Get"));
        assert!(!accepts(&EXAMPLE, "HTTP://x/y/P/GetRequest"));
        assert!(!accepts(&EXAMPLE, ""));
        assert!(!service(&EXAMPLE).accepts(&operation("", None), ""));
        assert!(service(&EXAMPLE).accepts(&one_way(), "http://x/y/P/Get"));
    }

    #[test]
    fn a_18_the_delimiter_of_2004_is_a_slash_behind_a_urn_too() {
        let get = Operation {
            default_action: "URN:x:y:P:GetRequest",
            ..operation("urn:get", None)
        };
        assert!(service(&URN).accepts(&get, "URN:x:y:P:GetRequest"));
        assert!(service(&URN).accepts(&get, "URN:x:y/P/GetRequest"));
    }
}

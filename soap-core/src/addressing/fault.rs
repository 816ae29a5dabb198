//! The faults of WS-Addressing (1.0 SOAP Binding, section 6.4; the submission of 2004, section 4).
//!
//! The submission says that the detail tells of the header block that is missing or invalid, and not in which element: it has the
//! name that 1.0 gave to that, in its own namespace. In SOAP 1.1 its faults have no detail.

use crate::{Fault, types::QName, xml::Element};

use super::Edition;

/// A rule that a request breaks, and the header block that breaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It is not there.
    Required(&'static str),
    /// It is there more than once.
    Cardinality(&'static str),
    /// It is no URI.
    Invalid(&'static str),
    /// It is no endpoint reference that can be used.
    InvalidEpr(&'static str),
    /// It is an endpoint reference without an address.
    NoAddress(&'static str),
    /// The address in it is no absolute URI.
    InvalidAddress(&'static str),
    /// It asks for an answer at an address that is not allowed.
    OnlyAnonymous {
        header: &'static str,
        address: String,
    },
    /// It says another action than the transport.
    ActionMismatch {
        action: String,
        soap_action: String,
    },
    ActionNotSupported(String),
    /// The message is for somebody else.
    Unreachable(String),
}

/// What a fault is made of.
struct Shape {
    /// Names of the subcode in both editions.
    subcode: (&'static str, &'static str),
    /// The code below it, which the edition of 2004 has not.
    special: Option<&'static str>,
    reason: String,
    detail: Detail,
}

enum Detail {
    Header(&'static str),
    Action(String, Option<String>),
    Address(String),
}

const INVALID: (&str, &str) = ("InvalidAddressingHeader", "InvalidMessageInformationHeader");
const REQUIRED: (&str, &str) = (
    "MessageAddressingHeaderRequired",
    "MessageInformationHeaderRequired",
);

impl Broken {
    /// The fault that says so, in the words of `edition`.
    pub(crate) fn fault(&self, edition: Edition) -> Fault {
        let shape = self.shape();
        let namespace = edition.namespace().uri();
        let name = |local| QName::new(namespace, local);
        let fault = Fault::sender(shape.reason).about_addressing(edition);
        match edition {
            Edition::V200508 => {
                let fault = fault.with_subcode(name(shape.subcode.0));
                let special = shape.special.into_iter();
                let fault = special.fold(fault, |fault, local| fault.with_subcode(name(local)));
                fault.with_detail(shape.detail.element(namespace))
            }
            Edition::V200408 => {
                let fault = fault.with_subcode(name(shape.subcode.1));
                match shape.detail {
                    Detail::Action(action, None) => {
                        fault.with_detail(text(namespace, "Action", &action))
                    }
                    Detail::Action(_, Some(_)) => {
                        fault.with_detail(Detail::Header("Action").element(namespace))
                    }
                    Detail::Header(_) => fault.with_detail(shape.detail.element(namespace)),
                    Detail::Address(_) => fault,
                }
            }
        }
    }

    fn shape(&self) -> Shape {
        let header = |special, header, what: &str| Shape {
            subcode: INVALID,
            special,
            reason: format!("the header block {header} of WS-Addressing {what}"),
            detail: Detail::Header(header),
        };
        match self {
            Self::Required(name) => Shape {
                subcode: REQUIRED,
                ..header(None, name, "is required, and is not there")
            },
            Self::Cardinality(name) => header(
                Some("InvalidCardinality"),
                name,
                "stands in the message more than once",
            ),
            Self::Invalid(name) => header(None, name, "is no URI"),
            Self::InvalidEpr(name) => header(
                Some("InvalidEPR"),
                name,
                "is no endpoint reference that can be used",
            ),
            Self::NoAddress(name) => header(Some("MissingAddressInEPR"), name, "has no Address"),
            Self::InvalidAddress(name) => header(
                Some("InvalidAddress"),
                name,
                "has an Address that is no absolute URI",
            ),
            Self::OnlyAnonymous { header: name, .. } => header(
                Some("OnlyAnonymousAddressSupported"),
                name,
                "names an address that this service does not send answers to",
            ),
            Self::ActionMismatch {
                action,
                soap_action,
            } => Shape {
                subcode: INVALID,
                special: Some("ActionMismatch"),
                reason: "the Action of WS-Addressing differs from that of the transport".into(),
                detail: Detail::Action(action.clone(), Some(soap_action.clone())),
            },
            Self::ActionNotSupported(action) => Shape {
                subcode: ("ActionNotSupported", "ActionNotSupported"),
                special: None,
                reason: format!(
                    "the action {:?} is not that of the operation the Body asks for",
                    shortened(action)
                ),
                detail: Detail::Action(action.clone(), None),
            },
            Self::Unreachable(address) => Shape {
                subcode: ("DestinationUnreachable", "DestinationUnreachable"),
                special: None,
                reason: format!("{:?} is not an address of this service", shortened(address)),
                detail: Detail::Address(address.clone()),
            },
        }
    }
}

impl Detail {
    fn element(&self, namespace: &'static str) -> Element {
        match self {
            Self::Header(local) => Element::new(namespace, "ProblemHeaderQName")
                .with_prefix("wsa")
                .with_declaration("wsa", namespace)
                .with_text(format!("wsa:{local}")),
            Self::Address(address) => text(namespace, "ProblemIRI", address),
            Self::Action(action, soap_action) => {
                let problem = Element::new(namespace, "ProblemAction")
                    .with_prefix("wsa")
                    .with_child(text(namespace, "Action", action));
                match soap_action {
                    Some(soap_action) => {
                        problem.with_child(text(namespace, "SoapAction", soap_action))
                    }
                    None => problem,
                }
            }
        }
    }
}

fn text(namespace: &'static str, local: &'static str, uri: &str) -> Element {
    Element::new(namespace, local)
        .with_prefix("wsa")
        .with_text(shortened(uri))
}

/// As much of a foreign URI as a fault repeats.
pub(crate) fn shortened(uri: &str) -> &str {
    const LONGEST: usize = 200;
    uri.char_indices()
        .nth(LONGEST)
        .and_then(|(end, _)| uri.get(..end))
        .unwrap_or(uri)
}

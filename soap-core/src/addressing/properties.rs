//! The message addressing properties (WS-Addressing 1.0 Core, section 3).

use crate::xml::Element;

use super::{Edition, EndpointReference};

/// What the header blocks of WS-Addressing say of a message.
///
/// # Example
/// ```
/// use soap_core::addressing::{EndpointReference, MessageAddressing};
/// let elsewhere = EndpointReference::new("http://example.org/answers");
/// let request = MessageAddressing::new().reply_to(elsewhere);
/// assert!(!request.reply_to.is_some_and(|to| to.is_anonymous()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MessageAddressing {
    /// The edition they are in.
    pub edition: Edition,
    /// `To`: where the message goes. `None`: anonymous.
    pub to: Option<String>,
    /// `Action`: what the message means.
    pub action: Option<String>,
    /// `MessageID`: what its answer refers to.
    pub message_id: Option<String>,
    /// `From`: who has sent it, as they say themselves: no proof of anything (rule A-14).
    pub from: Option<EndpointReference>,
    /// `ReplyTo`: where the answer goes. `None`: the way the request came.
    pub reply_to: Option<EndpointReference>,
    /// `FaultTo`: where a fault goes. `None`: where the answer goes.
    pub fault_to: Option<EndpointReference>,
    /// `RelatesTo`: the messages this one has to do with.
    pub relates_to: Vec<RelatesTo>,
    /// Blocks marked as reference parameters of the endpoint the message goes to. Anyone can have put them there (rule A-16).
    pub reference_parameters: Vec<Element>,
}

/// A message that this one has to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelatesTo {
    /// Its `MessageID`.
    pub message_id: String,
    /// The URI of how: `None` for the answer to it. In the edition of 2004 it is a QName: `{namespace}local`.
    pub relationship: Option<String>,
}

impl RelatesTo {
    /// Says that a message answers that of `message_id`.
    pub fn reply(message_id: impl Into<String>) -> Self {
        Self {
            message_id: message_id.into(),
            relationship: None,
        }
    }

    /// Says that a message has to do with that of `message_id` in the way that the URI `relationship` tells.
    pub fn new(message_id: impl Into<String>, relationship: impl Into<String>) -> Self {
        Self {
            message_id: message_id.into(),
            relationship: Some(relationship.into()),
        }
    }
}

impl MessageAddressing {
    /// Says nothing yet, in the edition of 2005.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same in another edition.
    #[must_use]
    pub fn edition(self, edition: Edition) -> Self {
        Self { edition, ..self }
    }

    /// Where the message goes.
    #[must_use]
    pub fn to(self, address: impl Into<String>) -> Self {
        Self {
            to: Some(address.into()),
            ..self
        }
    }

    /// What the message means.
    #[must_use]
    pub fn action(self, action: impl Into<String>) -> Self {
        Self {
            action: Some(action.into()),
            ..self
        }
    }

    /// The identifier of the message, which no other has.
    #[must_use]
    pub fn message_id(self, message_id: impl Into<String>) -> Self {
        Self {
            message_id: Some(message_id.into()),
            ..self
        }
    }

    /// A message that this one has to do with, beside those that are there.
    #[must_use]
    pub fn relates_to(mut self, relation: RelatesTo) -> Self {
        self.relates_to.push(relation);
        self
    }

    /// Where the answer goes.
    #[must_use]
    pub fn reply_to(self, endpoint: EndpointReference) -> Self {
        Self {
            reply_to: Some(endpoint),
            ..self
        }
    }

    /// Where a fault goes.
    #[must_use]
    pub fn fault_to(self, endpoint: EndpointReference) -> Self {
        Self {
            fault_to: Some(endpoint),
            ..self
        }
    }

    /// Who sends it.
    #[must_use]
    pub fn from(self, endpoint: EndpointReference) -> Self {
        Self {
            from: Some(endpoint),
            ..self
        }
    }

    /// The identifiers of the messages that this one answers.
    pub fn answered(&self) -> impl Iterator<Item = &str> {
        let replies = self.relates_to.iter();
        replies
            .filter(|relation| relation.relationship.is_none())
            .map(|relation| relation.message_id.as_str())
    }
}

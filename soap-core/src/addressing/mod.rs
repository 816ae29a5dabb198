//! WS-Addressing: where a message goes, which message it answers, and where the answer to it shall go, in header blocks that
//! mean the same on every transport (Core and SOAP Binding 1.0 of 2006-05-09; the submission of August 2004).
//!
//! A request is told from its answer by its `MessageID`, which the answer repeats in `RelatesTo`; so answers find their calls
//! where a transport has no connection, as on `soap.udp`. What is read and written here is data: which of it a server accepts stands
//! in [`AddressingOptions`](crate::AddressingOptions), and what a client writes in [`Channel::addressing`](crate::Channel::addressing).
//!
//! # Limits
//! Reference parameters that an answer has to give back are at most 32, and 64 KiB as they are written, with the declarations they
//! need; none of them is a header block of WS-Addressing. A request with others is refused. All else is bounded by [`Limits`](crate::Limits) as any header block.

pub(crate) mod allow;
mod endpoint;
mod fault;
mod peek;
mod properties;
mod read;
mod rules;
mod write;

pub use endpoint::EndpointReference;
pub(crate) use fault::{Broken, shortened};
pub use peek::{Peek, peek};
pub use properties::{MessageAddressing, RelatesTo};
use read::Received;
pub(crate) use read::{is_known, read};
pub(crate) use rules::{Addressed, AnswerKind, Way};
pub(crate) use write::{Mandatory, write};

use crate::xml::Namespace;

static V200508: Namespace = Namespace::new("http://www.w3.org/2005/08/addressing");
static V200408: Namespace = Namespace::new("http://schemas.xmlsoap.org/ws/2004/08/addressing");

/// An edition of WS-Addressing. A message tells its own by the namespace of its header blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "no third edition is in use")]
pub enum Edition {
    /// WS-Addressing 1.0, the recommendation of the W3C.
    #[default]
    V200508,
    /// The member submission of August 2004, as WS-Discovery of 2005/04 and old WCF services speak it.
    V200408,
}

impl Edition {
    /// Both, the newer one first.
    pub const ALL: [Self; 2] = [Self::V200508, Self::V200408];

    /// Namespace of the header blocks.
    pub const fn namespace(self) -> &'static Namespace {
        match self {
            Self::V200508 => &V200508,
            Self::V200408 => &V200408,
        }
    }

    /// The address of whoever sent the message: answers go back the way the request came.
    pub const fn anonymous(self) -> &'static str {
        match self {
            Self::V200508 => "http://www.w3.org/2005/08/addressing/anonymous",
            Self::V200408 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
        }
    }

    /// What an answer relates to whose request had no identifier.
    pub const fn unspecified(self) -> &'static str {
        match self {
            Self::V200508 => "http://www.w3.org/2005/08/addressing/unspecified",
            Self::V200408 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/id/unspecified",
        }
    }

    /// The action of the faults that the edition defines.
    pub(crate) const fn fault_action(self) -> &'static str {
        match self {
            Self::V200508 => "http://www.w3.org/2005/08/addressing/fault",
            Self::V200408 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
        }
    }

    /// The action of all other faults for which none is declared.
    pub(crate) const fn soap_fault_action(self) -> &'static str {
        match self {
            Self::V200508 => "http://www.w3.org/2005/08/addressing/soap/fault",
            Self::V200408 => self.fault_action(),
        }
    }

    /// The address of nobody: what goes there is dropped. The edition of 2004 has none.
    pub const fn none(self) -> Option<&'static str> {
        match self {
            Self::V200508 => Some("http://www.w3.org/2005/08/addressing/none"),
            Self::V200408 => None,
        }
    }
}

/// An identifier that no other message has: `urn:uuid:` and a random UUID.
///
/// ```
/// let id = soap_core::addressing::new_message_id();
/// assert!(id.starts_with("urn:uuid:") && id.len() == 45);
/// ```
#[must_use]
pub fn new_message_id() -> String {
    uuid::Uuid::new_v4().urn().to_string()
}

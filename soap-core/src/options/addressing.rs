//! How WS-Addressing is used.

use crate::{
    addressing::{Edition, allow},
    transport::TransportError,
};

/// Whether messages carry WS-Addressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// Its header blocks mean nothing here: one that must be understood is a fault.
    Off,
    /// Server: a request with it is answered with it, one without is answered without. Client: requests carry it, and an
    /// answer without it is taken.
    Optional,
    /// Server: a request without it is refused. Client: requests carry it, and so must answers.
    Required,
}

/// How an endpoint or a binding uses WS-Addressing.
///
/// # Example
/// ```
/// use soap_core::{Addressing, AddressingOptions};
/// let options = AddressingOptions::new(Addressing::Required).check_to(["urn:example:calc"]);
/// assert_eq!(options.mode, Some(Addressing::Required));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AddressingOptions {
    /// Whether messages carry it. `None`: what the transport says: servers take it where it comes and clients do not send it on
    /// HTTP and streams, unless they are given another `edition`, which makes it optional; both need it on `soap.udp`.
    pub mode: Option<Addressing>,
    /// Client: the edition that requests are written in: [`Edition::V200508`]. Answers have the edition of their request.
    pub edition: Edition,
    /// Server: where answers and faults may go that a request wants elsewhere, by a `ReplyTo` or `FaultTo` that is not
    /// anonymous: URLs, of which scheme, host and port must be the same, and whose path must be the beginning of the path asked for,
    /// up to a `/`; a query is not allowed here. None, so such a request is refused before anything is executed: whoever can send one could otherwise have this
    /// server send messages to any host it reaches.
    ///
    /// It means nothing on `soap.udp`, where the source of a request is whatever its sender writes there: answers only go back. What
    /// the bindings of a server share does not apply to one on `soap.udp`; one with options of its own must not have it.
    pub answers_to: Vec<String>,
    /// Server: the addresses a `To` may have beside the anonymous one; any, if this is empty, because a server behind a
    /// proxy does not know its own. Another is the fault `DestinationUnreachable`.
    pub check_to: Vec<String>,
}

// Does not compile when a field is missing below.
const _: fn(AddressingOptions) = |AddressingOptions {
                                      mode: _,
                                      edition: _,
                                      answers_to: _,
                                      check_to: _,
                                  }| ();

impl AddressingOptions {
    /// The names of all fields, for those who read them from elsewhere.
    #[doc(hidden)]
    pub const FIELDS: &'static [&'static str] = &["mode", "edition", "answers_to", "check_to"];

    /// The defaults in `mode`.
    pub fn new(mode: Addressing) -> Self {
        Self {
            mode: Some(mode),
            ..Self::default()
        }
    }

    /// Finds an entry of `answers_to` that would allow no address at all, or that has a query. A server does when it starts, and finds
    /// too whether it has the transports.
    ///
    /// # Errors
    /// Fails with the entry, and what is wrong with it.
    pub fn check(&self) -> Result<(), TransportError> {
        for url in &self.answers_to {
            allow::check(url).map_err(|wrong| {
                TransportError::config(format!("AddressingOptions::answers_to: {url:?}: {wrong}"))
            })?;
        }
        Ok(())
    }

    /// The same with another value of the field `edition`, which tells more.
    #[must_use]
    pub fn edition(mut self, edition: Edition) -> Self {
        self.edition = edition;
        self
    }

    /// The same with another value of the field `answers_to`, which tells more.
    #[must_use]
    pub fn answers_to(mut self, urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.answers_to = urls.into_iter().map(Into::into).collect();
        self
    }

    /// The same with another value of the field `check_to`, which tells more.
    #[must_use]
    pub fn check_to(mut self, addresses: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.check_to = addresses.into_iter().map(Into::into).collect();
        self
    }
}

impl From<Addressing> for AddressingOptions {
    fn from(mode: Addressing) -> Self {
        Self::new(mode)
    }
}

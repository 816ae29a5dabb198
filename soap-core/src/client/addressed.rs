//! What a call says by WS-Addressing, and what its answer must say then.

use crate::{
    Addressing,
    addressing::{self, Edition, EndpointReference, MessageAddressing, shortened},
    describe::Operation,
    envelope::Envelope,
    transport::Expect,
    xml::{ReadError, ReadErrorKind, WriteError},
};

use super::Channel;

/// What is known of a request when its answer comes.
#[derive(Debug, Clone)]
pub(super) struct Awaited {
    pub(super) message_id: String,
    pub(super) edition: Edition,
    is_required: bool,
}

/// The properties of a request of `channel`, where those that are `given` win; `None` if it is sent without.
///
/// # Errors
/// Fails if there is no action: no message of WS-Addressing is without.
pub(super) fn properties(
    channel: &Channel,
    operation: &'static Operation,
    given: Option<MessageAddressing>,
    expect: Expect,
) -> Result<Option<MessageAddressing>, WriteError> {
    let is_on = channel.addressing != Addressing::Off || channel.target.is_some();
    if !is_on && given.is_none() {
        return Ok(None);
    }
    let mut properties = given.unwrap_or_default();
    if is_on {
        properties.edition = channel.edition;
    }
    if let Some(target) = &channel.target {
        (properties.to).get_or_insert_with(|| target.address.clone());
        let parameters = target.reference_parameters.iter().cloned();
        properties.reference_parameters.extend(parameters);
    }
    let anonymous = properties.edition.anonymous();
    let url = channel.outgoing(operation).to.unwrap_or(anonymous);
    properties.to.get_or_insert_with(|| url.to_owned());
    (properties.message_id).get_or_insert_with(addressing::new_message_id);
    let action = operation.request_action();
    if properties.action.is_none() && action.is_empty() {
        return Err(WriteError::value(
            "an operation without an action, which WS-Addressing needs",
        ));
    }
    (properties.action).get_or_insert_with(|| action.to_owned());
    if expect != Expect::Nothing {
        (properties.reply_to).get_or_insert_with(|| EndpointReference::new(anonymous));
    }
    Ok(Some(properties))
}

impl Awaited {
    /// Remembers what an answer is compared with.
    pub(super) fn of(request: &MessageAddressing, channel: &Channel) -> Self {
        Self {
            message_id: request.message_id.clone().unwrap_or_default(),
            edition: request.edition,
            is_required: channel.addressing == Addressing::Required,
        }
    }

    /// Checks that an answer is to the request. A fault may come without WS-Addressing in any case: who cannot read a request
    /// does not know its identifier.
    pub(super) fn check(
        &self,
        envelope: &mut Envelope<'_>,
        is_fault: bool,
    ) -> Result<(), ReadError> {
        let received = addressing::read(envelope, &[], self.edition)?;
        let answer = received.map(|received| received.properties);
        let unspecified = self.edition.unspecified();
        let mut related = answer
            .iter()
            .flat_map(MessageAddressing::answered)
            .filter(|id| *id != unspecified)
            .peekable();
        let first = related.peek().map(|id| shortened(id).to_owned());
        if related.any(|id| id == self.message_id) {
            let has_action = answer
                .as_ref()
                .is_some_and(|answer| answer.action.is_some());
            return self.demand(is_fault || has_action, "Action", envelope);
        }
        match first {
            Some(found) => {
                let asked = self.message_id.clone();
                let kind = ReadErrorKind::OtherAnswer { asked, found };
                Err(envelope.reader().error(kind))
            }
            None => self.demand(is_fault, "RelatesTo", envelope),
        }
    }

    fn demand(
        &self,
        is_there: bool,
        what: &'static str,
        envelope: &mut Envelope<'_>,
    ) -> Result<(), ReadError> {
        if is_there || !self.is_required {
            return Ok(());
        }
        let asked = self.message_id.clone();
        let kind = ReadErrorKind::NotAddressed { asked, what };
        Err(envelope.reader().error(kind))
    }
}

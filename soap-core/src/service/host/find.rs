//! Which operation a request asks for, and what of its Header is understood.

use std::borrow::Cow;

use crate::{
    Addressing, Fault, FaultCode, Message,
    addressing::{self, Addressed, Broken, shortened},
    describe::Operation,
    envelope::Envelope,
    types::QName,
    xml::ReadErrorKind,
};

use super::{
    DEFAULTS, Host,
    index::{EMPTY, Element},
};

/// So many operations with one element a fault names.
const NAMED: usize = 8;

/// An operation and its index in the description.
pub(super) type Found = (usize, &'static Operation);

impl Host {
    /// The operation that was `found`, if the request may run it.
    ///
    /// # Errors
    /// Fails with what is wrong: header blocks before the Body, because they say how to read it.
    pub(super) fn judge(
        &self,
        request: &Message,
        envelope: &Envelope<'_>,
        addressed: Option<&Addressed>,
        found: Result<Found, Fault>,
    ) -> Result<Found, Fault> {
        let operation = found.as_ref().ok().map(|(_, operation)| *operation);
        let not_understood = envelope.not_understood(&self.roles, |namespace, local| {
            addressed.is_some_and(|addressed| {
                addressing::is_known(addressed.edition(), namespace, local)
            }) || self.is_understood(operation, namespace, local)
        });
        if !not_understood.is_empty() {
            return Err(mandatory(not_understood));
        }
        let options = request.addressing.as_deref().unwrap_or(&DEFAULTS);
        let Some(addressed) = addressed else {
            if options.mode == Some(Addressing::Required) {
                return Err(Broken::Required("Action").fault(options.edition));
            }
            let found = found?;
            self.check_action(request, found.1)?;
            return Ok(found);
        };
        let is_answered = operation.is_some_and(|operation| operation.output.is_some());
        let checked = addressed.check(options, request.action.as_deref(), is_answered);
        checked.map_err(|broken| broken.fault(addressed.edition()))?;
        let found = found?;
        let said = addressed.properties.action.as_deref().unwrap_or_default();
        if self.service.description().accepts(found.1, said) {
            return Ok(found);
        }
        Err(Broken::ActionNotSupported(said.to_owned()).fault(addressed.edition()))
    }

    /// Dispatch is by the Body's element; by the action where operations share one (rule H-2).
    pub(super) fn find(
        &self,
        request: &Message,
        addressed: Option<&Addressed>,
        envelope: &mut Envelope<'_>,
    ) -> Result<Found, Fault> {
        let Some((namespace, local)) = envelope.body() else {
            return match self.operations.candidates(EMPTY) {
                [] => Err(envelope
                    .reader()
                    .error(ReadErrorKind::Envelope("the Body is empty"))
                    .into()),
                candidates => self.by_action(request, addressed, EMPTY, candidates),
            };
        };
        let uri = envelope.reader().uri(namespace);
        let element = (local, uri);
        match self.operations.candidates(element) {
            [] => Err(Fault::sender(format!(
                "service {} has no operation for element {local:?} of namespace {:?}",
                self.service.description().name,
                shortened(uri)
            ))),
            candidates => self.by_action(request, addressed, element, candidates),
        }
    }

    /// The one of `candidates`, or the one of them whose action the request has.
    fn by_action(
        &self,
        request: &Message,
        addressed: Option<&Addressed>,
        element: Element<'_>,
        candidates: &[usize],
    ) -> Result<Found, Fault> {
        let known = self.service.description();
        let found = |index: usize| Some((index, *known.operations.get(index)?));
        if let [only] = candidates
            && let Some(only) = found(*only)
        {
            return Ok(only);
        }
        let said = addressed.and_then(|addressed| addressed.properties.action.as_deref());
        let wanted = said.or(request.action.as_deref()).unwrap_or_default();
        let meant = self.operations.candidate(element, wanted).and_then(found);
        // Only WS-Addressing knows actions by default.
        if let Some(meant) = meant.filter(|(_, meant)| said.is_some() || meant.action == wanted) {
            return Ok(meant);
        }
        if let (Some(addressed), Some(said)) = (addressed, said) {
            return Err(Broken::ActionNotSupported(said.to_owned()).fault(addressed.edition()));
        }
        let named = candidates.iter().take(NAMED);
        let named = named.filter_map(|index| Some(known.operations.get(*index)?.name));
        let mut named: Vec<_> = named.map(Cow::Borrowed).collect();
        let others = candidates.len() - named.len();
        if others > 0 {
            named.push(format!("{others} others").into());
        }
        Err(Fault::sender(format!(
            "{} have the same element in the Body: the action says which is meant, and this is that of none of them",
            named.join(" and ")
        )))
    }

    fn is_understood(&self, operation: Option<&Operation>, namespace: &str, local: &str) -> bool {
        let declared = operation.is_some_and(|operation| {
            operation.input_headers.iter().any(|header| {
                header.name.local == local && header.name.namespace.uri() == namespace
            })
        });
        declared
            || self
                .understood
                .iter()
                .any(|(uri, name)| uri == namespace && name == local)
    }

    /// An action is wrong only if it is the declared one of another operation (rule H-2).
    fn check_action(&self, request: &Message, operation: &Operation) -> Result<(), Fault> {
        let Some(action) = request
            .action
            .as_deref()
            .filter(|action| !action.is_empty() && *action != operation.action)
        else {
            return Ok(());
        };
        let of_another = self.operations.that_declares(action);
        of_another.map_or(Ok(()), |other| {
            Err(Fault::sender(format!(
                "the action is that of {}, but the Body asks for {}",
                other.name, operation.name
            )))
        })
    }
}

/// Rule M-5. SOAP 1.1 has no other place than the reason to name a block.
fn mandatory(not_understood: Vec<QName>) -> Fault {
    let first = not_understood.first().map(|name| {
        let namespace = shortened(name.namespace());
        format!("header block {{{namespace}}}{} ", name.local())
    });
    let reason = format!("mandatory {}was not understood", first.unwrap_or_default());
    Fault::new(FaultCode::MustUnderstand, reason).with_not_understood(not_understood)
}

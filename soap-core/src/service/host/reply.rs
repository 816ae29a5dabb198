//! Answers and faults as messages: what stands in their Headers, and where they go.

use std::future::ready;

use crate::{
    Fault, FaultCode, FaultOrigin, Message, SoapVersion,
    addressing::{
        self, Addressed, AnswerKind, Edition, Mandatory, MessageAddressing, Way, shortened,
    },
    describe::Operation,
    fault,
    transport::Outcome,
    xml::{WriteError, Writer},
};

use super::{super::panic::CatchPanic, Host, Reply};

/// What an answer depends on, of its request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) version: SoapVersion,
    pub(super) operation: Option<&'static Operation>,
    pub(super) addressed: Option<&'a Addressed>,
}

impl Asked<'_> {
    /// A request of which nothing else is known.
    pub(super) fn of(version: SoapVersion) -> Self {
        Self {
            version,
            operation: None,
            addressed: None,
        }
    }

    fn way(&self, answers: AnswerKind) -> Way {
        self.addressed
            .map_or(Way::Back, |addressed| addressed.way(answers))
    }

    fn edition(&self) -> Edition {
        self.addressed.map(Addressed::edition).unwrap_or_default()
    }
}

impl Host {
    /// What a handler has answered, on its way.
    pub(super) fn reply(&self, reply: Reply, asked: &Asked<'_>) -> Outcome {
        let (mut draft, fault, name) = match reply {
            Reply::Answer { draft, fault, name } => (draft, fault, name),
            Reply::Accepted(work) => {
                return Outcome::Accepted(Box::pin(async move {
                    let _ = CatchPanic(Some(work)).await;
                }));
            }
        };
        let (answers, action) = match fault {
            None => (AnswerKind::Value, None),
            Some(_) => (AnswerKind::Fault, Some(self.fault_action(asked, name))),
        };
        let way = asked.way(answers);
        if matches!(way, Way::Nobody | Way::Nowhere) {
            return nothing();
        }
        let said = asked.addressed.map(|addressed| {
            let action = action.unwrap_or_else(|| self.reply_action(asked.operation));
            addressed.answer(answers, way, action)
        });
        if let Some(said) = &said
            && let Err(error) = addressing::write(said, Mandatory::No, &mut draft)
        {
            return self.fault(&error.into(), &Asked::of(asked.version));
        }
        let mut message = Message::new(draft.envelope(asked.version)).version(asked.version);
        message.status = fault.map(|code| self.fault_status(code, asked.version));
        message.fault = fault.map(|_| FaultOrigin::Application);
        send(message, said, asked, answers)
    }

    /// A fault on its way. One that a stream must end with, or that answers a fault, always goes back; `is_readable` says whether
    /// the request could be read to its end.
    pub(super) fn deliver(
        &self,
        fault: &Fault,
        asked: &Asked<'_>,
        is_readable: impl FnOnce() -> bool,
    ) -> Outcome {
        let way = match (asked.way(AnswerKind::Fault), fault.origin()) {
            (Way::Back, _) | (_, FaultOrigin::Unreadable | FaultOrigin::ToFault) => Way::Back,
            (_, FaultOrigin::UnknownOperation) if !is_readable() => Way::Back,
            (way, _) => way,
        };
        match way {
            Way::Back => self.fault(fault, asked),
            Way::Nobody => nothing(),
            Way::Nowhere => {
                let reason = shortened(fault.reason());
                tracing::info!(
                    reason,
                    "a fault is dropped: AddressingOptions::answers_to does not allow its address"
                );
                nothing()
            }
            Way::Elsewhere => {
                let said = self.said_of(fault, asked, way);
                let message = fault_message(fault, asked.version, said.as_ref());
                send(message, said, asked, AnswerKind::Fault)
            }
        }
    }

    /// A fault that goes back.
    pub(super) fn fault(&self, fault: &Fault, asked: &Asked<'_>) -> Outcome {
        let said = self.said_of(fault, asked, Way::Back);
        let mut message = fault_message(fault, asked.version, said.as_ref());
        message.status = Some(self.fault_status(fault.code(), asked.version));
        Outcome::Reply(message)
    }

    /// The WS-Addressing of a fault that no handler has answered.
    pub(super) fn said_of(
        &self,
        fault: &Fault,
        asked: &Asked<'_>,
        way: Way,
    ) -> Option<MessageAddressing> {
        let action = match fault.of_addressing() {
            Some(_) => asked.edition().fault_action(),
            None => asked.edition().soap_fault_action(),
        };
        asked
            .addressed
            .map(|addressed| addressed.answer(AnswerKind::Fault, way, action.to_owned()))
    }

    fn reply_action(&self, operation: Option<&Operation>) -> String {
        let service = self.service.description();
        let action = operation.map(|operation| service.reply_action(operation).into_owned());
        action.unwrap_or_default()
    }

    /// Where none is declared, the edition of 2004 has one action for all faults.
    fn fault_action(&self, asked: &Asked<'_>, name: Option<&str>) -> String {
        let edition = asked.edition();
        let (Some(operation), Some(name)) = (asked.operation, name) else {
            return edition.soap_fault_action().to_owned();
        };
        let mut described = (operation.faults)().iter();
        let is_declared = described.any(|fault| fault.name == name && fault.action.is_some());
        if is_declared || edition == Edition::V200508 {
            return self.service.description().fault_action(operation, name);
        }
        edition.soap_fault_action().to_owned()
    }

    fn fault_status(&self, code: FaultCode, version: SoapVersion) -> u16 {
        match (version, code) {
            (SoapVersion::Soap12, FaultCode::Sender) if self.sender_faults_are_400 => 400,
            _ => 500,
        }
    }
}

/// A message on the way that its request wants.
fn send(
    mut message: Message,
    said: Option<MessageAddressing>,
    asked: &Asked<'_>,
    answers: AnswerKind,
) -> Outcome {
    let to = asked
        .addressed
        .and_then(|addressed| addressed.address(answers));
    match to {
        None => Outcome::Reply(message),
        Some(to) => {
            let said = said.unwrap_or_default();
            message.action = said.action.map(Into::into);
            message.message_id = said.message_id.map(Into::into);
            Outcome::Elsewhere(Box::pin(ready(Some((to.to_owned(), message)))))
        }
    }
}

/// What nobody wants is not sent.
fn nothing() -> Outcome {
    Outcome::Accepted(Box::pin(ready(())))
}

/// A fault as a whole message. One that cannot be written (its text holds what XML cannot) is replaced by one that can.
pub(super) fn fault_message(
    fault: &Fault,
    version: SoapVersion,
    said: Option<&MessageAddressing>,
) -> Message {
    let write = |fault: &Fault| {
        let mut writer = Writer::new();
        fault::write(fault, version, &mut writer)?;
        if let Some(said) = said {
            addressing::write(said, Mandatory::No, &mut writer)?;
        }
        Ok::<_, WriteError>(writer.envelope(version))
    };
    let plain = || {
        write(&Fault::new(
            fault.code(),
            "the reason cannot be written in XML",
        ))
    };
    let envelope = write(fault).or_else(|_| plain()).unwrap_or_default();
    let mut message = Message::new(envelope).version(version);
    message.status = Some(500);
    message.fault = Some(fault.origin());
    message
}

/// What went wrong is no business of the peer.
pub(super) fn internal_error() -> Fault {
    Fault::receiver("internal error").with_origin(FaultOrigin::Application)
}

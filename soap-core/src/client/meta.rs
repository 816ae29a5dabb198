//! What is known of a call beside its value.

use bytes::Bytes;

use crate::{
    Fault, Limits, Message, Peer,
    addressing::{self, Edition, MessageAddressing},
    envelope::{Envelope, HeaderField},
    fault,
    xml::{self, ReadError},
};

/// What is known of a call beside its value, also when it failed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Meta {
    /// The envelope sent; `None` if it could not be written.
    pub request: Option<Bytes>,
    /// The answer: envelope, status, peer; `None` if none came.
    pub answer: Option<Message>,
    /// Those of the channel.
    pub(super) limits: Limits,
    /// In which the request was.
    pub(super) edition: Option<Edition>,
}

impl Meta {
    /// Who sent the answer, where the transport knows: of several answers each has its own.
    pub fn peer(&self) -> Option<&Peer> {
        self.answer.as_ref()?.peer.as_ref()
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref()?.status
    }

    /// A header block of the answer: `T` if it must be there, `Option<T>` or `Vec<T>`.
    ///
    /// # Errors
    /// Fails if a required block is missing, the block is not of the type, or the answer is no envelope.
    pub fn header<H: HeaderField>(&self) -> Result<H, ReadError> {
        const NONE: xml::ReadErrorKind = xml::ReadErrorKind::Envelope("there is no answer");
        let answer = self
            .answer
            .as_ref()
            .ok_or_else(|| ReadError::new(NONE, 0, ""))?;
        let text = xml::decode(&answer.envelope, answer.charset.as_deref(), &self.limits)?;
        Envelope::read(&text, &self.limits)?.header_field(&[])
    }

    /// What the answer says by WS-Addressing; `None` if it says nothing, or none came. Each call reads the answer again.
    pub fn addressing(&self) -> Option<MessageAddressing> {
        let answer = self.answer.as_ref()?;
        let text = xml::decode(&answer.envelope, answer.charset.as_deref(), &self.limits).ok()?;
        let envelope = Envelope::read(&text, &self.limits).ok()?;
        let received = addressing::read(&envelope, &[], self.edition.unwrap_or_default());
        received.ok()?.map(|received| received.properties)
    }

    /// The fault that the service answered, with code, reason, node and detail as they came, also where a typed fault was made
    /// of it. `None` if it answered something else, or nothing. Each call reads the answer again.
    pub fn fault(&self) -> Option<Fault> {
        let answer = self.answer.as_ref()?;
        let text = xml::decode(&answer.envelope, answer.charset.as_deref(), &self.limits).ok()?;
        let mut envelope = Envelope::read(&text, &self.limits).ok()?;
        let version = envelope.version();
        let name = envelope.body()?;
        fault::is_fault(name, version, envelope.reader())
            .then(|| fault::read(envelope.reader()).ok())
            .flatten()
    }
}

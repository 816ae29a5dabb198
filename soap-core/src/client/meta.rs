//! What is known of a call beside its value.

use bytes::Bytes;

use crate::{
    Limits, Message,
    envelope::{Envelope, HeaderField},
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
}

impl Meta {
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
        let limits = Limits::client();
        let answer = self
            .answer
            .as_ref()
            .ok_or_else(|| ReadError::new(NONE, 0, ""))?;
        let text = xml::decode(&answer.envelope, answer.charset.as_deref(), &limits)?;
        Envelope::read(&text, &limits)?.header_field(&[])
    }
}

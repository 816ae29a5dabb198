//! What a transport needs to know of an envelope, without reading its Body.

use crate::{
    Limits, SoapVersion,
    envelope::Envelope,
    fault,
    xml::{self, ReadError, collapse},
};

use super::Edition;

/// What a transport needs to know of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peek {
    /// Version of the Envelope.
    pub version: SoapVersion,
    /// The `MessageID`, if there is exactly one.
    pub message_id: Option<String>,
    /// The first message that this one answers by a `RelatesTo`.
    pub answers: Option<String>,
    /// The Body holds a fault.
    pub is_fault: bool,
}

/// Reads the Header of an envelope, and looks at its Body's element: what tells a request from an answer, and which request the
/// answer is to. The rest of the Body is not read.
///
/// # Example
/// ```
/// use soap_core::{Limits, addressing};
/// let envelope = b"<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header>\
///     <a:RelatesTo xmlns:a='http://www.w3.org/2005/08/addressing'>urn:uuid:1</a:RelatesTo></e:Header><e:Body/></e:Envelope>";
/// let peek = addressing::peek(envelope, None, &Limits::default())?;
/// assert_eq!(peek.answers.as_deref(), Some("urn:uuid:1"));
/// # Ok::<(), soap_core::xml::ReadError>(())
/// ```
///
/// # Errors
/// Fails on what is no Envelope up to there.
pub fn peek(envelope: &[u8], charset: Option<&str>, limits: &Limits) -> Result<Peek, ReadError> {
    let text = xml::decode(envelope, charset, limits)?;
    let mut envelope = Envelope::read(&text, limits)?;
    let version = envelope.version();
    let body = envelope.body();
    let mut peek = Peek {
        version,
        message_id: None,
        answers: None,
        is_fault: body.is_some_and(|name| fault::is_fault(name, version, envelope.reader())),
    };
    let Some(mut reader) = envelope.header() else {
        return Ok(peek);
    };
    let mut ids = 0;
    for block in envelope.blocks() {
        let Some((namespace, local)) = reader.next()? else {
            break;
        };
        let is_ours = block.role.is_ours(&[])
            && Edition::ALL
                .into_iter()
                .any(|edition| reader.is(namespace, edition.namespace()));
        match local {
            "MessageID" if is_ours => {
                ids += 1;
                peek.message_id = Some(collapse(&reader.text()?).into_owned());
            }
            "RelatesTo" if is_ours && peek.answers.is_none() => {
                let relationship =
                    reader.attribute_named(&xml::Namespace::NONE, "RelationshipType");
                let is_reply = relationship.is_none_or(|uri| is_reply(&uri));
                let id = collapse(&reader.text()?).into_owned();
                peek.answers = is_reply.then_some(id);
            }
            _ => reader.skip()?,
        }
    }
    if ids != 1 {
        peek.message_id = None;
    }
    Ok(peek)
}

/// True for the relationship that is meant where none is given: a URI in the edition of 2005, a QName in that of 2004.
pub(super) fn is_reply(relationship: &str) -> bool {
    let relationship = collapse(relationship);
    relationship == "http://www.w3.org/2005/08/addressing/reply"
        || relationship.rsplit(':').next() == Some("Reply")
}

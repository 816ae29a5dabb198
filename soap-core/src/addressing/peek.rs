//! What a transport needs to know of an envelope, without reading its Body.

use crate::{
    Limits, SoapVersion,
    envelope::Envelope,
    fault,
    xml::{self, ReadError, collapse},
};

use super::{
    Edition,
    read::{edition_of, is_parameter, read_relation},
};

/// What a transport needs to know of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peek {
    /// Version of the Envelope.
    pub version: SoapVersion,
    /// The `MessageID`, if there is exactly one.
    pub message_id: Option<String>,
    /// The messages that this one says it answers, without what stands for one that had no identifier.
    pub answers: Vec<String>,
    /// It says that it answers a message, be it one without an identifier.
    pub is_answer: bool,
    /// The Body holds a fault.
    pub is_fault: bool,
}

impl Peek {
    /// True if it says that it answers the message of `id`, among others maybe.
    pub fn is_answer_to(&self, id: &str) -> bool {
        self.answers.iter().any(|answered| answered == id)
    }
}

/// Reads the Header of an envelope, and looks at its Body's element: what tells a request from an answer, and which request the
/// answer is to. The rest of the Body is not read. Of a message with header blocks of two editions those of `preferred` count.
///
/// # Example
/// ```
/// use soap_core::{Limits, addressing};
/// let envelope = b"<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header>\
///     <a:RelatesTo xmlns:a='http://www.w3.org/2005/08/addressing'>urn:uuid:1</a:RelatesTo></e:Header><e:Body/></e:Envelope>";
/// let peek = addressing::peek(envelope, None, addressing::Edition::default(), &Limits::default())?;
/// assert!(peek.is_answer_to("urn:uuid:1"));
/// # Ok::<(), soap_core::xml::ReadError>(())
/// ```
///
/// # Errors
/// Fails on what is no Envelope up to there.
pub fn peek(
    envelope: &[u8],
    charset: Option<&str>,
    preferred: Edition,
    limits: &Limits,
) -> Result<Peek, ReadError> {
    let text = xml::decode(envelope, charset, limits)?;
    let mut envelope = Envelope::read(&text, limits)?;
    let version = envelope.version();
    let body = envelope.body();
    let mut peek = Peek {
        version,
        message_id: None,
        answers: Vec::new(),
        is_answer: false,
        is_fault: body.is_some_and(|name| fault::is_fault(name, version, envelope.reader())),
    };
    let Some(edition) = edition_of(&envelope, &[], preferred)? else {
        return Ok(peek);
    };
    let Some(mut reader) = envelope.header() else {
        return Ok(peek);
    };
    let mut ids = 0;
    for block in envelope.blocks() {
        let Some((namespace, local)) = reader.next()? else {
            break;
        };
        let is_property = block.role.is_ours(&[])
            && reader.is(namespace, edition.namespace())
            && !is_parameter(&mut reader);
        match local {
            "MessageID" if is_property => {
                ids += 1;
                peek.message_id = Some(collapse(&reader.text()?).into_owned());
            }
            "RelatesTo" if is_property => {
                let relation = read_relation(edition, &mut reader)?;
                peek.is_answer |= relation.relationship.is_none();
                if relation.relationship.is_none() && relation.message_id != edition.unspecified() {
                    peek.answers.push(relation.message_id);
                }
            }
            _ => reader.skip()?,
        }
    }
    if ids != 1 {
        peek.message_id = None;
    }
    Ok(peek)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &str = "http://www.w3.org/2005/08/addressing/reply";

    fn look(blocks: &str, preferred: Edition) -> Peek {
        let envelope = format!(
            "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope' xmlns:n='http://www.w3.org/2005/08/addressing' \
             xmlns:o='http://schemas.xmlsoap.org/ws/2004/08/addressing'><e:Header>{blocks}</e:Header><e:Body/></e:Envelope>"
        );
        peek(envelope.as_bytes(), None, preferred, &Limits::client()).unwrap()
    }

    #[test]
    fn every_reply_counts_and_the_unspecified_message_is_none() {
        let blocks = "<n:RelatesTo>urn:1</n:RelatesTo><n:RelatesTo RelationshipType='urn:x'>urn:2</n:RelatesTo>\
            <n:RelatesTo> urn:3 </n:RelatesTo>";
        let peek = look(blocks, Edition::V200508);
        assert_eq!(peek.answers, ["urn:1", "urn:3"]);
        assert!(peek.is_answer_to("urn:3") && !peek.is_answer_to("urn:2"));
        for (edition, prefix) in [(Edition::V200508, "n"), (Edition::V200408, "o")] {
            let unspecified = edition.unspecified();
            let blocks = format!("<{prefix}:RelatesTo>{unspecified}</{prefix}:RelatesTo>");
            let peek = look(&blocks, Edition::V200508);
            assert!(peek.is_answer && peek.answers.is_empty());
        }
    }

    #[test]
    fn a_reply_is_a_uri_in_2005_and_a_qualified_name_in_2004() {
        for (prefix, relationship, is_reply) in [
            ("n", REPLY, true),
            ("n", "n:Reply", false),
            ("n", "urn:x:Reply", false),
            ("n", "http://www.w3.org/2005/08/addressing/Reply", false),
            ("o", "o:Reply", true),
            ("o", " o:Reply ", true),
            ("o", "n:Reply", false),
            ("o", "Reply", false),
            ("o", "o:reply", false),
            ("o", REPLY, false),
        ] {
            let blocks = format!(
                "<{prefix}:RelatesTo RelationshipType='{relationship}'>urn:1</{prefix}:RelatesTo>"
            );
            let peek = look(&blocks, Edition::V200508);
            assert_eq!(peek.is_answer, is_reply, "{prefix} {relationship}");
        }
    }

    #[test]
    fn of_two_editions_the_preferred_one_counts() {
        let blocks = "<n:MessageID>urn:new</n:MessageID><o:MessageID>urn:old</o:MessageID>";
        for (edition, id) in [(Edition::V200508, "urn:new"), (Edition::V200408, "urn:old")] {
            assert_eq!(look(blocks, edition).message_id.as_deref(), Some(id));
        }
        let twice = "<n:MessageID>urn:1</n:MessageID><n:MessageID>urn:2</n:MessageID>";
        assert_eq!(look(twice, Edition::V200408).message_id, None);
    }

    #[test]
    fn a_reference_parameter_is_no_property() {
        let blocks = "<n:RelatesTo n:IsReferenceParameter='true'>urn:1</n:RelatesTo>\
            <n:MessageID n:IsReferenceParameter=' 1 '>urn:2</n:MessageID><o:MessageID>urn:3</o:MessageID>";
        let peek = look(blocks, Edition::V200508);
        assert_eq!(peek.message_id.as_deref(), Some("urn:3"));
        assert!(!peek.is_answer);
    }
}

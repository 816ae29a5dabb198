//! From header blocks to properties. A message may break the rules and still be answered, so what is broken is data, no error.

use crate::{
    envelope::Envelope,
    types::QName,
    xml::{Content, Element, Namespace, NamespaceId, ReadError, Reader, Writer, collapse},
};

use super::{
    Broken, Edition, EndpointReference, MessageAddressing, RelatesTo, write::write_parameter,
};

/// The header blocks that are properties.
const HEADERS: [&str; 7] = [
    "To",
    "From",
    "ReplyTo",
    "FaultTo",
    "Action",
    "MessageID",
    "RelatesTo",
];

/// The relationship that is meant where none is given, in the edition of 2005. In that of 2004 it is the QName `wsa:Reply`.
const REPLY: &str = "http://www.w3.org/2005/08/addressing/reply";

/// Bytes of reference parameters that come back with an answer. A parameter takes along the declarations around it, which may be
/// long and which many may share, so an answer could be a thousand times its request.
const ECHOED: usize = 64 << 10;

/// Reference parameters that come back: each grows by its mark, and a client takes only so many header blocks.
const MOST_PARAMETERS: usize = 32;

/// The properties of a message, and the first rule its header blocks break.
#[derive(Debug)]
pub(crate) struct Received {
    /// What is broken is not among them: an answer must not be sent by it (rule A-2).
    pub(crate) properties: MessageAddressing,
    pub(crate) broken: Option<Broken>,
}

/// Reads the properties from the blocks that are for this node. Of a message with blocks of two editions those of `preferred`
/// count (rule A-1). `None` if there are none.
///
/// # Errors
/// Fails if what stands between the blocks cannot be read.
pub(crate) fn read(
    envelope: &Envelope<'_>,
    roles: &[String],
    preferred: Edition,
) -> Result<Option<Received>, ReadError> {
    let Some(edition) = edition_of(envelope, roles, preferred)? else {
        return Ok(None);
    };
    let Some(mut reader) = envelope.header() else {
        return Ok(None);
    };
    let mut collected = Collected::new(edition);
    for block in envelope.blocks() {
        let Some((namespace, local)) = reader.next()? else {
            break;
        };
        let header = HEADERS.into_iter().find(|header| *header == local);
        match header {
            _ if !block.role.is_ours(roles) => reader.skip()?,
            _ if is_parameter(&mut reader) => {
                let element = Element::read((namespace, local), &mut reader)?;
                collected.properties.reference_parameters.push(element);
            }
            Some(header) if reader.is(namespace, edition.namespace()) => {
                collected.header(header, &mut reader)?;
            }
            _ => reader.skip()?,
        }
    }
    Ok(Some(collected.finish()))
}

/// True for the header blocks of an edition, and for what stands in the Header beside a fault of it in SOAP 1.1.
pub(crate) fn is_known(edition: Edition, namespace: &str, local: &str) -> bool {
    namespace == edition.namespace().uri() && (HEADERS.contains(&local) || local == "FaultDetail")
}

/// The edition whose blocks count: `preferred`, where one of it is for this node. `None` if there are no blocks.
///
/// # Errors
/// Fails if what stands between the blocks cannot be read.
pub(super) fn edition_of(
    envelope: &Envelope<'_>,
    roles: &[String],
    preferred: Edition,
) -> Result<Option<Edition>, ReadError> {
    let of = |name: (NamespaceId, &str)| {
        Edition::ALL.into_iter().find(|edition| {
            HEADERS.contains(&name.1) && envelope.uri(name.0) == edition.namespace().uri()
        })
    };
    let mut found = None;
    let Some(mut reader) = envelope.header() else {
        return Ok(None);
    };
    for block in envelope.blocks() {
        if reader.next()?.is_none() {
            break;
        }
        let edition = of(block.name).filter(|_| block.role.is_ours(roles));
        if edition.is_some() && !is_parameter(&mut reader) {
            if edition == Some(preferred) {
                return Ok(edition);
            }
            found = edition;
        }
        reader.skip()?;
    }
    Ok(found)
}

/// True for a block that somebody wanted back with every message to him. Whatever its name is, it says nothing of this message: he
/// could otherwise write what others say (rule A-16).
pub(super) fn is_parameter(reader: &mut Reader<'_>) -> bool {
    reader
        .attribute_named(Edition::V200508.namespace(), "IsReferenceParameter")
        .is_some_and(|value| matches!(value.trim(), "true" | "1"))
}

struct Collected {
    properties: MessageAddressing,
    broken: Option<Broken>,
    seen: Vec<&'static str>,
}

impl Collected {
    fn new(edition: Edition) -> Self {
        Self {
            properties: MessageAddressing::new().edition(edition),
            broken: None,
            seen: Vec::with_capacity(HEADERS.len()),
        }
    }

    fn breaks(&mut self, broken: Broken) {
        self.broken.get_or_insert(broken);
    }

    /// Reads a block whose start tag has just been passed.
    fn header(&mut self, name: &'static str, reader: &mut Reader<'_>) -> Result<(), ReadError> {
        if name == "RelatesTo" {
            let relation = read_relation(self.properties.edition, reader)?;
            self.properties.relates_to.push(relation);
            return Ok(());
        }
        if self.seen.contains(&name) {
            self.breaks(Broken::Cardinality(name));
            self.forget(name);
            return reader.skip();
        }
        self.seen.push(name);
        match name {
            "To" => self.properties.to = self.uri(name, reader)?,
            "Action" => self.properties.action = self.uri(name, reader)?,
            "MessageID" => self.properties.message_id = self.uri(name, reader)?,
            "From" => self.properties.from = self.endpoint(name, reader)?,
            "ReplyTo" => self.properties.reply_to = self.endpoint(name, reader)?,
            _ => self.properties.fault_to = self.endpoint(name, reader)?,
        }
        Ok(())
    }

    /// Of a repeated block nobody knows which one is meant.
    fn forget(&mut self, name: &str) {
        let properties = &mut self.properties;
        match name {
            "To" => properties.to = None,
            "Action" => properties.action = None,
            "MessageID" => properties.message_id = None,
            "From" => properties.from = None,
            "ReplyTo" => properties.reply_to = None,
            _ => properties.fault_to = None,
        }
    }

    fn uri(
        &mut self,
        name: &'static str,
        reader: &mut Reader<'_>,
    ) -> Result<Option<String>, ReadError> {
        let (text, is_text) = read_uri(reader)?;
        if !is_text || text.is_empty() {
            self.breaks(Broken::Invalid(name));
            return Ok(None);
        }
        Ok(Some(text))
    }

    fn endpoint(
        &mut self,
        name: &'static str,
        reader: &mut Reader<'_>,
    ) -> Result<Option<EndpointReference>, ReadError> {
        let mut inside = reader.clone();
        reader.skip()?;
        let read = EndpointReference::read(self.properties.edition, &mut inside);
        let broken = match &read {
            Err(_) => Some(Broken::InvalidEpr(name)),
            Ok(endpoint) if endpoint.address.is_empty() => Some(Broken::NoAddress(name)),
            Ok(endpoint) if !is_absolute(&endpoint.address) => Some(Broken::InvalidAddress(name)),
            Ok(endpoint) if !can_be_echoed(endpoint, self.properties.edition) => {
                Some(Broken::InvalidEpr(name))
            }
            Ok(_) => None,
        };
        match broken {
            Some(broken) => {
                self.breaks(broken);
                Ok(None)
            }
            None => Ok(read.ok()),
        }
    }

    /// Rule A-3: whoever uses a header block at all must say what the message means.
    fn finish(mut self) -> Received {
        if !self.seen.contains(&"Action") {
            self.breaks(Broken::Required("Action"));
        }
        Received {
            properties: self.properties,
            broken: self.broken,
        }
    }
}

/// The text of an element, white space collapsed (rule A-12), and whether it holds nothing else.
fn read_uri(reader: &mut Reader<'_>) -> Result<(String, bool), ReadError> {
    let mut text = String::new();
    let mut is_text = true;
    loop {
        match reader.content()? {
            Content::Text(piece) => text.push_str(&piece),
            Content::Element(..) => {
                is_text = false;
                reader.skip()?;
            }
            Content::End => return Ok((collapse(&text).into_owned(), is_text)),
        }
    }
}

pub(super) fn read_relation(
    edition: Edition,
    reader: &mut Reader<'_>,
) -> Result<RelatesTo, ReadError> {
    let relationship = reader.attribute_named(&Namespace::NONE, "RelationshipType");
    let relationship = relationship.map(|relationship| collapse(&relationship).into_owned());
    let relationship = match edition {
        Edition::V200508 => relationship.filter(|uri| uri != REPLY),
        Edition::V200408 => relationship
            .map(|name| {
                let (namespace, local) = reader.resolve_qname(&name);
                let namespace = namespace.map_or("", |namespace| reader.uri(namespace));
                QName::new(namespace.to_owned(), local.to_owned())
            })
            .filter(|name| name.namespace() != edition.namespace().uri() || name.local() != "Reply")
            .map(|name| name.to_string()),
    };
    let (message_id, _) = read_uri(reader)?;
    Ok(RelatesTo {
        message_id,
        relationship,
    })
}

/// True if `address` begins as a URI with a scheme does and has no white space in it.
fn is_absolute(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(is_scheme)
        && !address.contains(char::is_whitespace)
}

/// True if the parameters are few and short, and none would be read as a property of the answer: whoever sent the request could
/// write what this node says to others.
fn can_be_echoed(endpoint: &EndpointReference, edition: Edition) -> bool {
    let parameters = &endpoint.reference_parameters;
    let is_property = |parameter: &Element| {
        let namespace = parameter.name().namespace();
        Edition::ALL
            .iter()
            .any(|edition| edition.namespace().uri() == namespace)
    };
    let mut writer = Writer::new();
    let start = writer.len();
    let mut fits = |parameter: &Element| {
        let is_written = write_parameter(parameter, edition, &mut writer).is_ok();
        is_written && writer.len() - start <= ECHOED
    };
    parameters.len() <= MOST_PARAMETERS
        && parameters
            .iter()
            .all(|parameter| !is_property(parameter) && fits(parameter))
}

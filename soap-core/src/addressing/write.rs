//! From properties to header blocks.

use crate::xml::{Element, Place, Prefix, Tag, WriteError, Writer};

use super::{Edition, EndpointReference, MessageAddressing, RelatesTo};

static TO: Tag = Tag::new("<n0:To>", "</n0:To>");
static FROM: Tag = Tag::new("<n0:From>", "</n0:From>");
static REPLY_TO: Tag = Tag::new("<n0:ReplyTo>", "</n0:ReplyTo>");
static FAULT_TO: Tag = Tag::new("<n0:FaultTo>", "</n0:FaultTo>");
static ACTION: Tag = Tag::new("<n0:Action>", "</n0:Action>");
static MESSAGE_ID: Tag = Tag::new("<n0:MessageID>", "</n0:MessageID>");
static RELATES_TO: Tag = Tag::new("<n0:RelatesTo>", "</n0:RelatesTo>");
static ADDRESS: Tag = Tag::new("<n0:Address>", "</n0:Address>");
static PARAMETERS: Tag = Tag::new("<n0:ReferenceParameters>", "</n0:ReferenceParameters>");
static METADATA: Tag = Tag::new("<n0:Metadata>", "</n0:Metadata>");

/// Whether the receiver must understand what a message means and to whom it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mandatory {
    Yes,
    No,
}

/// Writes `properties` into the Header. Reference parameters become blocks of their own, marked as such where the edition has a
/// mark (rule A-5).
///
/// # Errors
/// Fails on what XML cannot hold.
pub(crate) fn write(
    properties: &MessageAddressing,
    mandatory: Mandatory,
    writer: &mut Writer,
) -> Result<(), WriteError> {
    writer.header(|writer| write_blocks(properties, mandatory, writer))
}

fn write_blocks(
    properties: &MessageAddressing,
    mandatory: Mandatory,
    writer: &mut Writer,
) -> Result<(), WriteError> {
    let edition = properties.edition;
    let prefix = writer.prefix(edition.namespace());
    let mark = match mandatory {
        Mandatory::Yes => " S:mustUnderstand=\"1\"",
        Mandatory::No => "",
    };
    for (tag, uri, mark) in [
        (&ACTION, &properties.action, mark),
        (&MESSAGE_ID, &properties.message_id, ""),
        (&TO, &properties.to, mark),
    ] {
        if let Some(uri) = uri {
            writer.open_start(prefix, tag);
            writer.plain(mark);
            writer.plain(">");
            writer.text(uri, Place::Text)?;
            writer.close(prefix, tag);
        }
    }
    for relation in &properties.relates_to {
        write_relation(relation, edition, prefix, writer)?;
    }
    for (tag, endpoint) in [
        (&FROM, &properties.from),
        (&REPLY_TO, &properties.reply_to),
        (&FAULT_TO, &properties.fault_to),
    ] {
        if let Some(endpoint) = endpoint {
            writer.open(prefix, tag);
            write_endpoint(endpoint, edition, prefix, writer)?;
            writer.close(prefix, tag);
        }
    }
    for parameter in &properties.reference_parameters {
        write_parameter(parameter, edition, writer)?;
    }
    Ok(())
}

fn write_relation(
    relation: &RelatesTo,
    edition: Edition,
    prefix: Prefix,
    writer: &mut Writer,
) -> Result<(), WriteError> {
    writer.open_start(prefix, &RELATES_TO);
    if let Some(relationship) = &relation.relationship {
        writer.plain(" RelationshipType=\"");
        match edition {
            Edition::V200508 => writer.text(relationship, Place::Attribute)?,
            Edition::V200408 => {
                let (namespace, local) = relationship
                    .strip_prefix('{')
                    .and_then(|name| name.split_once('}'))
                    .unwrap_or(("", relationship));
                writer.qname(namespace, local)?;
            }
        }
        writer.plain("\"");
    }
    writer.plain(">");
    writer.text(&relation.message_id, Place::Text)?;
    writer.close(prefix, &RELATES_TO);
    Ok(())
}

fn write_endpoint(
    endpoint: &EndpointReference,
    edition: Edition,
    prefix: Prefix,
    writer: &mut Writer,
) -> Result<(), WriteError> {
    writer.open(prefix, &ADDRESS);
    writer.text(&endpoint.address, Place::Text)?;
    writer.close(prefix, &ADDRESS);
    let has_metadata_element = edition == Edition::V200508;
    for (tag, elements, is_wrapped) in [
        (&PARAMETERS, &endpoint.reference_parameters, true),
        (&METADATA, &endpoint.metadata, has_metadata_element),
    ] {
        let is_wrapped = is_wrapped && !elements.is_empty();
        if is_wrapped {
            writer.open(prefix, tag);
        }
        for element in elements {
            element.write(writer)?;
        }
        if is_wrapped {
            writer.close(prefix, tag);
        }
    }
    Ok(())
}

/// Writes a reference parameter as a header block.
///
/// # Errors
/// Fails on what XML cannot hold.
pub(super) fn write_parameter(
    parameter: &Element,
    edition: Edition,
    writer: &mut Writer,
) -> Result<(), WriteError> {
    match edition {
        Edition::V200508 => parameter
            .clone()
            .with_attribute(edition.namespace().uri(), "IsReferenceParameter", "true")
            .write(writer),
        Edition::V200408 => parameter.write(writer),
    }
}

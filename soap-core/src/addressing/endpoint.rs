//! Endpoint references: an address, and what must come with every message to it.

use crate::xml::{Element, ReadError, Reader, collapse};

use super::Edition;

/// Where messages go (WS-Addressing 1.0 Core, section 2): an address, and parameters that the one who gave it wants back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct EndpointReference {
    /// A URI; empty if there was none.
    pub address: String,
    /// What becomes header blocks of every message to it. Of the edition of 2004 the properties are among them.
    pub reference_parameters: Vec<Element>,
    /// What describes the endpoint: policies, a WSDL, and all else that stood in the reference.
    pub metadata: Vec<Element>,
}

impl EndpointReference {
    /// The endpoint at `address`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            ..Self::default()
        }
    }

    /// Adds a reference parameter.
    #[must_use]
    pub fn with_parameter(mut self, parameter: Element) -> Self {
        self.reference_parameters.push(parameter);
        self
    }

    /// True for whoever sent the message, in the words of either edition.
    pub fn is_anonymous(&self) -> bool {
        let anonymous = |edition: Edition| self.address == edition.anonymous();
        Edition::ALL.into_iter().any(anonymous)
    }

    /// True for nobody.
    pub fn is_none(&self) -> bool {
        Some(self.address.as_str()) == Edition::V200508.none()
    }

    /// Reads the reference whose start tag has just been passed. Of addresses that are given twice the first is taken; whether
    /// there must be one is not judged here.
    ///
    /// # Errors
    /// Fails on what is not well-formed or passes a limit.
    pub fn read(edition: Edition, reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        let mut reference = Self::default();
        while let Some((namespace, local)) = reader.next()? {
            if !reader.is(namespace, edition.namespace()) {
                reference
                    .metadata
                    .push(Element::read((namespace, local), reader)?);
                continue;
            }
            match local {
                "Address" => {
                    let text = reader.text()?;
                    if reference.address.is_empty() {
                        reference.address = collapse(&text).into_owned();
                    }
                }
                "ReferenceParameters" | "ReferenceProperties" => {
                    read_all(&mut reference.reference_parameters, reader)?;
                }
                "Metadata" => read_all(&mut reference.metadata, reader)?,
                _ => reference
                    .metadata
                    .push(Element::read((namespace, local), reader)?),
            }
        }
        Ok(reference)
    }
}

fn read_all(elements: &mut Vec<Element>, reader: &mut Reader<'_>) -> Result<(), ReadError> {
    while let Some(name) = reader.next()? {
        elements.push(Element::read(name, reader)?);
    }
    Ok(())
}

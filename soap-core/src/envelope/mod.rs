//! Reading an Envelope (SOAP 1.1 section 4, SOAP 1.2 part 1 section 5): its version, its header blocks, its Body.
//!
//! The header blocks are listed first, because what must be understood is checked before anything is done; the Body's element
//! is left to whoever knows its type, and [`Envelope::finish`] checks what follows it.

mod header;
#[cfg(test)]
mod tests;

use crate::{
    Limits, SoapVersion,
    types::QName,
    xml::{NamespaceId, ReadError, ReadErrorKind, Reader},
};

pub(crate) use header::Block;
pub use header::{HeaderBlock, HeaderField, Outgoing, WriteHeader};

/// An Envelope whose Header has been read and whose Body is about to be.
#[derive(Debug)]
pub struct Envelope<'x> {
    version: SoapVersion,
    reader: Reader<'x>,
    /// The reader inside the Header, before its first block.
    header: Option<Reader<'x>>,
    blocks: Vec<Block<'x>>,
    body: Option<(NamespaceId, &'x str)>,
}

/// Why an Envelope cannot be processed, and the version to answer in if it is known.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// Version of the Envelope; `None` if it has none that is known.
    pub version: Option<SoapVersion>,
    /// What is wrong and where.
    pub error: ReadError,
}

impl From<Refused> for ReadError {
    fn from(refused: Refused) -> Self {
        refused.error
    }
}

impl<'x> Envelope<'x> {
    /// Reads up to the start tag of the Body's element.
    ///
    /// # Errors
    /// Fails on anything that is not as the standard has it; an Envelope of an unknown namespace is
    /// [`ReadErrorKind::VersionMismatch`].
    pub fn read(text: &'x str, limits: &Limits) -> Result<Self, Refused> {
        let unknown = |error| Refused {
            version: None,
            error,
        };
        let mut reader = Reader::new(text, limits).map_err(unknown)?;
        let version = read_version(&mut reader).map_err(unknown)?;
        let mut envelope = Self {
            version,
            reader,
            header: None,
            blocks: Vec::new(),
            body: None,
        };
        match envelope.read_head(limits) {
            Ok(()) => Ok(envelope),
            Err(error) => Err(Refused {
                version: Some(version),
                error,
            }),
        }
    }

    /// The version, by the namespace of the Envelope.
    pub fn version(&self) -> SoapVersion {
        self.version
    }

    /// Name of the Body's element; `None` if the Body is empty.
    pub fn body(&self) -> Option<(NamespaceId, &'x str)> {
        self.body
    }

    /// The reader, which has just passed the start tag of the Body's element (or the end tag of an empty Body).
    pub fn reader(&mut self) -> &mut Reader<'x> {
        &mut self.reader
    }

    /// Passes to the next element of the Body, where a Body holds several: the one before must have been read to its end tag.
    ///
    /// # Errors
    /// Fails on XML that is not well-formed.
    pub fn next_body(&mut self) -> Result<Option<(NamespaceId, &'x str)>, ReadError> {
        if self.body.is_some() {
            self.body = self.reader.next()?;
        }
        Ok(self.body)
    }

    /// Checks that nothing follows the Body's element, which must have been read to its end tag. SOAP 1.1 section 4 allows
    /// qualified elements after the Body, which mean nothing here (rule S-1).
    ///
    /// # Errors
    /// Fails on a second element in the Body, anything else after the Body, and on XML that is not well-formed.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        if self.body.is_some() && self.reader.next()?.is_some() {
            return Err(self.reader.error(ReadErrorKind::Envelope(
                "the Body holds more than one element",
            )));
        }
        while let Some((namespace, _)) = self.reader.next()? {
            let is_allowed = self.version == SoapVersion::Soap11
                && namespace != NamespaceId::NONE
                && !self.reader.is(namespace, self.version.namespace());
            if !is_allowed {
                return Err(self
                    .reader
                    .error(ReadErrorKind::Envelope("an element follows the Body")));
            }
            self.reader.skip()?;
        }
        self.reader.next().map(|_| ())
    }

    fn read_head(&mut self, limits: &Limits) -> Result<(), ReadError> {
        const NO_BODY: ReadErrorKind = ReadErrorKind::Envelope("the Envelope has no Body");
        self.refuse_encoding_style()?;
        let mut seen_header = false;
        loop {
            match self.reader.next()? {
                Some((namespace, local)) if self.reader.is(namespace, self.version.namespace()) => {
                    match local {
                        "Body" => break,
                        "Header" if !seen_header => {
                            seen_header = true;
                            self.read_header(limits)?;
                        }
                        _ => return Err(self.reader.unexpected()),
                    }
                }
                Some(_) => return Err(self.reader.unexpected()),
                None => return Err(self.reader.error(NO_BODY)),
            }
        }
        self.refuse_encoding_style()?;
        self.body = self.reader.next()?;
        if self.body.is_some() {
            self.check_encoding_style()
        } else {
            Ok(())
        }
    }

    fn read_header(&mut self, limits: &Limits) -> Result<(), ReadError> {
        self.refuse_encoding_style()?;
        let start = self.reader.clone();
        while let Some(name) = self.reader.next()? {
            // Rule S-6. Stacks that speak SOAP 1.1 send such blocks all the same; nobody understands them.
            if name.0 == NamespaceId::NONE && self.version == SoapVersion::Soap12 {
                return Err(self
                    .reader
                    .error(ReadErrorKind::Envelope("a header block has no namespace")));
            }
            if self.blocks.len() == limits.header_blocks {
                return Err(self.reader.error(ReadErrorKind::Limit {
                    what: "header blocks",
                    limit: limits.header_blocks,
                }));
            }
            let block = Block::read(name, self.version, &mut self.reader)?;
            self.blocks.push(block);
            self.reader.skip()?;
        }
        if !self.blocks.is_empty() {
            self.header = Some(start);
        }
        Ok(())
    }

    /// Rule S-8: SOAP 1.2 allows no `encodingStyle` on Envelope, Header and Body. SOAP 1.1 does, and it means nothing here.
    fn refuse_encoding_style(&mut self) -> Result<(), ReadError> {
        if self.version == SoapVersion::Soap12 && self.encoding_style().is_some() {
            return Err(self.reader.error(ReadErrorKind::Envelope(
                "encodingStyle is not allowed on this element",
            )));
        }
        Ok(())
    }

    /// Rule S-8: an encoding other than "none" or SOAP's own is not known.
    fn check_encoding_style(&mut self) -> Result<(), ReadError> {
        const KNOWN: [&str; 4] = [
            "",
            "http://schemas.xmlsoap.org/soap/encoding/",
            "http://www.w3.org/2003/05/soap-encoding",
            "http://www.w3.org/2003/05/soap-envelope/encoding/none",
        ];
        match self.encoding_style() {
            Some(style)
                if !style
                    .split_ascii_whitespace()
                    .all(|uri| KNOWN.contains(&uri)) =>
            {
                Err(self.reader.error(ReadErrorKind::EncodingStyle))
            }
            _ => Ok(()),
        }
    }

    fn encoding_style(&mut self) -> Option<String> {
        self.reader
            .attribute_named(self.version.namespace(), "encodingStyle")
            .map(std::borrow::Cow::into_owned)
    }
}

/// What must be understood, and by whom.
impl<'x> Envelope<'x> {
    /// The reader inside the Header, before its first block; `None` if there is no block.
    pub(crate) fn header(&self) -> Option<Reader<'x>> {
        self.header.clone()
    }

    pub(crate) fn blocks(&self) -> &[Block<'x>] {
        &self.blocks
    }

    /// Rule M-3: the mandatory header blocks targeted at this node that are not understood.
    pub(crate) fn not_understood(
        &self,
        roles: &[String],
        understood: impl Fn(&str, &str) -> bool,
    ) -> Vec<QName> {
        let mandatory = self
            .blocks
            .iter()
            .filter(|block| block.must_understand && block.role.is_ours(roles));
        mandatory
            .map(|block| block.name)
            .filter(|&(namespace, local)| {
                let namespace = self.reader.uri(namespace);
                !is_ignorable(namespace, local) && !understood(namespace, local)
            })
            .map(|name| QName::met(name, &self.reader))
            .collect()
    }
}

const NOT_AN_ENVELOPE: ReadErrorKind =
    ReadErrorKind::Envelope("the document is not a SOAP Envelope");

/// Rule S-2: the namespace of the document's element tells the version.
fn read_version(reader: &mut Reader<'_>) -> Result<SoapVersion, ReadError> {
    let Some((namespace, "Envelope")) = reader.next()? else {
        return Err(reader.error(NOT_AN_ENVELOPE));
    };
    if reader.is(namespace, SoapVersion::Soap11.namespace()) {
        Ok(SoapVersion::Soap11)
    } else if reader.is(namespace, SoapVersion::Soap12.namespace()) {
        Ok(SoapVersion::Soap12)
    } else {
        Err(reader.error(ReadErrorKind::VersionMismatch))
    }
}

/// WCF marks its own `Action` block mandatory where WS-Addressing is off; it says nothing a receiver needs.
fn is_ignorable(namespace: &str, local: &str) -> bool {
    local == "Action" && namespace == "http://schemas.microsoft.com/ws/2005/05/addressing/none"
}

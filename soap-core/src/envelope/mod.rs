//! Reading an Envelope (SOAP 1.1 section 4, SOAP 1.2 part 1 section 5): its version, its header blocks, its Body.
//!
//! The header blocks are listed first, because what must be understood is checked before anything is done; the Body's element
//! is left to whoever knows its type, and [`Envelope::finish`] checks what follows it.
//!
//! Reading and judging are two steps: [`Envelope::open`] and [`Envelope::close`] read any well-formed Envelope and note the first
//! rule of SOAP it breaks, which [`Envelope::check`] tells. [`Envelope::read`] and `finish`, which receivers use, are both in one.

mod header;
#[cfg(test)]
mod tests;

use crate::{
    Limits, SoapVersion,
    types::QName,
    xml::{Content, NamespaceId, ReadError, ReadErrorKind, Reader},
};

pub(crate) use header::Block;
pub use header::{HeaderBlock, HeaderField, Outgoing, WriteHeader};

/// An Envelope whose Header has been read and whose Body is about to be.
#[derive(Debug)]
pub struct Envelope<'x> {
    /// `None` if the namespace of the Envelope is that of no version.
    version: Option<SoapVersion>,
    /// Namespace of the Envelope.
    namespace: NamespaceId,
    reader: Reader<'x>,
    /// The reader inside the Header, before its first block; boxed, as few messages have one.
    header: Option<Box<Reader<'x>>>,
    blocks: Vec<Block<'x>>,
    body: Option<(NamespaceId, &'x str)>,
    /// The end tag of the Envelope was passed.
    ended: bool,
    /// The first rule of SOAP that was broken.
    broken: Option<ReadError>,
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
    /// Reads up to the start tag of the Body's element, and checks all that came before.
    ///
    /// # Errors
    /// Fails on anything that is not as the standard has it; an Envelope of an unknown namespace is
    /// [`ReadErrorKind::VersionMismatch`].
    pub fn read(text: &'x str, limits: &Limits) -> Result<Self, Refused> {
        let envelope = Self::open(text, limits)?;
        match envelope.check() {
            Ok(()) => Ok(envelope),
            Err(error) => Err(Refused {
                version: envelope.version,
                error,
            }),
        }
    }

    /// Reads up to the start tag of the Body's element without a judgement: to look at a message that nobody is to act upon.
    ///
    /// # Example
    /// ```
    /// use soap_core::{Envelope, Limits};
    /// let text = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Header/></e:Envelope>";
    /// let envelope = Envelope::open(text, &Limits::default())?;
    /// assert_eq!(envelope.body(), None);
    /// assert!(envelope.check().is_err());   // there is no Body
    /// # Ok::<(), soap_core::xml::ReadError>(())
    /// ```
    ///
    /// # Errors
    /// Fails on XML that is not well-formed, passes a limit, or holds what SOAP forbids everywhere (a DTD, a processing
    /// instruction), and if the root is no `Envelope`.
    pub fn open(text: &'x str, limits: &Limits) -> Result<Self, Refused> {
        let unknown = |error| Refused {
            version: None,
            error,
        };
        let mut reader = Reader::new(text, limits).map_err(unknown)?;
        let namespace = read_root(&mut reader).map_err(unknown)?;
        let version = [SoapVersion::Soap11, SoapVersion::Soap12]
            .into_iter()
            .find(|version| reader.is(namespace, version.namespace()));
        let broken = version
            .is_none()
            .then(|| reader.error(ReadErrorKind::VersionMismatch));
        let mut envelope = Self {
            version,
            namespace,
            reader,
            header: None,
            blocks: Vec::new(),
            body: None,
            ended: false,
            broken,
        };
        match envelope.read_head(limits) {
            Ok(()) => Ok(envelope),
            Err(error) => Err(Refused { version, error }),
        }
    }

    /// The version, by the namespace of the Envelope. 1.1 for an unknown one, which only [`open`](Self::open) lets pass.
    pub fn version(&self) -> SoapVersion {
        self.version.unwrap_or_default()
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
            self.body = self.part()?;
        }
        Ok(self.body)
    }

    /// Checks that nothing follows the Body's element, which must have been read to its end tag. SOAP 1.1 section 4 allows
    /// qualified elements after the Body, which mean nothing here (rule S-1).
    ///
    /// # Errors
    /// Fails on a second element in the Body, anything else after the Body, and on XML that is not well-formed.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        self.close()?;
        self.check()
    }

    /// Reads what follows the Body's element, which must have been read to its end tag, without a judgement.
    ///
    /// # Errors
    /// Fails on XML that is not well-formed or passes a limit.
    pub fn close(&mut self) -> Result<(), ReadError> {
        while self.next_body()?.is_some() {
            self.note(ReadErrorKind::Envelope(
                "the Body holds more than one element",
            ));
            self.reader.skip()?;
        }
        while !self.ended {
            match self.part()? {
                Some((namespace, _)) => {
                    let is_allowed = self.version() == SoapVersion::Soap11
                        && namespace != NamespaceId::NONE
                        && namespace != self.namespace;
                    if !is_allowed {
                        self.note(ReadErrorKind::Envelope("an element follows the Body"));
                    }
                    self.reader.skip()?;
                }
                None => self.ended = true,
            }
        }
        self.reader.next().map(|_| ())
    }

    /// Whether all that has been read is as the standard has it.
    ///
    /// # Errors
    /// Fails with the first rule that was broken.
    pub fn check(&self) -> Result<(), ReadError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    fn read_head(&mut self, limits: &Limits) -> Result<(), ReadError> {
        self.refuse_encoding_style();
        let mut seen_header = false;
        loop {
            match self.part()? {
                Some((namespace, "Body")) if namespace == self.namespace => break,
                Some((namespace, "Header")) if namespace == self.namespace && !seen_header => {
                    seen_header = true;
                    self.read_header(limits)?;
                }
                Some(_) => {
                    let error = self.reader.unexpected();
                    self.broken.get_or_insert(error);
                    self.reader.skip()?;
                }
                None => {
                    self.note(ReadErrorKind::Envelope("the Envelope has no Body"));
                    self.ended = true;
                    return Ok(());
                }
            }
        }
        self.refuse_encoding_style();
        self.body = self.part()?;
        if self.body.is_some() {
            self.check_encoding_style();
        }
        Ok(())
    }

    fn read_header(&mut self, limits: &Limits) -> Result<(), ReadError> {
        self.refuse_encoding_style();
        let start = self.reader.clone();
        while let Some(name) = self.part()? {
            // Rule S-6. Stacks that speak SOAP 1.1 send such blocks all the same; nobody understands them.
            if name.0 == NamespaceId::NONE && self.version() == SoapVersion::Soap12 {
                self.note(ReadErrorKind::Envelope("a header block has no namespace"));
            }
            if self.blocks.len() == limits.header_blocks {
                return Err(self.reader.error(ReadErrorKind::Limit {
                    what: "header blocks",
                    limit: limits.header_blocks,
                }));
            }
            let block = Block::read(name, self.version(), &mut self.reader);
            if block.must_understand.is_none() {
                self.note(ReadErrorKind::Envelope("mustUnderstand is not a boolean"));
            }
            self.blocks.push(block);
            self.reader.skip()?;
        }
        if !self.blocks.is_empty() {
            self.header = Some(Box::new(start));
        }
        Ok(())
    }

    /// The next child of the current element: Envelope, Header or Body, which hold no text.
    fn part(&mut self) -> Result<Option<(NamespaceId, &'x str)>, ReadError> {
        match self.reader.next() {
            Err(error) if *error.kind() == ReadErrorKind::UnexpectedText => {
                self.broken.get_or_insert(error);
            }
            part => return part,
        }
        loop {
            match self.reader.content()? {
                Content::Text(_) => {}
                Content::Element(namespace, local) => return Ok(Some((namespace, local))),
                Content::End => return Ok(None),
            }
        }
    }

    /// Notes that a rule is broken here, if it is the first.
    fn note(&mut self, kind: ReadErrorKind) {
        if self.broken.is_none() {
            self.broken = Some(self.reader.error(kind));
        }
    }

    /// Rule S-8: SOAP 1.2 allows no `encodingStyle` on Envelope, Header and Body. SOAP 1.1 does, and it means nothing here.
    fn refuse_encoding_style(&mut self) {
        if self.version() == SoapVersion::Soap12 && self.encoding_style().is_some() {
            self.note(ReadErrorKind::Envelope(
                "encodingStyle is not allowed on this element",
            ));
        }
    }

    /// Rule S-8: an encoding other than "none" or SOAP's own is not known.
    fn check_encoding_style(&mut self) {
        const KNOWN: [&str; 4] = [
            "",
            "http://schemas.xmlsoap.org/soap/encoding/",
            "http://www.w3.org/2003/05/soap-encoding",
            "http://www.w3.org/2003/05/soap-envelope/encoding/none",
        ];
        if let Some(style) = self.encoding_style()
            && !style
                .split_ascii_whitespace()
                .all(|uri| KNOWN.contains(&uri))
        {
            self.note(ReadErrorKind::EncodingStyle);
        }
    }

    fn encoding_style(&mut self) -> Option<String> {
        self.reader
            .attribute_named(self.version().namespace(), "encodingStyle")
            .map(std::borrow::Cow::into_owned)
    }
}

/// What must be understood, and by whom.
impl<'x> Envelope<'x> {
    /// The reader inside the Header, before its first block; `None` if there is no block.
    pub(crate) fn header(&self) -> Option<Reader<'x>> {
        self.header.as_deref().cloned()
    }

    /// URI of a name met in it.
    pub(crate) fn uri(&self, namespace: NamespaceId) -> &str {
        self.reader.uri(namespace)
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
            .filter(|block| block.must_understand != Some(false) && block.role.is_ours(roles));
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
fn read_root(reader: &mut Reader<'_>) -> Result<NamespaceId, ReadError> {
    match reader.next()? {
        Some((namespace, "Envelope")) => Ok(namespace),
        _ => Err(reader.error(NOT_AN_ENVELOPE)),
    }
}

/// WCF marks its own `Action` block mandatory where WS-Addressing is off; it says nothing a receiver needs.
fn is_ignorable(namespace: &str, local: &str) -> bool {
    local == "Action" && namespace == "http://schemas.microsoft.com/ws/2005/05/addressing/none"
}

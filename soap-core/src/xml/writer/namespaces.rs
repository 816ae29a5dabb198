//! The namespaces of one document and their prefixes, in the order of first use.

use std::borrow::Cow;

use super::super::scope::XMLNS_URI;
use super::super::{Namespace, WriteError, WriteErrorKind, XML, scan};
use super::{Prefix, Writer};

/// Prefixes that namespaces known only at run time leave for those of the program.
const RESERVED: usize = 256;

#[derive(Debug)]
pub(super) struct Declared {
    /// The static asked for; `None` if the namespace was known only at run time.
    namespace: Option<&'static Namespace>,
    uri: Cow<'static, str>,
    prefix: Prefix,
}

impl Writer {
    /// The prefix of `namespace` in this document; declared on the root element, which is written last.
    ///
    /// The namespace of the Envelope gets such a prefix too when it is asked for here, since a message may name both versions;
    /// [`Prefix::ENVELOPE`] is the one that the Envelope itself has.
    ///
    /// # Panics
    /// If one message has more than 936 namespaces, which those known only at run time alone cannot bring about.
    #[inline]
    pub fn prefix(&mut self, namespace: &'static Namespace) -> Prefix {
        for declared in &self.namespaces {
            if declared
                .namespace
                .is_some_and(|known| std::ptr::eq(known, namespace))
            {
                return declared.prefix;
            }
        }
        self.prefix_of_uri(namespace)
    }

    fn prefix_of_uri(&mut self, namespace: &'static Namespace) -> Prefix {
        if namespace.uri().is_empty() {
            return Prefix::ENVELOPE; // tags of names in no namespace have no prefix to patch
        }
        if namespace.uri() == XML.uri() {
            return Prefix::XML;
        }
        if let Some(declared) = self
            .namespaces
            .iter()
            .find(|declared| declared.uri == namespace.uri())
        {
            return declared.prefix;
        }
        let prefix =
            Prefix::nth(self.namespaces.len()).expect("a message has at most 936 namespaces");
        self.namespaces.push(Declared {
            namespace: Some(namespace),
            uri: Cow::Borrowed(namespace.uri()),
            prefix,
        });
        prefix
    }

    /// The prefix of the namespace `uri`, known only at run time.
    ///
    /// # Errors
    /// Fails if `uri` is empty, holds what XML cannot hold or must not be declared, or if there are too many in one message.
    pub fn prefix_for(&mut self, uri: &str) -> Result<Prefix, WriteError> {
        if let Some(declared) = self.namespaces.iter().find(|declared| declared.uri == uri) {
            return Ok(declared.prefix);
        }
        if uri == XML.uri() {
            return Ok(Prefix::XML);
        }
        if uri.is_empty() || uri == XMLNS_URI {
            return Err(WriteError::value("a namespace that takes no prefix"));
        }
        if let Some(c) = scan::forbidden(uri) {
            return Err(WriteError::new(WriteErrorKind::ForbiddenCharacter(
                u32::from(c),
            )));
        }
        let next = self.namespaces.len();
        match Prefix::nth(next) {
            Some(prefix) if next < Prefix::COUNT - RESERVED => {
                self.namespaces.push(Declared {
                    namespace: None,
                    uri: Cow::Owned(uri.to_owned()),
                    prefix,
                });
                Ok(prefix)
            }
            _ => Err(WriteError::value("too many namespaces in one message")),
        }
    }

    /// Writes a `QName` value, declaring its namespace; in no namespace the local name alone.
    ///
    /// # Errors
    /// Fails if `local` is no name, or as [`prefix_for`](Self::prefix_for) does.
    pub fn qname(&mut self, namespace: &str, local: &str) -> Result<(), WriteError> {
        if !scan::is_ncname(local) {
            return Err(WriteError::value("a QName whose local part is no name"));
        }
        if !namespace.is_empty() {
            let prefix = self.prefix_for(namespace)?;
            self.plain(prefix.as_str());
            self.plain(":");
        }
        self.plain(local);
        Ok(())
    }

    /// Appends ` xmlns:n0="…"` for each namespace used.
    pub(super) fn push_declarations(&self, head: &mut Vec<u8>) {
        for declared in &self.namespaces {
            head.extend_from_slice(b" xmlns:");
            head.extend_from_slice(declared.prefix.as_str().as_bytes());
            head.extend_from_slice(b"=\"");
            push_attribute(&declared.uri, head);
            head.push(b'"');
        }
    }
}

/// Escapes what was checked to be characters of XML.
fn push_attribute(value: &str, out: &mut Vec<u8>) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\t' | b'\n' | b'\r'))
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(format!("&#{};", rest[at]).as_bytes());
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

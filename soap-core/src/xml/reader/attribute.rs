//! Attributes and namespace declarations of a start tag.

use std::borrow::Cow;

use super::super::scan::{self, SPACE, VALUE};
use super::super::scope::XMLNS_URI;
use super::super::{NamespaceId, ReadError, ReadErrorKind};
use super::Reader;
use super::tag::QualifiedName;

/// An attribute of the start tag just passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name: QualifiedName,
    pub(super) namespace: NamespaceId,
    pub(super) value: usize,
    pub(super) value_end: usize,
    /// The value is as it stands: no reference, no white space but blanks.
    pub(super) plain: bool,
}

/// Up to as many attributes are compared each with each.
const FEW: usize = 8;

impl<'x> Reader<'x> {
    /// Passes attributes from `at`, behind the name of the start tag, and its end.
    pub(super) fn rest_of_start_tag(
        &mut self,
        mut at: usize,
        outside: usize,
    ) -> Result<(), ReadError> {
        let bytes = self.text.as_bytes();
        let mut seen = 0;
        loop {
            let spaces = scan::run(bytes.get(at..).unwrap_or_default(), SPACE);
            at += spaces;
            match bytes.get(at..).unwrap_or_default() {
                [b'>', ..] => {
                    self.at = at + 1;
                    break;
                }
                [b'/', b'>', ..] => {
                    self.at = at + 2;
                    self.empty = true;
                    break;
                }
                [] | [b'/'] => return Err(self.unexpected_end("a start tag")),
                _ if spaces == 0 => {
                    return Err(self.syntax("a name is followed by a wrong character", at));
                }
                _ => {}
            }
            seen += 1;
            if seen > self.limits.attributes {
                return Err(self.limit("attributes of an element", self.limits.attributes, at));
            }
            at = self.pass_attribute(at, outside)?;
        }
        self.resolve_attributes()
    }

    /// Passes the attribute at `at`: a namespace declaration is put in force, another attribute kept.
    fn pass_attribute(&mut self, at: usize, outside: usize) -> Result<usize, ReadError> {
        let bytes = self.text.as_bytes();
        let name = self.qualified_name(at)?;
        let mut at = name.end + scan::run(&bytes[name.end..], SPACE);
        if bytes.get(at) != Some(&b'=') {
            return Err(self.syntax("an attribute has no value", at));
        }
        at += 1;
        at += scan::run(bytes.get(at..).unwrap_or_default(), SPACE);
        let quote = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => *quote,
            Some(_) => return Err(self.syntax("the value of an attribute is not quoted", at)),
            None => return Err(self.unexpected_end("an attribute")),
        };
        let value = at + 1;
        let (value_end, plain) = self.pass_value(value, quote)?;
        if value_end - value > self.limits.attribute_value {
            return Err(self.limit("attribute value bytes", self.limits.attribute_value, value));
        }
        let prefix = self.prefix_of(name);
        let local = self.slice(name.local, name.end);
        if prefix == "xmlns" || prefix.is_empty() && local == "xmlns" {
            let declared = if prefix.is_empty() { "" } else { local };
            self.declare(
                declared,
                self.value(value, value_end, plain),
                name.start,
                outside,
            )?;
        } else {
            self.attributes.push(Attribute {
                name,
                namespace: NamespaceId::NONE,
                value,
                value_end,
                plain,
            });
        }
        Ok(value_end + 1)
    }

    /// End of the value that begins at `at`, and whether it is as it stands.
    fn pass_value(&self, mut at: usize, quote: u8) -> Result<(usize, bool), ReadError> {
        let bytes = self.text.as_bytes();
        let mut plain = true;
        loop {
            at += scan::until(bytes.get(at..).unwrap_or_default(), VALUE);
            match bytes.get(at) {
                Some(&byte) if byte == quote => return Ok((at, plain)),
                Some(b'"' | b'\'') => at += 1,
                Some(b'\t' | b'\n' | b'\r') => {
                    plain = false;
                    at += 1;
                }
                Some(b'&') => {
                    plain = false;
                    at = self.reference(at)?;
                }
                Some(b'<') => return Err(self.syntax("an attribute value holds <", at)),
                Some(_) => at = self.unusual(at)?,
                None => return Err(self.unexpected_end("an attribute value")),
            }
        }
    }

    #[inline]
    pub(super) fn value(&self, start: usize, end: usize, plain: bool) -> Cow<'x, str> {
        let raw = self.slice(start, end);
        if plain {
            return Cow::Borrowed(raw);
        }
        let mut value = String::with_capacity(raw.len());
        scan::expand(raw, true, &mut value);
        Cow::Owned(value)
    }

    /// Binds `prefix` (empty: the default) to `uri` (Namespaces in XML 1.0, 2.2 and 3).
    fn declare(
        &mut self,
        prefix: &'x str,
        uri: Cow<'x, str>,
        at: usize,
        outside: usize,
    ) -> Result<(), ReadError> {
        let is_xml = uri == super::super::XML.uri();
        let wrong = match prefix {
            "xml" if is_xml => return Ok(()),
            "xml" => Some("prefix xml is bound to another namespace"),
            "xmlns" => Some("prefix xmlns is declared"),
            _ if is_xml => Some("the namespace of xml is bound to another prefix"),
            _ if uri == XMLNS_URI => Some("the namespace of xmlns is bound"),
            "" => None,
            _ if uri.is_empty() => Some("a prefix is bound to no namespace"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(self.syntax(wrong, at));
        }
        if self.scope.len() >= self.limits.namespaces {
            return Err(self.limit("namespace bindings in scope", self.limits.namespaces, at));
        }
        if self.scope.declare(prefix, uri, outside) {
            return Ok(());
        }
        let name = if prefix.is_empty() {
            "xmlns".to_owned()
        } else {
            format!("xmlns:{prefix}")
        };
        Err(self.fail(ReadErrorKind::DuplicateAttribute(name), at, false))
    }

    /// Gives the attributes their namespaces, now that all declarations were seen, and checks that no two are the same.
    fn resolve_attributes(&mut self) -> Result<(), ReadError> {
        for index in 0..self.attributes.len() {
            let name = self.attributes[index].name;
            if name.local != name.start {
                let prefix = self.prefix_of(name);
                match self.scope.resolve(prefix) {
                    Some(namespace) => self.attributes[index].namespace = namespace,
                    None => return Err(self.undeclared(prefix, name.start)),
                }
            }
        }
        let twice = if self.attributes.len() <= FEW {
            self.same_of_few()
        } else {
            self.same_of_many()
        };
        match twice {
            None => Ok(()),
            Some(index) => {
                let name = self.attributes[index].name;
                let kind =
                    ReadErrorKind::DuplicateAttribute(self.slice(name.start, name.end).to_owned());
                Err(self.fail(kind, name.start, false))
            }
        }
    }

    fn same_of_few(&self) -> Option<usize> {
        (1..self.attributes.len()).find(|&index| {
            let name = self.attribute(index);
            (0..index).any(|before| self.attribute(before) == name)
        })
    }

    fn same_of_many(&self) -> Option<usize> {
        let key = |index: &usize| {
            self.attribute(*index)
                .map(|(namespace, local)| (namespace.0, local))
        };
        let mut order: Vec<usize> = (0..self.attributes.len()).collect();
        order.sort_by_key(key);
        order
            .windows(2)
            .find(|pair| key(&pair[0]) == key(&pair[1]))
            .map(|pair| pair[1])
    }
}

//! Start and end tags: names, attributes, namespace declarations.

use std::borrow::Cow;

use super::super::scan::{self, NAME, SPACE, START, VALUE};
use super::super::scope::XMLNS_URI;
use super::super::{NamespaceId, ReadError, ReadErrorKind};
use super::Reader;

/// A qualified name, as offsets: `start..end`, the local part from `local`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct QualifiedName {
    pub(super) start: usize,
    pub(super) local: usize,
    pub(super) end: usize,
}

/// An element whose start tag was passed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    pub(super) name: QualifiedName,
    /// Bindings in scope around it.
    pub(super) outside: usize,
    /// Children seen.
    pub(super) children: usize,
}

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
    /// Passes the start tag at the current place, a `<`.
    #[inline]
    pub(super) fn start_tag(&mut self) -> Result<(NamespaceId, &'x str), ReadError> {
        let name = self.qualified_name(self.at + 1)?;
        self.attributes.clear();
        self.just_closed = false;
        self.count_element()?;
        let outside = self.scope.enter();
        self.open.push(Open {
            name,
            outside,
            children: 0,
        });
        if self.text.as_bytes().get(name.end) == Some(&b'>') {
            self.at = name.end + 1;
        } else {
            self.rest_of_start_tag(name.end, outside)?;
        }
        let prefix = self.prefix_of(name);
        match self.scope.resolve(prefix) {
            Some(namespace) => Ok((namespace, self.slice(name.local, name.end))),
            None => Err(self.undeclared(prefix, name.start)),
        }
    }

    #[inline]
    fn count_element(&mut self) -> Result<(), ReadError> {
        match self.open.last_mut() {
            Some(parent) => {
                parent.children += 1;
                if parent.children > self.limits.children {
                    return Err(self.limit(
                        "children of an element",
                        self.limits.children,
                        self.at,
                    ));
                }
            }
            None if self.rooted => {
                return Err(self.syntax("there is a second root element", self.at));
            }
            None => self.rooted = true,
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(self.limit("elements", self.limits.elements, self.at));
        }
        if self.open.len() >= self.limits.depth {
            return Err(self.limit("nested elements", self.limits.depth, self.at));
        }
        Ok(())
    }

    /// Passes the end tag at the current place, `</`, which must be that of the current element.
    #[inline]
    pub(super) fn end_tag(&mut self) -> Result<(), ReadError> {
        let bytes = self.text.as_bytes();
        let Some(open) = self.open.last() else {
            return Err(self.syntax("an end tag without a start tag", self.at));
        };
        let name = &bytes[open.name.start..open.name.end];
        let end = self.at + 2 + name.len();
        if bytes.get(self.at + 2..end) == Some(name) {
            match bytes.get(end) {
                Some(b'>') => {
                    self.close(end + 1);
                    return Ok(());
                }
                Some(byte) if scan::is(*byte, SPACE) => return self.end_tag_with_space(end),
                _ => {}
            }
        }
        Err(self.mismatched_end())
    }

    fn end_tag_with_space(&mut self, at: usize) -> Result<(), ReadError> {
        let bytes = self.text.as_bytes();
        let end = at + scan::run(&bytes[at..], SPACE);
        match bytes.get(end) {
            Some(b'>') => {
                self.close(end + 1);
                Ok(())
            }
            Some(_) => Err(self.syntax("an end tag holds more than a name", end)),
            None => Err(self.unexpected_end("an end tag")),
        }
    }

    #[cold]
    fn mismatched_end(&self) -> ReadError {
        let found = match self.qualified_name(self.at + 2) {
            Ok(found) => found,
            Err(error) => return error,
        };
        if found.end == self.text.len() {
            return self.unexpected_end("an end tag");
        }
        let expected = self
            .open
            .last()
            .map(|open| self.slice(open.name.start, open.name.end))
            .unwrap_or_default();
        let found = self.slice(found.start, found.end);
        if found == expected {
            return self.syntax("an end tag holds more than a name", self.at);
        }
        let kind = ReadErrorKind::MismatchedEndTag {
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        self.fail(kind, self.at, false)
    }

    /// The current element ends; the reader stands at `end`, behind it.
    #[inline]
    pub(super) fn close(&mut self, end: usize) {
        self.at = end;
        self.empty = false;
        if let Some(open) = self.open.pop() {
            self.scope.leave(open.outside);
            self.closed = open;
            self.just_closed = true;
        }
    }

    #[inline]
    pub(super) fn prefix_of(&self, name: QualifiedName) -> &'x str {
        if name.local == name.start {
            ""
        } else {
            self.slice(name.start, name.local - 1)
        }
    }

    /// The name that begins at `start` (Namespaces in XML 1.0, 4).
    #[inline]
    fn qualified_name(&self, start: usize) -> Result<QualifiedName, ReadError> {
        let mut local = start;
        let mut end = self.name_part(start)?;
        if self.text.as_bytes().get(end) == Some(&b':') {
            local = end + 1;
            end = self.name_part(local)?;
        }
        if end - start > self.limits.name {
            return Err(self.limit("name bytes", self.limits.name, start));
        }
        Ok(QualifiedName { start, local, end })
    }

    /// End of the `NCName` that begins at `start`.
    #[inline]
    fn name_part(&self, start: usize) -> Result<usize, ReadError> {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        match rest {
            [first, ..] if scan::is(*first, START) => {}
            [first, ..] if !first.is_ascii() => return self.foreign_name(start, start),
            [] => return Err(self.unexpected_end("a name")),
            _ => {
                return Err(
                    self.syntax("a name is missing or begins with a wrong character", start)
                );
            }
        }
        let end = start + scan::run(rest, NAME);
        match self.text.as_bytes().get(end) {
            Some(byte) if !byte.is_ascii() => self.foreign_name(start, end),
            _ => Ok(end),
        }
    }

    /// End of the `NCName` that begins at `start`, with a character that is not ASCII at `at`.
    #[cold]
    fn foreign_name(&self, start: usize, at: usize) -> Result<usize, ReadError> {
        let longest = self.limits.name;
        for (offset, c) in self.text.get(at..).unwrap_or_default().char_indices() {
            let here = at + offset;
            if here - start > longest {
                return Err(self.limit("name bytes", longest, start));
            }
            let fits = if here == start {
                scan::is_name_start(c)
            } else {
                scan::is_name_char(c)
            };
            if !fits {
                if here == start || !c.is_ascii() {
                    return Err(self.syntax("a name holds a wrong character", here));
                }
                return Ok(here);
            }
        }
        Err(self.unexpected_end("a name"))
    }

    /// Passes attributes from `at`, behind the name of the start tag, and its end.
    fn rest_of_start_tag(&mut self, mut at: usize, outside: usize) -> Result<(), ReadError> {
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

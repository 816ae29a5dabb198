//! Start and end tags, and the names in them.

use super::super::scan::{self, NAME, SPACE, START};
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
    /// Its namespace, once that is known.
    pub(super) namespace: NamespaceId,
}

impl<'x> Reader<'x> {
    /// Passes the start tag at the current place, a `<`.
    #[inline]
    pub(super) fn start_tag(&mut self) -> Result<(NamespaceId, &'x str), ReadError> {
        let name = self.qualified_name(self.at + 1)?;
        let outside = self.enter(name)?;
        if self.text.as_bytes().get(name.end) == Some(&b'>') {
            self.at = name.end + 1;
        } else {
            self.rest_of_start_tag(name.end, outside)?;
        }
        let prefix = self.prefix_of(name);
        let Some(namespace) = self.scope.resolve(prefix) else {
            return Err(self.undeclared(prefix, name.start));
        };
        if let Some(open) = self.open.last_mut() {
            open.namespace = namespace;
        }
        Ok((namespace, self.slice(name.local, name.end)))
    }

    /// An element of that name begins; the number of bindings in scope around it.
    #[inline]
    pub(super) fn enter(&mut self, name: QualifiedName) -> Result<usize, ReadError> {
        self.attributes.clear();
        self.just_closed = false;
        self.count_element()?;
        let outside = self.scope.enter();
        self.open.push(Open {
            name,
            outside,
            ..Open::default()
        });
        Ok(outside)
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
    pub(super) fn qualified_name(&self, start: usize) -> Result<QualifiedName, ReadError> {
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
        let len = scan::run(rest, NAME);
        match (rest.first(), rest.get(len)) {
            (Some(first), Some(next)) if scan::is(*first, START) && next.is_ascii() => {
                Ok(start + len)
            }
            _ => self.unusual_name(start, len),
        }
    }

    /// The same where the name ends the document, is wrong, or is not ASCII behind its first `len` bytes.
    fn unusual_name(&self, start: usize, len: usize) -> Result<usize, ReadError> {
        match self.text.as_bytes().get(start..).unwrap_or_default() {
            [first, ..] if scan::is(*first, START) || !first.is_ascii() => {
                self.foreign_name(start, start + len)
            }
            [] => Err(self.unexpected_end("a name")),
            _ => Err(self.syntax("a name is missing or begins with a wrong character", start)),
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
}

//! Children whose start tags can be told before they are scanned.
//!
//! The children of an element usually have one prefix, and each is most likely the one that its type has next. So a start tag
//! is first compared with `<prefix:name>` as it should stand there: where it does, its name needs no scan and its prefix no search.

use super::super::{Key, Namespace, NamespaceId, ReadError};
use super::Reader;
use super::tag::{Open, QualifiedName};

/// What the start tags of the children of one element begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Siblings {
    /// `<` or `<prefix:`, as the bytes of a word.
    begin: u64,
    /// The bits of `begin` that count.
    mask: u64,
    /// Its length in bytes; 0: not known.
    len: usize,
    id: NamespaceId,
    /// The namespace of the prefix, where it has been compared with one that is known at compile time.
    namespace: Option<&'static Namespace>,
}

impl Siblings {
    /// True if the prefix is known to be bound to `namespace`.
    #[inline]
    pub(crate) fn is(&self, namespace: &'static Namespace) -> bool {
        self.namespace
            .is_some_and(|known| std::ptr::eq(known, namespace))
    }

    /// Says which namespace the children are most likely in.
    #[inline]
    pub(crate) fn expect(&mut self, namespace: &'static Namespace, reader: &mut Reader<'_>) {
        self.namespace = reader.is(self.id, namespace).then_some(namespace);
    }

    /// Learns from a child whose start tag has just been passed, and which is in `namespace`.
    pub(crate) fn learn(&mut self, namespace: &'static Namespace, reader: &Reader<'_>) {
        if !self.is(namespace)
            && let Some(child) = reader.open.last()
            && reader.scope.len() == child.outside
        {
            *self = reader.begin_of(child);
            self.namespace = Some(namespace);
        }
    }
}

impl<'x> Reader<'x> {
    /// What the start tags of the children of the current element begin with if they have its prefix.
    #[inline]
    pub(crate) fn siblings(&self) -> Siblings {
        match self.open.last() {
            Some(open) => self.begin_of(open),
            None => Siblings {
                begin: 0,
                mask: 0,
                len: 0,
                id: NamespaceId::NONE,
                namespace: None,
            },
        }
    }

    #[inline]
    fn begin_of(&self, open: &Open) -> Siblings {
        let start = open.name.start - 1;
        let len = open.name.local - start;
        let (mut begin, mut mask) = (0, 0);
        let bytes = self.text.as_bytes().get(start..).unwrap_or_default();
        let known = match bytes.first_chunk() {
            Some(bytes) if len <= 8 => {
                mask = u64::MAX >> (64 - 8 * len);
                begin = u64::from_le_bytes(*bytes) & mask;
                len
            }
            _ => 0,
        };
        Siblings {
            begin,
            mask,
            len: known,
            id: open.namespace,
            namespace: None,
        }
    }

    /// Where the local name of the next child begins, if its start tag begins so.
    #[inline]
    pub(crate) fn sibling(&self, siblings: &Siblings) -> Option<usize> {
        let bytes = self.text.as_bytes().get(self.at..)?;
        let begin = u64::from_le_bytes(*bytes.first_chunk()?);
        let is_so = siblings.len != 0 && (begin ^ siblings.begin) & siblings.mask == 0;
        (is_so && !self.empty).then_some(self.at + siblings.len)
    }

    /// Passes the start tag of the next child if it has that local name, which begins at `local`, and nothing else.
    #[inline]
    pub(crate) fn enter_sibling(
        &mut self,
        siblings: &Siblings,
        local: usize,
        key: &Key,
    ) -> Result<bool, ReadError> {
        let bytes = self.text.as_bytes().get(local..).unwrap_or_default();
        let Some(len) = key.begins(bytes) else {
            return Ok(false);
        };
        if bytes.get(len) != Some(&b'>') {
            return Ok(false);
        }
        let (start, end) = (self.at + 1, local + len);
        if end - start > self.limits.name {
            return Err(self.limit("name bytes", self.limits.name, start));
        }
        self.enter(QualifiedName { start, local, end })?;
        self.at = end + 1;
        if let Some(open) = self.open.last_mut() {
            open.namespace = siblings.id;
        }
        Ok(true)
    }
}

//! Tags as literals, and the prefix that is patched into them.

/// Start and end tag of an element, with the placeholder prefix `n0` where the element is in a namespace.
///
/// ```
/// use soap_core::xml::Tag;
/// static QUALIFIED: Tag = Tag::new("<n0:sku>", "</n0:sku>");
/// static UNQUALIFIED: Tag = Tag::new("<sku>", "</sku>");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Tag {
    pub(super) open: Literal,
    pub(super) close: Literal,
}

impl Tag {
    /// The tags as literals.
    pub const fn new(open: &'static str, close: &'static str) -> Self {
        Self {
            open: Literal::new(open, 1),
            close: Literal::new(close, 2),
        }
    }

    /// The same of short tags, each with its length, and with zeros behind it and in the place of the prefix: what a derive emits, as
    /// the compiler has nothing to evaluate then.
    #[doc(hidden)]
    pub const fn short(
        (open, open_len): (&'static [u8; 32], u8),
        (close, close_len): (&'static [u8; 32], u8),
        is_qualified: bool,
    ) -> Self {
        Self {
            open: Literal::short(open, open_len, if is_qualified { 1 } else { 0 }),
            close: Literal::short(close, close_len, if is_qualified { 2 } else { 0 }),
        }
    }

    /// True if a prefix stands in it.
    #[inline]
    pub(crate) fn is_qualified(&self) -> bool {
        self.open.is_qualified()
    }

    /// The start of an attribute, from the blank in front to the quote: ` name="`, ` n0:name="`.
    pub const fn attribute(start: &'static str) -> Self {
        Self {
            open: Literal::new(start, 1),
            close: Literal::new("", 0),
        }
    }
}

/// Markup in which a prefix may be put.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal {
    /// The text, with zeros in the place of the prefix and behind the text: a block of constant size is copied without a call.
    block: [u8; 32],
    /// Length of the text in the block.
    len: u8,
    /// Where the prefix stands in the text; 0: nowhere.
    prefix: u8,
    /// The text if it is too long for the block; else empty.
    long: &'static str,
}

impl Literal {
    /// `prefix` is where the prefix stands if there is one.
    const fn new(text: &'static str, prefix: u8) -> Self {
        let bytes = text.as_bytes();
        let at = prefix as usize;
        let is_qualified = at > 0 && bytes.len() > at + 2 && bytes[at + 2] == b':';
        let prefix = if is_qualified { prefix } else { 0 };
        let mut block = [0; 32];
        if bytes.len() > block.len() {
            return Self {
                long: text,
                ..Self::short(&[0; 32], 0, prefix)
            };
        }
        let mut next = 0;
        while next < bytes.len() {
            if !is_qualified || next < at || next > at + 1 {
                block[next] = bytes[next];
            }
            next += 1;
        }
        Self {
            block,
            len: bytes.len() as u8,
            prefix,
            long: "",
        }
    }

    const fn short(block: &[u8; 32], len: u8, prefix: u8) -> Self {
        Self {
            block: *block,
            len,
            prefix,
            long: "",
        }
    }

    /// The text with the prefix in it, something behind it, and its length; `None` if it is long, or the prefix has not two
    /// characters.
    #[inline]
    pub(super) fn block(&self, prefix: Prefix) -> Option<([u8; 32], usize)> {
        if self.len == 0 || (self.is_qualified() && prefix.is_odd()) {
            return None;
        }
        let prefix = if self.is_qualified() {
            prefix.0
        } else {
            [0; 2]
        };
        let prefix = u64::from(u16::from_le_bytes(prefix)) << (8 * (self.prefix & 3));
        let mut block = self.block;
        let (first, _) = block.split_first_chunk_mut()?;
        *first = (u64::from_le_bytes(*first) | prefix).to_le_bytes();
        Some((block, usize::from(self.len)))
    }

    /// The text in two pieces, the prefix between them; the whole of it in the first if there is none.
    pub(super) fn around_prefix(&self) -> (&str, &str) {
        let block = self.block.get(..usize::from(self.len)).unwrap_or_default();
        let text = match str::from_utf8(block) {
            Ok(text) if self.long.is_empty() => text,
            _ => self.long,
        };
        let at = usize::from(self.prefix);
        match (text.get(..at), text.get(at + 2..)) {
            (Some(before), Some(behind)) if at > 0 => (before, behind),
            _ => (text, ""),
        }
    }

    /// True if a prefix stands in it.
    #[inline]
    pub(super) fn is_qualified(&self) -> bool {
        self.prefix > 0
    }
}

/// Prefix of a namespace in one document: one or two characters, or `xml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix(pub(super) [u8; 2]);

impl Prefix {
    /// `S`, the prefix of the Envelope's own namespace, whatever its version. It is always declared by [`Writer::envelope`](super::Writer::envelope),
    /// and only there.
    pub const ENVELOPE: Self = Self([b'S', 0]);

    /// `xml`, which every document binds to its namespace and none may declare.
    pub(super) const XML: Self = Self([b'x', 1]);

    /// How many prefixes of two characters there are.
    pub(super) const COUNT: usize = FIRST.len() * SECOND.len();

    /// `n0` to `n9`, `na` to `nz`, `o0` and so on.
    pub(super) fn nth(index: usize) -> Option<Self> {
        Some(Self([
            *FIRST.get(index / SECOND.len())?,
            SECOND[index % SECOND.len()],
        ]))
    }

    /// The prefix as it stands in the document.
    pub fn as_str(&self) -> &str {
        match self {
            Self([_, 0]) => str::from_utf8(&self.0[..1]).unwrap_or_default(),
            &Self::XML => "xml",
            _ => str::from_utf8(&self.0).unwrap_or_default(),
        }
    }

    /// True if it has not two characters.
    #[inline]
    pub(super) fn is_odd(self) -> bool {
        self.0[1] < b'0'
    }
}

const FIRST: &[u8; 26] = b"nopqrstuvwxyzabcdefghijklm";
const SECOND: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

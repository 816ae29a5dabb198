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
    pub(super) text: &'static str,
    /// The text, if it is short, zeros in the place of the prefix: a block of constant size is copied without a call.
    block: [u64; 4],
    /// Where the prefix stands in the text; 0: nowhere.
    prefix: u8,
    /// The text is longer than the block.
    is_long: bool,
}

impl Literal {
    /// `prefix` is where the prefix stands if there is one.
    const fn new(text: &'static str, prefix: u8) -> Self {
        let bytes = text.as_bytes();
        let at = prefix as usize;
        let is_qualified = at > 0 && bytes.len() > at + 2 && bytes[at + 2] == b':';
        let mut block = [0; 4];
        let mut next = 0;
        while next < bytes.len() && next < 32 {
            if !is_qualified || next < at || next > at + 1 {
                block[next / 8] |= (bytes[next] as u64) << (8 * (next % 8));
            }
            next += 1;
        }
        Self {
            text,
            block,
            prefix: if is_qualified { prefix } else { 0 },
            is_long: bytes.len() > 32,
        }
    }

    /// The text with the prefix in it, zeros behind it; `None` if it is long, or the prefix has not two characters.
    #[inline]
    pub(super) fn block(&self, prefix: Prefix) -> Option<[u8; 32]> {
        if self.is_long || (self.is_qualified() && prefix.is_odd()) {
            return None;
        }
        let mask = if self.is_qualified() { u64::MAX } else { 0 };
        let prefix = u64::from(u16::from_le_bytes(prefix.0)) & mask;
        let [first, second, third, fourth] = self.block;
        let first = first | prefix << (8 * (self.prefix & 3));
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&first.to_le_bytes());
        bytes[8..16].copy_from_slice(&second.to_le_bytes());
        bytes[16..24].copy_from_slice(&third.to_le_bytes());
        bytes[24..].copy_from_slice(&fourth.to_le_bytes());
        Some(bytes)
    }

    /// The text in two pieces, the prefix between them; the whole of it in the first if there is none.
    pub(super) fn around_prefix(&self) -> (&'static str, &'static str) {
        let at = usize::from(self.prefix);
        match (self.text.get(..at), self.text.get(at + 2..)) {
            (Some(before), Some(behind)) if at > 0 => (before, behind),
            _ => (self.text, ""),
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

//! Tags as literals, and the prefix that is patched into them.

/// Start and end tag of an element, with the placeholder prefix `n0` where the element is in a namespace.
///
/// ```
/// use soap_core::xml::Tag;
/// static QUALIFIED: Tag = Tag::new("<n0:sku>", "</n0:sku>");
/// static UNQUALIFIED: Tag = Tag::new("<sku>", "</sku>");
/// ```
#[derive(Debug)]
pub struct Tag {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) qualified: bool,
}

impl Tag {
    /// The tags as literals.
    pub const fn new(open: &'static str, close: &'static str) -> Self {
        let bytes = open.as_bytes();
        Self {
            open,
            close,
            qualified: bytes.len() > 4 && bytes[3] == b':',
        }
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

//! The way through one document to the end of its root element.

use memchr::{memchr, memchr2, memrchr};

use super::FrameError;

/// Where in a document the bytes seen so far end, and how many elements are open there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    /// Bytes done with.
    at: usize,
    depth: usize,
    place: Place,
    only_comments: bool,
    /// Blocks are worth a look from here on.
    blocks_from: usize,
}

/// Bytes that are counted in one go. More in a block cost less each, and more often the root might end in it.
const BLOCK: usize = 32;

#[derive(Debug, Clone, Copy)]
enum Place {
    /// Text, or the rest of an end tag other than the root's, in which no `<` can stand; or what may stand before the root.
    Content,
    /// At a `<`.
    Markup,
    /// In a start tag, outside its attribute values.
    StartTag,
    /// In an attribute value with this quote.
    Value(u8),
    /// In the end tag of the root.
    RootEnd,
    /// In what ends with these bytes: a comment, a CDATA section or a processing instruction.
    Until(&'static [u8]),
}

/// What comes of a look at the bytes there are.
enum Step {
    /// Look on.
    On,
    /// More bytes are needed.
    More,
    /// The root has ended.
    End,
}

/// What `<!` begins.
const DECLARATIONS: [(&[u8], Result<Place, FrameError>); 3] = [
    (b"<!--", Ok(Place::Until(b"-->"))),
    (b"<![CDATA[", Ok(Place::Until(b"]]>"))),
    (b"<!DOCTYPE", Err(FrameError::Dtd)),
];

impl Scan {
    /// A document that begins with `<`.
    pub(super) fn new() -> Self {
        Self {
            at: 0,
            depth: 0,
            place: Place::Content,
            only_comments: true,
            blocks_from: 0,
        }
    }

    /// A document that begins with the byte order mark of UTF-8.
    pub(super) fn behind_mark() -> Self {
        Self {
            at: 3,
            only_comments: false,
            ..Self::new()
        }
    }

    /// Bytes done with.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// True if the document has neither a root nor the beginning of one yet, only whole comments.
    pub(super) fn is_only_comments(&self) -> bool {
        self.only_comments && matches!(self.place, Place::Content)
    }

    /// Looks at what `bytes`, the document from its start, holds more than the last time: the length of the document if its root
    /// ends there.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        loop {
            let step = match self.place {
                Place::Content if self.depth == 0 => self.outside(bytes)?,
                Place::Content => self.content(bytes),
                Place::Markup => self.markup(bytes)?,
                Place::StartTag => self.start_tag(bytes),
                Place::Value(quote) => self.value(bytes, quote),
                Place::RootEnd => self.root_end(bytes),
                Place::Until(end) => self.until(bytes, end),
            };
            match step {
                Step::On => {}
                Step::More => return Ok(None),
                Step::End => return Ok(Some(self.at)),
            }
        }
    }

    /// Before the root: white space and `<`.
    fn outside(&mut self, bytes: &[u8]) -> Result<Step, FrameError> {
        let rest = rest(bytes, self.at);
        let Some(found) = rest.iter().position(|byte| !is_space(*byte)) else {
            return Ok(self.all(bytes));
        };
        self.at += found;
        match rest.get(found) {
            Some(&byte) if byte != b'<' => Err(FrameError::NotXml { byte }),
            _ => Ok(self.go(self.at, Place::Markup)),
        }
    }

    /// In the root: up to the next `<`, and by blocks to a later one.
    fn content(&mut self, bytes: &[u8]) -> Step {
        let Some(found) = memchr(b'<', rest(bytes, self.at)) else {
            return self.all(bytes);
        };
        self.at += found;
        if self.at >= self.blocks_from {
            self.pass_blocks(bytes);
        }
        self.go(self.at, Place::Markup)
    }

    /// At a `<` in the root: counts the tags of whole blocks, then goes back to the last `<` in them, as what it begins may go on.
    /// Stops before a block in which the root may end, or in which to count each `<` is not enough.
    fn pass_blocks(&mut self, bytes: &[u8]) {
        let blocks = rest(bytes, self.at).as_chunks().0;
        let shifted = rest(bytes, self.at + 1).as_chunks().0;
        let mut depth = self.depth;
        let mut passed = 0;
        for (block, shifted) in blocks.iter().zip(shifted) {
            let tags = Tags::count(block, shifted);
            if tags.others || depth <= tags.ends {
                break;
            }
            depth = depth + tags.all - 2 * tags.ends;
            passed += BLOCK;
        }
        let from = self.at;
        self.blocks_from = from + passed + BLOCK;
        let passed = bytes.get(from..from + passed).unwrap_or_default();
        if let Some(last) = memrchr(b'<', passed) {
            self.at = from + last;
            self.depth = match bytes.get(self.at + 1) {
                Some(b'/') => depth + 1,
                _ => depth - 1,
            };
        }
    }

    /// At a `<`.
    fn markup(&mut self, bytes: &[u8]) -> Result<Step, FrameError> {
        let rest = rest(bytes, self.at);
        let (len, place) = match rest.get(1) {
            None => return Ok(Step::More),
            Some(b'!') => match declaration(rest)? {
                Some(begun) => begun,
                None => return Ok(Step::More),
            },
            Some(b'?') => (2, Place::Until(b"?>")),
            Some(b'/') if self.depth > 1 => {
                self.depth -= 1;
                (2, Place::Content)
            }
            Some(b'/') => (2, Place::RootEnd),
            Some(_) => (1, Place::StartTag),
        };
        self.only_comments &= rest.starts_with(b"<!--");
        Ok(self.go(self.at + len, place))
    }

    /// In a start tag, outside its attribute values, up to its end.
    fn start_tag(&mut self, bytes: &[u8]) -> Step {
        let rest = rest(bytes, self.at);
        let ends = |byte: &u8| matches!(byte, b'<' | b'>' | b'"' | b'\'');
        let Some(found) = rest.iter().position(ends) else {
            return self.all(bytes);
        };
        let found = self.at + found;
        match bytes.get(found) {
            Some(b'>') => {}
            Some(b'<') => return self.cut_short(found),
            Some(&quote) => return self.go(found + 1, Place::Value(quote)),
            None => return Step::More,
        }
        self.at = found + 1;
        self.place = Place::Content;
        let empty = bytes.get(found.wrapping_sub(1)) == Some(&b'/');
        if !empty {
            self.depth += 1;
        } else if self.depth == 0 {
            return Step::End;
        } else {
            // What stopped the blocks is passed.
            self.blocks_from = self.at;
        }
        Step::On
    }

    /// In an attribute value, up to its `quote`.
    fn value(&mut self, bytes: &[u8], quote: u8) -> Step {
        let Some(found) = memchr2(quote, b'<', rest(bytes, self.at)) else {
            return self.all(bytes);
        };
        let found = self.at + found;
        match bytes.get(found) {
            Some(b'<') => self.cut_short(found),
            _ => self.go(found + 1, Place::StartTag),
        }
    }

    /// A `<` at `at` in a start tag, which is not well-formed. It begins markup as everywhere, so that what stands before a `<` says
    /// nothing but how deep it is, and whole blocks come to the same as bytes.
    fn cut_short(&mut self, at: usize) -> Step {
        self.depth += 1;
        self.go(at, Place::Content)
    }

    fn root_end(&mut self, bytes: &[u8]) -> Step {
        match memchr(b'>', rest(bytes, self.at)) {
            Some(found) => {
                self.at += found + 1;
                Step::End
            }
            None => self.all(bytes),
        }
    }

    /// Up to `end` and over it.
    fn until(&mut self, bytes: &[u8], end: &'static [u8]) -> Step {
        let Some((&first, others)) = end.split_first() else {
            return self.go(self.at, Place::Content);
        };
        loop {
            let Some(found) = memchr(first, rest(bytes, self.at)) else {
                return self.all(bytes);
            };
            self.at += found;
            let behind = rest(bytes, self.at + 1);
            if behind.starts_with(others) {
                return self.go(self.at + end.len(), Place::Content);
            }
            if others.starts_with(behind) {
                return Step::More;
            }
            self.at += 1;
        }
    }

    fn go(&mut self, at: usize, place: Place) -> Step {
        self.at = at;
        self.place = place;
        Step::On
    }

    /// All of `bytes` is done with.
    fn all(&mut self, bytes: &[u8]) -> Step {
        self.at = bytes.len();
        Step::More
    }
}

/// What the `<!` at the start of `rest` begins, and its length; `None` if there are too few bytes to tell.
fn declaration(rest: &[u8]) -> Result<Option<(usize, Place)>, FrameError> {
    for (begin, place) in DECLARATIONS {
        if rest.starts_with(begin) {
            return place.map(|place| Some((begin.len(), place)));
        }
        if begin.starts_with(rest) {
            return Ok(None);
        }
    }
    Err(FrameError::Declaration)
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn rest(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// What the `<` of a block begin.
struct Tags {
    /// Start and end tags.
    all: usize,
    /// End tags.
    ends: usize,
    /// There is also something else: the end of an element without content, or what may be; or `<!` or `<?`.
    others: bool,
}

impl Tags {
    /// Counts in `block`; `shifted` is the block one byte behind it. Without a branch, so that it is done sixteen bytes at a time.
    #[inline]
    fn count(block: &[u8; BLOCK], shifted: &[u8; BLOCK]) -> Self {
        let (mut all, mut ends, mut others) = (0u8, 0u8, false);
        for (&byte, &next) in block.iter().zip(shifted) {
            let begins = byte == b'<';
            all += u8::from(begins);
            ends += u8::from(begins & (next == b'/'));
            others |= begins & ((next == b'!') | (next == b'?'));
            others |= (byte == b'/') & (next == b'>');
        }
        Self {
            all: usize::from(all),
            ends: usize::from(ends),
            others,
        }
    }
}

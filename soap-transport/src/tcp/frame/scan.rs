//! The way through one document to the end of its root element.

use memchr::{memchr, memchr3};

use super::FrameError;

/// Where in a document the bytes seen so far end, and how many elements are open there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    /// Bytes done with.
    at: usize,
    depth: usize,
    place: Place,
    only_comments: bool,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    /// Text, or the rest of an end tag other than the root's, or what may stand before the root.
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

    /// In the root: what most bytes are, text and whole tags, at a stretch.
    fn content(&mut self, bytes: &[u8]) -> Step {
        loop {
            let Some(found) = find(rest(bytes, self.at), b'<') else {
                return self.all(bytes);
            };
            self.at += found;
            match bytes.get(self.at + 1) {
                // The `>` of an end tag needs no look: no `<` can stand before it.
                Some(b'/') if self.depth > 1 => {
                    self.depth -= 1;
                    self.at += 2;
                }
                Some(b'/' | b'!' | b'?') | None => return self.go(self.at, Place::Markup),
                Some(_) => {
                    self.at += 1;
                    match self.start_tag(bytes) {
                        Step::On => {}
                        step => return step,
                    }
                }
            }
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
    #[inline(always)]
    fn start_tag(&mut self, bytes: &[u8]) -> Step {
        loop {
            let Some(found) = find_in_tag(rest(bytes, self.at)) else {
                self.place = Place::StartTag;
                return self.all(bytes);
            };
            let found = self.at + found;
            self.at = found + 1;
            match bytes.get(found) {
                Some(&quote) if quote != b'>' => match self.value(bytes, quote) {
                    Step::On => {}
                    step => return step,
                },
                _ => break,
            }
        }
        self.place = Place::Content;
        let last = self.at.checked_sub(2).and_then(|last| bytes.get(last));
        match (last == Some(&b'/'), self.depth) {
            (true, 0) => return Step::End,
            (true, _) => {}
            (false, _) => self.depth += 1,
        }
        Step::On
    }

    /// In an attribute value, up to its `quote`.
    #[inline(always)]
    fn value(&mut self, bytes: &[u8], quote: u8) -> Step {
        match find(rest(bytes, self.at), quote) {
            Some(found) => self.go(self.at + found + 1, Place::StartTag),
            None => {
                self.place = Place::Value(quote);
                self.all(bytes)
            }
        }
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

    #[inline(always)]
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

/// Words looked at before memchr is called: tags and most values are so short that a call costs more.
const WORDS: usize = 4;

/// The first `needle`.
#[inline(always)]
fn find(bytes: &[u8], needle: u8) -> Option<usize> {
    let words = bytes.as_chunks::<8>().0;
    for (index, word) in words.iter().take(WORDS).enumerate() {
        let hits = hits(*word, needle);
        if hits != 0 {
            return Some(index * 8 + first(hits));
        }
    }
    let done = words.len().min(WORDS) * 8;
    memchr(needle, rest(bytes, done)).map(|at| done + at)
}

/// The first `>` or quote.
#[inline(always)]
fn find_in_tag(bytes: &[u8]) -> Option<usize> {
    let words = bytes.as_chunks::<8>().0;
    for (index, word) in words.iter().take(WORDS).enumerate() {
        let hits = hits(*word, b'>') | hits(*word, b'"') | hits(*word, b'\'');
        if hits != 0 {
            return Some(index * 8 + first(hits));
        }
    }
    let done = words.len().min(WORDS) * 8;
    memchr3(b'>', b'"', b'\'', rest(bytes, done)).map(|at| done + at)
}

/// The high bit of each byte of `word` that is `needle`. Above the first one others may be marked too.
#[inline(always)]
fn hits(word: [u8; 8], needle: u8) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero = u64::from_le_bytes(word) ^ u64::from_ne_bytes([needle; 8]);
    zero.wrapping_sub(LOW) & !zero & HIGH
}

#[inline(always)]
fn first(hits: u64) -> usize {
    hits.trailing_zeros() as usize / 8
}

//! What stands between tags: text, references, CDATA sections, comments, and the ends of the document.

use std::borrow::Cow;

use super::super::scan::{self, COMMENT, ReferenceError, SPACE, TEXT};
use super::super::{ReadError, ReadErrorKind};
use super::Reader;

impl<'x> Reader<'x> {
    /// Text up to the next tag. The reader then stands at the `<` of a start or end tag.
    #[inline]
    pub(super) fn character_data(&mut self) -> Result<Cow<'x, str>, ReadError> {
        let start = self.at;
        let plain = self.pass_run()?;
        let text = self.slice(start, self.at);
        if plain && self.text.as_bytes().get(self.at + 1) != Some(&b'!') {
            return Ok(Cow::Borrowed(text));
        }
        self.character_data_in_pieces(start)
    }

    /// The same where a reference, CR, comment or CDATA section occurs; the first run, from `start`, was passed.
    fn character_data_in_pieces(&mut self, start: usize) -> Result<Cow<'x, str>, ReadError> {
        let mut text = String::with_capacity(self.at - start);
        scan::expand(self.slice(start, self.at), false, &mut text);
        while self.text.as_bytes().get(self.at + 1) == Some(&b'!') {
            if let Some((from, to)) = self.pass_declaration()? {
                push_lines(self.slice(from, to), &mut text);
            }
            let start = self.at;
            self.pass_run()?;
            scan::expand(self.slice(start, self.at), false, &mut text);
        }
        Ok(Cow::Owned(text))
    }

    /// Passes text, comments and CDATA sections up to the next tag.
    #[inline]
    pub(super) fn pass_character_data(&mut self) -> Result<(), ReadError> {
        self.pass_run()?;
        while self.text.as_bytes().get(self.at + 1) == Some(&b'!') {
            self.pass_declaration()?;
            self.pass_run()?;
        }
        Ok(())
    }

    /// Passes text up to the next `<`; true if it is as it stands: no reference, no CR.
    #[inline]
    fn pass_run(&mut self) -> Result<bool, ReadError> {
        let bytes = self.text.as_bytes();
        self.at += scan::until(bytes.get(self.at..).unwrap_or_default(), TEXT);
        match bytes.get(self.at..self.at + 2) {
            Some([b'<', second]) if *second != b'?' => Ok(true),
            _ => self.pass_unusual_run(),
        }
    }

    fn pass_unusual_run(&mut self) -> Result<bool, ReadError> {
        let bytes = self.text.as_bytes();
        let mut plain = true;
        loop {
            self.at += scan::until(bytes.get(self.at..).unwrap_or_default(), TEXT);
            match bytes.get(self.at..).unwrap_or_default() {
                [b'<', b'?', ..] => {
                    return Err(self.fail(ReadErrorKind::ProcessingInstruction, self.at, false));
                }
                [b'<', ..] => return Ok(plain),
                [b'&', ..] => {
                    plain = false;
                    self.at = self.reference(self.at)?;
                }
                [b'\r', ..] => {
                    plain = false;
                    self.at += 1;
                }
                [b']', b']', b'>', ..] => return Err(self.syntax("text holds ]]>", self.at)),
                [b']', ..] => self.at += 1,
                [] => return Err(self.unexpected_end("an element")),
                _ => self.at = self.unusual(self.at)?,
            }
        }
    }

    /// Passes the comment or CDATA section at the current place, `<!`; the range of a CDATA section's text.
    fn pass_declaration(&mut self) -> Result<Option<(usize, usize)>, ReadError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(b"<!--") {
            self.pass_comment()?;
            return Ok(None);
        }
        if !rest.starts_with(b"<![CDATA[") {
            return Err(self.wrong_declaration());
        }
        let from = self.at + 9;
        let mut at = from;
        loop {
            let bytes = self.text.as_bytes();
            at += scan::until(bytes.get(at..).unwrap_or_default(), TEXT);
            match bytes.get(at..).unwrap_or_default() {
                [b']', b']', b'>', ..] => {
                    self.at = at + 3;
                    return Ok(Some((from, at)));
                }
                [b'<' | b'&' | b'\r' | b']', ..] => at += 1,
                [] => return Err(self.unexpected_end("a CDATA section")),
                _ => at = self.unusual(at)?,
            }
        }
    }

    /// Passes the comment at the current place, `<!--`.
    fn pass_comment(&mut self) -> Result<(), ReadError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + 4;
        loop {
            at += scan::until(bytes.get(at..).unwrap_or_default(), COMMENT);
            match bytes.get(at..).unwrap_or_default() {
                [b'-', b'-', b'>', ..] => break,
                [b'-', b'-'] | [] => return Err(self.unexpected_end("a comment")),
                [b'-', b'-', ..] => return Err(self.syntax("a comment holds --", at)),
                [b'-', ..] => at += 1,
                _ => at = self.unusual(at)?,
            }
        }
        self.at = at + 3;
        self.comments += self.at - start;
        if self.comments > self.limits.comments {
            return Err(self.limit("comment bytes", self.limits.comments, start));
        }
        Ok(())
    }

    /// Passes white space and comments up to the next tag or the end of the document; in an element also empty CDATA
    /// sections and references to white space.
    pub(super) fn between_tags(&mut self) -> Result<(), ReadError> {
        let bytes = self.text.as_bytes();
        loop {
            self.at += scan::run(bytes.get(self.at..).unwrap_or_default(), SPACE);
            match bytes.get(self.at..).unwrap_or_default() {
                [] if self.open.is_empty() => return Ok(()),
                [] => return Err(self.unexpected_end("an element")),
                [b'<', b'!', b'-', ..] if bytes.get(self.at + 3) == Some(&b'-') => {
                    self.pass_comment()?
                }
                [b'<', b'!', ..] if self.open.is_empty() => return Err(self.wrong_declaration()),
                [b'<', b'!', ..] => {
                    if let Some((from, to)) = self.pass_declaration()?
                        && !scan::trim(self.slice(from, to)).is_empty()
                    {
                        return Err(self.fail(ReadErrorKind::UnexpectedText, from, false));
                    }
                }
                [b'<', b'?', ..] => {
                    return Err(self.fail(ReadErrorKind::ProcessingInstruction, self.at, false));
                }
                [b'<', ..] => return Ok(()),
                _ if self.open.is_empty() => {
                    return Err(self.syntax("there is text outside the root element", self.at));
                }
                [b'&', ..] => self.at = self.reference_to_space(self.at)?,
                _ => return Err(self.stray_text()),
            }
        }
    }

    #[cold]
    fn stray_text(&mut self) -> ReadError {
        let at = self.at;
        match self.pass_run() {
            Ok(_) => self.fail(ReadErrorKind::UnexpectedText, at, false),
            Err(error) => error,
        }
    }

    fn reference_to_space(&self, at: usize) -> Result<usize, ReadError> {
        let end = self.reference(at)?;
        match scan::reference(self.slice(at, end), usize::MAX) {
            Ok((' ' | '\t' | '\n' | '\r', _)) => Ok(end),
            _ => Err(self.fail(ReadErrorKind::UnexpectedText, at, false)),
        }
    }

    pub(super) fn end_of_document(&self) -> Result<(), ReadError> {
        if self.open.is_empty() && self.rooted {
            Ok(())
        } else {
            Err(self.unexpected_end("an element"))
        }
    }

    /// End of the reference at `at`, a `&`.
    pub(super) fn reference(&self, at: usize) -> Result<usize, ReadError> {
        let text = self.slice(at, self.text.len());
        let kind = match scan::reference(text, self.limits.name) {
            Ok((_, len)) => return Ok(at + len),
            Err(ReferenceError::Syntax) => ReadErrorKind::Syntax("& begins no reference"),
            Err(ReferenceError::Unknown) => {
                let name = text
                    .get(1..)
                    .and_then(|text| text.split(';').next())
                    .unwrap_or_default();
                ReadErrorKind::UnknownEntity(name.to_owned())
            }
            Err(ReferenceError::Forbidden(code)) => ReadErrorKind::ForbiddenCharacter(code),
            Err(ReferenceError::End) => ReadErrorKind::UnexpectedEnd("a reference"),
        };
        Err(self.fail(kind, at, false))
    }

    /// Passes a character that may be forbidden: a control character, or one of U+F000 to U+FFFF.
    pub(super) fn unusual(&self, at: usize) -> Result<usize, ReadError> {
        match self.slice(at, self.text.len()).chars().next() {
            Some(c) if scan::is_char(c) => Ok(at + c.len_utf8()),
            Some(c) => Err(self.fail(ReadErrorKind::ForbiddenCharacter(u32::from(c)), at, false)),
            None => Err(self.unexpected_end("text")),
        }
    }
}

/// Appends the text of a CDATA section with its line ends normalised.
fn push_lines(raw: &str, out: &mut String) {
    let mut pieces = raw.split('\r');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push('\n');
        out.push_str(piece.strip_prefix('\n').unwrap_or(piece));
    }
}

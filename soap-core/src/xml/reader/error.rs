//! Errors of the reader: the path is built only here, from the names of the open elements.

use super::super::{ReadError, ReadErrorKind, ValueError};
use super::Reader;
use super::tag::Open;

/// A path goes no deeper once it is longer: it may end up in a fault that is sent back.
const LONGEST_PATH: usize = 1000;

impl Reader<'_> {
    /// An error of `kind` here.
    #[cold]
    pub fn error(&self, kind: ReadErrorKind) -> ReadError {
        self.fail(kind, self.at, true)
    }

    /// The current element may occur only once.
    #[cold]
    pub fn repeated(&self, name: &str) -> ReadError {
        self.about_element(ReadErrorKind::Repeated(name.to_owned()))
    }

    /// The element just closed lacks `name`.
    #[cold]
    pub fn missing(&self, name: &str) -> ReadError {
        self.about_element(ReadErrorKind::Missing(name.to_owned()))
    }

    /// The start tag just passed (or element just closed) lacks attribute `name`.
    #[cold]
    pub fn missing_attribute(&self, name: &str) -> ReadError {
        self.about_element(ReadErrorKind::MissingAttribute(name.to_owned()))
    }

    /// The attribute at `index` has no value of its type.
    #[cold]
    pub fn attribute_error(&self, index: usize, error: ValueError) -> ReadError {
        let at = self
            .attributes
            .get(index)
            .map_or(self.at, |attribute| attribute.value);
        let mut path = self.path(true);
        if let Some((_, local)) = self.attribute(index) {
            path.push_str("/@");
            path.push_str(local);
        }
        ReadError::new(ReadErrorKind::Value(error), at, path)
    }

    /// The element just closed has no value of its type.
    #[cold]
    pub fn value_error(&self, error: ValueError) -> ReadError {
        self.about_element(ReadErrorKind::Value(error))
    }

    /// The current element is not expected (`deny_unknown`).
    #[cold]
    pub fn unexpected(&self) -> ReadError {
        self.about_element(ReadErrorKind::UnexpectedElement(
            self.local_name().to_owned(),
        ))
    }

    /// The current element, of that name, should have come before one that was met earlier (`ordered`).
    #[cold]
    pub(crate) fn out_of_order(&self, name: &str) -> ReadError {
        self.error(ReadErrorKind::OutOfOrder(name.to_owned()))
    }

    /// At the start tag of the element just closed, or else of the current one.
    fn about_element(&self, kind: ReadErrorKind) -> ReadError {
        let element = if self.just_closed {
            Some(&self.closed)
        } else {
            self.open.last()
        };
        let at = element.map_or(self.at, |element| element.name.start.saturating_sub(1));
        self.fail(kind, at, true)
    }

    /// An error at byte `at`; `closed` if it may be about the element just closed.
    #[cold]
    pub(super) fn fail(&self, kind: ReadErrorKind, at: usize, closed: bool) -> ReadError {
        ReadError::new(kind, at, self.path(closed))
    }

    fn path(&self, closed: bool) -> String {
        let mut path = String::new();
        let just_closed = (closed && self.just_closed).then_some(&self.closed);
        for Open { name, .. } in self.open.iter().chain(just_closed) {
            path.push('/');
            if path.len() > LONGEST_PATH {
                path.push('…');
                break;
            }
            path.push_str(self.slice(name.local, name.end));
        }
        path
    }

    #[cold]
    pub(super) fn syntax(&self, what: &'static str, at: usize) -> ReadError {
        self.fail(ReadErrorKind::Syntax(what), at, false)
    }

    #[cold]
    pub(super) fn limit(&self, what: &'static str, limit: usize, at: usize) -> ReadError {
        self.fail(ReadErrorKind::Limit { what, limit }, at, false)
    }

    #[cold]
    pub(super) fn unexpected_end(&self, what: &'static str) -> ReadError {
        self.fail(ReadErrorKind::UnexpectedEnd(what), self.text.len(), false)
    }

    #[cold]
    pub(super) fn undeclared(&self, prefix: &str, at: usize) -> ReadError {
        self.fail(
            ReadErrorKind::UndeclaredPrefix(prefix.to_owned()),
            at,
            false,
        )
    }

    /// `<!` that begins neither a comment nor a CDATA section where it could stand.
    #[cold]
    pub(super) fn wrong_declaration(&self) -> ReadError {
        let rest = self.slice(self.at, self.text.len());
        if rest.starts_with("<!DOCTYPE") {
            return self.fail(ReadErrorKind::Dtd, self.at, false);
        }
        if ["<!--", "<![CDATA["]
            .iter()
            .any(|whole| whole.starts_with(rest))
        {
            return self.unexpected_end("markup");
        }
        self.syntax("<! begins neither a comment nor a CDATA section", self.at)
    }

    /// A child in an element of which the text was asked for.
    #[cold]
    pub(super) fn child_of_text(&mut self) -> ReadError {
        let at = self.at;
        match self.start_tag() {
            Ok((_, local)) => self.fail(
                ReadErrorKind::UnexpectedElement(local.to_owned()),
                at,
                false,
            ),
            Err(error) => error,
        }
    }
}

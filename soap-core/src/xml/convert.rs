//! Values and elements: the traits that derives implement and generated code calls.
//!
//! Three layers: a [`SimpleType`] has a lexical form (attribute or text), a [`ToXml`]/[`FromXml`] value is the content of an
//! element, and [`WriteField`]/[`ReadField`] add how often that element occurs (`T` once, `Option<T>` at most once, `Vec<T>`
//! any number of times).

#![expect(
    clippy::question_mark,
    reason = "what is compiled for every type has plain matches: the compiler makes several times the code for `?`"
)]

use std::borrow::Cow;

use super::{Prefix, ReadError, Reader, Tag, WriteError, Writer};

/// Where a lexical form is written; it decides what is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Between two tags.
    Text,
    /// Inside the quotes of an attribute.
    Attribute,
}

/// A value with a lexical form: what may stand in an attribute or as the text of an element.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no lexical form, so it cannot be an attribute, text or a list item",
    note = "use a built-in type or an enum of unit variants with `#[derive(SoapType)]`"
)]
pub trait SimpleType<'x>: Sized {
    /// Reads the lexical form. White space is as in the document: implementations collapse it unless it means something.
    ///
    /// # Errors
    /// Says what is wrong with the value; the reader adds the place.
    fn from_lexical(text: Cow<'x, str>, reader: &Reader<'x>) -> Result<Self, ValueError>;

    /// Writes the lexical form, escaped for `place`.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError>;
}

/// Why a lexical form is no value of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct ValueError {
    text: String,
    expected: &'static str,
}

impl ValueError {
    /// `text` is not `expected` (with its article: `"an xsd:int"`). At most 64 characters of the text are kept.
    #[cold]
    pub fn new(text: &str, expected: &'static str) -> Self {
        Self {
            text: text.chars().take(64).collect(),
            expected,
        }
    }
}

/// What can be the content of an element, written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as XML",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait ToXml {
    /// True if a value may write attributes: the start tag is then left open for them.
    const ATTRIBUTES: bool = false;

    /// Writes the attributes, each with a blank in front.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError> {
        let _ = writer;
        Ok(())
    }

    /// Writes what stands between the tags.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

/// What can be read from an element.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from XML",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait FromXml<'x>: Sized {
    /// True if the type reads `xsi:nil` itself; of other types an `Option` takes a nil element for absent.
    const NILLABLE: bool = false;

    /// Reads the element whose start tag the reader has just passed, to its end tag.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError>;

    /// The same, but refuses `xsi:nil="true"` if the type does not read it.
    ///
    /// # Errors
    /// Says what is wrong and where.
    #[inline]
    fn from_element(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        if !Self::NILLABLE
            && let Err(error) = reader.refuse_nil()
        {
            return Err(error);
        }
        Self::from_xml(reader)
    }
}

/// Reads an element that holds nothing but the lexical form of a value.
///
/// # Errors
/// Says what is wrong with the value and where it stands.
pub fn simple_content<'x, T: SimpleType<'x>>(reader: &mut Reader<'x>) -> Result<T, ReadError> {
    let text = reader.text()?;
    T::from_lexical(text, reader).map_err(|error| reader.value_error(error))
}

/// `text` without white space around it, and one blank for each run inside it (XML Schema part 2, 4.3.6).
pub fn collapse(text: &str) -> Cow<'_, str> {
    let is_space = |c| matches!(c, ' ' | '\t' | '\n' | '\r');
    let text = text.trim_matches(is_space);
    if !text.contains(['\t', '\n', '\r']) && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let words = text.split(is_space).filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// A type that is an element of its own: it can be a header block, a fault detail or the whole Body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no element name of its own",
    note = "derive `SoapType` on it and give it a namespace: `#[soap(namespace = \"…\")]`"
)]
pub trait RootElement {
    /// Namespace of the element.
    const NAMESPACE: &'static super::Namespace;
    /// Local name of the element.
    const NAME: &'static str;
    /// Its tags.
    const TAG: &'static Tag;
}

/// No element at all: the Body of a bare answer is empty.
impl RootElement for () {
    const NAMESPACE: &'static super::Namespace = &super::Namespace::NONE;
    const NAME: &'static str = "";
    const TAG: &'static Tag = &Tag::new("", "");
}

/// A part of a struct that is written as none, one or several elements.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as XML",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait WriteField {
    /// Writes the elements, each with `tag`.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError>;
}

/// A part of a struct that is read from none, one or several elements.
///
/// What has been read so far stands in an `Option`, `None` before the first element.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from XML",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait ReadField<'x>: Sized {
    /// Reads one element and adds it to what has been read.
    ///
    /// # Errors
    /// Fails if the element is repeated though it may occur once only, or cannot be read.
    fn read(
        kept: &mut Option<Self>,
        name: &'static str,
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError>;

    /// The value where no element stands, if there is one.
    fn absent() -> Option<Self> {
        None
    }

    /// The value, when the parent element has ended.
    ///
    /// # Errors
    /// Fails if a required element is missing.
    fn finish(
        kept: Option<Self>,
        name: &'static str,
        reader: &Reader<'x>,
    ) -> Result<Self, ReadError> {
        kept.or_else(Self::absent)
            .ok_or_else(|| reader.missing(name))
    }
}

#[diagnostic::do_not_recommend]
impl<T: ToXml> WriteField for T {
    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        if T::ATTRIBUTES {
            writer.open_start(prefix, tag);
            if let Err(error) = self.attributes(writer) {
                return Err(error);
            }
            writer.plain(">");
        } else {
            writer.open(prefix, tag);
        }
        let written = self.content(writer);
        writer.close(prefix, tag);
        written
    }
}

impl<T: ToXml> WriteField for Option<T> {
    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        match self {
            Some(value) => value.write(writer, prefix, tag),
            None => Ok(()),
        }
    }
}

impl<T: ToXml> WriteField for Vec<T> {
    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        for value in self {
            if let Err(error) = value.write(writer, prefix, tag) {
                return Err(error);
            }
        }
        Ok(())
    }
}

impl<T: ToXml> WriteField for &[T] {
    #[inline]
    fn write(
        &self,
        writer: &mut Writer,
        prefix: Prefix,
        tag: &'static Tag,
    ) -> Result<(), WriteError> {
        self.iter()
            .try_for_each(|value| value.write(writer, prefix, tag))
    }
}

impl WriteField for () {
    fn write(&self, _: &mut Writer, _: Prefix, _: &'static Tag) -> Result<(), WriteError> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<'x, T: FromXml<'x>> ReadField<'x> for T {
    fn read(
        kept: &mut Option<T>,
        name: &'static str,
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError> {
        if let Err(error) = reader.begin_required(kept.is_some(), name, T::NILLABLE) {
            return Err(error);
        }
        match T::from_xml(reader) {
            Ok(value) => *kept = Some(value),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// The outer `Some` of what has been read: the element was there; the inner `None`: it was `xsi:nil`.
impl<'x, T: FromXml<'x>> ReadField<'x> for Option<T> {
    fn read(
        kept: &mut Option<Self>,
        name: &'static str,
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError> {
        match reader.begin_optional(kept.is_some(), name, T::NILLABLE) {
            Ok(true) => *kept = Some(None),
            Ok(false) => match T::from_xml(reader) {
                Ok(value) => *kept = Some(Some(value)),
                Err(error) => return Err(error),
            },
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<'x, T: FromXml<'x>> ReadField<'x> for Vec<T> {
    fn read(
        kept: &mut Option<Self>,
        name: &'static str,
        reader: &mut Reader<'x>,
    ) -> Result<(), ReadError> {
        if let Err(error) = reader.begin_required(false, name, T::NILLABLE) {
            return Err(error);
        }
        if kept.is_none() {
            *kept = Some(Self::new());
        }
        match (T::from_xml(reader), kept) {
            (Ok(value), Some(values)) => values.push(value),
            (Ok(_), None) => {}
            (Err(error), _) => return Err(error),
        }
        Ok(())
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<'x> ReadField<'x> for () {
    fn read(_: &mut Option<()>, _: &'static str, reader: &mut Reader<'x>) -> Result<(), ReadError> {
        reader.skip()
    }

    fn absent() -> Option<()> {
        Some(())
    }
}

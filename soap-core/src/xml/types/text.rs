//! `xsd:string` and `xsd:anyURI`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::element_of;
use crate::describe::{Describe, TypeDescription};
use crate::xml::{
    FromXml, Place, ReadError, Reader, SimpleType, ToXml, ValueError, WriteError, Writer, scan,
};

impl<'x> SimpleType<'x> for String {
    #[inline]
    fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
        Ok(text.into_owned())
    }

    #[inline]
    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError> {
        writer.text(self, place)
    }
}

element_of!(String => "string");

impl<'x> SimpleType<'x> for Cow<'x, str> {
    #[inline]
    fn from_lexical(text: Self, _: &Reader<'x>) -> Result<Self, ValueError> {
        Ok(text)
    }

    #[inline]
    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError> {
        writer.text(self, place)
    }
}

impl<'x> FromXml<'x> for Cow<'x, str> {
    #[inline]
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        reader.text()
    }
}

impl ToXml for Cow<'_, str> {
    #[inline]
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        writer.text(self, Place::Text)
    }
}

impl Describe for Cow<'_, str> {
    fn describe() -> &'static TypeDescription {
        String::describe()
    }
}

impl ToXml for str {
    #[inline]
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        writer.text(self, Place::Text)
    }
}

impl Describe for str {
    fn describe() -> &'static TypeDescription {
        String::describe()
    }
}

/// `xsd:anyURI`: text whose white space is collapsed, and not looked into further.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AnyUri(String);

impl AnyUri {
    /// The URI as a `String`.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for AnyUri {
    fn from(uri: String) -> Self {
        Self(uri)
    }
}

impl From<&str> for AnyUri {
    fn from(uri: &str) -> Self {
        Self(uri.to_owned())
    }
}

impl Deref for AnyUri {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AnyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'x> SimpleType<'x> for AnyUri {
    fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
        let words: Vec<&str> = scan::trim(&text)
            .split([' ', '\t', '\n', '\r'])
            .filter(|word| !word.is_empty())
            .collect();
        Ok(Self(words.join(" ")))
    }

    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError> {
        writer.text(&self.0, place)
    }
}

element_of!(AnyUri => "anyURI");

//! Lists of simple values (`xsd:list`).

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use crate::describe::{Describe, TypeDescription};
use crate::xml::{
    FromXml, Place, ReadError, Reader, SimpleType, ToXml, ValueError, WriteError, Writer,
    simple_content,
};

const SPACES: [char; 4] = [' ', '\t', '\n', '\r'];

/// Values of one simple type, separated by white space in one text or attribute. (A `Vec<T>` is as many elements.)
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T>(Vec<T>);

impl<T> List<T> {
    /// The values.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<'x, T: SimpleType<'x>> SimpleType<'x> for List<T> {
    fn from_lexical(text: Cow<'x, str>, reader: &Reader<'x>) -> Result<Self, ValueError> {
        match text {
            Cow::Borrowed(text) => words(text)
                .map(|word| T::from_lexical(Cow::Borrowed(word), reader))
                .collect(),
            Cow::Owned(text) => words(&text)
                .map(|word| T::from_lexical(Cow::Owned(word.to_owned()), reader))
                .collect(),
        }
    }

    /// Values are separated by a blank; one whose text holds white space reads back as several.
    fn write_lexical(&self, writer: &mut Writer, place: Place) -> Result<(), WriteError> {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                writer.plain(" ");
            }
            value.write_lexical(writer, place)?;
        }
        Ok(())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(SPACES).filter(|word| !word.is_empty())
}

impl<'x, T: SimpleType<'x>> FromXml<'x> for List<T> {
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        simple_content(reader)
    }
}

impl<T: for<'x> SimpleType<'x>> ToXml for List<T> {
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        self.write_lexical(writer, Place::Text)
    }
}

impl<T: Describe> Describe for List<T> {
    fn describe() -> &'static TypeDescription {
        const { &TypeDescription::List(<T as Describe>::describe) }
    }
}

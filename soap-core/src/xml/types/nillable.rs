//! `xsi:nil`.

use crate::describe::{Describe, TypeDescription};
use crate::xml::{FromXml, ReadError, Reader, ToXml, WriteError, Writer};

/// The content of a nillable element: a value, or `xsi:nil="true"`. `Option<Nillable<T>>` may be absent too.
///
/// ```
/// use soap_core::types::Nillable;
/// let name: Nillable<String> = Nillable::Value("Ann".to_owned());
/// assert_eq!(name.as_ref().into_option().map(String::as_str), Some("Ann"));
/// assert_eq!(Nillable::<String>::from(None), Nillable::Nil);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "there is no third state")]
pub enum Nillable<T> {
    /// There is a value.
    Value(T),
    /// The element is nil.
    #[default]
    Nil,
}

impl<T> Nillable<T> {
    /// The value, if there is one.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nil => None,
        }
    }

    /// The same with a reference.
    pub fn as_ref(&self) -> Nillable<&T> {
        match self {
            Self::Value(value) => Nillable::Value(value),
            Self::Nil => Nillable::Nil,
        }
    }

    /// True if there is no value.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

impl<T> From<T> for Nillable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Nillable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Self::Value)
    }
}

impl<T: ToXml> ToXml for Nillable<T> {
    const ATTRIBUTES: bool = true;

    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError> {
        match self {
            Self::Value(value) => value.attributes(writer),
            Self::Nil => {
                writer.nil();
                Ok(())
            }
        }
    }

    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        match self {
            Self::Value(value) => value.content(writer),
            Self::Nil => Ok(()),
        }
    }
}

impl<'x, T: FromXml<'x>> FromXml<'x> for Nillable<T> {
    const NILLABLE: bool = true;

    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        if reader.nil()? {
            Ok(Self::Nil)
        } else {
            T::from_xml(reader).map(Self::Value)
        }
    }
}

impl<T: Describe> Describe for Nillable<T> {
    const NILLABLE: bool = true;

    fn describe() -> &'static TypeDescription {
        T::describe()
    }
}

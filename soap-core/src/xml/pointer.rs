//! References and boxes: what they point to.

use crate::xml::{FromXml, ReadError, Reader, ToXml, WriteError, Writer};

impl<T: ToXml + ?Sized> ToXml for &T {
    const ATTRIBUTES: bool = T::ATTRIBUTES;

    #[inline]
    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError> {
        T::attributes(self, writer)
    }

    #[inline]
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        T::content(self, writer)
    }
}

impl<T: ToXml + ?Sized> ToXml for Box<T> {
    const ATTRIBUTES: bool = T::ATTRIBUTES;

    #[inline]
    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError> {
        T::attributes(self, writer)
    }

    #[inline]
    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        T::content(self, writer)
    }
}

impl<'x, T: FromXml<'x>> FromXml<'x> for Box<T> {
    const NILLABLE: bool = T::NILLABLE;

    #[inline]
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        match T::from_xml(reader) {
            Ok(value) => Ok(Self::new(value)),
            Err(error) => Err(error),
        }
    }
}

//! `xsd:boolean`.

use std::borrow::Cow;

use super::element_of;
use crate::xml::{Place, Reader, SimpleType, ValueError, WriteError, Writer, scan};

impl<'x> SimpleType<'x> for bool {
    #[inline]
    fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
        match scan::trim(&text) {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(ValueError::new(&text, "an xsd:boolean")),
        }
    }

    #[inline]
    fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
        writer.plain(if *self { "true" } else { "false" });
        Ok(())
    }
}

element_of!(bool => "boolean");

//! The simple types of XML Schema (Part 2) and the Rust types that hold them.
//!
//! Every type reads its whole lexical space, white space collapsed first where the type says so, and nothing else: what Rust's
//! own `parse` takes beyond it is refused. Only the four white space characters of XML count.

mod binary;
mod boolean;
mod calendar;
mod date;
mod datetime;
mod decimal;
mod duration;
mod list;
mod nillable;
mod number;
mod qname;
#[cfg(test)]
mod tests;
mod text;
mod time;

pub use binary::{Base64Binary, HexBinary};
pub use calendar::TimeZone;
pub use date::Date;
pub use datetime::DateTime;
pub use decimal::Decimal;
pub use duration::Duration;
pub use list::List;
pub use nillable::Nillable;
pub use qname::QName;
pub use text::AnyUri;
pub use time::Time;

/// Makes a simple type the content of an element, and describes it as `xsd:$name`.
macro_rules! element_of {
    ($($type:ty => $name:literal),+ $(,)?) => {$(
        impl<'x> $crate::xml::FromXml<'x> for $type {
            #[inline]
            fn from_xml(reader: &mut $crate::xml::Reader<'x>) -> Result<Self, $crate::xml::ReadError> {
                $crate::xml::simple_content(reader)
            }
        }

        impl $crate::xml::ToXml for $type {
            #[inline]
            fn content(&self, writer: &mut $crate::xml::Writer) -> Result<(), $crate::xml::WriteError> {
                $crate::xml::SimpleType::write_lexical(self, writer, $crate::xml::Place::Text)
            }
        }

        impl $crate::describe::Describe for $type {
            fn describe() -> &'static $crate::describe::TypeDescription {
                &$crate::describe::TypeDescription::BuiltIn($name)
            }
        }
    )+};
}

/// Makes a type with `FromStr` and `Display`, whose text needs no escaping, a simple type.
macro_rules! simple_by_display {
    ($($type:ty => $name:literal),+ $(,)?) => {$(
        impl<'x> $crate::xml::SimpleType<'x> for $type {
            #[inline]
            fn from_lexical(
                text: std::borrow::Cow<'x, str>,
                _: &$crate::xml::Reader<'x>,
            ) -> Result<Self, $crate::xml::ValueError> {
                text.parse()
            }

            #[inline]
            fn write_lexical(
                &self,
                writer: &mut $crate::xml::Writer,
                _: $crate::xml::Place,
            ) -> Result<(), $crate::xml::WriteError> {
                writer.display(self);
                Ok(())
            }
        }

        $crate::xml::types::element_of!($type => $name);
    )+};
}

use {element_of, simple_by_display};

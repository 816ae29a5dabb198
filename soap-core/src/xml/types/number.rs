//! The integers of fixed size, `xsd:float` and `xsd:double`.

use std::borrow::Cow;

use super::element_of;
use crate::xml::{Place, Reader, SimpleType, ValueError, WriteError, Writer, scan};

macro_rules! integers {
    ($($type:ty => $name:literal, $expected:literal, $zero:expr);+ $(;)?) => {$(
        impl<'x> SimpleType<'x> for $type {
            #[inline]
            fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
                let digits = scan::trim(&text);
                match digits.parse() {
                    Ok(value) => Ok(value),
                    Err(_) if $zero && is_negative_zero(digits) => Ok(0),
                    Err(_) => Err(ValueError::new(&text, $expected)),
                }
            }

            #[inline]
            fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
                writer.plain(itoa::Buffer::new().format(*self));
                Ok(())
            }
        }

        element_of!($type => $name);
    )+};
}

integers! {
    i8 => "byte", "an xsd:byte", false;
    i16 => "short", "an xsd:short", false;
    i32 => "int", "an xsd:int", false;
    i64 => "long", "an xsd:long", false;
    i128 => "integer", "an xsd:integer of at most 128 bits", false;
    u8 => "unsignedByte", "an xsd:unsignedByte", true;
    u16 => "unsignedShort", "an xsd:unsignedShort", true;
    u32 => "unsignedInt", "an xsd:unsignedInt", true;
    u64 => "unsignedLong", "an xsd:unsignedLong", true;
    u128 => "nonNegativeInteger", "an xsd:nonNegativeInteger of at most 128 bits", true;
}

/// `-0`, which XSD allows for unsigned types and Rust does not.
fn is_negative_zero(digits: &str) -> bool {
    digits
        .strip_prefix('-')
        .is_some_and(|zeros| !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0'))
}

macro_rules! floats {
    ($($type:ident => $name:literal, $expected:literal);+ $(;)?) => {$(
        impl<'x> SimpleType<'x> for $type {
            #[inline]
            fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
                let digits = scan::trim(&text);
                // Rust reads `inf`, `infinity` and `nan` in any case; all else that it reads is in the lexical space
                let unsigned = digits.as_bytes().strip_prefix(b"-").or(digits.as_bytes().strip_prefix(b"+"));
                match unsigned.unwrap_or(digits.as_bytes()).first() {
                    Some(b'0'..=b'9' | b'.') => match digits.parse() {
                        Ok(value) => Ok(value),
                        Err(_) => Err(ValueError::new(&text, $expected)),
                    },
                    _ => match digits {
                        "INF" | "+INF" => Ok($type::INFINITY),
                        "-INF" => Ok($type::NEG_INFINITY),
                        "NaN" => Ok($type::NAN),
                        _ => Err(ValueError::new(&text, $expected)),
                    },
                }
            }

            #[inline]
            fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
                if self.is_finite() {
                    writer.plain(zmij::Buffer::new().format_finite(*self));
                } else {
                    writer.plain(if self.is_nan() { "NaN" } else if *self > 0.0 { "INF" } else { "-INF" });
                }
                Ok(())
            }
        }

        element_of!($type => $name);
    )+};
}

floats! {
    f32 => "float", "an xsd:float";
    f64 => "double", "an xsd:double";
}

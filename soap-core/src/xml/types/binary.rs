//! `xsd:base64Binary` and `xsd:hexBinary`.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::element_of;
use crate::xml::scan::{self, SPACE};
use crate::xml::{Place, Reader, SimpleType, ValueError, WriteError, Writer};

/// Bytes written in base64 (`xsd:base64Binary`). A `Vec<u8>` is something else: a list, with an element for each byte.
///
/// ```
/// use soap_core::types::Base64Binary;
/// let signature = Base64Binary::from(b"abc");
/// assert_eq!(signature.len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Base64Binary(Vec<u8>);

/// Bytes written in hexadecimal (`xsd:hexBinary`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HexBinary(Vec<u8>);

macro_rules! bytes_within {
    ($($type:ident),+) => {$(
        impl $type {
            /// The bytes.
            pub fn into_vec(self) -> Vec<u8> {
                self.0
            }
        }

        impl From<Vec<u8>> for $type {
            fn from(bytes: Vec<u8>) -> Self {
                Self(bytes)
            }
        }

        impl From<&[u8]> for $type {
            fn from(bytes: &[u8]) -> Self {
                Self(bytes.to_vec())
            }
        }

        impl<const N: usize> From<&[u8; N]> for $type {
            fn from(bytes: &[u8; N]) -> Self {
                Self(bytes.to_vec())
            }
        }

        impl From<bytes::Bytes> for $type {
            fn from(bytes: bytes::Bytes) -> Self {
                Self(bytes.into())
            }
        }

        impl From<$type> for Vec<u8> {
            fn from(value: $type) -> Self {
                value.0
            }
        }

        impl Deref for $type {
            type Target = Vec<u8>;

            fn deref(&self) -> &Vec<u8> {
                &self.0
            }
        }

        impl DerefMut for $type {
            fn deref_mut(&mut self) -> &mut Vec<u8> {
                &mut self.0
            }
        }
    )+};
}

bytes_within!(Base64Binary, HexBinary);

impl<'x> SimpleType<'x> for Base64Binary {
    fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
        let decoded = STANDARD.decode(text.as_bytes()).or_else(|_| {
            let dense: Vec<u8> = text
                .bytes()
                .filter(|&byte| !scan::is(byte, SPACE))
                .collect();
            STANDARD.decode(dense)
        });
        decoded
            .map(Self)
            .map_err(|_| ValueError::new(&text, "an xsd:base64Binary"))
    }

    fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
        writer.base64(&self.0);
        Ok(())
    }
}

impl<'x> SimpleType<'x> for HexBinary {
    fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
        let (pairs, rest) = scan::trim(&text).as_bytes().as_chunks::<2>();
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let bytes: Option<Vec<u8>> = pairs
            .iter()
            .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
            .collect();
        match bytes {
            Some(bytes) if rest.is_empty() => Ok(Self(bytes)),
            _ => Err(ValueError::new(&text, "an xsd:hexBinary")),
        }
    }

    fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
        ];
        let digits = |byte: &u8| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        };
        let text: String = self.0.iter().flat_map(digits).collect();
        writer.plain(&text);
        Ok(())
    }
}

element_of!(Base64Binary => "base64Binary", HexBinary => "hexBinary");

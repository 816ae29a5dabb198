//! Values and their exact bytes, one file per concept.

mod answers;
mod choices;
mod dispatch;
mod enumerations;
mod faults;
mod services;
mod structs;

use std::fmt::Debug;

use soapstone::xml::{self, FromXml, ReadErrorKind, RootElement, ToXml};

/// `value` is written as `document` (behind the XML declaration) and read back from it.
#[track_caller]
fn both_ways<T>(value: &T, document: &str)
where
    T: ToXml + RootElement + for<'x> FromXml<'x> + PartialEq + Debug,
{
    let declaration = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    let written = xml::to_string(value).unwrap();
    assert_eq!(written.strip_prefix(declaration), Some(document));
    assert_eq!(xml::from_str::<T>(&written).unwrap(), *value);
}

/// What is wrong with a document.
#[track_caller]
fn refused<T: for<'x> FromXml<'x> + RootElement + Debug>(document: &str) -> ReadErrorKind {
    xml::from_str::<T>(document).unwrap_err().kind().clone()
}

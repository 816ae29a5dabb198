//! The types of XML Schema that the standard library does not have (XML Schema Part 2: Datatypes).

pub use crate::xml::types::{
    AnyUri, Base64Binary, Date, DateTime, Decimal, Duration, HexBinary, List, Nillable, QName,
    Time, TimeZone,
};

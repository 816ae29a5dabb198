//! The table of a type: what may stand in an element, one row for each field.
//!
//! A derive emits one for each struct. It is read by ([`table`](crate::table)), and it is what the WSDL says of the type, so the two
//! cannot differ.

use super::{Occurs, TypeDescription};
use crate::xml::{Key, Namespace, Tag};

/// The attributes of a start tag, and what stands behind it.
#[derive(Debug)]
pub struct Table {
    /// The attributes.
    pub attributes: &'static [Row],
    /// All else, in the order of the fields: [`Kind::Text`] by itself, or any number of the other kinds.
    pub rows: &'static [Row],
    /// What is refused though it could be read.
    pub strictness: Strictness,
}

/// What is refused though it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strictness {
    /// Elements that do not come in the order of the rows.
    pub ordered: bool,
    /// Elements and attributes without a row.
    pub deny_unknown: bool,
    /// Elements that have the local name of a row, but another namespace.
    pub foreign: bool,
}

/// A field: an element, an attribute, text, or elements whose names decide what they are.
#[derive(Debug)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Local name of an element or attribute.
    pub name: &'static str,
    /// Its namespace; [`Namespace::NONE`] for an unqualified name.
    pub namespace: &'static Namespace,
    /// The tags of an element, or the start of an attribute.
    pub tag: Tag,
    /// How often it occurs.
    pub occurs: Occurs,
    /// Its type.
    pub of: fn() -> &'static TypeDescription,
    /// Text of its doc comment.
    pub documentation: &'static str,
    /// The name as the reader compares it.
    pub(crate) key: Key,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An attribute.
    Attribute,
    /// An element.
    Element,
    /// A choice in place, of the named type given.
    Choice,
    /// `xsd:any`.
    Any,
    /// The text of the element.
    Text,
}

/// The type of a field, and how often it occurs.
#[derive(Debug, Clone, Copy)]
pub struct FieldType {
    /// How often it occurs.
    pub occurs: Occurs,
    /// Its type.
    pub of: fn() -> &'static TypeDescription,
}

impl Table {
    /// What a type without attributes holds.
    pub const fn new(rows: &'static [Row]) -> Self {
        Self {
            attributes: &[],
            rows,
            strictness: Strictness::TOLERANT,
        }
    }
}

impl Strictness {
    /// Elements are taken in any order, and those without a row are skipped.
    pub const TOLERANT: Self = Self {
        ordered: false,
        deny_unknown: false,
        foreign: true,
    };
}

impl Row {
    /// An element.
    pub const fn element(
        (namespace, name): (&'static Namespace, &'static str),
        tag: Tag,
        ty: FieldType,
        documentation: &'static str,
    ) -> Self {
        Self {
            tag,
            ..Self::named(Kind::Element, namespace, name, ty, documentation)
        }
    }

    /// An attribute.
    pub const fn attribute(
        (namespace, name): (&'static Namespace, &'static str),
        tag: Tag,
        ty: FieldType,
        documentation: &'static str,
    ) -> Self {
        Self {
            tag,
            ..Self::named(Kind::Attribute, namespace, name, ty, documentation)
        }
    }

    /// What has no name: [`Kind::Choice`], [`Kind::Any`] or [`Kind::Text`].
    pub const fn unnamed(kind: Kind, ty: FieldType, documentation: &'static str) -> Self {
        Self::named(kind, &Namespace::NONE, "", ty, documentation)
    }

    const fn named(
        kind: Kind,
        namespace: &'static Namespace,
        name: &'static str,
        ty: FieldType,
        documentation: &'static str,
    ) -> Self {
        Self {
            kind,
            name,
            namespace,
            tag: Tag::new("", ""),
            occurs: ty.occurs,
            of: ty.of,
            documentation,
            key: Key::new(name),
        }
    }
}

//! Descriptions written by hand in few words: what macros emit.

use soap_core::{
    describe::{
        BodyElement, Content, EnumerationValue, FieldType, Kind, NamedType, Occurs, Operation,
        OutputDescription, Row, Strictness, Style, Table, TypeDescription,
    },
    xml::{Name, Namespace, Tag},
};

pub(crate) type Of = fn() -> &'static TypeDescription;

pub(crate) static NONE: Namespace = Namespace::NONE;
pub(crate) const TAG: Tag = Tag::new("<n0:a>", "</n0:a>");
pub(crate) const ONCE: Occurs = Occurs::ONCE;
pub(crate) const OPTIONAL: Occurs = Occurs {
    optional: true,
    ..ONCE
};
pub(crate) const MANY: Occurs = Occurs {
    optional: true,
    many: true,
    nillable: false,
};
pub(crate) const NILLABLE: Occurs = Occurs {
    nillable: true,
    ..ONCE
};

macro_rules! built_in {
    ($($function:ident $name:literal),*) => {$(
        pub(crate) fn $function() -> &'static TypeDescription {
            &TypeDescription::BuiltIn($name)
        }
    )*};
}
built_in!(string "string", int "int", double "double", decimal "decimal", boolean "boolean");
built_in!(date_time "dateTime", base64 "base64Binary", language "language");

pub(crate) fn any_type() -> &'static TypeDescription {
    &TypeDescription::AnyType
}

pub(crate) fn ints() -> &'static TypeDescription {
    &TypeDescription::List(int)
}

/// A type as a function that describes it.
macro_rules! describe {
    ($function:ident = $named:expr) => {
        pub(crate) fn $function() -> &'static soap_core::describe::TypeDescription {
            static DESCRIPTION: soap_core::describe::TypeDescription =
                soap_core::describe::TypeDescription::Named($named);
            &DESCRIPTION
        }
    };
}
pub(crate) use describe;

pub(crate) const fn name(namespace: &'static Namespace, local: &'static str) -> Name {
    Name { namespace, local }
}

pub(crate) const fn named(
    namespace: &'static Namespace,
    local: &'static str,
    content: Content,
) -> NamedType {
    NamedType {
        name: name(namespace, local),
        documentation: "",
        content,
    }
}

/// What a struct with attributes holds.
pub(crate) const fn with_attributes(attributes: &'static [Row], rows: &'static [Row]) -> Table {
    Table {
        attributes,
        rows,
        strictness: Strictness::TOLERANT,
    }
}

pub(crate) const fn word(value: &'static str) -> EnumerationValue {
    EnumerationValue {
        value,
        documentation: "",
    }
}

pub(crate) const fn element(
    namespace: &'static Namespace,
    name: &'static str,
    of: Of,
    occurs: Occurs,
) -> Row {
    Row::element((namespace, name), TAG, FieldType { occurs, of }, "")
}

pub(crate) const fn attribute(
    namespace: &'static Namespace,
    name: &'static str,
    of: Of,
    occurs: Occurs,
) -> Row {
    Row::attribute((namespace, name), TAG, FieldType { occurs, of }, "")
}

pub(crate) const fn any(occurs: Occurs) -> Row {
    let of = any_type;
    Row::unnamed(Kind::Any, FieldType { occurs, of }, "")
}

pub(crate) const fn choice(of: Of, occurs: Occurs, documentation: &'static str) -> Row {
    Row::unnamed(Kind::Choice, FieldType { occurs, of }, documentation)
}

pub(crate) const fn text(of: Of) -> Row {
    Row::unnamed(Kind::Text, FieldType { occurs: ONCE, of }, "")
}

pub(crate) const fn body(namespace: &'static Namespace, local: &'static str) -> BodyElement {
    BodyElement {
        name: name(namespace, local),
        tag: const { &TAG },
    }
}

pub(crate) const fn answer(element: BodyElement, result: Option<Row>) -> OutputDescription {
    OutputDescription {
        element: Some(element),
        result,
        headers: || &[],
        action: None,
    }
}

/// A wrapped operation without headers and faults.
pub(crate) const fn wrapped(
    (name, action): (&'static str, &'static str),
    input: BodyElement,
    parameters: &'static [Row],
    output: Option<OutputDescription>,
) -> Operation {
    Operation {
        name,
        action,
        default_action: "",
        documentation: "",
        style: Style::Wrapped,
        input: Some(input),
        parameters,
        input_headers: &[],
        output,
        faults: || &[],
        idempotent: false,
    }
}

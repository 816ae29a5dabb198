//! Descriptions written by hand in few words: what macros emit.

use soap_core::{
    describe::{
        AttributeDescription, BodyElement, Content, ElementDescription, EnumerationValue,
        NamedType, Occurs, Operation, OutputDescription, ResultDescription, Style, TypeDescription,
    },
    xml::{Name, Namespace, Tag},
};

pub(crate) type Of = fn() -> &'static TypeDescription;

pub(crate) static NONE: Namespace = Namespace::NONE;
pub(crate) static TAG: Tag = Tag::new("<n0:a>", "</n0:a>");
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
        attributes: &[],
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
) -> ElementDescription {
    ElementDescription {
        name,
        namespace,
        occurs,
        of,
        documentation: "",
    }
}

pub(crate) const fn attribute(
    namespace: &'static Namespace,
    name: &'static str,
    of: Of,
    required: bool,
) -> AttributeDescription {
    AttributeDescription {
        name,
        namespace,
        required,
        of,
        documentation: "",
    }
}

pub(crate) const fn body(namespace: &'static Namespace, local: &'static str) -> BodyElement {
    BodyElement {
        name: name(namespace, local),
        tag: &TAG,
    }
}

pub(crate) const fn answer(
    element: BodyElement,
    result: Option<ElementDescription>,
) -> OutputDescription {
    let result = match result {
        Some(element) => Some(ResultDescription { element, tag: &TAG }),
        None => None,
    };
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
    parameters: &'static [ElementDescription],
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

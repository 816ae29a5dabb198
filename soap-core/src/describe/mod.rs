//! Static description of types and operations: macros emit it, dispatch follows it and `?wsdl` prints it.
//!
//! Everything here is plain `'static` data. Types refer to each other by function, so recursive types cost nothing.

use crate::xml::{Name, Namespace, Tag};

mod actions;
mod addressing;
mod content;
mod contract;
mod names;
mod node;
mod same;
mod schema;
mod table;
mod types;
mod wsdl;

pub use table::{FieldType, Kind, Row, Strictness, Table};
pub use wsdl::wsdl;

/// A type of the schema.
#[derive(Debug)]
#[non_exhaustive]
pub enum TypeDescription {
    /// A built-in type of XML Schema: `int` for `xsd:int`.
    BuiltIn(&'static str),
    /// A type with a name of its own.
    Named(NamedType),
    /// A list of values of one simple type, separated by white space.
    List(fn() -> &'static Self),
    /// `xsd:anyType`, with any element.
    AnyType,
}

/// A type with a name of its own.
#[derive(Debug)]
pub struct NamedType {
    /// Name of the type.
    pub name: Name,
    /// Text of its doc comment.
    pub documentation: &'static str,
    /// What it is made of.
    pub content: Content,
}

impl NamedType {
    /// Its attributes.
    #[must_use]
    pub const fn attributes(&self) -> &'static [Row] {
        match self.content {
            Content::Fields(table) => table.attributes,
            _ => &[],
        }
    }

    /// The type of its text, where text is all that stands between its tags.
    #[must_use]
    pub const fn text(&self) -> Option<fn() -> &'static TypeDescription> {
        match self.content {
            Content::Simple(of) => Some(of),
            Content::Fields(Table {
                rows:
                    [
                        Row {
                            kind: Kind::Text,
                            of,
                            ..
                        },
                    ],
                ..
            }) => Some(*of),
            _ => None,
        }
    }
}

/// What a named type is made of.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// One of some words.
    Enumeration(&'static [EnumerationValue]),
    /// The fields of a struct: attributes, and a sequence or text.
    Fields(&'static Table),
    /// One of several elements.
    Choice(&'static [Row]),
    /// Text of a simple type.
    Simple(fn() -> &'static TypeDescription),
    /// The parent of the types that `xsi:type` may name.
    Polymorphic(&'static [Row]),
}

/// One word of an enumeration.
#[derive(Debug)]
pub struct EnumerationValue {
    /// The word.
    pub value: &'static str,
    /// Text of its doc comment.
    pub documentation: &'static str,
}

/// How often an element occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurs {
    /// `minOccurs` is 0.
    pub optional: bool,
    /// `maxOccurs` is unbounded.
    pub many: bool,
    /// `xsi:nil` is allowed.
    pub nillable: bool,
}

impl Occurs {
    /// Exactly once.
    pub const ONCE: Self = Self {
        optional: false,
        many: false,
        nillable: false,
    };
}

/// A type that the WSDL can print.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no description for the WSDL",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait Describe {
    /// True if `xsi:nil` is allowed.
    const NILLABLE: bool = false;

    /// Its description.
    fn describe() -> &'static TypeDescription;
}

/// A field that the WSDL can print: `T`, `Option<T>` or `Vec<T>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no description for the WSDL",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait DescribeField {
    /// True for `()`: no element at all.
    const EMPTY: bool = false;
    /// How often the element occurs.
    const OCCURS: Occurs;

    /// Description of the element's type.
    fn describe() -> &'static TypeDescription;
}

#[diagnostic::do_not_recommend]
impl<T: Describe> DescribeField for T {
    const OCCURS: Occurs = Occurs {
        nillable: T::NILLABLE,
        ..Occurs::ONCE
    };

    fn describe() -> &'static TypeDescription {
        T::describe()
    }
}

impl<T: Describe> DescribeField for Option<T> {
    const OCCURS: Occurs = Occurs {
        optional: true,
        many: false,
        nillable: T::NILLABLE,
    };

    fn describe() -> &'static TypeDescription {
        T::describe()
    }
}

impl<T: Describe> DescribeField for Vec<T> {
    const OCCURS: Occurs = Occurs {
        optional: true,
        many: true,
        nillable: T::NILLABLE,
    };

    fn describe() -> &'static TypeDescription {
        T::describe()
    }
}

impl DescribeField for () {
    const EMPTY: bool = true;
    const OCCURS: Occurs = Occurs {
        optional: true,
        many: false,
        nillable: false,
    };

    fn describe() -> &'static TypeDescription {
        &TypeDescription::AnyType
    }
}

impl<T: Describe> Describe for Box<T> {
    const NILLABLE: bool = T::NILLABLE;

    fn describe() -> &'static TypeDescription {
        T::describe()
    }
}

/// A service: a port type and how it is bound.
#[derive(Debug)]
pub struct ServiceDescription {
    /// Name of the `wsdl:service`.
    pub name: &'static str,
    /// Name of the `wsdl:portType`.
    pub port_type: &'static str,
    /// Target namespace.
    pub namespace: &'static Namespace,
    /// Text of the doc comment.
    pub documentation: &'static str,
    /// The operations, in the order of the source.
    pub operations: &'static [&'static Operation],
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// `SOAPAction`, or the `action` parameter of SOAP 1.2.
    pub action: &'static str,
    /// What WS-Addressing has for it where it is empty, and takes beside it where it is not: namespace, port type and the name of
    /// the request (WS-Addressing 1.0 Metadata, section 4.4.4). Empty: none.
    pub default_action: &'static str,
    /// Text of the doc comment.
    pub documentation: &'static str,
    /// How parameters lie in the Body.
    pub style: Style,
    /// The element of the request's Body; `None` for an empty Body.
    pub input: Option<BodyElement>,
    /// Parameters: the children of a wrapped request; of a bare one the Body element itself.
    pub parameters: &'static [Row],
    /// Header blocks of the request.
    pub input_headers: &'static [HeaderDescription],
    /// The answer; `None` for a one-way operation.
    pub output: Option<OutputDescription>,
    /// The typed faults.
    pub faults: fn() -> &'static [FaultDescription],
    /// It may be sent again after a failure in transport.
    pub idempotent: bool,
}

impl Operation {
    /// The action of its request by WS-Addressing: the declared one, or the default one where that is empty.
    #[must_use]
    pub const fn request_action(&self) -> &'static str {
        if self.action.is_empty() {
            return self.default_action;
        }
        self.action
    }
}

/// How parameters lie in the Body of a document/literal message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// One element named as the operation holds an element a parameter.
    Wrapped,
    /// The one parameter is the element of the Body.
    Bare,
}

/// The element of a Body.
#[derive(Debug)]
pub struct BodyElement {
    /// Its name.
    pub name: Name,
    /// Its tags.
    pub tag: &'static Tag,
}

/// The answer of an operation.
#[derive(Debug)]
pub struct OutputDescription {
    /// The element of the answer's Body; `None` for an empty Body.
    pub element: Option<BodyElement>,
    /// The result: the child of a wrapped answer, or the Body element of a bare one; `None` where nothing comes back.
    pub result: Option<Row>,
    /// Header blocks of the answer.
    pub headers: fn() -> &'static [HeaderDescription],
    /// Its action, where that is declared. [`ServiceDescription::reply_action`] knows it also where it is not.
    pub action: Option<&'static str>,
}

/// A header block.
#[derive(Debug)]
pub struct HeaderDescription {
    /// Name of the element.
    pub name: Name,
    /// It must be there.
    pub required: bool,
    /// Its type.
    pub of: fn() -> &'static TypeDescription,
}

/// A typed fault.
#[derive(Debug)]
pub struct FaultDescription {
    /// Name of the `wsdl:fault`.
    pub name: &'static str,
    /// Name of the detail's element.
    pub element: Name,
    /// Its type.
    pub of: fn() -> &'static TypeDescription,
    /// Text of the doc comment.
    pub documentation: &'static str,
    /// Its action, where that is declared. [`ServiceDescription::fault_action`] knows it also where it is not.
    pub action: Option<&'static str>,
}

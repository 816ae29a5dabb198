//! The static descriptions that the WSDL is printed from.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Type;

use super::{Spaces, in_static, tag, to_xml::of_type};
use crate::model::{Alternative, Content, Field, Kind, Name, Sequence, Variant, Word};

/// A function that gives the description of a named type.
pub(super) fn named_type(
    name: &Name,
    documentation: &str,
    content: &TokenStream,
    spaces: &Spaces,
) -> TokenStream {
    let name = spaces.name(name);
    generate! {
        fn describe() -> &'static __soapstone::describe::TypeDescription {
            static DESCRIPTION: __soapstone::describe::TypeDescription =
                __soapstone::describe::TypeDescription::Named(__soapstone::describe::NamedType {
                    name: #name,
                    documentation: #documentation,
                    content: #content,
                });
            &DESCRIPTION
        }
    }
}

/// The action of an answer or a fault, where it is declared.
pub(super) fn action(declared: Option<&str>) -> TokenStream {
    match declared {
        Some(action) => generate! { ::core::option::Option::Some(#action) },
        None => generate! { ::core::option::Option::None },
    }
}

/// The table of a sequence.
pub(super) fn table(sequence: &Sequence, this: &Ident, spaces: &Spaces) -> TokenStream {
    let (attributes, rows): (Vec<_>, Vec<_>) = sequence
        .fields
        .iter()
        .partition(|field| field.attribute().is_some());
    let attributes = attributes.into_iter().map(|field| row(field, this, spaces));
    let rows = rows.into_iter().map(|field| row(field, this, spaces));
    let (ordered, deny_unknown) = (sequence.ordered, sequence.deny_unknown);
    let foreign = !sequence.by_local_name;
    generate! {
        __soapstone::describe::Table {
            attributes: &[#(#attributes),*],
            rows: &[#(#rows),*],
            strictness: __soapstone::describe::Strictness { ordered: #ordered, deny_unknown: #deny_unknown, foreign: #foreign },
        }
    }
}

/// The row of a field.
fn row(field: &Field, this: &Ident, spaces: &Spaces) -> TokenStream {
    let documentation = &field.documentation;
    let unnamed = |kind: &str, place: &str| {
        let kind = Ident::new(kind, Span::mixed_site());
        let ty = of_field(&field.ty, place, "TYPE", this);
        generate! { __soapstone::describe::Row::unnamed(__soapstone::describe::Kind::#kind, #ty, #documentation) }
    };
    match &field.kind {
        Kind::Element(name) => element(name, "Field", &field.ty, documentation, this, spaces),
        Kind::Attribute(name) => {
            let (namespace, local) = (spaces.ident(&name.namespace), &name.local);
            let ty = of_field(&field.ty, "Attribute", "TYPE", this);
            let prefix = if name.namespace.is_empty() { "" } else { "n0:" };
            let start = format!(" {prefix}{local}=\"");
            generate! {
                __soapstone::describe::Row::attribute((&#namespace, #local), __soapstone::xml::Tag::attribute(#start), #ty, #documentation)
            }
        }
        Kind::Text => unnamed("Text", "Text"),
        Kind::Any => unnamed("Any", "Choice"),
        Kind::Choice => unnamed("Choice", "Choice"),
    }
}

/// The row of an element.
pub(super) fn element(
    name: &Name,
    place: &str,
    ty: &Type,
    documentation: &str,
    this: &Ident,
    spaces: &Spaces,
) -> TokenStream {
    let ty = of_field(ty, place, "TYPE", this);
    element_of(name, &ty, documentation, spaces)
}

fn element_of(name: &Name, ty: &TokenStream, documentation: &str, spaces: &Spaces) -> TokenStream {
    let (namespace, local, tag) = (spaces.ident(&name.namespace), &name.local, tag(name));
    generate! { __soapstone::describe::Row::element((&#namespace, #local), #tag, #ty, #documentation) }
}

/// Content of a struct.
pub(super) fn fields(table: &Ident) -> TokenStream {
    generate! { __soapstone::describe::Content::Fields(&#table) }
}

/// Content of a simple type, of the lexical form of `ty`.
pub(super) fn simple(ty: &Type, this: &Ident) -> TokenStream {
    let of = of_field(ty, "Text", "TYPE", this);
    generate! { __soapstone::describe::Content::Simple(#of.of) }
}

/// Content of an enumeration.
pub(super) fn enumeration(words: &[Word]) -> TokenStream {
    let values = words.iter().map(|word| {
        let (value, documentation) = (&word.word.local, &word.documentation);
        generate! { __soapstone::describe::EnumerationValue { value: #value, documentation: #documentation } }
    });
    generate! { __soapstone::describe::Content::Enumeration(&[#(#values),*]) }
}

/// Content of a choice, of the enum `this`; `tables` are those of what its variants hold.
pub(super) fn choice(
    variants: &[Variant],
    tables: &[Option<Ident>],
    of_type: &Name,
    this: &Ident,
    spaces: &Spaces,
) -> TokenStream {
    let rows = variants.iter().zip(tables).map(|(variant, table)| {
        let documentation = &variant.documentation;
        match &variant.content {
            Content::Value(ty) => element(&variant.name, "Value", ty, documentation, this, spaces),
            content => {
                let name = Name {
                    local: format!("{}{}", of_type.local, variant.ident),
                    ..of_type.clone()
                };
                let of = content_type(&name, content, table.as_ref(), this, spaces);
                let once = generate! { __soapstone::describe::FieldType { occurs: __soapstone::describe::Occurs::ONCE, of: #of } };
                element_of(&variant.name, &once, documentation, spaces)
            }
        }
    });
    generate! { __soapstone::describe::Content::Choice(&[#(#rows),*]) }
}

/// Content of the parent of the types that `xsi:type` may name.
pub(super) fn polymorphic(alternatives: &[Alternative], this: &Ident) -> TokenStream {
    let rows = alternatives.iter().map(|alternative| {
        let documentation = &alternative.documentation;
        let item = |item: &str| of_field(&alternative.ty, "Alternative", item, this);
        let (name, namespace, ty) = (item("NAME"), item("NAMESPACE"), item("TYPE"));
        generate! {
            __soapstone::describe::Row::element((#namespace, #name), __soapstone::xml::Tag::new("", ""), #ty, #documentation)
        }
    });
    generate! { __soapstone::describe::Content::Polymorphic(&[#(#rows),*]) }
}

/// A function that describes what a variant or detail holds, as an expression; `name` is that of the type if it has none, `table`
/// that of its fields if it has some.
pub(super) fn content_type(
    name: &Name,
    content: &Content,
    table: Option<&Ident>,
    this: &Ident,
    spaces: &Spaces,
) -> TokenStream {
    if let Content::Value(ty) = content {
        let ty = of_field(ty, "Value", "TYPE", this);
        return generate! { #ty.of };
    }
    let content = match table {
        Some(table) => fields(table),
        None => {
            generate! { __soapstone::describe::Content::Fields(&__soapstone::describe::Table::new(&[])) }
        }
    };
    let describe = named_type(name, "", &content, spaces);
    generate! {{ #describe describe }}
}

/// `<Type as part::Trait>::item`.
pub(super) fn of_field(ty: &Type, place: &str, item: &str, this: &Ident) -> TokenStream {
    of_type(&in_static(ty, this), place, item)
}

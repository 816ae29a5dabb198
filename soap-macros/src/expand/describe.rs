//! The static descriptions that the WSDL is printed from.

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use super::{Spaces, in_static, to_xml::of_type};
use crate::model::{Alternative, Content, Kind, Name, Sequence, Variant, Word};

/// A function that gives the description of a named type; `content` and `attributes` are those of the type.
pub(super) fn named_type(
    name: &Name,
    documentation: &str,
    content: &TokenStream,
    attributes: &TokenStream,
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
                    attributes: &[#attributes],
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

/// Content and attributes of a sequence.
pub(super) fn sequence(
    sequence: &Sequence,
    this: &Ident,
    spaces: &Spaces,
) -> (TokenStream, TokenStream) {
    let attributes = sequence.attributes().map(|(field, name)| {
        let (namespace, local, documentation) = (
            spaces.ident(&name.namespace),
            &name.local,
            &field.documentation,
        );
        let (occurs, of) = (
            of_field(&field.ty, "Attribute", "OCCURS", this),
            of_field(&field.ty, "Attribute", "describe", this),
        );
        generate! {
            __soapstone::describe::AttributeDescription {
                name: #local,
                namespace: &#namespace,
                required: !#occurs.optional,
                of: #of,
                documentation: #documentation,
            },
        }
    });
    let attributes = generate! { #(#attributes)* };
    if let Some(text) = sequence.text() {
        let of = of_field(&text.ty, "Text", "describe", this);
        return (
            generate! { __soapstone::describe::Content::Simple(#of) },
            attributes,
        );
    }
    let particles = sequence.fields.iter().filter_map(|field| {
        let (occurs, of) = (
            of_field(&field.ty, "Choice", "OCCURS", this),
            of_field(&field.ty, "Choice", "describe", this),
        );
        let documentation = &field.documentation;
        match &field.kind {
            Kind::Attribute(_) | Kind::Text => None,
            Kind::Any => Some(generate! { __soapstone::describe::Particle::Any(#occurs) }),
            Kind::Choice => Some(
                generate! { __soapstone::describe::Particle::Choice(#of, #occurs, #documentation) },
            ),
            Kind::Element(name) => {
                let element = element(name, "Field", &field.ty, &field.documentation, this, spaces);
                Some(generate! { __soapstone::describe::Particle::Element(#element) })
            }
        }
    });
    (
        generate! { __soapstone::describe::Content::Sequence(&[#(#particles),*]) },
        attributes,
    )
}

/// An `ElementDescription`.
pub(super) fn element(
    name: &Name,
    place: &str,
    ty: &Type,
    documentation: &str,
    this: &Ident,
    spaces: &Spaces,
) -> TokenStream {
    let (occurs, of) = (
        of_field(ty, place, "OCCURS", this),
        of_field(ty, place, "describe", this),
    );
    element_of(name, &occurs, &of, documentation, spaces)
}

fn element_of(
    name: &Name,
    occurs: &TokenStream,
    of: &TokenStream,
    documentation: &str,
    spaces: &Spaces,
) -> TokenStream {
    let (namespace, local) = (spaces.ident(&name.namespace), &name.local);
    generate! {
        __soapstone::describe::ElementDescription {
            name: #local,
            namespace: &#namespace,
            occurs: #occurs,
            of: #of,
            documentation: #documentation,
        }
    }
}

/// Content of a simple type, of the lexical form of `ty`.
pub(super) fn simple(ty: &Type, this: &Ident) -> TokenStream {
    let of = of_field(ty, "Text", "describe", this);
    generate! { __soapstone::describe::Content::Simple(#of) }
}

/// Content of an enumeration.
pub(super) fn enumeration(words: &[Word]) -> TokenStream {
    let values = words.iter().map(|word| {
        let (value, documentation) = (&word.word.local, &word.documentation);
        generate! { __soapstone::describe::EnumerationValue { value: #value, documentation: #documentation } }
    });
    generate! { __soapstone::describe::Content::Enumeration(&[#(#values),*]) }
}

/// Content of a choice, of the enum `this`.
pub(super) fn choice(
    variants: &[Variant],
    of_type: &Name,
    this: &Ident,
    spaces: &Spaces,
) -> TokenStream {
    let particles = variants.iter().map(|variant| {
        let element = match &variant.content {
            Content::Value(ty) => element(
                &variant.name,
                "Value",
                ty,
                &variant.documentation,
                this,
                spaces,
            ),
            content => {
                let name = Name {
                    local: format!("{}{}", of_type.local, variant.ident),
                    ..of_type.clone()
                };
                let of = content_type(&name, content, this, spaces);
                let once = generate! { __soapstone::describe::Occurs::ONCE };
                element_of(&variant.name, &once, &of, &variant.documentation, spaces)
            }
        };
        generate! { __soapstone::describe::Particle::Element(#element) }
    });
    generate! { __soapstone::describe::Content::Choice(&[#(#particles),*]) }
}

/// Content of the parent of the types that `xsi:type` may name.
pub(super) fn polymorphic(alternatives: &[Alternative], this: &Ident) -> TokenStream {
    let particles = alternatives.iter().map(|alternative| {
        let documentation = &alternative.documentation;
        let item = |item: &str| of_field(&alternative.ty, "Alternative", item, this);
        let (name, namespace, of) = (item("NAME"), item("NAMESPACE"), item("describe"));
        generate! {
            __soapstone::describe::Particle::Element(__soapstone::describe::ElementDescription {
                name: #name,
                namespace: #namespace,
                occurs: __soapstone::describe::Occurs::ONCE,
                of: #of,
                documentation: #documentation,
            })
        }
    });
    generate! { __soapstone::describe::Content::Polymorphic(&[#(#particles),*]) }
}

/// A function that describes what a variant or detail holds, as an expression; `name` is that of the type if it has none.
pub(super) fn content_type(
    name: &Name,
    content: &Content,
    this: &Ident,
    spaces: &Spaces,
) -> TokenStream {
    let empty = Sequence::empty();
    let fields = match content {
        Content::Value(ty) => return of_field(ty, "Value", "describe", this),
        Content::Sequence(fields) => fields,
        Content::Empty => &empty,
    };
    let (content, attributes) = sequence(fields, this, spaces);
    let describe = named_type(name, "", &content, &attributes, spaces);
    generate! {{ #describe describe }}
}

/// `<Type as part::Trait>::item`.
pub(super) fn of_field(ty: &Type, place: &str, item: &str, this: &Ident) -> TokenStream {
    of_type(&in_static(ty, this), place, item)
}

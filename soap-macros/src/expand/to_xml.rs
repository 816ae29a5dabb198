//! What writes attributes and elements.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Type, spanned::Spanned};

use super::{Spaces, tag};
use crate::model::{Content, Field, Kind, Name, Sequence};

/// Statements that write the attributes of a start tag; `values` are references to the fields.
pub(super) fn attributes(
    sequence: &Sequence,
    values: &[TokenStream],
    spaces: &Spaces,
) -> TokenStream {
    let attributes = sequence
        .fields
        .iter()
        .zip(values)
        .filter_map(|(field, value)| {
            let name = field.attribute()?;
            let write = of_type(&field.ty, "Attribute", "write");
            let (prefix, start) = if name.namespace.is_empty() {
                (
                    generate! { ::core::option::Option::None },
                    format!(" {}=\"", name.local),
                )
            } else {
                let namespace = spaces.ident(&name.namespace);
                (
                    generate! { ::core::option::Option::Some(writer.prefix(&#namespace)) },
                    format!(" n0:{}=\"", name.local),
                )
            };
            Some(generate! {
                let prefix = #prefix;
                #write(#value, writer, prefix, #start)?;
            })
        });
    generate! { #(#attributes)* }
}

/// Statements that write what stands between the tags.
pub(super) fn content(sequence: &Sequence, values: &[TokenStream], spaces: &Spaces) -> TokenStream {
    let mut known = Vec::new();
    let statements = sequence.fields.iter().zip(values).map(|(field, value)| {
        let prefix = field.element().map(|name| prefix(name, &mut known, spaces));
        let write = field_content(field, value, spaces);
        generate! { #prefix #write }
    });
    generate! { #(#statements)* }
}

/// `let prefix_0 = …;` before the first use of a namespace.
fn prefix(name: &Name, known: &mut Vec<String>, spaces: &Spaces) -> TokenStream {
    if known.contains(&name.namespace) {
        return TokenStream::new();
    }
    known.push(name.namespace.clone());
    let (prefix, namespace) = (
        spaces.prefix(&name.namespace),
        spaces.ident(&name.namespace),
    );
    generate! { let #prefix = writer.prefix(&#namespace); }
}

fn field_content(field: &Field, value: &TokenStream, spaces: &Spaces) -> TokenStream {
    match &field.kind {
        Kind::Attribute(_) => TokenStream::new(),
        Kind::Element(name) => {
            let (prefix, tag) = (spaces.prefix(&name.namespace), tag(name));
            let write = of_type(&field.ty, "Field", "write");
            generate! { #write(#value, writer, #prefix, #tag)?; }
        }
        Kind::Text => {
            let write = of_type(&field.ty, "Text", "write_lexical");
            generate! { #write(#value, writer, __soapstone::xml::Place::Text)?; }
        }
        Kind::Any | Kind::Choice => {
            let write = of_type(&field.ty, "Choice", "write");
            generate! { #write(#value, writer)?; }
        }
    }
}

/// Statements that write the element of a variant, which holds `content`.
pub(super) fn element(
    name: &Name,
    content_of: &Content,
    values: &[TokenStream],
    spaces: &Spaces,
) -> TokenStream {
    let (namespace, tag) = (spaces.ident(&name.namespace), tag(name));
    if let (Content::Value(ty), [value]) = (content_of, values) {
        let write = of_type(ty, "Value", "write");
        return generate! {
            let prefix = writer.prefix(&#namespace);
            #write(#value, writer, prefix, #tag)?;
        };
    }
    let (start, inside) = match content_of {
        Content::Sequence(sequence) if sequence.attributes().next().is_some() => {
            let attributes = attributes(sequence, values, spaces);
            let start = generate! {
                writer.open_start(element_prefix, element_tag);
                #attributes
                writer.plain(">");
            };
            (start, content(sequence, values, spaces))
        }
        Content::Sequence(sequence) => (
            generate! { writer.open(element_prefix, element_tag); },
            content(sequence, values, spaces),
        ),
        _ => (
            generate! { writer.open(element_prefix, element_tag); },
            TokenStream::new(),
        ),
    };
    generate! {
        let element_prefix = writer.prefix(&#namespace);
        let element_tag = #tag;
        #start
        #inside
        writer.close(element_prefix, element_tag);
    }
}

/// `<Type as part::Trait>::function`, so placed that an error about the type points at it.
pub(super) fn of_type(ty: &Type, of_trait: &str, function: &str) -> TokenStream {
    let span = proc_macro2::Span::mixed_site().located_at(ty.span());
    let (of_trait, function) = (
        syn::Ident::new(of_trait, span),
        syn::Ident::new(function, span),
    );
    quote_spanned! { span=> <#ty as __soapstone::part::#of_trait>::#function }
}

/// `<Type as part::Trait>::function(arguments)`, all of it so placed that an error about the type points at it.
pub(super) fn call(
    ty: &Type,
    of_trait: &str,
    function: &str,
    arguments: &TokenStream,
) -> TokenStream {
    let function = of_type(ty, of_trait, function);
    let span = proc_macro2::Span::mixed_site().located_at(ty.span());
    quote_spanned! { span=> #function(#arguments) }
}

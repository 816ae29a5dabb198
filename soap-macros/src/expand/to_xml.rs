//! What writes attributes and elements.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::{Type, spanned::Spanned};

use super::{Spaces, static_tag};
use crate::model::{Content, Field, Kind, Name, Sequence};

/// A statement that writes the attributes of a start tag; `values` are references to the fields.
pub(super) fn attributes(
    sequence: &Sequence,
    values: &[TokenStream],
    table: &Ident,
) -> TokenStream {
    let fields = sequence.fields.iter().zip(values);
    let parts = fields
        .filter(|(field, _)| field.attribute().is_some())
        .map(|(field, value)| call(&field.ty, "Attribute", "part", value));
    generate! { __soapstone::table::write_attributes(#table.attributes, &[#(#parts),*], writer)?; }
}

/// A statement that writes what stands between the tags.
pub(super) fn content(sequence: &Sequence, values: &[TokenStream], table: &Ident) -> TokenStream {
    let mut parts = Vec::new();
    for (Field { ty, kind, .. }, value) in sequence.fields.iter().zip(values) {
        match kind {
            Kind::Attribute(_) => {}
            Kind::Element(_) => parts.push(call(ty, "Field", "part", value)),
            Kind::Any | Kind::Choice => {
                let chosen = generate! { &__soapstone::table::ChosenPart(#value) };
                parts.push(call(ty, "Choice", "part", &chosen));
            }
            Kind::Text => {
                let write = of_type(ty, "Text", "write_lexical");
                return generate! { #write(#value, writer, __soapstone::xml::Place::Text)?; };
            }
        }
    }
    generate! { __soapstone::table::write(#table.rows, &[#(#parts),*], writer)?; }
}

/// Statements that write the element of a variant, which holds `content`; `table` is that of its fields if it has some.
pub(super) fn element(
    name: &Name,
    content_of: &Content,
    values: &[TokenStream],
    table: Option<&Ident>,
    spaces: &Spaces,
) -> TokenStream {
    let (namespace, tag) = (spaces.ident(&name.namespace), static_tag(name));
    if let (Content::Value(ty), [value]) = (content_of, values) {
        let write = of_type(ty, "Value", "write");
        return generate! {
            let prefix = writer.prefix(&#namespace);
            #write(#value, writer, prefix, #tag)?;
        };
    }
    let (attributes, inside) = match (content_of, table) {
        (Content::Sequence(sequence), Some(table)) => (
            sequence
                .attributes()
                .next()
                .map(|_| attributes(sequence, values, table)),
            content(sequence, values, table),
        ),
        _ => (None, TokenStream::new()),
    };
    let start = match attributes {
        Some(attributes) => generate! {
            writer.open_start(element_prefix, element_tag);
            #attributes
            writer.plain(">");
        },
        None => generate! { writer.open(element_prefix, element_tag); },
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

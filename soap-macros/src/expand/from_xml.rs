//! What reads attributes and elements.

use proc_macro2::TokenStream;
use syn::Type;

use super::{Spaces, to_xml::call, variable};
use crate::model::{Content, Field, Kind, Name, Sequence};

/// A block that reads an element whose start tag has just been passed, to its end tag, and is `constructor { fields }`.
pub(super) fn sequence(
    sequence: &Sequence,
    constructor: &TokenStream,
    spaces: &Spaces,
) -> TokenStream {
    let attributes = attributes(sequence, spaces);
    let content = content(sequence, spaces);
    let fields = sequence.fields.iter().enumerate().map(|(index, field)| {
        let (ident, variable) = (&field.ident, variable(index));
        let value = match &field.kind {
            Kind::Attribute(_) | Kind::Text => generate! { #variable },
            Kind::Element(name) => finish(&field.ty, &variable, &name.local),
            Kind::Any | Kind::Choice => {
                let finish = call(
                    &field.ty,
                    "Choice",
                    "finish",
                    &generate! { #variable, reader },
                );
                generate! { #finish? }
            }
        };
        generate! { #ident: #value }
    });
    generate! {{
        #attributes
        #content
        #constructor { #(#fields,)* }
    }}
}

/// `Type::finish(slot, "name", reader)?`.
pub(super) fn finish(ty: &Type, slot: &syn::Ident, local: &str) -> TokenStream {
    let finish = call(ty, "Field", "finish", &generate! { #slot, #local, reader });
    generate! { #finish? }
}

/// What the content of a variant reads to.
pub(super) fn variant(
    content: &Content,
    constructor: &TokenStream,
    spaces: &Spaces,
) -> TokenStream {
    match content {
        Content::Empty => {
            generate! {{ while reader.next()?.is_some() { reader.skip()?; } #constructor }}
        }
        Content::Value(ty) => {
            let read = call(ty, "Value", "from_xml", &generate! { reader });
            generate! { #constructor(#read?) }
        }
        Content::Sequence(fields) => sequence(fields, constructor, spaces),
    }
}

fn attributes(sequence: &Sequence, spaces: &Spaces) -> TokenStream {
    let fields = || {
        let fields = sequence.fields.iter().enumerate();
        fields.filter_map(|(index, field)| Some((variable(index), field, field.attribute()?)))
    };
    if fields().next().is_none() && !sequence.deny_unknown {
        return TokenStream::new();
    }
    let slots =
        fields().map(|(slot, ..)| generate! { let mut #slot = ::core::option::Option::None; });
    let arms = fields().map(|(slot, field, name)| {
        let (local, is_meant) = (&name.local, is_namespace(&name.namespace, spaces));
        let read = call(
            &field.ty,
            "Attribute",
            "read",
            &generate! { &mut #slot, index, reader },
        );
        generate! { #local if #is_meant => #read?, }
    });
    let unknown = if sequence.deny_unknown {
        generate! { __soapstone::xml::refuse_attribute((namespace, local), reader)? }
    } else {
        generate! { {} }
    };
    let finished = fields().map(|(slot, field, name)| {
        let local = &name.local;
        let finish = call(
            &field.ty,
            "Attribute",
            "finish",
            &generate! { #slot, #local, reader },
        );
        generate! { let #slot = #finish?; }
    });
    generate! {
        #(#slots)*
        let mut index = 0;
        while let ::core::option::Option::Some((namespace, local)) = reader.attribute(index) {
            match local {
                #(#arms)*
                _ => #unknown,
            }
            index += 1;
        }
        #(#finished)*
    }
}

fn content(sequence: &Sequence, spaces: &Spaces) -> TokenStream {
    if let Some((index, field)) = sequence
        .fields
        .iter()
        .enumerate()
        .find(|(_, field)| matches!(field.kind, Kind::Text))
    {
        let slot = variable(index);
        let read = call(&field.ty, "Text", "read", &generate! { reader });
        return generate! { let #slot = #read?; };
    }
    let elements = sequence.fields.iter().enumerate();
    let elements = elements
        .filter_map(|(index, field)| Some((index, &field.ty, field.element()?)))
        .collect::<Vec<_>>();
    let slots = sequence
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.attribute().is_none());
    let slots = slots.map(|(index, _)| {
        let slot = variable(index);
        generate! { let mut #slot = ::core::default::Default::default(); }
    });
    let latest = sequence.ordered.then(|| generate! { let mut latest = 0; });
    let unknown = unknown(sequence);
    let children = children(
        &elements,
        sequence.by_local_name,
        sequence.ordered,
        &unknown,
        spaces,
    );
    generate! {
        #(#slots)*
        #latest
        #children
    }
}

/// The loop over the children of an element.
pub(super) fn children(
    elements: &[(usize, &Type, &Name)],
    by_local_name: bool,
    ordered: bool,
    unknown: &TokenStream,
    spaces: &Spaces,
) -> TokenStream {
    let arm = |(index, ty, name): &(usize, &Type, &Name)| {
        let (slot, local) = (variable(*index), &name.local);
        let order = ordered.then(
            || generate! { __soapstone::xml::in_order(&mut latest, #index, local, reader)?; },
        );
        let read = call(
            ty,
            "Field",
            "read",
            &generate! { &mut #slot, #local, reader },
        );
        generate! { #local => { #order #read?; } }
    };
    if by_local_name {
        let arms = elements.iter().map(arm);
        return generate! {
            while let ::core::option::Option::Some((_, local)) = reader.next()? {
                match local { #(#arms)* _ => { #unknown } }
            }
        };
    }
    let mut namespaces = Vec::new();
    for (_, _, name) in elements {
        if !namespaces.contains(&&name.namespace) {
            namespaces.push(&name.namespace);
        }
    }
    let branches = namespaces.iter().map(|uri| {
        let is_meant = is_namespace(uri, spaces);
        let arms = elements
            .iter()
            .filter(|(_, _, name)| name.namespace == **uri)
            .map(arm);
        generate! { if #is_meant { match local { #(#arms)* _ => { #unknown } } } else }
    });
    generate! {
        while let ::core::option::Option::Some((namespace, local)) = reader.next()? {
            let _ = (namespace, local);
            #(#branches)* { #unknown }
        }
    }
}

pub(super) fn is_namespace(uri: &str, spaces: &Spaces) -> TokenStream {
    if uri.is_empty() {
        return generate! { namespace == __soapstone::xml::NamespaceId::NONE };
    }
    let namespace = spaces.ident(uri);
    generate! { reader.is(namespace, &#namespace) }
}

/// What is done with an element that no field is named after: choices are asked, then `any`, then it is skipped or refused.
fn unknown(sequence: &Sequence) -> TokenStream {
    let fields = sequence.fields.iter().enumerate();
    let taking =
        |wanted: fn(&Kind) -> bool| fields.clone().filter(move |(_, field)| wanted(&field.kind));
    let ask = |(index, field): (usize, &Field)| {
        let slot = variable(index);
        let read = call(
            &field.ty,
            "Choice",
            "read",
            &generate! { &mut #slot, (namespace, local), reader },
        );
        let order = (sequence.ordered && matches!(field.kind, Kind::Choice)).then(
            || generate! { __soapstone::xml::in_order(&mut latest, #index, local, reader)?; },
        );
        generate! { if #read? { #order } else }
    };
    let choices = taking(|kind| matches!(kind, Kind::Choice)).map(ask);
    let any = taking(|kind| matches!(kind, Kind::Any)).map(ask);
    let last = if sequence.deny_unknown {
        generate! { return ::core::result::Result::Err(reader.unexpected()); }
    } else {
        generate! { reader.skip()?; }
    };
    generate! { #(#choices)* #(#any)* { #last } }
}

//! The static description of a service, and what its two sides make of a parameter's type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Lifetime, Type, parse_quote_spanned, spanned::Spanned};

use super::{
    Spaces, describe, in_static, message_lifetime, static_tag, tag, to_xml::of_type, with_lifetime,
};
use crate::model::{Name, Operation, Parameter, Role, Service};

/// A static for each operation, and for a server `SERVICE`.
pub(super) fn statics(service: &Service, spaces: &Spaces) -> TokenStream {
    let operations = service.operations.iter().enumerate();
    let operations = operations.map(|(index, operation)| {
        let (name, description) = (static_name(index), describe(service, operation, spaces));
        generate! { static #name: __soapstone::describe::Operation = #description; }
    });
    let of_service = service.sides.server.then(|| of_service(service, spaces));
    generate! { #(#operations)* #of_service }
}

/// The static of an operation. Each has one of its own: over one expression for all of them the compiler would take more than twice
/// as long for twice as many.
pub(super) fn static_name(index: usize) -> Ident {
    format_ident!("OPERATION_{index}", span = Span::mixed_site())
}

fn of_service(service: &Service, spaces: &Spaces) -> TokenStream {
    let Service {
        port_type,
        documentation,
        namespace,
        ..
    } = service;
    let operations = (0..service.operations.len()).map(static_name);
    let (name, namespace) = (format!("{port_type}Service"), spaces.ident(namespace));
    generate! {
        static SERVICE: __soapstone::describe::ServiceDescription = __soapstone::describe::ServiceDescription {
            name: #name,
            port_type: #port_type,
            namespace: &#namespace,
            documentation: #documentation,
            operations: &[#(&#operations),*],
        };
    }
}

fn describe(service: &Service, operation: &Operation, spaces: &Spaces) -> TokenStream {
    let this = &service.ident;
    let default_action = operation.default_action(&service.namespace, &service.port_type);
    let Operation {
        name,
        action,
        documentation,
        idempotent,
        ..
    } = operation;
    let style = Ident::new(
        if operation.bare { "Bare" } else { "Wrapped" },
        Span::mixed_site(),
    );
    let wrapper = |local: String| Name {
        namespace: service.namespace.clone(),
        local,
        span: operation.span,
    };
    let input = if operation.bare {
        operation.body().next().map(|(parameter, name)| {
            body_element(
                &parameter_type(parameter, operation, this),
                "Root",
                name,
                spaces,
            )
        })
    } else {
        Some(named_element(&wrapper(name.clone()), spaces))
    };
    let input = option(input);
    let parameters = operation.body().map(|(parameter, name)| {
        let ty = parameter_type(parameter, operation, this);
        match name {
            Some(name) => describe::element(
                name,
                body_place(operation),
                &ty,
                &parameter.documentation,
                this,
                spaces,
            ),
            None => root_element(&ty, &parameter.documentation, this),
        }
    });
    let headers = headers(operation, this);
    let output = option(
        (!operation.one_way)
            .then(|| output(operation, &wrapper(format!("{name}Response")), this, spaces)),
    );
    let answer = in_static(&operation.returned.ty, this);
    let faults = of_type(&answer, "Returned", "faults");
    generate! {
        __soapstone::describe::Operation {
            name: #name,
            action: #action,
            default_action: #default_action,
            documentation: #documentation,
            style: __soapstone::describe::Style::#style,
            input: #input,
            parameters: &[#(#parameters),*],
            input_headers: &[#headers],
            output: #output,
            faults: #faults,
            idempotent: #idempotent,
        }
    }
}

/// The trait of `part` for an argument in the Body.
pub(super) fn body_place(operation: &Operation) -> &'static str {
    if operation.bare { "Value" } else { "Field" }
}

/// Descriptions of the header blocks of a request.
fn headers(operation: &Operation, this: &Ident) -> TokenStream {
    operation
        .parameters
        .iter()
        .filter(|parameter| matches!(parameter.role, Role::Header))
        .map(|parameter| {
            let ty = parameter_type(parameter, operation, this);
            let span = Span::mixed_site().located_at(ty.span());
            quote_spanned! { span=> <#ty as __soapstone::part::Header>::DESCRIPTION, }
        })
        .collect()
}

fn output(operation: &Operation, wrapper: &Name, this: &Ident, spaces: &Spaces) -> TokenStream {
    let returned = &operation.returned;
    let answer = in_static(&returned.ty, this);
    let element = match (operation.bare, returned.unit) {
        (true, true) => None,
        (true, false) => Some(body_element(
            &answer,
            "ReturnedRoot",
            returned.name.as_ref(),
            spaces,
        )),
        (false, _) => Some(named_element(wrapper, spaces)),
    };
    let output = |item: &str| of_type(&answer, "Returned", item);
    let (ty, headers, is_empty) = (output("TYPE"), output("headers"), output("EMPTY"));
    let (name, namespace, tag) = match &returned.name {
        Some(name) => {
            let (local, namespace) = (&name.local, spaces.ident(&name.namespace));
            (generate! { #local }, generate! { &#namespace }, tag(name))
        }
        None => {
            let (local, namespace, tag) = of_root(&answer, "ReturnedRoot");
            (local, namespace, generate! { *#tag })
        }
    };
    let result = if returned.unit {
        generate! { ::core::option::Option::None }
    } else {
        generate! {
            if #is_empty {
                ::core::option::Option::None
            } else {
                ::core::option::Option::Some(__soapstone::describe::Row::element((#namespace, #name), #tag, #ty, ""))
            }
        }
    };
    let element = match element {
        Some(element) if operation.bare => generate! {
            if #is_empty { ::core::option::Option::None } else { ::core::option::Option::Some(#element) }
        },
        element => option(element),
    };
    let action = describe::action(operation.reply_action.as_deref());
    generate! {
        __soapstone::describe::OutputDescription { element: #element, result: #result, headers: #headers, action: #action }
    }
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => generate! { ::core::option::Option::Some(#tokens) },
        None => generate! { ::core::option::Option::None },
    }
}

/// The element of a Body: named, or of the type itself.
fn body_element(ty: &Type, place: &str, name: Option<&Name>, spaces: &Spaces) -> TokenStream {
    let Some(name) = name else {
        let (local, namespace, tag) = of_root(ty, place);
        return generate! {
            __soapstone::describe::BodyElement {
                name: __soapstone::xml::Name { namespace: #namespace, local: #local },
                tag: #tag,
            }
        };
    };
    named_element(name, spaces)
}

fn named_element(name: &Name, spaces: &Spaces) -> TokenStream {
    let (tag, name) = (static_tag(name), spaces.name(name));
    generate! { __soapstone::describe::BodyElement { name: #name, tag: #tag } }
}

fn root_element(ty: &Type, documentation: &str, this: &Ident) -> TokenStream {
    let (local, namespace, tag) = of_root(ty, "Root");
    let ty = describe::of_field(ty, "Value", "TYPE", this);
    generate! { __soapstone::describe::Row::element((#namespace, #local), *#tag, #ty, #documentation) }
}

/// Name, namespace and tag of a type that is an element of its own: a `Root`, or a `ReturnedRoot`.
pub(super) fn of_root(ty: &Type, place: &str) -> (TokenStream, TokenStream, TokenStream) {
    let item = |item: &str| of_type(ty, place, item);
    (item("NAME"), item("NAMESPACE"), item("TAG"))
}

/// The type a static knows a parameter by.
fn parameter_type(parameter: &Parameter, operation: &Operation, this: &Ident) -> Type {
    owned(
        &parameter.ty,
        operation.one_way,
        &Lifetime::new("'static", Span::mixed_site()),
        this,
    )
}

/// The type an argument is read to: `&str` as a `Cow` of the message, `&T` as `T`.
pub(super) fn read_type(parameter: &Parameter, operation: &Operation, this: &Ident) -> Type {
    owned(&parameter.ty, operation.one_way, &message_lifetime(), this)
}

fn owned(ty: &Type, one_way: bool, lifetime: &Lifetime, this: &Ident) -> Type {
    let Type::Reference(reference) = ty else {
        return with_lifetime(ty, lifetime, this);
    };
    let span = Span::mixed_site().located_at(reference.span());
    match (is_str(&reference.elem), one_way) {
        (true, true) => parse_quote_spanned! { span=> __soapstone::String },
        (true, false) => parse_quote_spanned! { span=> __soapstone::Cow<#lifetime, str> },
        (false, _) => with_lifetime(&reference.elem, lifetime, this),
    }
}

/// True if the type is written `str`.
pub(super) fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("str"))
}

//! `#[service]`: the user's item, rewritten, and the two types beside it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{
    Attribute, FnArg, ImplItem, ReturnType, Signature, TraitItem, TraitItemFn, Type,
    parse_quote_spanned,
};

use super::{Spaces, client, concrete, operations, server, wrap};
use crate::{
    attr::is_soap,
    model::{Item, Operation, Service},
};

/// The user's item without our attributes; a trait's methods promise futures that are `Send`.
pub(crate) fn rewrite(mut item: Item) -> TokenStream {
    match &mut item {
        Item::Trait(item) => {
            strip(&mut item.attrs);
            let span = Span::mixed_site().located_at(item.ident.span());
            item.colon_token.get_or_insert_default();
            item.supertraits
                .push(parse_quote_spanned! { span=> ::core::marker::Send });
            item.supertraits
                .push(parse_quote_spanned! { span=> ::core::marker::Sync });
            item.supertraits
                .push(parse_quote_spanned! { span=> 'static });
            for member in &mut item.items {
                if let TraitItem::Fn(method) = member {
                    strip(&mut method.attrs);
                    strip_signature(&mut method.sig);
                    promise_send(method);
                }
            }
            item.to_token_stream()
        }
        Item::Impl(item) => {
            strip(&mut item.attrs);
            for member in &mut item.items {
                if let ImplItem::Fn(method) = member {
                    strip(&mut method.attrs);
                    strip_signature(&mut method.sig);
                }
            }
            item.to_token_stream()
        }
    }
}

/// The server and the client of a contract.
pub(crate) fn service(service: &Service, on_trait: bool) -> TokenStream {
    let spaces = Spaces::default();
    let statics = operations::statics(service, &spaces);
    let server = server::items(service, on_trait, &spaces);
    let client = client::items(service, &spaces);
    let operations = service.operations.iter().enumerate();
    let sendable = (!on_trait).then(|| {
        let functions = operations.map(|(index, operation)| sendable(index, operation, service));
        functions.collect::<TokenStream>()
    });
    let items = wrap(
        &service.root,
        &spaces,
        &generate! { #sendable #statics #server #client },
    );
    let (server, client) = (
        server::definition(service, on_trait),
        client::definition(service),
    );
    generate! { #server #client #items }
}

/// `async fn f() -> T` becomes `fn f() -> impl Future<Output = T> + Send`, at the place of the `async`.
fn promise_send(method: &mut TraitItemFn) {
    let Some(token) = method.sig.asyncness.take() else {
        return;
    };
    let span = Span::mixed_site().located_at(token.span);
    let output: Type = match &method.sig.output {
        ReturnType::Default => parse_quote_spanned! { span=> () },
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    method.sig.output = parse_quote_spanned! { span=>
        -> impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    if let Some(body) = &method.default {
        method.default = Some(parse_quote_spanned! { span=> { async move #body } });
    }
}

/// A function that calls the method and points at it if its future is not `Send`, where no trait asks for that.
fn sendable(index: usize, operation: &Operation, service: &Service) -> TokenStream {
    let (method, this, name) = (&operation.ident, &service.ident, sendable_name(index));
    let idents = operation
        .parameters
        .iter()
        .map(|parameter| &parameter.ident)
        .collect::<Vec<_>>();
    let types = operation
        .parameters
        .iter()
        .map(|parameter| concrete(&parameter.ty, this));
    let output = concrete(&operation.returned.ty, this);
    let span = Span::mixed_site().located_at(method.span());
    let promise = quote_spanned! { span=>
        impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    generate! {
        fn #name(this: &#this, #(#idents: #types),*) -> #promise { <#this>::#method(this, #(#idents),*) }
    }
}

/// The name of that function.
pub(super) fn sendable_name(index: usize) -> Ident {
    format_ident!("operation_{index}", span = Span::mixed_site())
}

fn strip(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| !is_soap(attribute));
}

/// Parameters lose their options, and their doc comments, which Rust has no place for.
fn strip_signature(signature: &mut Signature) {
    for argument in &mut signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => strip(&mut receiver.attrs),
            FnArg::Typed(argument) => {
                argument
                    .attrs
                    .retain(|attribute| !is_soap(attribute) && !attribute.path().is_ident("doc"));
            }
        }
    }
}

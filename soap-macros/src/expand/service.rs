//! `#[service]`: the user's item, rewritten, and the two types beside it.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, ImplItem, ReturnType, Signature, TraitItem, TraitItemFn, Type, parse_quote,
    parse_quote_spanned,
};

use super::{Spaces, client, operations, server, wrap};
use crate::{
    attr::is_soap,
    model::{Item, Service, Sides},
};

/// The user's item without our attributes; a trait's methods promise futures that are `Send`. Where it is not served, nothing that is
/// generated uses it.
pub(crate) fn rewrite(mut item: Item, is_served: bool) -> TokenStream {
    let unused = (!is_served).then(|| parse_quote! { #[allow(dead_code)] });
    match &mut item {
        Item::Trait(item) => {
            strip(&mut item.attrs);
            item.attrs.extend(unused);
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
            item.attrs.extend(unused);
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
    let spaces = Spaces::of(&service.ident);
    let Sides { client, server } = service.sides;
    let statics = operations::statics(service, &spaces);
    let server_items = server.then(|| server::items(service, on_trait));
    let client_items = client.then(|| client::items(service));
    let items = wrap(
        &service.root,
        &spaces,
        &generate! { #statics #server_items #client_items },
    );
    let server = server.then(|| server::definition(service, on_trait));
    let client = client.then(|| client::definition(service));
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

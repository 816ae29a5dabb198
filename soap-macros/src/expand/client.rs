//! `XClient`: writes arguments into a call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Type, spanned::Spanned};

use super::{
    concrete,
    operations::{is_str, static_name},
    to_xml::{call, of_type},
};
use crate::model::{Operation, Parameter, Role, Service};

/// The type itself.
pub(super) fn definition(service: &Service) -> TokenStream {
    let (client, visibility, root) = (name(service), &service.visibility, &service.root);
    let documentation = format!(
        "Calls a service that fulfils [`{}`]. Each method is an operation and gives a call, sent when awaited. A clone is cheap.",
        service.ident
    );
    generate! {
        #[doc = #documentation]
        #[derive(Debug, Clone)]
        #[allow(dead_code)]
        #visibility struct #client { channel: #root::__private::Channel }
    }
}

/// What it can do.
pub(super) fn items(service: &Service) -> TokenStream {
    let (client, visibility) = (name(service), &service.visibility);
    let methods = service
        .operations
        .iter()
        .enumerate()
        .map(|(index, operation)| method(index, operation, service));
    generate! {
        impl #client {
            /// Calls through `channel`, which `Endpoint::connect` gives.
            #[must_use]
            #visibility fn new(channel: __soapstone::Channel) -> Self {
                Self { channel }
            }

            /// Calls the service at `url`, whose scheme picks the transport. Options are those of an `Endpoint`; see `new`.
            ///
            /// # Errors
            /// Fails if `url` is no URL, or no transport has its scheme.
            #visibility async fn connect(url: &str) -> ::core::result::Result<Self, __soapstone::TransportError> {
                ::core::result::Result::Ok(Self::new(__soapstone::Endpoint::new(url).connect().await?))
            }

            /// Calls the service that a configuration names: a `Config` stands for its `[client]`, its `client_named` gives another one.
            ///
            /// # Errors
            /// Fails if it has no URL, and as `connect`.
            #visibility async fn from_config(
                config: &(impl __soapstone::ToEndpoint + ?::core::marker::Sized),
            ) -> ::core::result::Result<Self, __soapstone::TransportError> {
                let endpoint = __soapstone::Endpoint::from_config(config)?;
                ::core::result::Result::Ok(Self::new(endpoint.connect().await?))
            }

            /// What all calls have in common: transport, version, limits and header blocks.
            #[must_use]
            #visibility fn channel(&self) -> &__soapstone::Channel {
                &self.channel
            }

            #(#methods)*
        }
    }
}

/// `CalcClient`.
pub(super) fn name(service: &Service) -> Ident {
    format_ident!("{}Client", service.ident)
}

fn method(index: usize, operation: &Operation, service: &Service) -> TokenStream {
    let this = &service.ident;
    let (method, visibility, described) =
        (&operation.ident, &service.visibility, static_name(index));
    let documentation = match operation.documentation.as_str() {
        "" => format!("Calls the operation `{}`.", operation.name),
        text => text.to_owned(),
    };
    let sent = || {
        operation
            .parameters
            .iter()
            .filter(|parameter| !matches!(parameter.role, Role::Context))
    };
    let parameters = sent().map(|parameter| {
        let (ident, ty) = (&parameter.ident, concrete(&parameter.ty, this));
        generate! { #ident: #ty }
    });
    let answer = concrete(&operation.returned.ty, this);
    let span = Span::mixed_site().located_at(answer.span());
    let answer = quote_spanned! { span=> __soapstone::Call<'_, #answer> };
    let returned = concrete(&operation.returned.ty, this);
    let call = of_type(&returned, "Returned", "call");
    let headers = sent()
        .filter(|parameter| matches!(parameter.role, Role::Header))
        .map(|parameter| {
            let (ty, value) = target(parameter, this);
            let span = Span::mixed_site().located_at(ty.span());
            let write = quote_spanned! { span=> <#ty as __soapstone::part::Header>::write };
            generate! { writer.header(|writer| #write(#value, writer))?; }
        });
    let body = arguments(&described, operation, this);
    generate! {
        #[doc = #documentation]
        #visibility fn #method(&self, #(#parameters),*) -> #answer {
            #call(&self.channel, &#described, |writer| {
                let _ = &writer;
                #(#headers)*
                #body
                ::core::result::Result::Ok(())
            })
        }
    }
}

/// A statement that writes the arguments that lie in the Body.
fn arguments(described: &Ident, operation: &Operation, this: &Ident) -> TokenStream {
    let rows = generate! { #described.parameters };
    let parameters = operation.body().map(|(parameter, _)| parameter);
    if operation.bare {
        let write = parameters.map(|parameter| {
            let (ty, value) = target(parameter, this);
            let write = if is_text(parameter) {
                generate! { __soapstone::xml::WriteField::write }
            } else {
                of_type(&ty, "Value", "write")
            };
            generate! {
                let row = &#rows[0];
                let prefix = writer.prefix(row.namespace);
                #write(#value, writer, prefix, &row.tag)?;
            }
        });
        return write.collect();
    }
    let parts = parameters.map(|parameter| {
        let (ty, value) = target(parameter, this);
        if is_text(parameter) {
            value
        } else {
            call(&ty, "Field", "part", &value)
        }
    });
    generate! { __soapstone::table::write(#rows, &[#(#parts),*], writer)?; }
}

/// True for `&str`, which is read to another type.
fn is_text(parameter: &Parameter) -> bool {
    matches!(&parameter.ty, Type::Reference(reference) if is_str(&reference.elem))
}

/// The type that writes an argument, and a reference to it.
fn target(parameter: &Parameter, this: &Ident) -> (Type, TokenStream) {
    let ident = &parameter.ident;
    match &parameter.ty {
        Type::Reference(reference) if !is_str(&reference.elem) => {
            (concrete(&reference.elem, this), generate! { #ident })
        }
        ty => (concrete(ty, this), generate! { &#ident }),
    }
}

//! `XServer`: reads arguments, runs the user's method, writes its answer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Type;

use super::{concrete, from_xml, operations::read_type, to_xml::call, variable};
use crate::model::{Operation, Role, Service};

/// The type itself.
pub(super) fn definition(service: &Service, on_trait: bool) -> TokenStream {
    let (ident, server, visibility, root) = (
        &service.ident,
        name(service),
        &service.visibility,
        &service.root,
    );
    let documentation = format!(
        "Serves [`{ident}`] over any transport: `Server::new({server}::new(…)).bind(url).start().await`."
    );
    if on_trait {
        return generate! {
            #[doc = #documentation]
            #[allow(dead_code)]
            #visibility struct #server<T> { inner: #root::__private::Arc<T> }
        };
    }
    generate! {
        #[doc = #documentation]
        #[allow(dead_code)]
        #visibility struct #server { inner: #root::__private::Arc<#ident> }
    }
}

/// What it can do.
pub(super) fn items(service: &Service, on_trait: bool) -> TokenStream {
    let ident = &service.ident;
    let with = |tokens: TokenStream| if on_trait { tokens } else { TokenStream::new() };
    let (bound, of, nothing) = (
        with(generate! { <__Contract: #ident> }),
        with(generate! { <__Contract> }),
        with(generate! { <()> }),
    );
    let (server, visibility) = (name(service), &service.visibility);
    let inner = if on_trait {
        generate! { __Contract }
    } else {
        generate! { #ident }
    };
    let debug_name = server.to_string();
    let operations = service.operations.iter().enumerate();
    let handlers =
        operations.map(|(index, operation)| handler(index, operation, service, on_trait));
    let names = (0..service.operations.len()).map(handler_name);
    generate! {
        #(#handlers)*
        impl #bound #server #of {
            /// What `Server::new` serves, of a value that fulfils the contract.
            #visibility fn new(service: #inner) -> Self {
                Self::from_arc(__soapstone::Arc::new(service))
            }

            /// The same of an `Arc`, which others may use too.
            #visibility fn from_arc(service: __soapstone::Arc<#inner>) -> Self {
                Self { inner: service }
            }
        }
        impl #server #nothing {
            /// The WSDL of the service whose address is `url`. A server gives it itself, at `GET url?wsdl`.
            #[must_use]
            #visibility fn wsdl(url: &str) -> __soapstone::String {
                __soapstone::describe::wsdl(&SERVICE, &__soapstone::Port::new(url))
            }
        }
        #[automatically_derived]
        impl #of ::core::fmt::Debug for #server #of {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.debug_struct(#debug_name).finish_non_exhaustive()
            }
        }
        #[automatically_derived]
        impl #bound __soapstone::Service for #server #of {
            fn description(&self) -> &'static __soapstone::describe::ServiceDescription {
                &SERVICE
            }

            fn invoke<'x>(
                &'x self,
                operation: usize,
                call: __soapstone::Incoming<'x>,
            ) -> __soapstone::BoxFuture<'x, ::core::result::Result<__soapstone::Reply, __soapstone::Fault>> {
                let handlers: &[__soapstone::Handler<#inner>] = const { &[#(#names),*] };
                __soapstone::handler(handlers, operation)(&self.inner, call)
            }
        }
    }
}

/// `CalcServer`.
pub(super) fn name(service: &Service) -> Ident {
    format_ident!("{}Server", service.ident)
}

/// The function that runs one operation. Each has one of its own: over one function for all of them the compiler would take more
/// than twice as long for twice as many.
fn handler(index: usize, operation: &Operation, service: &Service, on_trait: bool) -> TokenStream {
    let (this, method) = (&service.ident, &operation.ident);
    let mut blocks = Vec::new();
    let mut arguments = Vec::new();
    for (at, parameter) in operation.parameters.iter().enumerate() {
        let slot = variable(at);
        match parameter.role {
            Role::Context => blocks.push(generate! { let #slot = call.context()?; }),
            Role::Header => {
                let ty = read_type(parameter, operation, this);
                let read = call(&ty, "Header", "read", &generate! { &call });
                blocks.push(generate! { let #slot = #read?; });
            }
            Role::Body(_) => {}
        }
        let reference = matches!(parameter.ty, Type::Reference(_)).then(|| generate! { & });
        arguments.push(generate! { #reference #slot });
    }
    let body = body(operation, this);
    let (bound, inner, method, sendable) = if on_trait {
        let method = generate! { <__Contract as #this>::#method };
        (
            generate! { , __Contract: #this },
            generate! { __Contract },
            method,
            None,
        )
    } else {
        let sendable = sendable(operation, this);
        (
            TokenStream::new(),
            generate! { #this },
            generate! { sendable },
            Some(sendable),
        )
    };
    let run = if operation.one_way {
        generate! {
            let service = __soapstone::Arc::clone(service);
            call.accept(async move { #method(&service, #(#arguments),*).await })
        }
    } else {
        let returned = concrete(&operation.returned.ty, this);
        let reply = call(&returned, "Returned", "reply", &generate! { answer, &call });
        generate! {
            let answer = #method(service, #(#arguments),*).await;
            #reply
        }
    };
    let name = handler_name(index);
    generate! {
        fn #name<'x #bound>(
            service: &'x __soapstone::Arc<#inner>,
            mut call: __soapstone::Incoming<'x>,
        ) -> __soapstone::BoxFuture<'x, ::core::result::Result<__soapstone::Reply, __soapstone::Fault>> {
            #sendable
            __soapstone::Box::pin(async move {
                #(#blocks)*
                #body
                #run
            })
        }
    }
}

fn handler_name(index: usize) -> Ident {
    format_ident!("operation_{index}", span = Span::mixed_site())
}

/// A function that calls the method of an `impl` block and points at it if its future is not `Send`, as no trait asks for that.
fn sendable(operation: &Operation, this: &Ident) -> TokenStream {
    let method = &operation.ident;
    let idents = operation
        .parameters
        .iter()
        .map(|parameter| &parameter.ident);
    let idents = idents.collect::<Vec<_>>();
    let types = operation.parameters.iter();
    let types = types.map(|parameter| concrete(&parameter.ty, this));
    let output = concrete(&operation.returned.ty, this);
    let span = Span::mixed_site().located_at(method.span());
    let promise = quote_spanned! { span=>
        impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    generate! {
        fn sendable(this: &#this, #(#idents: #types),*) -> #promise { <#this>::#method(this, #(#idents),*) }
    }
}

/// Reads the arguments that lie in the Body.
fn body(operation: &Operation, this: &Ident) -> TokenStream {
    let parameters = operation.parameters.iter().enumerate();
    let fields = parameters.filter_map(|(index, parameter)| match &parameter.role {
        Role::Body(_) => Some((variable(index), read_type(parameter, operation, this))),
        _ => None,
    });
    let mut fields = fields.peekable();
    match (operation.bare, fields.peek()) {
        (true, None) => generate! { call.arguments(|_| ::core::result::Result::Ok(()))?; },
        (true, Some((variable, ty))) => {
            let read = call(ty, "Value", "from_xml", &generate! { reader });
            generate! { let #variable = call.arguments(|reader| #read)?; }
        }
        (false, _) => {
            let mut slots = from_xml::Slots::default();
            let mut variables = Vec::new();
            for (variable, ty) in fields {
                slots.add("Field", &ty, &variable);
                variables.push(variable);
            }
            let elements = slots.elements();
            let read = generate! { call.parameters(#elements)?; };
            if variables.is_empty() {
                return read;
            }
            let parameters = slots.around(&read, &generate! { (#(#variables,)*) });
            generate! { let (#(#variables,)*) = #parameters?; }
        }
    }
}

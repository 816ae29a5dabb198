//! Models as Rust code. Nothing here can fail.
//!
//! All generated code stands in a `const _` with one alias for what it uses, `__soapstone`, so that a user's names and ours never
//! meet; local variables have the hygiene of `macro_rules`.

/// Tokens with the hygiene of `macro_rules`.
macro_rules! generate {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}

mod client;
mod describe;
mod fault;
mod from_xml;
mod operations;
mod server;
mod service;
mod stub;
mod to_xml;
mod types;

use std::cell::RefCell;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::format_ident;
use syn::{
    Lifetime, Path, Type,
    visit_mut::{self, VisitMut},
};

use crate::model::{FaultEnum, Name, Sequence, SoapType};

pub(crate) use service::{rewrite, service};
pub(crate) use stub::{fault as fault_stub, soap_type as type_stub};

/// The implementations of a type.
pub(crate) fn soap_type(soap_type: &SoapType) -> TokenStream {
    let spaces = Spaces::of(&soap_type.ident);
    let items = types::items(soap_type, &spaces);
    wrap(&soap_type.root, &spaces, &items)
}

/// The implementations of an enum of faults.
pub(crate) fn faults(faults: &FaultEnum) -> TokenStream {
    let spaces = Spaces::of(&faults.ident);
    let items = fault::items(faults, &spaces);
    wrap(&faults.root, &spaces, &items)
}

/// Puts `items` out of the way of the user's names, with the namespaces they use.
fn wrap(root: &Path, spaces: &Spaces, items: &TokenStream) -> TokenStream {
    let statics = spaces.statics();
    generate! {
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, dead_code, deprecated, private_interfaces, unused_qualifications)]
        const _: () = {
            use #root::__private as __soapstone;
            #statics
            #items
        };
    }
}

/// The statics one item uses: its namespaces, and the tables of what its elements hold.
struct Spaces {
    /// The type they are for.
    this: Ident,
    namespaces: RefCell<Vec<String>>,
    /// The tables so far.
    tables: RefCell<Vec<TokenStream>>,
}

impl Spaces {
    fn of(this: &Ident) -> Self {
        Self {
            this: this.clone(),
            namespaces: RefCell::default(),
            tables: RefCell::default(),
        }
    }

    fn index(&self, uri: &str) -> usize {
        let mut uris = self.namespaces.borrow_mut();
        uris.iter()
            .position(|known| known == uri)
            .unwrap_or_else(|| {
                uris.push(uri.to_owned());
                uris.len() - 1
            })
    }

    /// The static of a new table.
    fn table(&self, sequence: &Sequence) -> Ident {
        let table = describe::table(sequence, &self.this, self);
        let mut tables = self.tables.borrow_mut();
        let ident = format_ident!("TABLE_{}", tables.len(), span = Span::mixed_site());
        tables.push(generate! { static #ident: __soapstone::describe::Table = #table; });
        ident
    }

    /// The static of a namespace.
    fn ident(&self, uri: &str) -> Ident {
        format_ident!("NAMESPACE_{}", self.index(uri), span = Span::mixed_site())
    }

    fn statics(&self) -> TokenStream {
        let tables = self.tables.borrow();
        let uris = self.namespaces.borrow().clone();
        let statics = uris.iter().map(|uri| {
            let ident = self.ident(uri);
            generate! { static #ident: __soapstone::xml::Namespace = __soapstone::xml::Namespace::new(#uri); }
        });
        generate! { #(#statics)* #(#tables)* }
    }

    /// `xml::Name { … }`.
    fn name(&self, name: &Name) -> TokenStream {
        let (namespace, local) = (self.ident(&name.namespace), &name.local);
        generate! { __soapstone::xml::Name { namespace: &#namespace, local: #local } }
    }
}

/// A `Tag`.
fn tag(name: &Name) -> TokenStream {
    let is_qualified = !name.namespace.is_empty();
    let prefix = if is_qualified { "n0:" } else { "" };
    let (open, close) = (
        format!("<{prefix}{}>", name.local),
        format!("</{prefix}{}>", name.local),
    );
    match (
        padded(&open, is_qualified.then_some(1)),
        padded(&close, is_qualified.then_some(2)),
    ) {
        (Some(open), Some(close)) => {
            generate! { __soapstone::xml::Tag::short(#open, #close, #is_qualified) }
        }
        _ => generate! { __soapstone::xml::Tag::new(#open, #close) },
    }
}

/// Text of at most 32 bytes as a block of that size, and its length. Zeros stand behind the text and in the place of the prefix.
fn padded(text: &str, prefix: Option<usize>) -> Option<TokenStream> {
    let mut block = [0; 32];
    block
        .get_mut(..text.len())?
        .copy_from_slice(text.as_bytes());
    if let Some(at) = prefix {
        block.get_mut(at..at + 2)?.fill(0);
    }
    let (block, len) = (Literal::byte_string(&block), u8::try_from(text.len()).ok()?);
    Some(generate! { (#block, #len) })
}

/// A `&'static Tag`.
fn static_tag(name: &Name) -> TokenStream {
    let tag = tag(name);
    generate! { const { &#tag } }
}

/// The variable of a field or parameter.
fn variable(index: usize) -> Ident {
    format_ident!("field_{index}", span = Span::mixed_site())
}

/// The lifetime of a message.
fn message_lifetime() -> Lifetime {
    Lifetime::new("'x", Span::mixed_site())
}

/// `ty` with `this` for `Self`.
fn concrete(ty: &Type, this: &Ident) -> Type {
    struct Substitute<'s>(&'s Ident);
    impl VisitMut for Substitute<'_> {
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            name_self(ident, self.0);
        }
    }
    let mut ty = ty.clone();
    Substitute(this).visit_type_mut(&mut ty);
    ty
}

fn name_self(ident: &mut Ident, this: &Ident) {
    if ident == "Self" {
        *ident = Ident::new(&this.to_string(), ident.span());
    }
}

/// `ty` with `lifetime` for every lifetime in it, also the elided ones of references, and `this` for `Self`.
fn with_lifetime(ty: &Type, lifetime: &Lifetime, this: &Ident) -> Type {
    struct Substitute<'s>(&'s Lifetime, &'s Ident);
    impl VisitMut for Substitute<'_> {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = self.0.clone();
        }
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            reference.lifetime = Some(self.0.clone());
            visit_mut::visit_type_mut(self, &mut reference.elem);
        }
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            name_self(ident, self.1);
        }
    }
    let mut ty = ty.clone();
    Substitute(lifetime, this).visit_type_mut(&mut ty);
    ty
}

/// `ty` as it may stand in a static.
fn in_static(ty: &Type, this: &Ident) -> Type {
    with_lifetime(ty, &Lifetime::new("'static", Span::mixed_site()), this)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::{attr, model::Item, report::Report};

    #[test]
    fn the_crate_is_named_by_the_path_given_only() {
        let mut report = Report::default();
        let input = parse_quote! {
            #[soap(namespace = "urn:a", crate = "other::stone")]
            struct Order { #[soap(attribute)] id: i32, name: Vec<String> }
        };
        let of_type = SoapType::read(&input, &mut report).map(|model| super::soap_type(&model));
        let input = parse_quote! {
            #[soap(namespace = "urn:a", crate = "other::stone")]
            enum Failure { A { id: i32 }, #[soap(other)] Other(Fault) }
        };
        let of_fault = FaultEnum::read(&input, &mut report).map(|model| super::faults(&model));
        let options = quote::quote! { namespace = "urn:a", crate = "other::stone" };
        let options = attr::service_options(options, &mut report);
        let contract = quote::quote! { trait Shop { async fn place(&self, order: Order) -> i32; } };
        let item = Item::parse(contract, &mut report).ok();
        let of_service = item.and_then(|item| item.read(&options, &mut report));
        let of_service = of_service.map(|model| super::service(&model, true));
        for tokens in [of_type, of_fault, of_service] {
            let code = tokens.map(|tokens| tokens.to_string()).unwrap_or_default();
            assert!(code.contains("other :: stone :: __private"));
            assert!(!code.contains(" soapstone"), "{code}");
        }
        assert!(report.is_empty());
    }
}

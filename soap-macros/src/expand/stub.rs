//! What stands in for the implementations of an item with mistakes, so that no further errors follow from them.

use proc_macro2::TokenStream;
use syn::{DeriveInput, Path};

use super::message_lifetime;

/// Implementations of everything a type can be asked for.
pub(crate) fn soap_type(input: &DeriveInput, root: &Path) -> TokenStream {
    let ident = &input.ident;
    let (generics, of, clause) = input.generics.split_for_impl();
    let mut with_message = input.generics.clone();
    let lifetime = message_lifetime();
    with_message.params.insert(0, syn::parse_quote!(#lifetime));
    let (reading, ..) = with_message.split_for_impl();
    let lexical = generate! {
        fn from_lexical(
            _: __soapstone::Cow<'x, str>,
            _: &__soapstone::xml::Reader<'x>,
        ) -> ::core::result::Result<Self, __soapstone::xml::ValueError> { ::core::unreachable!() }
        fn write_lexical(
            &self,
            _: &mut __soapstone::xml::Writer,
            _: __soapstone::xml::Place,
        ) -> ::core::result::Result<(), __soapstone::xml::WriteError> { ::core::unreachable!() }
    };
    let choice = generate! {
        const EXPECTED: &'static str = "";
        fn read_variant(
            _: (__soapstone::xml::NamespaceId, &'x str),
            _: &mut __soapstone::xml::Reader<'x>,
        ) -> ::core::result::Result<::core::option::Option<Self>, __soapstone::xml::ReadError> { ::core::unreachable!() }
        fn write_variant(&self, _: &mut __soapstone::xml::Writer) -> ::core::result::Result<(), __soapstone::xml::WriteError> {
            ::core::unreachable!()
        }
    };
    let from_xml = generate! {
        fn from_xml(_: &mut __soapstone::xml::Reader<'x>) -> ::core::result::Result<Self, __soapstone::xml::ReadError> {
            ::core::unreachable!()
        }
    };
    generate! {
        const _: () = {
            use #root::__private as __soapstone;
            impl #generics __soapstone::xml::RootElement for #ident #of #clause {
                const NAMESPACE: &'static __soapstone::xml::Namespace = &__soapstone::xml::Namespace::NONE;
                const NAME: &'static str = "";
                const TAG: &'static __soapstone::xml::Tag = const { &__soapstone::xml::Tag::new("<a>", "</a>") };
            }
            impl #generics __soapstone::describe::Describe for #ident #of #clause {
                fn describe() -> &'static __soapstone::describe::TypeDescription { ::core::unreachable!() }
            }
            impl #generics __soapstone::xml::ToXml for #ident #of #clause {
                fn content(&self, _: &mut __soapstone::xml::Writer) -> ::core::result::Result<(), __soapstone::xml::WriteError> {
                    ::core::unreachable!()
                }
            }
            impl #reading __soapstone::xml::FromXml<'x> for #ident #of #clause { #from_xml }
            impl #reading __soapstone::xml::SimpleType<'x> for #ident #of #clause { #lexical }
            impl #reading __soapstone::xml::Choice<'x> for #ident #of #clause { #choice }
        };
    }
}

/// Implementations of everything a fault can be asked for.
pub(crate) fn fault(input: &DeriveInput, root: &Path) -> TokenStream {
    if input.generics.type_params().next().is_some() {
        return TokenStream::new(); // it may lack what a fault must have
    }
    let ident = &input.ident;
    let (generics, of, clause) = input.generics.split_for_impl();
    generate! {
        const _: () = {
            use #root::__private as __soapstone;
            impl #generics __soapstone::SoapFault for #ident #of #clause {
                fn fault(&self) -> __soapstone::Cow<'_, __soapstone::Fault> { ::core::unreachable!() }
                fn write_detail(&self, _: &mut __soapstone::xml::Writer) -> ::core::result::Result<bool, __soapstone::xml::WriteError> {
                    ::core::unreachable!()
                }
                fn read_detail<'x>(
                    _: (__soapstone::xml::NamespaceId, &'x str),
                    _: &mut __soapstone::xml::Reader<'x>,
                ) -> ::core::result::Result<::core::option::Option<Self>, __soapstone::xml::ReadError> { ::core::unreachable!() }
                fn other(_: __soapstone::Fault) -> Self { ::core::unreachable!() }
                fn describe() -> &'static [__soapstone::describe::FaultDescription] { ::core::unreachable!() }
            }
            impl #generics ::core::convert::From<__soapstone::Fault> for #ident #of #clause {
                fn from(_: __soapstone::Fault) -> Self { ::core::unreachable!() }
            }
            impl #generics ::core::fmt::Display for #ident #of #clause {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { ::core::unreachable!() }
            }
            impl #generics ::core::error::Error for #ident #of #clause {}
        };
    }
}

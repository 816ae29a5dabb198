//! The implementations of `#[derive(SoapFault)]`.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;

use super::{
    Spaces, describe, from_xml, to_xml,
    types::{destructured, tables},
};
use crate::model::{Content, FaultEnum, FaultVariant, Reason};

/// All implementations of the enum.
pub(super) fn items(faults: &FaultEnum, spaces: &Spaces) -> TokenStream {
    let FaultEnum { ident, other, .. } = faults;
    let soap_fault = soap_fault(faults, spaces);
    let reason = faults.has_typed().then(|| {
        generate! { typed => formatter.write_str(__soapstone::SoapFault::fault(typed).reason()), }
    });
    generate! {
        #soap_fault
        #[automatically_derived]
        impl ::core::convert::From<__soapstone::Fault> for #ident {
            fn from(fault: __soapstone::Fault) -> Self {
                Self::#other(fault)
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    Self::#other(fault) => ::core::fmt::Display::fmt(fault, formatter),
                    #reason
                }
            }
        }
        #[automatically_derived]
        impl ::core::error::Error for #ident {}
    }
}

fn soap_fault(faults: &FaultEnum, spaces: &Spaces) -> TokenStream {
    let FaultEnum {
        ident,
        other,
        faults,
        ..
    } = faults;
    let values = faults.iter().map(fault);
    let names = faults.iter().map(|fault| {
        let (ident, name) = (&fault.ident, &fault.name.local);
        generate! { Self::#ident { .. } => ::core::option::Option::Some(#name), }
    });
    let tables = tables(faults.iter().map(|fault| &fault.content), spaces);
    let with_tables = || faults.iter().zip(&tables);
    let writes = with_tables().map(|(fault, table)| {
        let (pattern, values) = destructured(&fault.ident, &fault.content);
        let write = to_xml::element(&fault.name, &fault.content, &values, table.as_ref(), spaces);
        generate! { #pattern => { #write ::core::result::Result::Ok(true) } }
    });
    let reads = with_tables().map(|(fault, table)| {
        let (ident, local) = (&fault.ident, &fault.name.local);
        let is_meant = from_xml::is_namespace(&fault.name.namespace, spaces);
        let value = from_xml::variant(&fault.content, &generate! { Self::#ident }, table.as_ref());
        generate! { #local if #is_meant => #value.map(::core::option::Option::Some), }
    });
    let descriptions = with_tables().map(|(fault, table)| {
        let (name, element, documentation) = (&fault.name.local, spaces.name(&fault.name), &fault.documentation);
        let action = describe::action(fault.action.as_deref());
        let of = describe::content_type(&fault.name, &fault.content, table.as_ref(), ident, spaces);
        generate! {
            __soapstone::describe::FaultDescription { name: #name, element: #element, of: #of, documentation: #documentation, action: #action }
        }
    });
    generate! {
        #[automatically_derived]
        impl __soapstone::SoapFault for #ident {
            fn fault(&self) -> __soapstone::Cow<'_, __soapstone::Fault> {
                match self {
                    #(#values)*
                    Self::#other(fault) => __soapstone::Cow::Borrowed(fault),
                }
            }
            fn name(&self) -> ::core::option::Option<&'static str> {
                match self {
                    #(#names)*
                    Self::#other(_) => ::core::option::Option::None,
                }
            }
            fn write_detail(&self, writer: &mut __soapstone::xml::Writer) -> ::core::result::Result<bool, __soapstone::xml::WriteError> {
                match self {
                    #(#writes)*
                    Self::#other(_) => ::core::result::Result::Ok(false),
                }
            }
            fn read_detail<'x>(
                (namespace, local): (__soapstone::xml::NamespaceId, &'x str),
                reader: &mut __soapstone::xml::Reader<'x>,
            ) -> ::core::result::Result<::core::option::Option<Self>, __soapstone::xml::ReadError> {
                match local {
                    #(#reads)*
                    _ => ::core::result::Result::Ok(::core::option::Option::None),
                }
            }
            fn other(fault: __soapstone::Fault) -> Self {
                Self::#other(fault)
            }
            fn describe() -> &'static [__soapstone::describe::FaultDescription] {
                static FAULTS: &[__soapstone::describe::FaultDescription] = &[#(#descriptions),*];
                FAULTS
            }
        }
    }
}

/// The arm that makes a `Fault`.
fn fault(fault: &FaultVariant) -> TokenStream {
    let ident = &fault.ident;
    let (pattern, reason) = match (&fault.reason, &fault.content) {
        (Reason::Plain(text), Content::Empty) => (generate! { Self::#ident }, generate! { #text }),
        (Reason::Plain(text), Content::Value(_)) => {
            (generate! { Self::#ident(_) }, generate! { #text })
        }
        (Reason::Plain(text), Content::Sequence(_)) => {
            (generate! { Self::#ident { .. } }, generate! { #text })
        }
        (Reason::Format(text, fields), content) => {
            let pattern = match (content, fields.first()) {
                (Content::Value(_), Some(value)) => generate! { Self::#ident(#value) },
                (Content::Value(_), None) => generate! { Self::#ident(_) },
                (Content::Empty, _) => generate! { Self::#ident },
                (Content::Sequence(_), _) => generate! { Self::#ident { #(#fields,)* .. } },
            };
            (pattern, generate! { __soapstone::format!(#text) })
        }
    };
    let code = format_ident!("{}", fault.code, span = Span::mixed_site());
    let subcode = fault.subcode.as_ref().map(|name| {
        let (namespace, local) = (&name.namespace, &name.local);
        generate! { .with_subcode(__soapstone::types::QName::new(#namespace, #local)) }
    });
    generate! {
        #pattern => __soapstone::Cow::Owned(
            __soapstone::Fault::new(__soapstone::FaultCode::#code, #reason) #subcode
        ),
    }
}

//! `#[derive(SoapType)]`, `#[derive(SoapFault)]` and `#[service]`. Users depend on `soapstone`, which re-exports this.
//!
//! Each macro reads the annotated item into a `model` of SOAP words, has `check` look at it, and lets `expand` print Rust. Every
//! mistake goes to a `report` at the word that is wrong and all are shown in one compile.

mod attr;
mod case;
mod check;
#[cfg(test)]
mod documentation;
mod expand;
mod model;
mod remedy;
mod report;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use model::{FaultEnum, Item, SoapType};
use report::Report;

#[doc = include_str!("../docs/soap_type.md")]
#[proc_macro_derive(SoapType, attributes(soap))]
pub fn derive_soap_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut report = Report::default();
    let soap_type = SoapType::read(&input, &mut report);
    if let Some(soap_type) = &soap_type {
        check::soap_type(soap_type, &mut report);
    }
    match soap_type {
        Some(soap_type) if report.is_empty() => expand::soap_type(&soap_type).into(),
        _ => report
            .beside(&expand::type_stub(&input, &model::root_of(&input)))
            .into(),
    }
}

#[doc = include_str!("../docs/soap_fault.md")]
#[proc_macro_derive(SoapFault, attributes(soap))]
pub fn derive_soap_fault(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut report = Report::default();
    let faults = FaultEnum::read(&input, &mut report);
    if let Some(faults) = &faults {
        check::faults(faults, &mut report);
    }
    match faults {
        Some(faults) if report.is_empty() => expand::faults(&faults).into(),
        _ => report
            .beside(&expand::fault_stub(&input, &model::root_of(&input)))
            .into(),
    }
}

#[doc = include_str!("../docs/service.md")]
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let options = attr::service_options(arguments.into(), &mut report);
    let item = match Item::parse(item.into(), &mut report) {
        Ok(item) => item,
        Err(item) => return report.beside(&item).into(),
    };
    let on_trait = matches!(item, Item::Trait(_));
    let mut service = item.read(&options, &mut report);
    if let Some(service) = &mut service {
        check::service(service, &mut report);
    }
    let is_served = service.as_ref().is_none_or(|service| service.sides.server);
    let mut tokens = expand::rewrite(item, is_served);
    tokens.extend(service.map(|service| expand::service(&service, on_trait)));
    report.beside(&tokens).into()
}

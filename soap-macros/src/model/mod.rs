//! Annotated items in the words of SOAP, with the place in the source of each: no tokens of what is generated.

mod fault;
mod fields;
mod operation;
mod service;
mod types;

use proc_macro2::Span;
use syn::{DeriveInput, Generics, Ident, LitStr, Path, Type, parse_quote};

use crate::{
    attr::{self, Options},
    case::{self, Case},
    report::Report,
};

pub(crate) use fault::{FaultEnum, FaultVariant, Reason};
pub(crate) use fields::{Field, Kind, Scope, Sequence};
pub(crate) use operation::{Operation, Parameter, Role};
pub(crate) use service::{Item, Service, Sides};
pub(crate) use types::{Alternative, Body, Content, SoapType, Variant, Word};

/// A name on the wire.
#[derive(Clone)]
pub(crate) struct Name {
    /// Empty for no namespace.
    pub(crate) namespace: String,
    pub(crate) local: String,
    /// The word that gives the name.
    pub(crate) span: Span,
}

/// The local name `ident` has, and the word that gives it: the option `name`, else the identifier.
fn local_name(options: &Options, ident: &Ident, case: Case, report: &mut Report) -> (String, Span) {
    if let Some(text) = options.text("name") {
        return (checked_name(text, report), text.span());
    }
    let name = case.name(ident);
    if !case::is_ncname(&name) {
        let remedy = "give it one: `#[soap(name = \"…\")]`";
        report.at(
            ident.span(),
            format_args!("`{ident}` makes no name in XML: {remedy}"),
        );
    }
    (name, ident.span())
}

/// The text of a name, reported if XML has no such name.
fn checked_name(text: &LitStr, report: &mut Report) -> String {
    let name = text.value();
    if !case::is_ncname(&name) {
        let rule =
            "it starts with a letter or `_` and goes on with letters, digits, `-`, `_` and `.`";
        report.at(
            text.span(),
            format_args!("{name:?} is no name in XML: {rule}"),
        );
    }
    name
}

/// The action that `option` declares, if it is there.
fn declared_action(options: &Options, option: &str, report: &mut Report) -> Option<String> {
    let action = action(options, option, report)?;
    if let Some(text) = options.text(option).filter(|_| action.is_empty()) {
        report.at(
            text.span(),
            format_args!("an action is not empty: remove `{option}` for the default one"),
        );
    }
    Some(action)
}

/// The action of that option, which may be empty.
fn action(options: &Options, option: &str, report: &mut Report) -> Option<String> {
    let text = options.text(option)?;
    let action = text.value();
    if holds_what_no_uri_has(&action) {
        report.at(text.span(), no_uri(&action));
    }
    Some(action)
}

/// The URI of the option `namespace`, if it is there.
fn namespace(options: &Options, report: &mut Report) -> Option<String> {
    let text = options.text("namespace")?;
    let uri = text.value();
    if uri.is_empty() {
        report.at(
            text.span(),
            "a namespace is not empty: write `unqualified` for names in no namespace",
        );
    } else if uri == "http://www.w3.org/2000/xmlns/" {
        report.at(
            text.span(),
            "names of this namespace declare namespaces, which is done for you: remove it",
        );
    } else if holds_what_no_uri_has(&uri) {
        report.at(text.span(), no_uri(&uri));
    }
    Some(uri)
}

fn holds_what_no_uri_has(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c))
}

fn no_uri(text: &str) -> String {
    format!("{text:?} is no URI: it holds a character no URI has")
}

/// Path of the crate generated code uses, for an item with mistakes.
pub(crate) fn root_of(input: &DeriveInput) -> Path {
    let options = Options::read(&input.attrs, &attr::STRUCT, &mut Report::default());
    root(&options, &mut Report::default())
}

/// Path of the crate generated code uses.
fn root(options: &Options, report: &mut Report) -> Path {
    let path = options.text("crate").map_or_else(
        || Ok(parse_quote!(::soapstone)),
        |text| {
            text.parse::<Path>()
                .map_err(|_| (text.span(), text.value()))
        },
    );
    path.unwrap_or_else(|(span, text)| {
        report.at(
            span,
            format_args!("{text:?} is no path of a crate: `crate = \"my::soapstone\"`"),
        );
        parse_quote!(::soapstone)
    })
}

/// Reports every generic parameter but one lifetime, and that too where `lifetime` is false.
fn refuse_generics(generics: &Generics, lifetime: bool, what: &str, report: &mut Report) {
    for parameter in &generics.params {
        match parameter {
            syn::GenericParam::Lifetime(_) if lifetime && generics.lifetimes().count() == 1 => {}
            syn::GenericParam::Lifetime(_) if lifetime => {
                report.across(
                    parameter,
                    format_args!(
                        "{what} borrows from one message: use one lifetime for all fields"
                    ),
                );
            }
            syn::GenericParam::Lifetime(_) => {
                report.across(
                    parameter,
                    format_args!("{what} outlives its message: own the data, as `String`"),
                );
            }
            _ => {
                let remedy = "write one for each type in use";
                report.across(
                    parameter,
                    format_args!(
                        "{what} has one shape in the WSDL, so it cannot be generic: {remedy}"
                    ),
                );
            }
        }
    }
    if let Some(clause) = &generics.where_clause {
        report.across(
            clause,
            format_args!("{what} cannot have a `where` clause: remove it"),
        );
    }
}

/// True if the type is written as `Vec<…>`.
pub(crate) fn is_vec(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec"))
}

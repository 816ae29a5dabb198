//! `#[derive(SoapType)]`, `#[derive(SoapFault)]` and `#[service]` of soapstone. Their documentation is that of the crate
//! `soapstone`, which re-exports them.
//!
//! Each macro reads the annotated item into a `model` of SOAP words, has `check` look at it, and lets `expand` print Rust. Every
//! mistake goes to a `report` at the word that is wrong and all are shown in one compile.

mod attr;
mod case;
mod check;
mod expand;
mod model;
mod report;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use model::{FaultEnum, Item, SoapType};
use report::Report;

/// Derives how a type is written, read and described in the WSDL.
///
/// | Rust | XML Schema |
/// |---|---|
/// | struct with named fields | sequence of elements, in any order when read |
/// | `T`, `Option<T>`, `Vec<T>` | once, at most once, any number of times |
/// | unit struct | empty content |
/// | tuple struct of one field | simple type: the lexical form of the field |
/// | enum of unit variants | enumeration, a word each |
/// | enum with data | choice of elements: `V(T)` of that type, `V { … }` a sequence, `V` empty |
/// | enum with `xsi_type` | the type that `xsi:type` names: each variant holds one |
///
/// The name of an element is the field's in lowerCamelCase; a variant and a type keep theirs. A type may borrow from the message
/// by one lifetime; it cannot be generic.
///
/// # Options of a type
/// - `namespace = "…"`: of the type and its elements. Needed, unless `unqualified`.
/// - `unqualified`: elements are in no namespace.
/// - `name = "…"`: of the type, and of its element where it is one by itself.
/// - `rename_all = "…"`: `camelCase`, `PascalCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` or `none`.
/// - `deny_unknown`: elements and attributes that no field takes are refused, not skipped.
/// - `ordered` (structs): elements must come in the order of the fields.
/// - `xsi_type` (enums): polymorphism by `xsi:type`; `default` marks the variant meant where there is none.
/// - `crate = "…"`: path of soapstone, where it is re-exported.
///
/// # Options of a field
/// - `name = "…"`, `namespace = "…"`, `qualified`, `unqualified`: name and namespace of the element or attribute.
/// - `attribute`: an attribute; `T` required, `Option<T>` optional; in no namespace unless said.
/// - `text`: the text of the element, beside attributes.
/// - `choice`: the field's type is a choice, whose elements stand here.
/// - `any`: every element no other field takes, as `Element`.
///
/// # Options of a variant
/// - `name = "…"`: the word, or the name of the element; `namespace = "…"` of the element.
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

/// Derives the typed faults of an operation from an enum: `SoapFault`, `From<Fault>`, `Display` (the reason) and `Error`.
///
/// Each variant is an element in the fault's detail, named as the variant: `V { … }` holds its fields, `V(T)` what `T` holds, `V`
/// nothing. Children are read by their local names, whatever their namespace. Exactly one variant is
/// `#[soap(other)] Other(Fault)`: every fault that no variant names.
///
/// # Options of the enum
/// `namespace = "…"` (needed), `rename_all = "…"`, `crate = "…"`: as those of a type.
///
/// # Options of a variant
/// - `code = "…"`: `Sender`, `Receiver` (unless said), `MustUnderstand`, `VersionMismatch` or `DataEncodingUnknown`.
/// - `subcode = "…"`: local name of a subcode in the namespace of the enum.
/// - `reason = "…"`: the text, which may name fields: `"no account {id}"`, `{0}` for that of `V(T)`. Unless said the variant's name
///   in words.
/// - `name = "…"`, `namespace = "…"`: of the detail's element. `name = "…"` also of a field.
/// - `other`: the variant of all other faults.
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

/// Makes a service of a trait, or of the `impl` block of a struct: `XServer` and `XClient`.
///
/// On a trait, which is the contract, `async fn` methods come to promise futures that are `Send`; implementations are plain
/// `async fn`. On an `impl` block nothing is changed, and the generated types are as visible as the most visible operation.
///
/// Arguments have the same types on both sides: `&str` and `&T` are read to what they point to. What comes back is a value,
/// `Result<value, fault>`, or either `WithHeader`. A method named `get_price` is the operation `GetPrice`: the element `GetPrice`
/// holds an element for each parameter, in lowerCamelCase, and `GetPriceResponse` holds `GetPriceResult`. The action is
/// `{namespace}/GetPrice`, with `:` behind a URN.
///
/// # Options of the service
/// `namespace = "…"` (needed), `name = "…"` (of the port type; the service is `{name}Service`), `unqualified` (parameters and
/// results are in no namespace), `crate = "…"`.
///
/// # Options of an operation, in `#[soap(…)]` on the method
/// - `name = "…"`, `action = "…"`, `result = "…"`: names on the wire.
/// - `one_way`: nothing comes back, not even a fault. Arguments are owned, or `&str` or `&T`.
/// - `bare`: the Body holds the one parameter itself, by the name of its type or `name`; the answer likewise, by `result`.
///   Several operations may have the same element in the Body if their actions differ.
/// - `idempotent`: the request may be sent again after a failure in transport.
/// - `unqualified`: parameters and result are in no namespace.
///
/// # Options of a parameter
/// - `name = "…"`; with `bare` also `namespace = "…"`.
/// - `header`: a header block, whose type is an element of its own: `T`, `Option<T>` or `Vec<T>`.
/// - `context`: the server's `&Context`; clients do not have this parameter.
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
    let mut tokens = expand::rewrite(item);
    tokens.extend(service.map(|service| expand::service(&service, on_trait)));
    report.beside(&tokens).into()
}

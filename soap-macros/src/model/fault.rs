//! `#[derive(SoapFault)]`: the faults of an operation.

use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path};

use crate::{
    attr::{self, Options},
    case::{self, Case},
    report::Report,
};

use super::{
    Content, Name, Scope, checked_name, declared_action, fields::placeholders, local_name,
    namespace, refuse_generics, root, types::newtype,
};

const CODES: &[&str] = &[
    "Sender",
    "Receiver",
    "MustUnderstand",
    "VersionMismatch",
    "DataEncodingUnknown",
];

/// An enum of faults.
pub(crate) struct FaultEnum {
    pub(crate) ident: Ident,
    pub(crate) root: Path,
    pub(crate) faults: Vec<FaultVariant>,
    /// The variant of what none of the others is.
    pub(crate) other: Ident,
}

/// A fault with a typed detail.
pub(crate) struct FaultVariant {
    pub(crate) ident: Ident,
    pub(crate) documentation: String,
    pub(crate) name: Name,
    /// Variant of `FaultCode`.
    pub(crate) code: String,
    pub(crate) subcode: Option<Name>,
    pub(crate) reason: Reason,
    /// Where it is declared.
    pub(crate) action: Option<String>,
    pub(crate) content: Content,
}

/// The text of a fault.
pub(crate) enum Reason {
    Plain(String),
    /// A format string and the fields it takes values from.
    Format(LitStr, Vec<Ident>),
}

impl FaultEnum {
    /// Reads an annotated enum; `None` if its shape has no meaning.
    pub(crate) fn read(input: &DeriveInput, report: &mut Report) -> Option<Self> {
        refuse_generics(&input.generics, false, "a fault", report);
        let options = Options::read(&input.attrs, &attr::FAULT, report);
        let Data::Enum(data) = &input.data else {
            let remedy = "make it an enum with a variant for each fault and one `#[soap(other)] Other(Fault)`";
            report.at(
                input.ident.span(),
                format_args!("`{}` is no enum: {remedy}", input.ident),
            );
            return None;
        };
        let uri = namespace(&options, report);
        if options.lacks("namespace") {
            report.at(
                input.ident.span(),
                "the details of faults need a namespace: add `#[soap(namespace = \"…\")]`",
            );
        }
        let case = Case::read(options.text("rename_all"), Case::Verbatim, report);
        let scope = Scope {
            namespace: uri.unwrap_or_default(),
            qualified: true,
            case,
        };
        let mut other = None;
        let mut misspelt = false;
        let mut faults = Vec::new();
        for variant in &data.variants {
            let options = Options::read(&variant.attrs, &attr::FAULT_VARIANT, report);
            misspelt |= !options.has("other") && !options.lacks("other");
            match options.span("other") {
                None => faults.extend(FaultVariant::read(variant, &options, &scope, report)),
                Some(span) if other.is_some() => report.at(
                    span,
                    "a second `other`: one variant takes every fault that no variant names",
                ),
                Some(_) => {
                    let meaningless = ["name", "namespace", "code", "subcode", "reason", "action"];
                    options.none_of(&meaningless, "on `other`: its `Fault` says all", report);
                    newtype(variant, "hold a fault: `Other(soapstone::Fault)`", report);
                    other = Some(variant.ident.clone());
                }
            }
        }
        if other.is_none() && !misspelt {
            let why = "a client may be answered with a fault that no variant names";
            report.at(
                input.ident.span(),
                format_args!("{why}: add the variant `#[soap(other)] Other(soapstone::Fault)`"),
            );
        }
        let root = root(&options, report);
        Some(Self {
            ident: input.ident.clone(),
            root,
            faults,
            other: other?,
        })
    }
}

impl FaultVariant {
    fn read(
        variant: &syn::Variant,
        options: &Options,
        scope: &Scope,
        report: &mut Report,
    ) -> Option<Self> {
        let namespace = namespace(options, report).unwrap_or_else(|| scope.namespace.clone());
        let (local, span) = local_name(options, &variant.ident, scope.case, report);
        let fields = Scope {
            namespace: namespace.clone(),
            case: Case::LowerCamel,
            ..scope.clone()
        };
        let mut content = Content::read(variant, &attr::FAULT_FIELD, &fields, report)?;
        if let Content::Sequence(sequence) = &mut content {
            sequence.by_local_name = true;
        }
        let subcode = options.text("subcode").map(|text| Name {
            namespace: scope.namespace.clone(),
            local: checked_name(text, report),
            span: text.span(),
        });
        Some(Self {
            ident: variant.ident.clone(),
            documentation: attr::documentation(&variant.attrs),
            name: Name {
                namespace,
                local,
                span,
            },
            code: code(options.text("code"), report),
            subcode,
            reason: Reason::read(options.text("reason"), variant, report),
            action: declared_action(options, "action", report),
            content,
        })
    }
}

fn code(text: Option<&LitStr>, report: &mut Report) -> String {
    let Some(text) = text else {
        return "Receiver".to_owned();
    };
    let code = text.value();
    if !CODES.contains(&code.as_str()) {
        let remedy = match code.as_str() {
            "Client" => "write \"Sender\", which SOAP 1.1 calls Client".to_owned(),
            "Server" => "write \"Receiver\", which SOAP 1.1 calls Server".to_owned(),
            _ => format!("use one of {}", CODES.join(", ")),
        };
        report.at(
            text.span(),
            format_args!("{code:?} is no fault code: {remedy}"),
        );
    }
    code
}

impl Reason {
    fn read(text: Option<&LitStr>, variant: &syn::Variant, report: &mut Report) -> Self {
        let Some(text) = text else {
            return Self::Plain(case::humanised(&variant.ident));
        };
        if !text.value().contains(['{', '}']) {
            return Self::Plain(text.value());
        }
        let mut used = Vec::new();
        for name in placeholders(text) {
            let known = match &variant.fields {
                Fields::Named(fields) => fields
                    .named
                    .iter()
                    .any(|field| field.ident.as_ref().is_some_and(|ident| *ident == name)),
                Fields::Unnamed(_) => name == "0",
                Fields::Unit => false,
            };
            if !known || name.starts_with("r#") {
                report.at(text.span(), unknown_field(&name, &variant.fields));
            } else if !used
                .iter()
                .any(|ident: &Ident| *ident == name || name == "0")
            {
                let binding = if name == "0" { "value" } else { &name };
                used.push(Ident::new(binding, text.span()));
            }
        }
        if matches!(variant.fields, Fields::Unnamed(_)) {
            let named = LitStr::new(&text.value().replace("{0", "{value"), text.span());
            return Self::Format(named, used);
        }
        Self::Format(text.clone(), used)
    }
}

fn unknown_field(name: &str, fields: &Fields) -> String {
    let has = match fields {
        Fields::Named(fields) => {
            let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
            format!(
                "it has {}",
                names
                    .map(|ident| format!("`{{{ident}}}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        Fields::Unnamed(_) => "it has `{0}`".to_owned(),
        Fields::Unit => "it has none".to_owned(),
    };
    format!("`{{{name}}}` is no field of this fault: {has}")
}

impl FaultEnum {
    /// True if there is a fault beside `other`.
    pub(crate) fn has_typed(&self) -> bool {
        !self.faults.is_empty()
    }
}

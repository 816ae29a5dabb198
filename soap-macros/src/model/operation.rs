//! The operations of a contract, and their parameters.

use proc_macro2::Span;
use syn::{
    Attribute, FnArg, Ident, LitStr, Pat, PatType, ReturnType, Signature, Type, parse_quote,
    spanned::Spanned,
};

use crate::{
    attr::{self, Options},
    case::Case,
    report::Report,
};

use super::{Name, Scope, local_name, namespace};

/// An operation.
pub(crate) struct Operation {
    pub(crate) ident: Ident,
    pub(crate) documentation: String,
    pub(crate) name: String,
    pub(crate) action: String,
    /// The text of the action, where it is declared.
    pub(crate) action_span: Option<Span>,
    /// Of the answer, where it is declared.
    pub(crate) reply_action: Option<String>,
    pub(crate) bare: bool,
    pub(crate) one_way: bool,
    pub(crate) idempotent: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returned: Returned,
    /// The word that gives the name.
    pub(crate) span: Span,
}

/// What comes back.
pub(crate) struct Returned {
    /// As declared, `()` if nothing is.
    pub(crate) ty: Type,
    /// `None`: the element of the type itself.
    pub(crate) name: Option<Name>,
    /// Nothing comes back but the answer itself.
    pub(crate) unit: bool,
}

/// A parameter.
pub(crate) struct Parameter {
    pub(crate) ident: Ident,
    /// As declared.
    pub(crate) ty: Type,
    pub(crate) documentation: String,
    pub(crate) role: Role,
}

/// Where an argument comes from.
pub(crate) enum Role {
    /// The Body. `None`: the element of the type itself.
    Body(Option<Name>),
    Header,
    Context,
}

impl Operation {
    /// Reads a method; `None` if it can be no operation.
    pub(super) fn read(
        attributes: &[Attribute],
        signature: &Signature,
        scope: &Scope,
        report: &mut Report,
    ) -> Option<Self> {
        let options = Options::read(attributes, &attr::OPERATION, report);
        if !check_signature(attributes, signature, report) {
            return None;
        }
        let (name, span) = local_name(&options, &signature.ident, Case::UpperCamel, report);
        let scope = Scope {
            qualified: scope.qualified && !options.has("unqualified"),
            ..scope.clone()
        };
        let (bare, one_way) = (options.has("bare"), options.has("one_way"));
        if bare {
            options.none_of(
                &["unqualified"],
                "beside `bare`: no element is wrapped",
                report,
            );
        }
        if one_way {
            options.none_of(
                &["reply_action"],
                "on a `one_way` operation: nothing comes back",
                report,
            );
        }
        let mut parameters = Vec::new();
        for argument in &signature.inputs {
            match argument {
                FnArg::Receiver(receiver) => attr::refuse(&receiver.attrs, "remove it", report),
                FnArg::Typed(argument) => {
                    parameters.push(Parameter::read(argument, bare, &scope, report))
                }
            }
        }
        let parameters = parameters.into_iter().collect::<Option<_>>()?;
        let returned = read_result(&signature.output, &name, &options, &scope, report);
        if one_way && !is_unit(&returned.ty) {
            report.across(&returned.ty, "nothing comes back from a `one_way` operation: remove the return type, or `one_way`");
            return None;
        }
        let declared = super::action(&options, "action", report);
        let action = declared.unwrap_or_else(|| action(&scope.namespace, &name));
        Some(Self {
            ident: signature.ident.clone(),
            documentation: attr::documentation(attributes),
            name,
            action,
            action_span: options.text("action").map(LitStr::span),
            reply_action: super::declared_action(&options, "reply_action", report),
            bare,
            one_way,
            idempotent: options.has("idempotent"),
            parameters,
            returned,
            span,
        })
    }

    /// What WS-Addressing has for the request where no action is declared (1.0 Metadata, section 4.4.4).
    pub(crate) fn default_action(&self, namespace: &str, port_type: &str) -> String {
        let delimiter = if is_urn(namespace) { ":" } else { "/" };
        let start = namespace.strip_suffix(delimiter).unwrap_or(namespace);
        let name = &self.name;
        let request = if self.one_way { "" } else { "Request" };
        format!("{start}{delimiter}{port_type}{delimiter}{name}{request}")
    }

    /// The parameters that lie in the Body.
    pub(crate) fn body(&self) -> impl Iterator<Item = (&Parameter, Option<&Name>)> {
        self.parameters
            .iter()
            .filter_map(|parameter| match &parameter.role {
                Role::Body(name) => Some((parameter, name.as_ref())),
                _ => None,
            })
    }
}

impl Parameter {
    /// Reads a parameter; `None` if something is wrong with it.
    fn read(argument: &PatType, bare: bool, scope: &Scope, report: &mut Report) -> Option<Self> {
        let before = report.count();
        let options = Options::read(&argument.attrs, &attr::PARAMETER, report);
        let ident = match &*argument.pat {
            Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => {
                pattern.ident.clone()
            }
            pattern => {
                report.across(pattern, "a parameter needs a name, which is that of its element: take the pattern apart in the body");
                return None;
            }
        };
        let role = Role::read(&options, &ident, bare, scope, report);
        let documentation = attr::documentation(&argument.attrs);
        (report.count() == before).then(|| Self {
            ident,
            ty: (*argument.ty).clone(),
            documentation,
            role,
        })
    }
}

impl Role {
    fn read(
        options: &Options,
        ident: &Ident,
        bare: bool,
        scope: &Scope,
        report: &mut Report,
    ) -> Self {
        match options.one_of(&["header", "context"], report) {
            Some("header") => {
                options.none_of(
                    &["name", "namespace"],
                    "on a header: the name is that of its type",
                    report,
                );
                Self::Header
            }
            Some(_) => {
                options.none_of(
                    &["name", "namespace"],
                    "on the context, which is not on the wire",
                    report,
                );
                Self::Context
            }
            None if bare && !options.has("name") => {
                options.none_of(&["namespace"], "without `name` beside it", report);
                Self::Body(None)
            }
            None => {
                if !bare {
                    options.none_of(
                        &["namespace"],
                        "on the parameter of a wrapped operation",
                        report,
                    );
                }
                let namespace = namespace(options, report).filter(|_| bare);
                let default = if bare {
                    scope.namespace.clone()
                } else {
                    scope.element_namespace()
                };
                let (local, span) = local_name(options, ident, Case::LowerCamel, report);
                Self::Body(Some(Name {
                    namespace: namespace.unwrap_or(default),
                    local,
                    span,
                }))
            }
        }
    }
}

fn read_result(
    output: &ReturnType,
    operation: &str,
    options: &Options,
    scope: &Scope,
    report: &mut Report,
) -> Returned {
    let ty: Type = match output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let unit = is_unit(&ty) || wraps_unit(&ty);
    let named = options
        .text("result")
        .map(|text| (super::checked_name(text, report), text.span()));
    if let (Some((_, span)), true) = (&named, unit) {
        report.at(*span, "`result` names nothing: no value comes back");
    }
    let bare = options.has("bare");
    let namespace = if bare {
        scope.namespace.clone()
    } else {
        scope.element_namespace()
    };
    let (local, span) = match named {
        Some(named) => named,
        None if bare => {
            return Returned {
                ty,
                name: None,
                unit,
            };
        }
        None => (format!("{operation}Result"), ty.span()),
    };
    Returned {
        ty,
        name: Some(Name {
            namespace,
            local,
            span,
        }),
        unit,
    }
}

/// True if the method can be an operation; else what keeps it from being one is reported.
fn check_signature(attributes: &[Attribute], signature: &Signature, report: &mut Report) -> bool {
    let before = report.count();
    if signature.asyncness.is_none() {
        report.across(
            signature.fn_token,
            "an operation is asynchronous: write `async fn`",
        );
    }
    match signature.receiver() {
        Some(receiver) if matches!(&receiver.kind, syn::ReceiverKind::Reference(_, None, None)) => {
        }
        Some(receiver) => report.across(
            receiver,
            "calls run side by side, so an operation takes `&self`",
        ),
        None => report.at(
            signature.ident.span(),
            "an operation takes `&self`: add it, or move the function out of this block",
        ),
    }
    for parameter in &signature.generics.params {
        report.across(
            parameter,
            "an operation has one shape in the WSDL, so it cannot be generic: name the types",
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        report.across(
            clause,
            "an operation cannot have a `where` clause: remove it",
        );
    }
    if let Some(variadic) = &signature.variadic {
        report.across(variadic, "an operation has a fixed number of parameters");
    }
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
    {
        report.across(
            attribute,
            "the contract is the same in every build: put `#[cfg]` on the whole item",
        );
    }
    report.count() == before
}

fn action(namespace: &str, name: &str) -> String {
    match namespace.chars().last() {
        Some('/' | '#' | ':') => format!("{namespace}{name}"),
        _ if is_urn(namespace) => format!("{namespace}:{name}"),
        _ => format!("{namespace}/{name}"),
    }
}

fn is_urn(namespace: &str) -> bool {
    namespace
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// `Result<(), Fault>`, `WithHeader<(), Header>` and aliases of them.
fn wraps_unit(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(first)) => is_unit(first) || wraps_unit(first),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions() {
        assert_eq!(
            action("http://example.org/calc", "Add"),
            "http://example.org/calc/Add"
        );
        assert_eq!(
            action("http://example.org/calc/", "Add"),
            "http://example.org/calc/Add"
        );
        assert_eq!(action("urn:calc", "Add"), "urn:calc:Add");
    }

    #[test]
    fn default_actions() {
        let read = |one_way: bool| {
            let method: syn::TraitItemFn = match one_way {
                true => parse_quote!(
                    #[soap(one_way)]
                    async fn get(&self);
                ),
                false => parse_quote!(
                    async fn get(&self) -> i32;
                ),
            };
            let scope = Scope {
                namespace: "urn:q".to_owned(),
                qualified: true,
                case: Case::LowerCamel,
            };
            let mut report = Report::default();
            Operation::read(&method.attrs, &method.sig, &scope, &mut report).expect("an operation")
        };
        for (namespace, one_way, expected) in [
            ("http://x/y", false, "http://x/y/P/GetRequest"),
            ("http://x/y/", false, "http://x/y/P/GetRequest"),
            ("http://x/y", true, "http://x/y/P/Get"),
            ("URN:x:y", false, "URN:x:y:P:GetRequest"),
            ("urn:x:y:", true, "urn:x:y:P:Get"),
        ] {
            assert_eq!(read(one_way).default_action(namespace, "P"), expected);
        }
    }

    #[test]
    fn units_are_seen_through_results_and_headers() {
        assert!(wraps_unit(&parse_quote!(Result<(), Fault>)));
        assert!(wraps_unit(&parse_quote!(soapstone::WithHeader<(), Quota>)));
        assert!(!wraps_unit(&parse_quote!(Result<f64, ()>)));
    }
}

//! `#[service]`: a contract and its operations.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Ident, ImplItem, ItemImpl, ItemTrait, Path, TraitItem, Type, Visibility};

use crate::{
    attr::{self, Options},
    case::Case,
    report::Report,
};

use super::{Operation, Scope, local_name, namespace, refuse_generics, root};

/// What `#[service]` stands on.
pub(crate) enum Item {
    Trait(ItemTrait),
    Impl(ItemImpl),
}

/// A contract.
pub(crate) struct Service {
    /// The trait, or the struct of an `impl` block.
    pub(crate) ident: Ident,
    /// Of the generated types.
    pub(crate) visibility: Visibility,
    pub(crate) root: Path,
    pub(crate) namespace: String,
    pub(crate) port_type: String,
    pub(crate) documentation: String,
    pub(crate) operations: Vec<Operation>,
    pub(crate) sides: Sides,
}

/// What is generated beside a contract.
pub(crate) struct Sides {
    pub(crate) client: bool,
    pub(crate) server: bool,
}

impl Item {
    /// Parses the item; anything but a trait or an `impl` block is given back.
    pub(crate) fn parse(tokens: TokenStream, report: &mut Report) -> Result<Self, TokenStream> {
        match syn::parse2::<syn::Item>(tokens.clone()) {
            Ok(syn::Item::Trait(item)) => return Ok(Self::Trait(item)),
            Ok(syn::Item::Impl(item)) => return Ok(Self::Impl(item)),
            Ok(_) => report.at(
                Span::call_site(),
                "`#[service]` stands on a trait, or on the `impl` block of a struct",
            ),
            Err(error) => report.add(error),
        }
        Err(tokens)
    }

    /// The contract of the item; `None` if it has none.
    pub(crate) fn read(&self, options: &Options, report: &mut Report) -> Option<Service> {
        match self {
            Self::Trait(item) => Service::read_trait(item, options, report),
            Self::Impl(item) => Service::read_impl(item, options, report),
        }
    }
}

impl Service {
    fn read_trait(item: &ItemTrait, options: &Options, report: &mut Report) -> Option<Self> {
        let before = report.count();
        refuse_generics(&item.generics, false, "a service", report);
        let is_generic = report.count() > before;
        attr::refuse(
            &item.attrs,
            "options of a service stand in `#[service(…)]`",
            report,
        );
        let mut service = Self::new(
            item.ident.clone(),
            item.vis.clone(),
            &item.attrs,
            options,
            report,
        );
        let scope = service.scope(options);
        for member in &item.items {
            match member {
                TraitItem::Fn(method) => service.operations.extend(Operation::read(
                    &method.attrs,
                    &method.sig,
                    &scope,
                    report,
                )),
                other => report.across(
                    other,
                    "a contract has operations only: move this into another trait",
                ),
            }
        }
        (!is_generic).then_some(service)
    }

    fn read_impl(item: &ItemImpl, options: &Options, report: &mut Report) -> Option<Self> {
        if let Some((path, _)) = &item.trait_ {
            report.across(
                path,
                "`#[service]` belongs on the trait, which is the contract: put it there",
            );
            return None;
        }
        let before = report.count();
        refuse_generics(&item.generics, false, "a service", report);
        let is_generic = report.count() > before;
        attr::refuse(
            &item.attrs,
            "options of a service stand in `#[service(…)]`",
            report,
        );
        let ident = match &*item.self_ty {
            Type::Path(path) if path.qself.is_none() => path.path.get_ident().cloned(),
            _ => None,
        };
        let Some(ident) = ident else {
            report.across(
                &item.self_ty,
                "`#[service]` stands on the `impl` block of a struct, named by one word",
            );
            return None;
        };
        let mut service = Self::new(ident, Visibility::Inherited, &item.attrs, options, report);
        let scope = service.scope(options);
        for member in &item.items {
            match member {
                ImplItem::Fn(method) if method.sig.asyncness.is_none() => report.at(
                    method.sig.ident.span(),
                    format_args!(
                        "`{}` is no operation, which is an `async fn` of `&self`: move it to another `impl` block",
                        method.sig.ident
                    ),
                ),
                ImplItem::Fn(method) => {
                    if let Some(operation) =
                        Operation::read(&method.attrs, &method.sig, &scope, report)
                    {
                        service.operations.push(operation);
                        widen(&mut service.visibility, &method.vis);
                    }
                }
                other => report.across(
                    other,
                    "this block holds operations only: move this into another `impl` block",
                ),
            }
        }
        (!is_generic).then_some(service)
    }

    fn new(
        ident: Ident,
        visibility: Visibility,
        attributes: &[Attribute],
        options: &Options,
        report: &mut Report,
    ) -> Self {
        let uri = namespace(options, report);
        if options.lacks("namespace") {
            report.at(
                Span::call_site(),
                "a service needs a namespace: `#[service(namespace = \"…\")]`",
            );
        }
        let (port_type, _) = local_name(options, &ident, Case::Verbatim, report);
        Self {
            ident,
            visibility,
            root: root(options, report),
            namespace: uri.unwrap_or_default(),
            port_type,
            documentation: attr::documentation(attributes),
            operations: Vec::new(),
            sides: Sides::read(options),
        }
    }

    fn scope(&self, options: &Options) -> Scope {
        Scope {
            namespace: self.namespace.clone(),
            qualified: !options.has("unqualified"),
            case: Case::LowerCamel,
        }
    }
}

impl Sides {
    /// Those asked for, or both.
    fn read(options: &Options) -> Self {
        let (client, server) = (options.has("client"), options.has("server"));
        Self {
            client: client || !server,
            server: server || !client,
        }
    }
}

/// The wider of two visibilities: `pub`, then any restricted one, then none.
fn widen(widest: &mut Visibility, other: &Visibility) {
    let width = |visibility: &Visibility| match visibility {
        Visibility::Public(_) => 2,
        Visibility::Restricted(_) => 1,
        Visibility::Inherited => 0,
    };
    if width(other) > width(widest) {
        *widest = other.clone();
    }
}

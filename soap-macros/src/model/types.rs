//! `#[derive(SoapType)]`: what a type is on the wire.

use syn::{
    Attribute, Data, DataEnum, DataStruct, DeriveInput, Fields, Ident, Lifetime, Path, Type,
    spanned::Spanned,
};

use crate::{
    attr::{self, Options},
    case::Case,
    report::Report,
};

use super::{Name, Scope, Sequence, local_name, namespace, refuse_generics, root};

/// A type with a name in the schema.
pub(crate) struct SoapType {
    pub(crate) ident: Ident,
    /// The lifetime of what it borrows from the message.
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) root: Path,
    pub(crate) documentation: String,
    pub(crate) name: Name,
    pub(crate) body: Body,
}

/// What a type is made of.
pub(crate) enum Body {
    Sequence(Sequence),
    /// A tuple struct: the lexical form of its field.
    Simple(Box<Type>),
    Enumeration(Vec<Word>),
    /// One element, named by the variant.
    Choice {
        variants: Vec<Variant>,
        deny_unknown: bool,
    },
    /// The type that `xsi:type` names.
    Polymorphic(Vec<Alternative>),
}

/// A word of an enumeration.
pub(crate) struct Word {
    pub(crate) ident: Ident,
    pub(crate) documentation: String,
    pub(crate) word: Name,
}

/// An element of a choice.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) documentation: String,
    pub(crate) name: Name,
    pub(crate) content: Content,
}

/// What an element of a choice or a fault's detail holds.
pub(crate) enum Content {
    Empty,
    Value(Box<Type>),
    Sequence(Sequence),
}

/// A type that `xsi:type` may name.
pub(crate) struct Alternative {
    pub(crate) ident: Ident,
    pub(crate) documentation: String,
    pub(crate) ty: Type,
    /// It is meant where there is no `xsi:type`.
    pub(crate) default: Option<proc_macro2::Span>,
}

impl SoapType {
    /// Reads an annotated type; `None` if its shape has no meaning.
    pub(crate) fn read(input: &DeriveInput, report: &mut Report) -> Option<Self> {
        refuse_generics(&input.generics, true, "a SOAP type", report);
        let place = if matches!(input.data, Data::Enum(_)) {
            &attr::ENUM
        } else {
            &attr::STRUCT
        };
        let options = Options::read(&input.attrs, place, report);
        let uri = namespace(&options, report);
        if options.lacks("namespace") && options.lacks("unqualified") {
            let remedy = "add `#[soap(namespace = \"…\")]`, or `#[soap(unqualified)]` for names in no namespace";
            report.at(
                input.ident.span(),
                format_args!("a SOAP type needs a namespace: {remedy}"),
            );
        }
        let (local, span) = local_name(&options, &input.ident, Case::Verbatim, report);
        let name = Name {
            namespace: uri.unwrap_or_default(),
            local,
            span,
        };
        let body = match &input.data {
            Data::Struct(data) => Body::read_struct(input, data, &options, &name, report)?,
            Data::Enum(data) => Body::read_enum(input, data, &options, &name, report)?,
            Data::Union(data) => {
                report.at(
                    data.union_token.span(),
                    "a union has no form in XML: use an enum",
                );
                return None;
            }
        };
        Some(Self {
            ident: input.ident.clone(),
            lifetime: input
                .generics
                .lifetimes()
                .next()
                .map(|lifetime| lifetime.lifetime.clone()),
            root: root(&options, report),
            documentation: attr::documentation(&input.attrs),
            name,
            body,
        })
    }
}

impl Body {
    fn read_struct(
        input: &DeriveInput,
        data: &DataStruct,
        options: &Options,
        name: &Name,
        report: &mut Report,
    ) -> Option<Self> {
        let case = Case::read(options.text("rename_all"), Case::LowerCamel, report);
        let scope = Scope {
            namespace: name.namespace.clone(),
            qualified: !options.has("unqualified"),
            case,
        };
        let sequence = match &data.fields {
            Fields::Named(fields) => Sequence::read(fields, &attr::FIELD, &scope, report),
            Fields::Unit => {
                options.none_of(
                    &["rename_all", "ordered"],
                    "on a struct without fields",
                    report,
                );
                Sequence::empty()
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                options.none_of(
                    &["rename_all", "ordered", "deny_unknown"],
                    "on a simple type",
                    report,
                );
                let field = &fields.unnamed[0];
                Options::read(&field.attrs, &attr::CONTENT, report);
                return Some(Self::Simple(Box::new(field.ty.clone())));
            }
            Fields::Unnamed(fields) => {
                let count = fields.unnamed.len();
                let remedy = if count == 0 {
                    "write `;` in place of `()`"
                } else {
                    "name the fields: `{ name: Type, … }`"
                };
                report.across(fields, format_args!("`{}` is a tuple struct of {count} fields, whose elements have no names: {remedy}", input.ident));
                return None;
            }
        };
        let (ordered, deny_unknown) = (options.has("ordered"), options.has("deny_unknown"));
        Some(Self::Sequence(Sequence {
            ordered,
            deny_unknown,
            ..sequence
        }))
    }

    fn read_enum(
        input: &DeriveInput,
        data: &DataEnum,
        options: &Options,
        name: &Name,
        report: &mut Report,
    ) -> Option<Self> {
        if data.variants.is_empty() {
            report.at(
                input.ident.span(),
                "an enum without variants has no value to write: add a variant",
            );
            return None;
        }
        let case = Case::read(options.text("rename_all"), Case::Verbatim, report);
        if options.has("xsi_type") {
            options.none_of(
                &["rename_all", "deny_unknown"],
                "beside `xsi_type`: the types in the variants decide",
                report,
            );
            let variants = data.variants.iter();
            let read = variants
                .filter_map(|variant| Alternative::read(variant, report))
                .collect();
            return Some(Self::Polymorphic(read));
        }
        let enumeration = data
            .variants
            .iter()
            .all(|variant| matches!(variant.fields, Fields::Unit));
        if enumeration {
            options.none_of(&["deny_unknown"], "on an enumeration", report);
            return Some(Self::Enumeration(
                data.variants
                    .iter()
                    .map(|variant| Word::read(variant, case, report))
                    .collect(),
            ));
        }
        let scope = Scope {
            namespace: name.namespace.clone(),
            qualified: !options.has("unqualified"),
            case,
        };
        let deny_unknown = options.has("deny_unknown");
        let variants = data.variants.iter();
        let variants = variants
            .filter_map(|variant| Variant::read(variant, &scope, deny_unknown, report))
            .collect();
        Some(Self::Choice {
            variants,
            deny_unknown,
        })
    }
}

impl Word {
    fn read(variant: &syn::Variant, case: Case, report: &mut Report) -> Self {
        let options = Options::read(&variant.attrs, &attr::VARIANT, report);
        options.none_of(&["namespace", "default"], "in an enumeration", report);
        let text = options.text("name");
        let local = text.map_or_else(|| case.name(&variant.ident), syn::LitStr::value);
        let span = text.map_or_else(|| variant.ident.span(), syn::LitStr::span);
        if local.split_ascii_whitespace().collect::<Vec<_>>().join(" ") != local || local.is_empty()
        {
            report.at(span, format_args!("{local:?} cannot be read back: white space around a word is removed, and inside it is one blank"));
        }
        let word = Name {
            namespace: String::new(),
            local,
            span,
        };
        Self {
            ident: variant.ident.clone(),
            documentation: attr::documentation(&variant.attrs),
            word,
        }
    }
}

impl Variant {
    fn read(
        variant: &syn::Variant,
        scope: &Scope,
        deny_unknown: bool,
        report: &mut Report,
    ) -> Option<Self> {
        let options = Options::read(&variant.attrs, &attr::VARIANT, report);
        options.none_of(&["default"], "without `xsi_type` on the enum", report);
        let namespace = namespace(&options, report).unwrap_or_else(|| scope.element_namespace());
        let (local, span) = local_name(&options, &variant.ident, scope.case, report);
        let fields = Scope {
            case: Case::LowerCamel,
            ..scope.clone()
        };
        let mut content = Content::read(variant, &attr::FIELD, &fields, report)?;
        if let Content::Sequence(sequence) = &mut content {
            sequence.deny_unknown = deny_unknown;
        }
        let documentation = attr::documentation(&variant.attrs);
        Some(Self {
            ident: variant.ident.clone(),
            documentation,
            name: Name {
                namespace,
                local,
                span,
            },
            content,
        })
    }
}

impl Content {
    /// Reads the fields of a variant.
    pub(super) fn read(
        variant: &syn::Variant,
        place: &attr::Place,
        scope: &Scope,
        report: &mut Report,
    ) -> Option<Self> {
        match &variant.fields {
            Fields::Unit => Some(Self::Empty),
            Fields::Named(fields) => {
                Some(Self::Sequence(Sequence::read(fields, place, scope, report)))
            }
            Fields::Unnamed(_) => newtype(variant, "name them: `{ name: Type, … }`", report)
                .map(|ty| Self::Value(Box::new(ty))),
        }
    }
}

impl Alternative {
    fn read(variant: &syn::Variant, report: &mut Report) -> Option<Self> {
        let options = Options::read(&variant.attrs, &attr::VARIANT, report);
        options.none_of(
            &["name", "namespace"],
            "beside `xsi_type`: the name is that of the type",
            report,
        );
        let ty = newtype(
            variant,
            "hold one type with `#[derive(SoapType)]`: `Variant(Type)`",
            report,
        )?;
        let documentation = attr::documentation(&variant.attrs);
        Some(Self {
            ident: variant.ident.clone(),
            documentation,
            ty,
            default: options.span("default"),
        })
    }
}

/// The type of `Variant(Type)`.
pub(super) fn newtype(variant: &syn::Variant, remedy: &str, report: &mut Report) -> Option<Type> {
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            refuse_on_content(&fields.unnamed[0].attrs, report);
            Some(fields.unnamed[0].ty.clone())
        }
        fields => {
            let message = format_args!(
                "`{}` has {} fields without a name: {remedy}",
                variant.ident,
                fields.len()
            )
            .to_string();
            if fields.is_empty() || matches!(fields, Fields::Named(_)) {
                report.at(
                    variant.ident.span(),
                    format_args!("`{}` must {remedy}", variant.ident),
                );
            } else {
                report.across(fields, message);
            }
            None
        }
    }
}

fn refuse_on_content(attributes: &[Attribute], report: &mut Report) {
    Options::read(attributes, &attr::CONTENT, report);
}

//! The fields of a struct or struct variant.

use syn::{Ident, LitStr, Type};

use crate::{
    attr::{self, Options, Place},
    case::Case,
    report::Report,
};

use super::{Name, local_name, namespace};

/// What stands between two tags, and the attributes of the first.
pub(crate) struct Sequence {
    pub(crate) fields: Vec<Field>,
    pub(crate) ordered: bool,
    pub(crate) deny_unknown: bool,
    /// Children are told apart by their local names, whatever their namespace.
    pub(crate) by_local_name: bool,
}

/// A field.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) documentation: String,
    pub(crate) kind: Kind,
}

/// How a field lies on the wire.
pub(crate) enum Kind {
    Element(Name),
    Attribute(Name),
    Text,
    Any,
    Choice,
}

/// What the container says about the names of its fields.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) namespace: String,
    pub(crate) qualified: bool,
    pub(crate) case: Case,
}

impl Scope {
    /// The namespace of an element without options.
    pub(crate) fn element_namespace(&self) -> String {
        if self.qualified {
            self.namespace.clone()
        } else {
            String::new()
        }
    }

    /// The namespace the options of an element or attribute ask for.
    fn namespace_of(&self, options: &Options, default: String, report: &mut Report) -> String {
        match options.one_of(&["namespace", "qualified", "unqualified"], report) {
            Some("namespace") => namespace(options, report).unwrap_or_default(),
            Some("qualified") => {
                if self.namespace.is_empty()
                    && let Some(span) = options.span("qualified")
                {
                    report.at(
                        span,
                        "the type has no namespace to qualify by: give it `namespace = \"…\"`",
                    );
                }
                self.namespace.clone()
            }
            Some(_) => String::new(),
            None => default,
        }
    }
}

impl Field {
    /// Reads a named field.
    pub(crate) fn read(
        field: &syn::Field,
        place: &Place,
        scope: &Scope,
        report: &mut Report,
    ) -> Option<Self> {
        let ident = field.ident.clone()?;
        let options = Options::read(&field.attrs, place, report);
        let kind = match options.one_of(&["attribute", "text", "any", "choice"], report) {
            Some("text") => unnamed(&options, "on text: it has no name", Kind::Text, report),
            Some("any") => unnamed(
                &options,
                "on `any`: each element has its own name",
                Kind::Any,
                report,
            ),
            Some("choice") => unnamed(
                &options,
                "on `choice`: the variants have names",
                Kind::Choice,
                report,
            ),
            kind => {
                let attribute = kind.is_some();
                let default = if attribute {
                    String::new()
                } else {
                    scope.element_namespace()
                };
                let namespace = scope.namespace_of(&options, default, report);
                let (local, span) = local_name(&options, &ident, scope.case, report);
                let name = Name {
                    namespace,
                    local,
                    span,
                };
                if attribute {
                    Kind::Attribute(name)
                } else {
                    Kind::Element(name)
                }
            }
        };
        let documentation = attr::documentation(&field.attrs);
        Some(Self {
            ident,
            ty: field.ty.clone(),
            documentation,
            kind,
        })
    }

    /// The element's name, if the field is an element.
    pub(crate) fn element(&self) -> Option<&Name> {
        if let Kind::Element(name) = &self.kind {
            Some(name)
        } else {
            None
        }
    }

    /// The attribute's name, if the field is an attribute.
    pub(crate) fn attribute(&self) -> Option<&Name> {
        if let Kind::Attribute(name) = &self.kind {
            Some(name)
        } else {
            None
        }
    }
}

fn unnamed(options: &Options, with: &str, kind: Kind, report: &mut Report) -> Kind {
    options.none_of(
        &["name", "namespace", "qualified", "unqualified"],
        with,
        report,
    );
    kind
}

impl Sequence {
    /// Reads named fields.
    pub(crate) fn read(
        fields: &syn::FieldsNamed,
        place: &Place,
        scope: &Scope,
        report: &mut Report,
    ) -> Self {
        let fields = fields.named.iter();
        let fields = fields
            .filter_map(|field| Field::read(field, place, scope, report))
            .collect();
        Self {
            fields,
            ordered: false,
            deny_unknown: false,
            by_local_name: false,
        }
    }

    /// No content at all.
    pub(crate) fn empty() -> Self {
        Self {
            fields: Vec::new(),
            ordered: false,
            deny_unknown: false,
            by_local_name: false,
        }
    }

    /// The fields that are attributes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&Field, &Name)> {
        self.fields
            .iter()
            .filter_map(|field| Some((field, field.attribute()?)))
    }

    /// The field that is the text, if there is one.
    pub(crate) fn text(&self) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| matches!(field.kind, Kind::Text))
    }
}

/// The identifiers that a format string such as `"no account {id}"` takes values from, with what stands behind `{`.
pub(super) fn placeholders(text: &LitStr) -> Vec<String> {
    let text = text.value();
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        let (brace, behind) = rest[at..].split_at(1);
        if behind.starts_with(brace) || brace == "}" {
            rest = behind.get(1..).unwrap_or_default();
            continue;
        }
        let end = behind.find([':', '}']).unwrap_or(behind.len());
        found.push(behind[..end].to_owned());
        rest = &behind[behind.find('}').map_or(behind.len(), |end| end + 1)..];
    }
    found
}

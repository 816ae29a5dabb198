//! `#[soap(…)]` as it is written: which options stand in it, each checked against those its place has.

use proc_macro2::Span;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token, ext::IdentExt, parse::ParseStream,
    spanned::Spanned,
};

use crate::report::Report;

/// Where options stand, and which it has. A trailing `=` marks an option that takes a text.
pub(crate) struct Place {
    pub(crate) what: &'static str,
    pub(crate) options: &'static [&'static str],
}

pub(crate) const STRUCT: Place = Place {
    what: "a struct",
    options: &[
        "namespace=",
        "name=",
        "rename_all=",
        "unqualified",
        "deny_unknown",
        "ordered",
        "crate=",
    ],
};
pub(crate) const ENUM: Place = Place {
    what: "an enum",
    options: &[
        "namespace=",
        "name=",
        "rename_all=",
        "unqualified",
        "deny_unknown",
        "xsi_type",
        "crate=",
    ],
};
pub(crate) const FIELD: Place = Place {
    what: "a field",
    options: &[
        "name=",
        "namespace=",
        "qualified",
        "unqualified",
        "attribute",
        "text",
        "any",
        "choice",
    ],
};
pub(crate) const CONTENT: Place = Place {
    what: "the only field of a tuple struct or variant",
    options: &[],
};
pub(crate) const VARIANT: Place = Place {
    what: "a variant",
    options: &["name=", "namespace=", "default"],
};
pub(crate) const FAULT: Place = Place {
    what: "a fault enum",
    options: &["namespace=", "rename_all=", "crate="],
};
pub(crate) const FAULT_VARIANT: Place = Place {
    what: "a fault",
    options: &[
        "name=",
        "namespace=",
        "code=",
        "subcode=",
        "reason=",
        "action=",
        "other",
    ],
};
pub(crate) const FAULT_FIELD: Place = Place {
    what: "a field of a fault",
    options: &["name="],
};
pub(crate) const SERVICE: Place = Place {
    what: "a service",
    options: &[
        "namespace=",
        "name=",
        "unqualified",
        "client",
        "server",
        "crate=",
    ],
};
pub(crate) const OPERATION: Place = Place {
    what: "an operation",
    options: &[
        "name=",
        "action=",
        "reply_action=",
        "result=",
        "one_way",
        "bare",
        "idempotent",
        "unqualified",
    ],
};
pub(crate) const PARAMETER: Place = Place {
    what: "a parameter",
    options: &["name=", "namespace=", "header", "context"],
};

const PLACES: &[&Place] = &[
    &STRUCT,
    &ENUM,
    &FIELD,
    &VARIANT,
    &FAULT,
    &FAULT_VARIANT,
    &SERVICE,
    &OPERATION,
    &PARAMETER,
];

/// The options found at one place.
#[derive(Default)]
pub(crate) struct Options {
    options: Vec<(String, Found)>,
    faulty: bool,
}

struct Found {
    span: Span,
    value: Option<LitStr>,
}

impl Options {
    /// Reads all `#[soap(…)]` among `attributes`.
    pub(crate) fn read(attributes: &[Attribute], place: &Place, report: &mut Report) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_soap(attribute)) {
            let read = match &attribute.meta {
                Meta::List(list) => list
                    .parse_args_with(|input: ParseStream<'_>| options.list(input, place, report)),
                other => Err(syn::Error::new_spanned(
                    other,
                    "options stand in parentheses: `#[soap(name = \"…\")]`",
                )),
            };
            read.unwrap_or_else(|error| {
                options.faulty = true;
                report.add(error);
            });
        }
        options
    }

    /// Reads a list of options, the inside of `#[soap(…)]`.
    pub(crate) fn list(
        &mut self,
        input: ParseStream<'_>,
        place: &Place,
        report: &mut Report,
    ) -> syn::Result<()> {
        while !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            let value = if input.parse::<Option<Token![=]>>()?.is_some() {
                Some(input.parse::<Expr>()?)
            } else {
                None
            };
            let before = report.count();
            self.option(&name, value, place, report);
            self.faulty |= report.count() > before;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn option(&mut self, name: &Ident, value: Option<Expr>, place: &Place, report: &mut Report) {
        let (word, span) = (name.to_string(), name.span());
        let Some(takes_text) = place.takes_text(&word) else {
            return report.at(span, place.unknown(&word));
        };
        let value = match (takes_text, value) {
            (false, None) => None,
            (
                true,
                Some(Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                })),
            ) => Some(text),
            (true, Some(other)) => {
                return report.across(
                    other,
                    format_args!("`{word}` takes a text: `{word} = \"…\"`"),
                );
            }
            (true, None) => {
                return report.at(
                    span,
                    format_args!("`{word}` needs a value: `{word} = \"…\"`"),
                );
            }
            (false, Some(value)) => {
                return report.across(
                    value,
                    format_args!("`{word}` takes no value: write `{word}` alone"),
                );
            }
        };
        if self.options.iter().any(|(other, _)| *other == word) {
            return report.at(span, format_args!("`{word}` stands twice: remove one"));
        }
        self.options.push((word, Found { span, value }));
    }

    /// Where `name` stands, if it does.
    pub(crate) fn span(&self, name: &str) -> Option<Span> {
        self.found(name).map(|found| found.span)
    }

    /// True if `name` stands there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.found(name).is_some()
    }

    /// True if one that is not there may be meant by one that is wrong.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        !self.has(name) && !self.faulty
    }

    /// The text given to `name`.
    pub(crate) fn text(&self, name: &str) -> Option<&LitStr> {
        self.found(name)?.value.as_ref()
    }

    /// The first of several options that exclude each other.
    pub(crate) fn one_of(
        &self,
        names: &[&'static str],
        report: &mut Report,
    ) -> Option<&'static str> {
        let mut there = names.iter().copied().filter(|name| self.has(name));
        let first = there.next()?;
        for other in there {
            let span = self.span(other).unwrap_or_else(Span::call_site);
            report.at(
                span,
                format_args!("`{other}` contradicts `{first}`: keep one of them"),
            );
        }
        Some(first)
    }

    /// Reports each of `names` that stands beside `with`, which leaves it no meaning.
    pub(crate) fn none_of(&self, names: &[&str], with: &str, report: &mut Report) {
        for name in names {
            if let Some(span) = self.span(name) {
                report.at(
                    span,
                    format_args!("`{name}` means nothing {with}: remove it"),
                );
            }
        }
    }

    fn found(&self, name: &str) -> Option<&Found> {
        self.options
            .iter()
            .find(|(word, _)| word == name)
            .map(|(_, found)| found)
    }
}

impl Place {
    fn takes_text(&self, word: &str) -> Option<bool> {
        self.options
            .iter()
            .find_map(|option| match option.strip_suffix('=') {
                Some(name) => (name == word).then_some(true),
                None => (*option == word).then_some(false),
            })
    }

    fn unknown(&self, word: &str) -> String {
        let names = || {
            self.options
                .iter()
                .map(|option| option.trim_end_matches('='))
        };
        if let Some(near) = names().map(|name| (distance(word, name), name)).min()
            && near.0 <= 1 + near.1.len() / 4
        {
            return format!("unknown option `{word}`; did you mean `{}`?", near.1);
        }
        if let Some(other) = PLACES.iter().find(|place| place.takes_text(word).is_some()) {
            return format!(
                "`{word}` is an option of {}, not of {}",
                other.what, self.what
            );
        }
        if self.options.is_empty() {
            return format!("unknown option `{word}`; {} has no options", self.what);
        }
        let names = names().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        format!(
            "unknown option `{word}`; {} has {}",
            self.what,
            names.join(", ")
        )
    }
}

/// True for `#[soap…]`.
pub(crate) fn is_soap(attribute: &Attribute) -> bool {
    attribute.path().is_ident("soap")
}

/// The text of the doc comments, a line each, without the blank that usually starts it.
pub(crate) fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        });
    let lines = lines.map(|line| {
        line.strip_prefix(' ')
            .unwrap_or(&line)
            .trim_end()
            .to_owned()
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Reports `#[soap]` where it has no meaning.
pub(crate) fn refuse(attributes: &[Attribute], remedy: &str, report: &mut Report) {
    for attribute in attributes.iter().filter(|attribute| is_soap(attribute)) {
        report.at(
            attribute.span(),
            format_args!("`#[soap]` means nothing here: {remedy}"),
        );
    }
}

/// The options in `#[service(…)]`.
pub(crate) fn service_options(arguments: proc_macro2::TokenStream, report: &mut Report) -> Options {
    let mut options = Options::default();
    let read = syn::parse::Parser::parse2(
        |input: ParseStream<'_>| options.list(input, &SERVICE, report),
        arguments,
    );
    if let Err(error) = read {
        options.faulty = true;
        report.add(error);
    }
    options
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row = (0..=b.len()).collect::<Vec<_>>();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_option_is_named() {
        assert_eq!(
            FIELD.unknown("atribute"),
            "unknown option `atribute`; did you mean `attribute`?"
        );
        assert_eq!(
            FIELD.unknown("one_way"),
            "`one_way` is an option of an operation, not of a field"
        );
        assert!(
            FIELD
                .unknown("flatten")
                .starts_with("unknown option `flatten`; a field has `name`,")
        );
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}

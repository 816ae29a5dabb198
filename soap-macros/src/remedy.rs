//! Types that have no form in XML, told by how they are written, and what to write in their place.

use syn::{GenericArgument, PathArguments, PathSegment, Type, TypePath};

use crate::report::Report;

const FAULT: &str =
    "give back an enum with `#[derive(Debug, SoapFault)]`, or `soapstone::Fault`, as the error";

/// Reports each part of the type of a field or parameter that has no form.
pub(crate) fn value(ty: &Type, report: &mut Report) {
    let message = match ty {
        Type::Reference(reference) => return value(&reference.elem, report),
        Type::Paren(inner) => return value(&inner.elem, report),
        Type::Group(inner) => return value(&inner.elem, report),
        Type::Tuple(tuple) if !tuple.elems.is_empty() => {
            "the parts of a tuple have no names: make it a struct with `#[derive(SoapType)]`".into()
        }
        Type::Array(array) => format!("an array has no form in XML: take {}", list(&array.elem)),
        Type::Path(path) => match of_path(path) {
            Some(message) => message,
            None => {
                let last = path.path.segments.last();
                return last
                    .into_iter()
                    .flat_map(arguments)
                    .for_each(|ty| value(ty, report));
            }
        },
        _ => return,
    };
    report.across(ty, message);
}

/// Reports a parameter that looks like the context, but is not marked so.
pub(crate) fn unmarked_context(ty: &Type, report: &mut Report) {
    if let Type::Reference(reference) = ty
        && let Type::Path(path) = &*reference.elem
        && let Some(last) = path.path.segments.last()
        && last.ident == "Context"
        && last.arguments.is_none()
    {
        report.across(
            ty,
            "the context is no argument: write `#[soap(context)]` in front of it (a type of your own of that name goes by value)",
        );
    }
}

/// Reports what has no form in the type an operation gives back; true if something was.
pub(crate) fn returned(ty: &Type, report: &mut Report) -> bool {
    let before = report.count();
    check_returned(ty, report);
    report.count() > before
}

fn check_returned(ty: &Type, report: &mut Report) {
    let Type::Path(path) = ty else {
        return value(ty, report);
    };
    let Some(last) = path.path.segments.last() else {
        return;
    };
    if last.ident != "Result" {
        return value(ty, report);
    }
    if ["anyhow", "eyre", "io"]
        .iter()
        .any(|of| begins(path, of) || before_last(path, of))
    {
        return report.across(ty, format_args!("its error is no fault: {FAULT}"));
    }
    let mut arguments = arguments(last);
    if let Some(ok) = arguments.next() {
        value(ok, report);
    }
    if let Some(error) = arguments.next()
        && is_no_fault(error)
    {
        let words = written(error);
        report.across(error, format_args!("`{words}` is no fault: {FAULT}"));
    }
}

/// What to write in place of a type named by a path, if it has no form.
fn of_path(path: &TypePath) -> Option<String> {
    let last = path.path.segments.last()?;
    let word = last.ident.to_string();
    let inner = arguments(last).next();
    let of_std = begins(path, "std") || begins(path, "core") || before_last(path, "time");
    let alone = path.path.segments.len() == 1;
    let message = match (word.as_str(), inner) {
        ("usize", None) if alone => "`usize` depends on the machine: take `u64`".into(),
        ("isize", None) if alone => "`isize` depends on the machine: take `i64`".into(),
        ("char", None) if alone => "XML Schema has no type of one character: take `String`".into(),
        ("Duration", None) if of_std => {
            "the `Duration` of `std` has no form in XML: take `soapstone::types::Duration`".into()
        }
        ("Instant", None) if of_std => {
            "`Instant` is known to one process only: take `soapstone::types::DateTime`".into()
        }
        ("SystemTime", None) => {
            "`SystemTime` has no form in XML: take `soapstone::types::DateTime`".into()
        }
        ("HashMap" | "BTreeMap" | "IndexMap", Some(_)) => format!(
            "XML has no maps: take a `Vec` of a struct with `#[derive(SoapType)]` that holds a key and its value, in place of `{word}`"
        ),
        ("HashSet" | "BTreeSet" | "VecDeque" | "LinkedList", Some(inner)) => {
            format!("`{word}` has no form in XML: take {}", list(inner))
        }
        ("Option" | "Vec", Some(inner)) => return nested(&word, inner),
        _ => return None,
    };
    Some(message)
}

/// What to write in place of an `Option` or a `Vec` that holds another.
fn nested(outer: &str, inner: &Type) -> Option<String> {
    let Type::Path(path) = inner else { return None };
    let last = path.path.segments.last()?;
    let innermost = arguments(last).next()?;
    let words = written(innermost);
    match (outer, last.ident.to_string().as_str()) {
        ("Option", "Vec") if words == "u8" => {
            Some("`Vec<u8>` is a list: take `Option<soapstone::types::Base64Binary>` for bytes, `Vec<u8>` for a list".into())
        }
        ("Option", "Vec") => Some(format!("an empty `Vec` is no element at all: take `Vec<{words}>`")),
        ("Option", "Option") => Some(format!(
            "`Option` is an element that may be absent: take `Option<soapstone::types::Nillable<{words}>>`, which may be nil too"
        )),
        ("Vec", "Option") => Some(format!(
            "an item of a list is there or not: take `Vec<soapstone::types::Nillable<{words}>>`, whose items may be nil"
        )),
        ("Vec", "Vec") => Some(format!(
            "a list of lists needs an element around each: take a `Vec` of a struct with `#[derive(SoapType)]` that holds the `Vec<{words}>`"
        )),
        _ => None,
    }
}

fn list(item: &Type) -> String {
    match written(item).as_str() {
        "u8" => "`soapstone::types::Base64Binary` for bytes, `Vec<u8>` for a list".to_owned(),
        words => format!("`Vec<{words}>`"),
    }
}

/// True of errors people have at hand, none of which is a fault.
fn is_no_fault(error: &Type) -> bool {
    match error {
        Type::Reference(_) | Type::Tuple(_) => true,
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return false;
            };
            let foreign = ["anyhow", "eyre", "io"];
            match last.ident.to_string().as_str() {
                "String" | "Box" => true,
                "Error" | "Report" => foreign.iter().any(|of| before_last(path, of)),
                _ => false,
            }
        }
        _ => false,
    }
}

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments.args.iter()),
        _ => None,
    };
    let arguments = arguments.into_iter().flatten();
    arguments.filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// True for `word::…::Type`.
fn begins(path: &TypePath, word: &str) -> bool {
    let segments = &path.path.segments;
    segments.len() > 1 && segments[0].ident == word
}

/// True for `…::word::Type`.
fn before_last(path: &TypePath, word: &str) -> bool {
    let before = path.path.segments.iter().rev().nth(1);
    before.is_some_and(|segment| segment.ident == word)
}

/// The type as a person writes it.
fn written(ty: &Type) -> String {
    let spaced = quote::quote!(#ty).to_string();
    let spaced = spaced.replace(" :: ", "::").replace(" < ", "<");
    spaced
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn count(check: fn(&Type, &mut Report), ty: &Type) -> usize {
        let mut report = Report::default();
        check(ty, &mut report);
        report.count()
    }

    #[test]
    fn what_has_no_form_is_found_inside_too() {
        let wrong: [Type; 10] = [
            parse_quote!(usize),
            parse_quote!(Vec<std::time::Duration>),
            parse_quote!(Option<Vec<String>>),
            parse_quote!(Box<Vec<Option<String>>>),
            parse_quote!(&std::collections::HashMap<String, i32>),
            parse_quote!([u8; 4]),
            parse_quote!(Vec<(i32, i32)>),
            parse_quote!(Option<char>),
            parse_quote!(SystemTime),
            parse_quote!(Option<Vec<u8>>),
        ];
        for ty in &wrong {
            assert_eq!(count(value, ty), 1, "{}", written(ty));
        }
    }

    #[test]
    fn what_has_a_form_is_left_alone() {
        let right: [Type; 7] = [
            parse_quote!(()),
            parse_quote!(Duration),
            parse_quote!(soapstone::types::Duration),
            parse_quote!(Option<Box<Vec2>>),
            parse_quote!(Vec<Nillable<String>>),
            parse_quote!(Instant),
            parse_quote!(my::usize),
        ];
        for ty in &right {
            assert_eq!(count(value, ty), 0, "{}", written(ty));
        }
    }

    #[test]
    fn errors_that_are_no_faults() {
        let wrong: [Type; 6] = [
            parse_quote!(Result<i32, String>),
            parse_quote!(Result<i32, &'static str>),
            parse_quote!(anyhow::Result<i32>),
            parse_quote!(std::io::Result<()>),
            parse_quote!(Result<i32, anyhow::Error>),
            parse_quote!(Result<i32, Box<dyn std::error::Error>>),
        ];
        for ty in &wrong {
            assert_eq!(count(check_returned, ty), 1, "{}", written(ty));
        }
        for ty in [
            parse_quote!(Result<i32, Fault>),
            parse_quote!(Result<i32>),
            parse_quote!(Result<i32, Error>),
        ] {
            assert_eq!(count(check_returned, &ty), 0, "{}", written(&ty));
        }
    }
}

//! What must hold between the parts of a model: names told apart, and parts that exclude each other.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use syn::{GenericArgument, PathArguments, Type};

use crate::{
    model::{
        Body, Content, FaultEnum, Kind, Name, Operation, Role, Sequence, Service, SoapType, is_vec,
    },
    remedy,
    report::Report,
};

/// Checks a type.
pub(crate) fn soap_type(soap_type: &SoapType, report: &mut Report) {
    match &soap_type.body {
        Body::Sequence(sequence) => check_sequence(sequence, report),
        Body::Simple(ty) => {
            remedy::value(ty, report);
            refuse_vec(ty, "a simple type", report);
        }
        Body::Enumeration(words) => {
            distinct(
                words
                    .iter()
                    .map(|word| (word.word.local.clone(), word.word.span)),
                "word",
                report,
            );
        }
        Body::Choice { variants, .. } => {
            distinct(
                variants.iter().map(|variant| expanded(&variant.name)),
                "element",
                report,
            );
            variants
                .iter()
                .for_each(|variant| check_content(&variant.content, report));
        }
        Body::Polymorphic(alternatives) => {
            alternatives
                .iter()
                .for_each(|alternative| remedy::value(&alternative.ty, report));
            for second in alternatives
                .iter()
                .filter_map(|alternative| alternative.default)
                .skip(1)
            {
                report.at(
                    second,
                    "a second `default`: one variant is meant where there is no `xsi:type`",
                );
            }
        }
    }
}

/// Checks an enum of faults.
pub(crate) fn faults(faults: &FaultEnum, report: &mut Report) {
    distinct(
        faults.faults.iter().map(|fault| expanded(&fault.name)),
        "element",
        report,
    );
    faults
        .faults
        .iter()
        .for_each(|fault| check_content(&fault.content, report));
}

/// Checks a contract, and removes the operations for which no code can be made.
pub(crate) fn service(service: &mut Service, report: &mut Report) {
    check_names(service, report);
    if service.sides.server {
        check_told_apart(service, report);
    }
    let is_called = service.sides.client;
    service.operations.retain(|operation| {
        let before = report.count();
        check_operation(operation, is_called, report);
        report.count() == before
    });
}

/// What the operations of a contract must not have in common.
fn check_names(service: &Service, report: &mut Report) {
    let operations = &service.operations;
    distinct(
        operations
            .iter()
            .map(|operation| (operation.name.clone(), operation.span)),
        "operation",
        report,
    );
    let wrapped = || operations.iter().filter(|operation| !operation.bare);
    let answers = wrapped().map(|operation| (format!("{}Response", operation.name), operation));
    let answers: HashMap<_, _> = answers.collect();
    for operation in wrapped() {
        if let Some(other) = answers.get(&operation.name) {
            let remedy = "give it another `name`";
            report.at(
                operation.span,
                format_args!(
                    "`{}` is the element of the answer of `{}`: {remedy}",
                    operation.name, other.name
                ),
            );
        }
    }
}

/// Reports operations whose requests no server can tell from those of another. Only types know the elements of some `bare` ones, which
/// `Host::new` compares.
fn check_told_apart(service: &Service, report: &mut Report) {
    let mut names = HashSet::new();
    let operations = service.operations.iter();
    let operations = operations.filter(|operation| names.insert(&operation.name));
    let operations: Vec<_> = operations
        .map(|operation| (element(service, operation), operation))
        .collect();
    let mut by_action = HashMap::new();
    for (element, operation) in &operations {
        let key = (element.as_str(), operation.action.clone());
        let Some(first) = by_action.insert(key, *operation) else {
            continue;
        };
        let (body, remedy) = match element.as_str() {
            "" => (
                "an empty Body",
                "remove `bare` from one of them, or give it another `action`",
            ),
            _ => (
                "the same element in the Body of a request and the same action",
                "give one of them another `action`",
            ),
        };
        let declared = operation.action_span.or(first.action_span);
        report.at(
            declared.unwrap_or(operation.span),
            format_args!(
                "`{}` and `{}` both have {body} and cannot be told apart: {remedy}",
                first.name, operation.name
            ),
        );
    }
    for (element, operation) in &operations {
        let action = operation.default_action(&service.namespace, &service.port_type);
        if let Some(other) = by_action.get(&(element.as_str(), action))
            && other.name != operation.name
        {
            report.at(
                other.action_span.unwrap_or(other.span),
                format_args!(
                    "`{}` has the same element in the Body of a request as `{}`, and the action that `{}` has by default with \
                     WS-Addressing: give it another `action`",
                    other.name, operation.name, operation.name
                ),
            );
        }
    }
}

/// The element of a request, or the type that knows it; nothing for an empty Body.
fn element(service: &Service, operation: &Operation) -> String {
    if !operation.bare {
        return format!("{{{}}}{}", service.namespace, operation.name);
    }
    match operation.body().next() {
        None => String::new(),
        Some((_, Some(name))) => expanded(name).0,
        Some((parameter, None)) => match &parameter.ty {
            Type::Reference(reference) => tokens(&reference.elem),
            ty => tokens(ty),
        },
    }
}

/// Checks one operation; `is_called` if there is a client.
fn check_operation(operation: &Operation, is_called: bool, report: &mut Report) {
    let method = operation.ident.to_string();
    if is_called && ["new", "connect", "from_config", "channel", "clone"].contains(&method.as_str())
    {
        let remedy = format!(
            "rename the method and keep the name on the wire by `#[soap(name = \"{}\")]`",
            operation.name
        );
        report.at(
            operation.ident.span(),
            format_args!("the client has a `{method}` of its own: {remedy}"),
        );
    }
    if operation.bare {
        for (parameter, _) in operation.body().skip(1) {
            let remedy = "make one struct of them, mark the others `header`, or remove `bare`";
            report.at(
                parameter.ident.span(),
                format_args!("the Body of a `bare` operation is one parameter: {remedy}"),
            );
        }
    } else {
        distinct(
            operation.body().filter_map(|(_, name)| name).map(expanded),
            "element",
            report,
        );
    }
    let contexts = operation
        .parameters
        .iter()
        .filter(|parameter| matches!(parameter.role, Role::Context));
    for second in contexts.skip(1) {
        report.at(
            second.ident.span(),
            "a second `context`: one says all there is to know of the call",
        );
    }
    for parameter in &operation.parameters {
        if !matches!(parameter.role, Role::Context) {
            remedy::unmarked_context(&parameter.ty, report);
            remedy::value(&parameter.ty, report);
        }
        check_type(
            &parameter.ty,
            operation.one_way && !matches!(parameter.role, Role::Context),
            report,
        );
    }
    check_returned(&operation.returned.ty, report);
}

/// The type of a parameter: owned, `&T`, or borrowing by an elided lifetime.
fn check_type(ty: &Type, one_way: bool, report: &mut Report) {
    let inner = match ty {
        Type::Reference(reference) => {
            if let Some(mutability) = &reference.mutability {
                report.across(
                    mutability,
                    "an argument comes from a message: take it by value or by `&`",
                );
            }
            if let Some(lifetime) = &reference.lifetime {
                report.across(
                    lifetime,
                    "an argument lives as long as its message: leave the lifetime out",
                );
            }
            &reference.elem
        }
        other => other,
    };
    if let Type::Slice(slice) = inner {
        return report.across(
            ty,
            format_args!(
                "a slice cannot be read from a message: take `Vec<{}>`",
                tokens(&slice.elem)
            ),
        );
    }
    each_part(inner, &mut |part| match part {
        Part::Type(Type::ImplTrait(part)) => report.across(
            part,
            "the WSDL needs the type itself: name it in place of `impl`",
        ),
        Part::Type(Type::Reference(part)) => {
            report.across(
                part,
                "only a whole parameter can be a reference: own the data inside, as `String`",
            );
        }
        Part::Lifetime(lifetime) if lifetime.ident == "static" => {
            report.across(
                lifetime,
                "an argument lives as long as its message: write `'_`, or own the data",
            );
        }
        Part::Lifetime(lifetime) if one_way => {
            report.across(
                lifetime,
                "a `one_way` operation outlives its message: own the data, as `String`",
            );
        }
        _ => {}
    });
}

fn check_returned(ty: &Type, report: &mut Report) {
    if remedy::returned(ty, report) {
        return;
    }
    each_part(ty, &mut |part| match part {
        Part::Type(Type::ImplTrait(part)) => report.across(
            part,
            "the WSDL needs the type itself: name it in place of `impl`",
        ),
        Part::Type(Type::Reference(part)) => report.across(
            part,
            "an answer outlives the call: own the data, as `String`",
        ),
        Part::Lifetime(lifetime) if lifetime.ident != "static" => {
            report.across(
                lifetime,
                "an answer outlives the call: own the data, as `String`",
            );
        }
        _ => {}
    });
}

enum Part<'t> {
    Type(&'t Type),
    Lifetime(&'t syn::Lifetime),
}

/// Visits the type and its generic arguments; not what is inside a reference or `impl`.
fn each_part(ty: &Type, visit: &mut impl FnMut(Part<'_>)) {
    visit(Part::Type(ty));
    let Type::Path(path) = ty else { return };
    for segment in &path.path.segments {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            continue;
        };
        for argument in &arguments.args {
            match argument {
                GenericArgument::Type(ty) => each_part(ty, visit),
                GenericArgument::Lifetime(lifetime) => visit(Part::Lifetime(lifetime)),
                _ => {}
            }
        }
    }
}

fn check_content(content: &Content, report: &mut Report) {
    match content {
        Content::Sequence(sequence) => check_sequence(sequence, report),
        Content::Value(ty) => remedy::value(ty, report),
        Content::Empty => {}
    }
}

fn check_sequence(sequence: &Sequence, report: &mut Report) {
    sequence
        .fields
        .iter()
        .for_each(|field| remedy::value(&field.ty, report));
    let key = |name: &Name| {
        if sequence.by_local_name {
            (name.local.clone(), name.span)
        } else {
            expanded(name)
        }
    };
    distinct(
        sequence
            .fields
            .iter()
            .filter_map(|field| field.element())
            .map(key),
        "element",
        report,
    );
    distinct(
        sequence.attributes().map(|(_, name)| expanded(name)),
        "attribute",
        report,
    );
    for (field, _) in sequence.attributes() {
        refuse_vec(&field.ty, "an attribute", report);
    }
    let of_kind = |wanted: fn(&Kind) -> bool| {
        sequence
            .fields
            .iter()
            .filter(move |field| wanted(&field.kind))
    };
    for second in of_kind(|kind| matches!(kind, Kind::Any)).skip(1) {
        report.at(
            second.ident.span(),
            "a second `any`: one field takes every element that no other takes",
        );
    }
    for second in of_kind(|kind| matches!(kind, Kind::Text)).skip(1) {
        report.at(second.ident.span(), "a second `text`: an element has one");
    }
    if let Some(text) = sequence.text() {
        refuse_vec(&text.ty, "text", report);
        for other in of_kind(|kind| !matches!(kind, Kind::Text | Kind::Attribute(_))) {
            let remedy = "make it an `attribute`, or remove `text`";
            report.at(
                other.ident.span(),
                format_args!(
                    "`{}` would be an element beside the text of `{}`: {remedy}",
                    other.ident, text.ident
                ),
            );
        }
    }
}

fn refuse_vec(ty: &Type, what: &str, report: &mut Report) {
    if is_vec(ty) {
        report.across(
            ty,
            format_args!(
                "{what} occurs once: take a list, `soapstone::types::List`, in place of `Vec`"
            ),
        );
    }
}

fn expanded(name: &Name) -> (String, Span) {
    (format!("{{{}}}{}", name.namespace, name.local), name.span)
}

/// Reports each name that stands twice.
fn distinct(names: impl Iterator<Item = (String, Span)>, what: &str, report: &mut Report) {
    let mut seen = HashMap::new();
    for (name, span) in names {
        if seen.insert(name.clone(), span).is_some() {
            let local = name.rsplit('}').next().unwrap_or(&name);
            report.at(
                span,
                format_args!("{what} `{local}` is there already: give this one another `name`"),
            );
        }
    }
}

fn tokens(ty: &Type) -> String {
    quote::quote!(#ty).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_reported_once() {
        let mut report = Report::default();
        let names = ["a", "b", "a"].map(|name| (name.to_owned(), Span::call_site()));
        distinct(names.into_iter(), "element", &mut report);
        assert_eq!(report.count(), 1);
    }
}

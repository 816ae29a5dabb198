//! Whether two descriptions mean one type: by what they say, since one contract may be compiled
//! into several crates.

use std::ptr;

use super::{Content, NamedType, Row, TypeDescription};
use crate::xml::Name;

type Pair = (&'static NamedType, &'static NamedType);

/// True if both print the same, documentation aside. Types they refer to are compared too, each
/// pair once.
pub(super) fn same(a: &'static NamedType, b: &'static NamedType) -> bool {
    let mut pairs = vec![(a, b)];
    let mut next = 0;
    while let Some(&(a, b)) = pairs.get(next) {
        next += 1;
        if !ptr::eq(a, b) && !same_named(a, b, &mut pairs) {
            return false;
        }
    }
    true
}

/// Compares all but the types referred to, which are added to `pairs`.
fn same_named(a: &NamedType, b: &NamedType, pairs: &mut Vec<Pair>) -> bool {
    same_name(a.name, b.name)
        && each(a.attributes(), b.attributes(), |a, b| same_row(a, b, pairs))
        && match (&a.content, &b.content) {
            (Content::Enumeration(a), Content::Enumeration(b)) => {
                each(a, b, |a, b| a.value == b.value)
            }
            (Content::Fields(a), Content::Fields(b)) => {
                each(a.rows, b.rows, |a, b| same_row(a, b, pairs))
            }
            (Content::Choice(a), Content::Choice(b))
            | (Content::Polymorphic(a), Content::Polymorphic(b)) => {
                each(a, b, |a, b| same_row(a, b, pairs))
            }
            (Content::Simple(a), Content::Simple(b)) => same_type(a(), b(), pairs),
            _ => false,
        }
}

fn same_row(a: &Row, b: &Row, pairs: &mut Vec<Pair>) -> bool {
    let names = (a.kind, a.name, a.namespace, a.occurs) == (b.kind, b.name, b.namespace, b.occurs);
    names && same_type((a.of)(), (b.of)(), pairs)
}

fn same_type(
    mut a: &'static TypeDescription,
    mut b: &'static TypeDescription,
    pairs: &mut Vec<Pair>,
) -> bool {
    while let (TypeDescription::List(of_a), TypeDescription::List(of_b)) = (a, b) {
        (a, b) = (of_a(), of_b());
    }
    match (a, b) {
        (TypeDescription::BuiltIn(a), TypeDescription::BuiltIn(b)) => a == b,
        (TypeDescription::AnyType, TypeDescription::AnyType) => true,
        (TypeDescription::Named(a), TypeDescription::Named(b)) => {
            let known = |(c, d): &Pair| ptr::eq(*c, a) && ptr::eq(*d, b);
            if !pairs.iter().any(known) {
                pairs.push((a, b));
            }
            same_name(a.name, b.name)
        }
        _ => false,
    }
}

fn same_name(a: Name, b: Name) -> bool {
    a.local == b.local && a.namespace == b.namespace
}

fn each<T>(a: &[T], b: &[T], mut same: impl FnMut(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

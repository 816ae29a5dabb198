//! Whether two descriptions mean one type: by what they say, since one contract may be compiled
//! into several crates.

use std::ptr;

use super::{
    AttributeDescription, Content, ElementDescription, NamedType, Particle, TypeDescription,
};
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
        && each(a.attributes, b.attributes, |a, b| {
            same_attribute(a, b, pairs)
        })
        && match (&a.content, &b.content) {
            (Content::Enumeration(a), Content::Enumeration(b)) => {
                each(a, b, |a, b| a.value == b.value)
            }
            (Content::Sequence(a), Content::Sequence(b))
            | (Content::Choice(a), Content::Choice(b))
            | (Content::Polymorphic(a), Content::Polymorphic(b)) => {
                each(a, b, |a, b| same_particle(a, b, pairs))
            }
            (Content::Simple(a), Content::Simple(b)) => same_type(a(), b(), pairs),
            _ => false,
        }
}

fn same_particle(a: &Particle, b: &Particle, pairs: &mut Vec<Pair>) -> bool {
    match (a, b) {
        (Particle::Element(a), Particle::Element(b)) => same_element(a, b, pairs),
        (Particle::Any(a), Particle::Any(b)) => a == b,
        (Particle::Choice(a, a_occurs, _), Particle::Choice(b, b_occurs, _)) => {
            a_occurs == b_occurs && same_type(a(), b(), pairs)
        }
        _ => false,
    }
}

fn same_element(a: &ElementDescription, b: &ElementDescription, pairs: &mut Vec<Pair>) -> bool {
    let names = (a.name, a.namespace, a.occurs) == (b.name, b.namespace, b.occurs);
    names && same_type((a.of)(), (b.of)(), pairs)
}

fn same_attribute(
    a: &AttributeDescription,
    b: &AttributeDescription,
    pairs: &mut Vec<Pair>,
) -> bool {
    let names = (a.name, a.namespace, a.required) == (b.name, b.namespace, b.required);
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

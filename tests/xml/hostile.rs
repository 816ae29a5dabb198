//! Documents made to cost much: each ends at a limit, or in time and memory that grow with its size alone.

use std::fmt::Write;

use soap_core::Limits;
use soap_core::xml::{Element, ReadErrorKind, Reader};

use crate::events;

fn limit_of(text: &str, limits: &Limits) -> Option<&'static str> {
    match events::skipped(text, limits).map_err(|error| error.kind().clone()) {
        Err(ReadErrorKind::Limit { what, .. }) => Some(what),
        Err(other) => panic!("{other}"),
        Ok(()) => None,
    }
}

#[test]
fn a_million_levels_end_at_the_limit() {
    let text = "<a>".repeat(1_000_000);
    assert_eq!(limit_of(&text, &Limits::server()), Some("nested elements"));
    assert_eq!(
        limit_of(&text, &Limits::server().depth(usize::MAX)),
        Some("nested elements")
    );
}

#[test]
fn a_million_siblings_end_at_the_limit() {
    let text = format!("<a>{}</a>", "<b/>".repeat(1_000_000));
    assert_eq!(
        limit_of(&text, &Limits::server()),
        Some("children of an element")
    );
    assert_eq!(limit_of(&text, &Limits::client()), Some("elements"));
}

#[test]
fn attributes_and_declarations_end_at_the_limit() {
    let mut attributes = String::new();
    let mut declarations = String::new();
    for n in 0..100_000 {
        write!(attributes, " k{n}=''").unwrap();
        write!(declarations, " xmlns:p{n}='urn:{n}'").unwrap();
    }
    assert_eq!(
        limit_of(&format!("<a{attributes}/>"), &Limits::server()),
        Some("attributes of an element")
    );
    assert_eq!(
        limit_of(&format!("<a{declarations}/>"), &Limits::server()),
        Some("namespace bindings in scope")
    );
    let raised = Limits::server()
        .attributes(usize::MAX)
        .namespaces(usize::MAX);
    assert_eq!(limit_of(&format!("<a{attributes}/>"), &raised), None);
}

#[test]
fn a_namespace_for_every_element_costs_no_square() {
    let mut text = String::from("<a>");
    for n in 0..49_000 {
        write!(
            text,
            "<b xmlns='http://www.example.org/a/rather/long/namespace/{n}'/>"
        )
        .unwrap();
    }
    text.push_str("</a>");
    assert_eq!(limit_of(&text, &Limits::server()), None);
}

#[test]
fn comments_and_long_names_and_values_end_at_the_limit() {
    let limits = Limits::server();
    assert_eq!(
        limit_of(&format!("<a>{}</a>", "<!-- x -->".repeat(10_000)), &limits),
        Some("comment bytes")
    );
    assert_eq!(
        limit_of(&format!("<a><{}/></a>", "b".repeat(100_000)), &limits),
        Some("name bytes")
    );
    assert_eq!(
        limit_of(&format!("<a><{}/></a>", "ü".repeat(100_000)), &limits),
        Some("name bytes")
    );
    assert_eq!(
        limit_of(&format!("<a k='{}'/>", "v".repeat(100_000)), &limits),
        Some("attribute value bytes")
    );
    assert_eq!(
        limit_of(&format!("<a>{}</a>", "x".repeat(5 << 20)), &limits),
        Some("message bytes")
    );
}

#[test]
fn no_entity_grows() {
    let bomb = "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    assert_eq!(
        Reader::new(bomb, &Limits::server()).unwrap_err().kind(),
        &ReadErrorKind::Dtd
    );
    let error = events::skipped("<a>&c;</a>", &Limits::server()).unwrap_err();
    assert_eq!(error.kind(), &ReadErrorKind::UnknownEntity("c".into()));
}

#[test]
fn any_element_of_full_depth_is_read_cloned_and_dropped() {
    let text = "<a>".repeat(1000) + &"</a>".repeat(1000);
    let mut reader = Reader::new(&text, &Limits::server().depth(usize::MAX)).unwrap();
    let name = reader.next().unwrap().unwrap();
    let element = Element::read(name, &mut reader).unwrap();
    assert_eq!(element.clone(), element);
}

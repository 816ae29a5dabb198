use super::*;
use crate::Limits;
use crate::xml::{Reader, Writer};

fn read(text: &str) -> Element {
    let mut reader = Reader::new(text, &Limits::default()).unwrap();
    let name = reader.next().unwrap().unwrap();
    let element = Element::read(name, &mut reader).unwrap();
    assert_eq!(reader.next().unwrap(), None);
    element
}

fn write(element: &Element) -> String {
    let mut writer = Writer::new();
    element.write(&mut writer).unwrap();
    let text = String::from_utf8(writer.envelope(crate::SoapVersion::Soap11).to_vec()).unwrap();
    let body = text.split_once("<S:Body>").unwrap().1;
    body.strip_suffix("</S:Body></S:Envelope>")
        .unwrap()
        .to_owned()
}

#[test]
fn what_is_read_is_written_the_same() {
    let text = concat!(
        r#"<a:x xmlns:a="urn:a" xmlns="urn:d" k="1 &lt; 2" a:k="t&#x9;b" xml:lang="en">text<y>a:q</y>"#,
        r#"<z xmlns=""><w/></z>&amp;<a:v xmlns:a="urn:b"></a:v></a:x>"#
    );
    let element = read(text);
    assert_eq!(write(&element), text.replace("<w/>", "<w></w>"));
    assert_eq!(read(&write(&element)), element);
}

#[test]
fn declarations_from_outside_go_along_where_needed() {
    let outer = r#"<o:r xmlns:o="urn:o" xmlns:q="urn:q" xmlns:p="urn:p" xmlns:z="urn:z" xmlns="urn:d"><o:x o:k="q:v">p:a/o:b</o:x></o:r>"#;
    let mut reader = Reader::new(outer, &Limits::default()).unwrap();
    reader.next().unwrap();
    let name = reader.next().unwrap().unwrap();
    let element = Element::read(name, &mut reader).unwrap();
    assert_eq!(
        write(&element),
        r#"<o:x xmlns="urn:d" xmlns:o="urn:o" xmlns:q="urn:q" xmlns:p="urn:p" o:k="q:v">p:a/o:b</o:x>"#
    );
}

#[test]
fn elements_made_by_hand_get_the_declarations_they_need() {
    let inner =
        Element::new("", "none").with_child(Element::new("urn:a", "again").with_prefix("p"));
    let element = Element::new("urn:a", "x")
        .with_attribute("urn:b", "k", "1")
        .with_attribute("urn:c", "k", "2")
        .with_declaration("q", "urn:q")
        .with_child(inner)
        .with_child(Element::new("urn:b", "y").with_prefix("q"));
    let text = write(&element);
    assert_eq!(
        text,
        concat!(
            r#"<x xmlns:q="urn:q" xmlns="urn:a" xmlns:p0="urn:b" xmlns:p1="urn:c" p0:k="1" p1:k="2">"#,
            r#"<none xmlns=""><p:again xmlns:p="urn:a"></p:again></none><q:y xmlns:q="urn:b"></q:y></x>"#
        )
    );
    assert_eq!(read(&text).name(), element.name());
}

#[test]
fn what_xml_cannot_hold_is_refused() {
    let bad = [
        Element::new("", "a b"),
        Element::new("", ""),
        Element::new("urn:a", "a").with_prefix("1"),
        Element::new("urn:a", "a").with_prefix("xmlns"),
        Element::new("", "a").with_text("\u{1}"),
        Element::new("", "a").with_attribute("", "k", "\u{FFFF}"),
        Element::new("", "a").with_attribute("", "k:l", ""),
        Element::new("", "a").with_declaration("xml", "urn:x"),
        Element::new("", "a").with_declaration("p", ""),
        Element::new("", "a").with_declaration("", "urn:d"),
    ];
    for element in bad {
        assert!(element.write(&mut Writer::new()).is_err(), "{element:?}");
    }
}

#[test]
fn depth_costs_no_stack() {
    let depth = 990;
    let text = "<a>".repeat(depth) + &"</a>".repeat(depth);
    let mut reader = Reader::new(
        &text,
        &Limits {
            depth: 5000,
            ..Limits::default()
        },
    )
    .unwrap();
    let name = reader.next().unwrap().unwrap();
    let element = Element::read(name, &mut reader).unwrap();
    assert_eq!(write(&element), text);
}

#[test]
fn text_behind_a_child_is_not_read_by_the_bindings_of_that_child() {
    let outer = "<r xmlns:p='urn:a'><any><c xmlns:p='urn:b'/>p:x</any></r>";
    let mut reader = Reader::new(outer, &Limits::default()).unwrap();
    reader.next().unwrap();
    let name = reader.next().unwrap().unwrap();
    let element = Element::read(name, &mut reader).unwrap();
    let declared: Vec<_> = element.declarations().collect();
    assert_eq!(declared, [("p", "urn:a")]);
}

#[test]
fn an_empty_element_is_small() {
    assert!(size_of::<Element>() <= 72, "{}", size_of::<Element>());
}

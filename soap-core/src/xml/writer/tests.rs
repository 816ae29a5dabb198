use super::*;
use crate::xml::Namespace;

static A: Namespace = Namespace::new("urn:a");
static A_AGAIN: Namespace = Namespace::new("urn:a");
static B: Namespace = Namespace::new("urn:b&\"");
static X: Tag = Tag::new("<n0:x>", "</n0:x>");
static Y: Tag = Tag::new("<y>", "</y>");

fn envelope(writer: Writer) -> String {
    String::from_utf8(writer.envelope(SoapVersion::Soap11).to_vec()).unwrap()
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/""#;

#[test]
fn prefixes_are_declared_once_in_order_of_first_use() {
    let mut writer = Writer::new();
    let b = writer.prefix(&B);
    let a = writer.prefix(&A);
    assert_eq!(a, writer.prefix(&A_AGAIN));
    assert_eq!(Ok(a), writer.prefix_for("urn:a"));
    writer.open(a, &X);
    writer.open_start(a, &Y);
    writer.attribute_start(b, const { &Tag::attribute(" n0:k=\"") });
    writer.text("\"<\t\n\r>&'", Place::Attribute).unwrap();
    writer.plain("\">");
    writer.text("\"<\t\n\r>&'", Place::Text).unwrap();
    writer.close(a, &Y);
    writer.close(a, &X);
    let body = "<n1:x><y n0:k=\"&quot;&lt;&#x9;&#xA;&#xD;&gt;&amp;'\">\"&lt;\t\n&#xD;&gt;&amp;'</y></n1:x>";
    let declarations = r#" xmlns:n0="urn:b&#38;&#34;" xmlns:n1="urn:a""#;
    assert_eq!(
        envelope(writer),
        format!("{HEAD}{declarations}><S:Body>{body}</S:Body></S:Envelope>")
    );
}

#[test]
fn the_header_stands_first_and_a_long_head_moves_the_body() {
    let long = "x".repeat(2 * GAP);
    let mut writer = Writer::new();
    writer.open(Prefix::ENVELOPE, &X);
    writer.close(Prefix::ENVELOPE, &X);
    writer
        .header(|writer| writer.text(&long, Place::Text))
        .unwrap();
    writer
        .header(|writer| writer.text("y", Place::Text))
        .unwrap();
    let expected =
        format!("{HEAD}><S:Header>{long}y</S:Header><S:Body><S:x></S:x></S:Body></S:Envelope>");
    assert_eq!(envelope(writer), expected);
}

#[test]
fn characters_that_xml_cannot_hold_are_refused() {
    for c in [
        '\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{1F}', '\u{FFFE}', '\u{FFFF}',
    ] {
        for place in [Place::Text, Place::Attribute] {
            let text = format!("some text{c}");
            assert_eq!(
                Writer::new().text(&text, place),
                Err(WriteError::new(WriteErrorKind::ForbiddenCharacter(
                    u32::from(c)
                )))
            );
        }
    }
    let mut writer = Writer::new();
    let allowed = "\u{FFFD}\u{F000}\u{FB00}\u{FFEF}\u{7F}\u{85}\u{10FFFF}";
    writer.text(allowed, Place::Text).unwrap();
    assert!(envelope(writer).contains(allowed));
}

#[test]
fn qnames_declare_namespaces_known_at_run_time() {
    let mut writer = Writer::new();
    writer.qname("urn:run", "a").unwrap();
    writer.plain(" ");
    writer.qname("", "b").unwrap();
    assert!(writer.qname("urn:run", "a b").is_err());
    assert!(writer.qname("urn:\u{1}", "a").is_err());
    assert!(writer.qname("http://www.w3.org/2000/xmlns/", "a").is_err());
    assert_eq!(
        envelope(writer),
        format!("{HEAD} xmlns:n0=\"urn:run\"><S:Body>n0:a b</S:Body></S:Envelope>")
    );
}

#[test]
fn prefixes_do_not_run_out_for_the_program() {
    let mut writer = Writer::new();
    let refused = (0..2000).find(|n| writer.prefix_for(&format!("urn:{n}")).is_err());
    assert_eq!(refused, Some(Prefix::COUNT - 256));
    writer.prefix(&A);
}

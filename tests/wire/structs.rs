//! Structs: elements, attributes, text, names and namespaces.

use std::borrow::Cow;

use soapstone::{
    SoapType,
    types::{List, Nillable},
    xml::{self, Element, ReadErrorKind},
};

use crate::{both_ways, refused};

#[derive(SoapType, Debug, Clone, PartialEq, Default)]
#[soap(namespace = "urn:r")]
struct Record {
    /// The name.
    full_name: String,
    note: Option<String>,
    tags: Vec<String>,
    r#type: i32,
    #[soap(attribute)]
    id: u64,
    #[soap(attribute, name = "lang", namespace = "urn:other")]
    language: Option<String>,
}

#[test]
fn elements_are_lower_camel_case_and_attributes_have_no_namespace() {
    let record = Record {
        full_name: "A & B".into(),
        tags: vec!["x".into(), "y".into()],
        r#type: -1,
        id: 7,
        ..Record::default()
    };
    both_ways(
        &record,
        r#"<n0:Record xmlns:n0="urn:r" xmlns:n1="urn:other" id="7"><n0:fullName>A &amp; B</n0:fullName><n0:tags>x</n0:tags><n0:tags>y</n0:tags><n0:type>-1</n0:type></n0:Record>"#,
    );
    let record = Record {
        note: Some(String::new()),
        language: Some("d\"e".into()),
        ..Record::default()
    };
    both_ways(
        &record,
        r#"<n0:Record xmlns:n0="urn:r" xmlns:n1="urn:other" id="0" n1:lang="d&quot;e"><n0:fullName></n0:fullName><n0:note></n0:note><n0:type>0</n0:type></n0:Record>"#,
    );
}

#[test]
fn order_does_not_count_and_unknown_elements_and_attributes_are_skipped() {
    let read = xml::from_str::<Record>(
        r#"<Record xmlns="urn:r" id="1" x="y"><type>2</type><new><type>9</type></new><fullName xmlns="urn:x">no</fullName><fullName>n</fullName></Record>"#,
    );
    let expected = Record {
        full_name: "n".into(),
        r#type: 2,
        id: 1,
        ..Record::default()
    };
    assert_eq!(read.unwrap(), expected);
}

#[test]
fn missing_repeated_and_wrong_parts_are_named() {
    let missing = refused::<Record>(r#"<Record xmlns="urn:r" id="1"><type>2</type></Record>"#);
    assert_eq!(missing, ReadErrorKind::Missing("fullName".into()));
    let missing = refused::<Record>(r#"<Record xmlns="urn:r"/>"#);
    assert_eq!(missing, ReadErrorKind::MissingAttribute("id".into()));
    let repeated = r#"<Record xmlns="urn:r" id="1"><type>2</type><type>2</type></Record>"#;
    assert_eq!(
        refused::<Record>(repeated),
        ReadErrorKind::Repeated("type".into())
    );
    let wrong = r#"<Record xmlns="urn:r" id="-1"><type>2</type></Record>"#;
    assert!(matches!(refused::<Record>(wrong), ReadErrorKind::Value(_)));
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(
    namespace = "urn:s",
    name = "strict",
    ordered,
    deny_unknown,
    rename_all = "PascalCase"
)]
struct Strict {
    #[soap(attribute)]
    id: Option<i32>,
    first_one: i32,
    #[soap(unqualified)]
    second: Vec<i32>,
    #[soap(namespace = "urn:t", name = "THIRD")]
    third: Option<i32>,
}

#[test]
fn each_field_may_have_its_own_namespace() {
    let strict = Strict {
        id: None,
        first_one: 1,
        second: vec![2],
        third: Some(3),
    };
    both_ways(
        &strict,
        r#"<n0:strict xmlns:n0="urn:s" xmlns:n1="urn:t"><n0:FirstOne>1</n0:FirstOne><Second>2</Second><n1:THIRD>3</n1:THIRD></n0:strict>"#,
    );
}

#[test]
fn strict_types_refuse_another_order_and_what_they_do_not_know() {
    let inside = |text: &str| {
        refused::<Strict>(&format!(
            r#"<s:strict xmlns:s="urn:s" xmlns:t="urn:t">{text}</s:strict>"#
        ))
    };
    assert_eq!(
        inside("<Second>2</Second><s:FirstOne>1</s:FirstOne>"),
        ReadErrorKind::OutOfOrder("FirstOne".into())
    );
    assert_eq!(
        inside("<s:FirstOne>1</s:FirstOne><s:Second>2</s:Second>"),
        ReadErrorKind::UnexpectedElement("Second".into())
    );
    assert_eq!(
        inside("<s:FirstOne>1</s:FirstOne><x/>"),
        ReadErrorKind::UnexpectedElement("x".into())
    );
    let attribute =
        refused::<Strict>(r#"<strict xmlns="urn:s" ID="1"><FirstOne>1</FirstOne></strict>"#);
    assert_eq!(attribute, ReadErrorKind::UnexpectedAttribute("ID".into()));
    let allowed = r#"<strict xmlns="urn:s" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="strict" xml:lang="de" Id="1"><FirstOne>1</FirstOne></strict>"#;
    assert_eq!(xml::from_str::<Strict>(allowed).unwrap().id, Some(1));
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(unqualified)]
struct Plain {
    a: bool,
    inner: Option<Box<Self>>,
}

#[test]
fn types_in_no_namespace_and_recursive_ones() {
    let plain = Plain {
        a: true,
        inner: Some(Box::new(Plain {
            a: false,
            inner: None,
        })),
    };
    both_ways(
        &plain,
        "<Plain><a>true</a><inner><a>false</a></inner></Plain>",
    );
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:m", unqualified)]
struct Mixed {
    a: i32,
    #[soap(qualified)]
    b: i32,
}

#[test]
fn unqualified_children_and_one_qualified_among_them() {
    both_ways(
        &Mixed { a: 1, b: 2 },
        r#"<n0:Mixed xmlns:n0="urn:m"><a>1</a><n0:b>2</n0:b></n0:Mixed>"#,
    );
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
struct Price {
    #[soap(text)]
    amount: f64,
    #[soap(attribute)]
    currency: String,
    #[soap(attribute)]
    sizes: List<i32>,
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
struct Nothing;

/// A code.
#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
struct Code(i32);

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
struct Codes {
    #[soap(attribute)]
    main: Code,
    rest: Vec<Code>,
    nick: Nillable<Code>,
}

#[test]
fn text_beside_attributes() {
    let price = Price {
        amount: 1.5,
        currency: "EUR".into(),
        sizes: vec![1, 2].into(),
    };
    both_ways(
        &price,
        r#"<n0:Price xmlns:n0="urn:p" currency="EUR" sizes="1 2">1.5</n0:Price>"#,
    );
}

#[test]
fn empty_and_simple_types() {
    both_ways(&Nothing, r#"<n0:Nothing xmlns:n0="urn:p"></n0:Nothing>"#);
    both_ways(&Code(5), r#"<n0:Code xmlns:n0="urn:p">5</n0:Code>"#);
    let codes = Codes {
        main: Code(1),
        rest: vec![Code(2)],
        nick: Nillable::Nil,
    };
    both_ways(
        &codes,
        r#"<n0:Codes xmlns:n0="urn:p" xmlns:n1="http://www.w3.org/2001/XMLSchema-instance" main="1"><n0:rest>2</n0:rest><n0:nick n1:nil="true"></n0:nick></n0:Codes>"#,
    );
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:j")]
struct Job<'a> {
    name: Cow<'a, str>,
    #[soap(attribute)]
    by: Cow<'a, str>,
}

#[test]
fn a_type_may_borrow_from_the_message() {
    let text = r#"<Job xmlns="urn:j" by="me"><name>print</name></Job>"#;
    let job = xml::from_str::<Job<'_>>(text).unwrap();
    assert!(matches!(job.name, Cow::Borrowed("print")));
    assert!(matches!(job.by, Cow::Borrowed("me")));
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:e")]
struct Open {
    a: i32,
    #[soap(any)]
    rest: Vec<Element>,
}

#[test]
fn any_takes_what_no_field_takes() {
    let text = r#"<Open xmlns="urn:e"><x>1</x><a>2</a><y z="3"/></Open>"#;
    let open = xml::from_str::<Open>(text).unwrap();
    assert_eq!((open.a, open.rest.len()), (2, 2));
    let again = xml::from_str::<Open>(&xml::to_string(&open).unwrap()).unwrap();
    assert_eq!(again.rest.len(), 2);
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:x")]
struct Spoken {
    #[soap(
        attribute,
        name = "lang",
        namespace = "http://www.w3.org/XML/1998/namespace"
    )]
    language: String,
    text: String,
}

#[test]
fn names_of_the_xml_namespace_have_its_prefix_and_no_declaration() {
    both_ways(
        &Spoken {
            language: "de".into(),
            text: "Hallo".into(),
        },
        r#"<n0:Spoken xmlns:n0="urn:x" xml:lang="de"><n0:text>Hallo</n0:text></n0:Spoken>"#,
    );
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:v")]
struct Values {
    one: String,
    maybe: Option<String>,
    many: Vec<i32>,
}

#[test]
fn nil_is_refused_where_the_type_has_none() {
    let document = |one: &str, maybe: &str, many: &str| {
        format!(
            "<Values xmlns='urn:v' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>\
             <one{one}></one><maybe{maybe}></maybe><many{many}>1</many></Values>"
        )
    };
    let nil = " i:nil=' true '";
    assert_eq!(
        refused::<Values>(&document(nil, "", "")),
        ReadErrorKind::UnexpectedNil
    );
    assert_eq!(
        refused::<Values>(&document("", "", nil)),
        ReadErrorKind::UnexpectedNil
    );
    let absent = xml::from_str::<Values>(&document(" i:nil='false'", nil, "")).unwrap();
    assert_eq!((absent.one.as_str(), absent.maybe), ("", None));
}

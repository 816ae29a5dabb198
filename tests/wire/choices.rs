//! Enums whose variants hold data: choices, and types told by `xsi:type`.

use soapstone::{
    SoapType,
    xml::{self, ReadErrorKind},
};

use crate::{both_ways, refused};

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:p", rename_all = "camelCase")]
enum Payment {
    Cash,
    Card {
        #[soap(attribute)]
        valid: bool,
        card_number: String,
    },
    #[soap(name = "CHEQUE")]
    Cheque(i32),
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
struct Order {
    id: i32,
    #[soap(choice)]
    payment: Payment,
    #[soap(choice)]
    extras: Vec<Extra>,
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
enum Extra {
    Gift(String),
    Fast(bool),
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:p")]
struct Wrapped {
    payment: Payment,
}

#[test]
fn a_choice_in_place_and_one_in_an_element() {
    let card = Payment::Card {
        valid: true,
        card_number: "42".into(),
    };
    let extras = vec![Extra::Gift("x".into()), Extra::Fast(true)];
    both_ways(
        &Order {
            id: 1,
            payment: card.clone(),
            extras,
        },
        r#"<n0:Order xmlns:n0="urn:p"><n0:id>1</n0:id><n0:card valid="true"><n0:cardNumber>42</n0:cardNumber></n0:card><n0:Gift>x</n0:Gift><n0:Fast>true</n0:Fast></n0:Order>"#,
    );
    both_ways(
        &Wrapped { payment: card },
        r#"<n0:Wrapped xmlns:n0="urn:p"><n0:payment><n0:card valid="true"><n0:cardNumber>42</n0:cardNumber></n0:card></n0:payment></n0:Wrapped>"#,
    );
    both_ways(
        &Payment::Cash,
        r#"<n0:Payment xmlns:n0="urn:p"><n0:cash></n0:cash></n0:Payment>"#,
    );
    both_ways(
        &Payment::Cheque(3),
        r#"<n0:Payment xmlns:n0="urn:p"><n0:CHEQUE>3</n0:CHEQUE></n0:Payment>"#,
    );
}

#[test]
fn a_missing_or_second_choice_is_refused() {
    let order =
        |text: &str| refused::<Order>(&format!(r#"<Order xmlns="urn:p"><id>1</id>{text}</Order>"#));
    assert_eq!(
        order(""),
        ReadErrorKind::Missing("cash, card or CHEQUE".into())
    );
    assert_eq!(
        order("<cash/><CHEQUE>1</CHEQUE>"),
        ReadErrorKind::Repeated("CHEQUE".into())
    );
    let empty = refused::<Payment>(r#"<Payment xmlns="urn:p"><other/></Payment>"#);
    assert_eq!(empty, ReadErrorKind::Missing("cash, card or CHEQUE".into()));
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:s")]
struct Circle {
    #[soap(attribute)]
    id: i32,
    radius: f64,
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:other")]
struct Square {
    side: f64,
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:s", xsi_type)]
enum Shape {
    #[soap(default)]
    Round(Circle),
    Square(Square),
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:s", xsi_type)]
enum Strict {
    Circle(Circle),
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:s")]
struct Drawing {
    shapes: Vec<Shape>,
}

#[test]
fn xsi_type_tells_the_variant() {
    let shapes = vec![
        Shape::Round(Circle { id: 1, radius: 2.0 }),
        Shape::Square(Square { side: 3.0 }),
    ];
    both_ways(
        &Drawing { shapes },
        r#"<n0:Drawing xmlns:n0="urn:s" xmlns:n1="http://www.w3.org/2001/XMLSchema-instance" xmlns:n2="urn:other"><n0:shapes n1:type="n0:Circle" id="1"><n0:radius>2.0</n0:radius></n0:shapes><n0:shapes n1:type="n2:Square"><n2:side>3.0</n2:side></n0:shapes></n0:Drawing>"#,
    );
}

#[test]
fn without_xsi_type_the_default_is_meant_and_unknown_types_are_refused() {
    let plain = r#"<Shape xmlns="urn:s" id="1"><radius>2</radius></Shape>"#;
    let shape = xml::from_str::<Shape>(plain).unwrap();
    assert_eq!(shape, Shape::Round(Circle { id: 1, radius: 2.0 }));
    let none = refused::<Strict>(r#"<Strict xmlns="urn:s" id="1"><radius>2</radius></Strict>"#);
    assert_eq!(none, ReadErrorKind::MissingAttribute("xsi:type".into()));
    let unknown = r#"<Shape xmlns="urn:s" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Cube"/>"#;
    assert!(matches!(refused::<Shape>(unknown), ReadErrorKind::Value(_)));
}

#[test]
fn a_nil_variant_is_refused_where_its_value_has_no_nil() {
    let nil = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'";
    let document = format!("<Order xmlns='urn:p'><id>1</id><cash/><Gift {nil}/></Order>");
    assert_eq!(refused::<Order>(&document), ReadErrorKind::UnexpectedNil);
}

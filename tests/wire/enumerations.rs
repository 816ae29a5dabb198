//! Enums of unit variants: one of some words.

use soapstone::{SoapType, xml::ReadErrorKind};

use crate::{both_ways, refused};

#[derive(SoapType, Debug, Clone, Copy, PartialEq)]
#[soap(namespace = "urn:c")]
enum Color {
    /// As blood.
    Red,
    #[soap(name = "light blue")]
    LightBlue,
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:c", rename_all = "kebab-case")]
enum Size {
    VeryBig,
}

#[derive(SoapType, Debug, PartialEq)]
#[soap(namespace = "urn:c")]
struct Shirt {
    #[soap(attribute)]
    size: Size,
    color: Vec<Color>,
}

#[test]
fn words_are_the_names_of_the_variants() {
    let shirt = Shirt {
        size: Size::VeryBig,
        color: vec![Color::Red, Color::LightBlue],
    };
    both_ways(
        &shirt,
        r#"<n0:Shirt xmlns:n0="urn:c" size="very-big"><n0:color>Red</n0:color><n0:color>light blue</n0:color></n0:Shirt>"#,
    );
}

#[test]
fn white_space_is_collapsed_and_other_words_refused() {
    let read = |text: &str| {
        soapstone::xml::from_str::<Color>(&format!(r#"<Color xmlns="urn:c">{text}</Color>"#))
    };
    assert_eq!(read(" \n Red\t").unwrap(), Color::Red);
    assert_eq!(read("light\n  blue").unwrap(), Color::LightBlue);
    let error = read("red").unwrap_err();
    assert_eq!(
        error.to_string().split(" (").next(),
        Some(r#""red" is not one of Red or light blue"#)
    );
    assert!(matches!(
        refused::<Size>(r#"<Size xmlns="urn:c"/>"#),
        ReadErrorKind::Value(_)
    ));
}

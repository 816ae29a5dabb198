use soapstone::{SoapType, xml::Element};

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Generic<T, const N: usize>
where
    T: Clone,
{
    a: [T; N],
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct TwoLifetimes<'a, 'b> {
    a: std::borrow::Cow<'a, str>,
    b: std::borrow::Cow<'b, str>,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Tuple(i32, i32);

#[derive(SoapType)]
#[soap(namespace = "urn:a", ordered)]
struct Simple(#[soap(name = "x")] Vec<i32>);

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
union Union {
    a: u8,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Twice {
    first_name: i32,
    #[soap(name = "firstName")]
    other: i32,
    #[soap(attribute)]
    id: i32,
    #[soap(attribute, name = "id")]
    key: i32,
    #[soap(attribute)]
    many: Vec<i32>,
    #[soap(any)]
    rest: Vec<Element>,
    #[soap(any)]
    more: Vec<Element>,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct TextAndElements {
    #[soap(text)]
    text: String,
    #[soap(text)]
    again: String,
    element: i32,
}

fn main() {}

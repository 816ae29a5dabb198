use soapstone::SoapType;

#[derive(SoapType)]
#[soap(namespce = "urn:a")]
struct UnknownOption {
    #[soap(atribute)]
    a: i32,
    #[soap(one_way)]
    b: i32,
    #[soap(flatten)]
    c: i32,
}

#[derive(SoapType)]
#[soap(namespace, unqualified = true, name = 5)]
struct WrongValues {
    #[soap(name = "x", name = "y")]
    a: i32,
    #[soap]
    b: i32,
    #[soap(name = )]
    c: i32,
}

#[derive(SoapType)]
struct NoNamespace {
    a: i32,
}

#[derive(SoapType)]
#[soap(namespace = "")]
struct EmptyNamespace {
    #[soap(namespace = "urn a")]
    a: i32,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a", name = "a b", rename_all = "UPPERCASE", crate = "1")]
struct WrongTexts {
    #[soap(name = "1st")]
    a: i32,
}

#[derive(SoapType)]
#[soap(unqualified)]
struct NothingToQualifyBy {
    #[soap(qualified)]
    a: i32,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Contradictions {
    #[soap(attribute, text)]
    a: i32,
    #[soap(qualified, unqualified)]
    b: i32,
    #[soap(any, name = "c")]
    c: Vec<soapstone::xml::Element>,
}

#[derive(SoapType)]
#[soap(namespace = "http://www.w3.org/2000/xmlns/")]
struct Declarations {
    a: i32,
}

fn main() {}

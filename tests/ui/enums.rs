use soapstone::SoapType;

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
enum Empty {}

#[derive(SoapType)]
#[soap(namespace = "urn:a", ordered, deny_unknown)]
enum Words {
    A,
    #[soap(name = "A", default)]
    B,
    #[soap(name = " C ")]
    C,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
enum Elements {
    A(i32),
    #[soap(name = "A")]
    B,
    #[soap(attribute)]
    C {
        #[soap(name = "x")]
        a: i32,
        x: i32,
    },
    D(i32, i32),
    E(#[soap(attribute)] i32),
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Base {
    a: i32,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a", xsi_type)]
enum Derived {
    #[soap(default)]
    Base(Base),
    #[soap(default, name = "x")]
    Other(Base),
    Unit,
    Struct { a: i32 },
}

fn main() {}

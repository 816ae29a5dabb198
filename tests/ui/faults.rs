use soapstone::{Fault, SoapFault};

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
enum NoOther {
    #[soap(code = "Client")]
    A { a: i32 },
    #[soap(code = "Mine")]
    B,
}

#[derive(SoapFault, Debug)]
enum TwoOthers {
    #[soap(other)]
    A(Fault),
    #[soap(other)]
    B(Fault),
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
enum WrongOther {
    #[soap(other, code = "Sender", action = "urn:a:failed")]
    Other,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
struct NoEnum {
    a: i32,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
enum Generic<T> {
    A(T),
    #[soap(other)]
    Other(Fault),
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
enum Details {
    #[soap(reason = "no {text}")]
    A {
        id: i32,
    },
    #[soap(reason = "no {}")]
    B(i32),
    #[soap(reason = "no {id}", name = "A")]
    C,
    D(i32, i32),
    #[soap(action = "")]
    EmptyAction,
    E {
        #[soap(attribute)]
        id: i32,
        #[soap(name = "id")]
        other: i32,
    },
    #[soap(other)]
    Other(Fault),
}

fn main() {}

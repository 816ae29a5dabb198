use soapstone::{Fault, Server, SoapFault, SoapType, service};

struct Argument;
struct Value;
#[derive(Debug)]
struct Error;
struct Header;
struct Field;
struct Attribute;
struct Item;
struct Choice;
struct Price;
struct Variant;
struct Both;

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Record {
    field: Field,
    #[soap(attribute)]
    attribute: Attribute,
    many: Vec<Item>,
    #[soap(choice)]
    choice: Choice,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Priced {
    #[soap(text)]
    price: Price,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
enum Either {
    A(Variant),
    B,
}

#[derive(SoapFault)]
#[soap(namespace = "urn:a")]
enum NoDebug {
    #[soap(other)]
    Other(Fault),
}

#[service(namespace = "urn:a")]
trait Calc {
    async fn argument(&self, a: Argument);
    async fn value(&self) -> Value;
    async fn error(&self) -> Result<i32, Error>;
    async fn header(&self, #[soap(header)] a: Header);
    async fn both(&self, a: Option<Both>) -> Both;
    #[soap(bare)]
    async fn bare(&self, a: Both) -> Both;
    async fn no_debug(&self) -> Result<(), NoDebug>;
}

struct MyClock;

#[service(namespace = "urn:a")]
impl MyClock {
    async fn hour(&self) -> i32 {
        1
    }
}

fn main() {
    let _ = Server::new(MyClock);
}

use soapstone::{SoapType, service};

struct Argument;
struct Value;
#[derive(Debug)]
struct Error;
struct Header;
struct Field;
struct Attribute;

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Record {
    field: Field,
    #[soap(attribute)]
    attribute: Attribute,
}

#[service(namespace = "urn:a")]
trait Calc {
    async fn argument(&self, a: Argument);
    async fn value(&self) -> Value;
    async fn error(&self) -> Result<i32, Error>;
    async fn header(&self, #[soap(header)] a: Header);
}

fn main() {}

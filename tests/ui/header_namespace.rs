use soapstone::SoapType;

#[derive(SoapType)]
#[soap(unqualified)]
struct Session {
    id: String,
}

#[soapstone::service(namespace = "urn:calc")]
trait Calc {
    async fn add(&self, #[soap(header)] session: Session, a: i32) -> i32;
}

fn main() {}

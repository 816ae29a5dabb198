use soapstone::service;

#[service(namespace = "urn:a")]
trait Calc {
    #[soap(bare)]
    async fn argument(&self, a: i32);
    #[soap(bare)]
    async fn value(&self, #[soap(name = "In")] a: i32) -> i32;
}

fn main() {}

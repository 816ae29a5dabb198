use soapstone::SoapType;

#[derive(SoapType)]
#[soap(namespace = "urn:calc")]
struct Order {
    id: i32,
}

#[soapstone::service(namespace = "urn:calc")]
trait Calc {
    #[soap(bare, action = "urn:calc:Order")]
    async fn open(&self, order: Order);
    #[soap(bare, action = "urn:calc:Order")]
    async fn close(&self, order: Order);
    #[soap(bare, action = "urn:calc:Cancel")]
    async fn cancel(&self, order: Order);
}

fn main() {}

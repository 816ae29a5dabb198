use soapstone::SoapType;

#[derive(SoapType)]
#[soap(namespace = "urn:calc")]
struct Order {
    id: i32,
}

#[soapstone::service(namespace = "urn:calc")]
trait Calc {
    #[soap(bare, action = "urn:calc:Calc:Close")]
    async fn open(&self, order: Order);
    #[soap(bare, one_way)]
    async fn close(&self, order: Order);
}

fn main() {}

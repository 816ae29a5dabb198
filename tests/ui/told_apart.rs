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
    async fn close(&self, order: &Order);
    #[soap(bare, action = "urn:calc:Cancel")]
    async fn cancel(&self, order: Order);
}

#[soapstone::service(namespace = "urn:calc")]
trait Named {
    #[soap(action = "urn:calc:Sum")]
    async fn add(&self, a: f64, b: f64) -> f64;
    #[soap(bare)]
    async fn sum(&self, #[soap(name = "Add")] numbers: String) -> Order;
    #[soap(bare, action = "urn:calc:Named:ResetRequest")]
    async fn clear(&self);
    #[soap(bare, action = "urn:calc:Clear")]
    async fn reset(&self);
    #[soap(bare, action = "urn:calc:Clear")]
    async fn restart(&self);
}

fn main() {}

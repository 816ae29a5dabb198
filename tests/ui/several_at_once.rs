use soapstone::{Fault, SoapFault, SoapType, service};

#[derive(SoapType, Debug)]
#[soap(namespace = "urn:a", renam_all = "camelCase")]
pub struct Order {
    #[soap(atribute)]
    id: i32,
    #[soap(any)]
    a: i32,
    #[soap(any)]
    b: i32,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
pub enum OrderFault {
    #[soap(code = "Server")]
    Gone { order: Order },
}

#[service(namespace = "urn:a")]
pub trait Orders {
    #[soap(onway)]
    async fn submit(&self, order: Order) -> Result<Order, OrderFault>;
    async fn slice(&self, a: &[i32]);
    async fn good(&self, a: i32) -> i32;
}

struct MyOrders;

impl Orders for MyOrders {
    async fn submit(&self, order: Order) -> Result<Order, OrderFault> {
        Err(OrderFault::from(Fault::sender(format!("{order:?}"))))
    }
    async fn slice(&self, _: &[i32]) {}
    async fn good(&self, a: i32) -> i32 {
        a
    }
}

fn main() {
    let _ = OrdersServer::new(MyOrders);
    let _ = |client: OrdersClient| {
        let _ = client.good(1);
        let _ = client.submit(Order { id: 1, a: 1, b: 1 });
    };
}

//! Annotations in a crate that has soapstone from another one.
#![deny(warnings)]

use other::stone::{Fault, SoapFault, SoapType, service};

mod other {
    pub(crate) use soapstone as stone;
}

#[derive(SoapType, Debug)]
#[soap(namespace = "urn:a", crate = "crate::other::stone")]
struct Order {
    id: i32,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a", crate = "crate::other::stone")]
enum Failure {
    #[soap(other)]
    Other(Fault),
}

#[service(namespace = "urn:a", crate = "crate::other::stone")]
trait Shop {
    async fn place(&self, order: Order) -> Result<i32, Failure>;
}

struct MyShop;

impl Shop for MyShop {
    async fn place(&self, order: Order) -> Result<i32, Failure> {
        Ok(order.id)
    }
}

fn main() {
    let _ = (
        ShopServer::new(MyShop),
        ShopClient::new,
        ShopServer::wsdl("http://localhost/"),
    );
}

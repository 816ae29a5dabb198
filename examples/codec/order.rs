//! The message that performance is measured with: an order of any number of items.

use soapstone::{
    SoapType,
    types::{Base64Binary, DateTime},
};

#[derive(SoapType, Debug, Clone, Copy, PartialEq, Eq)]
#[soap(namespace = "urn:example:orders", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Currency {
    Eur,
    Usd,
    Cny,
}

#[derive(SoapType, Debug, Clone, PartialEq, Eq)]
#[soap(namespace = "urn:example:orders")]
pub struct Address {
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
}

#[derive(SoapType, Debug, Clone, PartialEq, Eq)]
#[soap(namespace = "urn:example:orders")]
pub struct Customer {
    #[soap(attribute)]
    pub id: i64,
    pub name: String,
    pub email: String,
    pub address: Address,
}

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:example:orders")]
pub struct Item {
    #[soap(attribute)]
    pub line: i32,
    pub sku: String,
    pub description: String,
    pub quantity: i32,
    pub price: f64,
    pub taxable: bool,
    pub tag: Vec<String>,
    pub note: Option<String>,
}

impl Item {
    pub fn total(&self) -> f64 {
        self.price * f64::from(self.quantity)
    }
}

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:example:orders")]
pub struct Order {
    #[soap(attribute)]
    pub id: i64,
    pub customer: Customer,
    pub placed: DateTime,
    pub currency: Currency,
    pub item: Vec<Item>,
    pub signature: Base64Binary,
    pub total: f64,
}

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:example:orders")]
pub struct Receipt {
    pub order_id: i64,
    pub accepted: bool,
    pub total: f64,
}

/// The Body of a request.
#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:example:orders")]
pub struct SubmitOrder {
    pub order: Order,
}

#[soapstone::service(namespace = "urn:example:orders")]
pub trait Orders {
    /// Takes an order and tells what it costs.
    #[soap(bare)]
    async fn submit_order(&self, request: SubmitOrder) -> Receipt;
}

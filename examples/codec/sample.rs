//! The values that performance is measured with: the same ones for a number of items everywhere.

use soapstone::types::Base64Binary;

use crate::order::{Address, Currency, Customer, Item, Order, SubmitOrder};

/// The request for an order of `items`.
pub fn request(items: i32) -> SubmitOrder {
    let item: Vec<_> = (0..items).map(item).collect();
    let total = item.iter().fold(0.0, |total, item| total + item.total());
    let address = Address {
        street: "1 Long Street".to_owned(),
        city: "Zürich".to_owned(),
        postcode: "8001".to_owned(),
        country: "CH".to_owned(),
    };
    let customer = Customer {
        id: 42,
        name: "Müller & Söhne <GmbH>".to_owned(),
        email: "orders@example.org".to_owned(),
        address,
    };
    let signature: Vec<_> = (0..64_u8).map(|byte| byte.wrapping_mul(7)).collect();
    let order = Order {
        id: 9_000_000_001,
        customer,
        placed: "2023-11-14T22:13:20Z".parse().expect("a date and time"),
        currency: Currency::Eur,
        item,
        signature: Base64Binary::from(signature),
        total,
    };
    SubmitOrder { order }
}

fn item(index: i32) -> Item {
    Item {
        line: index + 1,
        sku: format!("SKU-{}", 100_000 + index),
        description: format!("Widget, type {} \"blue\" & round", index % 17),
        quantity: 1 + index % 9,
        price: 19.99 + f64::from(index) * 0.37,
        taxable: index % 2 == 1,
        tag: vec!["new".to_owned(), "sale".to_owned()],
        note: (index % 5 == 0).then(|| "handle with care".to_owned()),
    }
}

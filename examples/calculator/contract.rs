//! The contract: types, faults and operations, as both sides of a call share them.

use soapstone::{
    Fault, SoapFault, SoapType,
    types::{Base64Binary, DateTime, Decimal, Nillable},
};

/// A colour.
#[derive(SoapType, Debug, Clone, Copy, PartialEq, Eq)]
#[soap(namespace = "http://example.org/calc")]
pub enum Color {
    Red,
    Green,
    Blue,
}

/// A part of a record.
#[derive(SoapType, Debug, Clone, PartialEq, Eq)]
#[soap(namespace = "http://example.org/calc")]
pub struct Child {
    pub id: i32,
    pub label: String,
}

/// One of each kind of field.
#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/calc")]
pub struct Record {
    pub name: String,
    pub count: i32,
    pub price: Decimal,
    pub when: DateTime,
    pub note: Option<String>,
    pub nick: Nillable<String>,
    pub tags: Vec<String>,
    pub blob: Base64Binary,
    pub color: Color,
    pub child: Option<Child>,
}

/// What a division may answer in place of a number.
#[derive(SoapFault, Debug)]
#[soap(namespace = "http://example.org/calc")]
pub enum CalcFault {
    /// The divisor is zero.
    #[soap(code = "Sender", reason = "divide by zero")]
    DivideFault { code: i32, text: String },
    #[soap(other)]
    Other(Fault),
}

/// A calculator.
#[soapstone::service(namespace = "http://example.org/calc")]
pub trait Calc {
    /// The sum of two numbers.
    #[soap(idempotent)]
    async fn add(&self, a: f64, b: f64) -> f64;

    /// The quotient of two numbers.
    #[soap(idempotent)]
    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault>;

    /// The record that was sent.
    #[soap(idempotent)]
    async fn echo(&self, rec: Record) -> Record;

    /// Takes a text; nothing comes back.
    #[soap(one_way)]
    async fn notify(&self, text: String);
}

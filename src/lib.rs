//! SOAP services and clients: annotated Rust types and traits become services, clients and WSDL.
//!
//! # Example
//! ```
//! use soapstone::{Fault, SoapFault, SoapType};
//!
//! #[derive(SoapType, Debug, Clone)]
//! #[soap(namespace = "http://example.org/stock")]
//! pub struct Price {
//!     pub amount: f64,
//!     #[soap(attribute)]
//!     pub currency: String,
//! }
//!
//! #[derive(SoapFault, Debug)]
//! #[soap(namespace = "http://example.org/stock")]
//! pub enum StockFault {
//!     #[soap(code = "Sender", reason = "no article {sku}")]
//!     Unknown { sku: String },
//!     #[soap(other)]
//!     Other(Fault),
//! }
//!
//! #[soapstone::service(namespace = "http://example.org/stock")]
//! pub trait Stock {
//!     async fn price(&self, sku: &str) -> Result<Price, StockFault>;
//! }
//!
//! # struct Shop;
//! impl Stock for Shop {
//!     async fn price(&self, sku: &str) -> Result<Price, StockFault> {
//!         Err(StockFault::Unknown { sku: sku.to_owned() })
//!     }
//! }
//!
//! let server = StockServer::new(Shop); // for a Server; clients call StockClient::connect(url)
//! assert!(StockServer::wsdl("http://localhost/").contains("StockService"));
//! # let _ = server;
//! ```

#[cfg(test)]
extern crate self as soapstone;

pub use soap_core::{
    Answer, Answers, Call, CallError, Channel, Context, Fault, FaultCode, HeaderBlock, Host,
    Limits, Message, Meta, Options, SoapFault, SoapVersion, WithHeader, describe, xml,
};
pub use soap_macros::{SoapFault, SoapType, service};
pub use soap_transport::{Endpoint, Server};

/// What carries messages: the traits, and the transports that are compiled in.
pub mod transport {
    pub use soap_core::transport::*;
    pub use soap_transport::*;
}

/// What generated code uses. Not for people: it may change in any version.
#[doc(hidden)]
pub mod __private {
    pub use std::{borrow::Cow, boxed::Box, format, string::String, sync::Arc};

    pub use soap_core::{
        Answer, Call, Channel, Fault, FaultCode, HeaderField, Incoming, Output, Reply, Service,
        SoapFault, describe,
        transport::{BoxFuture, TransportError},
        xml,
    };
    pub use soap_transport::Endpoint;
}

//! SOAP services and clients: annotated Rust types and traits become services, clients and WSDL.

#[cfg(test)]
extern crate self as soapstone;

pub use soap_core::{
    Answer, Answers, Call, CallError, Channel, Context, Fault, FaultCode, HeaderBlock, Host,
    Limits, Message, Meta, Options, SoapFault, SoapVersion, WithHeader, describe, transport, xml,
};
pub use soap_macros::{SoapFault, SoapType, service};

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

    use soap_core::describe::ServiceDescription;

    /// The way to the service at `url`.
    ///
    /// # Errors
    /// Fails if the URL is none, or no transport has its scheme.
    pub async fn connect(url: &str) -> Result<Channel, TransportError> {
        Err(TransportError::config(format!("no transport for {url}")))
    }

    /// The WSDL of a service that answers at `url`.
    pub fn wsdl(service: &'static ServiceDescription, url: &str) -> String {
        format!("{}: {url}", service.name)
    }
}

//! SOAP services and clients: annotated Rust types and traits become services, clients and WSDL.

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

#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate self as soapstone;

pub use soap_core::{
    Answer, Answers, Call, CallError, Channel, Context, Envelope, Fault, FaultCode, HeaderBlock,
    Host, Limits, Message, Meta, Options, Service, SoapFault, SoapVersion, WithHeader, describe,
    types, xml,
};
pub use soap_macros::{SoapFault, SoapType, service};

/// How messages travel: the [`Server`](transport::Server), the [`Endpoint`](transport::Endpoint) of a client, the transports there
/// are, and the traits to write others.
pub mod transport {
    pub use soap_core::{
        Capacity, IntoDispatch, Keepalive, Linger, Peer, PeerGone, SocketOptions, Timeouts,
        transport::*,
    };
    pub use soap_transport::*;
}

/// What generated code uses. Not for people: it may change in any version.
#[doc(hidden)]
pub mod __private {
    pub use std::{borrow::Cow, boxed::Box, format, string::String, sync::Arc};

    pub use soap_core::{
        Answer, Call, Channel, Fault, FaultCode, HeaderField, Incoming, Output, Reply, Service,
        SoapFault, describe,
        describe::wsdl,
        transport::{BoxFuture, TransportError},
        xml,
    };

    /// The way to the service at `url`.
    ///
    /// # Errors
    /// As [`Endpoint::connect`](soap_transport::Endpoint::connect).
    pub async fn connect(url: &str) -> Result<Channel, TransportError> {
        soap_transport::Endpoint::new(url).connect().await
    }
}

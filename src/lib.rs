#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate self as soapstone;

// The examples of the documents compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/tcp.md")]
mod tcp_document {}
#[cfg(all(doctest, feature = "udp"))]
#[doc = include_str!("../docs/udp.md")]
mod udp_document {}

pub use soap_core::{
    CallError, Channel, Context, Fault, FaultCode, HeaderBlock, Host, Limits, SoapFault,
    SoapVersion, WithHeader, describe, types, xml,
};
#[doc(inline)]
pub use soap_macros::{SoapFault, SoapType, service};
#[cfg(feature = "config")]
pub use soap_transport::config::{self, Config};
pub use soap_transport::{Endpoint, Server};

/// Calls and what comes of them. The way to a service is an [`Endpoint`].
pub mod client {
    pub use soap_core::{
        Answer, Answers, AnswersWithMeta, Call, CallFuture, CallWithMeta, CallWithMetaFuture, Meta,
        Outgoing, Output, Posted, WriteHeader,
    };
    pub use soap_transport::ToEndpoint;
}

/// A server at work, and what it serves. It is made by [`Server`].
pub mod server {
    pub use soap_core::{Incoming, IntoDispatch, Reply, Service};
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub use soap_transport::Inherited;
    pub use soap_transport::{Counters, DatagramCounters, Gate, Monitor, Running, shutdown_signal};
}

/// How messages travel: what every transport carries and may be told, the transports there are, and the traits to write others.
pub mod transport {
    pub use soap_core::{
        Action, Capacity, CloseFirst, Destination, FaultOrigin, Keepalive, Linger, Message,
        Options, Peer, PeerGone, SocketOptions, Timeouts, transport::*,
    };
    #[cfg(feature = "http")]
    pub use soap_transport::http;
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub use soap_transport::socket;
    #[cfg(feature = "tcp")]
    pub use soap_transport::tcp;
    #[cfg(feature = "tls")]
    pub use soap_transport::tls;
    #[cfg(feature = "udp")]
    pub use soap_transport::udp;
    pub use soap_transport::{Memory, default_registry, memory};
}

/// WS-Addressing: whether messages carry it, and what its header blocks say.
pub mod addressing {
    pub use soap_core::{Addressing, AddressingOptions, addressing::*};
}

/// Envelopes by hand.
pub mod envelope {
    pub use soap_core::{Envelope, HeaderField, Refused};
}

/// What generated code uses. Not for people: it may change in any version.
#[doc(hidden)]
pub mod __private {
    pub use std::{borrow::Cow, boxed::Box, format, string::String, sync::Arc};

    pub use soap_core::{
        Answer, Call, Channel, Fault, FaultCode, Handler, Incoming, Reply, Service, SoapFault,
        describe, handler, part, table,
        transport::{BoxFuture, Port, TransportError},
        types, xml,
    };
    pub use soap_transport::{Endpoint, ToEndpoint};
}

//! The SOAP protocol: bytes to values and back. No socket, no clock, no runtime. Users depend on `soapstone`, which re-exports this.
//!
//! The path of a call: a generated client writes its arguments into a [`Call`] of a [`Channel`], which hands a [`Message`] to a
//! [`Transport`](transport::Transport). At the other end a [`Listener`](transport::Listener) gives it to a [`Host`], which reads
//! the Envelope and runs the operation of the generated [`Service`].
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod addressing;
mod answer;
mod client;
pub mod describe;
mod envelope;
mod fault;
mod limits;
mod message;
mod options;
#[doc(hidden)]
pub mod part;
mod service;
#[doc(hidden)]
pub mod table;
pub mod transport;
pub mod types;
mod version;
pub mod xml;

pub use answer::{Answer, Output, WithHeader};
pub use client::{
    Answers, AnswersWithMeta, Call, CallError, CallFuture, CallWithMeta, CallWithMetaFuture,
    Channel, Meta, Posted,
};
pub use envelope::{Envelope, HeaderBlock, HeaderField, Outgoing, Refused, WriteHeader};
pub use fault::{Fault, FaultCode, SoapFault};
pub use limits::Limits;
pub use message::{Action, Destination, FaultOrigin, Message, Peer, PeerGone};
pub use options::{
    Addressing, AddressingOptions, Capacity, CloseFirst, Keepalive, Linger, Options, SocketOptions,
    Timeouts,
};
pub use service::{Context, Host, Incoming, IntoDispatch, Reply, Service};
#[doc(hidden)]
pub use service::{Handler, handler};
pub use version::SoapVersion;

//! One envelope a datagram: [`Udp`] is the scheme `soap.udp` (SOAP-over-UDP 1.1, OASIS 2009-07-01), unicast and multicast.
//!
//! A datagram may be lost, doubled or overtaken, and its source is whatever its sender claims. So a request carries a `MessageID`
//! and is sent again a few times, a server executes it once, and an answer is known by its `RelatesTo`, wherever it comes from.
//! Without WS-Addressing, as some peers have it, only what comes from the very address asked is an answer, and nothing is sent again.

mod address;
mod guard;
mod interfaces;
mod kernel;
mod net;
mod options;
mod outbox;
mod packet;
mod repeat;
mod seen;

pub use options::UdpOptions;

use std::{any::TypeId, sync::Arc};

use soap_core::{
    Addressing, Options,
    transport::{BoxFuture, Listener, Scheme, Transport, TransportError},
};

use address::Address;

/// The scheme `soap.udp`.
#[derive(Debug, Clone, Default)]
pub struct Udp(());

impl Udp {
    /// The scheme.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Scheme for Udp {
    fn names(&self) -> &[&'static str] {
        &["soap.udp"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(vec![TypeId::of::<UdpOptions>()])
    }

    fn addressing(&self) -> Option<Addressing> {
        Some(Addressing::Required)
    }

    fn check(&self, url: &str) -> Result<(), TransportError> {
        Address::of(url).map(drop)
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        let _ = (url, options);
        unimplemented!("the client of soap.udp")
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        let _ = (url, options);
        unimplemented!("the server of soap.udp")
    }
}

//! One envelope a datagram: [`Udp`] is the scheme `soap.udp` (SOAP-over-UDP 1.1, OASIS 2009-07-01), unicast and multicast.
//!
//! A datagram may be lost, doubled or overtaken, and its source is whatever its sender claims. So a request carries a `MessageID`
//! and is sent again a few times, a server executes it once, and an answer is known by its `RelatesTo`, wherever it comes from.
//! Without WS-Addressing, as some peers have it, only what comes from the very address asked is an answer, and nothing is sent again.
//!
//! A call has a socket of its own, and ends at the first answer or after [`UdpOptions::answer`]; dropping it ends its copies. A
//! one-way call ends when its first datagram has left: its copies follow in a task of the runtime, up to 256 such messages at a
//! time of one [`Udp`], which is of all endpoints of a registry, and the calls of more wait for their copies themselves. An endpoint
//! that is given no registry makes one: keep a registry to share the bound. One request may have many answers, from a group or from one peer:
//! they come until the time is over.
//!
//! A server answers nothing to what is no valid request, and no fault to what was sent to a group; what it drops it counts
//! ([`DatagramCounters`](crate::DatagramCounters)). It has one service on a port: the path of its URL is there for those who read it.
//! A URL whose host is a multicast group binds the port of the URL on all addresses of the family and joins the group. Where a
//! datagram arrived is known on Linux and Android; elsewhere [`Peer::destination`](soap_core::Peer::destination) is `None`, answers leave
//! from the address that the kernel chooses, and a server that has joined groups sends no faults.
//!
//! # Limits
//! A message is no larger than [`UdpOptions::datagram`], and each is read alone. A client looks at what comes until its time is over,
//! and takes at most 10,000 answers to one request. A server bounds calls, remembered ids, kept answers and answers on their way out in
//! number and bytes; sources outside the networks of this machine have rates, and get no more than [`UdpOptions::amplification`] allows.

mod address;
mod bind;
pub(crate) mod check;
mod client;
mod conversation;
mod exchange;
mod guard;
mod interfaces;
mod kernel;
mod net;
mod options;
mod outbox;
mod repeat;
mod rules;
mod seen;
mod server;
#[cfg(test)]
mod tests;

pub use options::UdpOptions;

use std::{any::TypeId, sync::Arc};

use soap_core::{
    Addressing, Options, SocketOptions,
    transport::{BoxFuture, Listener, Scheme, Transport, TransportError},
};
use tokio::sync::Semaphore;

use address::Address;
use check::Role;
use kernel::Kernel;
use net::Network;

use crate::server::datagrams::Tally;

/// The scheme `soap.udp`.
#[derive(Debug, Clone)]
pub struct Udp {
    network: Arc<dyn Network>,
    /// Counts one-way messages whose copies still go out.
    detached: Arc<Semaphore>,
}

impl Default for Udp {
    fn default() -> Self {
        Self::over(Arc::new(Kernel))
    }
}

impl Udp {
    /// The scheme.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn over(network: Arc<dyn Network>) -> Self {
        Self {
            network,
            detached: Arc::new(Semaphore::new(client::MOST_DETACHED)),
        }
    }

    /// The options for datagrams, of which all can be honoured by a socket of `role`.
    fn checked(&self, options: &Options, role: Role) -> Result<UdpOptions, TransportError> {
        let known = match role {
            Role::Client => vec![TypeId::of::<UdpOptions>()],
            Role::Listener => self.options().unwrap_or_default(),
        };
        if !options.addressing.answers_to.is_empty() {
            return Err(TransportError::config(
                "AddressingOptions::answers_to: answers on soap.udp only go back, since anybody can forge where a request comes from",
            ));
        }
        if let Some(name) = options.unknown(&known).first() {
            return Err(TransportError::config(format!(
                "soap.udp cannot honour the options {name}"
            )));
        }
        check::socket(&options.socket, role)?;
        let udp = options.get::<UdpOptions>().cloned().unwrap_or_default();
        check::udp(&udp)?;
        Ok(udp)
    }
}

impl Scheme for Udp {
    fn names(&self) -> &[&'static str] {
        &["soap.udp"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(vec![TypeId::of::<UdpOptions>(), TypeId::of::<Arc<Tally>>()])
    }

    fn addressing(&self) -> Option<Addressing> {
        Some(Addressing::Required)
    }

    fn answers_elsewhere(&self) -> bool {
        false
    }

    fn socket(&self, shared: &SocketOptions) -> SocketOptions {
        check::without_streams(shared)
    }

    fn check(&self, url: &str) -> Result<(), TransportError> {
        Address::of(url).map(drop)
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            let address = Address::of(url)?;
            let udp = self.checked(options, Role::Client)?;
            let transport = client::UdpTransport {
                address,
                network: Arc::clone(&self.network),
                interfaces: named(&udp.interfaces)?,
                detached: Arc::clone(&self.detached),
                options: options.clone(),
                udp,
            };
            Ok(Arc::new(transport) as Arc<dyn Transport>)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let address = Address::of(url)?;
            let udp = self.checked(options, Role::Listener)?;
            let network = Arc::clone(&self.network);
            let listener = server::UdpListener::bind(network, address, options, udp).await?;
            Ok(Box::new(listener) as Box<dyn Listener>)
        })
    }
}

/// The indexes of the interfaces of these names; none, if there are none.
fn named(names: &[String]) -> Result<Vec<u32>, TransportError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    if !cfg!(any(target_os = "linux", target_os = "android")) {
        return Err(TransportError::config(
            "UdpOptions::interfaces of a client are for Linux and Android only: elsewhere the kernel chooses by SocketOptions::local_address",
        ));
    }
    let there = interfaces::interfaces();
    let found = there.and_then(|there| interfaces::indexes(names, &there));
    found.map_err(|error| TransportError::config(format!("UdpOptions::interfaces: {error}")))
}

//! Bare envelopes on a stream, as gSOAP (plain mode) and SOAP::Lite speak them: [`Tcp`] is the schemes `soap.tcp` and `tcp`.
//!
//! Nothing stands around a message: it ends with the end tag of its root element, which [`Framer`] finds, or with the end of
//! the stream. A client of `soap.tcp` keeps its connections and never closes its side before the answer has come; one of `tcp`
//! uses a connection for one exchange, closes its side behind the request and takes what comes up to the end. A listener
//! serves both habits on one port, whichever of the two names it is bound by.
//!
//! Every request gets exactly one answer, in the order of the requests; a one-way message gets none, not even a fault. A message
//! that is not well-formed, or for which there is no operation, gets a fault and the end of the connection: nobody could tell
//! any more which answer belongs to which request.
//!
//! A one-way message is done when its bytes are with the kernel: a peer that closes its connection before it has read them, as a
//! server that stops, has had its share of requests or closes behind each answer, loses them without a word.
//!
//! The path of a URL means nothing here: there is one service on a port.
//!
//! # Limits
//! Messages, connections, calls and every wait are bounded by [`Options`]. There is no version, no action and no status on
//! such a stream: dispatch is by the element of the Body.

use std::{any::TypeId, sync::Arc, time::Duration};

use soap_core::{
    Keepalive, Options,
    transport::{BoxFuture, Listener, Scheme, Transport, TransportError},
};
use url::Url;

mod client;
mod frame;
mod intake;
mod options;
mod pipeline;
mod server;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub use frame::{FrameError, Framer};
pub use options::TcpOptions;
#[cfg(feature = "tls")]
pub use tls::Tls;

use crate::{
    Inherited,
    layer::{ClientLayer, ServerLayer},
    parse_url,
    server::connections::Connections,
    socket::{self, Role},
};

/// Probes, unless said otherwise: a connection is kept for long, and nothing announces its end.
const KEEPALIVE: Keepalive = Keepalive::Probes {
    idle: Duration::from_secs(60),
    interval: Duration::from_secs(10),
    count: 5,
};

/// The schemes `soap.tcp` and `tcp`. Transports made by one value and its clones share a pool of connections.
#[derive(Debug, Clone, Default)]
pub struct Tcp {
    pool: Arc<client::Connected>,
}

/// What a client does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// `soap.tcp`.
    Keep,
    /// `tcp`.
    Once,
}

impl Tcp {
    /// The schemes, with an empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Options of every binding, whatever it lies on.
fn of_bindings() -> Vec<TypeId> {
    vec![
        TypeId::of::<TcpOptions>(),
        TypeId::of::<Arc<Connections>>(),
        TypeId::of::<Inherited>(),
    ]
}

impl Scheme for Tcp {
    fn names(&self) -> &[&'static str] {
        &["soap.tcp", "tcp"]
    }

    fn options(&self) -> Option<Vec<TypeId>> {
        Some(of_bindings())
    }

    fn check(&self, url: &str) -> Result<(), TransportError> {
        Address::of(url, self.names()).map(drop)
    }

    fn connect<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Arc<dyn Transport>, TransportError>> {
        Box::pin(async move {
            let address = Address::of(url, self.names())?;
            let tcp = tcp_options(&address, options, &[TypeId::of::<TcpOptions>()])?;
            connect(address, options, tcp, &self.pool, ClientLayer::Plain)
        })
    }

    fn bind<'a>(
        &'a self,
        url: &'a str,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let address = Address::of(url, self.names())?;
            let known = self.options().unwrap_or_default();
            let tcp = tcp_options(&address, options, &known)?;
            bind(address, options, &tcp, ServerLayer::Plain).await
        })
    }
}

/// A transport to `address` on `layer`.
fn connect(
    address: Address,
    options: &Options,
    tcp: TcpOptions,
    pool: &Arc<client::Connected>,
    layer: ClientLayer,
) -> Result<Arc<dyn Transport>, TransportError> {
    socket::check(&options.socket, Role::Client)?;
    let habit = match address.scheme {
        "tcp" => Habit::Once,
        _ => Habit::Keep,
    };
    let most = match habit {
        Habit::Once => 1,
        Habit::Keep => TcpOptions::MOST_PIPELINED,
    };
    if !(1..=most).contains(&tcp.pipeline) {
        let allowed = match habit {
            Habit::Once => "only 1".to_owned(),
            Habit::Keep => format!("from 1 to {most}"),
        };
        return Err(TransportError::config(format!(
            "TcpOptions::pipeline is {}: {} takes {allowed}",
            tcp.pipeline, address.scheme
        )));
    }
    let options = with_probes(options);
    let pool = Arc::clone(pool);
    let transport = client::TcpTransport::new(address, layer, habit, pool, options, tcp);
    Ok(Arc::new(transport))
}

/// A listener on `address` that speaks on `layer`.
async fn bind(
    address: Address,
    options: &Options,
    tcp: &TcpOptions,
    layer: ServerLayer,
) -> Result<Box<dyn Listener>, TransportError> {
    if *tcp != TcpOptions::default() {
        return Err(TransportError::config(
            "TcpOptions are for clients, not for a server",
        ));
    }
    socket::check(&options.socket, Role::Listener)?;
    let listener = server::TcpBinding::bind(address, layer, with_probes(options)).await?;
    Ok(Box::new(listener))
}

/// The parts of a URL.
#[derive(Debug, Clone)]
struct Address {
    scheme: &'static str,
    url: Url,
    host: String,
    port: u16,
}

impl Address {
    fn of(text: &str, schemes: &[&'static str]) -> Result<Self, TransportError> {
        let wrong = |what: &str| TransportError::config(format!("{text:?}: {what}"));
        let url = parse_url::parse(text)?;
        let scheme = schemes.iter().find(|&&scheme| scheme == url.scheme());
        let &scheme = scheme.ok_or_else(|| {
            let names = schemes.join(" or ");
            wrong(&format!("not a URL of {names}"))
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            // The text may hold a password.
            return Err(TransportError::config(format!(
                "a {scheme} URL with user or password: there is no place for them on the wire"
            )));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("a query and a fragment mean nothing here"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("there is no host"))?;
        let port = url
            .port()
            .ok_or_else(|| wrong("there is no port, and the scheme has no default one"))?;
        Ok(Self {
            scheme,
            host: host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port,
            url,
        })
    }
}

/// The options with what the transport finds best.
fn with_probes(options: &Options) -> Options {
    let mut options = options.clone();
    options.socket.keepalive = options.socket.keepalive.or(KEEPALIVE);
    options
}

fn tcp_options(
    address: &Address,
    options: &Options,
    known: &[TypeId],
) -> Result<TcpOptions, TransportError> {
    match options.unknown(known).first() {
        Some(name) => Err(TransportError::config(format!(
            "{} cannot honour the options {name}",
            address.scheme
        ))),
        None => Ok(options.get::<TcpOptions>().cloned().unwrap_or_default()),
    }
}

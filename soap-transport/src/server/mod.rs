//! A server: services, the URLs they are bound to, and the life of both.
//!
//! [`Server`] binds listeners by the schemes of their URLs, puts a [`Gate`] before each service and starts them; [`Running`] is
//! the handle to what was started.

use std::{
    any::{Any, TypeId},
    fmt,
    future::Future,
    pin::pin,
    sync::Arc,
};

use soap_core::{
    AddressingOptions, Capacity, IntoDispatch, Limits, Options, SocketOptions, Timeouts,
    transport::{Dispatch, Mounts, Registry, Stop, TransportError},
};
use tokio::task::JoinSet;

#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod accept;
mod addressed;
mod bindings;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod connection;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod connections;
mod counters;
#[cfg(feature = "udp")]
pub(crate) mod datagrams;
mod elsewhere;
pub(crate) mod gate;
#[cfg(any(feature = "http", feature = "tcp"))]
mod inherit;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod listen;
mod running;
mod signal;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod stream;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod tally;

pub(crate) use addressed::Addressed;
#[cfg(feature = "http")]
pub(crate) use bindings::check_answers_to;
use bindings::{Binding, Bound, Shared};
#[cfg(any(feature = "http", feature = "tcp"))]
use connections::Connections;
pub use counters::{Counters, DatagramCounters, Monitor};
use elsewhere::Courier;
use gate::Calls;
pub use gate::Gate;
#[cfg(any(feature = "http", feature = "tcp"))]
pub use inherit::Inherited;
pub use running::Running;
pub use signal::shutdown_signal;

/// Serves one or several services on any number of URLs.
///
/// # Example
/// ```no_run
/// # async fn run(service: std::sync::Arc<dyn soap_core::transport::Dispatch>) -> Result<(), soap_core::transport::TransportError> {
/// let running = soap_transport::Server::new(service)
///     .bind("http://127.0.0.1:0/calc")
///     .start()
///     .await?;
/// println!("listening on {}", running.urls()[0]);
/// running.stop(std::time::Duration::from_secs(10)).await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a server does nothing until it is started"]
pub struct Server {
    service: Prepare,
    bindings: Vec<Binding>,
    mounts: Vec<(String, Prepare)>,
    options: Options,
    /// Types among them that a binding may be without: a configuration gives them to those that can honour them.
    optional: Vec<TypeId>,
    registry: Registry,
    monitor: Monitor,
    #[cfg(any(feature = "http", feature = "tcp"))]
    inherited: Inherited,
}

/// A service that is made ready to serve when the limits are known.
struct Prepare(Box<MakeDispatch>);

type MakeDispatch = dyn FnOnce(&Limits) -> Arc<dyn Dispatch> + Send;

impl Prepare {
    fn new(service: impl IntoDispatch + Send + 'static) -> Self {
        Self(Box::new(|limits| service.into_dispatch(limits)))
    }
}

impl fmt::Debug for Prepare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepare")
    }
}

impl Server {
    /// A server of `service`, bound to nothing yet.
    pub fn new(service: impl IntoDispatch + Send + 'static) -> Self {
        Self {
            service: Prepare::new(service),
            bindings: Vec::new(),
            mounts: Vec::new(),
            options: Options::server(),
            optional: Vec::new(),
            registry: crate::default_registry(),
            monitor: Monitor::default(),
            #[cfg(any(feature = "http", feature = "tcp"))]
            inherited: Inherited::default(),
        }
    }

    /// Listens on `url` too. Port 0 takes a free one, which [`Running::urls`] tells. On HTTP the path is the one the service
    /// answers; `/` or none means any.
    pub fn bind(mut self, url: impl Into<String>) -> Self {
        self.bindings.push(Binding::new(url.into(), None));
        self
    }

    /// As [`bind`](Self::bind), with options of its own for the sockets, the connections, the sizes of messages and WS-Addressing on
    /// this URL; they replace the server's. What concerns the services and the server as a whole stays the server's: the limits of XML,
    /// [`Timeouts::handler`], [`Timeouts::stop`], and of [`Capacity`] all but the requests on one connection.
    pub fn bind_with(mut self, url: impl Into<String>, options: Options) -> Self {
        self.bindings.push(Binding::new(url.into(), Some(options)));
        self
    }

    /// Serves another service at `path` of every HTTP binding.
    pub fn mount(
        mut self,
        path: impl Into<String>,
        service: impl IntoDispatch + Send + 'static,
    ) -> Self {
        self.mounts.push((path.into(), Prepare::new(service)));
        self
    }

    /// Replaces all options.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self.optional.clear();
        self
    }

    /// Bounds on messages.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Bounds on time.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.options.timeouts = timeouts;
        self
    }

    /// Bounds on connections and calls.
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        self.options.capacity = capacity;
        self
    }

    /// Options of the sockets. With several URLs, those for streams are not for the ones on `soap.udp`.
    pub fn socket(mut self, socket: SocketOptions) -> Self {
        self.options.socket = socket;
        self
    }

    /// How it uses WS-Addressing: what its transports find best, unless said, which is to take it where it comes on HTTP and streams,
    /// and to demand it on `soap.udp`. A binding with options of its own has its own.
    ///
    /// An answer that could not be sent where [`answers_to`](AddressingOptions::answers_to) allows is lost: `tracing` tells of it with the
    /// target `soapstone::answer` at the level WARN ("answer lost": `to`, `relates_to`, `action`, `bytes`, `reason`), and of those that were
    /// sent at DEBUG.
    ///
    /// # Example
    /// ```no_run
    /// # fn with(server: soap_transport::Server) -> soap_transport::Server {
    /// use soap_core::Addressing;
    /// server.addressing(Addressing::Required)
    /// # }
    /// ```
    pub fn addressing(mut self, addressing: impl Into<AddressingOptions>) -> Self {
        self.options.addressing = addressing.into();
        self
    }

    /// Adds the options of one transport, such as `HttpOptions`, for all bindings that can honour them.
    pub fn with<T: Any + Send + Sync>(mut self, options: T) -> Self {
        self.options = self.options.with(options);
        self.optional.retain(|id| *id != TypeId::of::<T>());
        self
    }

    /// The transports to bind with, in place of [`default_registry`](crate::default_registry).
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Sockets that listen already, each of which takes the place of binding the URL with its address; URLs without one are bound.
    /// [`start`](Self::start) fails if one is left that no URL takes.
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub fn inherit(mut self, sockets: Inherited) -> Self {
        self.inherited = sockets;
        self
    }

    /// The certificates it shows, with their keys, of all [`ServerTls`](crate::tls::ServerTls) it was given so far, by `with` or by
    /// a configuration: [`reload`](crate::tls::Identity::reload) works on them while it runs.
    #[cfg(feature = "tls")]
    pub fn identities(&self) -> Vec<crate::tls::Identity> {
        let own = self.bindings.iter().filter_map(Binding::options);
        let all = std::iter::once(&self.options).chain(own);
        all.filter_map(|options| options.get::<crate::tls::ServerTls>())
            .map(|tls| tls.identity().clone())
            .collect()
    }

    /// A handle to the counters, to keep while the server runs.
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// Binds every URL and serves in tasks of their own.
    ///
    /// # Errors
    /// Fails without a URL, on a URL or an option that cannot be used, and if an address is taken; then nothing is left bound.
    pub async fn start(self) -> Result<Running, TransportError> {
        self.check()?;
        let bindings = bindings::bound(&self)?;
        self.check_mounts(&bindings)?;
        let calls = Arc::new(Calls::new(&self.options.capacity));
        let courier = Arc::new(Courier::new(
            self.registry.clone(),
            &calls,
            self.options.timeouts.stop,
        ));
        let gate = |service: Prepare| -> Arc<dyn Dispatch> {
            let service = (service.0)(&self.options.limits);
            let (calls, courier) = (Arc::clone(&calls), Arc::clone(&courier));
            Arc::new(Gate::shared(service, calls, courier, &self.options))
        };
        let gated = |(path, service)| (path, gate(service));
        let mounts = Mounts::new(self.mounts.into_iter().map(gated));
        let service = gate(self.service);
        let shared = Shared {
            mounts,
            #[cfg(any(feature = "http", feature = "tcp"))]
            connections: Arc::new(Connections::new(&self.options.capacity)),
            #[cfg(any(feature = "http", feature = "tcp"))]
            inherited: self.inherited,
            #[cfg(feature = "udp")]
            datagrams: self.monitor.datagrams(),
        };
        let listeners = shared.bind(&self.registry, &bindings).await?;
        #[cfg(any(feature = "http", feature = "tcp"))]
        self.monitor.watch(&shared.connections);
        let mut running = Running {
            urls: listeners
                .iter()
                .map(|listener| listener.url().to_owned())
                .collect(),
            stop: Stop::new(),
            listeners: JoinSet::new(),
            calls,
            monitor: self.monitor,
            deadline: self.options.timeouts.stop,
        };
        for (listener, binding) in listeners.into_iter().zip(&bindings) {
            let service = Addressed::before(Arc::clone(&service), &binding.addressing);
            let serving = listener.serve(service, running.stop.clone());
            running.listeners.spawn(serving);
        }
        Ok(running)
    }

    /// Starts, serves until `shutdown` ends, and stops gracefully within [`Timeouts::stop`].
    ///
    /// # Errors
    /// As [`start`](Self::start) and [`Running::stop`]; and if a listener fails on the way.
    pub async fn run_until(self, shutdown: impl Future) -> Result<(), TransportError> {
        let mut running = self.start().await?;
        let mut shutdown = pin!(shutdown);
        tokio::select! {
            _ = &mut shutdown => {}
            () = running.failed() => {}
        }
        let deadline = running.deadline;
        running.stop(deadline).await
    }

    fn check(&self) -> Result<(), TransportError> {
        if self.bindings.is_empty() {
            return Err(TransportError::config(
                "a server without a URL: add .bind(\"http://127.0.0.1:0/\")",
            ));
        }
        let twice = self.mounts.iter().enumerate().find(|(index, (path, _))| {
            self.mounts[..*index].iter().any(|(other, _)| other == path)
        });
        if let Some((_, (path, _))) = twice {
            return Err(TransportError::config(format!("{path:?} is mounted twice")));
        }
        Ok(())
    }

    fn check_mounts(&self, bindings: &[Bound]) -> Result<(), TransportError> {
        let Some((path, _)) = self.mounts.first() else {
            return Ok(());
        };
        for binding in bindings {
            let known = self.registry.options(&binding.url)?.unwrap_or_default();
            if known.contains(&TypeId::of::<Mounts>()) {
                return Ok(());
            }
        }
        Err(TransportError::config(format!(
            "{path:?} is mounted, but no URL is bound whose transport has paths (http)"
        )))
    }
}

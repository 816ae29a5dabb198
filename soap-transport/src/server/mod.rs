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
    Capacity, IntoDispatch, Limits, Options, SocketOptions, Timeouts,
    transport::{Dispatch, Listener, Mounts, Registry, Stop, TransportError},
};
use tokio::task::JoinSet;

#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod accept;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod connection;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod connections;
mod counters;
mod gate;
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

#[cfg(any(feature = "http", feature = "tcp"))]
use connections::Connections;
pub use counters::{Counters, Monitor};
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
    registry: Registry,
    monitor: Monitor,
    #[cfg(any(feature = "http", feature = "tcp"))]
    inherited: Inherited,
}

/// A URL to listen on.
#[derive(Debug)]
struct Binding {
    url: String,
    /// In place of the server's.
    options: Option<Options>,
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
            registry: crate::default_registry(),
            monitor: Monitor::default(),
            #[cfg(any(feature = "http", feature = "tcp"))]
            inherited: Inherited::default(),
        }
    }

    /// Listens on `url` too. Port 0 takes a free one, which [`Running::urls`] tells. On HTTP the path is the one the service
    /// answers; `/` or none means any.
    pub fn bind(mut self, url: impl Into<String>) -> Self {
        self.bindings.push(Binding {
            url: url.into(),
            options: None,
        });
        self
    }

    /// As [`bind`](Self::bind), with options of its own for the sockets, the connections and the sizes of messages on this URL;
    /// they replace the server's. What concerns the services and the server as a whole stays the server's: the limits of XML,
    /// [`Timeouts::handler`], [`Timeouts::stop`], and of [`Capacity`] all but the requests on one connection.
    pub fn bind_with(mut self, url: impl Into<String>, options: Options) -> Self {
        self.bindings.push(Binding {
            url: url.into(),
            options: Some(options),
        });
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

    /// Options of the sockets.
    pub fn socket(mut self, socket: SocketOptions) -> Self {
        self.options.socket = socket;
        self
    }

    /// Adds the options of one transport, such as `HttpOptions`, for all bindings that can honour them.
    pub fn with<T: Any + Send + Sync>(mut self, options: T) -> Self {
        self.options = self.options.with(options);
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
        let bindings = self.bindings()?;
        self.check_mounts(&bindings)?;
        let calls = Arc::new(Calls::new(&self.options.capacity));
        let gate = |service: Prepare| -> Arc<dyn Dispatch> {
            let service = (service.0)(&self.options.limits);
            Arc::new(Gate::shared(service, Arc::clone(&calls), &self.options))
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
        for listener in listeners {
            let serving = listener.serve(Arc::clone(&service), running.stop.clone());
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

    /// The URLs to bind, each with its options.
    fn bindings(&self) -> Result<Vec<(String, Options)>, TransportError> {
        if let [only] = &self.bindings[..] {
            // Its scheme refuses what it cannot honour.
            let options = only.options.as_ref().unwrap_or(&self.options);
            return Ok(vec![(only.url.clone(), options.clone())]);
        }
        let mut bindings = Vec::new();
        let mut honoured = Vec::new();
        let mut refuses_itself = false;
        for Binding { url, options } in &self.bindings {
            let options = match (options, self.registry.options(url)?) {
                (Some(own), _) => own.clone(),
                (None, Some(known)) => {
                    honoured.extend_from_slice(&known);
                    self.options.only(&known)
                }
                (None, None) => {
                    refuses_itself = true;
                    self.options.clone()
                }
            };
            bindings.push((url.clone(), options));
        }
        match self.options.unknown(&honoured).first() {
            Some(name) if !refuses_itself => Err(TransportError::config(format!(
                "no URL is bound whose transport can honour the options {name}"
            ))),
            _ => Ok(bindings),
        }
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

    fn check_mounts(&self, bindings: &[(String, Options)]) -> Result<(), TransportError> {
        let Some((path, _)) = self.mounts.first() else {
            return Ok(());
        };
        for (url, _) in bindings {
            let known = self.registry.options(url)?.unwrap_or_default();
            if known.contains(&TypeId::of::<Mounts>()) {
                return Ok(());
            }
        }
        Err(TransportError::config(format!(
            "{path:?} is mounted, but no URL is bound whose transport has paths (http)"
        )))
    }
}

/// What the bindings of one server share, each what its scheme knows of.
struct Shared {
    mounts: Mounts,
    #[cfg(any(feature = "http", feature = "tcp"))]
    connections: Arc<Connections>,
    #[cfg(any(feature = "http", feature = "tcp"))]
    inherited: Inherited,
}

impl Shared {
    async fn bind(
        &self,
        registry: &Registry,
        bindings: &[(String, Options)],
    ) -> Result<Vec<Box<dyn Listener>>, TransportError> {
        let mut listeners = Vec::new();
        for (url, options) in bindings {
            let known = registry.options(url)?.unwrap_or_default();
            let mut options = options.clone();
            if known.contains(&TypeId::of::<Mounts>()) {
                options = options.with(self.mounts.clone());
            }
            #[cfg(any(feature = "http", feature = "tcp"))]
            if known.contains(&TypeId::of::<Arc<Connections>>()) {
                options = options.with(Arc::clone(&self.connections));
            }
            #[cfg(any(feature = "http", feature = "tcp"))]
            if known.contains(&TypeId::of::<Inherited>()) {
                options = options.with(self.inherited.clone());
            }
            let bound = registry.bind(url, &options).await;
            listeners.push(bound.map_err(|error| self.explain(error, url, &listeners))?);
        }
        #[cfg(any(feature = "http", feature = "tcp"))]
        {
            let urls: Vec<_> = listeners.iter().map(|listener| listener.url()).collect();
            self.inherited.check_taken(&urls)?;
        }
        Ok(listeners)
    }

    /// Why `url` could not be bound, where this server itself has the reason.
    fn explain(
        &self,
        error: TransportError,
        url: &str,
        bound: &[Box<dyn Listener>],
    ) -> TransportError {
        if error.is_config() {
            return error;
        }
        let own = authority(url);
        let other = bound
            .iter()
            .find(|listener| own.is_some() && authority(listener.url()) == own);
        if let Some(other) = other {
            let text = format!(
                "{url:?} has the port of {:?}, which this server is bound to: another service on that port is mounted, by \
                 Server::mount",
                other.url()
            );
            return TransportError::config(text).caused_by(error);
        }
        #[cfg(any(feature = "http", feature = "tcp"))]
        {
            let left = self.inherited.addresses();
            if !left.is_empty() {
                let left: Vec<_> = left.iter().map(ToString::to_string).collect();
                let text = format!(
                    "{error}; the inherited sockets listen on {}: the URL must have that very address",
                    left.join(", ")
                );
                return TransportError::other(text, false).caused_by(error);
            }
        }
        error
    }
}

/// Host and port of a URL, where it has both.
fn authority(url: &str) -> Option<(String, u16)> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some((host.to_owned(), url.port_or_known_default()?))
}

//! A client's view of a service: where it is, and with which options to reach it.

use std::{any::Any, sync::Arc, time::Duration};

use soap_core::{
    Addressing, AddressingOptions, Channel, Limits, Options, SoapVersion, SocketOptions, Timeouts,
    addressing::Edition,
    transport::{Registry, Transport, TransportError},
};

use crate::parse_url;

#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod dial;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod pool;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod stream;
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) mod written;

/// The address of a service and the options of the calls to it.
///
/// # Example
/// ```no_run
/// # async fn run() -> Result<(), soap_core::transport::TransportError> {
/// use std::time::Duration;
/// use soap_transport::Endpoint;
/// let channel = Endpoint::new("http://127.0.0.1:9000/calc")
///     .timeout(Duration::from_secs(5))
///     .connect()
///     .await?;
/// # let _ = channel; Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Endpoint {
    url: String,
    /// Where a configuration has the URL; goes in front of what is wrong with it.
    place: String,
    version: SoapVersion,
    options: Options,
    registry: Registry,
}

impl Endpoint {
    /// The service at `url`, spoken to in SOAP 1.1.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            place: String::new(),
            version: SoapVersion::Soap11,
            options: Options::client(),
            registry: crate::default_registry(),
        }
    }

    /// As a configuration says: a `Config` (feature `config`), which stands for its `[client]`, or one of its clients.
    ///
    /// # Errors
    /// Fails if it does not say where the service is.
    pub fn from_config(config: &(impl ToEndpoint + ?Sized)) -> Result<Self, TransportError> {
        config.to_endpoint()
    }

    /// The same, with where the URL stands.
    #[cfg(feature = "config")]
    pub(crate) fn at(mut self, place: String) -> Self {
        self.place = place;
        self
    }

    /// The version of SOAP to speak: 1.1 unless said.
    #[must_use]
    pub fn version(mut self, version: SoapVersion) -> Self {
        self.version = version;
        self
    }

    /// Bound on a whole call: 90 s unless said. A call may set its own.
    #[must_use]
    pub fn timeout(mut self, call: Duration) -> Self {
        self.options.timeouts.call = call;
        self
    }

    /// Replaces all options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Bounds on answers.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Bounds on time.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.options.timeouts = timeouts;
        self
    }

    /// Options of the sockets.
    #[must_use]
    pub fn socket(mut self, socket: SocketOptions) -> Self {
        self.options.socket = socket;
        self
    }

    /// How it uses WS-Addressing: what the transport finds best, unless said, which is not to on HTTP and streams, unless another edition
    /// is asked for, and to demand it of answers on `soap.udp`.
    ///
    /// # Example
    /// ```
    /// use soap_core::Addressing;
    /// use soap_transport::Endpoint;
    /// let endpoint = Endpoint::new("http://127.0.0.1:9000/calc").addressing(Addressing::Optional);
    /// ```
    #[must_use]
    pub fn addressing(mut self, addressing: impl Into<AddressingOptions>) -> Self {
        self.options.addressing = addressing.into();
        self
    }

    /// Adds the options of one transport, such as `HttpOptions`.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, options: T) -> Self {
        self.options = self.options.with(options);
        self
    }

    /// The transports to connect with, in place of [`default_registry`](crate::default_registry). Endpoints with clones of one
    /// registry share its pool of connections.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// A way to the service, for a generated client. HTTP connects with the first call.
    ///
    /// # Errors
    /// As [`transport`](Self::transport).
    pub async fn connect(&self) -> Result<Channel, TransportError> {
        let options = self.complete()?;
        let channel = Channel::new(self.transport_with(&options).await?);
        Ok(channel
            .to(&self.url)
            .version(self.version)
            .limits(options.limits)
            .addressing(options.addressing))
    }

    /// The transport to the service. HTTP connects with the first call. It carries messages as they are: what they have of
    /// WS-Addressing is in them.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones), and on a URL or option the transport cannot take.
    pub async fn transport(&self) -> Result<Arc<dyn Transport>, TransportError> {
        self.transport_with(&self.complete()?).await
    }

    async fn transport_with(
        &self,
        options: &Options,
    ) -> Result<Arc<dyn Transport>, TransportError> {
        let transport = self.registry.connect(&self.url, options).await;
        transport.map_err(|error| self.placed(error))
    }

    /// The options, with what the transport finds best.
    fn complete(&self) -> Result<Options, TransportError> {
        parse_url::check_reachable(&self.url).map_err(|error| self.placed(error))?;
        let mut options = self.options.clone();
        let AddressingOptions {
            mode,
            edition,
            answers_to,
            check_to,
            ..
        } = &mut options.addressing;
        for (list, name) in [(answers_to, "answers_to"), (check_to, "check_to")] {
            if !list.is_empty() {
                let text = format!("AddressingOptions::{name} is for servers, not for a client");
                return Err(self.placed(TransportError::config(text)));
            }
        }
        if mode.is_none() {
            let of_scheme = self.registry.addressing(&self.url);
            let of_scheme = of_scheme.map_err(|error| self.placed(error))?;
            // Who says how requests are written wants them to have it.
            let unsaid = match *edition == Edition::default() {
                true => Addressing::Off,
                false => Addressing::Optional,
            };
            *mode = Some(of_scheme.unwrap_or(unsaid));
        }
        Ok(options)
    }

    fn placed(&self, error: TransportError) -> TransportError {
        match error.is_config() {
            true => error.at_place(&self.place),
            false => error,
        }
    }
}

/// What says where a service is and how to reach it: a configuration, or an endpoint itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say where a service is",
    note = "give a reference to a `soapstone::Config` (feature `config`) or to one of its clients"
)]
pub trait ToEndpoint {
    /// The endpoint.
    ///
    /// # Errors
    /// Fails if something is missing.
    fn to_endpoint(&self) -> Result<Endpoint, TransportError>;
}

impl ToEndpoint for Endpoint {
    fn to_endpoint(&self) -> Result<Endpoint, TransportError> {
        Ok(self.clone())
    }
}

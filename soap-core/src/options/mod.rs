//! What can be set on an endpoint or a binding: plain data, kept by the transports.

use std::{
    any::{Any, TypeId},
    fmt,
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use crate::Limits;

mod addressing;
mod socket;

pub use addressing::{Addressing, AddressingOptions};
pub use socket::{CloseFirst, Keepalive, Linger, SocketOptions};

/// Settings of an endpoint or a binding. Every option has a safe default.
///
/// What belongs to one transport only (HTTP compression, TLS) is a type of that transport, added with [`with`](Self::with);
/// a transport that does not know it refuses it by name.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bounds on messages.
    pub limits: Limits,
    /// Bounds on time.
    pub timeouts: Timeouts,
    /// Options of the socket.
    pub socket: SocketOptions,
    /// Server: bounds on connections and calls.
    pub capacity: Capacity,
    /// Whether messages carry WS-Addressing.
    pub addressing: AddressingOptions,
    extensions: Vec<Extension>,
}

#[derive(Clone)]
struct Extension {
    id: TypeId,
    name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A type's name without its module.
fn short(name: &'static str) -> &'static str {
    let generic = name.find('<').unwrap_or(name.len());
    let module = name[..generic].rfind("::").map_or(0, |at| at + 2);
    &name[module..]
}

impl Options {
    /// The defaults of a client.
    pub fn client() -> Self {
        Self {
            limits: Limits::client(),
            timeouts: Timeouts::default(),
            socket: SocketOptions::default(),
            capacity: Capacity::default(),
            addressing: AddressingOptions::default(),
            extensions: Vec::new(),
        }
    }

    /// The defaults of a server.
    pub fn server() -> Self {
        Self {
            limits: Limits::server(),
            ..Self::client()
        }
    }

    /// Adds the options of one transport; those of the same type are replaced.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, options: T) -> Self {
        let id = TypeId::of::<T>();
        self.extensions.retain(|extension| extension.id != id);
        self.extensions.push(Extension {
            id,
            name: short(std::any::type_name::<T>()),
            value: Arc::new(options),
        });
        self
    }

    /// The options of type `T`, if there are any.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.extensions
            .iter()
            .find_map(|extension| extension.value.downcast_ref())
    }

    /// The same, of the added options only those whose type is among `known`.
    #[must_use]
    pub fn only(&self, known: &[TypeId]) -> Self {
        let mut options = self.clone();
        options
            .extensions
            .retain(|extension| known.contains(&extension.id));
        options
    }

    /// The same without the added options whose type is among `types`.
    #[must_use]
    pub fn without(&self, types: &[TypeId]) -> Self {
        let mut options = self.clone();
        options
            .extensions
            .retain(|extension| !types.contains(&extension.id));
        options
    }

    /// Names of the added options whose type is not among `known`: a transport refuses them.
    pub fn unknown(&self, known: &[TypeId]) -> Vec<&'static str> {
        self.extensions
            .iter()
            .filter(|extension| !known.contains(&extension.id))
            .map(|extension| extension.name)
            .collect()
    }
}

/// Gives options methods that set the field of their name, by value. The fields behind `and` have methods of their own.
macro_rules! by_value {
    ($type:ident { $($field:ident: $kind:ty),+ $(,)? } $(and $other:ident)*) => {
        // Does not compile when a field is missing.
        const _: fn($type) = |$type { $($field: _,)+ $($other: _)* }| ();

        impl $type {
            /// The names of all fields, for those who read them from elsewhere.
            #[doc(hidden)]
            pub const FIELDS: &'static [&'static str] =
                &[$(stringify!($field),)+ $(stringify!($other))*];

            $(
                #[doc = concat!("The same with another value of the field `", stringify!($field), "`, which tells more.")]
                #[must_use]
                pub fn $field(mut self, $field: $kind) -> Self {
                    self.$field = $field.into();
                    self
                }
            )+
        }
    };
}
use by_value;

by_value!(Timeouts {
    connect: Duration,
    next_address: Duration,
    tls: Duration,
    answer: Duration,
    call: Duration,
    client_idle: Duration,
    first_byte: Duration,
    head: Duration,
    body_read: Duration,
    body: Duration,
    body_rate_after: Duration,
    handler: Duration,
    write: Duration,
    idle: impl Into<Option<Duration>>,
    connection: impl Into<Option<Duration>>,
    grace: Duration,
    stop: Duration,
});

by_value!(Capacity {
    connections: usize,
    connections_per_peer: usize,
    trusted_proxies: Vec<IpAddr>,
    requests_per_connection: impl Into<Option<u64>>,
    in_flight: impl Into<Option<usize>>,
    queue: usize,
});

/// Bounds on time. Every wait has one.
///
/// # Example
/// ```
/// use soap_core::Timeouts;
/// use std::time::Duration;
/// let timeouts = Timeouts::new().handler(Duration::from_secs(5)).idle(Duration::from_secs(60));
/// assert_eq!(timeouts.head, Timeouts::new().head);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Client: until connected (all addresses of a name together): 10 s.
    pub connect: Duration,
    /// Client: after this time without a connection the next address of a name is tried beside the first: 250 ms.
    pub next_address: Duration,
    /// Both: a TLS handshake: 10 s.
    pub tls: Duration,
    /// Client: from the end of the request until the answer begins: 60 s. On `soap.udp` an option of its own, `answer`, ends most calls
    /// earlier, after 5 s.
    pub answer: Duration,
    /// Client: the whole call: 90 s.
    pub call: Duration,
    /// Client: a kept connection is closed after this idle time: 10 s.
    pub client_idle: Duration,
    /// Server: from accepting a connection to its first byte: 10 s.
    pub first_byte: Duration,
    /// Server: from the first to the last byte of an HTTP head: 10 s.
    pub head: Duration,
    /// Both: between two reads of a body: 10 s.
    pub body_read: Duration,
    /// Both: a whole body: 60 s.
    pub body: Duration,
    /// Server: from this age on a body must have come at [`Limits::body_rate`] on average: 5 s.
    pub body_rate_after: Duration,
    /// Server: a handler, before a Server fault is sent in its place; it runs on to its end: 30 s.
    pub handler: Duration,
    /// Both: a write that makes no progress; on a server also one slower than [`Limits::body_rate`] over this time: 30 s.
    pub write: Duration,
    /// Server: a kept connection is closed after this idle time. `None`: what the transport says: 15 s on HTTP, whose clients know
    /// of it; 10 min on soap.tcp, which has no way to announce a close.
    pub idle: Option<Duration>,
    /// Server: a connection as a whole, after which its next answer closes it, and the writing of one answer. `None`: what the
    /// transport says: 1 h on HTTP; on soap.tcp only the writing has a bound, of 1 h.
    pub connection: Option<Duration>,
    /// Server: how long kept connections stay open when it stops: 1 s.
    pub grace: Duration,
    /// Server: how long calls in flight may take to end when `Server::run_until` stops it, the grace included: 10 s.
    /// `Running::stop` is given its own time.
    pub stop: Duration,
}

impl Timeouts {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(10),
            next_address: Duration::from_millis(250),
            tls: seconds(10),
            answer: seconds(60),
            call: seconds(90),
            client_idle: seconds(10),
            first_byte: seconds(10),
            head: seconds(10),
            body_read: seconds(10),
            body: seconds(60),
            body_rate_after: seconds(5),
            handler: seconds(30),
            write: seconds(30),
            idle: None,
            connection: None,
            grace: seconds(1),
            stop: seconds(10),
        }
    }
}

/// Bounds on what a server carries at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capacity {
    /// Connections in all: 4,096, never above `RLIMIT_NOFILE` - 64. When it is reached the connection idle longest is closed.
    pub connections: usize,
    /// Connections of one peer address: 1,024. Loopback and [`trusted_proxies`](Self::trusted_proxies) have no such bound.
    pub connections_per_peer: usize,
    /// Addresses that stand for many peers, such as those of a proxy in front of the server: none.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests on one connection, whose last answer closes it. `None`: what the transport says: 100,000 on HTTP, which announces
    /// the close; no bound on soap.tcp.
    pub requests_per_connection: Option<u64>,
    /// Calls being executed at a time; `None`: 64 per core.
    pub in_flight: Option<usize>,
    /// Calls that wait for their turn, each with its message in memory: 1,024. More are refused as overload.
    pub queue: usize,
}

impl Capacity {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_peer: 1024,
            trusted_proxies: Vec::new(),
            requests_per_connection: None,
            in_flight: None,
            queue: 1024,
        }
    }
}

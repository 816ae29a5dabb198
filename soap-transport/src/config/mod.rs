//! Servers and clients from a file and the environment: [`Config`].
//!
//! A file is TOML. `[server]` says what a server listens on, `[client]` where a service is; below them stand the tables `limits`,
//! `timeouts`, `capacity` (servers only), `socket`, `addressing` and those of single transports: `http`, `tcp` (clients only), `udp`,
//! `tls`. Their keys are the fields of [`Limits`](soap_core::Limits), [`Timeouts`](soap_core::Timeouts),
//! [`Capacity`](soap_core::Capacity), [`SocketOptions`](soap_core::SocketOptions), [`AddressingOptions`](soap_core::AddressingOptions)
//! and `UdpOptions` and the methods of `HttpOptions` and `TcpOptions`, where the documentation is. `addressing = "required"` is
//! `addressing.mode = "required"`. All may be left out; [`keys`] lists them with their defaults, and `examples/calculator.toml` of the project tells of each.
//!
//! ```toml
//! [server]
//! bind = ["http://0.0.0.0:9000/calc", "soap.tcp://0.0.0.0:9001"]
//! timeouts.idle = "1min"
//! limits.message = "8MiB"
//!
//! [[server.binding]]              # a URL with options of its own on top of those
//! url = "http://127.0.0.1:9002"
//! socket.linger = "5s"
//!
//! [client]
//! url = "http://127.0.0.1:9000/calc"
//! version = "1.2"
//! timeouts.call = "5s"
//!
//! [clients.billing]               # another one, on top of the options of [client]; likewise [servers.NAME]
//! url = "soap.tcp://billing:9001"
//! ```
//!
//! Times are written `"250ms"`, `"5s"`, `"10min"` or `"1h"`, sizes `"512B"`, `"64KiB"`, `"4MiB"`, `"1GiB"` (or kB, MB, GB, of 1,000) or
//! as a number of bytes. `"default"` stands for what the transport or the system finds best. The files of `tls` are in PEM; their names
//! are relative to the folder of the file they are named in, in a variable to that of the process. They are read when a server or
//! an endpoint is made; `Server::identities` are there to read the certificates again. What weakens the safety of TLS is not to be
//! had by a configuration.
//!
//! # Environment
//! A variable is named `SOAPSTONE_` and the keys, in capitals, joined by two underscores; it goes before the file:
//! `SOAPSTONE_SERVER__TIMEOUTS__IDLE=5s`. A list is separated by commas. What begins with `[` or `{` is TOML. A part of a list
//! has its number, from 0: `SOAPSTONE_SERVER__BINDING__0__URL`.
//!
//! # Mistakes
//! A key that is not known, a value that is not allowed, a URL that its transport cannot take and an option that it cannot honour are
//! errors, all of a file at once: each with its line, what is allowed, and the key that was meant. An option of one transport may
//! stand at its default beside URLs of others. A scheme that is not compiled in may be registered by the program, and TLS be given
//! by it: what is missing is told when a server or an endpoint starts, with the line of the URL.
//!
//! # Example
//! ```
//! # #[cfg(feature = "http")] {
//! use soap_transport::config::Config;
//!
//! let config: Config = "[client]\nurl = \"http://127.0.0.1:9000/calc\"\ntimeouts.call = \"5s\"".parse()?;
//! let config = config.environment([("SOAPSTONE_CLIENT__TIMEOUTS__CALL", "7s")])?;
//! assert_eq!(config.client().options().timeouts.call.as_secs(), 7);
//!
//! let error = "[client]\ntime_out.call = \"5s\"".parse::<Config>().unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "line 2, column 1: unknown key `time_out` in [client]; did you mean `timeouts`?"
//! );
//! # }
//! # Ok::<(), soap_transport::config::ConfigError>(())
//! ```

use std::{collections::BTreeMap, ffi::OsStr, fmt, fs, path::Path, str::FromStr};

/// An option that is kept in a field of another name than its method.
#[cfg(any(feature = "http", feature = "tcp", feature = "udp", feature = "tls"))]
macro_rules! field {
    ($key:ident: $field:ident, $kind:ty, $sides:expr) => {
        Field {
            key: stringify!($key),
            sides: $sides,
            read: |node, options| {
                options.$field = <$kind as Kind>::read(node)?;
                Ok(())
            },
            show: |options| <$kind as Kind>::show(&options.$field),
        }
    };
}

#[cfg(any(feature = "http", feature = "tcp", feature = "udp"))]
mod added;
mod any_format;
mod client;
mod environment;
mod error;
mod fields;
mod file;
mod kind;
mod nearest;
mod schemes;
mod section;
mod server;
mod short;
#[cfg(feature = "tls")]
mod tls;
mod tree;
mod units;
mod unknown;

pub use client::ClientConfig;
pub use error::{ConfigError, Problem};
pub use server::ServerConfig;

use fields::Side;
use tree::{Entry, Place, Table};

/// The tables a file has.
const ROOTS: [&str; 4] = ["server", "servers", "client", "clients"];

/// Servers and clients as a file and the environment describe them; the [module](self) tells how.
///
/// `Server::from_config`, `Endpoint::from_config` and `from_config` of generated clients take one, which stands for its `[server]`
/// or `[client]`, or a part of it: [`server_named`](Self::server_named), [`client_named`](Self::client_named).
///
/// It is read by serde too, as a part of the configuration of an application in any format.
#[derive(Clone)]
pub struct Config {
    table: Table,
    server: ServerConfig,
    servers: BTreeMap<String, ServerConfig>,
    client: ClientConfig,
    clients: BTreeMap<String, ClientConfig>,
}

impl Config {
    /// A file, with the variables of the environment on top.
    ///
    /// # Errors
    /// Fails if the file cannot be read, and on every mistake in it or in a variable.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let table = read_file(path.as_ref())?;
        Self::with_environment(table, std::env::vars_os())
    }

    /// A file alone.
    ///
    /// # Errors
    /// Fails if the file cannot be read, and on every mistake in it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::of(read_file(path.as_ref())?)
    }

    /// The environment alone.
    ///
    /// # Errors
    /// Fails on every mistake in a variable.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::with_environment(Table::default(), std::env::vars_os())
    }

    /// The same with variables on top, by name and value, such as those of [`std::env::vars_os`].
    ///
    /// # Errors
    /// Fails on every mistake in a variable.
    pub fn environment<N, V>(
        self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError>
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        Self::with_environment(self.table, variables)
    }

    /// `[server]`.
    pub fn server(&self) -> &ServerConfig {
        &self.server
    }

    /// `[servers.NAME]`.
    ///
    /// # Errors
    /// Fails if it is not there.
    pub fn server_named(&self, name: &str) -> Result<&ServerConfig, ConfigError> {
        let found = self.servers.get(name);
        found.ok_or_else(|| missing("servers", name, self.servers.keys()))
    }

    /// `[client]`.
    pub fn client(&self) -> &ClientConfig {
        &self.client
    }

    /// `[clients.NAME]`.
    ///
    /// # Errors
    /// Fails if it is not there.
    pub fn client_named(&self, name: &str) -> Result<&ClientConfig, ConfigError> {
        let found = self.clients.get(name);
        found.ok_or_else(|| missing("clients", name, self.clients.keys()))
    }

    fn with_environment<N, V>(
        mut table: Table,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError>
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut problems = Vec::new();
        short::expand(&mut table);
        environment::overlay(&mut table, variables, &mut problems);
        ConfigError::of(problems)?;
        Self::of(table)
    }

    fn of(mut table: Table) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        short::expand(&mut table);
        for entry in &table.0 {
            check_root(entry, &mut problems);
        }
        let empty = Table::default();
        let server = table.table("server").unwrap_or(&empty);
        let client = table.table("client").unwrap_or(&empty);
        let named = |roots: &str| {
            let tables = table.table(roots).map(|tables| tables.0.iter());
            let tables = tables.into_iter().flatten();
            tables.filter_map(|entry| Some((entry, entry.node.as_table()?)))
        };
        let servers = named("servers").map(|(entry, own)| {
            let path = format!("servers.{}", entry.key);
            let read = ServerConfig::read(own, Some(server), &path, &mut problems);
            (entry.key.clone(), read)
        });
        let servers = servers.collect();
        let clients = named("clients").map(|(entry, own)| {
            let path = format!("clients.{}", entry.key);
            let read = ClientConfig::read(own, Some(client), &path, &entry.place, &mut problems);
            (entry.key.clone(), read)
        });
        let clients = clients.collect();
        let place = table.get("client").map(|entry| &entry.place);
        let place = place.unwrap_or(&Place::Unknown);
        let config = Self {
            server: ServerConfig::read(server, None, "server", &mut problems),
            servers,
            client: ClientConfig::read(client, None, "client", place, &mut problems),
            clients,
            table,
        };
        ConfigError::of(problems).map(|()| config)
    }
}

impl FromStr for Config {
    type Err = ConfigError;

    /// A text in TOML.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::of(file::parse(text, None).map_err(ConfigError::all)?)
    }
}

impl fmt::Debug for Config {
    /// Without what may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("server", &self.server)
            .field("servers", &self.servers)
            .field("client", &self.client)
            .field("clients", &self.clients)
            .finish()
    }
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = fs::read_to_string(path);
    let text = text.map_err(|error| ConfigError::unreadable(path, error))?;
    file::parse(&text, Some(path)).map_err(ConfigError::all)
}

fn check_root(entry: &Entry, problems: &mut Vec<Problem>) {
    let key = &*entry.key;
    let mut report = |place: &Place, key: &str, text: String| {
        problems.push(Problem::new(place.clone(), key, text));
    };
    if !ROOTS.contains(&key) {
        let problem = Problem::new(entry.place.clone(), key, format!("unknown key `{key}`"));
        problems.push(match nearest::nearest(key, ROOTS) {
            Some(near) => problem.suggest(near),
            None => Problem::new(
                entry.place.clone(),
                key,
                format!("unknown key `{key}`; known: {}", ROOTS.join(", ")),
            ),
        });
        return;
    }
    let Some(table) = entry.node.as_table() else {
        let text = format!("{key}: {} is not a table", entry.node.show());
        report(&entry.node.place, key, text);
        return;
    };
    if matches!(key, "servers" | "clients") {
        for named in table
            .0
            .iter()
            .filter(|named| named.node.as_table().is_none())
        {
            let text = format!(
                "{key}.{}: {} is not a table, as in [{key}.NAME]",
                named.key,
                named.node.show()
            );
            report(&named.place, key, text);
        }
    }
}

fn missing<'a>(
    roots: &str,
    name: &str,
    known: impl Iterator<Item = &'a String> + Clone,
) -> ConfigError {
    let key = format!("{roots}.{name}");
    let problem = |text| Problem::new(Place::Unknown, &*key, text);
    let text = format!("there is no [{key}]");
    let names: Vec<_> = known.map(String::as_str).collect();
    match nearest::nearest(name, names.iter().copied()) {
        Some(near) => problem(text).suggest(&format!("{roots}.{near}")).into(),
        None if names.is_empty() => problem(text).into(),
        None => problem(format!("{text}; there are: {}", names.join(", "))).into(),
    }
}

/// A key that a file may have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// With the tables around it: `server.timeouts.idle`.
    pub path: String,
    /// What it is when nothing is said, as it would stand in a file; `None`: nothing.
    pub default: Option<String>,
}

/// All keys of `[server]` and `[client]`, as far as they are compiled in. `[servers.NAME]` and `[clients.NAME]` have the same
/// ones, `[[server.binding]]` a `url` and those of the server that concern one URL.
pub fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    let mut add = |path: String, default: Option<String>| keys.push(Key { path, default });
    for (root, side, own) in [
        ("server", Side::Server, [("bind", None), ("binding", None)]),
        (
            "client",
            Side::Client,
            [("url", None), ("version", Some("\"1.1\""))],
        ),
    ] {
        for (key, default) in own {
            add(format!("{root}.{key}"), default.map(str::to_owned));
        }
        for section in section::sections(side) {
            for (key, default) in section.keys(side) {
                add(format!("{root}.{}.{key}", section.name), Some(default));
            }
        }
    }
    keys
}

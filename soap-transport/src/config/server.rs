//! `[server]` and `[servers.NAME]`: what a server listens on and with which options.

use soap_core::{IntoDispatch, Options, transport::Registry};

use super::{
    Config,
    client::read_key,
    error::{ConfigError, Problem},
    fields::Side,
    kind::{Located, Several, Url},
    schemes::{check_options, check_schemes, check_url, honoured},
    section::{At, added, complete, drop_unfinished, plain, read_options},
    tree::{Node, Place, Table, Value},
};
use crate::{Server, default_registry};

/// The keys that are no table of options.
pub(super) const OWN: [&str; 2] = ["bind", "binding"];

/// What a server listens on and with which options, as `[server]` or `[servers.NAME]` of a [`Config`] has it.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    path: String,
    /// False for a `[server]` that is not there.
    present: bool,
    bind: Vec<Located>,
    bindings: Vec<(Located, Options)>,
    options: Options,
}

impl ServerConfig {
    /// The URLs to listen on.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let own = self.bindings.iter().map(|(url, _)| url);
        self.bind.iter().chain(own).map(|located| &*located.url)
    }

    /// The options of the server, without those of TLS, whose files [`Server::from_config`] reads.
    pub fn options(&self) -> Options {
        plain(&self.options)
    }

    /// Reads `own`, on top of the options of `inherited`.
    pub(super) fn read(
        own: &Table,
        inherited: Option<&Table>,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let at = At {
            side: Side::Server,
            path: path.to_owned(),
        };
        let mut options = read_options(own, &at, &OWN, problems);
        let mut all = own.without(&OWN);
        if let Some(inherited) = inherited {
            let mut both = inherited.without(&OWN);
            both.overlay(&all);
            all = both;
            options = read_options(&all, &at, &OWN, &mut Vec::new());
        }
        let registry = default_registry();
        let bind = read_key::<Several<Url>>(own, &at, "bind", problems).unwrap_or_default();
        for url in &bind {
            check_url(url, &at, "bind", &registry, problems);
        }
        let bindings = read_bindings(own, &all, &at, &registry, problems);
        let own_urls = bindings.iter().map(|(url, _)| url);
        let urls: Vec<_> = bind.iter().chain(own_urls).collect();
        check_schemes(own, &at, &urls, &registry, problems);
        let known = bind.iter().map(|url| honoured(&registry, &url.url));
        let known: Option<Vec<_>> = known.collect();
        if let Some(known) = known.filter(|_| !urls.is_empty()) {
            options = drop_unfinished(options, &known.concat());
        }
        Self {
            path: at.path,
            present: inherited.is_some() || !own.0.is_empty(),
            bind,
            bindings,
            options,
        }
    }
}

/// `[[server.binding]]`: URLs with options of their own on top of the server's.
fn read_bindings(
    own: &Table,
    server: &Table,
    at: &At,
    registry: &Registry,
    problems: &mut Vec<Problem>,
) -> Vec<(Located, Options)> {
    let Some(entry) = own.get("binding") else {
        return Vec::new();
    };
    let tables = match &entry.node.value {
        Value::List(list) => list.iter().collect(),
        _ => vec![&entry.node],
    };
    let at = At {
        side: Side::Binding,
        path: at.key("binding"),
    };
    let mut bindings = Vec::new();
    for node in tables {
        let Some(table) = node.as_table() else {
            let text = format!("{}: {} is not a table with a `url`", at.path, node.show());
            problems.push(Problem::new(node.place.clone(), &*at.path, text));
            continue;
        };
        bindings.extend(read_binding(node, table, server, &at, registry, problems));
    }
    bindings
}

fn read_binding(
    node: &Node,
    table: &Table,
    server: &Table,
    at: &At,
    registry: &Registry,
    problems: &mut Vec<Problem>,
) -> Option<(Located, Options)> {
    read_options(table, at, &["url"], problems);
    if table.get("url").is_none() {
        let text = format!("[[{}]] has no `url`", at.path);
        problems.push(Problem::new(node.place.clone(), at.key("url"), text));
    }
    let url = read_key::<Url>(table, at, "url", problems)?;
    check_url(&url, at, "url", registry, problems);
    check_schemes(table, at, &[&url], registry, problems);
    check_options(table, at, &url, problems);
    let mut all = server.clone();
    all.overlay(table);
    let server = At {
        side: Side::Server,
        path: at.path.clone(),
    };
    let mut options = read_options(&all, &server, &["url"], &mut Vec::new());
    if let Some(known) = honoured(registry, &url.url) {
        options = options.only(&known);
    }
    // What it says itself was refused.
    if let Ok(kept) = registry.socket(&url.url, &options.socket) {
        options.socket = kept;
    }
    if let Ok(false) = registry.answers_elsewhere(&url.url) {
        options.addressing.answers_to.clear();
    }
    Some((url, options))
}

impl Server {
    /// A server of `service`, bound to the URLs of a configuration and with its options: a `Config` stands for its `[server]`. More
    /// can be said as of any other server.
    ///
    /// # Errors
    /// Fails if the configuration has no server, or names a file that cannot be used.
    pub fn from_config(
        service: impl IntoDispatch + Send + 'static,
        config: &(impl AsRef<ServerConfig> + ?Sized),
    ) -> Result<Self, ConfigError> {
        let config = config.as_ref();
        if !config.present {
            let text = "there is no [server] in the configuration";
            return Err(Problem::new(Place::Unknown, "server", text).into());
        }
        let mut server = Self::new(service).options(complete(&config.options, &config.path)?);
        // A table that no URL can honour was refused, or is inherited. Without a URL here nobody knows.
        if config.urls().next().is_some() {
            server = server.optional(added());
        }
        for Located { url, place } in &config.bind {
            let place = format!("{place}{}.bind: ", config.path);
            server = server.bind_at(url, None, place);
        }
        let path = format!("{}.binding", config.path);
        for (Located { url, place }, options) in &config.bindings {
            let options = complete(options, &path)?;
            server = server.bind_at(url, Some(options), format!("{place}{path}.url: "));
        }
        Ok(server)
    }
}

impl AsRef<Self> for ServerConfig {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRef<ServerConfig> for Config {
    fn as_ref(&self) -> &ServerConfig {
        self.server()
    }
}

//! The URLs of a server, each with the options it is bound with and what it shares with the others.

use std::{any::TypeId, sync::Arc};

use soap_core::{
    Addressing, AddressingOptions, Options,
    transport::{Listener, Mounts, Registry, TransportError},
};

#[cfg(feature = "udp")]
use super::datagrams::Tally;
use super::{Addressed, Server};
#[cfg(any(feature = "http", feature = "tcp"))]
use super::{Inherited, connections::Connections};

/// A URL to listen on.
#[derive(Debug)]
pub(super) struct Binding {
    url: String,
    /// In place of the server's.
    options: Option<Options>,
    place: String,
}

impl Binding {
    pub(super) fn new(url: String, options: Option<Options>) -> Self {
        Self {
            url,
            options,
            place: String::new(),
        }
    }

    #[cfg(feature = "tls")]
    pub(super) fn options(&self) -> Option<&Options> {
        self.options.as_ref()
    }
}

#[cfg(feature = "config")]
impl Server {
    /// Types of options that a binding may be without, if its scheme does not know them.
    pub(crate) fn optional(mut self, types: Vec<TypeId>) -> Self {
        self.optional = types;
        self
    }

    /// As `bind` and `bind_with`, of a URL that stands at `place`, which goes in front of what is wrong with it.
    pub(crate) fn bind_at(mut self, url: &str, options: Option<Options>, place: String) -> Self {
        self.bindings.push(Binding {
            place,
            ..Binding::new(url.to_owned(), options)
        });
        self
    }
}

/// A URL with the options it is bound with.
pub(super) struct Bound {
    pub(super) url: String,
    /// Its mode is set.
    pub(super) addressing: Arc<AddressingOptions>,
    options: Options,
    place: String,
}

/// Tells what is wrong with a URL or its options at `place`, if there is one.
fn placed(error: TransportError, place: &str) -> TransportError {
    match error.is_config() {
        true => error.at_place(place),
        false => error,
    }
}

/// The URLs of `server`, each with what it can honour.
///
/// # Errors
/// Fails on an unknown scheme, and on options that no scheme can honour.
pub(super) fn bound(server: &Server) -> Result<Vec<Bound>, TransportError> {
    let mut bound = Vec::new();
    let mut honoured = server.optional.clone();
    let mut refuses_itself = false;
    let several = server.bindings.len() > 1;
    for Binding {
        url,
        options,
        place,
    } in &server.bindings
    {
        let known = server.registry.options(url);
        let known = known.map_err(|error| placed(error, place))?;
        let is_own = options.is_some();
        let mut options = match (options, known) {
            (Some(own), _) => own.clone(),
            (None, Some(known)) if several => {
                honoured.extend_from_slice(&known);
                server.options.only(&known)
            }
            // Its scheme refuses what it cannot honour.
            (None, Some(known)) => {
                let optional = server.optional.iter().copied();
                let spare: Vec<_> = optional.filter(|id| !known.contains(id)).collect();
                server.options.without(&spare)
            }
            (None, None) => {
                refuses_itself = true;
                server.options.clone()
            }
        };
        let is_shared = several && !is_own;
        if is_shared {
            options.socket = server.registry.socket(url, &options.socket)?;
        }
        if !server.registry.answers_elsewhere(url)? {
            let only_back = only_back(url, &mut options.addressing, is_shared);
            only_back.map_err(|error| placed(error, place))?;
        }
        let addressing = server.registry.addressing(url)?;
        let mode = &mut options.addressing.mode;
        mode.get_or_insert(addressing.unwrap_or(Addressing::Optional));
        let checked = check_answers_to(&options.addressing, &server.registry);
        checked.map_err(|error| placed(error, place))?;
        bound.push(Bound {
            url: url.clone(),
            addressing: Arc::new(options.addressing.clone()),
            options,
            place: place.clone(),
        });
    }
    match server.options.unknown(&honoured).first() {
        Some(name) if several && !refuses_itself => Err(TransportError::config(format!(
            "no URL is bound whose transport can honour the options {name}"
        ))),
        _ => Ok(bound),
    }
}

/// Takes away where answers may go, for a URL whose answers only go back.
///
/// # Errors
/// Fails if that was said for this URL, and is not what several share.
fn only_back(
    url: &str,
    addressing: &mut AddressingOptions,
    is_shared: bool,
) -> Result<(), TransportError> {
    let said = std::mem::take(&mut addressing.answers_to);
    if said.is_empty() || is_shared {
        return Ok(());
    }
    Err(TransportError::config(format!(
        "AddressingOptions::answers_to: answers from {url} only go back, since anybody can forge where a request there comes from"
    )))
}

/// Refuses what no answer could be sent to.
///
/// # Errors
/// Fails with the first such address.
pub(crate) fn check_answers_to(
    addressing: &AddressingOptions,
    registry: &Registry,
) -> Result<(), TransportError> {
    for url in &addressing.answers_to {
        let refuse = |error: TransportError| {
            TransportError::config(format!("AddressingOptions::answers_to: {error}"))
        };
        registry.check(url).map_err(refuse)?;
    }
    addressing.check()
}

/// What the bindings of one server share, each what its scheme knows of.
pub(super) struct Shared {
    pub(super) mounts: Mounts,
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub(super) connections: Arc<Connections>,
    #[cfg(any(feature = "http", feature = "tcp"))]
    pub(super) inherited: Inherited,
    #[cfg(feature = "udp")]
    pub(super) datagrams: Arc<Tally>,
}

impl Shared {
    /// Listeners on all of them.
    ///
    /// # Errors
    /// Fails if one cannot be bound; then none is.
    pub(super) async fn bind(
        &self,
        registry: &Registry,
        bindings: &[Bound],
    ) -> Result<Vec<Box<dyn Listener>>, TransportError> {
        let mut listeners = Vec::new();
        for Bound {
            url,
            addressing,
            options,
            place,
        } in bindings
        {
            let known = registry.options(url)?.unwrap_or_default();
            let mut options = options.clone();
            if known.contains(&TypeId::of::<Mounts>()) {
                options = options.with(Addressed::mounts(&self.mounts, addressing));
            }
            #[cfg(any(feature = "http", feature = "tcp"))]
            if known.contains(&TypeId::of::<Arc<Connections>>()) {
                options = options.with(Arc::clone(&self.connections));
            }
            #[cfg(any(feature = "http", feature = "tcp"))]
            if known.contains(&TypeId::of::<Inherited>()) {
                options = options.with(self.inherited.clone());
            }
            #[cfg(feature = "udp")]
            if known.contains(&TypeId::of::<Arc<Tally>>()) {
                options = options.with(Arc::clone(&self.datagrams));
            }
            let bound = registry.bind(url, &options).await;
            let explained = bound.map_err(|error| self.explain(error, url, &listeners, registry));
            listeners.push(explained.map_err(|error| placed(error, place))?);
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
        registry: &Registry,
    ) -> TransportError {
        if error.is_config() {
            return error;
        }
        let own = authority(url);
        let other = bound
            .iter()
            .find(|listener| own.is_some() && authority(listener.url()) == own);
        if let Some(other) = other {
            let has_paths = |url| {
                let known = registry.options(url).ok().flatten().unwrap_or_default();
                known.contains(&TypeId::of::<Mounts>())
            };
            let remedy = match has_paths(url) && has_paths(other.url()) {
                true => "another service on that port is mounted, by Server::mount",
                false => "one service has a port there, whatever the path: take another port",
            };
            let text = format!(
                "{url:?} has the port of {:?}, which this server is bound to: {remedy}",
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

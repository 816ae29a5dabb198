//! Which transport speaks which URL scheme.

use std::{any::TypeId, sync::Arc};

use super::{Listener, Scheme, Transport, TransportError};
use crate::{Addressing, Options, SocketOptions};

/// Transports by URL scheme. A value, no global: give it to an endpoint or a server.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    schemes: Vec<Arc<dyn Scheme>>,
}

impl Registry {
    /// No scheme at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a scheme; it goes before those that are there, so it may replace one.
    #[must_use]
    pub fn with(mut self, scheme: impl Scheme) -> Self {
        self.schemes.insert(0, Arc::new(scheme));
        self
    }

    /// The schemes known, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self
            .schemes
            .iter()
            .flat_map(|scheme| scheme.names())
            .copied()
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A transport to the peer at `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones), a URL or option the scheme cannot take.
    pub async fn connect(
        &self,
        url: &str,
        options: &Options,
    ) -> Result<Arc<dyn Transport>, TransportError> {
        self.scheme(url)?.connect(url, options).await
    }

    /// A listener on `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones), an option the scheme cannot take, or if the address is taken.
    pub async fn bind(
        &self,
        url: &str,
        options: &Options,
    ) -> Result<Box<dyn Listener>, TransportError> {
        self.scheme(url)?.bind(url, options).await
    }

    /// What [`Scheme::options`] says for `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones).
    pub fn options(&self, url: &str) -> Result<Option<Vec<TypeId>>, TransportError> {
        Ok(self.scheme(url)?.options())
    }

    /// What [`Scheme::addressing`] says for `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones).
    pub fn addressing(&self, url: &str) -> Result<Option<Addressing>, TransportError> {
        Ok(self.scheme(url)?.addressing())
    }

    /// What [`Scheme::answers_elsewhere`] says for `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones).
    pub fn answers_elsewhere(&self, url: &str) -> Result<bool, TransportError> {
        Ok(self.scheme(url)?.answers_elsewhere())
    }

    /// What [`Scheme::socket`] keeps of `shared` for `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones).
    pub fn socket(
        &self,
        url: &str,
        shared: &SocketOptions,
    ) -> Result<SocketOptions, TransportError> {
        Ok(self.scheme(url)?.socket(shared))
    }

    /// What [`Scheme::check`] says of `url`.
    ///
    /// # Errors
    /// Fails on an unknown scheme (the error lists the known ones), and on a URL the scheme cannot take.
    pub fn check(&self, url: &str) -> Result<(), TransportError> {
        self.scheme(url)?.check(url)
    }

    fn scheme(&self, url: &str) -> Result<&dyn Scheme, TransportError> {
        let known = || {
            if self.schemes.is_empty() {
                "none".to_owned()
            } else {
                self.names().join(", ")
            }
        };
        let (name, _) = url.split_once("://").ok_or_else(|| {
            TransportError::config(format!(
                "{url:?} has no scheme such as http://; known: {}",
                known()
            ))
        })?;
        let found = self.schemes.iter().find(|scheme| {
            scheme
                .names()
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        });
        found.map(|scheme| &**scheme).ok_or_else(|| {
            TransportError::config(format!(
                "no transport for scheme {name:?} of {url:?}; known: {}{}",
                known(),
                hint(name)
            ))
        })
    }
}

/// What to do about a scheme that people expect.
fn hint(scheme: &str) -> &'static str {
    match scheme.to_ascii_lowercase().as_str() {
        "https" | "soap.tls" => " (TLS needs the feature \"tls\")",
        "tls" => " (TLS with bare envelopes is soap.tls)",
        "memory" => " (add `Memory::new()` to the registry of both sides)",
        _ => " (a transport of your own is added by Registry::with)",
    }
}

//! The URL of a service on datagrams.

use soap_core::transport::TransportError;
use url::Url;

use crate::parse_url;

/// The parts of a URL.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) url: Url,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Address {
    pub(super) fn of(text: &str) -> Result<Self, TransportError> {
        let wrong = |what: &str| TransportError::config(format!("{text:?}: {what}"));
        let url = parse_url::parse(text)?;
        if url.scheme() != "soap.udp" {
            return Err(wrong("not a URL of soap.udp"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The text may hold a password.
            return Err(TransportError::config(
                "a soap.udp URL with user or password: there is no place for them on the wire",
            ));
        }
        if url.fragment().is_some() {
            return Err(wrong("a fragment means nothing here"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("there is no host"))?;
        let port = url
            .port()
            .ok_or_else(|| wrong("there is no port, and the scheme has no default one"))?;
        Ok(Self {
            host: host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port,
            url,
        })
    }
}

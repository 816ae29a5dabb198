//! Reading a URL, and what is wrong with it.

use soap_core::transport::TransportError;
use url::Url;

/// What is wrong with a text that is no URL.
#[cfg(any(feature = "http", feature = "tcp", feature = "udp", feature = "config"))]
pub(crate) fn wrong(error: url::ParseError) -> &'static str {
    match error {
        url::ParseError::InvalidPort => "its port is not a number from 0 to 65535",
        _ => "not a URL",
    }
}

/// The URL of a service.
///
/// # Errors
/// Fails on what is none, with what is wrong.
#[cfg(any(feature = "http", feature = "tcp", feature = "udp"))]
pub(crate) fn parse(text: &str) -> Result<Url, TransportError> {
    Url::parse(text).map_err(|error| {
        let what = wrong(error);
        TransportError::config(format!("{text:?}: {what}")).caused_by(error)
    })
}

/// Refuses a URL that nobody can be reached at, whatever the scheme.
///
/// # Errors
/// Fails on port 0.
pub(crate) fn check_reachable(text: &str) -> Result<(), TransportError> {
    match Url::parse(text) {
        Ok(url) if url.port() == Some(0) => Err(TransportError::config(format!(
            "{text:?}: port 0 is for a server, which takes a free one, and tells it by Running::urls"
        ))),
        _ => Ok(()),
    }
}

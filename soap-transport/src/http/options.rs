//! What can be set for HTTP alone.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use soap_core::transport::TransportError;

/// Options of HTTP, given to an endpoint or a server by `with`.
///
/// # Example
/// ```
/// use soap_transport::{Endpoint, http::HttpOptions};
/// let http = HttpOptions::new().header("X-Tenant", "7").basic_auth("me", "secret");
/// let endpoint = Endpoint::new("http://127.0.0.1:9000/calc").with(http);
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    pub(crate) gzip: bool,
    pub(crate) redirects: u8,
    pub(crate) pool_per_host: usize,
    pub(crate) pool_total: usize,
    pub(crate) headers: Vec<(String, String)>,
}

/// Fields that are the transport's own business.
const RESERVED: [HeaderName; 12] = [
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::ACCEPT_ENCODING,
    super::head::SOAP_ACTION,
];

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            gzip: false,
            redirects: 0,
            pool_per_host: 32,
            pool_total: 100,
            headers: Vec::new(),
        }
    }
}

impl HttpOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Client: asks for answers in gzip. Server: sends them to who asks. Off. Needs the feature `gzip`; with it a server takes
    /// gzip requests in any case.
    #[must_use]
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Client: how many redirects (307 and 308, never 301 and 302) a call follows: 0. The fields of [`header`](Self::header) and
    /// [`basic_auth`](Self::basic_auth) do not go to another host.
    #[must_use]
    pub fn redirects(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// Client: adds a header field to every request. What it may not be is told when the endpoint connects.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Client: adds `Authorization: Basic`. The password goes over the wire in the clear.
    #[must_use]
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        self.header("Authorization", format!("Basic {credentials}"))
    }

    /// Client: idle connections kept for one host: 32.
    #[must_use]
    pub fn pool_idle_per_host(mut self, most: usize) -> Self {
        self.pool_per_host = most;
        self
    }

    /// Client: idle connections kept in all: 100.
    #[must_use]
    pub fn pool_idle(mut self, most: usize) -> Self {
        self.pool_total = most;
        self
    }

    /// Refuses what cannot be honoured.
    pub(crate) fn check(&self) -> Result<(), TransportError> {
        if self.gzip && cfg!(not(feature = "gzip")) {
            return Err(TransportError::config(
                "HttpOptions::gzip needs the feature \"gzip\", which is not compiled in",
            ));
        }
        Ok(())
    }

    /// As [`check`](Self::check), for a server.
    pub(crate) fn check_server(&self) -> Result<(), TransportError> {
        if self.redirects > 0 || !self.headers.is_empty() {
            return Err(TransportError::config(
                "HttpOptions::redirects and HttpOptions::header are for clients, not for a server",
            ));
        }
        self.check()
    }

    /// The fields added by [`header`](Self::header).
    pub(crate) fn fields(&self) -> Result<HeaderMap, TransportError> {
        let mut fields = HeaderMap::new();
        for (text, value) in &self.headers {
            let wrong = |what: &str| TransportError::config(format!("header {text:?}: {what}"));
            let name: HeaderName = text.parse().map_err(|_| wrong("not a name of a field"))?;
            if RESERVED.contains(&name) {
                return Err(wrong("set by the transport itself"));
            }
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| wrong("a value of other than visible ASCII characters"))?;
            value.set_sensitive(name == header::AUTHORIZATION);
            fields.append(name, value);
        }
        Ok(fields)
    }
}

impl fmt::Debug for HttpOptions {
    /// Without the values of the fields, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpOptions")
            .field("gzip", &self.gzip)
            .field("redirects", &self.redirects)
            .field("headers", &names)
            .field("pool_idle_per_host", &self.pool_per_host)
            .field("pool_idle", &self.pool_total)
            .finish()
    }
}

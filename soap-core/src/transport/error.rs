//! What can go wrong between two peers.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use bytes::Bytes;

/// The message did not get through, or no SOAP message came back. Questions tell what that means for the caller.
pub struct TransportError(Box<Inner>);

struct Inner {
    kind: Kind,
    text: Cow<'static, str>,
    ambiguous: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug)]
enum Kind {
    Config,
    Connect,
    Timeout(Duration),
    Lost,
    Status { status: u16, body: Bytes },
    Limit,
    Other,
}

impl TransportError {
    fn new(kind: Kind, text: impl Into<Cow<'static, str>>, ambiguous: bool) -> Self {
        Self(Box::new(Inner {
            kind,
            text: text.into(),
            ambiguous,
            source: None,
        }))
    }

    /// A URL or option that cannot be used. Nothing was sent.
    pub fn config(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Config, text, false)
    }

    /// No connection. Nothing was sent.
    pub fn connect(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Connect, text, false)
    }

    /// `phase` did not end within `after`; `sent`: a byte of the request may have reached the peer.
    pub fn timeout(phase: &str, after: Duration, sent: bool) -> Self {
        Self::new(
            Kind::Timeout(after),
            format!("{phase} did not end within {after:?}"),
            sent,
        )
    }

    /// The connection broke; `sent`: a byte of the request may have reached the peer.
    pub fn lost(text: impl Into<Cow<'static, str>>, sent: bool) -> Self {
        Self::new(Kind::Lost, text, sent)
    }

    /// The peer answered, but not with a SOAP message. At most 1 KiB of `body` is kept. By 404, 405, 413, 415, 431 and 503 it says
    /// that it has not processed the request.
    pub fn status(status: u16, content_type: Option<&str>, body: &Bytes) -> Self {
        let start = body.slice(..body.len().min(1024));
        let mut text = match content_type {
            _ if body.is_empty() => {
                format!("status {status} with an empty body instead of a SOAP message")
            }
            Some(kind) => format!("status {status} with {kind} instead of a SOAP message"),
            None => format!("status {status} without a SOAP message"),
        };
        if content_type.is_some_and(|kind| kind.starts_with("text/plain"))
            && let Some(line) = String::from_utf8_lossy(&start).lines().next()
        {
            text.push_str(": ");
            text.extend(line.chars().filter(|c| !c.is_control()).take(200));
        }
        Self::new(
            Kind::Status {
                status,
                body: start,
            },
            text,
            !matches!(status, 404 | 405 | 413 | 415 | 431 | 503),
        )
    }

    /// A message passed a limit, which `text` names; `sent`: a byte of the request may have reached the peer.
    pub fn limit(text: impl Into<Cow<'static, str>>, sent: bool) -> Self {
        Self::new(Kind::Limit, text, sent)
    }

    /// Anything else; `sent`: a byte of the request may have reached the peer.
    pub fn other(text: impl Into<Cow<'static, str>>, sent: bool) -> Self {
        Self::new(Kind::Other, text, sent)
    }

    /// Adds that an attempt before this one may have been processed, if `sent`.
    #[must_use]
    pub fn after_attempt(mut self, sent: bool) -> Self {
        self.0.ambiguous |= sent;
        self
    }

    /// Puts in front where the mistake stands, such as `"calc.toml:3:8: "`.
    #[must_use]
    pub fn at_place(mut self, place: &str) -> Self {
        if !place.is_empty() {
            self.0.text = format!("{place}{}", self.0.text).into();
        }
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// True if the peer may have processed the request: do not repeat it blindly.
    pub fn is_ambiguous(&self) -> bool {
        self.0.ambiguous
    }

    /// True if a URL or an option was wrong.
    pub fn is_config(&self) -> bool {
        matches!(self.0.kind, Kind::Config)
    }

    /// True if there was no connection.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect)
    }

    /// True if the connection broke.
    pub fn is_lost(&self) -> bool {
        matches!(self.0.kind, Kind::Lost)
    }

    /// True if a message passed a limit.
    pub fn is_limit(&self) -> bool {
        matches!(self.0.kind, Kind::Limit)
    }

    /// The time that ran out, if one did.
    pub fn timed_out(&self) -> Option<Duration> {
        if let Kind::Timeout(after) = self.0.kind {
            Some(after)
        } else {
            None
        }
    }

    /// HTTP status and the first bytes of the body, if the peer answered without a SOAP message.
    pub fn http(&self) -> Option<(u16, &[u8])> {
        if let Kind::Status { status, body } = &self.0.kind {
            Some((*status, body))
        } else {
            None
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)?;
        if self.0.ambiguous {
            f.write_str("; the peer may have processed the request")
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            text,
            ambiguous,
            source,
        } = &*self.0;
        f.debug_struct("TransportError")
            .field("kind", kind)
            .field("text", text)
            .field("ambiguous", ambiguous)
            .field("source", source)
            .finish()
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

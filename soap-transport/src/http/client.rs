//! The transport of HTTP: one call is one POST.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request as HttpRequest, StatusCode, Uri, header};
use http_body_util::Full;
use soap_core::{
    Message, Options, Peer, SoapVersion, SocketOptions,
    transport::{Replies, Request, Transport, TransportError},
};
use tokio::time::timeout;
use tracing::{Instrument, field};
use url::{Position, Url};

use super::{
    HttpOptions, answer,
    head::{self, SOAP_ACTION},
    wire::{Answer, Wire},
};
use crate::{
    client::{
        dial,
        pool::{Keep, Pool},
        written::NoteWritten,
    },
    layer::ClientLayer,
};

/// Connections kept for later calls.
pub(super) type Kept = Pool<Key, Wire>;

/// Calls with the same key may use each other's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    host: String,
    port: u16,
    layer: ClientLayer,
    socket: SocketOptions,
    /// Bounds that a connection has from its beginning.
    head: usize,
    write: Duration,
}

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("soapstone/", env!("CARGO_PKG_VERSION")));

/// Where requests go.
#[derive(Debug, Clone)]
pub(super) struct Target {
    url: Url,
    host: String,
    port: u16,
    path: Uri,
    authority: HeaderValue,
}

impl Target {
    pub(super) fn new(url: &Url) -> Result<Self, TransportError> {
        let wrong = || TransportError::config(format!("\"{url}\" cannot be reached over http"));
        let host = url.host_str().ok_or_else(wrong)?;
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        Ok(Self {
            host: host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port: url.port_or_known_default().ok_or_else(wrong)?,
            path: path.parse().map_err(|_| wrong())?,
            authority: HeaderValue::from_str(authority).map_err(|_| wrong())?,
            url: url.clone(),
        })
    }

    fn scheme(&self) -> &'static str {
        if self.url.scheme() == "https" {
            "https"
        } else {
            "http"
        }
    }

    /// Where a redirect leads.
    fn redirected(&self, location: &HeaderValue) -> Result<Self, TransportError> {
        let text = String::from_utf8_lossy(location.as_bytes());
        let wrong = || {
            TransportError::other(
                format!("redirected to {text:?}, which cannot be followed"),
                false,
            )
        };
        let url = self
            .url
            .join(&text)
            .map_err(|error| wrong().caused_by(error))?;
        // From https to http would send in the clear what was not meant to be.
        if url.scheme() != self.url.scheme()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(wrong());
        }
        Self::new(&url)
    }
}

/// Carries messages to one URL.
#[derive(Debug)]
pub(super) struct HttpTransport {
    pub(super) target: Target,
    pub(super) fields: HeaderMap,
    pub(super) pool: Arc<Kept>,
    pub(super) options: Options,
    pub(super) http: HttpOptions,
    pub(super) layer: ClientLayer,
}

impl Transport for HttpTransport {
    fn exchange(&self, request: Request) -> Replies<'_> {
        Replies::one(self.call(request))
    }
}

impl HttpTransport {
    async fn call(&self, request: Request) -> Result<Option<Message>, TransportError> {
        let span = tracing::info_span!(
            "soap.call",
            scheme = self.target.scheme(),
            peer = &self.target.url[..Position::AfterPath],
            action = request.message.action.as_deref(),
            status = field::Empty,
        );
        let bound = request.timeout.unwrap_or(self.options.timeouts.call);
        let call = Call {
            transport: self,
            announcing: self.announcing(&request.message)?,
            request: &request,
            sent: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        };
        let running = timeout(bound, call.run()).instrument(span.clone());
        let result = running.await.unwrap_or_else(|_| {
            let sent = call.sent.load(Relaxed);
            Err(TransportError::timeout("the whole call", bound, sent))
        });
        let result = result.map_err(|error| error.after_attempt(call.lost.load(Relaxed)));
        if let Ok(Some(message)) = &result {
            span.record("status", message.status);
        }
        result
    }

    /// What the head of a request says of `message`.
    fn announcing(&self, message: &Message) -> Result<Announcing, TransportError> {
        let action = message.action.as_deref().unwrap_or_default();
        let value = |text: String| {
            let value = HeaderValue::try_from(text).ok();
            let value = value.filter(|_| !action.contains(['"', '\\']));
            value.ok_or_else(|| {
                TransportError::config(format!("the action {action:?} cannot stand in a header"))
            })
        };
        let version = message.version.unwrap_or_default();
        let (content_type, soap_action) = match version {
            SoapVersion::Soap11 => (None, Some(value(["\"", action, "\""].concat())?)),
            SoapVersion::Soap12 if action.is_empty() => (None, None),
            SoapVersion::Soap12 => {
                let media = "application/soap+xml; charset=utf-8; action=\"";
                (Some(value([media, action, "\""].concat())?), None)
            }
        };
        Ok(Announcing {
            content_type: content_type.unwrap_or_else(|| head::content_type(version)),
            soap_action,
        })
    }
}

/// What the head of a request says of its message.
struct Announcing {
    content_type: HeaderValue,
    soap_action: Option<HeaderValue>,
}

/// One call on its way.
struct Call<'c> {
    transport: &'c HttpTransport,
    request: &'c Request,
    announcing: Announcing,
    /// A byte of it may have reached a peer.
    sent: AtomicBool,
    /// An attempt was given up whose request may have been processed.
    lost: AtomicBool,
}

impl Call<'_> {
    /// Sends the request, and again where a redirect leads, if that is allowed.
    async fn run(&self) -> Result<Option<Message>, TransportError> {
        let mut target = Cow::Borrowed(&self.transport.target);
        let mut redirects = self.transport.http.redirects;
        loop {
            let (answer, peer) = self.send(&target).await?;
            let location = answer.headers.get(header::LOCATION);
            match (answer.status, location) {
                (
                    StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT,
                    Some(location),
                ) if redirects > 0 => {
                    redirects -= 1;
                    target = Cow::Owned(target.redirected(location)?);
                }
                _ => {
                    let limits = &self.transport.options.limits;
                    let mut message = answer::message(answer, self.request, limits)?;
                    if let Some(message) = &mut message {
                        message.peer = Some(peer);
                    }
                    return Ok(message);
                }
            }
        }
    }

    /// Sends the request over a kept or a new connection. It is sent again only if nothing of it was written on a kept
    /// connection, or once if it is idempotent.
    async fn send(&self, target: &Target) -> Result<(Answer, Peer), TransportError> {
        let HttpTransport { pool, options, .. } = self.transport;
        let key = Key {
            host: target.host.clone(),
            port: target.port,
            layer: self.transport.layer.clone(),
            socket: options.socket.clone(),
            head: options.limits.head,
            write: options.timeouts.write,
        };
        let kept = pool.take(&key);
        let was_kept = kept.is_some();
        let wire = match kept {
            Some(wire) => wire,
            None => self.connect(&key).await?,
        };
        let error = match self.exchange(wire, target, &key).await {
            Err(error) if error.is_lost() => error,
            result => return result,
        };
        let again = self.request.idempotent || was_kept && !error.is_ambiguous();
        if !again {
            return Err(error);
        }
        tracing::debug!(%error, "sent again on a new connection");
        self.lost.fetch_or(error.is_ambiguous(), Relaxed);
        let wire = self.connect(&key).await?;
        self.exchange(wire, target, &key).await
    }

    async fn connect(&self, key: &Key) -> Result<Wire, TransportError> {
        let options = &self.transport.options;
        let stream = dial::dial(&key.host, key.port, &options.timeouts, &options.socket).await?;
        Wire::new(stream, options, &key.layer, &key.host).await
    }

    async fn exchange(
        &self,
        mut wire: Wire,
        target: &Target,
        key: &Key,
    ) -> Result<(Answer, Peer), TransportError> {
        let HttpTransport {
            pool,
            options,
            http,
            ..
        } = self.transport;
        let request = self.request(target);
        let line = wire.line();
        let noted = NoteWritten::new(|| line.written() > 0, &self.sent);
        let answer = wire.exchange(request, options).await;
        drop(noted);
        let answer = answer?;
        let peer = wire.peer(target.scheme());
        let keep = Keep {
            time: options.timeouts.client_idle,
            per_host: http.pool_per_host,
            total: http.pool_total,
        };
        pool.put(key, wire, &keep);
        Ok((answer, peer))
    }

    fn request(&self, target: &Target) -> HttpRequest<Full<Bytes>> {
        let HttpTransport { fields, http, .. } = self.transport;
        let Announcing {
            content_type,
            soap_action,
        } = &self.announcing;
        let body = Full::new(self.request.message.envelope.clone());
        let mut request = HttpRequest::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = target.path.clone();
        // Ours, and the length that hyper adds.
        let mut head = HeaderMap::with_capacity(6 + fields.len());
        head.insert(header::HOST, target.authority.clone());
        head.insert(header::CONTENT_TYPE, content_type.clone());
        if let Some(action) = soap_action {
            head.insert(SOAP_ACTION, action.clone());
        }
        if http.gzip {
            let gzip = HeaderValue::from_static("gzip");
            head.insert(header::ACCEPT_ENCODING, gzip);
        }
        head.insert(header::USER_AGENT, USER_AGENT);
        // Those of the user may be secrets, and are for the server they were given for.
        if target.authority == self.transport.target.authority {
            for name in fields.keys() {
                head.remove(name);
            }
            let own = fields.iter();
            head.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        }
        *request.headers_mut() = head;
        request
    }
}

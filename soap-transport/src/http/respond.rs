//! One HTTP request to one HTTP answer: the rules of the binding, without a socket.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header, request::Parts,
    uri::Authority,
};
use http_body::Body;
use http_body_util::Full;
use soap_core::{
    Message, Options, Peer, SoapVersion,
    transport::{Dispatch, Outcome, Port},
};

use super::{
    HttpOptions,
    body::{self, BodyError},
    head::{self, TEXT_XML},
};
#[cfg(feature = "gzip")]
use crate::compress::Coding;
use crate::{pace::Pace, server::connection::Connection};

/// None is known.
#[cfg(not(feature = "gzip"))]
type Coding = std::convert::Infallible;

/// Seconds after which a client may try again when the server is busy.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Fields that there is room for in the largest map that a connection keeps.
const MOST_KEPT: usize = 32;

/// Answers requests by the rules of HTTP and SOAP's binding to it.
#[derive(Debug)]
pub(crate) struct Responder {
    pace: Pace,
    #[cfg(feature = "gzip")]
    limits: soap_core::Limits,
    gzip: bool,
}

/// Where a request came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) peer: &'a Peer,
    /// URL of the listener, for a WSDL asked for without a `Host`.
    pub(crate) url: Option<&'a str>,
    /// URL that a WSDL tells in any case.
    pub(crate) public: Option<&'a str>,
}

/// A request whose head was read.
pub(crate) struct Asked<B> {
    version: Version,
    headers: HeaderMap,
    body: B,
    wanted: Wanted,
}

/// What a request asks for: a call, or something that is answered at once.
enum Wanted {
    Call(Call),
    Answer(Response<Full<Bytes>>),
}

/// A message without its envelope, which is the body, and who is to get it.
struct Call {
    service: Arc<dyn Dispatch>,
    message: Message,
    coding: Option<Coding>,
}

/// A request that is not dispatched.
struct Refusal {
    status: StatusCode,
    text: String,
    /// The request cannot be told from the next.
    close: bool,
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            close: false,
        }
    }

    fn and_close(mut self) -> Self {
        self.close = true;
        self
    }

    fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = plain(self.status, self.text);
        if self.close {
            close(&mut response);
        }
        response
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let status = match error {
            BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            BodyError::Broken(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

/// A text for people.
pub(crate) fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, PLAIN);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}

/// Announces that the connection ends with this answer.
pub(crate) fn close(response: &mut Response<Full<Bytes>>) {
    let value = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, value);
}

impl Responder {
    pub(crate) fn new(options: &Options, http: &HttpOptions) -> Self {
        Self {
            pace: Pace::of_request(&options.limits, &options.timeouts),
            #[cfg(feature = "gzip")]
            limits: options.limits.clone(),
            gzip: http.gzip,
        }
    }

    /// Reads the head of a request; `route` finds the service of a path.
    pub(crate) fn ask<B>(
        &self,
        request: Request<B>,
        place: Place<'_>,
        route: impl FnOnce(&str) -> Option<Arc<dyn Dispatch>>,
    ) -> Asked<B> {
        let (parts, body) = request.into_parts();
        Asked {
            wanted: wanted(&parts, place, route),
            version: parts.version,
            headers: parts.headers,
            body,
        }
    }

    /// Reads the body of a request, runs its call and answers it.
    pub(crate) async fn answer<B>(
        &self,
        asked: &mut Asked<B>,
        connection: Option<&Connection>,
    ) -> Response<Full<Bytes>>
    where
        B: Body + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut unread = !asked.body.is_end_stream();
        let mut response = match &mut asked.wanted {
            Wanted::Call(call) => match body::read(&self.pace, &mut asked.body).await {
                Ok(envelope) => {
                    unread = false;
                    match self.decode(envelope, call.coding) {
                        Ok(envelope) => {
                            let outcome = call.run(envelope, connection).await;
                            self.response(outcome, std::mem::take(&mut asked.headers))
                        }
                        Err(refusal) => refusal.into_response(),
                    }
                }
                Err(error) => Refusal::from(error).into_response(),
            },
            Wanted::Answer(response) => std::mem::take(response),
        };
        if unread {
            // hyper may be unable to go on behind the rest of the body.
            close(&mut response);
        }
        if asked.version > Version::HTTP_11 {
            response.headers_mut().remove(header::CONNECTION);
        }
        response
    }

    /// The envelope in a body.
    #[cfg(feature = "gzip")]
    fn decode(&self, body: Bytes, coding: Option<Coding>) -> Result<Bytes, Refusal> {
        use crate::compress::InflateError;
        let Some(coding) = coding else {
            return Ok(body);
        };
        coding.inflate(&body, &self.limits).map_err(|error| {
            let status = match error {
                InflateError::Invalid(_) => StatusCode::BAD_REQUEST,
                _ => StatusCode::PAYLOAD_TOO_LARGE,
            };
            Refusal::new(status, error.to_string())
        })
    }

    #[cfg(not(feature = "gzip"))]
    fn decode(&self, body: Bytes, coding: Option<Coding>) -> Result<Bytes, Refusal> {
        match coding {
            None => Ok(body),
            Some(unknown) => match unknown {},
        }
    }

    /// The answer to a request with the fields `asked`, whose room is used again: hyper keeps it for the next request.
    fn response(&self, outcome: Outcome, asked: HeaderMap) -> Response<Full<Bytes>> {
        match outcome {
            Outcome::Reply(reply) => self.reply(reply, asked),
            Outcome::Accepted(work) => {
                tokio::spawn(work);
                let mut response = Response::new(Full::default());
                *response.status_mut() = StatusCode::ACCEPTED;
                response
            }
            Outcome::VersionMismatchesMediaType => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the media type belongs to another version of SOAP than the Envelope",
            ),
            _ => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the service has no answer for HTTP",
            ),
        }
    }

    fn reply(&self, reply: Message, asked: HeaderMap) -> Response<Full<Bytes>> {
        let status = reply.status.unwrap_or(200);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let version = reply.version.unwrap_or(SoapVersion::Soap11);
        let (body, coding) = self.encode(reply.envelope, &asked);
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        *headers = emptied(asked);
        headers.insert(header::CONTENT_TYPE, head::content_type(version));
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, coding);
        }
        if self.gzip {
            let varies = HeaderValue::from_static("accept-encoding");
            headers.insert(header::VARY, varies);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }

    #[cfg(feature = "gzip")]
    fn encode(&self, body: Bytes, asked: &HeaderMap) -> (Bytes, Option<HeaderValue>) {
        /// A smaller body fits in a segment as it is.
        const SMALL: usize = 1 << 10;
        if self.gzip && body.len() > SMALL && takes_gzip(asked) {
            match crate::compress::gzip(&body) {
                Ok(gzipped) => return (gzipped, Some(HeaderValue::from_static("gzip"))),
                Err(error) => tracing::warn!(%error, "answer sent without compression"),
            }
        }
        (body, None)
    }

    #[cfg(not(feature = "gzip"))]
    fn encode(&self, body: Bytes, _: &HeaderMap) -> (Bytes, Option<HeaderValue>) {
        (body, None)
    }
}

impl Call {
    /// Runs the service on `envelope`, and watches the `connection` meanwhile.
    fn run<'c>(
        &mut self,
        envelope: Bytes,
        connection: Option<&'c Connection>,
    ) -> impl Future<Output = Outcome> + use<'c> {
        let mut message = std::mem::take(&mut self.message);
        message.envelope = envelope;
        let gone = message.peer.as_ref().map(|peer| peer.gone.clone());
        let running = Arc::clone(&self.service).dispatch(message);
        async move {
            match (connection, gone) {
                (Some(connection), Some(gone)) => connection.watch(running, &gone).await,
                _ => running.await,
            }
        }
    }
}

fn wanted(
    parts: &Parts,
    place: Place<'_>,
    route: impl FnOnce(&str) -> Option<Arc<dyn Dispatch>>,
) -> Wanted {
    let wanted = || {
        check_host(parts)?;
        let path = parts.uri.path();
        let no_service = || Refusal::new(StatusCode::NOT_FOUND, format!("no service at {path}"));
        let service = route(path).ok_or_else(no_service)?;
        if parts.method != Method::POST {
            return wsdl(parts, &service, place).map(Wanted::Answer);
        }
        let (message, coding) = message(&parts.headers, place.peer)?;
        Ok(Wanted::Call(Call {
            service,
            message,
            coding,
        }))
    };
    wanted().unwrap_or_else(|refusal: Refusal| Wanted::Answer(refusal.into_response()))
}

/// The message in a request but for its body, and how that is coded.
fn message(headers: &HeaderMap, peer: &Peer) -> Result<(Message, Option<Coding>), Refusal> {
    let announced = head::announced(headers).ok_or_else(|| {
        let sent = headers.get(header::CONTENT_TYPE);
        let sent = String::from_utf8_lossy(sent.map_or(b"", HeaderValue::as_bytes));
        let sent: String = sent.chars().take(80).collect();
        let text = format!("the media type {sent:?} is neither text/xml nor application/soap+xml");
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
    })?;
    let mut message = Message::default();
    message.version = announced.version;
    message.action = announced.action;
    message.charset = announced.charset;
    message.peer = Some(peer.clone());
    Ok((message, content_coding(headers)?))
}

/// The content coding of a request.
fn content_coding(headers: &HeaderMap) -> Result<Option<Coding>, Refusal> {
    let name = headers.get(header::CONTENT_ENCODING);
    let name = name.map(|value| value.to_str().unwrap_or("?").trim());
    let name = name.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let Some(name) = name else { return Ok(None) };
    #[cfg(feature = "gzip")]
    if let Some(coding) = Coding::named(name) {
        return Ok(Some(coding));
    }
    let text = format!("the content coding {name} is not taken");
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
}

/// No fields, and the room of `fields` for others, unless it is large: a connection keeps it.
fn emptied(mut fields: HeaderMap) -> HeaderMap {
    if fields.capacity() > MOST_KEPT {
        return HeaderMap::new();
    }
    fields.clear();
    fields
}

/// True if `Accept-Encoding` names gzip and does not refuse it by `q=0`.
#[cfg(feature = "gzip")]
fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = codings
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start();
        let weight = weight.strip_prefix('=').map_or("1", str::trim);
        let refused = weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// RFC 9112 3.2: one `Host`, a valid one; HTTP/1.0 may leave it out.
fn check_host(parts: &Parts) -> Result<(), Refusal> {
    let fields = &parts.headers;
    // The common case: no field occurs twice, and the host needs no parser.
    let is_plain = fields.len() == fields.keys_len()
        && fields.get(header::HOST).is_some_and(head::is_plain_host);
    if is_plain || parts.version > Version::HTTP_11 {
        return Ok(());
    }
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    let wrong = match (first, second) {
        (None, _) if parts.version == Version::HTTP_11 => "a request without Host",
        (_, Some(_)) => "a request with two Hosts",
        (Some(host), _) if !host.is_empty() && head::authority(host).is_none() => {
            "a Host that is no host"
        }
        _ => return Ok(()),
    };
    Err(Refusal::new(StatusCode::BAD_REQUEST, wrong).and_close())
}

/// The WSDL for GET and HEAD of `?wsdl`; nothing else is had without POST.
fn wsdl(
    parts: &Parts,
    service: &Arc<dyn Dispatch>,
    place: Place<'_>,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let not_post = || {
        Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "a SOAP service takes POST; its WSDL is at ?wsdl",
        )
    };
    let asked = matches!(parts.method, Method::GET | Method::HEAD)
        && parts.uri.query().is_some_and(|query| {
            let key = query.split(['=', '&']).next().unwrap_or_default();
            key.eq_ignore_ascii_case("wsdl") || key.eq_ignore_ascii_case("singleWsdl")
        });
    if !asked {
        return Err(not_post());
    }
    let text = service
        .wsdl(&Port::new(&location(parts, place)))
        .ok_or_else(not_post)?;
    let mut response = Response::new(Full::new(text.into()));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, TEXT_XML);
    Ok(response)
}

/// Where the peer reaches the service: as told, else as it has reached it now (RFC 9112 3.2.2: a target in absolute form goes
/// before `Host`; HTTP/2 has no other).
fn location(parts: &Parts, place: Place<'_>) -> String {
    if let Some(url) = place.public {
        return url.to_owned();
    }
    let path = parts.uri.path();
    let target = parts.uri.authority().map(Authority::as_str);
    if let Some(authority) = target.filter(|authority| !authority.contains('@')) {
        let scheme = match parts.uri.scheme_str() {
            Some("https") => "https",
            _ => place.peer.scheme,
        };
        return format!("{scheme}://{authority}{path}");
    }
    let host = parts.headers.get(header::HOST).and_then(head::authority);
    match (host, place.url) {
        (Some(host), _) => format!("{}://{host}{path}", place.peer.scheme),
        (None, Some(url)) => url.to_owned(),
        (None, None) => path.to_owned(),
    }
}

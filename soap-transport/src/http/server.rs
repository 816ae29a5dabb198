//! The listener of HTTP: a socket, hyper on each connection, services by path.

use std::{convert::Infallible, future::poll_fn, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use soap_core::{
    CloseFirst, Options, Peer, Timeouts,
    transport::{BoxFuture, Dispatch, Listener, Mounts, Stop, TransportError},
};
use url::Url;

use super::{
    HttpOptions,
    respond::{Place, Responder, close, plain},
};
use crate::{
    layer::ServerLayer,
    rouse::Rouse,
    server::{
        accept::{Acceptor, Protocol},
        connection::{Connection, Phase},
        connections::{Binding, Connections, Ticket},
        listen::{Listening, listen},
        stream::{Bounds, ServerStream, Socket},
    },
    stream::Stream,
};

/// Time in which a connection without a place has to send its request, to be told so.
const REFUSING: Duration = Duration::from_secs(1);
/// Defaults of the transport's own.
const REQUESTS: u64 = 100_000;
const AGE: Duration = Duration::from_secs(3600);
const IDLE: Duration = Duration::from_secs(15);

/// A socket that listens, not yet served.
#[derive(Debug)]
pub(super) struct HttpListener {
    listener: Listening,
    url: Url,
    options: Options,
    http: HttpOptions,
    layer: ServerLayer,
    mounts: Vec<(String, Arc<dyn Dispatch>)>,
    connections: Arc<Connections>,
}

impl HttpListener {
    pub(super) async fn bind(
        url: &Url,
        options: &Options,
        http: &HttpOptions,
        layer: ServerLayer,
    ) -> Result<Self, TransportError> {
        if url.query().is_some() || url.fragment().is_some() {
            let text = format!("\"{url}\": a URL to listen on has no query and no fragment");
            return Err(TransportError::config(text));
        }
        let port = url.port_or_known_default().unwrap_or(80);
        let (listener, url) = listen(url.clone(), port, options).await?;
        let mounts = options.get::<Mounts>().cloned().unwrap_or_default();
        Ok(Self {
            listener,
            options: options.clone(),
            http: http.clone(),
            layer,
            mounts: mounts
                .iter()
                .map(|mount| encoded(&url, mount))
                .collect::<Result<_, _>>()?,
            url,
            connections: Connections::among(options),
        })
    }
}

/// The mount with its path as it stands in requests.
fn encoded(
    url: &Url,
    (path, service): &(String, Arc<dyn Dispatch>),
) -> Result<(String, Arc<dyn Dispatch>), TransportError> {
    if !path.starts_with('/') {
        let text = format!("{path:?} cannot be mounted: a path starts with /");
        return Err(TransportError::config(text));
    }
    let mut mounted = url.clone();
    mounted.set_path(path);
    if mounted.path() == url.path() && url.path() != "/" {
        let text = format!("{path:?} is mounted, but it is the path of the service bound to {url}");
        return Err(TransportError::config(text));
    }
    Ok((mounted.path().to_owned(), Arc::clone(service)))
}

impl Listener for HttpListener {
    fn url(&self) -> &str {
        self.url.as_str()
    }

    fn serve(
        self: Box<Self>,
        service: Arc<dyn Dispatch>,
        stop: Stop,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let mut hyper = http1::Builder::new();
        // The bounds on first byte, head and idle time are those of ServerStream. hyper's own also counts the time in which
        // the last answer is still being written, and sets a timer for every request.
        hyper
            .header_read_timeout(None)
            .max_header_size(self.options.limits.head)
            .half_close(true);
        let scheme = match self.url.scheme() {
            "https" => "https",
            _ => "http",
        };
        let path = self.url.path();
        let protocol = HttpProtocol {
            hyper,
            responder: Responder::new(&self.options, &self.http),
            path: (path != "/").then(|| path.to_owned()),
            url: self.url.to_string(),
            service,
            mounts: self.mounts,
            options: self.options.clone(),
            layer: self.layer,
        };
        let acceptor = Acceptor {
            protocol: Arc::new(protocol),
            connections: self.connections,
            scheme,
            options: self.options,
        };
        Box::pin(acceptor.run(self.listener, stop))
    }
}

/// What the connections of one binding have in common.
struct HttpProtocol {
    hyper: http1::Builder,
    responder: Responder,
    /// The path of `service`; `None`: every path without a mount.
    path: Option<String>,
    url: String,
    service: Arc<dyn Dispatch>,
    mounts: Vec<(String, Arc<dyn Dispatch>)>,
    options: Options,
    layer: ServerLayer,
}

/// One connection of a binding.
struct Session {
    protocol: Arc<HttpProtocol>,
    connection: Arc<Connection>,
    binding: Arc<Binding>,
    peer: Peer,
}

impl Session {
    /// Answers a request. What needs no waiting is done before the future is made, so that this holds little.
    fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Full<Bytes>>, Infallible>> + use<> {
        let session = Arc::clone(self);
        let Options {
            capacity,
            timeouts,
            socket,
            ..
        } = &self.protocol.options;
        let had_its_share = self.connection.request(
            capacity.requests_per_connection.unwrap_or(REQUESTS),
            timeouts.connection.unwrap_or(AGE),
        );
        let is_last = had_its_share || socket.close_first == CloseFirst::Server;
        let place = Place {
            peer: &self.peer,
            url: Some(&self.protocol.url),
            public: None,
        };
        let route = |path: &str| self.protocol.route(path).cloned();
        let mut asked = self.protocol.responder.ask(request, place, route);
        async move {
            let Self {
                protocol,
                connection,
                binding,
                ..
            } = &*session;
            let answering = protocol.responder.answer(&mut asked, Some(connection));
            let mut response = answering.await;
            if is_last || binding.is_stopping() {
                close(&mut response);
            }
            connection.enter(Phase::Answering);
            Ok(response)
        }
    }
}

impl HttpProtocol {
    fn route(&self, path: &str) -> Option<&Arc<dyn Dispatch>> {
        if let Some((_, service)) = self.mounts.iter().find(|(mounted, _)| mounted == path) {
            return Some(service);
        }
        let own = self.path.as_deref().is_none_or(|own| own == path);
        own.then_some(&self.service)
    }

    fn io(
        &self,
        connection: &Arc<Connection>,
        stream: Stream<Socket>,
        timeouts: &Timeouts,
    ) -> TokioIo<ServerStream> {
        let bounds = Bounds {
            first_byte: timeouts.first_byte,
            message: timeouts.head,
            idle: timeouts.idle.unwrap_or(IDLE),
            write: timeouts.write,
            answer: timeouts.connection.unwrap_or(AGE),
            rate: self.options.limits.body_rate,
        };
        TokioIo::new(ServerStream::new(Arc::clone(connection), stream, bounds))
    }

    async fn serve_on(self: Arc<Self>, connection: Arc<Connection>, binding: Arc<Binding>) {
        let timeouts = &self.options.timeouts;
        let Some(stream) = self.layer.open(&connection, timeouts.tls).await else {
            return;
        };
        let scheme = stream.certificates().map_or("http", |_| "https");
        let certificates = stream.certificates().unwrap_or_default();
        let peer = Peer::new(scheme, Some(connection.peer())).certificates(certificates);
        let io = self.io(&connection, stream, timeouts);
        let session = Arc::new(Session {
            protocol: Arc::clone(&self),
            connection,
            binding,
            peer,
        });
        // Boxed: hyper keeps room for the future in each connection.
        let service = service_fn(move |request| Box::pin(session.answer(request)));
        let mut serving = pin!(self.hyper.serve_connection(io, service));
        let rouse = Rouse::default();
        let served = poll_fn(|cx| rouse.poll(cx, |cx| serving.as_mut().poll(cx)));
        if let Err(error) = served.await {
            tracing::debug!(%error, "connection ended");
        }
    }

    async fn refuse_on(self: Arc<Self>, connection: Arc<Connection>) {
        let mut timeouts = self.options.timeouts.clone();
        for time in [
            &mut timeouts.tls,
            &mut timeouts.first_byte,
            &mut timeouts.head,
        ] {
            *time = (*time).min(REFUSING);
        }
        let Some(stream) = self.layer.open(&connection, timeouts.tls).await else {
            return;
        };
        let io = self.io(&connection, stream, &timeouts);
        let service = service_fn(move |_: Request<Incoming>| {
            connection.enter(Phase::Answering);
            let mut response = plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many connections; try again later",
            );
            close(&mut response);
            std::future::ready(Ok::<_, Infallible>(response))
        });
        if let Err(error) = self.hyper.serve_connection(io, service).await {
            tracing::debug!(%error, "connection ended");
        }
    }
}

impl Protocol for HttpProtocol {
    fn serve(self: &Arc<Self>, ticket: &Ticket) -> BoxFuture<'static, ()> {
        let connection = Arc::clone(ticket.connection());
        let binding = Arc::clone(ticket.binding());
        Box::pin(Arc::clone(self).serve_on(connection, binding))
    }

    fn refuse(self: &Arc<Self>, ticket: &Ticket) -> BoxFuture<'static, ()> {
        let connection = Arc::clone(ticket.connection());
        Box::pin(Arc::clone(self).refuse_on(connection))
    }
}

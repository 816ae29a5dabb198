//! A SOAP service as a [`tower_service::Service`], to be mounted in any HTTP server built on hyper.

use std::{
    convert::Infallible,
    fmt,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use soap_core::{
    Addressing, IntoDispatch, Options, Peer,
    transport::{BoxFuture, Dispatch, TransportError},
};

use super::{
    HttpOptions, http_options,
    respond::{Place, Responder},
};
use crate::{
    Gate,
    server::{Addressed, check_answers_to},
};

/// A service at whatever path the server around it gives it, for instance axum's `route_service`.
///
/// Bounds on calls, handlers and bodies are those of [`Options`]; connections and heads are the other server's. The address of
/// the peer is taken from a [`SocketAddr`] among the request's extensions, if there is one. WS-Addressing is as the options say: taken
/// where it comes, unless they do.
#[derive(Clone)]
pub struct HttpService {
    service: Arc<dyn Dispatch>,
    responder: Arc<Responder>,
    url: Option<Arc<str>>,
}

impl HttpService {
    /// `service` with the default options of a server.
    pub fn new(service: impl IntoDispatch) -> Self {
        Self::gated(service, &Options::server(), &HttpOptions::new())
    }

    /// `service` with these options.
    ///
    /// # Errors
    /// Fails on options HTTP does not know, on [`HttpOptions`] of a client, and on addresses for answers that none can be sent to.
    pub fn with_options(
        service: impl IntoDispatch,
        options: &Options,
    ) -> Result<Self, TransportError> {
        let http = http_options("http", options, &[std::any::TypeId::of::<HttpOptions>()])?;
        http.check_server()?;
        check_answers_to(&options.addressing, &crate::default_registry())?;
        Ok(Self::gated(service, options, &http))
    }

    fn gated(service: impl IntoDispatch, options: &Options, http: &HttpOptions) -> Self {
        let mut addressing = options.addressing.clone();
        addressing.mode.get_or_insert(Addressing::Optional);
        let gate = Arc::new(Gate::new(service, options));
        Self {
            service: Addressed::before(gate, &Arc::new(addressing)),
            responder: Arc::new(Responder::new(options, http)),
            url: None,
        }
    }

    /// The URL at which clients reach the service, told by its WSDL. Unless said it is taken from the request, whose scheme and
    /// path may be those behind a proxy or a router.
    #[must_use]
    pub fn url(mut self, url: impl Into<Arc<str>>) -> Self {
        self.url = Some(url.into());
        self
    }
}

impl<B> tower_service::Service<Request<B>> for HttpService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Self {
            service,
            responder,
            url,
        } = self.clone();
        let address = request.extensions().get::<SocketAddr>().copied();
        let place = Place {
            peer: &Peer::new("http", address),
            url: None,
            public: url.as_deref(),
        };
        // Pinned, as the body of another server may need to be.
        let request = request.map(Box::pin);
        let mut asked = responder.ask(request, place, |_| Some(service));
        Box::pin(async move { Ok(responder.answer(&mut asked, None).await) })
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpService").field(&self.service).finish()
    }
}

//! What the suite has to know of a transport: how its two sides are made.

use std::{
    future::IntoFuture,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use soapstone::{
    Endpoint, Server, SoapVersion,
    server::Running,
    transport::{Memory, Options, Registry, default_registry},
};
use tokio::time::timeout;

use crate::service::{Probe, PromisesClient, PromisesServer, worker};
#[cfg(all(unix, feature = "tcp"))]
use crate::unix_transport::Unix;

/// Longer than anything takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

type Exception = (&'static str, &'static str);

/// A transport under test.
pub(crate) struct Harness {
    registry: Box<dyn Fn() -> Registry + Send + Sync>,
    shared: Registry,
    url: Box<dyn Fn() -> String + Send + Sync>,
    server: Options,
    client: Options,
    exceptions: &'static [Exception],
}

/// A transport of the default registry, bound to a URL with port 0.
pub(crate) fn built_in(url: &'static str) -> Harness {
    Harness::new(default_registry, move || url.to_owned())
}

/// The same with TLS, where both sides know the certificate.
#[cfg(feature = "tls")]
pub(crate) fn with_tls(url: &'static str) -> Harness {
    use soapstone::transport::tls::{ClientTls, Identity, Roots, ServerTls};

    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
    let made = made.expect("a certificate");
    let certificate = made.cert.der().to_vec();
    let roots = Roots::from_der([certificate.clone()]).expect("a root");
    let identity = Identity::from_der([certificate], made.signing_key.serialize_der());
    let identity = identity.expect("an identity");
    let harness = built_in(url);
    Harness {
        server: harness.server.with(ServerTls::new(identity)),
        client: harness.client.with(ClientTls::new().roots(roots)),
        ..harness
    }
}

/// The same on which a connection carries one exchange.
#[cfg(feature = "tcp")]
pub(crate) fn unkept(url: &'static str) -> Harness {
    Harness {
        exceptions: &[(
            "a_call_that_is_refused_does_not_end_the_connection",
            "every call ends its connection",
        )],
        ..built_in(url)
    }
}

/// One envelope a datagram, for callers with WS-Addressing and without.
#[cfg(feature = "udp")]
pub(crate) fn datagrams(url: &'static str) -> Harness {
    use soapstone::addressing::Addressing;

    const NO_CONNECTION: &str = "there is no connection that could break, end or be refused";
    const TOO_LARGE: &str = "a datagram holds 65,507 bytes";
    let mut harness = built_in(url);
    harness.server.addressing = Addressing::Optional.into();
    Harness {
        exceptions: &[
            (
                "a_connection_lost_within_a_call_is_ambiguous",
                NO_CONNECTION,
            ),
            ("a_call_is_never_sent_twice", NO_CONNECTION),
            ("an_idempotent_call_is_sent_again_once", NO_CONNECTION),
            (
                "a_kept_connection_that_has_ended_is_not_used",
                NO_CONNECTION,
            ),
            (
                "a_call_that_is_refused_does_not_end_the_connection",
                NO_CONNECTION,
            ),
            ("a_handler_can_know_that_its_caller_has_left", NO_CONNECTION),
            ("where_nobody_listens_is_no_connection", NO_CONNECTION),
            ("a_stop_answers_the_call_in_flight", NO_CONNECTION),
            (
                "a_stop_past_its_deadline_ends_the_calls_in_flight",
                NO_CONNECTION,
            ),
            ("a_large_message_arrives_whole", TOO_LARGE),
            (
                "an_answer_over_the_limit_of_the_client_is_refused",
                TOO_LARGE,
            ),
        ],
        ..harness
    }
}

pub(crate) fn memory() -> Harness {
    const NO_CONNECTION: &str = "a call within one process has no connection that could break";
    let scheme = Memory::new();
    Harness {
        exceptions: &[
            (
                "a_connection_lost_within_a_call_is_ambiguous",
                NO_CONNECTION,
            ),
            ("a_call_is_never_sent_twice", NO_CONNECTION),
            ("an_idempotent_call_is_sent_again_once", NO_CONNECTION),
            (
                "a_kept_connection_that_has_ended_is_not_used",
                NO_CONNECTION,
            ),
            (
                "a_call_that_is_refused_does_not_end_the_connection",
                NO_CONNECTION,
            ),
            (
                "a_stop_past_its_deadline_ends_the_calls_in_flight",
                NO_CONNECTION,
            ),
        ],
        ..Harness::new(
            move || Registry::new().with(scheme.clone()),
            || format!("memory://promises-{}", number()),
        )
    }
}

/// The transport of a third party, as an example shows it.
#[cfg(all(unix, feature = "tcp"))]
pub(crate) fn unix() -> Harness {
    let folder =
        Folder(std::env::temp_dir().join(format!("soapstone-{}-{}", std::process::id(), number())));
    std::fs::create_dir(&folder.0).expect("a folder for sockets");
    Harness::new(
        || default_registry().with(Unix),
        move || format!("unix://{}/{}.sock", folder.0.display(), number()),
    )
}

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("the folder is there");
    }
}

/// Tells apart what stands side by side.
pub(crate) fn number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Harness {
    /// `registry` makes one with a pool of its own; `url` is one to bind.
    pub(crate) fn new(
        registry: impl Fn() -> Registry + Send + Sync + 'static,
        url: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        let mut server = Options::server();
        server.capacity.in_flight = Some(1000);
        Self {
            shared: registry(),
            registry: Box::new(registry),
            url: Box::new(url),
            server,
            client: Options::client(),
            exceptions: &[],
        }
    }

    /// The promises this transport cannot have, each with the reason.
    pub(crate) fn exceptions(&self) -> &'static [Exception] {
        self.exceptions
    }

    /// Why it cannot have this one.
    pub(crate) fn exception(&self, promise: &str) -> Option<&'static str> {
        let found = self.exceptions.iter().find(|(name, _)| *name == promise);
        found.map(|(_, why)| *why)
    }

    /// The transports.
    pub(crate) fn registry(&self) -> Registry {
        self.shared.clone()
    }

    /// A URL to bind.
    pub(crate) fn url(&self) -> String {
        (self.url)()
    }

    /// The options of a server.
    pub(crate) fn options(&self) -> Options {
        self.server.clone()
    }

    pub(crate) async fn serve(&self) -> Served {
        self.serve_at(&self.url(), self.options()).await
    }

    pub(crate) async fn serve_with(&self, change: impl FnOnce(&mut Options)) -> Served {
        let mut options = self.options();
        change(&mut options);
        self.serve_at(&self.url(), options).await
    }

    pub(crate) async fn serve_at(&self, url: &str, options: Options) -> Served {
        let (worker, probe) = worker();
        let server = Server::new(PromisesServer::new(worker)).registry(self.shared.clone());
        let running = server.options(options).bind(url).start().await;
        let running = running.expect("the server starts");
        Served {
            url: running.urls()[0].clone(),
            running,
            probe,
        }
    }

    /// The way to `url`, over the connections that all endpoints of this harness share.
    pub(crate) fn endpoint(&self, url: &str) -> Endpoint {
        let endpoint = Endpoint::new(url).registry(self.shared.clone());
        endpoint.options(self.client.clone())
    }

    pub(crate) async fn client(&self, url: &str) -> PromisesClient {
        connected(self.endpoint(url)).await
    }

    pub(crate) async fn client_in(&self, version: SoapVersion, url: &str) -> PromisesClient {
        connected(self.endpoint(url).version(version)).await
    }

    pub(crate) async fn client_with(
        &self,
        url: &str,
        change: impl FnOnce(&mut Options),
    ) -> PromisesClient {
        let mut options = self.client.clone();
        change(&mut options);
        connected(self.endpoint(url).options(options)).await
    }

    /// The way to `url` of somebody who has no connection yet.
    pub(crate) fn stranger(&self, url: &str) -> Endpoint {
        self.endpoint(url).registry((self.registry)())
    }
}

async fn connected(endpoint: Endpoint) -> PromisesClient {
    PromisesClient::new(endpoint.connect().await.expect("a way to the server"))
}

/// A server of the service of the suite.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) running: Running,
    pub(crate) probe: Probe,
}

/// What comes of `future`, which must end in time.
pub(crate) async fn in_time<F: IntoFuture>(future: F) -> F::Output {
    timeout(PATIENCE, future.into_future())
        .await
        .expect("in time")
}

//! The in-process transport keeps the promises of the others.

use std::{fmt, sync::Arc, time::Duration};

use soap_core::{
    Fault, Message,
    transport::{
        BoxFuture, Dispatch, Expect, Outcome, Registry, Request, Transport, TransportError,
    },
};
use soap_transport::{Endpoint, Memory, Running, Server, memory};
use tokio::sync::{Notify, Semaphore};

const PATIENCE: Duration = Duration::from_secs(20);

/// Does what the envelope says.
#[derive(Clone)]
struct Told(Arc<Semaphore>, Arc<Notify>);

impl Told {
    fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)), Arc::default())
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

impl Dispatch for Told {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            assert_eq!(request.peer.as_ref().unwrap().scheme, "memory");
            let work = Arc::clone(&self.0);
            match &request.envelope[..] {
                b"<accept/>" => Outcome::Accepted(Box::pin(async move { work.add_permits(1) })),
                b"<wait/>" => {
                    self.1.notified().await;
                    work.add_permits(1);
                    Outcome::Reply(request)
                }
                b"<mismatch/>" => Outcome::VersionMismatchesMediaType,
                b"<fault/>" => Outcome::Reply(self.refuse(&request, &Fault::receiver("told to"))),
                _ => Outcome::Reply(Message::new(request.envelope)),
            }
        })
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        let mut fault = Message::new(fault.reason().to_owned());
        fault.status = Some(500);
        fault
    }
}

async fn call(
    transport: &dyn Transport,
    envelope: &'static str,
    expect: Expect,
) -> Result<Option<Message>, TransportError> {
    let mut request = Request::new(Message::new(envelope));
    request.expect = expect;
    request.timeout = Some(Duration::from_millis(50));
    transport.exchange(request).next().await.transpose()
}

async fn serve(told: &Told, registry: &Registry) -> Running {
    let service: Arc<dyn Dispatch> = Arc::new(told.clone());
    let server = Server::new(service).registry(registry.clone());
    server.bind("memory://calc").start().await.unwrap()
}

#[tokio::test]
async fn calls_of_every_kind() {
    let told = Told::new();
    let registry = Registry::new().with(Memory::new());
    let running = serve(&told, &registry).await;
    assert_eq!(running.urls(), ["memory://calc"]);
    let endpoint = Endpoint::new("memory://calc").registry(registry.clone());
    let service: Arc<dyn Dispatch> = Arc::new(told.clone());
    let transports: [Arc<dyn Transport>; 2] = [
        endpoint.transport().await.unwrap(),
        Arc::new(memory::transport(service)),
    ];
    for transport in &transports {
        let answer = call(transport, "<a/>", Expect::One).await.unwrap().unwrap();
        assert_eq!(
            (&answer.envelope[..], answer.status),
            (&b"<a/>"[..], Some(200))
        );
        let fault = call(transport, "<fault/>", Expect::One)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(fault.status, Some(500));
        assert!(
            call(transport, "<accept/>", Expect::Nothing)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            call(transport, "<a/>", Expect::Nothing)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            call(transport, "<fault/>", Expect::Nothing)
                .await
                .unwrap()
                .is_some()
        );
        let error = call(transport, "<accept/>", Expect::One).await.unwrap_err();
        assert_eq!(error.http(), Some((202, &b""[..])));
        let error = call(transport, "<mismatch/>", Expect::One)
            .await
            .unwrap_err();
        assert_eq!(error.http(), Some((415, &b""[..])));
        let done = tokio::time::timeout(PATIENCE, told.0.acquire_many(2))
            .await
            .unwrap();
        done.unwrap().forget();
        let error = call(transport, "<wait/>", Expect::One).await.unwrap_err();
        assert!(error.timed_out().is_some() && error.is_ambiguous());
        told.1.notify_one();
        let ran_on = tokio::time::timeout(PATIENCE, told.0.acquire())
            .await
            .unwrap();
        ran_on.unwrap().forget();
        let large = Message::new(vec![b'x'; (4 << 20) + 1]);
        let refused = transport
            .exchange(Request::new(large))
            .next()
            .await
            .unwrap();
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("limit of 4194304 bytes")
        );
    }
}

#[tokio::test]
async fn what_is_not_bound_is_not_reached() {
    let told = Told::new();
    let registry = Registry::new().with(Memory::new());
    let endpoint = Endpoint::new("memory://calc").registry(registry.clone());
    assert!(endpoint.transport().await.unwrap_err().is_connect());
    let running = serve(&told, &registry).await;
    let transport = endpoint.transport().await.unwrap();
    let service: Arc<dyn Dispatch> = Arc::new(told.clone());
    let second = Server::new(service)
        .registry(registry.clone())
        .bind("memory://calc");
    assert_eq!(
        second.start().await.unwrap_err().to_string(),
        "\"memory://calc\" is bound already"
    );
    call(&*transport, "<a/>", Expect::One).await.unwrap();
    running.stop(PATIENCE).await.unwrap();
    let error = call(&*transport, "<a/>", Expect::One).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    let again = serve(&told, &registry).await;
    call(&*transport, "<a/>", Expect::One).await.unwrap();
    again.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_server_without_a_use_for_its_mount_says_so() {
    let service = || -> Arc<dyn Dispatch> { Arc::new(Told::new()) };
    let server = Server::new(service()).registry(Registry::new().with(Memory::new()));
    let error = server
        .bind("memory://calc")
        .mount("/a", service())
        .start()
        .await
        .unwrap_err();
    assert!(
        error.is_config() && error.to_string().starts_with("\"/a\" is mounted"),
        "{error}"
    );
    let error = Server::new(service()).start().await.unwrap_err();
    assert!(
        error.is_config() && error.to_string().contains("without a URL"),
        "{error}"
    );
}

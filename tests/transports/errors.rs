//! What cannot be reached or understood.

use soapstone::{
    CallError, Endpoint, Server,
    transport::{Options, TransportError},
};

use crate::{
    harness::{Harness, PATIENCE, in_time},
    service::{PromisesClient, PromisesServer, worker},
};

pub(crate) async fn where_nobody_listens_is_no_connection(at: Harness) {
    let served = at.serve().await;
    let stopped = in_time(served.running.stop(PATIENCE)).await;
    stopped.expect("in good order");
    let error = match at.stranger(&served.url).connect().await {
        Err(error) => error,
        Ok(channel) => match PromisesClient::new(channel).add(1, 2).await {
            Err(CallError::Transport(error)) => error,
            other => panic!("{other:?}"),
        },
    };
    assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
}

fn lists_the_known(at: &Harness, error: &TransportError) {
    assert!(error.is_config() && !error.is_ambiguous(), "{error:?}");
    let text = error.to_string();
    for name in ["gopher"].into_iter().chain(at.registry().names()) {
        assert!(text.contains(name), "{name}: {text}");
    }
}

pub(crate) async fn an_unknown_scheme_is_an_error_that_lists_the_known_ones(at: Harness) {
    let url = "gopher://127.0.0.1:70/";
    let endpoint = at.endpoint(url).connect().await;
    lists_the_known(&at, &endpoint.expect_err("unknown"));
    let (worker, _probe) = worker();
    let server = Server::new(PromisesServer::new(worker)).registry(at.registry());
    let server = server.bind(at.url()).bind(url).start().await;
    lists_the_known(&at, &server.expect_err("unknown"));
}

/// An option that no transport knows.
#[derive(Debug)]
struct Strange;

pub(crate) async fn options_of_an_unknown_type_are_refused_by_name(at: Harness) {
    let refused = |error: TransportError| {
        assert!(error.is_config(), "{error:?}");
        assert!(
            error.to_string().ends_with("the options Strange"),
            "{error}"
        );
    };
    let served = at.serve().await;
    let endpoint: Endpoint = at.endpoint(&served.url).with(Strange);
    refused(endpoint.connect().await.expect_err("strange"));
    let server = |options: Options| {
        let (worker, _) = worker();
        let server = Server::new(PromisesServer::new(worker)).registry(at.registry());
        server.options(options)
    };
    let strange = at.options().with(Strange);
    let one = server(strange.clone()).bind(at.url()).start().await;
    refused(one.expect_err("strange"));
    let two = server(strange).bind(at.url()).bind(at.url());
    refused(two.start().await.expect_err("strange"));
}

#[cfg(feature = "tcp")]
#[tokio::test]
async fn a_url_of_bare_envelopes_has_a_port() {
    for url in [
        "soap.tcp://127.0.0.1",
        "soap.tcp://127.0.0.1/a",
        "tcp://127.0.0.1",
        #[cfg(feature = "tls")]
        "soap.tls://127.0.0.1",
    ] {
        let (worker, _probe) = worker();
        let server = Server::new(PromisesServer::new(worker)).bind(url).start();
        for error in [
            Endpoint::new(url).connect().await.expect_err("no port"),
            server.await.expect_err("no port"),
        ] {
            assert!(
                error.is_config() && error.to_string().contains("port"),
                "{error}"
            );
        }
    }
}

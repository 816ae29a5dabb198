//! What servers are bound to.

use soapstone::{CallError, Server};

use crate::{
    harness::Harness,
    service::{PromisesServer, worker},
};

pub(crate) async fn servers_side_by_side_do_not_mix(at: Harness) {
    let mut first = at.serve().await;
    let mut second = at.serve().await;
    assert_ne!(first.url, second.url);
    let to_first = at.client(&first.url).await;
    let to_second = at.client(&second.url).await;
    first.probe.release(5);
    second.probe.release(5);
    for number in 0..5 {
        assert_eq!(to_first.hold(number).await.expect("an answer"), number);
        assert_eq!(first.probe.begun().await, number);
        let other = number + 100;
        assert_eq!(to_second.hold(other).await.expect("an answer"), other);
        assert_eq!(second.probe.begun().await, other);
    }
    drop(first.running);
    second.probe.release(1);
    assert_eq!(to_second.hold(1).await.expect("the other lives"), 1);
}

pub(crate) async fn a_server_tells_the_url_it_took(at: Harness) {
    let (worker, probe) = worker();
    let server = Server::new(PromisesServer::new(worker)).options(at.options());
    let server = server.registry(at.registry());
    let running = server.bind(at.url()).bind(at.url()).start().await;
    let running = running.expect("the server starts");
    let urls = running.urls();
    assert_eq!(urls.len(), 2);
    assert_ne!(urls[0], urls[1]);
    for url in urls {
        assert!(!url.contains(":0"), "{url}");
        let client = at.client(url).await;
        assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    }
    assert_eq!(probe.executions(), 2);
}

pub(crate) async fn a_url_is_bound_once(at: Harness) {
    let served = at.serve().await;
    let (worker, _probe) = worker();
    let second = Server::new(PromisesServer::new(worker)).options(at.options());
    let second = second.registry(at.registry()).bind(&served.url);
    let error = second.start().await.expect_err("bound already");
    assert!(!error.is_ambiguous(), "{error:?}");
    let client = at.client(&served.url).await;
    let result: Result<_, CallError> = client.add(1, 2).await;
    assert_eq!(result.expect("the first goes on"), 3);
}

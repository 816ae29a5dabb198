//! Listening again on the same port.

use soapstone::{CallError, server::Inherited, transport::CloseFirst};

use super::*;
use crate::harness::sockets::{State, at, is_in};

#[tokio::test]
async fn a_server_starts_again_past_time_wait_unless_reuse_address_is_off() {
    let closing = SocketOptions::new().close_first(CloseFirst::Server);
    let (running, server) = serve("soap.tcp", "127.0.23.1", closing).await;
    let url = running.urls()[0].clone();
    let work = client(&running, SocketOptions::new()).await;
    let local = call(&work).await;
    is_closed_by(server, local).await;
    drop(work);
    is_in(State::TimeWait, server, local).await;
    stop(running).await;

    let without = SocketOptions::new().reuse_address(false);
    let error = start(Worker::default(), &url, without).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot listen on {url}: another socket has {server}, or connections of the last one are still open or in TIME_WAIT, \
             which reuse_address would pass over, but it is off"
        )
    );
    is_in(State::TimeWait, server, local).await;

    let again = start(Worker::default(), &url, SocketOptions::new()).await;
    let again = again.expect("TIME_WAIT is passed over");
    is_in(State::TimeWait, server, local).await;
    assert_ne!(
        call(&client(&again, SocketOptions::new()).await).await,
        local
    );
    stop(again).await;
}

/// Linux asks it of the sockets in TIME_WAIT as well.
#[tokio::test]
async fn time_wait_of_a_server_without_reuse_address_holds_up_the_next_one_with_it() {
    let closing = SocketOptions::new().close_first(CloseFirst::Server);
    let without = closing.reuse_address(false);
    let (running, server) = serve("soap.tcp", "127.0.23.5", without).await;
    let url = running.urls()[0].clone();
    let work = client(&running, SocketOptions::new()).await;
    let local = call(&work).await;
    is_closed_by(server, local).await;
    drop(work);
    is_in(State::TimeWait, server, local).await;
    stop(running).await;
    let again = start(Worker::default(), &url, SocketOptions::new()).await;
    let text = again.unwrap_err().to_string();
    let remedy = "reuse_address off are in TIME_WAIT: wait a minute";
    assert!(text.ends_with(remedy), "{text}");
    assert!(
        at(server)
            .iter()
            .all(|socket| socket.state == State::TimeWait),
        "nobody listens"
    );
}

#[tokio::test]
async fn a_second_listener_is_refused_though_reuse_address_is_on() {
    for scheme in ["http", "soap.tcp"] {
        let (running, server) = serve(scheme, "127.0.23.2", SocketOptions::new()).await;
        let url = format!("{scheme}://{server}");
        let second = start(Worker::default(), &url, SocketOptions::new()).await;
        assert_eq!(
            second.unwrap_err().to_string(),
            format!(
                "cannot listen on {url}: another socket has {server}: end it or take another port; if none listens, connections of a \
                 last server that had reuse_address off are in TIME_WAIT: wait a minute"
            )
        );
        let here = at(server).into_iter();
        let listen = here.filter(|socket| socket.state == State::Listen);
        assert_eq!(listen.count(), 1);
        stop(running).await;
    }
}

#[tokio::test]
async fn a_call_that_finds_no_listener_was_surely_not_run() {
    for scheme in ["http", "soap.tcp", "tcp"] {
        let (running, server) = serve(scheme, "127.0.23.3", SocketOptions::new()).await;
        let work = client(&running, SocketOptions::new()).await;
        stop(running).await;
        let error = match work.caller().await {
            Err(CallError::Transport(error)) => error,
            other => panic!("{other:?}"),
        };
        assert!(error.is_connect() && !error.is_ambiguous(), "{error:?}");
        let refused = format!("no connection to {server} at {server}: Connection refused");
        assert!(error.to_string().starts_with(&refused), "{error}");
    }
}

#[tokio::test]
async fn servers_listen_side_by_side_by_reuse_port() {
    let shared = SocketOptions::new().reuse_port(true);
    let (old, server) = serve("soap.tcp", "127.0.23.6", shared.clone()).await;
    let new = start(Worker::default(), &old.urls()[0], shared).await;
    let new = new.expect("starts beside it");
    let listeners = || {
        let listen = |socket: &&Socket| socket.state == State::Listen;
        at(server).iter().filter(listen).count()
    };
    assert_eq!(listeners(), 2);
    stop(old).await;
    assert_eq!(listeners(), 1);
    call(&client(&new, SocketOptions::new()).await).await;
    stop(new).await;
}

#[tokio::test]
async fn an_inherited_socket_listens_between_two_servers() {
    let owner = std::net::TcpListener::bind("127.0.23.4:0").expect("listens");
    let server = owner.local_addr().expect("an address");
    let any = SocketAddr::from(([0; 4], 0));
    let waits = async |connections| {
        let listens = becomes(server, any, |listener| {
            listener.is_none_or(|listener| listener.unread == connections)
        });
        let listener = listens.await.expect("it is there all the time");
        assert_eq!(listener.state, State::Listen);
    };
    let serve = async || {
        let socket = owner.try_clone().expect("a descriptor");
        let work = Server::new(WorkServer::new(Worker::default()));
        let work = work.bind(format!("soap.tcp://{server}"));
        let running = work.inherit(Inherited::new([socket])).start().await;
        running.expect("starts")
    };
    let first = serve().await;
    let work = client(&first, SocketOptions::new()).await;
    call(&work).await;
    stop(first).await;
    waits(0).await;
    let called = tokio::spawn(async move { call(&work).await });
    waits(1).await;
    let second = serve().await;
    let called = timeout(PATIENCE, called).await;
    called.expect("in time").expect("an answer");
    waits(0).await;
    stop(second).await;
}

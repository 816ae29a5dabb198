//! Every connection is counted once, by what became of it.

use std::sync::Arc;

use soap_core::{Capacity, CloseFirst, Options, SocketOptions};
use soap_transport::{Counters, Monitor, Running, Server};
use tokio::{io::AsyncWriteExt, sync::Notify};

use crate::{
    fake::{Fake, PATIENCE, reply, until},
    ways::{WAYS, Way, call, connect},
};

async fn serve(fake: &Arc<Fake>, way: Way, options: Options) -> Running {
    let server = Server::new(fake.dispatch_as()).options(options);
    server.bind(way.url("127.0.0.1:0")).start().await.unwrap()
}

/// Waits until the counters are so.
async fn come_to(monitor: &Monitor, expected: impl Fn(&Counters) -> bool) {
    let waiting = until(|| expected(&monitor.counters()));
    if tokio::time::timeout(PATIENCE / 2, waiting).await.is_err() {
        panic!("{:?}", monitor.counters());
    }
    let now = monitor.counters();
    let sum = now.active + now.idle + now.closed_by_us + now.closed_by_peer + now.reset;
    assert_eq!(now.accepted, sum, "{now:?}");
}

#[tokio::test]
async fn who_ended_a_connection_is_counted() {
    for way in WAYS {
        let server = Server::new(Fake::echo().dispatch_as()).bind(way.url("127.0.0.1:0"));
        let monitor = server.monitor();
        assert_eq!(monitor.counters(), Counters::default());
        let running = server.start().await.unwrap();
        let mut streams = Vec::new();
        for _ in 0..4 {
            let mut stream = connect(&running).await;
            call(&mut stream, way).await;
            streams.push(stream);
        }
        come_to(&monitor, |now| (now.accepted, now.idle) == (4, 4)).await;
        drop(streams.pop());
        come_to(&monitor, |now| (now.idle, now.closed_by_peer) == (3, 1)).await;
        let broken = streams.pop().unwrap();
        broken.set_zero_linger().unwrap();
        drop(broken);
        come_to(&monitor, |now| (now.idle, now.reset) == (2, 1)).await;
        assert_eq!(running.counters(), monitor.counters());
        running.stop(PATIENCE).await.unwrap();
        come_to(&monitor, |now| (now.idle, now.closed_by_us) == (0, 2)).await;
        assert_eq!(monitor.counters().accepted, 4);
        assert_eq!(monitor.counters().evicted, 0);
    }
}

#[tokio::test]
async fn a_connection_is_active_while_its_request_is_executed() {
    for way in WAYS {
        let release = Arc::new(Notify::new());
        let wait = Arc::clone(&release);
        let fake = Fake::new(move |message| {
            let wait = Arc::clone(&wait);
            async move {
                wait.notified().await;
                reply(message.envelope)
            }
        });
        let running = serve(&fake, way, Options::server()).await;
        let monitor = running.monitor();
        let mut stream = connect(&running).await;
        stream.write_all((way.request)().as_bytes()).await.unwrap();
        come_to(&monitor, |now| {
            (now.active, now.idle) == (1, 0) && fake.count() == 1
        })
        .await;
        release.notify_one();
        come_to(&monitor, |now| (now.active, now.idle) == (0, 1)).await;
        drop(stream);
        running.stop(PATIENCE).await.unwrap();
    }
}

#[tokio::test]
async fn an_idle_connection_makes_room_and_a_busy_one_does_not() {
    for way in WAYS {
        let release = Arc::new(Notify::new());
        let wait = Arc::clone(&release);
        let fake = Fake::new(move |message| {
            let wait = Arc::clone(&wait);
            async move {
                wait.notified().await;
                reply(message.envelope)
            }
        });
        let mut options = Options::server();
        options.capacity = Capacity::new().connections(1);
        let running = serve(&fake, way, options).await;
        let monitor = running.monitor();
        let silent = connect(&running).await;
        come_to(&monitor, |now| now.idle == 1).await;
        let mut busy = connect(&running).await;
        busy.write_all((way.request)().as_bytes()).await.unwrap();
        come_to(&monitor, |now| {
            (now.active, now.evicted, now.closed_by_us) == (1, 1, 1)
        })
        .await;
        let refused = connect(&running).await;
        come_to(&monitor, |now| now.refused_connections == 1).await;
        assert_eq!(monitor.counters().accepted, 2);
        release.notify_one();
        drop((silent, busy, refused));
        come_to(&monitor, |now| now.active + now.idle == 0).await;
        running.stop(PATIENCE).await.unwrap();
        assert_eq!(monitor.counters().refused_connections_per_peer, 0);
    }
}

#[tokio::test]
async fn a_server_that_closes_first_counts_itself() {
    for way in WAYS {
        let mut options = Options::server();
        options.socket = SocketOptions::new().close_first(CloseFirst::Server);
        let running = serve(&Fake::echo(), way, options).await;
        let monitor = running.monitor();
        for number in 1..=3 {
            let mut stream = connect(&running).await;
            call(&mut stream, way).await;
            let mut rest = [0];
            let end = tokio::io::AsyncReadExt::read(&mut stream, &mut rest);
            let end = tokio::time::timeout(PATIENCE, end).await.unwrap();
            assert_eq!(end.unwrap(), 0, "the server ends it");
            drop(stream);
            come_to(&monitor, |now| now.closed_by_us == number).await;
        }
        running.stop(PATIENCE).await.unwrap();
    }
}

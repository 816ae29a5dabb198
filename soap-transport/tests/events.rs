//! What is counted of connections is told as well, and what is lost of answers. Alone in its process: what tracing keeps of an event that nobody has asked for is
//! the same for all threads.

#![cfg(all(feature = "http", feature = "tcp"))]

#[path = "http/fake.rs"]
#[allow(dead_code, reason = "shared with the tests of http")]
mod fake;
#[path = "life/ways.rs"]
mod ways;

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use soap_core::{Capacity, Message, transport::Outcome};
use soap_transport::Server;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use fake::{Fake, PATIENCE, until};
use ways::{WAYS, call, connect};

/// Keeps the events as text.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let targets = ["soapstone::connection", "soapstone::answer"];
        targets.contains(&metadata.target())
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Told {
    fn has(&self, words: &[&str]) -> bool {
        let lines = self.0.lock().unwrap();
        lines
            .iter()
            .any(|line| words.iter().all(|word| line.contains(word)))
    }
}

#[tokio::test]
async fn connections_are_told_of_with_what_they_did() {
    for way in WAYS {
        let told = Told::default();
        let _kept = tracing::subscriber::set_default(told.clone());
        let server = Server::new(Fake::echo().dispatch_as())
            .bind(way.url("127.0.0.1:0"))
            .capacity(Capacity::new().connections(0));
        let full = server.start().await.unwrap();
        let refused = connect(&full).await;
        let limit = ["WARN", "connection refused", "limit=\"connections\""];
        until(|| told.has(&limit)).await;
        drop(refused);
        full.stop(PATIENCE).await.unwrap();

        let server = Server::new(Fake::echo().dispatch_as()).bind(way.url("127.0.0.1:0"));
        let running = server.start().await.unwrap();
        let mut stream = connect(&running).await;
        let peer = format!("peer={}", stream.local_addr().unwrap());
        for _ in 0..3 {
            call(&mut stream, way).await;
        }
        drop(stream);
        let scheme = format!("scheme={:?}", way.scheme);
        until(|| told.has(&["DEBUG", "connection closed", &peer])).await;
        assert!(told.has(&["DEBUG", "connection opened", &peer, &scheme]));
        let end = ["reason=\"closed by peer\"", "requests=3", "evicted=false"];
        assert!(
            told.has(
                &[
                    &end[..],
                    &["connection closed", &peer, &scheme, "duration="]
                ]
                .concat()
            )
        );
        running.stop(PATIENCE).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_elsewhere_is_told_of_with_its_request() {
    let told = Told::default();
    let _kept = tracing::subscriber::set_default(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let to = nobody.clone();
    let fake = Fake::new(move |_| {
        let to = to.clone();
        async {
            let answer = "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header>\
                <a:RelatesTo xmlns:a='http://www.w3.org/2005/08/addressing'>urn:uuid:7</a:RelatesTo></e:Header><e:Body/>\
                </e:Envelope>";
            let answer = Message::new(answer).action("urn:answer");
            Outcome::Elsewhere(Box::pin(async { Some((to, answer)) }))
        }
    });
    let running = fake::serve(&fake).await;
    let mut raw = fake::Raw::connect(&running).await;
    raw.send(fake::post("<a/>")).await;
    assert_eq!(raw.answer().await.status(), 202);
    let lost = ["WARN", "answer lost", &nobody, "urn:uuid:7", "urn:answer"];
    until(|| told.has(&lost)).await;
    running.stop(PATIENCE).await.unwrap();
}

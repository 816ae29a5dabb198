//! The server on a network in process.

use std::sync::Mutex;

use soap_core::{
    Fault,
    transport::{BoxFuture, Dispatch, Outcome, Stop},
};

use super::*;

const URL: &str = "soap.udp://10.0.0.2:9000";

/// Answers at a time between two ticks of tokio's timer, and notes it.
#[derive(Debug, Default)]
struct BetweenTicks(Mutex<Option<Instant>>);

impl Dispatch for BetweenTicks {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            tokio::time::advance(Duration::from_micros(300)).await;
            *self.0.lock().unwrap() = Some(Instant::now());
            Outcome::Reply(Message::new(answer_to(&request.envelope, "<r/>")))
        })
    }

    fn refuse(&self, _: &Message, fault: &Fault) -> Message {
        panic!("{fault:?}")
    }
}

/// A timer ends with the next tick, even one that is past: each answer used to wait for that.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_due_leaves_without_a_timer() {
    let network = Simulated::new(Weather::FINE, 1);
    let service = Arc::new(BetweenTicks::default());
    let scheme = Udp::over(Arc::new(network.clone()));
    let listener = scheme.bind(URL, &Options::server()).await.unwrap();
    tokio::spawn(listener.serve(service.clone(), Stop::new()));
    let transport = connect(&network, URL, &Options::client()).await;
    let mut answers = transport.exchange(request("<q/>", Expect::One));
    answers.next().await.unwrap().unwrap();
    let sent = network.sent();
    let answers = sent
        .iter()
        .filter(|sent| sent.source == address("10.0.0.2:9000"));
    let first = answers.map(|sent| sent.at).min();
    assert_eq!(first, *service.0.lock().unwrap());
}

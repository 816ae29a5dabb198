//! Answers that go where their requests want them, if that is allowed.

use std::sync::{Arc, Mutex};

use soapstone::{
    Fault, Limits, Server,
    addressing::{self, Addressing, AddressingOptions, Edition},
    server::Running,
    transport::{BoxFuture, Dispatch, Message, Outcome},
};

use crate::harness::{
    ADD, Answer, Calculator,
    contract::{CalcFault, CalcServer},
    port, post11,
};

const TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// What takes messages and answers nothing.
#[derive(Debug, Default)]
struct Letterbox(Mutex<Vec<Message>>);

impl Dispatch for Letterbox {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        self.0.lock().expect("whole").push(request);
        Box::pin(async { Outcome::Accepted(Box::pin(async {})) })
    }

    fn refuse(&self, _: &Message, _: &Fault) -> Message {
        Message::default()
    }
}

impl Letterbox {
    fn taken(&self) -> Vec<Message> {
        self.0.lock().expect("whole").clone()
    }
}

async fn letterbox() -> (Arc<Letterbox>, Running) {
    let letterbox = Arc::<Letterbox>::default();
    let service: Arc<dyn Dispatch> = letterbox.clone();
    let server = Server::new(service).bind("http://127.0.0.1:0");
    (letterbox, server.start().await.expect("it starts"))
}

async fn calculator(answers_to: &[&str]) -> (Calculator, Running) {
    let calculator = Calculator::default();
    let options = AddressingOptions::new(Addressing::Optional).answers_to(answers_to.to_vec());
    let server = Server::new(CalcServer::new(calculator.clone())).addressing(options);
    let server = server.bind("http://127.0.0.1:0/calc");
    (calculator, server.start().await.expect("it starts"))
}

/// Posts a request with these endpoints, by the names of their header blocks.
async fn ask(running: &Running, endpoints: &[(&str, &str)], action: &str, body: &str) -> Answer {
    let blocks: String = endpoints
        .iter()
        .map(|(name, address)| format!("<a:{name}><a:Address>{address}</a:Address></a:{name}>"))
        .collect();
    let envelope = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:c=\"http://example.org/calc\"\
         ><e:Header xmlns:a=\"http://www.w3.org/2005/08/addressing\"><a:MessageID>urn:uuid:1</a:MessageID>\
         <a:Action>http://example.org/calc/{action}</a:Action>{blocks}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    );
    post11(port(running), &envelope).await
}

#[tokio::test]
async fn an_answer_arrives_where_its_request_wants_it() {
    let (letterbox, there) = letterbox().await;
    let url = format!("{}/answers/7", there.urls()[0].trim_end_matches('/'));
    let (calculator, running) = calculator(&[&there.urls()[0]]).await;
    let answer = ask(&running, &[("ReplyTo", &url)], "Add", ADD).await;
    assert_eq!((answer.status, answer.text().as_str()), (202, ""));
    running.stop(TIME).await.expect("it stops");
    assert_eq!(calculator.executions(), 1);
    let [message] = &letterbox.taken()[..] else {
        panic!("one message")
    };
    let peek = addressing::peek(
        &message.envelope,
        None,
        Edition::default(),
        &Limits::server(),
    )
    .expect("an envelope");
    assert_eq!(peek.answers, ["urn:uuid:1"]);
    assert!(peek.message_id.is_some() && !peek.is_fault);
    let text = String::from_utf8_lossy(&message.envelope);
    assert!(text.contains(&url) && text.contains("3.75"), "{text}");
    let action = message.action.as_deref().expect("an action");
    assert!(text.contains(action), "{action:?} in {text}");
    there.stop(TIME).await.expect("it stops");
}

#[tokio::test]
async fn an_answer_and_a_fault_may_go_to_different_places() {
    let (values, at_values) = letterbox().await;
    let (faults, at_faults) = letterbox().await;
    let [to_values, to_faults] = [&at_values, &at_faults].map(|running| &*running.urls()[0]);
    let (_, running) = calculator(&[to_values, to_faults]).await;
    let endpoints = [("ReplyTo", to_values), ("FaultTo", to_faults)];
    for divisor in [0, 2] {
        let body = format!("<c:Divide><c:a>1</c:a><c:b>{divisor}</c:b></c:Divide>");
        let answer = ask(&running, &endpoints, "Divide", &body).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    running.stop(TIME).await.expect("it stops");
    let taken = |letterbox: &Letterbox| {
        let [message] = &letterbox.taken()[..] else {
            panic!("one message")
        };
        String::from_utf8_lossy(&message.envelope).into_owned()
    };
    assert!(taken(&values).contains("0.5"));
    let fault = CalcFault::DivideFault {
        code: 7,
        text: "divide by zero".into(),
    };
    let name = format!("{fault:?}");
    let name = name.split(' ').next().expect("a name");
    assert!(taken(&faults).contains(name));
    at_values.stop(TIME).await.expect("it stops");
    at_faults.stop(TIME).await.expect("it stops");
}

/// Whoever can send a request could have the server send one to any host it reaches.
#[tokio::test]
async fn nothing_is_executed_or_sent_where_it_is_not_allowed() {
    let (letterbox, there) = letterbox().await;
    let url = &*there.urls()[0];
    for allowed in [&[][..], &["http://other.example/"]] {
        let (calculator, running) = calculator(allowed).await;
        let answer = ask(&running, &[("ReplyTo", url)], "Add", ADD).await;
        assert_eq!(answer.status, 500);
        let text = answer.text();
        assert!(text.contains("OnlyAnonymousAddressSupported"), "{text}");
        running.stop(TIME).await.expect("it stops");
        assert_eq!(calculator.executions(), 0);
    }
    assert!(letterbox.taken().is_empty());
    there.stop(TIME).await.expect("it stops");
}

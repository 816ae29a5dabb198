//! Answers that go where their requests want them, if that is allowed.

use std::sync::{Arc, Mutex};

use soapstone::{
    CallError, Endpoint, Fault, Limits, Server, SoapVersion,
    addressing::{self, Addressing, AddressingOptions, Edition, EndpointReference},
    server::Running,
    transport::{BoxFuture, Dispatch, Message, Outcome},
};

use tokio::{sync::Notify, time::timeout};

use crate::harness::{
    ADD, Answer, Calculator,
    contract::{CalcClient, CalcFault, CalcServer},
    port, post11, post12,
    scripted::{self, Then},
};

const BOTH: [SoapVersion; 2] = [SoapVersion::Soap11, SoapVersion::Soap12];

const TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// What takes messages and answers nothing.
#[derive(Debug, Default)]
struct Letterbox(Mutex<Vec<Message>>, Notify);

impl Dispatch for Letterbox {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        self.0.lock().expect("whole").push(request);
        self.1.notify_one();
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

    /// The next message, when it has come.
    async fn next(&self) -> Message {
        loop {
            if let Some(message) = self.0.lock().expect("whole").pop() {
                return message;
            }
            let arrived = timeout(TIME, self.1.notified()).await;
            arrived.expect("a message");
        }
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
    let server = server
        .bind("http://127.0.0.1:0/calc")
        .bind("soap.tcp://127.0.0.1:0");
    (calculator, server.start().await.expect("it starts"))
}

/// Posts a request with these endpoints, by the names of their header blocks.
async fn ask(
    running: &Running,
    version: SoapVersion,
    endpoints: &[(&str, &str)],
    (action, body): (&str, &str),
) -> Answer {
    let blocks: String = endpoints
        .iter()
        .map(|(name, address)| format!("<a:{name}><a:Address>{address}</a:Address></a:{name}>"))
        .collect();
    let envelope = format!(
        "<e:Envelope xmlns:e=\"{}\" xmlns:c=\"http://example.org/calc\"\
         ><e:Header xmlns:a=\"http://www.w3.org/2005/08/addressing\"><a:MessageID>urn:uuid:1</a:MessageID>\
         <a:Action>http://example.org/calc/{action}</a:Action>{blocks}</e:Header><e:Body>{body}</e:Body></e:Envelope>",
        version.namespace().uri()
    );
    match version {
        SoapVersion::Soap11 => post11(port(running), &envelope).await,
        SoapVersion::Soap12 => post12(port(running), &envelope).await,
    }
}

async fn client(url: &str, version: SoapVersion) -> CalcClient {
    let endpoint = Endpoint::new(url).version(version);
    CalcClient::new(endpoint.connect().await.expect("a channel"))
}

#[tokio::test]
async fn an_answer_arrives_where_its_request_wants_it() {
    for version in BOTH {
        let (letterbox, there) = letterbox().await;
        let url = format!("{}/answers/7", there.urls()[0].trim_end_matches('/'));
        let (calculator, running) = calculator(&[&there.urls()[0]]).await;
        let answer = ask(&running, version, &[("ReplyTo", &url)], ("Add", ADD)).await;
        assert_eq!((answer.status, answer.text().as_str()), (202, ""));
        running.stop(TIME).await.expect("it stops");
        assert_eq!(calculator.executions(), 1);
        let [message] = &letterbox.taken()[..] else {
            panic!("one message")
        };
        let peek = look(message);
        assert_eq!(
            (peek.version, &peek.answers[..]),
            (version, &["urn:uuid:1".to_owned()][..])
        );
        assert!(peek.message_id.is_some() && !peek.is_fault);
        let text = String::from_utf8_lossy(&message.envelope);
        assert!(text.contains(&url) && text.contains("3.75"), "{text}");
        let action = message.action.as_deref().expect("an action");
        assert!(text.contains(action), "{action:?} in {text}");
        there.stop(TIME).await.expect("it stops");
    }
}

fn look(message: &Message) -> addressing::Peek {
    let peek = addressing::peek(
        &message.envelope,
        None,
        Edition::default(),
        &Limits::server(),
    );
    peek.expect("an envelope")
}

#[tokio::test]
async fn an_answer_relates_to_the_id_that_answer_to_has_given() {
    for version in BOTH {
        let (letterbox, there) = letterbox().await;
        let (calculator, running) = calculator(&[&there.urls()[0]]).await;
        for url in running.urls() {
            let calc = client(url, version).await;
            let elsewhere = || EndpointReference::new(&*there.urls()[0]);
            let id = calc.add(1.5, 2.25).answer_to(elsewhere()).await;
            let peek = look(&letterbox.next().await);
            assert!(peek.is_answer_to(&id.expect("sent")), "{url}: {peek:?}");
            let id = calc.divide(1.0, 0.0).answer_to(elsewhere()).await;
            let peek = look(&letterbox.next().await);
            assert!(
                peek.is_answer_to(&id.expect("sent")) && peek.is_fault,
                "{url}: {peek:?}"
            );
        }
        running.stop(TIME).await.expect("it stops");
        assert_eq!(calculator.executions(), 4);
        there.stop(TIME).await.expect("it stops");
    }
}

#[tokio::test]
async fn a_refusal_to_answer_elsewhere_reaches_the_caller() {
    for version in BOTH {
        let (calculator, running) = calculator(&[]).await;
        let calc = client(&running.urls()[0], version).await;
        let elsewhere = EndpointReference::new("http://other.example/");
        let refused = calc.divide(1.0, 2.0).answer_to(elsewhere).await;
        let Err(CallError::Fault(CalcFault::Other(fault))) = refused else {
            panic!("{refused:?}")
        };
        assert!(fault.reason().contains("ReplyTo"), "{fault:?}");
        running.stop(TIME).await.expect("it stops");
        assert_eq!(calculator.executions(), 0);
    }
}

/// It knows nothing of WS-Addressing: nobody will find the answer where it was wanted.
#[tokio::test]
async fn an_answer_of_a_peer_that_ignores_reply_to_is_no_success() {
    for version in BOTH {
        let (kind, namespace) = match version {
            SoapVersion::Soap11 => ("text/xml; charset=utf-8", version.namespace().uri()),
            SoapVersion::Soap12 => ("application/soap+xml", version.namespace().uri()),
        };
        let envelope = |body: &str| {
            format!("<e:Envelope xmlns:e='{namespace}'><e:Body>{body}</e:Body></e:Envelope>")
        };
        let value = "<AddResponse xmlns='http://example.org/calc'><AddResult>3.75</AddResult></AddResponse>";
        let value = scripted::answer("200 OK", &[("Content-Type", kind)], &envelope(value));
        let accepted = [
            scripted::answer("202 Accepted", &[], ""),
            scripted::answer("200 OK", &[], ""),
            scripted::answer("200 OK", &[("Content-Type", "text/plain")], "taken"),
        ];
        let answers = [&[value], &accepted[..]].concat();
        let answers = answers.into_iter().map(|answer| (answer, Then::Close));
        let (url, served) = scripted::serve(answers.collect()).await;
        let calc = client(&url, version).await;
        let elsewhere = || EndpointReference::new("http://other.example/");
        let posted = calc.add(1.5, 2.25).answer_to(elsewhere()).await;
        assert!(matches!(posted, Err(CallError::Read(_))), "{posted:?}");
        for _ in accepted {
            let posted = calc.add(1.5, 2.25).answer_to(elsewhere()).await;
            posted.expect("sent");
        }
        served.await.expect("served");
    }
}

#[tokio::test]
async fn an_answer_and_a_fault_may_go_to_different_places() {
    for version in BOTH {
        values_and_faults(version).await;
    }
}

async fn values_and_faults(version: SoapVersion) {
    let (values, at_values) = letterbox().await;
    let (faults, at_faults) = letterbox().await;
    let [to_values, to_faults] = [&at_values, &at_faults].map(|running| &*running.urls()[0]);
    let (_, running) = calculator(&[to_values, to_faults]).await;
    let endpoints = [("ReplyTo", to_values), ("FaultTo", to_faults)];
    for divisor in [0, 2] {
        let body = format!("<c:Divide><c:a>1</c:a><c:b>{divisor}</c:b></c:Divide>");
        let answer = ask(&running, version, &endpoints, ("Divide", &body)).await;
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
    for (allowed, version) in [(&[][..], BOTH[0]), (&["http://other.example/"], BOTH[1])] {
        let (calculator, running) = calculator(allowed).await;
        let answer = ask(&running, version, &[("ReplyTo", url)], ("Add", ADD)).await;
        assert_eq!(answer.status, 500);
        let text = answer.text();
        assert!(text.contains("OnlyAnonymousAddressSupported"), "{text}");
        running.stop(TIME).await.expect("it stops");
        assert_eq!(calculator.executions(), 0);
    }
    assert!(letterbox.taken().is_empty());
    there.stop(TIME).await.expect("it stops");
}

//! Services: requests and answers as generated clients and servers write and read them.

use std::sync::{Arc, Mutex};

use soapstone::{
    CallError, Channel, Context, Fault, Host, SoapFault, SoapType, WithHeader,
    transport::{Dispatch, Expect, Message, Outcome, Replies, Request, Transport},
};

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:calc")]
struct Session {
    id: String,
}

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:calc")]
struct Order {
    id: i32,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:calc")]
enum CalcFault {
    #[soap(code = "Sender", reason = "divide by zero")]
    DivideFault { code: i32, text: String },
    #[soap(other)]
    Other(Fault),
}

/// Calculates.
#[soapstone::service(namespace = "urn:calc")]
trait Calc {
    /// Adds.
    async fn add(&self, a: f64, b: f64) -> f64;
    #[soap(
        idempotent,
        action = "urn:DIVIDE",
        name = "DIVIDE",
        result = "quotient"
    )]
    async fn divide(&self, a: f64, #[soap(name = "divisor")] b: f64) -> Result<f64, CalcFault>;
    async fn say(
        &self,
        #[soap(context)] context: &Context,
        text: &str,
        order: &Order,
        #[soap(header)] session: Option<Session>,
    ) -> WithHeader<Vec<String>, Option<Session>>;
    #[soap(one_way)]
    async fn notify(&self, text: &str, order: &Order);
    #[soap(bare)]
    async fn submit(&self, order: Order) -> Order;
    #[soap(bare, result = "Sum")]
    async fn sum(&self, #[soap(name = "Numbers")] numbers: &str) -> Result<i32, Fault>;
    #[soap(bare)]
    async fn ping(&self) {}
    #[soap(unqualified)]
    async fn plain(&self, a: i32) -> i32 {
        a + 1
    }
}

#[derive(Debug, Default)]
struct MyCalc {
    notified: Mutex<Vec<String>>,
}

impl Calc for MyCalc {
    async fn add(&self, a: f64, b: f64) -> f64 {
        a + b
    }
    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault> {
        if b == 0.0 {
            return Err(CalcFault::DivideFault {
                code: 7,
                text: "b".into(),
            });
        }
        Ok(a / b)
    }
    async fn say(
        &self,
        context: &Context,
        text: &str,
        order: &Order,
        session: Option<Session>,
    ) -> WithHeader<Vec<String>, Option<Session>> {
        let headers = context.headers().len();
        WithHeader::new(
            vec![text.to_owned(), format!("{} {headers}", order.id)],
            session,
        )
    }
    async fn notify(&self, text: &str, order: &Order) {
        self.notified
            .lock()
            .unwrap()
            .push(format!("{text} {}", order.id));
    }
    async fn submit(&self, order: Order) -> Order {
        Order { id: order.id + 1 }
    }
    async fn sum(&self, numbers: &str) -> Result<i32, Fault> {
        numbers
            .split(' ')
            .map(|n| n.parse::<i32>().map_err(|_| Fault::sender("no number")))
            .sum()
    }
}

/// Carries messages to a service in the same process and keeps them.
#[derive(Debug)]
struct Wire {
    host: Arc<Host>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Transport for Wire {
    fn exchange(&self, request: Request) -> Replies<'_> {
        let host: Arc<dyn Dispatch> = self.host.clone();
        Replies::one(async move {
            let one_way = matches!(request.expect, Expect::Nothing);
            self.keep(&request.message);
            match host.dispatch(request.message).await {
                Outcome::Reply(message) => {
                    self.keep(&message);
                    Ok(Some(message))
                }
                Outcome::Accepted(work) => {
                    assert!(one_way);
                    work.await;
                    Ok(None)
                }
                _ => Ok(None),
            }
        })
    }
}

impl Wire {
    fn keep(&self, message: &Message) {
        let text = String::from_utf8(message.envelope.to_vec()).unwrap();
        let body = text
            .split("/envelope/\"")
            .nth(1)
            .and_then(|text| text.strip_suffix("</S:Envelope>"));
        let action = message
            .action
            .as_deref()
            .map(|action| format!("{action}: "))
            .unwrap_or_default();
        self.seen
            .lock()
            .unwrap()
            .push(format!("{action}{}", body.unwrap_or(&text)));
    }
}

type Seen = Arc<Mutex<Vec<String>>>;

fn calc() -> (CalcClient, Arc<MyCalc>, Seen) {
    let service = Arc::new(MyCalc::default());
    let seen = Seen::default();
    let host = Arc::new(Host::new(CalcServer::from_arc(service.clone())));
    let wire = Wire {
        host,
        seen: seen.clone(),
    };
    (CalcClient::new(Channel::new(Arc::new(wire))), service, seen)
}

#[tokio::test]
async fn a_wrapped_call() {
    let (calc, _, seen) = calc();
    assert_eq!(calc.add(1.0, 2.5).await.unwrap(), 3.5);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            r#"urn:calc:Add:  xmlns:n0="urn:calc"><S:Body><n0:Add><n0:a>1.0</n0:a><n0:b>2.5</n0:b></n0:Add></S:Body>"#,
            r#" xmlns:n0="urn:calc"><S:Body><n0:AddResponse><n0:AddResult>3.5</n0:AddResult></n0:AddResponse></S:Body>"#,
        ]
    );
}

#[tokio::test]
async fn names_of_ones_own_and_a_typed_fault() {
    let (calc, _, seen) = calc();
    assert_eq!(calc.divide(1.0, 4.0).await.unwrap(), 0.25);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            r#"urn:DIVIDE:  xmlns:n0="urn:calc"><S:Body><n0:DIVIDE><n0:a>1.0</n0:a><n0:divisor>4.0</n0:divisor></n0:DIVIDE></S:Body>"#,
            r#" xmlns:n0="urn:calc"><S:Body><n0:DIVIDEResponse><n0:quotient>0.25</n0:quotient></n0:DIVIDEResponse></S:Body>"#,
        ]
    );
    let error = calc.divide(1.0, 0.0).await.unwrap_err();
    let CallError::Fault(CalcFault::DivideFault { code, text }) = error else {
        panic!("{error}")
    };
    assert_eq!((code, text.as_str()), (7, "b"));
}

#[tokio::test]
async fn references_headers_and_the_context() {
    let (calc, _, seen) = calc();
    let session = Session { id: "s".into() };
    let answer = calc
        .say("hi", &Order { id: 4 }, Some(session.clone()))
        .await
        .unwrap();
    assert_eq!(
        answer,
        WithHeader::new(vec!["hi".to_owned(), "4 1".to_owned()], Some(session))
    );
    assert_eq!(
        seen.lock().unwrap()[0],
        r#"urn:calc:Say:  xmlns:n0="urn:calc"><S:Header><n0:Session><n0:id>s</n0:id></n0:Session></S:Header><S:Body><n0:Say><n0:text>hi</n0:text><n0:order><n0:id>4</n0:id></n0:order></n0:Say></S:Body>"#,
    );
    let answer = calc.say("hi", &Order { id: 4 }, None).await.unwrap();
    assert_eq!(answer.header, None);
}

#[tokio::test]
async fn a_one_way_call() {
    let (calc, service, _) = calc();
    calc.notify("now", &Order { id: 1 }).await.unwrap();
    assert_eq!(*service.notified.lock().unwrap(), ["now 1"]);
}

#[tokio::test]
async fn bare_calls() {
    let (calc, _, seen) = calc();
    assert_eq!(calc.sum("1 2 3").await.unwrap(), 6);
    calc.ping().await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            r#"urn:calc:Sum:  xmlns:n0="urn:calc"><S:Body><n0:Numbers>1 2 3</n0:Numbers></S:Body>"#,
            r#" xmlns:n0="urn:calc"><S:Body><n0:Sum>6</n0:Sum></S:Body>"#,
            r#"urn:calc:Ping: ><S:Body></S:Body>"#,
            r#"><S:Body></S:Body>"#,
        ]
    );
}

#[tokio::test]
async fn unqualified_parameters() {
    let (calc, _, seen) = calc();
    assert_eq!(calc.plain(1).await.unwrap(), 2);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            r#"urn:calc:Plain:  xmlns:n0="urn:calc"><S:Body><n0:Plain><a>1</a></n0:Plain></S:Body>"#,
            r#" xmlns:n0="urn:calc"><S:Body><n0:PlainResponse><PlainResult>2</PlainResult></n0:PlainResponse></S:Body>"#,
        ]
    );
}

#[derive(Debug)]
struct Clock;

#[soapstone::service(namespace = "http://example.org/clock", name = "WallClock")]
impl Clock {
    /// The hour.
    pub(crate) async fn hour(&self, zone: &str) -> Result<i32, Fault> {
        if zone == "UTC" {
            Ok(12)
        } else {
            Err(Fault::sender("no such zone"))
        }
    }
}

#[tokio::test]
async fn a_service_from_an_impl_block() {
    let host = Arc::new(Host::new(ClockServer::new(Clock)));
    let seen = Seen::default();
    let wire = Wire {
        host,
        seen: seen.clone(),
    };
    let clock = ClockClient::new(Channel::new(Arc::new(wire)));
    assert_eq!(clock.hour("UTC").await.unwrap(), 12);
    assert!(seen.lock().unwrap()[0].starts_with("http://example.org/clock/Hour: "));
    assert!(
        matches!(clock.hour("x").await, Err(CallError::Fault(fault)) if fault.reason() == "no such zone")
    );
}

/// What only calls: no server, so nothing to tell operations apart, and no WSDL.
#[soapstone::service(namespace = "urn:sides", client)]
trait Called {
    async fn greet(&self, name: &str, order: &Order) -> Result<String, CalcFault>;
    #[soap(bare, action = "urn:sides:Ping")]
    async fn ping(&self);
    #[soap(bare, action = "urn:sides:Ping")]
    async fn ping_again(&self);
}

/// What only serves: no client, whose method `connect` a contract has no other name for.
#[soapstone::service(namespace = "urn:sides", server)]
trait Served {
    async fn greet(&self, name: String, order: Order) -> Result<String, CalcFault>;
    #[soap(bare)]
    async fn ping(&self) {}
    async fn connect(&self) {}
}

impl Served for Clock {
    async fn greet(&self, name: String, order: Order) -> Result<String, CalcFault> {
        Ok(format!("{name} {}", order.id))
    }
}

struct Calling;

#[soapstone::service(namespace = "urn:sides", client, unqualified)]
impl Calling {
    async fn greet(&self, name: &str) -> i32 {
        name.len() as i32
    }
}

#[tokio::test]
async fn one_side_only() {
    let wire = Wire {
        host: Arc::new(Host::new(ServedServer::new(Clock))),
        seen: Seen::default(),
    };
    let seen = Arc::clone(&wire.seen);
    let channel = Channel::new(Arc::new(wire));
    let client = CalledClient::new(channel.clone());
    let greeting = client.greet("Ann", &Order { id: 3 }).await.unwrap();
    assert_eq!(greeting, "Ann 3");
    client.ping().await.unwrap();
    client.ping_again().await.unwrap();
    seen.lock().unwrap().clear();
    let refused = CallingClient::new(channel).greet("Ann").await;
    assert!(matches!(refused, Err(CallError::Fault(_))));
    assert_eq!(
        seen.lock().unwrap()[0],
        r#"urn:sides:Greet:  xmlns:n0="urn:sides"><S:Body><n0:Greet><name>Ann</name></n0:Greet></S:Body>"#,
    );
    assert!(ServedServer::wsdl("http://127.0.0.1:1/").contains("ConnectResponse"));
}

#[test]
fn the_wsdl_names_operations_elements_and_the_address() {
    let wsdl = CalcServer::wsdl("http://127.0.0.1:1/calc");
    for part in [
        r#"name="CalcService""#,
        r#"targetNamespace="urn:calc""#,
        r#"location="http://127.0.0.1:1/calc""#,
        r#"soapAction="urn:DIVIDE""#,
        r#"<xsd:element name="AddResult" type="xsd:double"/>"#,
        r#"<xsd:element name="DivideFault""#,
        "Calculates.",
    ] {
        assert!(wsdl.contains(part), "{part} in {wsdl}");
    }
    assert!(
        ClockServer::wsdl("http://127.0.0.1:1/").contains(r#"<wsdl:portType name="WallClock""#)
    );
}

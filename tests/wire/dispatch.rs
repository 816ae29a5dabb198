//! Requests and the operation they are for, or why they are for none.

use std::sync::Arc;

use soapstone::{
    Fault, Host, SoapType, SoapVersion,
    transport::{Dispatch, FaultOrigin, Message, Outcome},
};

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:d")]
struct Order {
    id: i32,
}

type Done = Result<(), Fault>;

#[soapstone::service(namespace = "urn:d")]
trait Orders {
    #[soap(bare)]
    async fn open(&self, order: Order) -> Order {
        Order { id: order.id + 1 }
    }
    #[soap(bare)]
    async fn close(&self, order: Order) -> Order {
        Order { id: order.id - 1 }
    }
    #[soap(bare)]
    async fn ping(&self) -> Done {
        Ok(())
    }
    #[soap(bare)]
    async fn fail(&self) -> Done {
        Err(Fault::sender("as asked"))
    }
    async fn panic(&self) {
        panic!("as asked")
    }
    #[soap(one_way)]
    async fn note(&self, count: i32) {
        assert!(count < 10);
    }
}

struct Here;
impl Orders for Here {}

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

async fn sent(body: &str, action: Option<&'static str>) -> (String, Message) {
    sent_as(&in_envelope(body), action).await
}

fn in_envelope(body: &str) -> String {
    format!("<e:Envelope xmlns:e='{SOAP11}' xmlns='urn:d'><e:Body>{body}</e:Body></e:Envelope>")
}

async fn sent_as(envelope: &str, action: Option<&'static str>) -> (String, Message) {
    let mut request = Message::new(envelope.to_owned());
    request.action = action.map(Into::into);
    let host = Arc::new(Host::new(OrdersServer::new(Here)));
    let Outcome::Reply(message) = host.dispatch(request).await else {
        panic!("no reply")
    };
    let text = String::from_utf8(message.envelope.to_vec()).unwrap();
    (text, message)
}

const NIL: &str = "<Order xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='1'/>";
const ORDER: &str = "<Order><id>5</id></Order>";

#[tokio::test]
async fn operations_with_one_element_are_told_apart_by_the_action() {
    let (opened, _) = sent(ORDER, Some("urn:d:Open")).await;
    assert!(opened.contains("<n0:id>6</n0:id>"), "{opened}");
    let (closed, _) = sent(ORDER, Some("urn:d:Close")).await;
    assert!(closed.contains("<n0:id>4</n0:id>"), "{closed}");
    for action in [None, Some(""), Some("urn:d:Ping"), Some("urn:other")] {
        let (fault, message) = sent(ORDER, action).await;
        assert!(fault.contains(">S:Client<"), "{fault}");
        assert!(
            fault.contains("Open and Close have the same element"),
            "{fault}"
        );
        assert_eq!(message.fault, Some(FaultOrigin::UnknownOperation));
    }
}

#[tokio::test]
async fn an_empty_answer_behind_an_alias_has_an_empty_body() {
    let (pong, message) = sent("", Some("urn:d:Ping")).await;
    assert!(pong.contains("><S:Body></S:Body>"), "{pong}");
    assert_eq!(message.fault, None);
}

#[tokio::test]
async fn a_foreign_uri_is_not_repeated_at_length() {
    let long = "ü".repeat(30_000);
    let (fault, _) = sent(&format!("<x xmlns='{long}'/>"), None).await;
    assert!(fault.contains("service OrdersService has no operation"));
    assert!(fault.len() < 2_000, "{}", fault.len());
}

#[tokio::test]
async fn a_reply_says_why_it_is_a_fault() {
    let cases = [
        ("<Nothing/>", FaultOrigin::UnknownOperation),
        ("<Order><id>x</id></Order>", FaultOrigin::Refused),
        (NIL, FaultOrigin::Refused),
        ("<Order><id>5</id></Ordre>", FaultOrigin::Unreadable),
        ("<Order><id>5</id>", FaultOrigin::Unreadable),
        (
            "<e:Fault><faultcode>e:Client</faultcode></e:Fault>",
            FaultOrigin::ToFault,
        ),
        ("<Panic/>", FaultOrigin::Application),
        ("<Note><count>x</count></Note>", FaultOrigin::OneWay),
        ("<Note><count>1</Note>", FaultOrigin::Unreadable),
    ];
    for (body, origin) in cases {
        let (fault, message) = sent(body, Some("urn:d:Open")).await;
        let (fault, message) = if body.starts_with("<Panic") || body.starts_with("<Note") {
            sent(body, None).await
        } else {
            (fault, message)
        };
        assert_eq!(message.fault, Some(origin), "{body}: {fault}");
        assert_eq!(message.status, Some(500));
    }
    let (_, message) = sent("", Some("urn:d:Fail")).await;
    assert_eq!(message.fault, Some(FaultOrigin::Application));
    let (_, message) = sent_as("not XML", None).await;
    assert_eq!(message.fault, Some(FaultOrigin::Unreadable));
    let host = Host::new(OrdersServer::new(Here));
    let busy = soapstone::Fault::receiver("busy");
    let refused = host.refuse(&Message::default().version(SoapVersion::Soap12), &busy);
    assert_eq!(refused.fault, Some(FaultOrigin::UnknownOperation));
    for (body, origin) in [
        ("<Panic/>", FaultOrigin::Refused),
        ("<Panic></Pan>", FaultOrigin::Unreadable),
        ("<e:Fault/>", FaultOrigin::ToFault),
        ("<Note><count>1</count></Note>", FaultOrigin::OneWay),
    ] {
        let refused = host.refuse(&Message::new(in_envelope(body)), &busy);
        assert_eq!(refused.fault, Some(origin), "{body}");
    }
}

/// A stream goes on behind what was refused only if the next message can be found.
#[tokio::test]
async fn what_is_refused_early_is_read_to_its_end() {
    let header = "<e:Header><x xmlns='urn:x' e:mustUnderstand='1'/></e:Header>";
    for (body, origin) in [
        ("<Panic/>", FaultOrigin::Refused),
        ("<Panic><a></b></Panic>", FaultOrigin::Unreadable),
        ("<Note/>", FaultOrigin::OneWay),
        ("<Note><a></b></Note>", FaultOrigin::Unreadable),
    ] {
        let text = in_envelope(body).replace("<e:Body>", &format!("{header}<e:Body>"));
        let (fault, message) = sent_as(&text, None).await;
        assert!(fault.contains("MustUnderstand"), "{fault}");
        assert_eq!(message.fault, Some(origin), "{body}");
    }
}

#[tokio::test]
async fn soap11_f2_a_fault_about_the_contents_of_the_body_has_a_detail() {
    let (wrong, _) = sent("<Order><id>x</id></Order>", Some("urn:d:Open")).await;
    assert!(wrong.contains("<detail></detail>"), "{wrong}");
    let header = format!(
        "<e:Envelope xmlns:e='{SOAP11}'><e:Header><x xmlns='urn:x' e:mustUnderstand='1'/></e:Header><e:Body>{ORDER}</e:Body></e:Envelope>"
    );
    let mismatch = "<e:Envelope xmlns:e='urn:e'><e:Body/></e:Envelope>";
    for text in [header.as_str(), mismatch] {
        let (fault, _) = sent_as(text, None).await;
        assert!(!fault.contains("<detail"), "{fault}");
    }
}

#[test]
fn the_wsdl_declares_a_shared_element_once() {
    let wsdl = OrdersServer::wsdl("http://127.0.0.1:1/");
    let declared = wsdl.matches("<xsd:element name=\"Order\"").count();
    assert_eq!(declared, 1, "{wsdl}");
    for operation in ["Open", "Close", "Ping", "Fail"] {
        assert!(wsdl.contains(&format!("<wsdl:operation name=\"{operation}\">")));
    }
    assert!(
        !wsdl.contains("name=\"\"") && !wsdl.contains("element=\"\""),
        "{wsdl}"
    );
}

/// Another type with the element of [`Order`], as only the types know.
#[derive(SoapType, Debug)]
#[soap(namespace = "urn:d", name = "Order")]
struct SameOrder {
    id: i32,
}

#[soapstone::service(namespace = "urn:d")]
trait Alike {
    #[soap(bare, action = "urn:d:Do")]
    async fn open(&self, _order: Order) {}
    #[soap(bare, action = "urn:d:Do")]
    async fn close(&self, _order: SameOrder) {}
}

#[soapstone::service(namespace = "urn:d")]
trait AlikeByDefault {
    #[soap(bare)]
    async fn open(&self, _order: Order) {}
    #[soap(bare, action = "urn:d:AlikeByDefault:OpenRequest")]
    async fn close(&self, _order: SameOrder) {}
}

impl Alike for Here {}
impl AlikeByDefault for Here {}

#[test]
#[should_panic(
    expected = "operations Open and Close of AlikeService have the same element {urn:d}Order in the Body of a request and the \
                same action \"urn:d:Do\", so no request could tell which it is for: give one of them another `action`"
)]
fn a_service_whose_operations_no_request_tells_apart_is_not_served() {
    Host::new(AlikeServer::new(Here));
}

#[test]
#[should_panic(
    expected = "operations Close and Open of AlikeByDefaultService have the same element {urn:d}Order in the Body of a \
                request, and the action \"urn:d:AlikeByDefault:OpenRequest\" of Close is what Open has by default with \
                WS-Addressing: give Close another `action`"
)]
fn nor_is_one_where_an_action_is_the_default_one_of_another() {
    Host::new(AlikeByDefaultServer::new(Here));
}

#[soapstone::service(namespace = "urn:d")]
trait Many {
    #[soap(bare)]
    async fn a1(&self, _order: Order) {}
    #[soap(bare)]
    async fn a2(&self, _order: Order) {}
    #[soap(bare)]
    async fn a3(&self, _order: Order) {}
    #[soap(bare)]
    async fn a4(&self, _order: Order) {}
    #[soap(bare)]
    async fn a5(&self, _order: Order) {}
    #[soap(bare)]
    async fn a6(&self, _order: Order) {}
    #[soap(bare)]
    async fn a7(&self, _order: Order) {}
    #[soap(bare)]
    async fn a8(&self, _order: Order) {}
    #[soap(bare)]
    async fn a9(&self, _order: Order) {}
    #[soap(bare)]
    async fn a10(&self, _order: Order) {}
}

impl Many for Here {}

#[tokio::test]
async fn a_fault_names_some_of_many_operations_with_one_element() {
    let host = Arc::new(Host::new(ManyServer::new(Here)));
    let Outcome::Reply(message) = host.dispatch(Message::new(in_envelope(ORDER))).await else {
        panic!("no reply")
    };
    let fault = String::from_utf8(message.envelope.to_vec()).unwrap();
    assert!(
        fault.contains("A7 and A8 and 2 others have the same element"),
        "{fault}"
    );
}

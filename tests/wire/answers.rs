//! What a client makes of answers: header blocks it understands, and faults.

use std::sync::Arc;

use soapstone::{
    CallError, Channel, Fault, FaultCode, HeaderBlock, SoapFault, SoapType, SoapVersion,
    client::{Outgoing, WriteHeader},
    transport::{Message, Replies, Request, Transport},
    types::QName,
    xml::{WriteError, Writer},
};

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:h")]
struct Quota {
    left: i32,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
enum AskFault {
    #[soap(code = "Sender", reason = "wrong")]
    Wrong { id: i32 },
    #[soap(other)]
    Other(Fault),
}

#[soapstone::service(namespace = "urn:a")]
trait Ask {
    async fn ask(&self) -> Result<i32, AskFault>;
}

/// Gives the same answer to every call, and fails it if the request does not hold a text.
#[derive(Debug)]
struct Canned {
    answer: String,
    expected: &'static str,
}

impl Transport for Canned {
    fn exchange(&self, request: Request) -> Replies<'_> {
        let text = String::from_utf8(request.message.envelope.to_vec()).unwrap();
        assert!(text.contains(self.expected), "{text}");
        let message = Message::new(self.answer.clone());
        Replies::one(async { Ok(Some(message)) })
    }
}

fn channel(header: &str, body: &str) -> Channel {
    let answer = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:a='urn:a'>\
         <e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    );
    Channel::new(Arc::new(Canned {
        answer,
        expected: "",
    }))
}

const QUOTA: &str = "<h:Quota xmlns:h='urn:h' e:mustUnderstand='1'><h:left>3</h:left></h:Quota>";
const VALUE: &str = "<a:AskResponse><a:AskResult>7</a:AskResult></a:AskResponse>";
const FAULT: &str = "<e:Fault><faultcode xmlns:x='urn:app'>x:Server</faultcode><faultstring>no id</faultstring>\
    <detail><a:Wrong><a:id>4</a:id></a:Wrong></detail></e:Fault>";

#[tokio::test]
async fn a_mandatory_block_is_taken_where_the_channel_understands_it() {
    let strict = AskClient::new(channel(QUOTA, VALUE));
    assert!(matches!(strict.ask().await, Err(CallError::Read(_))));
    let knowing = AskClient::new(channel(QUOTA, VALUE).understands("urn:h", "Quota"));
    let (meta, answer) = knowing.ask().with_meta().await;
    assert_eq!(answer.unwrap(), 7);
    assert_eq!(meta.header::<Quota>().unwrap(), Quota { left: 3 });
    assert_eq!(meta.fault(), None);
}

#[tokio::test]
async fn a_fault_is_not_hidden_by_a_block_that_is_not_understood() {
    let client = AskClient::new(channel(QUOTA, FAULT));
    assert!(matches!(
        client.ask().await,
        Err(CallError::Fault(AskFault::Wrong { id: 4 }))
    ));
}

#[tokio::test]
async fn the_code_and_reason_of_a_typed_fault_are_known() {
    let client = AskClient::new(channel("", FAULT));
    let (meta, answer) = client.ask().with_meta().await;
    assert!(matches!(
        answer,
        Err(CallError::Fault(AskFault::Wrong { id: 4 }))
    ));
    let fault = meta.fault().unwrap();
    assert_eq!(fault.reason(), "no id");
    assert_eq!(fault.detail().len(), 1);
    assert_eq!(fault.code(), FaultCode::Receiver);
    // it may be a code of the application, though it is named as one of SOAP's
    assert_eq!(fault.subcodes(), [QName::new("urn:app", "Server")]);
}

struct Action;

impl WriteHeader for Action {
    fn write_header(&self, call: &Outgoing<'_>, writer: &mut Writer) -> Result<(), WriteError> {
        assert_eq!(call.version, SoapVersion::Soap11);
        writer.plain("<a xmlns=\"urn:w\">");
        writer.plain(call.action);
        writer.plain("</a>");
        Ok(())
    }
}

#[tokio::test]
async fn a_block_of_the_channel_knows_the_call_it_goes_with() {
    let canned = Canned {
        answer: String::new(),
        expected: "<a xmlns=\"urn:w\">urn:a:Ask</a><n1:Quota S:mustUnderstand=\"1\" S:actor=\"urn:me\"><n1:left>1</n1:left></n1:Quota>",
    };
    let me = String::from("urn:me");
    let quota = HeaderBlock::new(Quota { left: 1 })
        .must_understand()
        .role(me);
    let channel = Channel::new(Arc::new(canned)).header(Action);
    let call = AskClient::new(channel);
    assert!(call.ask().header(&quota).await.is_err());
}

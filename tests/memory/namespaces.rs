//! A namespace of 60 KB, declared once and used by every name: it is held once, not once a name.

use std::sync::{Arc, Mutex};

use soapstone::{
    CallError, Channel, Context, Fault, Host, Limits, SoapFault, SoapType,
    server::IntoDispatch,
    transport::{Message, Outcome, Replies, Request, Transport},
    types::QName,
    xml::{Element, Node},
};

use super::{ALONE, MIB, fs, status};

#[derive(SoapType, Debug, Clone)]
#[soap(namespace = "urn:keep")]
struct Extended {
    #[soap(any)]
    any: Vec<Element>,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:keep")]
enum KeepFault {
    #[soap(code = "Sender", reason = "wrong")]
    Wrong { id: i32 },
    #[soap(other)]
    Other(Fault),
}

/// Keeps what it is sent.
#[soapstone::service(namespace = "urn:keep")]
trait Keep {
    async fn keep(
        &self,
        #[soap(context)] context: &Context,
        extended: Extended,
        name: Vec<QName>,
    ) -> Result<u64, KeepFault>;
}

struct Keeper {
    context: Mutex<Option<Context>>,
    extended: Mutex<Option<(Extended, Vec<QName>)>>,
}

impl Keep for Keeper {
    async fn keep(
        &self,
        context: &Context,
        extended: Extended,
        name: Vec<QName>,
    ) -> Result<u64, KeepFault> {
        let kept = context.headers().len() + extended.any.len() + name.len();
        *self.context.lock().unwrap() = Some(context.clone());
        *self.extended.lock().unwrap() = Some((extended, name));
        Ok(kept as u64)
    }
}

/// Answers every call with the same bytes.
#[derive(Debug)]
struct Canned(String);

impl Transport for Canned {
    fn exchange(&self, _: Request) -> Replies<'_> {
        let message = Message::new(self.0.clone());
        Replies::one(async { Ok(Some(message)) })
    }
}

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// An Envelope on which `u` and `q` are bound to the long namespace.
fn envelope(header: &str, body: &str) -> String {
    let long = "u".repeat(60_000);
    format!(
        "<e:Envelope xmlns:e='{SOAP11}' xmlns:k='urn:keep' xmlns:u='{long}'>\
         <e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
}

/// What `work` gives, while memory grows by less than 64 MiB and 100 times the bytes sent.
async fn within<T>(name: &str, sent: usize, work: impl Future<Output = T>) -> T {
    fs::write("/proc/self/clear_refs", "5").expect("resets the peak");
    let before = status("VmRSS:");
    let done = work.await;
    let growth = status("VmHWM:").saturating_sub(before);
    let bound = 64 * MIB + 100 * sent;
    println!("{name}: {} KiB sent, {} KiB more", sent >> 10, growth >> 10);
    assert!(growth < bound, "{name}: {growth} of {bound} bytes");
    done
}

async fn request(name: &str, header: &str, arguments: &str, kept: usize) {
    let keeper = Arc::new(Keeper {
        context: Mutex::default(),
        extended: Mutex::default(),
    });
    let text = envelope(header, &format!("<k:Keep>{arguments}</k:Keep>"));
    let limits = Limits::server().header_blocks(1_000_000);
    let host = Host::new(KeepServer::from_arc(Arc::clone(&keeper))).into_dispatch(&limits);
    let answer = within(name, text.len(), host.dispatch(Message::new(text.clone()))).await;
    let Outcome::Reply(message) = answer else {
        panic!("no reply")
    };
    let answer = String::from_utf8_lossy(&message.envelope).into_owned();
    let expected = format!("<n0:keepResult>{kept}</n0:keepResult>");
    assert!(
        answer.to_lowercase().contains(&expected.to_lowercase()),
        "{answer}"
    );
}

#[tokio::test]
async fn any_elements_share_a_long_namespace() {
    let _alone = ALONE.lock().await;
    let attributes = "<u:a u:b='' u:c='u:d'>x</u:a>".repeat(5_000);
    let arguments = format!(
        "<k:extended><u:r>{}</u:r></k:extended>",
        "<u:a/>".repeat(50_000)
    );
    request("any", "", &arguments, 1).await;
    let arguments = format!("<k:extended><u:r>{attributes}</u:r></k:extended>");
    request("any with attributes", "", &arguments, 1).await;
}

#[tokio::test]
async fn names_share_a_long_namespace() {
    let _alone = ALONE.lock().await;
    let arguments = format!("<k:extended/>{}", "<k:name>u:a</k:name>".repeat(40_000));
    request("QNames", "", &arguments, 40_000).await;
}

#[tokio::test]
async fn header_blocks_of_the_context_share_a_long_namespace() {
    let _alone = ALONE.lock().await;
    request("context", &"<u:h/>".repeat(50_000), "<k:extended/>", 50_000).await;
}

#[tokio::test]
async fn mandatory_header_blocks_share_a_long_namespace() {
    let _alone = ALONE.lock().await;
    let header: String = (0..40_000)
        .map(|n| format!("<u:h{n} e:mustUnderstand='1'/>"))
        .collect();
    let text = envelope(&header, "<k:Keep><k:extended/></k:Keep>");
    let limits = Limits::server().header_blocks(1_000_000);
    let keeper = Keeper {
        context: Mutex::default(),
        extended: Mutex::default(),
    };
    let host = Host::new(KeepServer::new(keeper)).into_dispatch(&limits);
    let sent = text.len();
    within("mandatory", sent, host.dispatch(Message::new(text))).await;
}

#[tokio::test]
async fn the_detail_of_a_fault_shares_a_long_namespace() {
    let _alone = ALONE.lock().await;
    let subcodes = "<faultcode>u:x</faultcode>".repeat(5_000);
    let detail = format!("<u:d>{}</u:d>", "<u:a/>".repeat(40_000));
    let fault = format!(
        "<e:Fault>{subcodes}<faultstring>no</faultstring><detail>{detail}</detail></e:Fault>"
    );
    let text = envelope("", &fault);
    let sent = text.len();
    let client = KeepClient::new(Channel::new(Arc::new(Canned(text))));
    let extended = Extended { any: Vec::new() };
    let call = async { client.keep(extended, Vec::new()).await };
    let error = within("fault", sent, call).await.unwrap_err();
    let CallError::Fault(KeepFault::Other(fault)) = error else {
        panic!("{error}")
    };
    assert!(fault.subcodes().len() <= 16);
    assert_eq!(fault.detail()[0].children().len(), 40_000);
    assert!(matches!(&fault.detail()[0].children()[0], Node::Element(a) if a.prefix() == "u"));
}

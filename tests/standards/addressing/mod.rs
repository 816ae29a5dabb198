//! WS-Addressing 1.0 and of August 2004: each rule of ours is a test named after it, on bytes.

mod calls;
mod formation;
mod headers;
mod hostile;
mod routing;
mod rules;
mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use roxmltree::{Document, Node};
use soapstone::{
    Context, Fault, Host, SoapFault, SoapType, SoapVersion,
    addressing::{AddressingOptions, Edition},
    transport::{Dispatch, Message, Outcome},
};

pub const NEW: &str = "http://www.w3.org/2005/08/addressing";
pub const OLD: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
pub const BOTH: [SoapVersion; 2] = [SoapVersion::Soap11, SoapVersion::Soap12];

/// The blocks of a request that all of them take, in the namespace of the prefix `a`.
pub const GET: &str = "<a:Action>urn:q:Get</a:Action><a:MessageID>urn:uuid:1</a:MessageID>";
pub const GET_BODY: &str = "<q:Get><q:key>7</q:key></q:Get>";

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:q")]
pub struct Item {
    pub id: i32,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:q")]
pub enum QueueFault {
    #[soap(code = "Sender", reason = "no such key")]
    NoKey { key: i32 },
    #[soap(other)]
    Other(Fault),
}

#[soapstone::service(namespace = "urn:q")]
pub trait Queue {
    async fn get(&self, key: i32, #[soap(context)] context: &Context)
    -> Result<String, QueueFault>;
    #[soap(one_way)]
    async fn put(&self, key: i32);
    #[soap(bare)]
    async fn open(&self, item: Item) -> Item;
    #[soap(bare)]
    async fn close(&self, item: Item) -> Item;
}

/// Counts what it is asked, and tells what it knows of who asks.
#[derive(Default, Clone)]
pub struct Counting(Arc<AtomicUsize>);

impl Queue for Counting {
    async fn get(&self, key: i32, context: &Context) -> Result<String, QueueFault> {
        self.0.fetch_add(1, SeqCst);
        match key {
            0 => Err(QueueFault::NoKey { key }),
            1 => Err(QueueFault::Other(Fault::receiver("as asked"))),
            _ => Ok(format!("{:?}", context.addressing())),
        }
    }

    async fn put(&self, _: i32) {
        self.0.fetch_add(1, SeqCst);
    }

    async fn open(&self, item: Item) -> Item {
        Item { id: item.id + 1 }
    }

    async fn close(&self, item: Item) -> Item {
        Item { id: item.id - 1 }
    }
}

/// A request to the queue.
#[derive(Clone)]
pub struct Asking {
    pub version: SoapVersion,
    /// The edition whose namespace has the prefix `a`; `b` has the other one.
    pub edition: Edition,
    pub options: AddressingOptions,
    pub action: Option<&'static str>,
    pub body: &'static str,
}

pub fn asking(version: SoapVersion) -> Asking {
    Asking {
        version,
        edition: Edition::V200508,
        options: AddressingOptions::default(),
        action: None,
        body: GET_BODY,
    }
}

impl Asking {
    pub fn old(self) -> Self {
        Self {
            edition: Edition::V200408,
            ..self
        }
    }

    pub fn body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }

    pub fn options(self, options: AddressingOptions) -> Self {
        Self { options, ..self }
    }

    pub fn action(self, action: &'static str) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }

    pub fn envelope(&self, headers: &str) -> String {
        let soap = self.version.namespace().uri();
        let (own, other) = match self.edition {
            Edition::V200508 => (NEW, OLD),
            Edition::V200408 => (OLD, NEW),
        };
        format!(
            "<s:Envelope xmlns:s='{soap}' xmlns:a='{own}' xmlns:b='{other}' xmlns:q='urn:q'>\
             <s:Header>{headers}</s:Header><s:Body>{}</s:Body></s:Envelope>",
            self.body
        )
    }

    /// What comes of the request with these header blocks.
    pub async fn with(&self, headers: &str) -> Came {
        self.sent(self.envelope(headers)).await
    }

    pub async fn sent(&self, envelope: String) -> Came {
        let mut request = Message::new(envelope).version(self.version);
        request.action = self.action.map(Into::into);
        request.addressing = Some(Arc::new(self.options.clone()));
        let queue = Counting::default();
        let host = Arc::new(Host::new(QueueServer::new(queue.clone())));
        let outcome = host.dispatch(request).await;
        let early = queue.0.load(SeqCst);
        let (way, message) = match outcome {
            Outcome::Reply(message) => ("back".to_owned(), Some(message)),
            Outcome::Accepted(work) => {
                work.await;
                ("nobody".to_owned(), None)
            }
            Outcome::Elsewhere(work) => match work.await {
                Some((to, message)) => (to, Some(message)),
                None => ("nobody".to_owned(), None),
            },
            other => panic!("{other:?}"),
        };
        Came {
            way,
            text: message.as_ref().map_or_else(String::new, |message| {
                String::from_utf8(message.envelope.to_vec()).expect("UTF-8")
            }),
            message,
            early,
            executed: queue.0.load(SeqCst),
        }
    }
}

/// What has come of a request.
#[derive(Debug)]
pub struct Came {
    /// `back`, `nobody` or a URL.
    pub way: String,
    pub text: String,
    pub message: Option<Message>,
    /// How often an operation had run when the transport could answer.
    pub early: usize,
    pub executed: usize,
}

impl Came {
    /// Texts of the header blocks of that name.
    pub fn blocks(&self, namespace: &str, local: &str) -> Vec<String> {
        let document = Document::parse(&self.text).expect("well-formed");
        let header = named(&document, "Header");
        let blocks = header
            .iter()
            .flat_map(Node::children)
            .filter(|block| block.has_tag_name((namespace, local)));
        blocks
            .map(|block| block.text().unwrap_or_default().to_owned())
            .collect()
    }

    /// The text of the one header block of 1.0 of that name.
    pub fn block(&self, local: &str) -> String {
        let blocks = self.blocks(NEW, local);
        assert_eq!(blocks.len(), 1, "{local}: {}", self.text);
        blocks[0].clone()
    }

    /// The codes of a fault, the most general first, each as its local name.
    pub fn codes(&self) -> Vec<String> {
        let document = Document::parse(&self.text).expect("well-formed");
        let fault = named(&document, "Fault").expect("a fault");
        let is_code = |node: &Node<'_, '_>| matches!(node.tag_name().name(), "Value" | "faultcode");
        let codes = fault.descendants().filter(is_code);
        codes
            .map(|code| {
                let text = code.text().expect("a code");
                let (prefix, local) = text.split_once(':').expect("a prefix");
                let namespace = code.lookup_namespace_uri(Some(prefix));
                assert!(namespace.is_some(), "{}", self.text);
                local.to_owned()
            })
            .collect()
    }

    /// The text of the element of 1.0 in the detail, which in SOAP 1.1 stands in the Header.
    pub fn detail(&self, version: SoapVersion, local: &str) -> Option<String> {
        self.detail_in(version, NEW, local)
    }

    /// The same of the edition with that namespace.
    pub fn detail_in(&self, version: SoapVersion, namespace: &str, local: &str) -> Option<String> {
        let document = Document::parse(&self.text).expect("well-formed");
        let place = match version {
            SoapVersion::Soap11 => "FaultDetail",
            SoapVersion::Soap12 => "Detail",
        };
        assert!(named(&document, "detail").is_none(), "{}", self.text);
        let found = named(&document, place)?
            .descendants()
            .find(|node| node.has_tag_name((namespace, local)))?;
        found.text().map(str::to_owned)
    }

    /// Checks that it is a fault of 1.0 with these subcodes, that goes back and before which nothing was executed.
    pub fn refused(&self, version: SoapVersion, subcodes: &[&str]) {
        assert_eq!((&*self.way, self.executed), ("back", 0), "{}", self.text);
        match version {
            SoapVersion::Soap11 => {
                assert_eq!(
                    self.codes(),
                    subcodes[subcodes.len() - 1..],
                    "{}",
                    self.text
                );
            }
            SoapVersion::Soap12 => {
                let codes = [&["Sender"], subcodes].concat();
                assert_eq!(self.codes(), codes, "{}", self.text);
            }
        }
    }
}

pub fn named<'a, 'i>(document: &'a Document<'i>, local: &str) -> Option<Node<'a, 'i>> {
    document
        .descendants()
        .find(|node| node.tag_name().name() == local)
}

/// An endpoint reference in a block of that name.
pub fn endpoint(block: &str, address: &str) -> String {
    format!("<a:{block}><a:Address>{address}</a:Address></a:{block}>")
}

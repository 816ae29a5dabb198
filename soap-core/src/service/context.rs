//! What a handler may know of its call beside the arguments.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use crate::{
    Action, Limits, Message, Peer, SoapVersion,
    addressing::MessageAddressing,
    envelope::Envelope,
    xml::{self, Element, ReadError},
};

/// What a handler may know of its call beside the arguments: take it as `#[soap(context)] context: &Context`.
///
/// A clone is cheap and stays valid when the call has ended.
#[derive(Debug, Clone)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    version: SoapVersion,
    action: Option<Action>,
    peer: Option<Peer>,
    /// The request, for the header blocks.
    request: Bytes,
    charset: Option<Cow<'static, str>>,
    limits: Limits,
    addressing: Option<Arc<MessageAddressing>>,
    /// Made when a handler asks for them.
    headers: OnceLock<Vec<Element>>,
}

impl Context {
    pub(super) fn new(
        message: &Message,
        version: SoapVersion,
        limits: &Limits,
        addressing: Option<Arc<MessageAddressing>>,
    ) -> Self {
        Self(Arc::new(Inner {
            version,
            action: message.action.clone(),
            peer: message.peer.clone(),
            request: message.envelope.clone(),
            charset: message.charset.clone(),
            limits: limits.clone(),
            addressing,
            headers: OnceLock::new(),
        }))
    }

    /// The version the request is in and the answer will be.
    pub fn version(&self) -> SoapVersion {
        self.0.version
    }

    /// The action, without quotes: as the transport carried it, else that of WS-Addressing.
    pub fn action(&self) -> Option<&str> {
        let carried = self.0.action.as_deref();
        carried.or_else(|| self.addressing()?.action.as_deref())
    }

    /// What the request says by WS-Addressing; `None` if it says nothing, or the binding does not use it. Anyone can say anything
    /// in it: `From` is no proof of who called (rule A-14), and a reference parameter none that this service gave it out (rule A-16).
    pub fn addressing(&self) -> Option<&MessageAddressing> {
        self.0.addressing.as_deref()
    }

    /// Who called, if the transport knows.
    pub fn peer(&self) -> Option<&Peer> {
        self.0.peer.as_ref()
    }

    /// True once the caller has reset or broken the connection: nobody can read the answer. The handler runs on to its end all the
    /// same. A caller that closes in good order is not told from one that still waits: see [`PeerGone`](crate::PeerGone).
    pub fn peer_gone(&self) -> bool {
        self.0.peer.as_ref().is_some_and(|peer| peer.gone.is_set())
    }

    /// All header blocks of the request, also those for other nodes. They are made of its bytes when this is first called.
    pub fn headers(&self) -> &[Element] {
        let read = || self.0.read_headers().unwrap_or_default(); // the request has been read before
        self.0.headers.get_or_init(read)
    }
}

impl Inner {
    fn read_headers(&self) -> Result<Vec<Element>, ReadError> {
        let text = xml::decode(&self.request, self.charset.as_deref(), &self.limits)?;
        let envelope = Envelope::read(&text, &self.limits)?;
        let mut headers = Vec::with_capacity(envelope.blocks().len());
        if let Some(mut reader) = envelope.header() {
            while headers.len() < envelope.blocks().len() {
                let Some(name) = reader.next()? else { break };
                headers.push(Element::read(name, &mut reader)?);
            }
        }
        Ok(headers)
    }
}

//! What every transport carries: the bytes of one envelope and what stands around it.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, SocketAddr},
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
};

use bytes::Bytes;

use crate::{AddressingOptions, SoapVersion};

/// One message on the wire: an envelope and what the transport says about it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Message {
    /// The bytes of the envelope; empty where there is none.
    pub envelope: Bytes,
    /// The version the transport announces by a media type. The Envelope itself decides (rule S-2).
    pub version: Option<SoapVersion>,
    /// `SOAPAction` or the `action` parameter, without quotes; `None` if there was none.
    pub action: Option<Action>,
    /// The `charset` parameter of the media type, as sent.
    pub charset: Option<Cow<'static, str>>,
    /// Who sent it.
    pub peer: Option<Peer>,
    /// HTTP status of an answer; a service may ask for one.
    pub status: Option<u16>,
    /// Why an answer is a fault, set by the [`Host`](crate::Host) that wrote it; `None` for an answer that is none, and for
    /// every message that was received. A transport without status codes decides by it what to send and whether to go on.
    pub fault: Option<FaultOrigin>,
    /// Its `MessageID`, where it is sent with WS-Addressing: a transport finds the answer by it, which has it in `RelatesTo`.
    pub message_id: Option<Box<str>>,
    /// How the binding that has received it uses WS-Addressing; `None`: as a server does unless told otherwise.
    pub addressing: Option<Arc<AddressingOptions>>,
}

/// Why an answer is a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultOrigin {
    /// The request is not XML that can be read to its end, or passed a limit. Where nothing but the XML tells messages apart,
    /// the next one cannot be found: send the fault and close. To such a datagram nothing is answered.
    Unreadable,
    /// The request was read, but is no Envelope, or nobody has such an operation. Nobody knows then whether the caller waits for an
    /// answer, so a stream sends the fault and closes.
    UnknownOperation,
    /// The request was read and not executed: an argument is wrong, a header block was not understood, the server is busy. The
    /// connection goes on.
    Refused,
    /// The operation was executed, or begun, and answers so. The connection goes on.
    Application,
    /// The operation is one-way: its caller reads no answer. HTTP has to answer its request; all others drop the answer, or a
    /// stream would have an answer too many.
    OneWay,
    /// The request was a fault itself. HTTP has to answer its request; all others drop the answer, or two peers would send
    /// faults to each other for ever.
    ToFault,
}

impl Message {
    /// A message of `envelope` alone.
    pub fn new(envelope: impl Into<Bytes>) -> Self {
        Self {
            envelope: envelope.into(),
            ..Self::default()
        }
    }

    /// The version announced.
    #[must_use]
    pub fn version(self, version: SoapVersion) -> Self {
        Self {
            version: Some(version),
            ..self
        }
    }

    /// The action, without quotes.
    #[must_use]
    pub fn action(self, action: impl Into<Action>) -> Self {
        Self {
            action: Some(action.into()),
            ..self
        }
    }
}

/// What a message asks for, as `SOAPAction` says it. A clone is cheap.
#[derive(Clone)]
pub struct Action(Text);

#[derive(Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Deref for Action {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Text::Static(text) => text,
            Text::Shared(text) => text,
        }
    }
}

impl From<Cow<'static, str>> for Action {
    fn from(action: Cow<'static, str>) -> Self {
        match action {
            Cow::Borrowed(text) => Self(Text::Static(text)),
            Cow::Owned(text) => Self(Text::Shared(text.into())),
        }
    }
}

impl From<&'static str> for Action {
    fn from(action: &'static str) -> Self {
        Self(Text::Static(action))
    }
}

impl From<String> for Action {
    fn from(action: String) -> Self {
        Self(Text::Shared(action.into()))
    }
}

impl From<Arc<str>> for Action {
    fn from(action: Arc<str>) -> Self {
        Self(Text::Shared(action))
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Action {}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// The other end of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Peer {
    /// Address, where the transport has one.
    pub address: Option<SocketAddr>,
    /// Scheme of the transport: `http`.
    pub scheme: &'static str,
    /// The certificates the peer has shown and the transport has verified, in DER, its own first; none without TLS, or where none
    /// was asked for.
    pub certificates: Arc<[Bytes]>,
    /// What is known of its going away.
    pub gone: PeerGone,
    /// Where its message arrived, on a transport of datagrams.
    pub destination: Option<Destination>,
}

/// Where a datagram arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Destination {
    /// The address it was sent to: one of this machine's, or that of a multicast group.
    pub address: IpAddr,
    /// Index of the network interface it came in by.
    pub interface: u32,
}

impl Destination {
    /// A datagram to `address` that came in by `interface`.
    pub fn new(address: IpAddr, interface: u32) -> Self {
        Self { address, interface }
    }

    /// True if it was sent to a group: others may have got it too.
    pub fn is_multicast(&self) -> bool {
        self.address.is_multicast()
    }
}

impl Peer {
    /// A peer at `address`, reached over `scheme`.
    pub fn new(scheme: &'static str, address: Option<SocketAddr>) -> Self {
        Self {
            address,
            scheme,
            certificates: Arc::default(),
            gone: PeerGone::default(),
            destination: None,
        }
    }

    /// The same with where its message arrived.
    #[must_use]
    pub fn destination(self, destination: Destination) -> Self {
        Self {
            destination: Some(destination),
            ..self
        }
    }

    /// The same with the certificates it has shown.
    #[must_use]
    pub fn certificates(self, certificates: Arc<[Bytes]>) -> Self {
        Self {
            certificates,
            ..self
        }
    }
}

/// What is known, while a call runs, of a peer that goes away.
///
/// TCP does not tell a peer that has closed its socket from one that has only ended its side and still reads the answer: both
/// begin with a FIN, and only an answer written to the first is refused. So there are two questions, and neither is proof that a
/// peer is still there.
#[derive(Clone, Default)]
pub struct PeerGone(Arc<AtomicU8>);

const HALF_CLOSED: u8 = 1;
const GONE: u8 = 2;

impl PeerGone {
    /// True once nobody can read the answer: the peer has reset or broken the connection, or the transport has given it up.
    pub fn is_set(&self) -> bool {
        self.0.load(Relaxed) >= GONE
    }

    /// True once the peer will send nothing more: it has closed the connection, or waits for this answer as the last one. A
    /// handler that may be executed again can end early on it; others had better go on.
    pub fn is_half_closed(&self) -> bool {
        self.0.load(Relaxed) >= HALF_CLOSED
    }

    /// Says that nobody can read the answer.
    pub fn set(&self) {
        self.0.fetch_max(GONE, Relaxed);
    }

    /// Says that the peer will send nothing more.
    pub fn set_half_closed(&self) {
        self.0.fetch_max(HALF_CLOSED, Relaxed);
    }
}

impl fmt::Debug for PeerGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.load(Relaxed) {
            0 => "PeerGone(no)",
            HALF_CLOSED => "PeerGone(half closed)",
            _ => "PeerGone(yes)",
        })
    }
}

//! The transport of datagrams: each exchange has a socket of its own, so that what comes late reaches no later call.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use soap_core::{
    Addressing, Message, Options,
    transport::{BoxFuture, Expect, Replies, Request, Transport, TransportError},
};
use tokio::{
    net::lookup_host,
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use tracing::{Instrument, Span};
use url::Position;

use super::{
    Address, UdpOptions,
    conversation::Conversation,
    exchange::{Asked, Exchange},
    net::{Multicast, Network, Opening},
    repeat::{Constants, Repeat},
};
use crate::clock::after;

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 32;
/// One-way messages whose copies still go out after their calls have ended: each holds a socket. The calls of more wait for their copies.
pub(super) const MOST_DETACHED: usize = 256;

/// `EMSGSIZE`: a datagram that the kernel does not take.
#[cfg(unix)]
pub(super) const TOO_LARGE: i32 = nix::errno::Errno::EMSGSIZE as i32;
/// `WSAEMSGSIZE`.
#[cfg(not(unix))]
pub(super) const TOO_LARGE: i32 = 10_040;

/// How long an exchange may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    pub(super) time: Duration,
    /// The option that says so; `None`: the call itself.
    pub(super) option: Option<&'static str>,
}

/// Carries messages to one address or group.
#[derive(Debug)]
pub(super) struct UdpTransport {
    pub(super) address: Address,
    pub(super) network: Arc<dyn Network>,
    /// The indexes of those that multicast leaves by; none: the kernel chooses one.
    pub(super) interfaces: Vec<u32>,
    /// Counts one-way messages whose copies still go out.
    pub(super) detached: Arc<Semaphore>,
    pub(super) options: Options,
    pub(super) udp: UdpOptions,
}

impl Transport for UdpTransport {
    fn exchange(&self, request: Request) -> Replies<'_> {
        let span = self.span(&request.message);
        match request.expect {
            Expect::Many => Replies::many(Answers {
                state: State::Beginning(Box::pin(self.begin(request))),
                span,
            }),
            _ => Replies::one(self.call(request).instrument(span)),
        }
    }
}

/// What comes until the time is over.
struct Answers<'t> {
    state: State<'t>,
    span: Span,
}

enum State<'t> {
    Beginning(BoxFuture<'t, Result<Conversation, TransportError>>),
    Open(Box<Conversation>),
    Over,
}

impl futures_core::Stream for Answers<'_> {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { state, span } = &mut *self;
        let _entered = span.enter();
        loop {
            let item = match state {
                State::Beginning(begun) => match ready!(begun.as_mut().poll(cx)) {
                    Ok(conversation) => {
                        *state = State::Open(Box::new(conversation));
                        continue;
                    }
                    Err(error) => {
                        *state = State::Over;
                        Some(Err(error))
                    }
                },
                State::Open(conversation) => ready!(conversation.poll_answer(cx)),
                State::Over => None,
            };
            if !matches!(item, Some(Ok(_))) {
                // Closes the socket.
                *state = State::Over;
            }
            return Poll::Ready(item);
        }
    }
}

impl UdpTransport {
    fn span(&self, message: &Message) -> Span {
        tracing::info_span!(
            "soap.call",
            scheme = "soap.udp",
            peer = &self.address.url[..Position::AfterPath],
            action = message.action.as_deref(),
        )
    }

    /// How long the exchange may take.
    fn bound(&self, request: &Request) -> Patience {
        let timeouts = &self.options.timeouts;
        let set = [
            ("Timeouts::call", timeouts.call),
            ("Timeouts::answer", timeouts.answer),
        ];
        let usual = ("UdpOptions::answer", self.udp.answer);
        let least = |least: (_, Duration), other: (_, Duration)| match other.1 < least.1 {
            true => other,
            false => least,
        };
        let (option, time) = set.into_iter().fold(usual, least);
        match request.timeout {
            Some(time) => Patience { time, option: None },
            None => Patience {
                time,
                option: Some(option),
            },
        }
    }

    async fn call(&self, request: Request) -> Result<Option<Message>, TransportError> {
        let bound = self.bound(&request);
        let is_one_way = request.expect == Expect::Nothing;
        let mut conversation = self.begin(request).await?;
        if is_one_way {
            self.detach(conversation).await;
            return Ok(None);
        }
        match poll_fn(|cx| conversation.poll_answer(cx)).await {
            Some(answer) => answer.map(Some),
            None => Err(conversation.unanswered(bound)),
        }
    }

    /// Sends the first datagram, to the first address of the host that takes it.
    async fn begin(&self, request: Request) -> Result<Conversation, TransportError> {
        let Address { host, port, .. } = &self.address;
        let (size, most) = (request.message.envelope.len(), self.udp.datagram);
        if size > most {
            return Err(too_large(size, Some(most)));
        }
        let bound = self.bound(&request).time;
        let deadline = after(Instant::now(), bound);
        let found = timeout_at(deadline, self.addresses()).await;
        let found = found.map_err(|_| {
            TransportError::timeout(&format!("looking up {host:?}"), bound, false)
        })??;
        let mut failure = None;
        for to in found {
            let mut conversation = match self.open(&request, to, deadline) {
                Ok(conversation) => conversation,
                Err(error) => {
                    failure.get_or_insert((to, error));
                    continue;
                }
            };
            let begun = timeout_at(deadline, poll_fn(|cx| conversation.poll_begin(cx))).await;
            match begun {
                Ok(Ok(())) => return Ok(conversation),
                Ok(Err(error)) if is_too_large(&error) => {
                    return Err(too_large(size, None).caused_by(error));
                }
                Ok(Err(error)) => failure.get_or_insert((to, error)),
                Err(_) => {
                    let phase = format!("sending to {host}:{port} at {to}");
                    return Err(TransportError::timeout(
                        &phase,
                        bound,
                        conversation.has_left(),
                    ));
                }
            };
        }
        Err(match failure {
            Some((to, error)) => {
                let remedy = match error.kind() {
                    io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable
                        if to.ip().is_multicast() =>
                    {
                        "; the kernel has no route for the group: name a network interface by UdpOptions::interfaces"
                    }
                    _ => "",
                };
                let text = format!("nothing can be sent to {host}:{port} at {to}: {error}{remedy}");
                TransportError::connect(text).caused_by(error)
            }
            None => TransportError::connect(format!("no address for {host:?}")),
        })
    }

    /// A socket towards `to`, and what is to happen on it.
    fn open(
        &self,
        request: &Request,
        to: SocketAddr,
        deadline: Instant,
    ) -> io::Result<Conversation> {
        let Self { udp, options, .. } = self;
        let own = options.socket.local_address.unwrap_or(if to.is_ipv4() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        } else {
            IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        });
        let socket = self.network.open(&Opening {
            local: SocketAddr::new(own, 0),
            socket: &options.socket,
            only_v6: true,
            is_shared: false,
            groups: &[],
            multicast: Multicast {
                hops: udp.hops,
                is_looped: udp.multicast_loop,
            },
        })?;
        let is_optional = options.addressing.mode == Some(Addressing::Optional);
        let is_known = request.message.message_id.is_some() && !is_optional;
        let constants = if to.ip().is_multicast() {
            Constants::multicast(udp)
        } else {
            Constants::unicast(udp)
        };
        let constants = if is_known || udp.repeat_unaddressed {
            constants
        } else {
            constants.once()
        };
        let repeat = Repeat::new(constants, Instant::now(), fastrand::u64);
        let asked = Asked::new(&request.message, to, request.expect, &options.addressing);
        // A link-local address is one of each network.
        let is_scoped = match to.ip() {
            IpAddr::V4(_) => false,
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        };
        let interfaces = if to.ip().is_multicast() || is_scoped {
            &self.interfaces[..]
        } else {
            &[]
        };
        Ok(Conversation::new(
            socket,
            Exchange::new(asked, repeat, deadline),
            (request.message.envelope.clone(), to),
            interfaces,
            (udp.datagram, options.limits.clone()),
        ))
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, TransportError> {
        let Address { host, port, .. } = &self.address;
        let found = lookup_host((host.as_str(), *port)).await.map_err(|error| {
            TransportError::connect(format!("no address for {host:?}")).caused_by(error)
        })?;
        let own = self.options.socket.local_address;
        let usable =
            |address: &SocketAddr| own.is_none_or(|own| own.is_ipv4() == address.is_ipv4());
        let usable: Vec<_> = found.filter(usable).take(MOST_ADDRESSES).collect();
        match own {
            Some(own) if usable.is_empty() => {
                let family = if own.is_ipv4() { "IPv4" } else { "IPv6" };
                Err(TransportError::connect(format!(
                    "no {family} address for {host:?}, to send to from the local_address {own}"
                )))
            }
            _ => Ok(usable),
        }
    }

    /// Lets the copies of a one-way message go out while its caller goes on, unless there are too many of such.
    async fn detach(&self, mut conversation: Conversation) {
        if !conversation.goes_on() {
            return;
        }
        let copies = async move {
            poll_fn(|cx| conversation.poll_copies(cx)).await;
        };
        match Arc::clone(&self.detached).try_acquire_owned() {
            Ok(permit) => {
                let copies = async move {
                    copies.await;
                    drop(permit);
                };
                tokio::spawn(copies.in_current_span());
            }
            Err(_) => copies.await,
        }
    }
}

/// That a request of `size` bytes does not fit; `most`: into what.
fn too_large(size: usize, most: Option<usize>) -> TransportError {
    let most = match most {
        Some(most) => format!("of {most} bytes that UdpOptions::datagram allows"),
        None => "the network takes".to_owned(),
    };
    let text = format!(
        "the request of {size} bytes is larger than the datagram {most}; http and soap.tcp have no such limit"
    );
    TransportError::limit(text, false)
}

fn is_too_large(error: &io::Error) -> bool {
    error.raw_os_error() == Some(TOO_LARGE)
}

//! What can be set for datagrams alone.

use std::{net::IpAddr, time::Duration};

/// Options of `soap.udp`, given to a server or an endpoint by `with`. Each side ignores what is for the other.
///
/// # Example
/// ```
/// use soap_transport::udp::UdpOptions;
/// let camera = UdpOptions::draft_2004().hops(4).interfaces(["eth0", "192.0.2.7"]);
/// assert_eq!(camera.multicast_repeat, 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UdpOptions {
    /// Copies of a unicast datagram sent behind the first (`UNICAST_UDP_REPEAT`): 1. They stop when an answer has come.
    pub unicast_repeat: u32,
    /// Copies of a multicast datagram sent behind the first (`MULTICAST_UDP_REPEAT`): 2.
    pub multicast_repeat: u32,
    /// The shortest time before the first copy (`UDP_MIN_DELAY`): 50 ms. The time is random, and doubles for each copy that follows.
    pub min_delay: Duration,
    /// The longest time before the first copy (`UDP_MAX_DELAY`): 250 ms.
    pub max_delay: Duration,
    /// The longest time before any other copy (`UDP_UPPER_DELAY`): 500 ms.
    pub upper_delay: Duration,
    /// Client: how long answers are waited for, unless the call says: 5 s. Answers to a multicast request are collected for so long.
    /// [`Timeouts::answer`](soap_core::Timeouts::answer) and [`Timeouts::call`](soap_core::Timeouts::call) bound it where they are
    /// shorter, and lengthen nothing: a lost datagram is no reason to wait a minute. For a handler that takes longer raise this.
    pub answer: Duration,
    /// Client: copies are also sent of a request that goes without WS-Addressing, or with it where it is optional: a receiver that
    /// does not know it cannot tell them from new requests and executes each. Off.
    pub repeat_unaddressed: bool,
    /// The largest envelope that is sent or taken, in bytes, up to 65,507: 65,507. More than fits into one packet of the network
    /// (1,472 bytes of IPv4 on Ethernet) arrives only if all its fragments do.
    pub datagram: usize,
    /// Server: groups to join, beside that of a URL which names one.
    pub groups: Vec<IpAddr>,
    /// The network interfaces for multicast, by name or by one of their addresses: a server joins its groups on each, a client sends
    /// its requests out of each. None: a server joins on all that are up and can do multicast; a client leaves it to the kernel.
    pub interfaces: Vec<String>,
    /// Routers that a multicast datagram may pass, plus one (`IP_MULTICAST_TTL`), from 0 to 255: 1, which is the network at hand.
    pub hops: u32,
    /// Multicast datagrams also reach this machine (`IP_MULTICAST_LOOP`): on. A client and a server never take their own.
    pub multicast_loop: bool,
    /// Server: `MessageID`s remembered, so that a copy is not executed again: 200,000, of about 150 bytes each. One executed less than 2 s
    /// ago is not forgotten for a new one, which is dropped as `busy` instead: more than 100,000 requests a second need a higher number.
    pub seen: usize,
    /// Server: how long each is remembered: 60 s.
    pub seen_for: Duration,
    /// Server: bytes of answers kept to answer copies of their requests with: 8 MiB.
    pub answers: usize,
    /// Server: how long each is kept: 10 s.
    pub answers_for: Duration,
    /// Server: an answer, all its copies together, is no larger than this many times the request, for sources outside the
    /// networks of this machine's interfaces: 3. Who sends requests under the address of a victim gains nothing then. 0: no bound.
    pub amplification: u32,
    /// Server: requests a second from one source outside the networks of this machine's interfaces, and from its neighbours of the same /24
    /// (IPv6: /64): 100, with bursts of twice as many. More are dropped and counted. 0: no bound.
    pub rate_per_source: u32,
    /// Server: requests a second in all: 0, which is no bound.
    pub rate: u32,
}

impl Default for UdpOptions {
    fn default() -> Self {
        Self {
            unicast_repeat: 1,
            multicast_repeat: 2,
            min_delay: Duration::from_millis(50),
            max_delay: Duration::from_millis(250),
            upper_delay: Duration::from_millis(500),
            answer: Duration::from_secs(5),
            repeat_unaddressed: false,
            datagram: 65_507,
            groups: Vec::new(),
            interfaces: Vec::new(),
            hops: 1,
            multicast_loop: true,
            seen: 200_000,
            seen_for: Duration::from_secs(60),
            answers: 8 << 20,
            answers_for: Duration::from_secs(10),
            amplification: 3,
            rate_per_source: 100,
            rate: 0,
        }
    }
}

impl UdpOptions {
    /// The defaults: those of SOAP-over-UDP 1.1 (OASIS, 2009).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The repeats of the draft of September 2004, which WS-Discovery of 2005/04 refers to: 2 and 4.
    #[must_use]
    pub fn draft_2004() -> Self {
        Self::new().unicast_repeat(2).multicast_repeat(4)
    }

    /// The constants of DPWS 1.1: one copy either way, at most 450 ms apart, of envelopes up to 4,096 bytes.
    #[must_use]
    pub fn dpws() -> Self {
        Self::new()
            .multicast_repeat(1)
            .upper_delay(Duration::from_millis(450))
            .datagram(4096)
    }
}

/// A method for each field, which sets it by value; those behind `and` have methods of their own.
macro_rules! by_value {
    ($($field:ident: $kind:ty),+ $(,)?; and $($other:ident: $item:ty),+) => {
        // Does not compile when a field is missing.
        const _: fn(UdpOptions) = |UdpOptions { $($field: _,)+ $($other: _),+ }| ();

        impl UdpOptions {
            /// The names of all fields, for those who read them from elsewhere.
            #[doc(hidden)]
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field),)+ $(stringify!($other)),+];

            $(
                #[doc = concat!("The same with another value of the field `", stringify!($field), "`, which tells more.")]
                #[must_use]
                pub fn $field(mut self, $field: $kind) -> Self {
                    self.$field = $field;
                    self
                }
            )+
            $(
                #[doc = concat!("The same with another value of the field `", stringify!($other), "`, which tells more.")]
                #[must_use]
                pub fn $other(mut self, $other: impl IntoIterator<Item = impl Into<$item>>) -> Self {
                    self.$other = $other.into_iter().map(Into::into).collect();
                    self
                }
            )+
        }
    };
}

by_value!(
    unicast_repeat: u32,
    multicast_repeat: u32,
    min_delay: Duration,
    max_delay: Duration,
    upper_delay: Duration,
    answer: Duration,
    repeat_unaddressed: bool,
    datagram: usize,
    hops: u32,
    multicast_loop: bool,
    seen: usize,
    seen_for: Duration,
    answers: usize,
    answers_for: Duration,
    amplification: u32,
    rate_per_source: u32,
    rate: u32;
    and groups: IpAddr, interfaces: String
);

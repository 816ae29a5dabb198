//! Which datagrams a server looks at, and how much it answers: whoever sends requests under the address of a victim gains nothing.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::time::Instant;

use super::UdpOptions;
use crate::clock::after;

/// Prefixes of sources whose rate is known at a time. All others share one rate.
const SOURCES: usize = 4096;
/// How often those are looked for that need not be known any more.
const SWEEP: Duration = Duration::from_secs(1);
/// Ports of services that answer anyone: name service, time, SSDP. Two that answer each other would never end.
const REFLECTORS: [u16; 3] = [53, 123, 1900];

/// The bounds against senders who may be others than they say (UDP-14).
///
/// They are for sources outside of the networks of this machine's interfaces: a neighbour is on the link, where forged addresses
/// are the least of what he can do.
#[derive(Debug)]
pub(super) struct Guard {
    /// The networks of this machine's interfaces.
    near: Vec<(IpAddr, u8)>,
    amplification: u32,
    per_source: Pace,
    sources: HashMap<IpAddr, Spent>,
    others: Spent,
    swept: Option<Instant>,
    in_all: Pace,
    all: Spent,
}

/// Why a datagram is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nobody who asks for something has such an address or port.
    Source,
    /// Too many have come.
    Rate,
}

/// How often something may happen, with bursts of two seconds' worth; `None`: any time.
#[derive(Debug, Clone, Copy)]
struct Pace(Option<Duration>);

/// Until when a pace is used up.
type Spent = Option<Instant>;

impl Pace {
    fn a_second(rate: u32) -> Self {
        Self((rate > 0).then(|| Duration::from_secs(1) / rate))
    }

    /// False if it is too early for another one.
    fn take(self, spent: &mut Spent, now: Instant) -> bool {
        let Some(each) = self.0 else {
            return true;
        };
        let next = after(spent.map_or(now, |spent| spent.max(now)), each);
        if next > now + Duration::from_secs(2) {
            return false;
        }
        *spent = Some(next);
        true
    }
}

impl Guard {
    /// Bounds as `options` say; every source is far until told otherwise.
    pub(super) fn new(options: &UdpOptions) -> Self {
        Self {
            near: Vec::new(),
            amplification: options.amplification,
            per_source: Pace::a_second(options.rate_per_source),
            sources: HashMap::new(),
            others: None,
            swept: None,
            in_all: Pace::a_second(options.rate),
            all: None,
        }
    }

    /// These are the networks of this machine's interfaces now.
    pub(super) fn set_near(&mut self, prefixes: Vec<(IpAddr, u8)>) {
        // All addresses in one prefix: that says nothing.
        let real = prefixes.into_iter().filter(|(_, bits)| *bits > 0);
        self.near = real.collect();
    }

    /// True on this machine and its networks.
    pub(super) fn is_near(&self, source: IpAddr) -> bool {
        let source = source.to_canonical();
        source.is_loopback()
            || self.near.iter().any(|(address, bits)| {
                prefix(source, *bits) == prefix(address.to_canonical(), *bits)
            })
    }

    /// Whether to look at a datagram from `source`.
    ///
    /// # Errors
    /// Fails if not, with the reason.
    pub(super) fn admit(&mut self, source: SocketAddr, now: Instant) -> Result<(), Refusal> {
        let (address, port) = (source.ip().to_canonical(), source.port());
        if port == 0 || address.is_unspecified() || address.is_multicast() {
            return Err(Refusal::Source);
        }
        if !self.is_near(address) {
            if port < 1024 || REFLECTORS.contains(&port) {
                return Err(Refusal::Source);
            }
            if !self.take_of_source(address, now) {
                return Err(Refusal::Rate);
            }
        }
        match self.in_all.take(&mut self.all, now) {
            true => Ok(()),
            false => Err(Refusal::Rate),
        }
    }

    fn take_of_source(&mut self, address: IpAddr, now: Instant) -> bool {
        let network = prefix(address, if address.is_ipv4() { 24 } else { 64 });
        let Some(network) = network else {
            return false;
        };
        if !self.sources.contains_key(&network) && self.sources.len() >= SOURCES {
            let is_time = self.swept.is_none_or(|swept| now >= swept + SWEEP);
            if is_time {
                self.swept = Some(now);
                self.sources
                    .retain(|_, spent| spent.is_some_and(|spent| spent > now));
            }
            if self.sources.len() >= SOURCES {
                return self.per_source.take(&mut self.others, now);
            }
        }
        let spent = self.sources.entry(network).or_default();
        self.per_source.take(spent, now)
    }

    /// How many of `copies` may follow an answer of `answer` bytes to `source`, whose request had `request` bytes; `None`: not even
    /// the answer itself may go out. A source that is not near gets no copies (UDP-14 d).
    pub(super) fn copies(
        &self,
        source: IpAddr,
        request: usize,
        answer: usize,
        copies: u32,
    ) -> Option<u32> {
        if self.amplification == 0 || self.is_near(source) {
            return Some(copies);
        }
        (answer <= self.most(request)).then_some(0)
    }

    /// The longest answer that goes to a source which is not near.
    pub(super) fn most(&self, request: usize) -> usize {
        let times = usize::try_from(self.amplification).unwrap_or(usize::MAX);
        request.saturating_mul(times)
    }
}

/// The first `bits` of an address; `None` if it has less.
fn prefix(address: IpAddr, bits: u8) -> Option<IpAddr> {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
            Some(IpAddr::V4((v4.to_bits() & mask).into()))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128_u32.checked_sub(bits)?)
                .unwrap_or(0);
            Some(IpAddr::V6((v6.to_bits() & mask).into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(options: &UdpOptions) -> Guard {
        let mut guard = Guard::new(options);
        guard.set_near(vec![
            ([192, 0, 2, 7].into(), 24),
            ("fd00::1".parse().unwrap(), 64),
            ([10, 0, 0, 1].into(), 0),
        ]);
        guard
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn far(port: u16) -> SocketAddr {
        SocketAddr::new(ip("203.0.113.9"), port)
    }

    #[test]
    fn near_is_what_shares_a_prefix_with_an_interface() {
        let guard = guard(&UdpOptions::new());
        for near in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "192.0.2.200",
            "::ffff:192.0.2.200",
            "::ffff:127.0.0.1",
            "fd00::77",
        ] {
            assert!(guard.is_near(ip(near)), "{near}");
        }
        for far in [
            "192.0.3.7",
            "10.0.0.2",
            "::ffff:10.0.0.2",
            "fd00:0:0:1::1",
            "::2",
        ] {
            assert!(!guard.is_near(ip(far)), "{far}");
        }
    }

    #[test]
    fn udp_14_e_ports_of_reflectors_are_refused_from_afar() {
        let mut guard = guard(&UdpOptions::new());
        let now = Instant::now();
        for port in [1, 53, 123, 1023, 1900] {
            assert_eq!(guard.admit(far(port), now), Err(Refusal::Source), "{port}");
            let near = SocketAddr::new(ip("192.0.2.1"), port);
            assert_eq!(guard.admit(near, now), Ok(()), "{port}");
        }
        for port in [1024, 1901, 3702] {
            assert_eq!(guard.admit(far(port), now), Ok(()), "{port}");
        }
        for nobody in [
            "192.0.2.1:0",
            "0.0.0.0:4000",
            "239.0.0.1:4000",
            "[ff02::1]:4000",
        ] {
            let nobody = nobody.parse().unwrap();
            assert_eq!(guard.admit(nobody, now), Err(Refusal::Source), "{nobody}");
        }
    }

    #[test]
    fn udp_14_c_a_network_has_its_rate_and_a_burst() {
        let mut guard = guard(&UdpOptions::new().rate_per_source(10));
        let start = Instant::now();
        let neighbour = SocketAddr::new(ip("203.0.113.77"), 5000);
        let burst = (0..100).filter(|_| guard.admit(far(4000), start).is_ok());
        assert_eq!(burst.count(), 20);
        assert_eq!(guard.admit(neighbour, start), Err(Refusal::Rate));
        let another = SocketAddr::new(ip("203.0.114.1"), 4000);
        assert_eq!(guard.admit(another, start), Ok(()));
        let later = start + Duration::from_secs(1);
        let refilled = (0..100).filter(|_| guard.admit(neighbour, later).is_ok());
        assert_eq!(refilled.count(), 10);
        let near = SocketAddr::new(ip("192.0.2.1"), 4000);
        assert!((0..100).all(|_| guard.admit(near, start).is_ok()));
    }

    #[test]
    fn the_rate_in_all_is_for_everyone() {
        let mut guard = guard(&UdpOptions::new().rate(10));
        let start = Instant::now();
        let near = SocketAddr::new(ip("192.0.2.1"), 4000);
        let taken = (0..100).filter(|_| guard.admit(near, start).is_ok());
        assert_eq!(taken.count(), 20);
        assert_eq!(guard.admit(far(4000), start), Err(Refusal::Rate));
    }

    #[test]
    fn a_million_sources_are_not_remembered() {
        let mut guard = guard(&UdpOptions::new().rate_per_source(1));
        let start = Instant::now();
        let source = |n: u32| SocketAddr::new(IpAddr::V4((0x5000_0000 + (n << 8)).into()), 4000);
        let taken = (0..10_000).filter(|&n| guard.admit(source(n), start).is_ok());
        assert_eq!(taken.count(), SOURCES + 2, "the others share one rate");
        assert_eq!(guard.sources.len(), SOURCES);
        let later = start + Duration::from_secs(10);
        assert_eq!(guard.admit(source(9_999), later), Ok(()));
        assert_eq!(guard.sources.len(), 1);
    }

    #[test]
    fn udp_14_b_an_answer_is_no_larger_than_three_requests_from_afar() {
        let bound = guard(&UdpOptions::new());
        let (near, away) = (ip("192.0.2.1"), ip("203.0.113.9"));
        assert_eq!(bound.copies(away, 100, 300, 2), Some(0));
        assert_eq!(bound.copies(away, 100, 301, 2), None);
        assert_eq!(bound.copies(away, 0, 1, 2), None);
        assert_eq!(bound.copies(near, 100, 60_000, 2), Some(2));
        let open = guard(&UdpOptions::new().amplification(0));
        assert_eq!(open.copies(away, 100, 60_000, 2), Some(2));
    }

    #[test]
    fn prefixes_of_any_length() {
        assert_eq!(prefix(ip("192.0.2.7"), 0), Some(ip("0.0.0.0")));
        assert_eq!(prefix(ip("192.0.2.7"), 25), Some(ip("192.0.2.0")));
        assert_eq!(prefix(ip("192.0.2.7"), 32), Some(ip("192.0.2.7")));
        assert_eq!(prefix(ip("192.0.2.7"), 33), None);
        assert_eq!(prefix(ip("fd00::7"), 128), Some(ip("fd00::7")));
        assert_eq!(prefix(ip("fd00::7"), 0), Some(ip("::")));
        assert_eq!(prefix(ip("fd00::7"), 129), None);
    }
}

//! When to send a datagram again (SOAP-over-UDP 1.1, retry and back-off), without a clock or a socket.

use std::{ops::RangeInclusive, time::Duration};

use tokio::time::Instant;

use super::UdpOptions;
use crate::clock::after;

/// The constants of the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Constants {
    /// Copies sent behind the first datagram.
    pub(super) repeat: u32,
    pub(super) min_delay: Duration,
    pub(super) max_delay: Duration,
    pub(super) upper_delay: Duration,
}

impl Constants {
    /// For datagrams to one address, answers to a multicast request among them.
    pub(super) fn unicast(options: &UdpOptions) -> Self {
        Self {
            repeat: options.unicast_repeat,
            min_delay: options.min_delay,
            max_delay: options.max_delay,
            upper_delay: options.upper_delay,
        }
    }

    /// For datagrams to a group.
    pub(super) fn multicast(options: &UdpOptions) -> Self {
        Self {
            repeat: options.multicast_repeat,
            ..Self::unicast(options)
        }
    }

    /// The same without copies.
    pub(super) fn once(self) -> Self {
        Self { repeat: 0, ..self }
    }
}

/// One datagram and its copies. A gap is counted from when the last one was sent, so that what is late never leaves in a burst.
#[derive(Debug, Clone)]
pub(super) struct Repeat {
    /// When the next one is due; `None`: there are no more.
    next: Option<Instant>,
    /// Datagrams to send behind that one.
    left: u32,
    sent: u32,
    /// The gap behind the next one.
    gap: Duration,
    upper_delay: Duration,
}

impl Repeat {
    /// The first datagram is due at `start`. `random` draws the whole milliseconds by which the first gap is longer than
    /// `min_delay`, from those it is given.
    pub(super) fn new(
        constants: Constants,
        start: Instant,
        random: impl FnOnce(RangeInclusive<u64>) -> u64,
    ) -> Self {
        let Constants {
            repeat,
            min_delay,
            max_delay,
            upper_delay,
        } = constants;
        let spread = max_delay.saturating_sub(min_delay).as_millis();
        let spread = u64::try_from(spread).unwrap_or(u64::MAX);
        Self {
            next: Some(start),
            left: repeat,
            sent: 0,
            gap: min_delay.saturating_add(Duration::from_millis(random(0..=spread))),
            upper_delay,
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout); `None`: all are sent.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.next
    }

    /// True: the datagram is to be sent now.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        if self.next.is_none_or(|next| now < next) {
            return false;
        }
        self.sent += 1;
        self.next = (self.left > 0).then(|| after(now, self.gap));
        self.left = self.left.saturating_sub(1);
        self.gap = self.gap.saturating_mul(2).min(self.upper_delay);
        true
    }

    /// An answer has come, or nobody waits for one any more: no further copies.
    pub(super) fn stop(&mut self) {
        self.next = None;
    }

    /// Datagrams that were due so far.
    pub(super) fn sent(&self) -> u32 {
        self.sent
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// When datagrams leave if all timeouts are handled in time, and the first gap is `first` ms.
    fn times(constants: Constants, first: u64) -> Vec<u64> {
        let start = Instant::now();
        let mut repeat = Repeat::new(constants, start, |range| {
            let drawn = first - u64::try_from(constants.min_delay.as_millis()).unwrap();
            assert!(range.contains(&drawn), "{drawn} of {range:?}");
            drawn
        });
        let mut sent = Vec::new();
        while let Some(at) = repeat.poll_timeout() {
            assert!(!repeat.handle_timeout(at - Duration::from_nanos(1)) || at == start);
            assert!(repeat.handle_timeout(at));
            sent.push(u64::try_from((at - start).as_millis()).unwrap());
        }
        assert!(!repeat.handle_timeout(start + ms(1_000_000)));
        assert_eq!(usize::try_from(repeat.sent()).unwrap(), sent.len());
        sent
    }

    #[test]
    fn udp_9_the_constants_of_the_standard() {
        let options = UdpOptions::new();
        let (unicast, multicast) = (Constants::unicast(&options), Constants::multicast(&options));
        assert_eq!(times(unicast, 50), [0, 50]);
        assert_eq!(times(unicast, 250), [0, 250]);
        assert_eq!(times(multicast, 50), [0, 50, 150]);
        assert_eq!(times(multicast, 123), [0, 123, 369]);
        assert_eq!(times(multicast, 250), [0, 250, 750]);
        assert_eq!(times(multicast.once(), 250), [0]);
    }

    #[test]
    fn the_constants_of_the_draft_and_of_dpws() {
        let draft = UdpOptions::draft_2004();
        assert_eq!(times(Constants::unicast(&draft), 100), [0, 100, 300]);
        let multicast = Constants::multicast(&draft);
        assert_eq!(times(multicast, 50), [0, 50, 150, 350, 750]);
        assert_eq!(times(multicast, 250), [0, 250, 750, 1250, 1750]);
        let dpws = UdpOptions::dpws();
        assert_eq!(times(Constants::unicast(&dpws), 250), [0, 250]);
        assert_eq!(times(Constants::multicast(&dpws), 250), [0, 250]);
        let four = Constants::multicast(&dpws.multicast_repeat(4));
        assert_eq!(times(four, 250), [0, 250, 700, 1150, 1600]);
    }

    #[test]
    fn no_copies_if_none_are_wanted() {
        let none = UdpOptions::new().unicast_repeat(0).multicast_repeat(0);
        assert_eq!(times(Constants::unicast(&none), 70), [0]);
        assert_eq!(times(Constants::multicast(&none), 70), [0]);
    }

    #[test]
    fn copies_stop_when_they_are_told_to() {
        let constants = Constants::multicast(&UdpOptions::draft_2004());
        let start = Instant::now();
        let mut repeat = Repeat::new(constants, start, |_| 0);
        assert!(repeat.handle_timeout(start));
        assert!(repeat.handle_timeout(start + ms(50)));
        repeat.stop();
        assert_eq!(repeat.poll_timeout(), None);
        assert!(!repeat.handle_timeout(start + ms(1000)));
        assert_eq!(repeat.sent(), 2);
    }

    #[test]
    fn what_is_late_leaves_no_burst() {
        let constants = Constants::multicast(&UdpOptions::draft_2004());
        let start = Instant::now();
        let mut repeat = Repeat::new(constants, start, |_| 50);
        assert!(repeat.handle_timeout(start + ms(3000)));
        assert!(!repeat.handle_timeout(start + ms(3000)));
        assert_eq!(repeat.poll_timeout(), Some(start + ms(3100)));
        assert!(repeat.handle_timeout(start + ms(9000)));
        assert_eq!(repeat.poll_timeout(), Some(start + ms(9200)));
    }

    #[test]
    fn absurd_constants_do_not_overflow() {
        let absurd = Constants {
            repeat: u32::MAX,
            min_delay: Duration::MAX,
            max_delay: Duration::ZERO,
            upper_delay: Duration::MAX,
        };
        let start = Instant::now();
        let mut repeat = Repeat::new(absurd, start, |range| *range.end());
        assert!(repeat.handle_timeout(start));
        assert!(repeat.poll_timeout().is_some());
    }

    proptest! {
        /// The n-th gap is the first one, n times doubled, but no copy behind the first waits longer than the upper delay.
        #[test]
        fn gaps_are_those_of_the_closed_form(
            repeat in 0_u32..20,
            min in 0_u64..400,
            spread in 0_u64..400,
            upper in 0_u64..2000,
            drawn in 0_u64..400,
        ) {
            let constants = Constants {
                repeat,
                min_delay: ms(min),
                max_delay: ms(min + spread),
                upper_delay: ms(upper),
            };
            let first = min + drawn % (spread + 1);
            let sent = times(constants, first);
            prop_assert_eq!(sent.len() as u64, u64::from(repeat) + 1);
            for (n, pair) in sent.windows(2).enumerate() {
                let wanted = if n == 0 { first } else { (first << n).min(upper) };
                prop_assert_eq!(pair[1] - pair[0], wanted);
            }
        }
    }
}

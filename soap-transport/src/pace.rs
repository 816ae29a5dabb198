//! How fast a message has to come.

use std::{fmt, time::Duration};

use soap_core::{Limits, Timeouts};
use tokio::time::Instant;

use crate::clock::after;

/// Bounds on the size of one message and the time it takes to come.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    pub(crate) size: usize,
    between_reads: Duration,
    whole: Duration,
    /// Bytes a second, once a time is over; 0: none.
    rate: usize,
    rate_after: Duration,
}

/// A message that does not come fast enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slow {
    pub(crate) phase: &'static str,
    pub(crate) after: Duration,
}

impl fmt::Display for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { phase, after } = self;
        write!(f, "{phase} did not end within {after:?}")
    }
}

impl Pace {
    pub(crate) fn of_request(limits: &Limits, timeouts: &Timeouts) -> Self {
        Self {
            rate: limits.body_rate,
            ..Self::of_answer(limits, timeouts)
        }
    }

    pub(crate) fn of_answer(limits: &Limits, timeouts: &Timeouts) -> Self {
        Self {
            size: limits.message,
            between_reads: timeouts.body_read,
            whole: timeouts.body,
            rate: 0,
            rate_after: timeouts.body_rate_after,
        }
    }

    /// When reading ends without success if nothing more comes, and what is said then: it began at `start`, the `last` of the
    /// bytes `read` came then.
    pub(crate) fn deadline(&self, start: Instant, last: Instant, read: usize) -> (Instant, Slow) {
        let slow = |phase, time| Slow { phase, after: time };
        let mut first = (
            after(start, self.whole),
            slow("reading the body", self.whole),
        );
        let between = after(last, self.between_reads);
        if between < first.0 {
            first = (
                between,
                slow("reading more of the body", self.between_reads),
            );
        }
        if self.rate > 0 {
            let earned =
                Duration::from_micros((read as u64).saturating_mul(1_000_000) / self.rate as u64);
            let time = earned.max(self.rate_after);
            if after(start, time) < first.0 {
                first = (after(start, time), slow("a body so slow", time));
            }
        }
        first
    }
}

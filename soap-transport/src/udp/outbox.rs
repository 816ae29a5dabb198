//! Answers on their way out, each with its copies, in the order in which they are due.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    net::SocketAddr,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{net::From, repeat::Repeat};

/// Answers that wait for their time or for the socket, and their bytes, at most.
const MOST: usize = 4096;
const MOST_BYTES: usize = 16 << 20;

/// What is to be sent when.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    due: BinaryHeap<Reverse<Due>>,
    bytes: usize,
    /// Tells those apart that are due at the same time: the first one in is the first one out.
    serial: u64,
}

/// A datagram and its copies.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) datagram: Bytes,
    pub(super) to: SocketAddr,
    pub(super) from: Option<From>,
    pub(super) repeat: Repeat,
}

#[derive(Debug)]
struct Due {
    at: Instant,
    serial: u64,
    outgoing: Outgoing,
}

impl Outbox {
    /// Takes a datagram; false if there is no room, or nothing of it to be sent.
    pub(super) fn push(&mut self, outgoing: Outgoing) -> bool {
        let Some(at) = outgoing.repeat.poll_timeout() else {
            return false;
        };
        let bytes = self.bytes.saturating_add(outgoing.datagram.len());
        if self.due.len() >= MOST || bytes > MOST_BYTES {
            return false;
        }
        self.bytes = bytes;
        self.serial += 1;
        self.due.push(Reverse(Due {
            at,
            serial: self.serial,
            outgoing,
        }));
        true
    }

    /// When the next one is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse(due)| due.at)
    }

    /// The one to be sent at `now`. It comes back by [`sent`](Self::sent).
    pub(super) fn take(&mut self, now: Instant) -> Option<Outgoing> {
        if self.poll_timeout()? > now {
            return None;
        }
        let Reverse(due) = self.due.pop()?;
        self.bytes -= due.outgoing.datagram.len();
        Some(due.outgoing)
    }

    /// One was sent at `now`; its copies are due later. False if there was no room for them.
    pub(super) fn sent(&mut self, mut outgoing: Outgoing, now: Instant) -> bool {
        outgoing.repeat.handle_timeout(now);
        outgoing.repeat.poll_timeout().is_none() || self.push(outgoing)
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::udp::{UdpOptions, repeat::Constants};

    fn outgoing(byte: u8, length: usize, repeat: u32, start: Instant) -> Outgoing {
        let options = UdpOptions::new().unicast_repeat(repeat);
        Outgoing {
            datagram: vec![byte; length].into(),
            to: ([127, 0, 0, 1], 4000).into(),
            from: None,
            repeat: Repeat::new(Constants::unicast(&options), start, |range| *range.start()),
        }
    }

    #[test]
    fn datagrams_leave_when_they_are_due_and_copies_behind_them() {
        let start = Instant::now();
        let mut outbox = Outbox::default();
        assert!(outbox.push(outgoing(1, 9, 2, start)));
        assert!(outbox.push(outgoing(2, 9, 0, start)));
        assert!(outbox.push(outgoing(3, 9, 0, start + Duration::from_millis(60))));
        let mut left = Vec::new();
        while let Some(at) = outbox.poll_timeout() {
            assert!(outbox.take(at - Duration::from_nanos(1)).is_none());
            let outgoing = outbox.take(at).unwrap();
            left.push((outgoing.datagram[0], (at - start).as_millis()));
            assert!(outbox.sent(outgoing, at));
        }
        assert_eq!(left, [(1, 0), (2, 0), (1, 50), (3, 60), (1, 150)]);
        assert_eq!(outbox.bytes, 0);
    }

    #[test]
    fn there_is_room_for_so_many_and_so_large_ones() {
        let start = Instant::now();
        let mut outbox = Outbox::default();
        let taken = (0..MOST + 9).filter(|_| outbox.push(outgoing(1, 1, 0, start)));
        assert_eq!(taken.count(), MOST);
        let mut outbox = Outbox::default();
        let taken = (0..MOST).filter(|_| outbox.push(outgoing(1, 65_507, 0, start)));
        assert_eq!(taken.count(), MOST_BYTES / 65_507);
        assert!(outbox.take(start).is_some() && outbox.push(outgoing(1, 65_507, 0, start)));
    }
}

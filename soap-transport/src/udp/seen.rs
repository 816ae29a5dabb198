//! Which requests a server has seen, so that a copy is not executed again, and the answers that copies are answered with.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::UdpOptions;
use crate::clock::after;

/// Requests by their `MessageID` (UDP-12): the ids alone, since a sender with several addresses repeats from each.
///
/// Of an id only a hash is kept, under a key of this process: nobody can make up ids that fall together. A request that is being
/// executed is not forgotten; the time of all others counts from their end, so that the oldest one is always in front.
#[derive(Debug)]
pub(super) struct Seen {
    keys: RandomState,
    requests: HashMap<u64, Request>,
    /// Those no longer executed, and until when each is remembered.
    ended: VecDeque<(Instant, u64)>,
    /// Those of them that have an answer, and until when. They are in the order of `ended`.
    answered: VecDeque<(Instant, u64)>,
    /// Bytes of the answers.
    bytes: usize,
    bounds: Bounds,
}

#[derive(Debug)]
struct Bounds {
    requests: usize,
    time: Duration,
    bytes: usize,
    answer_time: Duration,
}

#[derive(Debug)]
struct Request {
    source: SocketAddr,
    state: State,
}

#[derive(Debug)]
enum State {
    Executing,
    Ended(Option<Bytes>),
}

/// A request that is being executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// What a request is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// New: execute it, and tell what came of it by [`Seen::end`] or [`Seen::forget`].
    New(Ticket),
    /// A copy, to answer with these bytes, once.
    Again(Bytes),
    /// A copy, to which nothing is to be said: the answer is not there yet, or no more, or whoever sent it is another than before.
    Copy,
    /// New, but there is no room left to remember it.
    Full,
}

impl Seen {
    /// Nothing seen yet.
    pub(super) fn new(options: &UdpOptions) -> Self {
        Self {
            keys: RandomState::new(),
            requests: HashMap::new(),
            ended: VecDeque::new(),
            answered: VecDeque::new(),
            bytes: 0,
            bounds: Bounds {
                requests: options.seen,
                time: options.seen_for,
                bytes: options.answers,
                answer_time: options.answers_for,
            },
        }
    }

    /// Looks at a request of `id` that came from `source`.
    pub(super) fn look(&mut self, id: &str, source: SocketAddr, now: Instant) -> Sight {
        self.expire(now);
        let key = self.keys.hash_one(id);
        if let Some(request) = self.requests.get(&key) {
            return match &request.state {
                State::Ended(Some(answer)) if request.source == source => {
                    Sight::Again(answer.clone())
                }
                _ => Sight::Copy,
            };
        }
        if self.requests.len() >= self.bounds.requests && !self.drop_oldest() {
            return Sight::Full;
        }
        let state = State::Executing;
        self.requests.insert(key, Request { source, state });
        Sight::New(Ticket(key))
    }

    /// A request has been executed; copies of it get `answer`, if there is one.
    pub(super) fn end(&mut self, ticket: Ticket, answer: Option<Bytes>, now: Instant) {
        self.expire(now);
        let Ticket(key) = ticket;
        let Some(request) = self.requests.get_mut(&key) else {
            return;
        };
        let answer = answer.filter(|answer| answer.len() <= self.bounds.bytes);
        self.ended.push_back((after(now, self.bounds.time), key));
        if let Some(answer) = &answer {
            self.bytes += answer.len();
            let end = after(now, self.bounds.answer_time);
            self.answered.push_back((end, key));
        }
        request.state = State::Ended(answer);
        while self.bytes > self.bounds.bytes {
            self.drop_oldest_answer();
        }
    }

    /// A request was not executed, and a copy may be.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        let Ticket(key) = ticket;
        if let Some(Request {
            state: State::Executing,
            ..
        }) = self.requests.get(&key)
        {
            self.requests.remove(&key);
        }
    }

    fn expire(&mut self, now: Instant) {
        let is_over = |front: Option<&(Instant, u64)>| front.is_some_and(|(end, _)| *end <= now);
        while is_over(self.answered.front()) {
            self.drop_oldest_answer();
        }
        while is_over(self.ended.front()) {
            self.drop_oldest();
        }
    }

    fn drop_oldest_answer(&mut self) {
        let Some((_, key)) = self.answered.pop_front() else {
            return;
        };
        if let Some(request) = self.requests.get_mut(&key)
            && let State::Ended(answer) = &mut request.state
        {
            self.bytes -= answer.take().map_or(0, |answer| answer.len());
        }
    }

    /// False if all are being executed.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, key)) = self.ended.pop_front() else {
            return false;
        };
        if self
            .answered
            .front()
            .is_some_and(|(_, front)| *front == key)
        {
            self.drop_oldest_answer();
        }
        self.requests.remove(&key);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOURCE: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4000);

    fn elsewhere() -> SocketAddr {
        SocketAddr::new(SOURCE.ip(), 4001)
    }

    fn answer() -> Bytes {
        Bytes::from_static(b"answer")
    }

    fn new(seen: &mut Seen, id: &str, now: Instant) -> Ticket {
        match seen.look(id, SOURCE, now) {
            Sight::New(ticket) => ticket,
            other => panic!("{id}: {other:?}"),
        }
    }

    #[test]
    fn udp_12_a_copy_is_answered_with_the_same_bytes_and_only_to_who_asked() {
        let now = Instant::now();
        let mut seen = Seen::new(&UdpOptions::new());
        let ticket = new(&mut seen, "a", now);
        assert_eq!(seen.look("a", SOURCE, now), Sight::Copy, "executing");
        seen.end(ticket, Some(answer()), now);
        assert_eq!(seen.look("a", SOURCE, now), Sight::Again(answer()));
        assert_eq!(seen.look("a", SOURCE, now), Sight::Again(answer()));
        assert_eq!(seen.look("a", elsewhere(), now), Sight::Copy);
        let later = now + Duration::from_secs(10);
        assert_eq!(
            seen.look("a", SOURCE, later),
            Sight::Copy,
            "no answer any more"
        );
        assert_eq!(seen.bytes, 0);
        new(&mut seen, "a", now + Duration::from_secs(60));
    }

    #[test]
    fn what_was_not_executed_may_be_later() {
        let now = Instant::now();
        let mut seen = Seen::new(&UdpOptions::new());
        let ticket = new(&mut seen, "a", now);
        seen.forget(ticket);
        let ticket = new(&mut seen, "a", now);
        seen.end(ticket, None, now);
        seen.forget(ticket);
        assert_eq!(seen.look("a", SOURCE, now), Sight::Copy);
    }

    #[test]
    fn what_is_being_executed_is_not_forgotten() {
        let now = Instant::now();
        let mut seen = Seen::new(&UdpOptions::new().seen(2));
        let slow = new(&mut seen, "slow", now);
        let quick = new(&mut seen, "quick", now);
        assert_eq!(seen.look("third", SOURCE, now), Sight::Full);
        seen.end(quick, Some(answer()), now);
        new(&mut seen, "third", now);
        assert_eq!((seen.bytes, seen.answered.len()), (0, 0));
        let late = now + Duration::from_secs(1000);
        assert_eq!(seen.look("slow", SOURCE, late), Sight::Copy);
        seen.end(slow, None, late);
        assert_eq!(seen.look("slow", SOURCE, late), Sight::Copy);
    }

    #[test]
    fn answers_take_no_more_room_than_they_may() {
        let now = Instant::now();
        let mut seen = Seen::new(&UdpOptions::new().answers(13));
        for id in ["a", "b", "c"] {
            let ticket = new(&mut seen, id, now);
            seen.end(ticket, Some(answer()), now);
        }
        assert_eq!(seen.look("a", SOURCE, now), Sight::Copy);
        assert_eq!(seen.look("b", SOURCE, now), Sight::Again(answer()));
        let ticket = new(&mut seen, "d", now);
        seen.end(ticket, Some(Bytes::from_static(&[0; 14])), now);
        assert_eq!(seen.look("d", SOURCE, now), Sight::Copy);
        assert_eq!(seen.look("c", SOURCE, now), Sight::Again(answer()));
    }

    proptest! {
        /// Against what may be remembered at most: no request is executed twice within the time, as long as there is room.
        #[test]
        fn nothing_runs_twice_and_bounds_hold(
            steps in prop::collection::vec((0_u8..12, 0_u8..4, 0_u64..3000, 0_usize..40), 1..200),
        ) {
            let options = UdpOptions::new()
                .seen(6)
                .answers(64)
                .seen_for(Duration::from_secs(6))
                .answers_for(Duration::from_secs(2));
            let mut seen = Seen::new(&options);
            let mut now = Instant::now();
            let mut executing: HashMap<u8, Ticket> = HashMap::new();
            // Ids in the order of their end.
            let mut ended: Vec<(u8, Instant)> = Vec::new();
            for (id, step, millis, length) in steps {
                now += Duration::from_millis(millis);
                ended.retain(|(_, at)| now < *at + options.seen_for);
                let room = options.seen.saturating_sub(executing.len());
                if step > 1 {
                    let Some(ticket) = executing.remove(&id) else { continue };
                    if step == 2 {
                        let answer = (length > 0).then(|| Bytes::from(vec![id; length]));
                        seen.end(ticket, answer, now);
                        ended.push((id, now));
                    } else {
                        seen.forget(ticket);
                    }
                } else {
                    let is_known = executing.contains_key(&id) || ended.iter().any(|(known, _)| *known == id);
                    match seen.look(&id.to_string(), SOURCE, now) {
                        Sight::New(ticket) => {
                            prop_assert!(!is_known);
                            executing.insert(id, ticket);
                            let room = options.seen - executing.len();
                            let excess = ended.len().saturating_sub(room);
                            ended.drain(..excess);
                        }
                        Sight::Full => prop_assert!(!is_known && room == 0),
                        Sight::Copy => prop_assert!(is_known),
                        Sight::Again(answer) => {
                            prop_assert!(is_known && answer.iter().all(|byte| *byte == id));
                        }
                    }
                }
                prop_assert!(seen.requests.len() <= options.seen);
                prop_assert!(seen.bytes <= options.answers);
                prop_assert_eq!(seen.requests.len(), executing.len() + seen.ended.len());
                let held: usize = seen.requests.values().map(|request| match &request.state {
                    State::Ended(Some(answer)) => answer.len(),
                    _ => 0,
                }).sum();
                prop_assert_eq!(held, seen.bytes);
            }
        }
    }
}

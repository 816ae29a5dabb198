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
/// executed is not forgotten, nor one whose copies may still be under way; the time of all others counts from their end, so that the
/// oldest one is always in front.
#[derive(Debug)]
pub(super) struct Seen {
    keys: RandomState,
    requests: HashMap<u64, Request>,
    /// Those that were executed.
    executed: Ended,
    /// Those of which nothing was executed. They make room first: a copy of such does no harm.
    refused: Ended,
    /// Bytes of the answers.
    bytes: usize,
    bounds: Bounds,
}

/// Requests that have ended, the oldest in front.
#[derive(Debug, Default)]
struct Ended {
    /// Until when each is remembered.
    all: VecDeque<(Instant, u64)>,
    /// Those of them that have an answer, and until when. They are in the order of `all`.
    answered: VecDeque<(Instant, u64)>,
}

/// The longest schedule of repeats in use, that of the draft to a group, is over by then: 1.75 s.
const REPEATS: Duration = Duration::from_secs(2);

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
    /// New, but there is no room left to remember it: what would make room is executed or may still be repeated.
    Full,
}

impl Seen {
    /// Nothing seen yet.
    pub(super) fn new(options: &UdpOptions) -> Self {
        Self {
            keys: RandomState::new(),
            requests: HashMap::new(),
            executed: Ended::default(),
            refused: Ended::default(),
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
        if self.requests.len() >= self.bounds.requests && !self.make_room(now) {
            return Sight::Full;
        }
        let state = State::Executing;
        self.requests.insert(key, Request { source, state });
        Sight::New(Ticket(key))
    }

    /// A request has been executed; copies of it get `answer`, if there is one.
    pub(super) fn end(&mut self, ticket: Ticket, answer: Option<Bytes>, now: Instant) {
        self.remember(ticket, answer, true, now);
    }

    /// Nothing was executed for a request; copies of it get `answer`, if there is one.
    pub(super) fn refuse(&mut self, ticket: Ticket, answer: Option<Bytes>, now: Instant) {
        self.remember(ticket, answer, false, now);
    }

    fn remember(&mut self, ticket: Ticket, answer: Option<Bytes>, executed: bool, now: Instant) {
        self.expire(now);
        let Ticket(key) = ticket;
        let Some(request) = self.requests.get_mut(&key) else {
            return;
        };
        let ended = if executed {
            &mut self.executed
        } else {
            &mut self.refused
        };
        let answer = answer.filter(|answer| answer.len() <= self.bounds.bytes);
        ended.all.push_back((after(now, self.bounds.time), key));
        if let Some(answer) = &answer {
            self.bytes += answer.len();
            let end = after(now, self.bounds.answer_time);
            ended.answered.push_back((end, key));
        }
        request.state = State::Ended(answer);
        while self.bytes > self.bounds.bytes {
            let is_refused = !self.refused.answered.is_empty();
            self.drop_oldest_answer(!is_refused);
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

    fn ended(&mut self, executed: bool) -> &mut Ended {
        match executed {
            true => &mut self.executed,
            false => &mut self.refused,
        }
    }

    fn expire(&mut self, now: Instant) {
        let is_over = |front: Option<&(Instant, u64)>| front.is_some_and(|(end, _)| *end <= now);
        for executed in [false, true] {
            while is_over(self.ended(executed).answered.front()) {
                self.drop_oldest_answer(executed);
            }
            while is_over(self.ended(executed).all.front()) {
                self.drop_oldest(executed);
            }
        }
    }

    /// Forgets one that nobody will miss. False if there is none.
    fn make_room(&mut self, now: Instant) -> bool {
        if self.drop_oldest(false) {
            return true;
        }
        let Some((end, _)) = self.executed.all.front() else {
            return false;
        };
        // It has ended so long ago that no copy of it comes any more.
        let left = self.bounds.time.saturating_sub(REPEATS);
        *end <= after(now, left) && self.drop_oldest(true)
    }

    fn drop_oldest_answer(&mut self, executed: bool) {
        let Some((_, key)) = self.ended(executed).answered.pop_front() else {
            return;
        };
        if let Some(request) = self.requests.get_mut(&key)
            && let State::Ended(answer) = &mut request.state
        {
            self.bytes -= answer.take().map_or(0, |answer| answer.len());
        }
    }

    /// False if none has ended.
    fn drop_oldest(&mut self, executed: bool) -> bool {
        let ended = self.ended(executed);
        let Some((_, key)) = ended.all.pop_front() else {
            return false;
        };
        let has_answer = ended
            .answered
            .front()
            .is_some_and(|(_, front)| *front == key);
        if has_answer {
            self.drop_oldest_answer(executed);
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
        assert_eq!(
            seen.look("third", SOURCE, now),
            Sight::Full,
            "a copy may come"
        );
        let now = now + REPEATS;
        new(&mut seen, "third", now);
        assert_eq!((seen.bytes, seen.executed.answered.len()), (0, 0));
        let late = now + Duration::from_secs(1000);
        assert_eq!(seen.look("slow", SOURCE, late), Sight::Copy);
        seen.end(slow, None, late);
        assert_eq!(seen.look("slow", SOURCE, late), Sight::Copy);
    }

    #[test]
    fn a_full_table_does_not_make_copies_run_twice() {
        let mut now = Instant::now();
        let mut seen = Seen::new(&UdpOptions::new().seen(10));
        let ticket = new(&mut seen, "victim", now);
        seen.end(ticket, Some(answer()), now);
        let mut taken = 0;
        for n in 0..1000 {
            now += Duration::from_millis(1);
            if let Sight::New(ticket) = seen.look(&n.to_string(), SOURCE, now) {
                seen.end(ticket, None, now);
                taken += 1;
            }
        }
        assert_eq!(taken, 9);
        assert_eq!(seen.look("victim", SOURCE, now), Sight::Again(answer()));
        // Within another second they are old enough.
        now += REPEATS;
        new(&mut seen, "next", now);
    }

    #[test]
    fn ids_of_which_nothing_was_executed_make_room_first() {
        let mut now = Instant::now();
        let mut seen = Seen::new(&UdpOptions::new().seen(3).answers(18));
        let ticket = new(&mut seen, "executed", now);
        seen.end(ticket, Some(answer()), now);
        for n in 0..100 {
            now += Duration::from_millis(50);
            let ticket = new(&mut seen, &n.to_string(), now);
            seen.refuse(ticket, Some(answer()), now);
            assert_eq!(seen.look("executed", SOURCE, now), Sight::Again(answer()));
        }
        assert_eq!(seen.look("99", SOURCE, now), Sight::Again(answer()));
        assert_eq!(seen.look("98", SOURCE, now), Sight::Again(answer()));
        assert_eq!((seen.requests.len(), seen.bytes), (3, 18));
        assert_eq!(seen.refused.answered.len(), 2);
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
                            prop_assert!(ended.drain(..excess).all(|(_, at)| at + REPEATS <= now));
                        }
                        Sight::Full => {
                            let is_oldest_young = ended.first().is_none_or(|(_, at)| *at + REPEATS > now);
                            let is_full = executing.len() + ended.len() == options.seen;
                            prop_assert!(!is_known && is_full && is_oldest_young);
                        }
                        Sight::Copy => prop_assert!(is_known),
                        Sight::Again(answer) => {
                            prop_assert!(is_known && answer.iter().all(|byte| *byte == id));
                        }
                    }
                }
                prop_assert!(seen.requests.len() <= options.seen);
                prop_assert!(seen.bytes <= options.answers);
                prop_assert_eq!(seen.requests.len(), executing.len() + seen.executed.all.len());
                let held: usize = seen.requests.values().map(|request| match &request.state {
                    State::Ended(Some(answer)) => answer.len(),
                    _ => 0,
                }).sum();
                prop_assert_eq!(held, seen.bytes);
            }
        }
    }
}

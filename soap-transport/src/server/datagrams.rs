//! Counting what becomes of datagrams, and telling it.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use soap_core::Options;

use super::DatagramCounters;

/// Target of the events.
const TARGET: &str = "soapstone::datagram";

/// Why a datagram, or the answer to it, goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    Copy,
    NoRequest,
    TooLarge,
    Source,
    Rate,
    Busy,
    AnswerTooLarge,
    Amplification,
}

impl Dropped {
    fn text(self) -> &'static str {
        match self {
            Self::Copy => "a copy",
            Self::NoRequest => "no request",
            Self::TooLarge => "too large",
            Self::Source => "the source",
            Self::Rate => "over the rate",
            Self::Busy => "busy",
            Self::AnswerTooLarge => "the answer is too large",
            Self::Amplification => "the answer is too large for its request",
        }
    }
}

/// The datagrams of one server.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<DatagramCounters>);

impl Tally {
    /// Those that a server shares among its bindings, or some of its own.
    pub(crate) fn among(options: &Options) -> Arc<Self> {
        options.get::<Arc<Self>>().cloned().unwrap_or_default()
    }

    pub(crate) fn counts(&self) -> DatagramCounters {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, count: impl FnOnce(&mut DatagramCounters)) {
        count(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A datagram of `peer`, or the answer to it, was dropped.
    pub(crate) fn dropped(&self, reason: Dropped, peer: SocketAddr) {
        self.add(|counts| {
            *match reason {
                Dropped::Copy => &mut counts.duplicates,
                Dropped::NoRequest => &mut counts.no_request,
                Dropped::TooLarge => &mut counts.too_large,
                Dropped::Source => &mut counts.wrong_source,
                Dropped::Rate => &mut counts.over_rate,
                Dropped::Busy => &mut counts.busy,
                Dropped::AnswerTooLarge => &mut counts.answer_too_large,
                Dropped::Amplification => &mut counts.amplification,
            } += 1;
        });
        tracing::debug!(target: TARGET, %peer, reason = reason.text(), "datagram dropped");
    }

    /// An answer was sent, or a copy of one.
    pub(crate) fn sent(&self, is_first: bool) {
        self.add(|counts| {
            *match is_first {
                true => &mut counts.answered,
                false => &mut counts.copies,
            } += 1;
        });
    }

    /// An answer was not sent.
    pub(crate) fn failed(&self, error: &io::Error, peer: SocketAddr) {
        self.add(|counts| counts.failed += 1);
        tracing::debug!(target: TARGET, %peer, %error, "answer not sent");
    }
}

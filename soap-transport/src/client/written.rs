//! Whether a byte of a request may have reached the peer, known also when its call is dropped.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Notes at the end of an exchange, and if it is dropped before, whether anything was written.
pub(crate) struct NoteWritten<'s, F: Fn() -> bool> {
    has_written: F,
    sent: &'s AtomicBool,
}

impl<'s, F: Fn() -> bool> NoteWritten<'s, F> {
    /// `sent` becomes true if `has_written` then.
    pub(crate) fn new(has_written: F, sent: &'s AtomicBool) -> Self {
        Self { has_written, sent }
    }
}

impl<F: Fn() -> bool> Drop for NoteWritten<'_, F> {
    fn drop(&mut self) {
        if (self.has_written)() {
            self.sent.store(true, Relaxed);
        }
    }
}

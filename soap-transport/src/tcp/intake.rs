//! What was read off a stream, and the messages in it.

use bytes::{Bytes, BytesMut};

use super::{FrameError, Framer};

/// The bytes of a stream that are read and not yet taken as messages.
pub(super) struct Intake {
    framer: Framer,
    pub(super) buffer: BytesMut,
    /// Room made for a read.
    room: usize,
    /// The buffer has held a message that was larger than that.
    is_large: bool,
}

impl Intake {
    /// For messages of at most `limit` bytes; each read gets `room`.
    pub(super) fn new(limit: usize, room: usize) -> Self {
        Self {
            framer: Framer::new(limit),
            buffer: BytesMut::new(),
            room,
            is_large: false,
        }
    }

    /// The next message, as [`Framer::next`].
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        let message = self.framer.next(&mut self.buffer)?;
        match &message {
            Some(message) => self.is_large |= message.len() > self.room,
            None => {
                self.is_quiet();
            }
        }
        Ok(message)
    }

    /// True if nothing but white space is left. A connection that waits so keeps no room for a message as large as the last one.
    pub(super) fn is_quiet(&mut self) -> bool {
        let is_quiet = self.buffer.iter().all(u8::is_ascii_whitespace);
        if is_quiet && self.is_large {
            self.buffer = BytesMut::new();
            self.is_large = false;
        }
        is_quiet
    }

    /// The buffer, with room for a read.
    pub(super) fn room(&mut self) -> &mut BytesMut {
        self.buffer.reserve(self.room);
        &mut self.buffer
    }

    /// What the end of the stream leaves, as [`Framer::finish`].
    pub(super) fn finish(&mut self) -> Result<Option<Bytes>, FrameError> {
        self.framer.finish(&mut self.buffer)
    }

    /// True if no message has begun, as [`Framer::is_idle`].
    pub(super) fn is_idle(&self) -> bool {
        self.framer.is_idle()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_large(behind: &str) -> Intake {
        let mut intake = Intake::new(8 << 20, 4 << 10);
        let large = format!("<a>{}</a>{behind}", "x".repeat(4 << 20));
        intake.room().extend_from_slice(large.as_bytes());
        assert!(intake.next().unwrap().is_some());
        intake
    }

    #[test]
    fn a_large_message_leaves_no_room_whatever_space_is_behind_it() {
        for behind in ["", "\n", "\r\n", " \t\r\n"] {
            let mut waiting = after_large(behind);
            assert_eq!(waiting.next().unwrap(), None);
            assert_eq!(waiting.buffer.capacity(), 0, "{behind:?}");
            let mut kept = after_large(behind);
            assert!(kept.is_quiet());
            assert_eq!(kept.buffer.capacity(), 0, "{behind:?}");
        }
    }

    #[test]
    fn what_is_behind_a_large_message_stays() {
        for behind in ["<b/>", "\r\n<b/>", "\n<b"] {
            let mut intake = after_large(behind);
            assert!(!intake.is_quiet());
            let next = intake.next().unwrap();
            assert_eq!(next.is_some(), behind.ends_with('>'));
            assert_eq!(intake.is_quiet(), next.is_some());
        }
    }
}

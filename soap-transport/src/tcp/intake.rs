//! What was read off a stream, and the messages in it.

use std::{
    io,
    mem::MaybeUninit,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{FrameError, Framer};

/// Room for the first read of a message.
const FIRST: usize = 16 << 10;
/// Room made for each further read.
const MORE: usize = 4 << 10;

/// Bytes of the largest message whose room is kept for the next one.
const KEPT: usize = 2 << 10;

/// The bytes of a stream that are read and not yet taken as messages. Between messages it holds the room of a small one at most.
pub(super) struct Intake {
    framer: Framer,
    buffer: BytesMut,
    /// The buffer has held a message whose room is not kept.
    is_large: bool,
}

impl Intake {
    /// For messages of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            framer: Framer::new(limit),
            buffer: BytesMut::new(),
            is_large: false,
        }
    }

    /// The next message, as [`Framer::next`].
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        let message = self.framer.next(&mut self.buffer)?;
        self.is_large |= message.as_ref().is_some_and(|message| message.len() > KEPT);
        if self.buffer.is_empty() {
            self.give_back();
        }
        Ok(message)
    }

    /// Nothing in the buffer is of use: gives its room back if it is large.
    fn give_back(&mut self) {
        if self.is_large {
            self.buffer = BytesMut::new();
            self.is_large = false;
        }
    }

    /// Reads what has come: how many bytes it was, 0 at the end of the stream.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if !self.buffer.is_empty() {
            self.buffer.reserve(MORE);
            return pin!(stream.read_buf(&mut self.buffer)).poll(cx);
        }
        // On the stack: a connection that waits holds none of it.
        let mut room = [const { MaybeUninit::uninit() }; FIRST];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(stream).poll_read(cx, &mut read))?;
        self.buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Bytes that are read and not yet taken.
    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// True if there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// True if nothing but white space is left.
    pub(super) fn is_quiet(&mut self) -> bool {
        let is_quiet = self.buffer.iter().all(u8::is_ascii_whitespace);
        if is_quiet {
            self.give_back();
        }
        is_quiet
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

    async fn after_large(behind: &str) -> Intake {
        let mut intake = Intake::new(8 << 20);
        let large = format!("<a>{}</a>{behind}", "x".repeat(4 << 20));
        let mut stream = large.as_bytes();
        loop {
            let read = std::future::poll_fn(|cx| intake.poll_read(&mut stream, cx)).await;
            let is_end = read.unwrap() == 0;
            if is_end && intake.next().unwrap().is_some() {
                return intake;
            }
        }
    }

    #[tokio::test]
    async fn a_large_message_leaves_no_room_whatever_space_is_behind_it() {
        for behind in ["", "\n", "\r\n", " \t\r\n"] {
            let mut waiting = after_large(behind).await;
            assert_eq!(waiting.next().unwrap(), None);
            assert_eq!(waiting.buffer.capacity(), 0, "{behind:?}");
            let mut kept = after_large(behind).await;
            assert!(kept.is_quiet());
            assert_eq!(kept.buffer.capacity(), 0, "{behind:?}");
        }
    }

    #[tokio::test]
    async fn what_is_behind_a_large_message_stays() {
        for behind in ["<b/>", "\r\n<b/>", "\n<b"] {
            let mut intake = after_large(behind).await;
            assert!(!intake.is_quiet());
            let next = intake.next().unwrap();
            assert_eq!(next.is_some(), behind.ends_with('>'));
            assert_eq!(intake.is_quiet(), next.is_some());
        }
    }
}

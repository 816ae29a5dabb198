//! Where a message ends on a stream of bare envelopes, without a socket.
//!
//! It stands between the bytes as they come, in pieces of any length, and the reader, which takes one document. A message ends
//! with the end tag of its root element; so no length is sent and nobody waits for the end of the stream.
//!
//! [`Framer`] counts elements and does not compare their names. Where a document is well-formed its end is the reader's. Where it
//! is not (`<a></b>`), what is handed out as a message is refused by the reader, and the connection must be closed: then it
//! does not matter where the next message would have begun.
//!
//! # Example
//! ```
//! use bytes::BytesMut;
//! use soap_transport::tcp::Framer;
//!
//! let mut framer = Framer::new(4 << 20);
//! let mut buffer = BytesMut::from("<a><b k='>'/></a>\r\n<c");
//! assert_eq!(framer.next(&mut buffer)?.as_deref(), Some(&b"<a><b k='>'/></a>"[..]));
//! assert_eq!(framer.next(&mut buffer)?, None);
//! buffer.extend_from_slice(b"/>");
//! assert_eq!(framer.next(&mut buffer)?.as_deref(), Some(&b"<c/>"[..]));
//! assert!(framer.is_idle());
//! # Ok::<(), soap_transport::tcp::FrameError>(())
//! ```
//!
//! # Limits
//! A message that has not ended within the bytes allowed is an error, so the buffer holds that many and what one read adds. White
//! space between messages is dropped, at most [`Framer::WHITE_SPACE`] bytes in a row. The cost grows with the bytes, not with the
//! pieces they come in: a byte is looked at a fixed number of times at most. Nothing recurses, and nothing is kept for an open
//! element but their number: how deep they nest is the reader's to bound.

mod opening;
mod scan;
#[cfg(test)]
mod tests;

use bytes::{Buf, Bytes, BytesMut};

use opening::Opening;
use scan::{Scan, is_space};

/// Takes message after message off a buffer that a stream fills.
///
/// Between two calls bytes may be added at the end of the buffer; all else is the framer's. After an error there is nothing more to
/// find: each further call gives the same error.
#[derive(Debug)]
pub struct Framer {
    limit: usize,
    /// White space dropped since the last message.
    spaces: usize,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing but white space came since the last message.
    Between,
    /// The buffer holds some bytes, too few to tell what they begin.
    Opening,
    /// The buffer begins with a message.
    Message(Scan),
    Failed(FrameError),
}

/// Why no message can be found on a stream. Where the next one would begin is not known: answer with a fault and close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A message has not ended within the bytes allowed.
    #[error("message bytes exceed the limit of {limit}")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
    /// Too much white space before a message.
    #[error("bytes of white space between messages exceed the limit of {limit}")]
    WhiteSpace {
        /// The bound.
        limit: usize,
    },
    /// A document type declaration (SOAP 1.1 section 3, SOAP 1.2 P1 section 5).
    #[error("a document type declaration is not allowed")]
    Dtd,
    /// `<!` that begins neither a comment nor a CDATA section.
    #[error("<! begins neither a comment nor a CDATA section")]
    Declaration,
    /// The stream is UTF-16, which is not told apart here: it is for http and udp.
    #[error("the stream is UTF-16: send UTF-8")]
    Utf16,
    /// TLS, a handshake or an alert: the peer takes the port for one of `soap.tls` or `https`, or has such a one.
    #[error("TLS where an envelope should begin: one side speaks it, and the other does not")]
    Tls,
    /// HTTP: the peer takes the port for one of `http`.
    #[error("HTTP where an envelope should begin: the port takes bare envelopes")]
    Http,
    /// A byte that is neither white space nor `<`, outside the root element.
    #[error("byte 0x{byte:02X} where an envelope should begin")]
    NotXml {
        /// The byte.
        byte: u8,
    },
}

impl Framer {
    /// Bytes of white space in a row that are dropped between messages: 64 KiB. More is an error.
    pub const WHITE_SPACE: usize = 64 << 10;

    /// For messages of at most `limit` bytes ([`Limits::message`](soap_core::Limits::message)), byte order mark, XML declaration
    /// and comments before the root included.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            spaces: 0,
            state: State::Between,
        }
    }

    /// The next whole message, taken off the start of `buffer` without a copy; `None` if more bytes must come first.
    ///
    /// White space before the message is dropped. A comment between two messages belongs to the second.
    ///
    /// # Errors
    /// Fails as soon as the bytes cannot begin or continue an envelope whose end can be found; [`FrameError`] lists the reasons.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        self.find(buffer)
            .inspect_err(|error| self.state = State::Failed(*error))
    }

    fn find(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        if matches!(self.state, State::Between) {
            self.drop_white_space(buffer)?;
        }
        if matches!(self.state, State::Opening) {
            self.open(buffer)?;
        }
        let scan = match &mut self.state {
            State::Message(scan) => scan,
            State::Failed(error) => return Err(*error),
            State::Between | State::Opening => return Ok(None),
        };
        let allowed = buffer.get(..self.limit).unwrap_or(buffer);
        match scan.advance(allowed)? {
            Some(len) => {
                self.reset();
                Ok(Some(buffer.split_to(len).freeze()))
            }
            None if buffer.len() >= self.limit => Err(FrameError::TooLarge { limit: self.limit }),
            None => Ok(None),
        }
    }

    /// What the end of the stream leaves in `buffer` once [`next`](Self::next) has given `None`: a message whose root has not ended,
    /// for the reader to say what is missing. `None` if the last message was whole: white space and comments may follow it.
    ///
    /// # Errors
    /// Fails if the bytes begin no envelope, or with the error given before.
    pub fn finish(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let idle = self.is_idle();
        match (self.state, buffer.first()) {
            (State::Failed(error), _) => return Err(error),
            (State::Opening, Some(&byte)) if byte != b'<' => {
                let error = FrameError::NotXml { byte };
                self.state = State::Failed(error);
                return Err(error);
            }
            _ => {}
        }
        self.reset();
        let rest = buffer.split().freeze();
        Ok((!idle).then_some(rest))
    }

    /// True if no message has begun: nothing but white space and comments came since the last one.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        match &self.state {
            State::Between => true,
            State::Message(scan) => scan.is_only_comments(),
            State::Opening | State::Failed(_) => false,
        }
    }

    /// Bytes of the buffer that are done with: the next call begins to look there. Once [`next`](Self::next) has given `None` these
    /// are all but the last eight, or more; hence the cost grows with the bytes alone, however many pieces they come in.
    #[must_use]
    pub fn scanned(&self) -> usize {
        match &self.state {
            State::Message(scan) => scan.at(),
            State::Between | State::Opening | State::Failed(_) => 0,
        }
    }

    fn reset(&mut self) {
        self.spaces = 0;
        self.state = State::Between;
    }

    fn drop_white_space(&mut self, buffer: &mut BytesMut) -> Result<(), FrameError> {
        let spaces = buffer.iter().take_while(|byte| is_space(**byte)).count();
        self.spaces += spaces;
        if self.spaces > Self::WHITE_SPACE {
            return Err(FrameError::WhiteSpace {
                limit: Self::WHITE_SPACE,
            });
        }
        buffer.advance(spaces);
        if buffer.has_remaining() {
            self.state = State::Opening;
        }
        Ok(())
    }

    fn open(&mut self, buffer: &[u8]) -> Result<(), FrameError> {
        match Opening::of(buffer)? {
            Opening::Unclear => {}
            Opening::Markup => self.state = State::Message(Scan::new()),
            Opening::ByteOrderMark => self.state = State::Message(Scan::behind_mark()),
        }
        Ok(())
    }
}

//! What the first bytes of a message tell: a document, or something that was never meant for this port.

use super::FrameError;

/// What a message begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// There are too few bytes to tell.
    Unclear,
    /// `<`.
    Markup,
    /// The byte order mark of UTF-8.
    ByteOrderMark,
}

/// None is longer than eight bytes, so that looking again with each byte that comes costs little.
const KNOWN: [(&[u8], Result<Opening, FrameError>); 19] = [
    (b"\xEF\xBB\xBF", Ok(Opening::ByteOrderMark)),
    (b"\xFE\xFF", Err(FrameError::Utf16)),
    (b"\xFF\xFE", Err(FrameError::Utf16)),
    (b"<\0", Err(FrameError::Utf16)),
    (b"\0<", Err(FrameError::Utf16)),
    (b"\x15\x03", Err(FrameError::Tls)),
    (b"\x16\x03", Err(FrameError::Tls)),
    (b"CONNECT ", Err(FrameError::Http)),
    (b"DELETE ", Err(FrameError::Http)),
    (b"GET ", Err(FrameError::Http)),
    (b"HEAD ", Err(FrameError::Http)),
    (b"HTTP/", Err(FrameError::Http)),
    (b"M-POST ", Err(FrameError::Http)),
    (b"OPTIONS ", Err(FrameError::Http)),
    (b"PATCH ", Err(FrameError::Http)),
    (b"POST ", Err(FrameError::Http)),
    (b"PRI * ", Err(FrameError::Http)),
    (b"PUT ", Err(FrameError::Http)),
    (b"TRACE ", Err(FrameError::Http)),
];

impl Opening {
    /// What `bytes` begin with, whatever may still follow them.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, FrameError> {
        for (known, opening) in KNOWN {
            if bytes.starts_with(known) {
                return opening;
            }
            if known.starts_with(bytes) {
                return Ok(Self::Unclear);
            }
        }
        match bytes.first() {
            Some(b'<') => Ok(Self::Markup),
            Some(&byte) => Err(FrameError::NotXml { byte }),
            None => Ok(Self::Unclear),
        }
    }
}

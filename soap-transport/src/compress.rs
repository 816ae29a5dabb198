//! gzip and deflate with a bound on what comes out.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::{
    Compression,
    read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder},
    write::GzEncoder,
};
use soap_core::Limits;

/// Below this size the ratio does not count.
const RATIO_FROM: usize = 1 << 20;

/// A content coding of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
}

/// Why a body was not inflated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InflateError {
    #[error("the inflated message exceeds the limit of {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the message inflates to more than {ratio} times its size")]
    Ratio { ratio: usize },
    #[error("the message is not valid in its content coding")]
    Invalid(#[source] io::Error),
}

impl Coding {
    /// The coding `name`, if it is known.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let is = |known: &str| known.eq_ignore_ascii_case(name.trim());
        if is("gzip") || is("x-gzip") {
            Some(Self::Gzip)
        } else {
            is("deflate").then_some(Self::Deflate)
        }
    }

    /// Inflates `body`, stopping at the first limit that is passed.
    pub(crate) fn inflate(self, body: &[u8], limits: &Limits) -> Result<Bytes, InflateError> {
        match self {
            Self::Gzip => bounded(MultiGzDecoder::new(body), body.len(), limits),
            // Named for zlib (RFC 9110 8.4.1.2), but some send what lies within.
            Self::Deflate => match bounded(ZlibDecoder::new(body), body.len(), limits) {
                Err(InflateError::Invalid(_)) => {
                    bounded(DeflateDecoder::new(body), body.len(), limits)
                }
                result => result,
            },
        }
    }
}

fn bounded(mut inflating: impl Read, size: usize, limits: &Limits) -> Result<Bytes, InflateError> {
    let most = size.saturating_mul(limits.inflate_ratio).max(RATIO_FROM);
    let mut inflated = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let read = inflating.read(&mut buffer).map_err(InflateError::Invalid)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(inflated.into());
        };
        if bytes.len() > limits.message.saturating_sub(inflated.len()) {
            return Err(InflateError::TooLarge {
                limit: limits.message,
            });
        }
        inflated.extend_from_slice(bytes);
        if inflated.len() > most {
            return Err(InflateError::Ratio {
                ratio: limits.inflate_ratio,
            });
        }
    }
}

/// `body` in gzip.
pub(crate) fn gzip(body: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    Ok(encoder.finish()?.into())
}

#[cfg(test)]
mod tests {
    use flate2::write::{DeflateEncoder, ZlibEncoder};

    use super::*;

    fn limits(message: usize) -> Limits {
        Limits::server().message(message)
    }

    #[test]
    fn what_was_compressed_comes_back() {
        let text = b"<a/>".repeat(100);
        let gzipped = gzip(&text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(&text).unwrap();
        for (coding, bytes) in [
            (Coding::Gzip, gzipped.to_vec()),
            (Coding::Deflate, zlib.finish().unwrap()),
            (Coding::Deflate, raw.finish().unwrap()),
        ] {
            assert_eq!(coding.inflate(&bytes, &limits(400)).unwrap(), text);
            let cut = &bytes[..bytes.len() / 2];
            assert!(coding.inflate(cut, &limits(400)).is_err(), "{coding:?}");
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit_and_at_the_ratio() {
        let bomb = gzip(&vec![b' '; 16 << 20]).unwrap();
        let error = Coding::Gzip.inflate(&bomb, &limits(4 << 20)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the inflated message exceeds the limit of 4194304 bytes"
        );
        let error = Coding::Gzip.inflate(&bomb, &limits(1 << 30)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the message inflates to more than 100 times its size"
        );
    }
}

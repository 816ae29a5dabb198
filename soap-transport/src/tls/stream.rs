//! A connection after its handshake.

use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use rustls::ProtocolVersion;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    TlsVersion,
    error::{Side, explained},
};

/// A connection under TLS.
///
/// The end of the peer's data is told by its `close_notify` alone: without it a read fails with
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof), since somebody on the way may have cut the stream. Shutting down sends ours.
/// The texts of errors name the peer and what is wrong; [`explain`](super::explain) finds them within other errors.
pub struct TlsStream<IO> {
    stream: tokio_rustls::TlsStream<IO>,
    side: Side,
}

impl<IO> TlsStream<IO> {
    pub(super) fn new(stream: tokio_rustls::TlsStream<IO>, side: Side) -> Self {
        Self { stream, side }
    }

    /// What TLS runs over. Reading from it or writing to it breaks the connection.
    pub fn get_ref(&self) -> &IO {
        self.stream.get_ref().0
    }

    /// The certificate of the peer, followed by its chain, in DER; empty if it showed none. A server has verified them; a client
    /// too, unless it was told otherwise by [`ClientTls::dangerous`](super::ClientTls::dangerous).
    pub fn certificates(&self) -> Arc<[Bytes]> {
        let certificates = self.stream.get_ref().1.peer_certificates();
        certificates
            .unwrap_or_default()
            .iter()
            .map(|certificate| Bytes::copy_from_slice(certificate))
            .collect()
    }

    /// The protocol that the two sides have agreed on, if any.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.stream.get_ref().1.alpn_protocol()
    }

    /// The version spoken.
    pub fn version(&self) -> TlsVersion {
        match self.stream.get_ref().1.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => TlsVersion::Tls12,
            _ => TlsVersion::Tls13,
        }
    }

    /// True if the handshake was a short one, which resumed the session of an earlier connection.
    pub fn is_resumed(&self) -> bool {
        let kind = self.stream.get_ref().1.handshake_kind();
        kind == Some(rustls::HandshakeKind::Resumed)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> TlsStream<IO> {
    fn told<T>(&self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        result.map_err(|error| explained(error, &self.side))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.told(read)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.told(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.told(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.told(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.told(shut)
    }
}

impl<IO: fmt::Debug> fmt::Debug for TlsStream<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("io", self.get_ref())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

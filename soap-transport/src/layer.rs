//! What lies between a socket and a protocol: nothing, or TLS.

use std::time::Duration;

use soap_core::transport::TransportError;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::stream::Stream;
#[cfg(feature = "tls")]
use crate::tls::{Alpn, ClientTls, ServerTls};

/// What a client speaks its protocol on. Two are equal if one may use the connections of the other.
#[derive(Debug, Clone)]
pub(crate) enum ClientLayer {
    Plain,
    #[cfg(feature = "tls")]
    Tls(ClientTls, Alpn),
}

impl ClientLayer {
    /// Begins on a socket that is connected to `host`; TLS takes at most `time`.
    #[cfg_attr(
        not(feature = "tls"),
        expect(unused_variables, reason = "only TLS asks for them")
    )]
    pub(crate) async fn open<S>(
        &self,
        socket: S,
        host: &str,
        time: Duration,
    ) -> Result<Stream<S>, TransportError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        match self {
            Self::Plain => Ok(Stream::Plain(socket)),
            #[cfg(feature = "tls")]
            Self::Tls(tls, alpn) => {
                let stream = tls.connect(host, socket, *alpn, time).await?;
                Ok(Stream::Tls(Box::new(stream)))
            }
        }
    }
}

impl PartialEq for ClientLayer {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain, Self::Plain) => true,
            #[cfg(feature = "tls")]
            (Self::Tls(own, alpn), Self::Tls(other, other_alpn)) => {
                own.is_same(other) && alpn == other_alpn
            }
            #[cfg(feature = "tls")]
            _ => false,
        }
    }
}

impl Eq for ClientLayer {}

/// What a server speaks its protocol on.
#[derive(Debug, Clone)]
pub(crate) enum ServerLayer {
    Plain,
    #[cfg(feature = "tls")]
    Tls(ServerTls, Alpn),
}

impl ServerLayer {
    /// True if nothing lies between.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }

    /// Begins on a socket that was accepted; TLS takes at most `time`.
    #[cfg_attr(
        not(feature = "tls"),
        expect(unused_variables, reason = "only TLS asks for it")
    )]
    pub(crate) async fn open<S>(
        &self,
        socket: S,
        time: Duration,
    ) -> Result<Stream<S>, TransportError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        match self {
            Self::Plain => Ok(Stream::Plain(socket)),
            #[cfg(feature = "tls")]
            Self::Tls(tls, alpn) => {
                let stream = tls.handshake(socket, *alpn, time).await;
                Ok(Stream::Tls(Box::new(stream.map_err(|(error, _)| error)?)))
            }
        }
    }
}

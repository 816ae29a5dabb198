//! What lies between a socket and a protocol: nothing, or TLS.

use std::{sync::Arc, time::Duration};

use soap_core::transport::TransportError;
use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(feature = "tls")]
use tokio::time::Instant;

#[cfg(feature = "tls")]
use crate::tls::{Alpn, ClientTls, ServerTls};
use crate::{
    server::{
        connection::{Connection, Phase},
        stream::Socket,
    },
    stream::Stream,
};

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
    /// Begins on a connection that was accepted; TLS takes at most `time`. `None`: it does not come to that, and the connection
    /// can only be closed.
    pub(crate) async fn open(
        &self,
        connection: &Arc<Connection>,
        time: Duration,
    ) -> Option<Stream<Socket>> {
        let socket = Socket::new(Arc::clone(connection));
        match self.on(socket, time).await {
            Ok(stream) => Some(stream),
            Err(error) => {
                let peer = connection.peer();
                tracing::info!(target: "soapstone::connection", %error, %peer, "TLS handshake failed");
                // The peer shall read why, where it still listens.
                if error.timed_out().is_none() {
                    connection.enter(Phase::Answering);
                }
                None
            }
        }
    }

    #[cfg(feature = "tls")]
    async fn on(&self, socket: Socket, time: Duration) -> Result<Stream<Socket>, TransportError> {
        let Self::Tls(tls, alpn) = self else {
            return Ok(Stream::Plain(socket));
        };
        let connection = Arc::clone(socket.connection());
        let stream = tls.handshake(socket, *alpn, time).await;
        let stream = stream.map_err(|(error, _)| error)?;
        // The time for the first request begins.
        connection.enter_at(Phase::Fresh, Instant::now());
        Ok(Stream::Tls(Box::new(stream)))
    }

    #[cfg(not(feature = "tls"))]
    async fn on(&self, socket: Socket, _: Duration) -> Result<Stream<Socket>, TransportError> {
        let Self::Plain = self;
        Ok(Stream::Plain(socket))
    }
}

//! What went wrong in TLS, in words that name the peer and the remedy.

use std::{error::Error as StdError, fmt, io, time::Duration};

use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};
use soap_core::transport::TransportError;

use super::{TlsVersion, certificate};

/// Who is at the other end, and what we came with.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// The server, as it was asked for; `None`: we are the server.
    pub(super) host: Option<Box<str>>,
    /// Whether we have a certificate to show.
    pub(super) identity: bool,
    /// The oldest version we speak.
    pub(super) min_version: TlsVersion,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_deref().unwrap_or("the client"))
    }
}

/// The error of a handshake that failed by `error`.
pub(super) fn handshake_failed(error: io::Error, side: &Side) -> TransportError {
    if let Some(tls) = of_rustls(&error) {
        let text = match tls {
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge
                | InvalidMessage::InvalidEmptyPayload,
            ) => no_tls(side),
            tls => describe(tls, side),
        };
        return TransportError::connect(text).caused_by(tls.clone());
    }
    let text = if error.kind() == io::ErrorKind::UnexpectedEof {
        match side.host {
            Some(_) => format!("{side} ended the connection in the TLS handshake: it may not speak TLS on this port"),
            None => "the client ended the connection in the TLS handshake: it may not trust the certificate".to_owned(),
        }
    } else {
        format!("the connection to {side} broke in the TLS handshake: {error}")
    };
    TransportError::connect(text).caused_by(error)
}

/// The error of a handshake that took longer than `time`.
pub(super) fn timed_out(side: &Side, time: Duration) -> TransportError {
    TransportError::timeout(&format!("the TLS handshake with {side}"), time, false)
}

/// What TLS says about an error of a [`TlsStream`](super::TlsStream), or about one that such an error caused: who the peer is,
/// what is wrong and the remedy. `None` if TLS has nothing to do with it.
///
/// With TLS 1.3 a server that refuses the certificate of a client, or that misses one, is heard of at the first read.
pub fn explain<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e str> {
    find(error).map(|explained| explained.text.as_str())
}

fn find<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Explained> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(explained) = error.downcast_ref() {
            return Some(explained);
        }
        next = match error.downcast_ref::<io::Error>() {
            // Its source is that of the error within, not the error within.
            Some(error) => error.get_ref().map(|within| within as _),
            None => error.source(),
        };
    }
    None
}

/// The error of a request whose connection ended by `error`, if TLS has to do with it. A server that refuses the client's
/// certificate instead of the first answer has not looked at the request; any other may have, if it was `sent`. The same alert on a
/// connection that `has_answered` is none of the handshake, and proves nothing.
#[cfg(any(feature = "http", feature = "tcp"))]
pub(crate) fn lost<E>(error: E, sent: bool, has_answered: bool) -> Result<TransportError, E>
where
    E: StdError + Send + Sync + 'static,
{
    let Some(explained) = find(&error) else {
        return Err(error);
    };
    let text = explained.text.clone();
    let told = match of_rustls(&explained.source) {
        Some(Error::AlertReceived(alert)) if is_of_handshake(*alert) && !has_answered => {
            TransportError::connect(text)
        }
        _ => TransportError::lost(text, sent),
    };
    Ok(told.caused_by(error))
}

/// An error of rustls in our words.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Explained {
    text: String,
    source: io::Error,
}

/// `error`, of a stream after its handshake, with a text for what TLS found.
pub(super) fn explained(error: io::Error, side: &Side) -> io::Error {
    let text = if let Some(tls) = of_rustls(&error) {
        describe(tls, side)
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        format!(
            "{side} ended the connection without close_notify: what it sent last may be cut off"
        )
    } else {
        return error;
    };
    io::Error::new(
        error.kind(),
        Explained {
            text,
            source: error,
        },
    )
}

fn of_rustls(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

fn no_tls(side: &Side) -> String {
    match side.host {
        Some(_) => format!(
            "{side} does not speak TLS on this port: what it sent may be plain text, as of http: or soap.tcp:"
        ),
        None => {
            "the client does not speak TLS: its URL may begin with http: or soap.tcp: where it needs https: or soap.tls:"
                .to_owned()
        }
    }
}

fn no_version(side: &Side) -> String {
    let floor = match side.min_version {
        TlsVersion::Tls12 => "TLS 1.2 and newer",
        TlsVersion::Tls13 => "TLS 1.3 only",
    };
    format!("{side} speaks no version of TLS that is allowed here, which is {floor}")
}

fn describe(error: &Error, side: &Side) -> String {
    match error {
        Error::AlertReceived(alert) => refused(*alert, side),
        Error::InvalidCertificate(error) => certificate::wrong(error, side),
        Error::NoCertificatesPresented => {
            format!("{side} sent no certificate, and one is required")
        }
        Error::PeerIncompatible(error) => incompatible(error, side),
        Error::NoApplicationProtocol => {
            format!("{side} offers no protocol (ALPN) that is spoken here, which is http/1.1")
        }
        Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::InvalidMessage(_)
        | Error::PeerMisbehaved(_)
        | Error::PeerSentOversizedRecord
        | Error::DecryptError => format!("{side} breaks the rules of TLS: {error}"),
        _ => format!("TLS with {side} failed: {error}"),
    }
}

fn incompatible(error: &PeerIncompatible, side: &Side) -> String {
    use PeerIncompatible::{
        NoCipherSuitesInCommon, NoKxGroupsInCommon, NoSignatureSchemesInCommon,
        ServerDoesNotSupportTls12Or13, ServerTlsVersionIsDisabledByOurConfig,
        SignatureAlgorithmsExtensionRequired, SupportedVersionsExtensionRequired, Tls12NotOffered,
        Tls12NotOfferedOrEnabled,
    };
    match error {
        ServerDoesNotSupportTls12Or13
        | ServerTlsVersionIsDisabledByOurConfig
        | SupportedVersionsExtensionRequired
        | Tls12NotOffered
        | Tls12NotOfferedOrEnabled => no_version(side),
        // Checked before the version: only hellos of TLS 1.1 and older lack them.
        SignatureAlgorithmsExtensionRequired => no_version(side),
        NoCipherSuitesInCommon => format!("no cipher in common with {side}"),
        NoKxGroupsInCommon => format!("no key exchange in common with {side}"),
        NoSignatureSchemesInCommon => {
            format!("{side} knows no signature that the key of our certificate can make")
        }
        other => format!("no TLS in common with {side}: {other:?}"),
    }
}

/// The peer ended it by an alert (RFC 8446 6.2).
fn refused(alert: AlertDescription, side: &Side) -> String {
    use AlertDescription as Alert;
    let bare = side.host.is_some() && !side.identity;
    match alert {
        Alert::CertificateRequired if side.identity => {
            format!("{side} demands a client certificate, and ours is of a kind that it does not take")
        }
        Alert::CertificateRequired => demands(side),
        // What servers in Java and of Microsoft say of a missing certificate.
        Alert::BadCertificate | Alert::CertificateUnknown | Alert::AccessDenied if bare => {
            demands(side)
        }
        Alert::HandshakeFailure if bare => format!(
            "{side} refused the handshake: it demands a client certificate, which ClientTls::identity gives, or there is no \
             cipher or key exchange in common"
        ),
        Alert::HandshakeFailure | Alert::InsufficientSecurity => {
            format!("{side} refused the handshake: no cipher or key exchange in common")
        }
        Alert::UnknownCA if side.host.is_some() => {
            format!("{side} refused our client certificate: its authority is none that {side} trusts")
        }
        Alert::UnknownCA => "the client refused our certificate, whose authority it does not know: give the client that \
             authority, or this server the whole chain"
            .to_owned(),
        Alert::BadCertificate | Alert::CertificateUnknown | Alert::AccessDenied => {
            format!("{side} refused our certificate")
        }
        Alert::CertificateExpired => format!("{side} refused our certificate: it has expired"),
        Alert::CertificateRevoked => format!("{side} refused our certificate: it is revoked"),
        Alert::UnsupportedCertificate => {
            format!("{side} refused our certificate: it is of a kind or for a purpose that {side} does not take")
        }
        Alert::ProtocolVersion => no_version(side),
        Alert::UnrecognisedName => format!("{side} is no name that the server knows"),
        Alert::NoApplicationProtocol => {
            format!("{side} speaks none of the protocols (ALPN) that were offered")
        }
        _ => format!("{side} ended TLS with the alert {alert:?}"),
    }
}

/// Alerts by which a server ends a handshake that its client takes for done.
#[cfg(any(feature = "http", feature = "tcp"))]
fn is_of_handshake(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::HandshakeFailure
    )
}

fn demands(side: &Side) -> String {
    format!("{side} demands a client certificate: give one with ClientTls::identity")
}

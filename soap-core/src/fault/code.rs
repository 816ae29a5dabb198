//! The codes of both versions (SOAP 1.1 section 4.4.1, SOAP 1.2 part 1, 5.4.6).

use std::fmt;

use crate::SoapVersion;

/// Who is to blame for a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultCode {
    /// The Envelope is of a version the node does not speak.
    VersionMismatch,
    /// A mandatory header block was not understood.
    MustUnderstand,
    /// An `encodingStyle` is not known; `Client` in SOAP 1.1.
    DataEncodingUnknown,
    /// The caller: `Sender`, or `Client` in SOAP 1.1.
    Sender,
    /// The server: `Receiver`, or `Server` in SOAP 1.1.
    Receiver,
}

impl FaultCode {
    /// Local name of the code in `version`.
    pub const fn local_name(self, version: SoapVersion) -> &'static str {
        match (self, version) {
            (Self::VersionMismatch, _) => "VersionMismatch",
            (Self::MustUnderstand, _) => "MustUnderstand",
            (Self::DataEncodingUnknown, SoapVersion::Soap12) => "DataEncodingUnknown",
            (Self::DataEncodingUnknown | Self::Sender, SoapVersion::Soap11) => "Client",
            (Self::Sender, SoapVersion::Soap12) => "Sender",
            (Self::Receiver, SoapVersion::Soap11) => "Server",
            (Self::Receiver, SoapVersion::Soap12) => "Receiver",
        }
    }

    /// The code of that local name in either version; a dotted suffix (`Client.Data`) does not count.
    pub(super) fn from_local_name(name: &str) -> Option<Self> {
        Some(match name.split('.').next().unwrap_or(name) {
            "VersionMismatch" => Self::VersionMismatch,
            "MustUnderstand" => Self::MustUnderstand,
            "DataEncodingUnknown" => Self::DataEncodingUnknown,
            "Sender" | "Client" => Self::Sender,
            "Receiver" | "Server" => Self::Receiver,
            _ => return None,
        })
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.local_name(SoapVersion::Soap12))
    }
}

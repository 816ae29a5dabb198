//! The two versions of SOAP.

use std::fmt;

use crate::xml::Namespace;

static SOAP11: Namespace = Namespace::new("http://schemas.xmlsoap.org/soap/envelope/");
static SOAP12: Namespace = Namespace::new("http://www.w3.org/2003/05/soap-envelope");

/// A version of SOAP. A message tells its own by the namespace of its Envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "no third version will come")]
pub enum SoapVersion {
    /// SOAP 1.1 (W3C Note of 2000-05-08).
    #[default]
    Soap11,
    /// SOAP 1.2 (W3C Recommendation, second edition of 2007-04-27).
    Soap12,
}

impl SoapVersion {
    /// Namespace of the Envelope.
    pub const fn namespace(self) -> &'static Namespace {
        match self {
            Self::Soap11 => &SOAP11,
            Self::Soap12 => &SOAP12,
        }
    }

    /// Media type of a message on HTTP.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml",
            Self::Soap12 => "application/soap+xml",
        }
    }
}

impl fmt::Display for SoapVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soap11 => "SOAP 1.1",
            Self::Soap12 => "SOAP 1.2",
        })
    }
}

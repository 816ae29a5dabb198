//! What stands in the heads of HTTP messages: media types with their parameters, actions, authorities.

use std::{borrow::Cow, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority};
use soap_core::{Action, SoapVersion};

pub(crate) const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");
pub(crate) const TEXT_XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");
const SOAP_XML: HeaderValue = HeaderValue::from_static("application/soap+xml; charset=utf-8");

/// The media type of an answer, exactly as every client takes it.
pub(crate) fn content_type(version: SoapVersion) -> HeaderValue {
    match version {
        SoapVersion::Soap11 => TEXT_XML,
        SoapVersion::Soap12 => SOAP_XML,
    }
}

/// What the head of a message says about its envelope.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) version: Option<SoapVersion>,
    pub(crate) action: Option<Action>,
    pub(crate) charset: Option<Cow<'static, str>>,
}

/// Reads `Content-Type` and `SOAPAction`. `None` for a media type that is not SOAP's; a missing one is left to the Envelope.
pub(crate) fn announced(headers: &HeaderMap) -> Option<Announced> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Some(Announced {
            action: soap_action(headers),
            ..Announced::default()
        });
    };
    if *value == TEXT_XML {
        return Some(Announced {
            version: Some(SoapVersion::Soap11),
            action: soap_action(headers),
            charset: Some("utf-8".into()),
        });
    }
    let value = String::from_utf8_lossy(value.as_bytes());
    let mut parts = Parts(&value);
    let media = parts.next()?.trim();
    let version = [SoapVersion::Soap11, SoapVersion::Soap12]
        .into_iter()
        .find(|version| version.media_type().eq_ignore_ascii_case(media))?;
    let mut announced = Announced {
        version: Some(version),
        ..Announced::default()
    };
    for part in parts {
        let Some((name, value)) = part.split_once('=') else {
            continue;
        };
        let name = name.trim();
        if name.eq_ignore_ascii_case("charset") {
            announced.charset = Some(unquoted(value).into_owned().into());
        } else if name.eq_ignore_ascii_case("action") {
            announced.action = Some(Arc::<str>::from(unquoted(value)).into());
        }
    }
    if version == SoapVersion::Soap11 {
        announced.action = soap_action(headers);
    }
    Some(announced)
}

fn soap_action(headers: &HeaderMap) -> Option<Action> {
    let value = headers.get(SOAP_ACTION)?;
    let action: Arc<str> = match str::from_utf8(value.as_bytes()) {
        Ok(text) => unquoted(text).into(),
        Err(_) => unquoted(&String::from_utf8_lossy(value.as_bytes())).into(),
    };
    Some(action.into())
}

/// The parts of a header value between semicolons that do not stand in quotes.
struct Parts<'v>(&'v str);

impl<'v> Iterator for Parts<'v> {
    type Item = &'v str;

    fn next(&mut self) -> Option<&'v str> {
        if self.0.is_empty() {
            return None;
        }
        let mut quoted = false;
        let mut escaped = false;
        let end = self.0.find(|character: char| {
            let ends = character == ';' && !quoted;
            quoted ^= character == '"' && !escaped;
            escaped = quoted && character == '\\' && !escaped;
            ends
        });
        let (part, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, ""),
        };
        self.0 = rest;
        Some(part)
    }
}

/// A token or quoted string without its quotes.
fn unquoted(value: &str) -> Cow<'_, str> {
    let value = value.trim_ascii();
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        None => value.into(),
        Some(inner) if !inner.as_bytes().contains(&b'\\') => inner.into(),
        Some(inner) => {
            let mut plain = String::with_capacity(inner.len());
            let mut characters = inner.chars();
            while let Some(character) = characters.next() {
                match character {
                    '\\' => plain.extend(characters.next()),
                    other => plain.push(other),
                }
            }
            plain.into()
        }
    }
}

/// The bytes of names and IPv4 addresses.
const IN_NAME: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let known = byte as u8;
        bytes[byte] = known.is_ascii_alphanumeric() || matches!(known, b'.' | b'-' | b'_');
        byte += 1;
    }
    bytes
};

/// True for a name or IPv4 address, with or without a port: most hosts, told without parsing.
pub(crate) fn is_plain_host(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    let (port, name) = match bytes.iter().rposition(|&byte| byte == b':') {
        Some(colon) => (&bytes[colon + 1..], &bytes[..colon]),
        None => (&b""[..], bytes),
    };
    let in_name = |byte: &u8| IN_NAME[usize::from(*byte)];
    !name.is_empty() && name.iter().all(in_name) && is_port(port)
}

/// True for what may stand behind the colon: nothing, or a number of 16 bits.
fn is_port(digits: &[u8]) -> bool {
    let number = digits.iter().try_fold(0_u16, |number, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        number
            .checked_mul(10)?
            .checked_add(u16::try_from(digit).ok()?)
    });
    number.is_some()
}

/// What a `Host` field says, if it is a host with or without a port.
pub(crate) fn authority(value: &HeaderValue) -> Option<Authority> {
    let authority: Authority = value.to_str().ok()?.parse().ok()?;
    let port = authority.as_str().strip_prefix(authority.host())?;
    let port_is_number = match port.strip_prefix(':') {
        Some(digits) => digits.is_empty() || digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    (port_is_number && !authority.host().is_empty()).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announce(content_type: &str, action: Option<&str>) -> Option<Announced> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        if let Some(action) = action {
            headers.insert(SOAP_ACTION, action.parse().unwrap());
        }
        announced(&headers)
    }

    fn of(
        version: SoapVersion,
        action: Option<&'static str>,
        charset: Option<&'static str>,
    ) -> Announced {
        Announced {
            version: Some(version),
            action: action.map(Into::into),
            charset: charset.map(Cow::Borrowed),
        }
    }

    #[test]
    fn q19_soap_action_quoted_unquoted_empty_missing() {
        let expected = |action| Some(of(SoapVersion::Soap11, action, Some("utf-8")));
        let kind = "text/xml; charset=utf-8";
        assert_eq!(announce(kind, Some("\"urn:a\"")), expected(Some("urn:a")));
        assert_eq!(announce(kind, Some("urn:a")), expected(Some("urn:a")));
        assert_eq!(announce(kind, Some("\"\"")), expected(Some("")));
        assert_eq!(announce(kind, None), expected(None));
    }

    #[test]
    fn q20_q21_action_parameter_of_soap_12() {
        let expected = |action, charset| Some(of(SoapVersion::Soap12, action, charset));
        for kind in [
            "application/soap+xml; charset=utf-8; action=\"urn:a;b\"",
            "application/soap+xml; charset=utf-8;action=\"urn:a\\;b\"",
            "Application/SOAP+xml;CHARSET=\"utf-8\";Action=\"urn:a;b\"",
        ] {
            let found = announce(kind, Some("\"stray\""));
            assert_eq!(found, expected(Some("urn:a;b"), Some("utf-8")), "{kind}");
        }
        let unquoted = "application/soap+xml; action=http://a/b";
        assert_eq!(announce(unquoted, None), expected(Some("http://a/b"), None));
        assert_eq!(announce("application/soap+xml", None), expected(None, None));
    }

    #[test]
    fn q6_q29_charset_quoted_upper_case_with_blanks() {
        let expected = |charset| Some(of(SoapVersion::Soap11, None, Some(charset)));
        assert_eq!(
            announce("text/xml ;charset=utf-16", None),
            expected("utf-16")
        );
        assert_eq!(
            announce("text/xml;charset=\"UTF-8\"", None),
            expected("UTF-8")
        );
        assert_eq!(
            announce("text/xml; x; charset = utf-8 ;", None),
            expected("utf-8")
        );
        assert_eq!(announced(&HeaderMap::new()), Some(Announced::default()));
        assert_eq!(announce("text/xmlx", None), None);
        assert_eq!(announce("", None), None);
        assert_eq!(announce("text/xml; charset=\"", None), expected("\""));
    }

    #[test]
    fn authorities() {
        let valid = |text: &str| {
            let value = HeaderValue::from_str(text).unwrap();
            let valid = authority(&value).is_some();
            assert!(valid || !is_plain_host(&value), "{text}");
            valid
        };
        // The ports that the kernel gives out have five digits.
        assert!(is_plain_host(&HeaderValue::from_static("127.0.0.1:65535")));
        assert!(!is_plain_host(&HeaderValue::from_static("a:65536")));
        assert!(valid("a.example:80") && valid("[::1]:80") && valid("127.0.0.1") && valid("a:"));
        for wrong in [
            "", "a b", "a/b", "u@a", "a:b", "a:80:90", "a:70000", "<a>", "a\"b",
        ] {
            assert!(!valid(wrong), "{wrong}");
        }
    }
}

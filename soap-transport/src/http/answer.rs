//! What the answer of a server means (SOAP 1.1 6.2, 6.3; BP R2727, R2750; SOAP 1.2 P2 7.5.1).

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use soap_core::{
    Limits, Message,
    transport::{Expect, Request, TransportError},
};

use super::{head, wire::Answer};

/// The message in an answer. A message is one whatever the status: the Fault element decides. One-way calls have none, unless
/// it says that they failed; one whose answer goes elsewhere has what came in its place.
pub(super) fn message(
    answer: Answer,
    request: &Request,
    limits: &Limits,
) -> Result<Option<Message>, TransportError> {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let is_answered = request.answer_elsewhere && !body.is_empty();
    if request.expect == Expect::Nothing && status.is_success() && !is_answered {
        return Ok(None);
    }
    let body = inflated(&headers, body, limits)?;
    let announced = head::announced(&headers).filter(|_| !body.is_empty());
    // Without a media type only what looks like XML is one.
    let untyped = !headers.contains_key(header::CONTENT_TYPE);
    let announced = announced.filter(|_| !untyped || looks_like_xml(&body));
    let Some(announced) = announced else {
        if request.expect == Expect::Nothing && status.is_success() {
            return Ok(None);
        }
        return Err(no_message(status, &headers, &body));
    };
    let mut message = Message::new(body);
    message.version = announced.version;
    message.action = announced.action;
    message.charset = announced.charset;
    message.status = Some(status.as_u16());
    Ok(Some(message))
}

fn looks_like_xml(body: &[u8]) -> bool {
    let marked = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    marked.trim_ascii_start().starts_with(b"<")
        || marked.starts_with(b"\xFE\xFF")
        || marked.starts_with(b"\xFF\xFE")
}

fn no_message(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> TransportError {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.map(|kind| String::from_utf8_lossy(kind.as_bytes()));
    let error = TransportError::status(status.as_u16(), kind.as_deref(), body);
    match headers.get(header::LOCATION) {
        Some(location) if status.is_redirection() => {
            let location = String::from_utf8_lossy(location.as_bytes());
            let text = format!(
                "redirected to {location}: use that URL, or HttpOptions::redirects for 307 and 308"
            );
            error.caused_by(text)
        }
        _ => error,
    }
}

#[cfg(feature = "gzip")]
fn inflated(headers: &HeaderMap, body: Bytes, limits: &Limits) -> Result<Bytes, TransportError> {
    use crate::compress::{Coding, InflateError};
    let Some(coding) = headers
        .get(header::CONTENT_ENCODING)
        .filter(|_| !body.is_empty())
    else {
        return Ok(body);
    };
    let Some(coding) = coding.to_str().ok().and_then(Coding::named) else {
        return unknown(headers, body);
    };
    coding.inflate(&body, limits).map_err(|error| match error {
        InflateError::Invalid(_) => {
            TransportError::other("the answer cannot be inflated", true).caused_by(error)
        }
        _ => TransportError::limit(error.to_string(), true),
    })
}

#[cfg(not(feature = "gzip"))]
fn inflated(headers: &HeaderMap, body: Bytes, _: &Limits) -> Result<Bytes, TransportError> {
    unknown(headers, body)
}

fn unknown(headers: &HeaderMap, body: Bytes) -> Result<Bytes, TransportError> {
    let coding = headers.get(header::CONTENT_ENCODING);
    match coding.map(|coding| String::from_utf8_lossy(coding.as_bytes())) {
        Some(coding) if !coding.trim().eq_ignore_ascii_case("identity") && !body.is_empty() => {
            let text = format!("the answer has the content coding {coding}, which is not taken");
            Err(TransportError::other(text, true))
        }
        _ => Ok(body),
    }
}

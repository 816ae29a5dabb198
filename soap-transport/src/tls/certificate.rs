//! What is wrong with a certificate, in words.

use rustls::CertificateError;
use rustls_pki_types::UnixTime;
use soap_core::types::DateTime;

use super::error::Side;

/// How to make a certificate of version 3.
pub(super) const VERSION_3: &str = "\"openssl x509 -req\" makes one with -extfile, whose file says subjectAltName=DNS:… for a server, \
     extendedKeyUsage=clientAuth for a client";
/// Names of a certificate that are shown, and the characters of each.
const SHOWN: (usize, usize) = (8, 100);

/// The text for a certificate of the peer that was not taken.
pub(super) fn wrong(error: &CertificateError, side: &Side) -> String {
    use CertificateError as E;
    let whose = format!("the certificate of {side}");
    match error {
        E::UnknownIssuer if side.host.is_some() => format!(
            "{whose} is signed by an authority that is not among the roots: add that authority by Roots::from_pem_file to \
             ClientTls::roots, or let the server send its whole chain"
        ),
        E::UnknownIssuer => format!(
            "{whose} is signed by an authority that is not among those of ClientCertificates"
        ),
        E::ExpiredContext { time, not_after } => {
            format!(
                "{whose} expired on {} (now it is {})",
                date(*not_after),
                date(*time)
            )
        }
        E::Expired => format!("{whose} has expired"),
        E::NotValidYetContext { time, not_before } => {
            format!(
                "{whose} is valid from {} on (now it is {})",
                date(*not_before),
                date(*time)
            )
        }
        E::NotValidYet => format!("{whose} is not valid yet"),
        E::NotValidForNameContext { presented, .. } => {
            if presented.is_empty() {
                format!("{whose} is for no name at all: make one with subjectAltName=DNS:…")
            } else {
                format!("{whose} is not for that name but for {}", names(presented))
            }
        }
        E::NotValidForName => format!("{whose} is for another name"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            let purpose = if side.host.is_some() {
                "serverAuth"
            } else {
                "clientAuth"
            };
            format!(
                "{whose} is not made for this purpose: it lacks the extended key usage {purpose}"
            )
        }
        E::BadEncoding => format!("{whose} cannot be read"),
        E::BadSignature => format!("{whose} has a signature that is not right"),
        E::Revoked => format!("{whose} is revoked"),
        E::Other(other) => match other.0.to_string().as_str() {
            "CaUsedAsEndEntity" => format!(
                "{whose} is that of an authority, as \"openssl req -x509\" makes them, and cannot stand for a peer: make one \
                 with basicConstraints=CA:FALSE"
            ),
            "UnsupportedCertVersion" => format!("{whose} is not of X.509 version 3: {VERSION_3}"),
            other => format!("{whose} is not valid: {other}"),
        },
        _ => format!("{whose} is not valid: {error}"),
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match DateTime::from_unix(seconds, 0) {
        Ok(date) => date.to_string(),
        Err(_) => format!("second {seconds} of 1970"),
    }
}

/// The names a certificate is for, which come as `DnsName("a.example")`.
fn names(presented: &[String]) -> String {
    let (most, length) = SHOWN;
    let mut shown: Vec<String> = presented
        .iter()
        .take(most)
        .map(|name| {
            let name = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest);
            let bare = name.trim_matches(['"', ')']);
            bare.chars()
                .filter(|c| !c.is_control())
                .take(length)
                .collect()
        })
        .collect();
    match presented.len() {
        0 => return "no name at all (subjectAltName)".to_owned(),
        all if all > most => shown.push(format!("{} more", all - most)),
        _ => {}
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_certificate_are_shown_bare_and_not_without_end() {
        let presented = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), "no name at all (subjectAltName)");
        let two = presented(&["DnsName(\"*.a.example\")", "IpAddress(127.0.0.1)"]);
        assert_eq!(names(&two), "*.a.example, 127.0.0.1");
        let many = vec!["DnsName(\"a\u{1b}b\")".to_owned(); 1000];
        assert_eq!(names(&many), format!("{}992 more", "ab, ".repeat(8)));
        let long = presented(&[&format!("DnsName(\"{}\")", "x".repeat(1000))]);
        assert_eq!(names(&long), "x".repeat(100));
    }

    #[test]
    fn dates_are_written_as_xsd_writes_them() {
        let at = |seconds| {
            date(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
                seconds,
            )))
        };
        assert_eq!(at(1_000_000_000), "2001-09-09T01:46:40Z");
        assert!(!at(u64::MAX).is_empty());
    }
}

//! Whether an answer may go to an address that a request names.

/// True if `address` has scheme, host and port of one of `allowed`, and its path begins with the one there, up to a `/`.
///
/// Who sends the answer reads the address once more, by a parser of its own. So an address in which two parsers could see different
/// things is not allowed: user names, fragments, backslashes, escaped dots and slashes, and all that is not ASCII.
pub(super) fn allows(allowed: &[String], address: &str) -> bool {
    let Some(wanted) = Place::parse(address) else {
        return false;
    };
    allowed
        .iter()
        .filter_map(|url| Place::parse(url))
        .any(|place| place.contains(&wanted))
}

/// What of a URL counts.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<u16>,
    path: &'a str,
}

impl<'a> Place<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        const NEVER: &[char] = &['\\', '#', '"', '<', '>', '^', '`', '{', '|', '}'];
        if !url.chars().all(|c| c.is_ascii_graphic()) || url.contains(NEVER) {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end)?;
        let (host, port) = split_authority(authority)?;
        let path = rest.split('?').next().filter(|path| !path.is_empty());
        let path = path.unwrap_or("/");
        let default = if scheme.eq_ignore_ascii_case("http") {
            Some(80)
        } else if scheme.eq_ignore_ascii_case("https") {
            Some(443)
        } else {
            None
        };
        is_plain(path).then_some(Self {
            scheme,
            host,
            port: port.or(default),
            path,
        })
    }

    fn contains(&self, wanted: &Self) -> bool {
        let below = wanted.path.strip_prefix(self.path);
        let is_below = below.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        });
        self.scheme.eq_ignore_ascii_case(wanted.scheme)
            && self.host.eq_ignore_ascii_case(wanted.host)
            && self.port == wanted.port
            && is_below
    }
}

fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_address = authority.rfind(']').map_or(0, |at| at + 1);
    let colon = authority.get(after_address..)?.find(':');
    let (host, port) = match colon {
        None => (authority, None),
        Some(colon) => {
            let (host, port) = authority.split_at_checked(after_address + colon)?;
            let digits = port.get(1..)?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            (host, Some(digits.parse().ok()?))
        }
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_address = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let is_host = match host.strip_prefix('[') {
        Some(address) => address.strip_suffix(']')?.chars().all(is_address),
        None => host.chars().all(is_name),
    };
    (is_host && !host.is_empty()).then_some((host, port))
}

/// True if no server could take `path` for another one.
fn is_plain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let dots = |segment: &str| {
        let name = segment.split(';').next();
        matches!(name, Some("." | ".."))
    };
    let escapes = ["%2e", "%2f", "%5c", "%25", "%00"];
    !escapes.iter().any(|escape| path.contains(escape)) && !path.split('/').any(dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(allowed: &str, address: &str) -> bool {
        allows(&[allowed.to_owned()], address)
    }

    #[test]
    fn scheme_host_and_port_are_the_same_and_the_path_is_below() {
        for (allowed, address) in [
            ("http://h/a", "http://h/a"),
            ("http://h/a", "HTTP://H:80/a/b?c=d"),
            ("http://h:80/a", "http://h/a?x"),
            ("http://h", "http://h/anything"),
            ("http://h/", "http://h"),
            ("http://h/a/", "http://h/a/b"),
            ("https://h", "https://h:443/"),
            ("http://[::1]:8080", "http://[::1]:8080/x"),
            ("soap.tcp://h:9", "soap.tcp://h:9"),
            ("memory://h", "memory://h"),
        ] {
            assert!(is_allowed(allowed, address), "{allowed} {address}");
        }
        for (allowed, address) in [
            ("http://h/a", "https://h/a"),
            ("http://h/a", "http://h:81/a"),
            ("http://h/a", "http://h.evil/a"),
            ("http://h/a", "http://evil/http://h/a"),
            ("http://h/a", "http://h/ab"),
            ("http://h/a/", "http://h/a"),
            ("http://h/a", "http://h/A"),
            ("http://h", "soap.tcp://h"),
            ("http://[::1]", "http://[::2]"),
            ("nonsense", "nonsense"),
        ] {
            assert!(!is_allowed(allowed, address), "{allowed} {address}");
        }
        assert!(!allows(&[], "http://h/"));
    }

    #[test]
    fn what_two_parsers_may_read_in_two_ways_is_not_allowed() {
        for address in [
            "http://h@evil/",
            "http://user:h@evil/",
            "http://h:80@evil/",
            "http://h\\@evil/",
            "http://h/\\..\\b",
            "http://evil#@h/",
            "http://evil#http://h/a",
            "http://h/a/../b",
            "http://h/a/%2E%2e/b",
            "http://h/a/..%2fb",
            "http://h/a/%252e%252e/b",
            "http://h/a/..;x/b",
            "http://h/a /b",
            "http://h\t/a",
            "http://h/a\u{e9}",
            "http://h%2eevil/a",
            "http://h:/a",
            "http://h:+80/a",
            "http://h:99999/a",
            "http:///a",
            "http://[::1/a",
            "http://[::1]x/a",
            "http:/h/a",
            "//h/a",
            "",
        ] {
            assert!(!is_allowed("http://h/a", address), "{address}");
            assert!(!is_allowed("http://h", address), "{address}");
        }
    }
}

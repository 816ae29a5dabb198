//! Whether an answer may go to an address that a request names.

/// True if `address` has scheme, host and port of one of `allowed`, and its path begins with the one there, up to a `/`.
///
/// Who sends the answer reads the address once more, by a parser of its own. So an address in which two parsers could see different
/// things is not allowed: user names, fragments, backslashes, escaped dots and slashes, and all that is not ASCII.
pub(super) fn allows(allowed: &[String], address: &str) -> bool {
    let Ok(wanted) = Place::parse(address) else {
        return false;
    };
    allowed
        .iter()
        .filter_map(|url| Place::parse(url).ok())
        .any(|place| place.contains(&wanted))
}

/// # Errors
/// Fails on a URL that allows no address at all, or has what does not count, with what is wrong.
pub(crate) fn check(url: &str) -> Result<(), &'static str> {
    Place::parse(url)?;
    match url.contains('?') {
        true => Err("it has a query, but only scheme, host, port and path count"),
        false => Ok(()),
    }
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
    /// # Errors
    /// Fails on what is not allowed, with what is wrong.
    fn parse(url: &'a str) -> Result<Self, &'static str> {
        const NEVER: &[char] = &['\\', '#', '"', '<', '>', '^', '`', '{', '|', '}'];
        if !url.chars().all(|c| c.is_ascii_graphic()) {
            return Err("it has what is not ASCII, which a host has as xn--… and a path as %…");
        }
        if url.contains(NEVER) {
            return Err("it has one of \\ # \" < > ^ ` { | }");
        }
        let (scheme, rest) = url.split_once("://").ok_or("it has no scheme")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (host, port) = split_authority(authority).ok_or("its host or port is none")?;
        let path = rest.split('?').next().filter(|path| !path.is_empty());
        let path = path.unwrap_or("/");
        let default = if scheme.eq_ignore_ascii_case("http") {
            Some(80)
        } else if scheme.eq_ignore_ascii_case("https") {
            Some(443)
        } else {
            None
        };
        if !is_plain(path) {
            return Err("its path has an escaped dot, slash or percent sign, or goes up");
        }
        Ok(Self {
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
    fn an_entry_that_never_matches_is_told_what_is_wrong() {
        for (url, told) in [
            ("http://h/a%2Fb", "escaped"),
            ("http://h/a/../b", "goes up"),
            ("http://h/{t}", "one of"),
            ("http://b\u{fc}cher.example/", "xn--"),
            ("http://h/\u{e9}", "not ASCII"),
            ("http://h/a?b", "a query"),
            ("http://h/a?", "a query"),
            ("http://h:99999/", "host or port"),
            ("http:///a", "host or port"),
            ("h", "no scheme"),
        ] {
            let wrong = check(url).unwrap_err();
            assert!(wrong.contains(told), "{url}: {wrong}");
            let same = url.split('?').next().unwrap_or_default();
            assert!(url.contains('?') || !is_allowed(url, same), "{url}");
        }
        for url in ["http://h", "soap.tcp://[::1]:9/a", "http://h/a%20b"] {
            check(url).unwrap();
            assert!(is_allowed(url, url), "{url}");
        }
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

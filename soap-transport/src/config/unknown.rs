//! What is told of a key that is not known where it stands.

use super::{
    error::Problem,
    fields::Side,
    nearest::nearest,
    section::{At, Section, sections},
    tree::Entry,
};

/// The names of all, and the feature that a table needs and that is not compiled in.
const ABSENT: &[(&str, &str)] = &[
    #[cfg(not(feature = "http"))]
    ("http", "http"),
    #[cfg(not(feature = "tcp"))]
    ("tcp", "tcp"),
    #[cfg(not(feature = "udp"))]
    ("udp", "udp"),
    #[cfg(not(feature = "tls"))]
    ("tls", "tls"),
];

/// `entry` has a key that is not among `known`.
pub(super) fn unknown(entry: &Entry, at: &At, known: &[&str]) -> Problem {
    let text = format!("unknown key `{}` in [{}]", entry.key, at.path);
    let problem = |text: String| Problem::new(entry.place.clone(), at.key(&entry.key), text);
    if let Some(key) = elsewhere(at, &entry.key) {
        return problem(text).suggest(&key);
    }
    match nearest(&entry.key, known.iter().copied()) {
        Some(key) => problem(text).suggest(key),
        None => problem(format!("{text}; known: {}", known.join(", "))),
    }
}

/// The same of a table.
pub(super) fn unknown_table(entry: &Entry, at: &At, known: &[&str]) -> Problem {
    let key = &*entry.key;
    let problem = |text: String| Problem::new(entry.place.clone(), at.key(key), text);
    if let Some((_, feature)) = ABSENT.iter().find(|(name, _)| *name == key) {
        let text = format!(
            "[{}] needs the feature `{feature}`, which is not compiled in",
            at.key(key)
        );
        return problem(text);
    }
    let (other, whose) = match at.side {
        Side::Client => (Side::Server, "servers"),
        Side::Server | Side::Binding => (Side::Client, "clients"),
    };
    if sections(other).iter().any(|section| section.name == key) {
        return problem(format!("[{}]: for {whose} only", at.key(key)));
    }
    unknown(entry, at, known)
}

/// The path of a key in another table of the same server or client.
fn elsewhere(at: &At, key: &str) -> Option<String> {
    let sections = sections(at.side);
    let inside = at.path.rsplit_once('.');
    let root = match inside {
        Some((root, last)) if sections.iter().any(|section| section.name == last) => root,
        _ => &at.path,
    };
    let has = |section: &&Section| section.keys(at.side).iter().any(|(known, _)| *known == key);
    let section = sections.iter().find(has)?;
    Some(format!("{root}.{}.{key}", section.name))
}

/// Where an option for `sides` belongs, in place of `side`.
pub(super) fn misplaced(side: Side, sides: &[Side], at: &At) -> String {
    match side {
        Side::Client => "for servers only".to_owned(),
        Side::Server => "for clients only".to_owned(),
        Side::Binding if sides.contains(&Side::Server) => format!(
            "one for all URLs of the server: it belongs in [{}]",
            at.path.replace(".binding", "")
        ),
        Side::Binding => "for clients only".to_owned(),
    }
}

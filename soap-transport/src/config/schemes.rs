//! What the schemes of URLs make of a table: a URL they cannot take, an option they cannot honour.

use std::any::TypeId;

use soap_core::transport::Registry;

use super::{
    error::Problem,
    kind::Located,
    section::{At, sections},
    tree::Table,
};

/// Finds what is wrong with `located`, which stands under `key`. A scheme that is not known here may be registered with the
/// server or the endpoint: it is asked when they start.
pub(super) fn check_url(
    located: &Located,
    at: &At,
    key: &str,
    registry: &Registry,
    problems: &mut Vec<Problem>,
) {
    if registry.options(&located.url).is_err() {
        return;
    }
    if let Err(error) = registry.check(&located.url) {
        let key = at.key(key);
        let text = format!("{key}: {error}");
        problems.push(Problem::new(located.place.clone(), key, text));
    }
}

/// Finds options of `table`, with what it inherits, that their transport knows and the scheme of `url` cannot honour.
pub(super) fn check_options(table: &Table, at: &At, url: &Located, problems: &mut Vec<Problem>) {
    let Some((scheme, _)) = url.url.split_once("://") else {
        return;
    };
    let scheme = scheme.to_ascii_lowercase();
    for section in sections(at.side) {
        let Some(inner) = table.table(section.name) else {
            continue;
        };
        for (entry, error) in (section.refused)(inner, at.side, &scheme) {
            let key = format!("{}.{}", at.key(section.name), entry.key);
            let text = format!("{key}: {}: {error}", url.url);
            problems.push(Problem::new(entry.node.place.clone(), key, text));
        }
    }
}

/// Finds tables of `table` that say something and that no transport of `urls` can honour. Without a URL, or with one of a
/// scheme not known here, nobody can tell yet.
pub(super) fn check_schemes(
    table: &Table,
    at: &At,
    urls: &[&Located],
    registry: &Registry,
    problems: &mut Vec<Problem>,
) {
    let known: Option<Vec<_>> = urls
        .iter()
        .map(|located| honoured(registry, &located.url))
        .collect();
    let Some(known) = known.filter(|known| !known.is_empty()) else {
        return;
    };
    let shown: Vec<_> = urls.iter().map(|located| &*located.url).collect();
    let shown = shown.join(" and ");
    for section in sections(at.side) {
        let Some(added) = section
            .added
            .filter(|added| !known.concat().contains(added))
        else {
            continue;
        };
        let inner = table.table(section.name);
        let Some(entry) = inner.and_then(|inner| (section.changed)(inner, at.side)) else {
            continue;
        };
        let names = registry.names().into_iter();
        let takes = |name: &&str| {
            honoured(registry, &format!("{name}://")).is_some_and(|known| known.contains(&added))
        };
        let names: Vec<_> = names.filter(takes).collect();
        let key = format!("{}.{}", at.key(section.name), entry.key);
        let text = format!(
            "{key}: {} cannot honour it, only a URL with {} can",
            shown,
            names.join(", ")
        );
        problems.push(Problem::new(entry.place.clone(), key, text));
    }
}

/// The types of options that the scheme of `url` knows; `None` if that cannot be told.
pub(super) fn honoured(registry: &Registry, url: &str) -> Option<Vec<TypeId>> {
    let known = registry.options(url).ok().flatten()?;
    #[cfg(feature = "tls")]
    let known = super::tls::with_files(known);
    Some(known)
}

//! Names of one document: prefixes of namespaces, and names that are unique in their symbol space.

use std::collections::HashSet;

use crate::xml::XSD;

/// Prefixes, handed out in the order of first use: `tns` for the target namespace, then `ns1`,
/// `ns2`, ….
#[derive(Debug)]
pub(super) struct Prefixes {
    target: &'static str,
    others: Vec<&'static str>,
}

impl Prefixes {
    pub(super) fn new(target: &'static str) -> Self {
        Self {
            target,
            others: Vec::new(),
        }
    }

    /// The name as it stands in an attribute. No default namespace is ever declared: without a
    /// prefix it is in none.
    pub(super) fn qname(&mut self, namespace: &'static str, local: &str) -> String {
        if namespace.is_empty() {
            return local.to_owned();
        }
        format!("{}:{local}", self.prefix(namespace))
    }

    /// Prefix and URI of each namespace that must be declared.
    pub(super) fn declared(&self) -> impl Iterator<Item = (String, &'static str)> {
        let target = (!self.target.is_empty()).then(|| ("tns".to_owned(), self.target));
        let others = self
            .others
            .iter()
            .enumerate()
            .map(|(index, uri)| (numbered(index), *uri));
        target.into_iter().chain(others)
    }

    fn prefix(&mut self, namespace: &'static str) -> String {
        if namespace == XSD.uri() {
            return "xsd".to_owned();
        }
        if namespace == self.target {
            return "tns".to_owned();
        }
        let known = self.others.iter().position(|uri| *uri == namespace);
        numbered(known.unwrap_or_else(|| {
            self.others.push(namespace);
            self.others.len() - 1
        }))
    }
}

fn numbered(index: usize) -> String {
    format!("ns{}", index + 1)
}

/// The names taken in one symbol space.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<(&'static str, String)>);

impl Names {
    /// `wish`, or the first of `wish_2`, `wish_3`, … that is still free.
    pub(super) fn unique(&mut self, namespace: &'static str, wish: &str) -> String {
        let numbered = (2_usize..).map(|number| format!("{wish}_{number}"));
        let mut candidates = std::iter::once(wish.to_owned()).chain(numbered);
        candidates
            .find(|name| self.0.insert((namespace, name.clone())))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Prefixes};

    #[test]
    fn prefixes_are_numbered_by_first_use() {
        let mut prefixes = Prefixes::new("urn:t");
        let names = ["urn:b", "urn:t", "urn:a", "urn:b", ""].map(|uri| prefixes.qname(uri, "x"));
        assert_eq!(names, ["ns1:x", "tns:x", "ns2:x", "ns1:x", "x"]);
        let declared: Vec<_> = prefixes.declared().map(|(_, uri)| uri).collect();
        assert_eq!(declared, ["urn:t", "urn:b", "urn:a"]);
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut names = Names::default();
        let given = ["a", "a", "a_2", "a"].map(|wish| names.unique("urn:t", wish));
        assert_eq!(given, ["a", "a_2", "a_2_2", "a_3"]);
        assert_eq!(names.unique("urn:u", "a"), "a");
    }
}

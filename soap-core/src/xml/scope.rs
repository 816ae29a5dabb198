//! Namespace bindings in scope, and the URIs of one message, each stored once (Namespaces in XML 1.0).

use std::borrow::Cow;
use std::collections::BTreeMap;

use std::sync::{Arc, OnceLock};

use super::namespace::{XML, XSI};
use super::{Namespace, NamespaceId, Uri};

/// Bound to `xmlns`; no document may bind or declare it.
pub(super) const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

impl NamespaceId {
    /// The namespace of the prefix `xml`.
    pub(super) const XML: Self = Self(1);
    /// The namespace of `xsi:nil`.
    pub(super) const XSI: Self = Self(2);
}

/// As many URIs are searched one by one; a message with more gets an index.
const FEW: usize = 16;

#[derive(Debug, Clone)]
struct Known<'x> {
    text: Cow<'x, str>,
    /// The static that was found equal last.
    matched: Option<&'static Namespace>,
    /// The copy that values share which outlive the message.
    shared: OnceLock<Arc<str>>,
}

impl<'x> Known<'x> {
    fn new(text: Cow<'x, str>, matched: Option<&'static Namespace>) -> Self {
        Self {
            text,
            matched,
            shared: OnceLock::new(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Binding<'x> {
    prefix: &'x str,
    namespace: NamespaceId,
}

/// Bindings and URIs.
#[derive(Debug, Clone)]
pub(super) struct Scope<'x> {
    uris: Vec<Known<'x>>,
    index: BTreeMap<Cow<'x, str>, u32>,
    bindings: Vec<Binding<'x>>,
    /// Bindings of open elements; those behind belong to the element just closed.
    open: usize,
}

impl<'x> Scope<'x> {
    pub(super) fn new() -> Self {
        let known = |namespace: &'static Namespace| {
            Known::new(Cow::Borrowed(namespace.uri()), Some(namespace))
        };
        let mut uris = Vec::with_capacity(8);
        uris.extend([
            Known::new(Cow::Borrowed(""), None),
            known(&XML),
            known(&XSI),
        ]);
        Self {
            uris,
            index: BTreeMap::new(),
            bindings: Vec::with_capacity(8),
            open: 0,
        }
    }

    /// A start tag begins: how many bindings are in scope outside of it.
    #[inline]
    pub(super) fn enter(&mut self) -> usize {
        self.bindings.truncate(self.open);
        self.open
    }

    /// An element with `outside` bindings in scope around it ends. Its own stay until something else begins or ends.
    #[inline]
    pub(super) fn leave(&mut self, outside: usize) {
        self.bindings.truncate(self.open);
        self.open = outside;
    }

    /// Bindings in scope.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.open
    }

    /// Declares `prefix`; false if the element that began with `outside` bindings declared it before.
    pub(super) fn declare(&mut self, prefix: &'x str, uri: Cow<'x, str>, outside: usize) -> bool {
        let declared = self.bindings.get(outside..).unwrap_or_default();
        if declared.iter().any(|binding| binding.prefix == prefix) {
            return false;
        }
        let namespace = self.intern(uri);
        self.bindings.push(Binding { prefix, namespace });
        self.open = self.bindings.len();
        true
    }

    /// The namespace bound to `prefix`; for the empty prefix none if there is no default.
    #[inline]
    pub(super) fn resolve(&self, prefix: &str) -> Option<NamespaceId> {
        for binding in self.bindings.iter().rev() {
            if binding.prefix == prefix {
                return Some(binding.namespace);
            }
        }
        match prefix {
            "" => Some(NamespaceId::NONE),
            "xml" => Some(NamespaceId::XML),
            _ => None,
        }
    }

    /// Gives `namespace` the URI of `meant`. No namespace stays none.
    pub(super) fn take_for(&mut self, namespace: NamespaceId, meant: NamespaceId) {
        if namespace != NamespaceId::NONE
            && meant != NamespaceId::NONE
            && let Some(uri) = self.uris.get(meant.0 as usize).cloned()
            && let Some(slot) = self.uris.get_mut(namespace.0 as usize)
        {
            *slot = uri;
        }
    }

    /// The namespace bound to `prefix` by an element that is open, if that binding is one of the first `outside`.
    pub(super) fn inherited(&self, prefix: &str, outside: usize) -> Option<NamespaceId> {
        let in_force = self.bindings.get(..self.open)?;
        let at = in_force
            .iter()
            .rposition(|binding| binding.prefix == prefix)?;
        (at < outside).then(|| in_force[at].namespace)
    }

    /// Prefixes and namespaces declared since there were `outside` bindings, in the order of the document.
    pub(super) fn declarations(
        &self,
        outside: usize,
    ) -> impl Iterator<Item = (&'x str, NamespaceId)> + '_ {
        self.bindings
            .get(outside..)
            .unwrap_or_default()
            .iter()
            .map(|binding| (binding.prefix, binding.namespace))
    }

    #[inline]
    pub(super) fn is(&mut self, id: NamespaceId, namespace: &'static Namespace) -> bool {
        let Some(uri) = self.uris.get_mut(id.0 as usize) else {
            return false;
        };
        if uri
            .matched
            .is_some_and(|matched| std::ptr::eq(matched, namespace))
        {
            return true;
        }
        let same = uri.text == namespace.uri();
        if same {
            uri.matched = Some(namespace);
        }
        same
    }

    pub(super) fn uri(&self, id: NamespaceId) -> &str {
        self.uris.get(id.0 as usize).map_or("", |uri| &uri.text)
    }

    /// The URI for what outlives the message: one copy, however many names are of the namespace.
    pub(super) fn shared(&self, id: NamespaceId) -> Uri {
        let Some(known) = self.uris.get(id.0 as usize) else {
            return Uri::Static("");
        };
        match known.matched {
            Some(namespace) => Uri::Static(namespace.uri()),
            None if known.text.is_empty() => Uri::Static(""),
            None => Uri::Shared(Arc::clone(
                known.shared.get_or_init(|| Arc::from(&*known.text)),
            )),
        }
    }

    fn intern(&mut self, uri: Cow<'x, str>) -> NamespaceId {
        let few = self
            .uris
            .iter()
            .take(FEW)
            .position(|known| known.text == uri);
        if let Some(at) = few {
            return NamespaceId(at as u32);
        }
        if let Some(&at) = self.index.get(&uri) {
            return NamespaceId(at);
        }
        let id = self.uris.len() as u32; // a message has less than 4 GiB
        if self.uris.len() >= FEW {
            self.index.insert(uri.clone(), id);
        }
        self.uris.push(Known::new(uri, None));
        NamespaceId(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_uri_has_one_id_however_many_there_are() {
        let mut scope = Scope::new();
        let uris: Vec<String> = (0..100).map(|n| format!("urn:{n}")).collect();
        for round in 0..2 {
            for (n, uri) in uris.iter().enumerate() {
                assert_eq!(
                    scope.intern(Cow::Borrowed(uri)),
                    NamespaceId(n as u32 + 3),
                    "round {round}"
                );
            }
        }
        assert_eq!(scope.uris.len(), 103);
    }

    #[test]
    fn bindings_of_the_element_just_closed_are_still_found() {
        let mut scope = Scope::new();
        let outer = scope.enter();
        assert!(scope.declare("a", Cow::Borrowed("urn:outer"), outer));
        let inner = scope.enter();
        assert!(scope.declare("a", Cow::Borrowed("urn:inner"), inner));
        assert!(!scope.declare("a", Cow::Borrowed("urn:again"), inner));
        scope.leave(inner);
        assert_eq!(
            scope.resolve("a").map(|id| scope.uri(id)),
            Some("urn:inner")
        );
        scope.leave(outer);
        assert_eq!(
            scope.resolve("a").map(|id| scope.uri(id)),
            Some("urn:outer")
        );
        scope.enter();
        assert_eq!(scope.resolve("a"), None);
        assert_eq!(scope.resolve(""), Some(NamespaceId::NONE));
        assert_eq!(scope.resolve("xml"), Some(NamespaceId::XML));
    }

    #[test]
    fn two_statics_of_one_uri_are_one_namespace() {
        static A: Namespace = Namespace::new("urn:a");
        static AGAIN: Namespace = Namespace::new("urn:a");
        static B: Namespace = Namespace::new("urn:b");
        let mut scope = Scope::new();
        let id = scope.intern(Cow::Borrowed("urn:a"));
        for _ in 0..2 {
            assert!(scope.is(id, &A));
            assert!(scope.is(id, &AGAIN));
            assert!(!scope.is(id, &B));
        }
    }
}

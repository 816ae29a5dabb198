//! An element kept as it came: `xsd:any` and `xsd:anyType`.
//!
//! It is for what has no Rust type: extensions, fault details, header blocks of unknown kinds. It carries the declarations that
//! its names, and QNames in its text and attributes, need: so it means the same wherever it is written again.

mod read;
#[cfg(test)]
mod tests;
mod write;

use super::{Name, Namespace, Uri, types::QName};
use crate::describe::{Describe, TypeDescription};

/// An element with all that is in it.
///
/// ```
/// use soap_core::xml::{Element, Namespace};
/// static EXT: Namespace = Namespace::new("urn:ext");
///
/// let size = Element::new("urn:ext", "size").with_attribute("", "unit", "mm").with_text("12");
/// let part = Element::new("urn:ext", "part").with_child(size);
/// let size = part.child(&EXT, "size").expect("just put in");
/// assert_eq!((size.text(), size.attribute(&Namespace::NONE, "unit")), ("12".into(), Some("mm")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    name: QName,
    prefix: Box<str>,
    /// `None` if there is nothing: a message may have a million empty elements.
    inner: Option<Box<Inner>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Inner {
    declarations: Vec<Declaration>,
    attributes: Vec<Attribute>,
    children: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Declaration {
    prefix: Box<str>,
    uri: Uri,
}

/// An attribute of an [`Element`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    name: QName,
    prefix: Box<str>,
    value: Box<str>,
}

impl Attribute {
    /// Its name.
    pub fn name(&self) -> &QName {
        &self.name
    }

    /// Its value.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// A child of an [`Element`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an element holds nothing else")]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text; not escaped.
    Text(String),
}

impl Element {
    /// An empty element `local` of `namespace`; an empty one stands for "no namespace".
    pub fn new(namespace: impl Into<String>, local: impl Into<String>) -> Self {
        Self {
            name: QName::new(namespace.into(), local.into()),
            prefix: Box::default(),
            inner: None,
        }
    }

    fn inner(&mut self) -> &mut Inner {
        self.inner.get_or_insert_default()
    }

    /// Puts `node` behind what is in it.
    fn push(&mut self, node: Node) {
        let children = &mut self.inner().children;
        if children.is_empty() {
            children.reserve_exact(1); // most elements hold one text
        }
        children.push(node);
    }

    /// The same with a wish for the prefix of its name.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into().into();
        self
    }

    /// The same with a namespace declaration, for QNames in its content. An empty prefix declares the default.
    #[must_use]
    pub fn with_declaration(mut self, prefix: impl Into<String>, uri: impl Into<String>) -> Self {
        let prefix = prefix.into().into();
        let declarations = &mut self.inner().declarations;
        declarations.retain(|declared| declared.prefix != prefix);
        let uri = Uri::from(uri.into());
        declarations.push(Declaration { prefix, uri });
        self
    }

    /// The same with an attribute, in place of one of that name.
    #[must_use]
    pub fn with_attribute(
        mut self,
        namespace: impl Into<String>,
        local: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let name = QName::new(namespace.into(), local.into());
        let attributes = &mut self.inner().attributes;
        attributes.retain(|attribute| attribute.name != name);
        attributes.push(Attribute {
            name,
            prefix: Box::default(),
            value: value.into().into(),
        });
        self
    }

    /// The same with a child behind the others.
    #[must_use]
    pub fn with_child(mut self, child: Self) -> Self {
        self.push(Node::Element(child));
        self
    }

    /// The same with text behind what is in it.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.push(Node::Text(text.into()));
        self
    }

    /// Its name.
    pub fn name(&self) -> &QName {
        &self.name
    }

    /// True if it is named so.
    pub fn is(&self, name: Name) -> bool {
        self.name.is(name)
    }

    /// Prefix of its name, empty for none.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Its namespace declarations as prefix and URI. Of one that was read: its own, and those from outside that it needs.
    pub fn declarations(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let declarations = self.declared().iter();
        declarations.map(|declared| (&*declared.prefix, &*declared.uri))
    }

    fn declared(&self) -> &[Declaration] {
        self.inner.as_ref().map_or(&[], |inner| &inner.declarations)
    }

    /// Its attributes.
    pub fn attributes(&self) -> &[Attribute] {
        self.inner.as_ref().map_or(&[], |inner| &inner.attributes)
    }

    /// Value of the attribute of that name.
    pub fn attribute(&self, namespace: &Namespace, local: &str) -> Option<&str> {
        let named = |attribute: &&Attribute| {
            attribute.name.local() == local && attribute.name.namespace() == namespace.uri()
        };
        self.attributes()
            .iter()
            .find(named)
            .map(|attribute| &*attribute.value)
    }

    /// What is in it, in the order of the document.
    pub fn children(&self) -> &[Node] {
        self.inner.as_ref().map_or(&[], |inner| &inner.children)
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children().iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element in it of that name.
    pub fn child(&self, namespace: &Namespace, local: &str) -> Option<&Self> {
        self.elements().find(|element| {
            element.name.local() == local && element.name.namespace() == namespace.uri()
        })
    }

    /// Its own text, without that of the elements in it.
    pub fn text(&self) -> String {
        let texts = self.children().iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }
}

impl Describe for Element {
    fn describe() -> &'static TypeDescription {
        &TypeDescription::AnyType
    }
}

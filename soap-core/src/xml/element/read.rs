//! Reading any element, without recursion.

use super::super::{Content, FromXml, NamespaceId, ReadError, Reader, scan, types::QName};
use super::{Attribute, Declaration, Element, Inner, Node};

impl Element {
    /// Reads the element `name`, whose start tag the reader has just passed, to its end tag.
    ///
    /// # Errors
    /// Fails on what is not well-formed or passes a limit.
    pub fn read<'x>(
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<Self, ReadError> {
        let outside = reader.bindings_outside();
        let mut inherited = Inherited {
            outside,
            declarations: Vec::new(),
        };
        inherited.need("", reader);
        let mut above = Vec::new();
        let mut current = inherited.start(name, reader);
        loop {
            match reader.content()? {
                Content::Element(namespace, local) => {
                    let child = inherited.start((namespace, local), reader);
                    above.push(std::mem::replace(&mut current, child));
                }
                Content::Text(text) => {
                    inherited.need_in(&text, reader);
                    current.push(Node::Text(text.into_owned()));
                }
                Content::End => match above.pop() {
                    Some(parent) => {
                        let child = std::mem::replace(&mut current, parent);
                        current.push(Node::Element(child));
                    }
                    None => break,
                },
            }
        }
        if !inherited.declarations.is_empty() {
            let declarations = &mut current.inner().declarations;
            declarations.splice(0..0, inherited.declarations);
        }
        Ok(current)
    }
}

impl<'x> FromXml<'x> for Element {
    const NILLABLE: bool = true;

    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, ReadError> {
        let namespace = reader
            .resolve(reader.element_prefix())
            .unwrap_or(NamespaceId::NONE);
        Self::read((namespace, reader.local_name()), reader)
    }
}

/// Declarations around the element that it needs.
struct Inherited {
    outside: usize,
    declarations: Vec<Declaration>,
}

impl Inherited {
    fn start(&mut self, name: (NamespaceId, &str), reader: &Reader<'_>) -> Element {
        let prefix = reader.element_prefix();
        self.need(prefix, reader);
        let own = |(prefix, namespace): (&str, _)| Declaration {
            prefix: prefix.into(),
            uri: reader.shared_uri(namespace),
        };
        let declarations: Vec<_> = reader.declarations().map(own).collect();
        let mut attributes = Vec::with_capacity(reader.attribute_count());
        while let Some(name) = reader.attribute(attributes.len()) {
            let prefix = reader.attribute_prefix(attributes.len());
            let value = reader.attribute_value(attributes.len());
            self.need(prefix, reader);
            self.need_in(&value, reader);
            attributes.push(Attribute {
                name: QName::met(name, reader),
                prefix: prefix.into(),
                value: value.into(),
            });
        }
        let is_bare = declarations.is_empty() && attributes.is_empty();
        Element {
            name: QName::met(name, reader),
            prefix: prefix.into(),
            inner: (!is_bare).then(|| {
                Box::new(Inner {
                    declarations,
                    attributes,
                    children: Vec::new(),
                })
            }),
        }
    }

    /// Takes over the declaration of `prefix` if it stands around the element.
    fn need(&mut self, prefix: &str, reader: &Reader<'_>) {
        let Some(namespace) = reader.inherited(prefix, self.outside) else {
            return;
        };
        if namespace != NamespaceId::NONE
            && (self.declarations.iter()).all(|known| *known.prefix != *prefix)
        {
            self.declarations.push(Declaration {
                prefix: prefix.into(),
                uri: reader.shared_uri(namespace),
            });
        }
    }

    /// The same for all that may be a prefix in `text`: `a:b`, lists of such and paths like `a:b/c:d`.
    fn need_in(&mut self, text: &str, reader: &Reader<'_>) {
        for (colon, _) in text.match_indices(':') {
            let before = &text[..colon];
            let start = before
                .char_indices()
                .rev()
                .take_while(|(_, c)| scan::is_name_char(*c))
                .last();
            if let Some((start, _)) = start {
                self.need(&before[start..], reader);
            }
        }
    }
}

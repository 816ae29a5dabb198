//! Writing any element, without recursion, with the declarations that it lacks.

use super::super::{Place, ToXml, Uri, WriteError, Writer, XML, scan};
use super::{Attribute, Declaration, Element, Node};

impl Element {
    /// Writes the element, its tags included. Every name gets a prefix that is bound to its namespace, that of the element if
    /// possible.
    ///
    /// # Errors
    /// Fails on what XML cannot hold: wrong names and characters.
    pub fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        let mut scope = Scope::default();
        let open = scope.start(self, writer)?;
        scope.content(self, open, writer)
    }
}

/// The content of another element: its attributes and what is in it, for a field of type `xsd:anyType`.
impl ToXml for Element {
    const ATTRIBUTES: bool = true;

    fn attributes(&self, writer: &mut Writer) -> Result<(), WriteError> {
        Scope::default().attributes(self, writer)
    }

    fn content(&self, writer: &mut Writer) -> Result<(), WriteError> {
        let mut scope = Scope::default();
        scope.declare(self)?;
        scope.resolve_attributes(self)?;
        scope.children(self, writer)
    }
}

/// Bindings in force, the innermost last.
#[derive(Default)]
struct Scope {
    bindings: Vec<(String, Uri)>,
    /// Bindings that the current start tag has to declare begin here.
    fresh: usize,
}

/// An element whose end tag is yet to come.
struct Open<'e> {
    rest: std::slice::Iter<'e, Node>,
    /// Its name as written; empty where the tags are written by another.
    name: String,
    outside: usize,
}

impl Scope {
    /// Writes a start tag. The name as it must stand in the end tag.
    fn start(&mut self, element: &Element, writer: &mut Writer) -> Result<String, WriteError> {
        self.declare(element)?;
        let prefix = self.prefix(&element.prefix, element.name.uri(), false)?;
        let name = qualified(&prefix, element.name.local())?;
        writer.plain("<");
        writer.plain(&name);
        self.declared_attributes(element, writer)?;
        writer.plain(">");
        Ok(name)
    }

    fn attributes(&mut self, element: &Element, writer: &mut Writer) -> Result<(), WriteError> {
        self.declare(element)?;
        self.declared_attributes(element, writer)
    }

    fn declared_attributes(
        &mut self,
        element: &Element,
        writer: &mut Writer,
    ) -> Result<(), WriteError> {
        let names = self.resolve_attributes(element)?;
        for (prefix, uri) in &self.bindings[self.fresh..] {
            writer.plain(if prefix.is_empty() {
                " xmlns"
            } else {
                " xmlns:"
            });
            writer.plain(prefix);
            writer.plain("=\"");
            writer.text(uri, Place::Attribute)?;
            writer.plain("\"");
        }
        for (name, Attribute { value, .. }) in names.iter().zip(element.attributes()) {
            writer.plain(" ");
            writer.plain(name);
            writer.plain("=\"");
            writer.text(value, Place::Attribute)?;
            writer.plain("\"");
        }
        Ok(())
    }

    fn resolve_attributes(&mut self, element: &Element) -> Result<Vec<String>, WriteError> {
        let name = |attribute: &Attribute| {
            let prefix = self.prefix(&attribute.prefix, attribute.name.uri(), true)?;
            qualified(&prefix, attribute.name.local())
        };
        element.attributes().iter().map(name).collect()
    }

    /// Writes what stands behind the start tag, and the end tag.
    fn content(
        &mut self,
        element: &Element,
        name: String,
        writer: &mut Writer,
    ) -> Result<(), WriteError> {
        self.children(element, writer)?;
        end_tag(&name, writer);
        Ok(())
    }

    fn children(&mut self, element: &Element, writer: &mut Writer) -> Result<(), WriteError> {
        let mut open = vec![Open {
            rest: element.children().iter(),
            name: String::new(),
            outside: 0,
        }];
        while let Some(current) = open.last_mut() {
            match current.rest.next() {
                Some(Node::Text(text)) => writer.text(text, Place::Text)?,
                Some(Node::Element(child)) => {
                    let outside = self.bindings.len();
                    let name = self.start(child, writer)?;
                    open.push(Open {
                        rest: child.children().iter(),
                        name,
                        outside,
                    });
                }
                None => {
                    if !current.name.is_empty() {
                        end_tag(&current.name, writer);
                        self.bindings.truncate(current.outside);
                    }
                    open.pop();
                }
            }
        }
        Ok(())
    }

    /// Takes the declarations of `element` into scope.
    fn declare(&mut self, element: &Element) -> Result<(), WriteError> {
        self.fresh = self.bindings.len();
        for Declaration { prefix, uri } in element.declared() {
            let is_xml = **uri == *XML.uri();
            let reserved = matches!(&**prefix, "xml" | "xmlns")
                || is_xml
                || **uri == *super::super::scope::XMLNS_URI;
            if **prefix == *"xml" && is_xml {
                continue;
            }
            if reserved || !prefix.is_empty() && (uri.is_empty() || !scan::is_ncname(prefix)) {
                return Err(WriteError::value(
                    "a namespace declaration that XML does not allow",
                ));
            }
            self.bindings.push((prefix.to_string(), uri.clone()));
        }
        Ok(())
    }

    /// A prefix bound to `uri`: `wanted` if possible.
    fn prefix(&mut self, wanted: &str, uri: &Uri, attribute: bool) -> Result<String, WriteError> {
        if **uri == *XML.uri() {
            return Ok("xml".to_owned());
        }
        if attribute && uri.is_empty() {
            return Ok(String::new());
        }
        if uri.is_empty() {
            return self.no_namespace();
        }
        if wanted == "xml" || wanted == "xmlns" || **uri == *super::super::scope::XMLNS_URI {
            return Err(WriteError::value("a prefix or namespace that XML reserves"));
        }
        let usable = !(attribute && wanted.is_empty());
        if usable && self.bound(wanted) == Some(uri) {
            return Ok(wanted.to_owned());
        }
        if usable
            && self.bindings[self.fresh..]
                .iter()
                .all(|(prefix, _)| prefix != wanted)
        {
            if !wanted.is_empty() && !scan::is_ncname(wanted) {
                return Err(WriteError::value("a prefix that is no name"));
            }
            self.bindings.push((wanted.to_owned(), uri.clone()));
            return Ok(wanted.to_owned());
        }
        let known = self
            .bindings
            .iter()
            .rev()
            .find(|(prefix, known)| known == uri && !prefix.is_empty());
        if let Some((prefix, _)) = known
            && self.bound(prefix) == Some(uri)
        {
            return Ok(prefix.clone());
        }
        let mut number = 0;
        let mut generated = "p0".to_owned();
        while self.bound(&generated).is_some() {
            number += 1;
            generated = format!("p{number}");
        }
        self.bindings.push((generated.clone(), uri.clone()));
        Ok(generated)
    }

    /// Makes the default namespace none, for an element without a prefix.
    fn no_namespace(&mut self) -> Result<String, WriteError> {
        if self.bound("").is_some_and(|uri| !uri.is_empty()) {
            if self.bindings[self.fresh..]
                .iter()
                .any(|(prefix, _)| prefix.is_empty())
            {
                return Err(WriteError::value(
                    "a default namespace on an element in no namespace",
                ));
            }
            self.bindings.push((String::new(), Uri::Static("")));
        }
        Ok(String::new())
    }

    fn bound(&self, prefix: &str) -> Option<&Uri> {
        self.bindings
            .iter()
            .rev()
            .find(|(bound, _)| bound == prefix)
            .map(|(_, uri)| uri)
    }
}

fn end_tag(name: &str, writer: &mut Writer) {
    writer.plain("</");
    writer.plain(name);
    writer.plain(">");
}

fn qualified(prefix: &str, local: &str) -> Result<String, WriteError> {
    if !scan::is_ncname(local) {
        return Err(WriteError::value("a name that XML does not allow"));
    }
    Ok(if prefix.is_empty() {
        local.to_owned()
    } else {
        format!("{prefix}:{local}")
    })
}

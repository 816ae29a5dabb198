//! One form for what three readers find in a document: names, namespaces, attributes and text.

use quick_xml::XmlVersion;
use quick_xml::events::Event as Quick;
use quick_xml::name::ResolveResult;
use soap_core::Limits;
use soap_core::xml::{Content, NamespaceId, ReadError, Reader};

/// What a reader finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Start(Name, Vec<(Name, String)>),
    Text(String),
    End,
}

/// Namespace and local name.
pub(crate) type Name = (String, String);

fn push_text(events: &mut Vec<Event>, piece: &str) {
    match events.last_mut() {
        _ if piece.is_empty() => {}
        Some(Event::Text(text)) => text.push_str(piece),
        _ => events.push(Event::Text(piece.to_owned())),
    }
}

/// With our reader.
pub(crate) fn ours(text: &str, limits: &Limits) -> Result<Vec<Event>, ReadError> {
    let mut reader = Reader::new(text, limits)?;
    let mut events = Vec::new();
    let name = |reader: &Reader<'_>, (namespace, local): (NamespaceId, &str)| {
        (reader.uri(namespace).to_owned(), local.to_owned())
    };
    loop {
        match reader.content()? {
            Content::Element(namespace, local) => {
                let mut attributes = Vec::new();
                while let Some(attribute) = reader.attribute(attributes.len()) {
                    let value = reader.attribute_value(attributes.len()).into_owned();
                    attributes.push((name(&reader, attribute), value));
                }
                attributes.sort();
                events.push(Event::Start(name(&reader, (namespace, local)), attributes));
            }
            Content::Text(piece) => push_text(&mut events, &piece),
            Content::End => events.push(Event::End),
        }
        if reader.depth() == 0 {
            assert_eq!(reader.next()?, None);
            return Ok(events);
        }
    }
}

/// The same, by skipping the root.
pub(crate) fn skipped(text: &str, limits: &Limits) -> Result<(), ReadError> {
    let mut reader = Reader::new(text, limits)?;
    reader.next()?;
    reader.skip()?;
    reader.next().map(|_| ())
}

/// With roxmltree.
pub(crate) fn roxmltree(text: &str) -> Result<Vec<Event>, String> {
    let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let mut events = Vec::new();
    let mut node = document.root_element();
    loop {
        if node.is_element() {
            let name = (
                node.tag_name().namespace().unwrap_or_default().to_owned(),
                node.tag_name().name().to_owned(),
            );
            let attribute = |attribute: roxmltree::Attribute<'_, '_>| {
                let name = (
                    attribute.namespace().unwrap_or_default().to_owned(),
                    attribute.name().to_owned(),
                );
                (name, attribute.value().to_owned())
            };
            let mut attributes: Vec<_> = node.attributes().map(attribute).collect();
            attributes.sort();
            events.push(Event::Start(name, attributes));
        } else if node.is_text() {
            push_text(&mut events, node.text().unwrap_or_default());
        }
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        if node.is_element() {
            events.push(Event::End);
        }
        while node.next_sibling().is_none() || node == document.root_element() {
            if node == document.root_element() {
                return Ok(events);
            }
            node = node.parent().expect("below the root");
            events.push(Event::End);
        }
        node = node.next_sibling().expect("just seen");
    }
}

/// With quick-xml, which checks less.
pub(crate) fn quick_xml(text: &str) -> Result<Vec<Event>, String> {
    let mut reader = quick_xml::NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut events = Vec::new();
    let mut depth = 0;
    loop {
        let (resolved, event) = reader
            .read_resolved_event()
            .map_err(|error| error.to_string())?;
        let namespace = namespace(resolved)?;
        match event {
            Quick::Start(start) => {
                depth += 1;
                let name = (namespace, start.local_name().as_ref().to_owned());
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|error| error.to_string())?;
                    if attribute.key.as_namespace_binding().is_some() {
                        continue;
                    }
                    let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
                    let name = (self::namespace(resolved)?, local.as_ref().to_owned());
                    let value = attribute
                        .normalized_value(XmlVersion::Explicit1_0)
                        .map_err(|error| error.to_string())?;
                    attributes.push((name, value.into_owned()));
                }
                attributes.sort();
                events.push(Event::Start(name, attributes));
            }
            Quick::End(_) => {
                depth -= 1;
                events.push(Event::End);
            }
            Quick::Text(piece) if depth > 0 => push_text(&mut events, &piece.xml10_content()),
            Quick::CData(piece) if depth > 0 => push_text(&mut events, &piece.xml10_content()),
            Quick::GeneralRef(reference) => {
                let text = match reference
                    .resolve_char_ref()
                    .map_err(|error| error.to_string())?
                {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or("an entity")?
                        .to_owned(),
                };
                push_text(&mut events, &text);
            }
            Quick::Eof => return Ok(events),
            _ => {}
        }
    }
}

fn namespace(resolved: ResolveResult<'_>) -> Result<String, String> {
    match resolved {
        ResolveResult::Bound(namespace) => {
            let uri: &str = namespace.as_ref(); // as it stands in the document
            let uri = uri.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
            quick_xml::escape::unescape(&uri)
                .map(|uri| uri.into_owned())
                .map_err(|error| error.to_string())
        }
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(format!("{prefix:?} is not declared")),
    }
}

//! The types a service uses: found by following references from its operations, each once, and
//! named.

use std::{collections::HashMap, ptr};

use super::{
    Content, Kind, NamedType, Row, ServiceDescription, TypeDescription, names::Names, same::same,
};
use crate::xml::XSD;

/// How one type refers to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// By name: namespace and local part.
    Name(&'static str, String),
    /// As a list of another, which has no name.
    List(Box<Self>),
}

impl Reference {
    pub(super) fn built_in(name: &str) -> Self {
        Self::Name(XSD.uri(), name.to_owned())
    }
}

/// A type of the schema.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) named: &'static NamedType,
    /// Its namespace; that of the service for a type in none, which not all tools find.
    pub(super) namespace: &'static str,
    /// Its local name: its own, unless another type has it.
    pub(super) name: String,
    /// Name of the list that is its text, where it has attributes too: an extension must name its
    /// base.
    pub(super) text_name: Option<String>,
    /// Index of the polymorphic type it extends.
    pub(super) base: Option<usize>,
    /// A polymorphic type whose variants all extend it.
    extended: bool,
}

/// All named types that can be reached from a service, in the order they are met.
#[derive(Debug)]
pub(super) struct Types {
    target: &'static str,
    entries: Vec<Entry>,
    by_name: HashMap<(&'static str, &'static str), Vec<usize>>,
    names: Names,
}

impl Types {
    pub(super) fn of(service: &'static ServiceDescription) -> Self {
        let mut types = Self {
            target: service.namespace.uri(),
            entries: Vec::new(),
            by_name: HashMap::new(),
            names: Names::default(),
        };
        for operation in service.operations {
            types.add_elements(operation.parameters);
            if let Some(output) = &operation.output {
                output
                    .result
                    .iter()
                    .for_each(|result| types.add((result.of)()));
                (output.headers)()
                    .iter()
                    .for_each(|header| types.add((header.of)()));
            }
            operation
                .input_headers
                .iter()
                .for_each(|header| types.add((header.of)()));
            (operation.faults)()
                .iter()
                .for_each(|fault| types.add((fault.of)()));
        }
        let mut next = 0;
        while let Some(entry) = types.entries.get(next) {
            types.add_parts(entry.named);
            next += 1;
        }
        types.extend_polymorphic();
        types
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How to refer to a type.
    pub(super) fn reference(&self, of: &'static TypeDescription) -> Reference {
        match of {
            TypeDescription::BuiltIn(name) => Reference::built_in(name),
            TypeDescription::AnyType => Reference::built_in("anyType"),
            TypeDescription::List(of) => Reference::List(Box::new(self.reference(of()))),
            TypeDescription::Named(named) => {
                let entry = self.find(named).and_then(|index| self.entries.get(index));
                let named = entry.filter(|entry| entry.is_referenced());
                named.map_or_else(|| Reference::built_in("anyType"), Entry::reference)
            }
        }
    }

    /// True if the type is simple: it can be restricted and stand in an attribute.
    pub(super) fn is_simple(of: &'static TypeDescription) -> bool {
        match of {
            TypeDescription::BuiltIn(_) | TypeDescription::List(_) => true,
            TypeDescription::AnyType => false,
            TypeDescription::Named(named) => match named.text() {
                Some(of) => named.attributes().is_empty() && Self::is_simple(of()),
                None => matches!(named.content, Content::Enumeration(_)),
            },
        }
    }

    fn add_elements(&mut self, elements: &'static [Row]) {
        elements.iter().for_each(|element| self.add((element.of)()));
    }

    fn add_parts(&mut self, named: &'static NamedType) {
        match named.content {
            Content::Enumeration(_) => {}
            Content::Fields(table) => {
                let parts = elements(table.rows);
                parts.into_iter().for_each(|row| self.add((row.of)()));
                if let Some(of) = named.text() {
                    self.add(of());
                }
            }
            Content::Choice(rows) | Content::Polymorphic(rows) => {
                let parts = elements(rows);
                parts.into_iter().for_each(|row| self.add((row.of)()));
            }
            Content::Simple(of) => self.add(of()),
        }
        self.add_elements(named.attributes());
    }

    /// Adds a type unless it is known. Another one of the same name gets a number: names of types
    /// do not show on the wire, except in `xsi:type`.
    fn add(&mut self, mut of: &'static TypeDescription) {
        while let TypeDescription::List(item) = of {
            of = item();
        }
        let TypeDescription::Named(named) = of else {
            return;
        };
        if self.find(named).is_some() {
            return;
        }
        let own = named.name.namespace.uri();
        let namespace = if own.is_empty() { self.target } else { own };
        let name = self.names.unique(namespace, named.name.local);
        if name != named.name.local {
            let wish = named.name.local;
            tracing::warn!(
                namespace,
                wish,
                name,
                "two types have one name: renamed in the WSDL"
            );
        }
        let text_name = match named.text() {
            Some(of) if !named.attributes().is_empty() => {
                let is_list = matches!(of(), TypeDescription::List(_));
                is_list.then(|| self.names.unique(namespace, &format!("{name}List")))
            }
            _ => None,
        };
        self.by_name
            .entry((own, named.name.local))
            .or_default()
            .push(self.entries.len());
        let (base, extended) = (None, false);
        self.entries.push(Entry {
            named,
            namespace,
            name,
            text_name,
            base,
            extended,
        });
    }

    fn find(&self, named: &'static NamedType) -> Option<usize> {
        let candidates = self
            .by_name
            .get(&(named.name.namespace.uri(), named.name.local))?;
        let is_same = |index: &&usize| {
            self.entries
                .get(**index)
                .is_some_and(|entry| same(entry.named, named))
        };
        candidates.iter().find(is_same).copied()
    }

    /// Makes the variants of each polymorphic type extensions of it, where all of them can be.
    fn extend_polymorphic(&mut self) {
        for index in 0..self.entries.len() {
            let Some(variants) = self
                .entries
                .get(index)
                .and_then(|entry| self.variants(entry))
            else {
                continue;
            };
            for variant in variants {
                if let Some(entry) = self.entries.get_mut(variant) {
                    entry.base = Some(index);
                }
            }
            if let Some(entry) = self.entries.get_mut(index) {
                entry.extended = true;
            }
        }
    }

    /// The variants of a polymorphic type, if each is a complex type in a namespace that extends
    /// nothing yet.
    fn variants(&self, entry: &Entry) -> Option<Vec<usize>> {
        let Content::Polymorphic(rows) = entry.named.content else {
            return None;
        };
        let variant = |row: &'static Row| {
            let TypeDescription::Named(named) = (row.of)() else {
                return None;
            };
            let index = self.find(named)?;
            let free = self.entries.get(index)?.base.is_none();
            let complex = named.text().is_none()
                && matches!(named.content, Content::Fields(_) | Content::Choice(_));
            let qualified = !named.name.namespace.uri().is_empty();
            (free && complex && qualified).then_some(index)
        };
        rows.iter().map(variant).collect()
    }
}

impl Entry {
    /// False for a polymorphic type that some variant cannot extend: `xsd:anyType` stands in its
    /// place.
    pub(super) fn is_referenced(&self) -> bool {
        self.extended || !matches!(self.named.content, Content::Polymorphic(_))
    }

    pub(super) fn reference(&self) -> Reference {
        Reference::Name(self.namespace, self.name.clone())
    }
}

/// The elements of a choice that stands in place; of nothing else.
pub(super) fn choice(of: &'static TypeDescription) -> Option<(&'static NamedType, &'static [Row])> {
    match of {
        TypeDescription::Named(named) => match named.content {
            Content::Choice(rows) => Some((named, rows)),
            _ => None,
        },
        _ => None,
    }
}

/// The elements among some rows, those of choices in place included.
pub(super) fn elements(rows: &'static [Row]) -> Vec<&'static Row> {
    let mut found = Vec::new();
    let mut open: Vec<&'static NamedType> = Vec::new();
    let mut pending: Vec<&'static Row> = rows.iter().rev().collect();
    while let Some(row) = pending.pop() {
        match row.kind {
            Kind::Element => found.push(row),
            Kind::Attribute | Kind::Any | Kind::Text => {}
            Kind::Choice => {
                let Some((named, rows)) = choice((row.of)()) else {
                    continue;
                };
                if !open.iter().any(|known| ptr::eq(*known, named)) {
                    open.push(named);
                    pending.extend(rows.iter().rev());
                }
            }
        }
    }
    found
}

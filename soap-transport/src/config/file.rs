//! TOML to a tree.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    error::Problem,
    tree::{Entry, Node, Place, Table, Value},
};

/// Reads a file, or a text without a name.
///
/// # Errors
/// Gives everything that is not TOML.
pub(super) fn parse(text: &str, file: Option<&Path>) -> Result<Table, Vec<Problem>> {
    let source = Source::new(text, file);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(source.table(table.into_inner()));
    }
    let problem = |error: &toml::de::Error| {
        let place = error.span().map(|span| source.place(&span));
        // The parser speaks in lines.
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        Problem::new(
            place.unwrap_or_default(),
            "",
            format!("not TOML: {message}"),
        )
    };
    Err(errors.iter().map(problem).collect())
}

/// Reads a value, as a variable may hold it.
pub(super) fn parse_value(text: &str, place: &Place) -> Result<Node, String> {
    let value = DeValue::parse(text).map_err(|error| error.message().to_owned())?;
    let source = Source {
        fixed: Some(place.clone()),
        ..Source::new(text, None)
    };
    Ok(source.node(value))
}

struct Source {
    file: Option<Arc<Path>>,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
    /// In place of lines and columns.
    fixed: Option<Place>,
}

impl Source {
    fn new(text: &str, file: Option<&Path>) -> Self {
        let breaks = text.match_indices('\n').map(|(index, _)| index + 1);
        Self {
            file: file.map(|file| Arc::from(PathBuf::from(file))),
            text: text.to_owned(),
            lines: std::iter::once(0).chain(breaks).collect(),
            fixed: None,
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        if let Some(place) = &self.fixed {
            return place.clone();
        }
        let line = self.lines.partition_point(|begin| *begin <= span.start);
        let begin = self.lines.get(line.saturating_sub(1)).copied();
        let before = self.text.get(begin.unwrap_or_default()..span.start);
        Place::File {
            file: self.file.clone(),
            line,
            column: before.map_or(1, |before| before.chars().count() + 1),
        }
    }

    fn table(&self, table: DeTable<'_>) -> Table {
        let mut entries: Vec<(usize, Entry)> = table
            .into_iter()
            .map(|(key, value)| {
                let entry = Entry {
                    place: self.place(&key.span()),
                    node: self.node(value),
                    key: key.get_ref().to_string(),
                };
                (key.span().start, entry)
            })
            .collect();
        entries.sort_by_key(|(start, _)| *start);
        Table(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    fn node(&self, value: Spanned<DeValue<'_>>) -> Node {
        let place = self.place(&value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => {
                let digits = number.as_str();
                match i64::from_str_radix(digits, number.radix()) {
                    Ok(number) => Value::Integer(number),
                    Err(_) => Value::Other(digits.to_owned()),
                }
            }
            DeValue::Float(number) => Value::Other(number.as_str().to_owned()),
            DeValue::Boolean(on) => Value::Boolean(on),
            DeValue::Datetime(time) => Value::Other(time.to_string()),
            DeValue::Array(list) => {
                Value::List(list.into_iter().map(|value| self.node(value)).collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { value, place }
    }
}

//! A configuration before it is understood: keys and values, each with the place it came from.

use std::{fmt, path::Path, sync::Arc};

/// Where something was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// In a text that does not tell.
    #[default]
    Unknown,
    /// Both count from 1; a text without a name has no `file`.
    File {
        file: Option<Arc<Path>>,
        line: usize,
        column: usize,
    },
    /// In this variable of the environment.
    Variable(Arc<str>),
}

impl fmt::Display for Place {
    /// As a prefix: `calc.toml:12:3: `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::File {
                file: Some(file),
                line,
                column,
            } => write!(f, "{}:{line}:{column}: ", file.display()),
            Self::File { line, column, .. } => write!(f, "line {line}, column {column}: "),
            Self::Variable(name) => write!(f, "{name}: "),
        }
    }
}

/// A value. Not printed whole anywhere: it may be a secret.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

#[derive(Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Table),
    /// Of a variable: text, number or anything else, as its reader needs it.
    Raw(String),
    /// What no option is, such as a date or a fraction, as it is written.
    Other(String),
}

impl Node {
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Raw(text) => Some(text),
            _ => None,
        }
    }

    /// A text, or a fraction as it is written: `1.1` is a version too.
    pub(super) fn as_word(&self) -> Option<&str> {
        match &self.value {
            Value::Other(text) => Some(text),
            _ => self.as_text(),
        }
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        match &self.value {
            Value::Integer(number) => Some(*number),
            Value::Raw(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(super) fn as_boolean(&self) -> Option<bool> {
        match &self.value {
            Value::Boolean(on) => Some(*on),
            Value::Raw(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The parts of a list. A variable separates them by commas.
    pub(super) fn as_list(&self) -> Option<Vec<Self>> {
        match &self.value {
            Value::List(list) => Some(list.clone()),
            Value::Raw(text) => {
                let parts = text.split(',').map(str::trim);
                let node = |part: &str| Self {
                    value: Value::Raw(part.to_owned()),
                    place: self.place.clone(),
                };
                Some(parts.filter(|part| !part.is_empty()).map(node).collect())
            }
            _ => None,
        }
    }

    /// For the text of an error.
    pub(super) fn show(&self) -> String {
        match &self.value {
            Value::Text(text) | Value::Raw(text) => {
                let short: String = text.chars().take(60).collect();
                let more = if short.len() < text.len() { "…" } else { "" };
                format!("{short:?}{more}")
            }
            Value::Integer(number) => number.to_string(),
            Value::Boolean(on) => on.to_string(),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            Value::Other(text) => text.clone(),
        }
    }
}

/// Keys with their values, in the order they are written.
#[derive(Clone, Default)]
pub(super) struct Table(pub(super) Vec<Entry>);

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Of the key.
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// The table under `key`, if there is one.
    pub(super) fn table(&self, key: &str) -> Option<&Self> {
        self.get(key)?.node.as_table()
    }

    /// Puts `other` on top: its values replace those of the same key, its tables are put on top of theirs.
    pub(super) fn overlay(&mut self, other: &Self) {
        for entry in &other.0 {
            let Some(mine) = self.0.iter_mut().find(|mine| mine.key == entry.key) else {
                self.0.push(entry.clone());
                continue;
            };
            match (&mut mine.node.value, &entry.node.value) {
                (Value::Table(mine), Value::Table(other)) => mine.overlay(other),
                _ => *mine = entry.clone(),
            }
        }
    }

    /// The same without some keys.
    pub(super) fn without(&self, keys: &[&str]) -> Self {
        let kept = self.0.iter().filter(|entry| !keys.contains(&&*entry.key));
        Self(kept.cloned().collect())
    }
}

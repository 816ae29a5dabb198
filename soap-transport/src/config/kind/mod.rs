//! Kinds of values: what each allows, how it is read and how it is shown.

use std::marker::PhantomData;

use soap_core::{Addressing, CloseFirst, SoapVersion, addressing::Edition};

use super::tree::{Node, Place};

mod scalar;
#[cfg(feature = "http")]
mod secret;
mod shape;

pub(super) use scalar::{Address, Count, Located, Positive, Size, Switch, Target, Text, Time, Url};
#[cfg(feature = "http")]
pub(super) use secret::{Credentials, Texts};
pub(super) use shape::{KeepaliveKind, LingerKind};

/// The word for what the transport or the system finds best.
const DEFAULT: &str = "default";

/// Why a value was refused.
pub(super) struct Wrong {
    /// Keys below the one that was read, where it is a table: `.idle`.
    pub(super) below: String,
    /// Of that part.
    pub(super) place: Option<Place>,
    pub(super) text: String,
    pub(super) suggestion: Option<String>,
    /// What else is wrong in the same value.
    pub(super) next: Option<Box<Self>>,
}

impl Wrong {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            below: String::new(),
            place: None,
            text: text.into(),
            suggestion: None,
            next: None,
        }
    }

    pub(super) fn value(node: &Node, allowed: &str) -> Self {
        Self::new(format!("{} is not {allowed}", node.show()))
    }

    /// In the part of this key.
    pub(super) fn inside(self, key: &str, place: &Place) -> Self {
        Self {
            below: format!(".{key}{}", self.below),
            place: Some(self.place.unwrap_or_else(|| place.clone())),
            ..self
        }
    }
}

/// How an option is written.
pub(super) trait Kind {
    type Value;

    /// What is allowed, behind "is not".
    fn rule() -> String;

    fn read(node: &Node) -> Result<Self::Value, Wrong>;

    /// As it would stand in a file.
    fn show(value: &Self::Value) -> String;
}

fn taken<K: Kind>(node: &Node, value: Option<K::Value>) -> Result<K::Value, Wrong> {
    value.ok_or_else(|| Wrong::value(node, &K::rule()))
}

/// A list, or one alone.
pub(super) struct Several<K>(PhantomData<K>);

impl<K: Kind> Kind for Several<K> {
    type Value = Vec<K::Value>;

    fn rule() -> String {
        format!("a list of which each is {}", K::rule())
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        let Some(list) = node.as_list() else {
            return K::read(node).map(|value| vec![value]).map_err(|wrong| {
                // What is said of the one value itself stays.
                match wrong.text == Wrong::value(node, &K::rule()).text {
                    true => Wrong::value(node, &Self::rule()),
                    false => wrong,
                }
            });
        };
        let mut values = Vec::new();
        let mut wrong: Option<Wrong> = None;
        // From behind, so that the first is told first.
        for node in list.iter().rev() {
            match K::read(node) {
                Ok(value) => values.push(value),
                Err(found) => {
                    wrong = Some(Wrong {
                        place: Some(node.place.clone()),
                        next: wrong.map(Box::new),
                        ..found
                    });
                }
            }
        }
        values.reverse();
        wrong.map_or(Ok(values), Err)
    }

    fn show(value: &Self::Value) -> String {
        let parts: Vec<_> = value.iter().map(K::show).collect();
        format!("[{}]", parts.join(", "))
    }
}

/// A value, or `"default"` for what the transport or the system finds best.
pub(super) struct OrDefault<K>(PhantomData<K>);

impl<K: Kind> Kind for OrDefault<K> {
    type Value = Option<K::Value>;

    fn rule() -> String {
        format!("{}; or \"{DEFAULT}\"", K::rule())
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        if node.as_text() == Some(DEFAULT) {
            return Ok(None);
        }
        let read = K::read(node).map(Some);
        read.map_err(|_| Wrong::value(node, &Self::rule()))
    }

    fn show(value: &Self::Value) -> String {
        value.as_ref().map_or(format!("\"{DEFAULT}\""), K::show)
    }
}

/// One of a few words.
pub(super) struct Word<T>(PhantomData<T>);

/// Values that have words.
pub(super) trait Words: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

impl Words for CloseFirst {
    const WORDS: &'static [(&'static str, Self)] =
        &[("client", Self::Client), ("server", Self::Server)];
}

impl Words for SoapVersion {
    const WORDS: &'static [(&'static str, Self)] = &[("1.1", Self::Soap11), ("1.2", Self::Soap12)];
}

impl Words for Addressing {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("required", Self::Required),
        ("optional", Self::Optional),
        ("off", Self::Off),
    ];
}

impl Words for Edition {
    const WORDS: &'static [(&'static str, Self)] =
        &[("2005/08", Self::V200508), ("2004/08", Self::V200408)];
}

impl<T: Words> Kind for Word<T> {
    type Value = T;

    fn rule() -> String {
        let words: Vec<_> = T::WORDS
            .iter()
            .map(|(word, _)| format!("{word:?}"))
            .collect();
        match &words[..] {
            [first @ .., before, last] => {
                let first: String = first.iter().map(|word| format!("{word}, ")).collect();
                format!("{first}{before} or {last}")
            }
            words => words.concat(),
        }
    }

    fn read(node: &Node) -> Result<T, Wrong> {
        let text = node.as_word();
        let found = T::WORDS.iter().find(|(word, _)| Some(*word) == text);
        taken::<Self>(node, found.map(|(_, value)| *value))
    }

    fn show(value: &T) -> String {
        let found = T::WORDS.iter().find(|(_, known)| known == value);
        format!("{:?}", found.map_or("", |(word, _)| word))
    }
}

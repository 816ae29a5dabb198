//! Tables of texts, of which some may be secrets: no error tells what they are.

use super::{
    Kind, Text, Wrong,
    shape::{known, part},
};
use crate::config::tree::Node;

/// Texts under keys of any name: `{ X-Tenant = "7" }`.
pub(in crate::config) struct Texts;

impl Kind for Texts {
    type Value = Vec<(String, String)>;

    fn rule() -> String {
        "a table of texts, such as { X-Tenant = \"7\" }".to_owned()
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        let table = node.as_table();
        let table = table.ok_or_else(|| Wrong::value(node, &Self::rule()))?;
        let text = |key: &str| Ok((key.to_owned(), part::<Secret>(table, key)?));
        table.0.iter().map(|entry| text(&entry.key)).collect()
    }

    fn show(value: &Self::Value) -> String {
        let parts: Vec<_> = value
            .iter()
            .map(|(name, value)| format!("{name:?} = {value:?}"))
            .collect();
        match &parts[..] {
            [] => "{}".to_owned(),
            parts => format!("{{ {} }}", parts.join(", ")),
        }
    }
}

/// Any text, of which no error tells.
struct Secret;

impl Kind for Secret {
    type Value = String;

    fn rule() -> String {
        Text::rule()
    }

    fn read(node: &Node) -> Result<String, Wrong> {
        let text = node.as_text().map(str::to_owned);
        text.ok_or_else(|| Wrong::new(format!("the value is not {}", Self::rule())))
    }

    fn show(_: &String) -> String {
        String::new()
    }
}

/// `"none"` or `{ user = "me", password = "secret" }`.
pub(in crate::config) struct Credentials;

impl Kind for Credentials {
    type Value = Option<(String, String)>;

    fn rule() -> String {
        "\"none\" or { user = \"me\", password = \"secret\" }".to_owned()
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        let Some(table) = node.as_table() else {
            let none = (node.as_text() == Some("none")).then_some(None);
            return none.ok_or_else(|| Wrong::new(format!("the value is not {}", Self::rule())));
        };
        known(table, &["user", "password"])?;
        let user = part::<Text>(table, "user")?;
        Ok(Some((user, part::<Secret>(table, "password")?)))
    }

    fn show(_: &Self::Value) -> String {
        "\"none\"".to_owned()
    }
}

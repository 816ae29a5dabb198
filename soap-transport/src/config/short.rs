//! Tables that may be written as one word: `addressing = "required"` is `addressing.mode = "required"`.

use super::tree::{Entry, Node, Table, Value};

/// Their names, each with the key that the word is for.
const SHORT: [(&str, &str); 1] = [("addressing", "mode")];

fn key_of(table: &str) -> Option<&'static str> {
    let mut all = SHORT.iter();
    let found = all.find(|(name, _)| table.eq_ignore_ascii_case(name));
    found.map(|(_, key)| *key)
}

/// Makes tables of all words in a document, so that one can be put on top of another.
pub(super) fn expand(document: &mut Table) {
    for root in &mut document.0 {
        let Value::Table(table) = &mut root.node.value else {
            continue;
        };
        match &*root.key {
            "server" | "client" => expand_options(table),
            _ => table.0.iter_mut().for_each(|named| {
                if let Value::Table(table) = &mut named.node.value {
                    expand_options(table);
                }
            }),
        }
    }
}

/// Those of one server or client, and of the URLs of a server that have options of their own.
fn expand_options(table: &mut Table) {
    for entry in &mut table.0 {
        match (&mut entry.node.value, key_of(&entry.key)) {
            (Value::Table(binding), None) if entry.key == "binding" => expand_options(binding),
            (Value::List(bindings), None) if entry.key == "binding" => {
                for binding in bindings {
                    if let Value::Table(table) = &mut binding.value {
                        expand_options(table);
                    }
                }
            }
            (Value::Table(_), _) | (_, None) => {}
            (_, Some(key)) => expand_word(entry, key),
        }
    }
}

fn expand_word(entry: &mut Entry, key: &str) {
    let inner = Entry {
        key: key.to_owned(),
        place: entry.place.clone(),
        node: entry.node.clone(),
    };
    entry.node = Node {
        value: Value::Table(Table(vec![inner])),
        place: entry.place.clone(),
    };
}

/// The key that the word is for where `path`, of a variable, is that of such a table.
pub(super) fn below(path: &[&str]) -> Option<&'static str> {
    let options = match path {
        [root, options @ ..] if is_one(root) => options,
        [_, _, options @ ..] => options,
        _ => return None,
    };
    let options = match options {
        [binding, _, options @ ..] if binding.eq_ignore_ascii_case("binding") => options,
        options => options,
    };
    let [table] = options else { return None };
    key_of(table)
}

/// True for a root that is a server or a client, and does not hold several by name.
fn is_one(root: &str) -> bool {
    ["server", "client"]
        .iter()
        .any(|one| root.eq_ignore_ascii_case(one))
}

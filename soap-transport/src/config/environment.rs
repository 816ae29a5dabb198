//! The environment on top of a file: `SOAPSTONE_SERVER__TIMEOUTS__IDLE=5s`.

use std::{ffi::OsStr, sync::Arc};

use super::{
    ROOTS,
    error::Problem,
    file::parse_value,
    short,
    tree::{Entry, Node, Place, Table, Value},
};

const PREFIX: &str = "SOAPSTONE_";
const SEPARATOR: &str = "__";

/// Puts the variables that name a key over what `table` has.
pub(super) fn overlay<N, V>(
    table: &mut Table,
    variables: impl IntoIterator<Item = (N, V)>,
    problems: &mut Vec<Problem>,
) where
    N: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    let mut ours: Vec<(String, Option<String>)> = variables
        .into_iter()
        .filter_map(|(name, value)| {
            let name = name.as_ref().to_str()?;
            let rest = name.strip_prefix(PREFIX)?;
            let value = value.as_ref().to_str().map(str::to_owned);
            names_a_key(rest).then(|| (name.to_owned(), value))
        })
        .collect();
    ours.sort();
    for (name, value) in ours {
        if let Err(problem) = put(table, &name, value) {
            problems.push(problem);
        }
    }
}

/// Other programs may have variables that begin like ours; those that look like a key are ours.
fn names_a_key(rest: &str) -> bool {
    let first = rest.split('_').next().unwrap_or_default();
    rest.contains(SEPARATOR) || ROOTS.iter().any(|root| root.eq_ignore_ascii_case(first))
}

fn put(table: &mut Table, name: &str, value: Option<String>) -> Result<(), Problem> {
    let place = Place::Variable(Arc::from(name));
    let problem = |text: &str| Problem::new(place.clone(), "", text);
    let rest = name.strip_prefix(PREFIX).unwrap_or(name);
    let mut path: Vec<_> = rest.split(SEPARATOR).collect();
    if path.iter().any(|key| key.is_empty()) {
        return Err(problem("a key is missing beside two underscores"));
    }
    if path.len() == 1 {
        return Err(problem(
            "keys are separated by two underscores, as in SOAPSTONE_SERVER__TIMEOUTS__IDLE",
        ));
    }
    let value = value.ok_or_else(|| problem("not UTF-8"))?;
    let node = match value.trim_start().as_bytes() {
        [b'[' | b'{', ..] => parse_value(value.trim(), &place)
            .map_err(|error| problem(&format!("not a list or a table of TOML: {error}")))?,
        _ => {
            path.extend(short::below(&path));
            Node {
                value: Value::Raw(value),
                place: place.clone(),
            }
        }
    };
    put_in_table(table, &path, node, &place);
    Ok(())
}

fn put_in_table(table: &mut Table, path: &[&str], node: Node, place: &Place) {
    let [key, below @ ..] = path else { return };
    let known = table
        .0
        .iter()
        .position(|entry| entry.key.eq_ignore_ascii_case(key));
    let entry = match known.and_then(|index| table.0.get_mut(index)) {
        Some(entry) => entry,
        None => {
            let value = Value::Table(Table::default());
            let place = place.clone();
            table.0.push(Entry {
                key: key.to_ascii_lowercase(),
                place: place.clone(),
                node: Node { value, place },
            });
            let Some(entry) = table.0.last_mut() else {
                return;
            };
            entry
        }
    };
    if below.is_empty() {
        entry.place = place.clone();
        entry.node = node;
        return;
    }
    put_below(&mut entry.node, below, node, place);
}

/// Into the table that `into` is or, if it is something else, becomes; into a list by the number of the part, from 0.
fn put_below(into: &mut Node, path: &[&str], node: Node, place: &Place) {
    if let (Value::List(list), [index, below @ ..]) = (&mut into.value, path)
        && let Ok(index) = index.parse::<usize>()
        && index <= list.len()
    {
        if index == list.len() {
            let value = Value::Table(Table::default());
            let place = place.clone();
            list.push(Node { value, place });
        }
        match list.get_mut(index) {
            Some(part) if below.is_empty() => *part = node,
            Some(part) => put_below(part, below, node, place),
            None => {}
        }
        return;
    }
    if into.as_table().is_none() {
        into.value = Value::Table(Table::default());
        into.place = place.clone();
    }
    if let Value::Table(table) = &mut into.value {
        put_in_table(table, path, node, place);
    }
}

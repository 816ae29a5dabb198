//! Values that may be a word or a table.

use soap_core::{Keepalive, Linger};

use super::{Count, DEFAULT, Kind, Time, Wrong, taken};
use crate::config::{
    nearest::nearest,
    tree::{Node, Table},
    units,
};

/// `"default"`, `"abort"` or a time.
pub(in crate::config) struct LingerKind;

impl Kind for LingerKind {
    type Value = Linger;

    fn rule() -> String {
        format!("\"{DEFAULT}\", \"abort\" or {}", units::TIME_RULE)
    }

    fn read(node: &Node) -> Result<Linger, Wrong> {
        let linger = match node.as_text() {
            Some(DEFAULT) => Some(Linger::Default),
            Some("abort") => Some(Linger::Abort),
            text => text.and_then(units::time).map(Linger::Wait),
        };
        taken::<Self>(node, linger)
    }

    fn show(value: &Linger) -> String {
        match value {
            Linger::Abort => "\"abort\"".to_owned(),
            Linger::Wait(time) => Time::show(time),
            _ => format!("\"{DEFAULT}\""),
        }
    }
}

/// `"default"`, `"off"` or `{ idle = "60s", interval = "10s", count = 5 }`.
pub(in crate::config) struct KeepaliveKind;

impl Kind for KeepaliveKind {
    type Value = Keepalive;

    fn rule() -> String {
        format!("\"{DEFAULT}\", \"off\" or {{ idle = \"60s\", interval = \"10s\", count = 5 }}")
    }

    fn read(node: &Node) -> Result<Keepalive, Wrong> {
        let Some(table) = node.as_table() else {
            let words = [(DEFAULT, Keepalive::Default), ("off", Keepalive::Off)];
            let found = words.iter().find(|(word, _)| Some(*word) == node.as_text());
            return taken::<Self>(node, found.map(|(_, keepalive)| *keepalive));
        };
        known(table, &["idle", "interval", "count"])?;
        Ok(Keepalive::Probes {
            idle: part::<Time>(table, "idle")?,
            interval: part::<Time>(table, "interval")?,
            count: part::<Count<u32>>(table, "count")?,
        })
    }

    fn show(value: &Keepalive) -> String {
        match value {
            Keepalive::Off => "\"off\"".to_owned(),
            Keepalive::Probes {
                idle,
                interval,
                count,
            } => format!(
                "{{ idle = {}, interval = {}, count = {count} }}",
                Time::show(idle),
                Time::show(interval)
            ),
            _ => format!("\"{DEFAULT}\""),
        }
    }
}

pub(super) fn part<K: Kind>(table: &Table, key: &str) -> Result<K::Value, Wrong> {
    let entry = table.get(key);
    let entry = entry.ok_or_else(|| Wrong::new(format!("`{key}` is missing")))?;
    K::read(&entry.node).map_err(|wrong| wrong.inside(key, &entry.node.place))
}

pub(super) fn known(table: &Table, keys: &[&str]) -> Result<(), Wrong> {
    let unknown = table.0.iter().find(|entry| !keys.contains(&&*entry.key));
    let Some(entry) = unknown else {
        return Ok(());
    };
    let near = nearest(&entry.key, keys.iter().copied()).map(str::to_owned);
    let list = match near {
        Some(_) => String::new(),
        None => format!("; known: {}", keys.join(", ")),
    };
    let wrong = Wrong {
        suggestion: near,
        ..Wrong::new(format!("unknown key `{}`{list}", entry.key))
    };
    Err(wrong.inside(&entry.key, &entry.place))
}

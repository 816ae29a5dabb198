//! `examples/calculator.toml` lists every key with its default.

use std::{collections::BTreeMap, fs};

use soapstone::{Config, config};

const FILE: &str = "examples/calculator.toml";

/// Every key of a TOML document with its value, tables flattened.
fn flatten(
    path: &str,
    value: &toml::Value,
    into: &mut BTreeMap<String, toml::Value>,
    stop: &dyn Fn(&str) -> bool,
) {
    match value {
        toml::Value::Table(table) if !stop(path) => {
            for (key, value) in table {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(&path, value, into, stop);
            }
        }
        value => {
            into.insert(path.to_owned(), value.clone());
        }
    }
}

/// What stands behind `#` without a blank is for builds with more features.
fn with_features(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => {
            rest.to_owned()
        }
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A key added to the code without a line in the file fails here, and so does a default that was changed in one place.
#[test]
fn the_example_lists_every_key_with_its_default() {
    let mut text = fs::read_to_string(FILE).expect(FILE);
    if cfg!(feature = "tls") {
        text = with_features(&text);
    }
    let document: toml::Value = toml::from_str(&text).expect("TOML");
    let known: BTreeMap<_, _> = config::keys()
        .into_iter()
        .map(|key| (key.path, key.default))
        .collect();
    let mut listed = BTreeMap::new();
    flatten("", &document, &mut listed, &|path| known.contains_key(path));

    let keys: Vec<_> = known.keys().collect();
    let of_file: Vec<_> = listed.keys().collect();
    assert_eq!(of_file, keys, "the keys of {FILE}, and those of the code");
    for (key, default) in &known {
        let Some(default) = default else { continue };
        let default: toml::Table = toml::from_str(&format!("value = {default}")).expect(default);
        assert_eq!(
            listed[key], default["value"],
            "{key} in {FILE}, and in the code"
        );
    }
}

/// And so it says nothing: what is read from it are the defaults.
#[test]
fn the_example_is_read_and_changes_nothing() {
    let config = Config::from_file(FILE).expect("the example is right");
    let (server, client) = (config.server().options(), config.client().options());
    for (read, default) in [
        (server, soapstone::transport::Options::server()),
        (client, soapstone::transport::Options::client()),
    ] {
        assert_eq!(read.limits, default.limits);
        assert_eq!(read.timeouts, default.timeouts);
        assert_eq!(read.capacity, default.capacity);
        assert_eq!(read.socket, default.socket);
        // With the options of single transports.
        assert_eq!(format!("{read:?}"), format!("{default:?}"));
    }
}

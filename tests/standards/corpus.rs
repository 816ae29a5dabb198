//! Messages of real stacks, read as envelopes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use soapstone::{Envelope, Limits, xml};

use crate::harness::shared;

/// The messages that are refused, and why.
const REFUSED: [(&str, &str); 0] = [];

#[test]
fn every_message_is_read_or_refused_for_a_known_reason() {
    let mut files = Vec::new();
    for folder in ["node-soap", "soap12-testcollection", "envelopes"] {
        let Some(folder) = shared(&format!("corpus/messages/{folder}")) else {
            return;
        };
        collect(&folder, &mut files);
    }
    files.sort();
    let mut refused = BTreeMap::new();
    for file in &files {
        let bytes = fs::read(file).expect("readable");
        if let Err(error) = read(&bytes) {
            let text = file.to_string_lossy();
            let name = text
                .split_once("corpus/messages/")
                .map_or(&*text, |(_, name)| name)
                .to_owned();
            refused.insert(name, error);
        }
    }
    println!("{} messages, {} refused", files.len(), refused.len());
    for (name, error) in &refused {
        println!("    (\"{name}\", \"{error}\"),");
    }
    let refused: Vec<_> = refused
        .iter()
        .map(|(name, error)| (name.as_str(), error.as_str()))
        .collect();
    assert_eq!(refused, REFUSED);
    assert!(files.len() > 400, "only {} messages", files.len());
}

/// Reads all of an envelope, the elements of the Body as what they are.
fn read(bytes: &[u8]) -> Result<(), String> {
    let limits = Limits::client();
    let text = xml::decode(bytes, None, &limits).map_err(|error| error.to_string())?;
    let mut envelope = Envelope::read(&text, &limits).map_err(|error| error.to_string())?;
    while envelope.body().is_some() {
        envelope
            .reader()
            .skip()
            .map_err(|error| error.to_string())?;
        envelope.next_body().map_err(|error| error.to_string())?;
    }
    envelope.finish().map_err(|error| error.to_string())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            collect(&path, files);
        } else if !path.to_string_lossy().contains("node-soap")
            && (name.ends_with(".xml") || name.ends_with(".txt") || name.ends_with(".bin"))
            || name == "request.xml"
            || name == "response.xml"
        {
            files.push(path);
        }
    }
}

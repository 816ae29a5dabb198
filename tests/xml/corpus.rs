//! Every real document: what we accept, others accept and read the same; what we alone refuse is refused on purpose.

use std::collections::BTreeMap;

use soap_core::Limits;
use soap_core::xml::{ReadErrorKind, decode};

use crate::{events, shared};

const LIMITS: Limits = Limits::client()
    .message(256 << 20)
    .attribute_value(16 << 20)
    .comments(16 << 20)
    .name(1 << 14);

#[test]
fn real_documents_are_read_as_others_read_them() {
    let Some(folder) = shared::shared("corpus") else {
        return;
    };
    let mut refused = BTreeMap::<String, usize>::new();
    let mut wrong = Vec::new();
    let (mut files, mut accepted) = (0, 0);
    for path in shared::files(&folder) {
        if !path.extension().is_some_and(|extension| {
            ["xml", "wsdl", "xsd"]
                .iter()
                .any(|known| extension == *known)
        }) {
            continue;
        }
        files += 1;
        let bytes = std::fs::read(&path).expect("a readable file");
        match compare(&bytes) {
            Verdict::Same => accepted += 1,
            Verdict::Refused(why) => *refused.entry(why).or_default() += 1,
            Verdict::Wrong(why) => wrong.push(format!("{}: {why}", path.display())),
        }
    }
    println!("{files} files, {accepted} read the same by all; refused: {refused:#?}");
    assert!(
        wrong.is_empty(),
        "{} of {files}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        accepted > files / 2 && files > 1000,
        "{accepted} of {files}"
    );
}

enum Verdict {
    Same,
    Refused(String),
    Wrong(String),
}

fn compare(bytes: &[u8]) -> Verdict {
    let text = match decode(bytes, None, &LIMITS) {
        Ok(text) => text,
        Err(error) if str::from_utf8(bytes).is_ok() => {
            return Verdict::Refused(format!("encoding: {}", error.kind()));
        }
        Err(error) => return Verdict::Refused(format!("bytes: {}", error.kind())),
    };
    let theirs = events::roxmltree(&text);
    let ours = events::ours(&text, &LIMITS);
    assert_eq!(
        events::skipped(&text, &LIMITS),
        ours.as_ref().map(|_| ()).map_err(Clone::clone)
    );
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours != theirs => {
            Verdict::Wrong("roxmltree reads something else".into())
        }
        (Ok(ours), Ok(_)) => match events::quick_xml(&text) {
            Ok(theirs) if ours == theirs => Verdict::Same,
            Ok(theirs) => {
                let at = ours.iter().zip(&theirs).position(|(a, b)| a != b);
                Verdict::Wrong(format!(
                    "quick-xml reads something else: {:?}",
                    at.map(|at| (&ours[at], &theirs[at]))
                ))
            }
            Err(error) => Verdict::Wrong(format!("quick-xml refuses: {error}")),
        },
        (Ok(_), Err(error)) => Verdict::Wrong(format!("roxmltree refuses: {error}")),
        (Err(error), theirs) => match error.kind() {
            ReadErrorKind::Dtd
            | ReadErrorKind::ProcessingInstruction
            | ReadErrorKind::Limit { .. } => Verdict::Refused(error.kind().to_string()),
            _ if theirs.is_err() => Verdict::Refused("not well-formed for others either".into()),
            _ => Verdict::Wrong(format!("only we refuse: {error}")),
        },
    }
}

//! The documents say what is there.

use std::{fs, path::Path};

const DOCUMENTS: [&str; 6] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "docs/performance.md",
    "docs/tcp.md",
    "docs/udp.md",
];

/// Those whose claims are shown by tests, of which so many at least are named.
const SHOWN: [(&str, usize); 2] = [("docs/tcp.md", 30), ("docs/udp.md", 25)];

/// Every path in backquotes that looks like a file or folder of the project exists.
#[test]
fn paths_named_in_the_documents_exist() {
    let mut seen = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(document).expect("the document");
        for path in quoted(&text).filter(|quoted| is_path(quoted)) {
            assert!(
                Path::new(path).exists(),
                "{document} names {path}, which is not there"
            );
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} paths found");
}

/// What stands in backquotes; blocks of code are one such piece.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_path(quoted: &str) -> bool {
    let known = [
        "soap-core/",
        "soap-transport/",
        "soap-macros/",
        "src/",
        "tests/",
        "examples/",
        "docs/",
        "benches/",
        ".ci/",
    ];
    let is_plain = !quoted.contains(' ') && !quoted.contains("::");
    known.iter().any(|folder| quoted.starts_with(folder)) && is_plain
}

/// What is said there is shown by tests, each named as `tcp::closes::name`, `udp::server::name` or `tests/file.rs::name`.
#[test]
fn tests_named_in_the_documents_exist() {
    for (document, expected) in SHOWN {
        let text = fs::read_to_string(document).expect("the document");
        let mut seen = 0;
        for (paths, name) in quoted(&text).filter_map(named_test) {
            let start = format!("fn {name}(");
            let is_there = paths
                .iter()
                .any(|path| fs::read_to_string(path).is_ok_and(|file| file.contains(&start)));
            assert!(
                is_there,
                "{document} names the test {name} of {}, which is not there",
                paths.join(" or ")
            );
            seen += 1;
        }
        assert!(seen > expected, "only {seen} tests found in {document}");
    }
}

/// The files that may have a test, and its name, if it is the name of one.
fn named_test(quoted: &str) -> Option<(Vec<String>, &str)> {
    let (place, name) = quoted.rsplit_once("::")?;
    let paths = match place.split_once("::") {
        Some(("tcp", module)) => vec![format!("tests/lifecycle/tcp/{module}.rs")],
        Some(("udp", module)) => vec![
            format!("soap-transport/src/udp/{module}.rs"),
            format!("soap-transport/src/udp/{module}/tests.rs"),
            format!("soap-transport/src/udp/tests/{module}.rs"),
            format!("soap-transport/tests/udp/{module}.rs"),
        ],
        None if is_path(place) && place.ends_with(".rs") => vec![place.to_owned()],
        _ => return None,
    };
    Some((paths, name))
}

/// Every picture and every heading that a document leads to is there.
#[test]
fn links_within_the_documents_lead_somewhere() {
    for document in DOCUMENTS {
        let text = fs::read_to_string(document).expect("the document");
        let folder = Path::new(document).parent().expect("a folder");
        let targets = text.split("](").skip(1);
        for target in targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)) {
            let is_there = match target.strip_prefix('#') {
                Some(heading) => text
                    .lines()
                    .any(|line| anchor(line).as_deref() == Some(heading)),
                None => target.contains("://") || folder.join(target).exists(),
            };
            assert!(is_there, "{document} leads to {target}, which is not there");
        }
    }
}

/// The name by which others link to a heading, if the line is one.
fn anchor(line: &str) -> Option<String> {
    let text = line.trim_start_matches('#').strip_prefix(' ')?;
    line.starts_with('#').then(|| {
        let kept = text
            .chars()
            .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    })
}

/// The README's example is the one that runs as a documentation test, and stays short.
#[test]
fn the_readme_is_short() {
    let text = fs::read_to_string("README.md").expect("README.md");
    assert!(text.lines().count() < 150);
    assert!(
        text.lines()
            .take(25)
            .any(|line| line.starts_with("```rust"))
    );
}

/// Every piece of TOML in a document is a configuration.
#[cfg(feature = "config")]
#[test]
fn toml_in_the_documents_is_a_configuration() {
    for (document, expected) in [("docs/tcp.md", 4), ("docs/udp.md", 2)] {
        let text = fs::read_to_string(document).expect("the document");
        let blocks = text.split("```toml\n").skip(1);
        let mut seen = 0;
        for block in blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block)) {
            if let Err(error) = block.parse::<soapstone::config::Config>() {
                panic!("{document}: {block}{error}");
            }
            seen += 1;
        }
        assert!(seen >= expected, "only {seen} found in {document}");
    }
}

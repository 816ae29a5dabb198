//! The documents say what is there.

use std::{fs, path::Path};

/// Every path in backquotes that looks like a file or folder of the project exists.
#[test]
fn paths_named_in_the_documents_exist() {
    let mut seen = 0;
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        let text = fs::read_to_string(document).expect("the document");
        for path in text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|quoted| is_path(quoted))
        {
            assert!(
                Path::new(path).exists(),
                "{document} names {path}, which is not there"
            );
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} paths found");
}

fn is_path(quoted: &str) -> bool {
    let known = [
        "soap-core/",
        "soap-transport/",
        "soap-macros/",
        "src/",
        "tests/",
        "examples/",
        ".ci/",
    ];
    known.iter().any(|folder| quoted.starts_with(folder)) && !quoted.contains(' ')
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

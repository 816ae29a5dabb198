//! What the compiler says of wrong annotations: the word and the remedy. It says nothing of right ones, as tests/accepted/ shows.
//!
//! `TRYBUILD=overwrite` writes what it says now; review the difference.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}

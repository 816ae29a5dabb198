//! What the compiler says of annotations: nothing of right ones, and of wrong ones the word and the remedy.
//!
//! `TRYBUILD=overwrite` writes what it says now; review the difference.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}

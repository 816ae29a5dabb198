//! Whether a request tells which operation it is for: checked while the program is compiled.

use super::Operation;

/// Fails if two operations have the same element in the Body of a request and the same action. Generated code calls it in a
/// constant.
///
/// # Panics
/// In that case.
pub const fn assert_told_apart(operations: &[Operation]) {
    let mut first = 0;
    while first < operations.len() {
        let mut second = first + 1;
        while second < operations.len() {
            assert!(
                !are_same(&operations[first], &operations[second]),
                "two operations have the same element in the Body of a request and the same action, so no request could tell \
                 which it is for: give one of them another `action`"
            );
            second += 1;
        }
        first += 1;
    }
}

const fn are_same(one: &Operation, other: &Operation) -> bool {
    let is_same_element = match (&one.input, &other.input) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            is_same_text(one.name.local, other.name.local)
                && is_same_text(one.name.namespace.uri(), other.name.namespace.uri())
        }
        _ => false,
    };
    is_same_element && is_same_text(one.action, other.action)
}

const fn is_same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

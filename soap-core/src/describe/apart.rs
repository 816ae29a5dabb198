//! Whether a request tells which operation it is for: checked while the program is compiled.

use super::Operation;

/// Fails if two operations have the same element in the Body of a request, and the same action or one the default action of the
/// other. Generated code calls it in a
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
            assert!(
                !is_taken(&operations[first], &operations[second])
                    && !is_taken(&operations[second], &operations[first]),
                "of two operations with the same element in the Body of a request one has the `action` that the other has by \
                 default with WS-Addressing: give it another one"
            );
            second += 1;
        }
        first += 1;
    }
}

const fn are_same(one: &Operation, other: &Operation) -> bool {
    have_same_element(one, other) && is_same_text(one.action, other.action)
}

/// True if the declared action of one is the default one of the other.
const fn is_taken(one: &Operation, other: &Operation) -> bool {
    have_same_element(one, other)
        && !one.action.is_empty()
        && is_same_text(one.action, other.default_action)
}

const fn have_same_element(one: &Operation, other: &Operation) -> bool {
    match (&one.input, &other.input) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            is_same_text(one.name.local, other.name.local)
                && is_same_text(one.name.namespace.uri(), other.name.namespace.uri())
        }
        _ => false,
    }
}

const fn is_same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

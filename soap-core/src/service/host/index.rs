//! The operations of a service by what a request says. It is built once, so that one of a thousand operations is found as fast as
//! one of two.

use std::{borrow::Cow, collections::BTreeMap};

use crate::describe::{Operation, ServiceDescription};

/// The element in the Body of a request, by local name and namespace: the first tells most of them apart.
pub(super) type Element<'a> = (&'a str, &'a str);

/// Stands for the element of an empty Body: no element has an empty name.
pub(super) const EMPTY: Element<'static> = ("", "");

/// The operations of one service, in order: comparing a few names costs less than a hash of one.
pub(super) struct Index {
    by_element: BTreeMap<Element<'static>, Vec<usize>>,
    /// Operations that share an element: by the action they declare, and by those they have by default if no other declares it.
    by_action: BTreeMap<(Element<'static>, Cow<'static, str>), usize>,
    /// The first operation that declares an action.
    declared: BTreeMap<&'static str, &'static Operation>,
}

impl Index {
    /// Sorts the operations of a service.
    ///
    /// # Errors
    /// Fails if no request could tell one operation from another, with their names and the remedy.
    pub(super) fn new(service: &'static ServiceDescription) -> Result<Self, String> {
        let operations = service.operations.iter().copied().enumerate();
        let mut by_element = BTreeMap::<_, Vec<_>>::new();
        let mut declared = BTreeMap::new();
        for (index, operation) in operations.clone() {
            by_element
                .entry(element(operation))
                .or_default()
                .push(index);
            declared.entry(operation.action).or_insert(operation);
        }
        let shares = |operation: &Operation| {
            let sharing = by_element.get(&element(operation));
            sharing.is_some_and(|sharing| sharing.len() > 1)
        };
        let sharing = operations.filter(|(_, operation)| shares(operation));
        let mut by_action = BTreeMap::new();
        let other = |index: usize| service.operations.get(index);
        for (index, operation) in sharing.clone() {
            let key = (element(operation), operation.action.into());
            if let Some(other) = by_action.insert(key, index).and_then(other) {
                return Err(same_action(service, other, operation));
            }
        }
        for (index, operation) in sharing.clone() {
            if operation.default_action.is_empty() {
                continue;
            }
            let key = (element(operation), operation.default_action.into());
            let known = *by_action.entry(key).or_insert(index);
            match other(known) {
                Some(other) if known != index && other.action == operation.default_action => {
                    return Err(default_action(service, other, operation));
                }
                _ => {}
            }
        }
        for (index, operation) in sharing {
            let action = service.default_action_of_2004(operation);
            by_action
                .entry((element(operation), action.into()))
                .or_insert(index);
        }
        Ok(Self {
            by_element,
            by_action,
            declared,
        })
    }

    /// The operations with this element.
    pub(super) fn candidates<'a>(&'a self, element: Element<'a>) -> &'a [usize] {
        self.by_element.get(&element).map_or(&[], Vec::as_slice)
    }

    /// The one that has this action of those that share an element: declared, or by default.
    pub(super) fn candidate(&self, element: Element<'_>, action: &str) -> Option<usize> {
        self.by_action.get(&(element, action.into())).copied()
    }

    /// The first operation that declares this action.
    pub(super) fn that_declares(&self, action: &str) -> Option<&'static Operation> {
        self.declared.get(action).copied()
    }
}

fn element(operation: &Operation) -> Element<'static> {
    let input = operation.input.as_ref();
    input.map_or(EMPTY, |input| {
        (input.name.local, input.name.namespace.uri())
    })
}

fn same_action(service: &ServiceDescription, one: &Operation, other: &Operation) -> String {
    format!(
        "operations {} and {} of {} have the same {} of a request and the same action {:?}, so no request could tell which it is \
         for: give one of them another `action`",
        one.name,
        other.name,
        service.name,
        body(one),
        one.action
    )
}

fn default_action(service: &ServiceDescription, one: &Operation, other: &Operation) -> String {
    format!(
        "operations {} and {} of {} have the same {} of a request, and the action {:?} of {} is what {} has by default with \
         WS-Addressing: give {} another `action`",
        one.name,
        other.name,
        service.name,
        body(one),
        one.action,
        one.name,
        other.name,
        one.name
    )
}

fn body(operation: &Operation) -> String {
    match element(operation) {
        EMPTY => "empty Body".to_owned(),
        (local, namespace) => format!("element {{{namespace}}}{local} in the Body"),
    }
}

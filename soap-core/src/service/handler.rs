//! How a generated server runs its operations: a table of functions, in the order of the description.

use std::{future::ready, sync::Arc};

use crate::{Fault, transport::BoxFuture};

use super::{Incoming, Reply};

/// Runs one operation of the service `S`.
pub type Handler<S> = for<'x> fn(&'x Arc<S>, Incoming<'x>) -> BoxFuture<'x, Result<Reply, Fault>>;

/// What runs the operation of this index.
#[inline]
pub fn handler<S>(handlers: &[Handler<S>], operation: usize) -> Handler<S> {
    handlers.get(operation).copied().unwrap_or(unknown)
}

fn unknown<'x, S>(_: &'x Arc<S>, _: Incoming<'x>) -> BoxFuture<'x, Result<Reply, Fault>> {
    Box::pin(ready(Err(Fault::receiver("internal error"))))
}

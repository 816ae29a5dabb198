//! A panic in a handler ends its call, not the server.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::transport::BoxFuture;

/// Polls a future and catches its panic, after which the future is dropped and never polled again.
pub(super) struct CatchPanic<'a, T>(pub(super) Option<BoxFuture<'a, T>>);

/// The future panicked.
pub(super) struct Panicked;

impl<'a, T> CatchPanic<'a, T> {
    /// The future that `make` makes; it is as if that panicked if `make` does.
    pub(super) fn of(make: impl FnOnce() -> BoxFuture<'a, T>) -> Self {
        let made = catch_unwind(AssertUnwindSafe(make));
        Self(made.map_err(|panic| log(&*panic)).ok())
    }
}

impl<T> Future for CatchPanic<'_, T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else {
            return Poll::Ready(Err(Panicked));
        };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => {
                log(&*panic);
                let future = self.0.take();
                // What the future holds may panic once more while it is dropped.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
                Poll::Ready(Err(Panicked))
            }
        }
    }
}

fn log(panic: &(dyn Any + Send)) {
    tracing::error!(message = text(panic), "handler panicked");
}

fn text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}

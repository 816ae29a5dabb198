//! The answers to a call that may have any number of them.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use crate::Answer;

use super::{CallResult, Meta, exchange::Exchange};

/// The answers to one call, as they come.
#[derive(Debug)]
pub struct Answers<'c, A: Answer>(pub(super) Exchange<'c, A>);

impl<'c, A: Answer> Answers<'c, A> {
    /// The next answer; `None` when the time is over.
    pub async fn next(&mut self) -> Option<CallResult<A>> {
        std::future::poll_fn(|cx| self.0.poll_next(cx))
            .await
            .map(|(result, _)| result)
    }

    /// The same answers, each with what is known beside its value: who has sent it, and its header blocks.
    #[must_use]
    pub fn with_meta(self) -> AnswersWithMeta<'c, A> {
        AnswersWithMeta(self.0)
    }
}

impl<A: Answer> futures_core::Stream for Answers<'_, A> {
    type Item = CallResult<A>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<CallResult<A>>> {
        self.0
            .poll_next(cx)
            .map(|item| item.map(|(result, _)| result))
    }
}

/// The answers to one call, as they come, each with its [`Meta`].
#[derive(Debug)]
pub struct AnswersWithMeta<'c, A: Answer>(Exchange<'c, A>);

impl<A: Answer> AnswersWithMeta<'_, A> {
    /// The next answer; `None` when the time is over.
    pub async fn next(&mut self) -> Option<(Meta, CallResult<A>)> {
        std::future::poll_fn(|cx| self.poll_item(cx)).await
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Meta, CallResult<A>)>> {
        let polled = self.0.poll_next(cx);
        polled.map(|item| item.map(|(result, answer)| (self.0.meta(answer), result)))
    }
}

impl<A: Answer> futures_core::Stream for AnswersWithMeta<'_, A> {
    type Item = (Meta, CallResult<A>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(cx)
    }
}

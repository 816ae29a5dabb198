//! The client side of one call: write the arguments, send them by a [`Transport`](crate::transport::Transport), read the answer
//! or the fault.

mod addressed;
mod answers;
mod call;
mod channel;
mod error;
mod exchange;
mod meta;

use crate::Answer;

pub use answers::{Answers, AnswersWithMeta};
pub use call::{Call, CallFuture, CallWithMeta, CallWithMetaFuture, Posted};
pub use channel::Channel;
pub use error::CallError;
pub use meta::Meta;

type CallResult<A> = Result<<A as Answer>::Value, CallError<<A as Answer>::Fault>>;

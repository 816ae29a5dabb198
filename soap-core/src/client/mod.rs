//! The client side of one call: write the arguments, send them by a [`Transport`](crate::transport::Transport), read the answer
//! or the fault.

mod call;
mod channel;
mod error;
mod meta;

pub use call::{Answers, Call, CallFuture, CallWithMeta, CallWithMetaFuture};
pub use channel::Channel;
pub use error::CallError;
pub use meta::Meta;

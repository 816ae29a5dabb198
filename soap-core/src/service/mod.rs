//! The server side of one call: read the Envelope, check what must be understood, find the operation, run it, write the answer.
//!
//! A generated `XServer` is a [`Service`]: a description and one arm an operation. A [`Host`] makes a [`Dispatch`] of it that
//! any listener can drive.

mod context;
mod handler;
mod host;
mod incoming;
mod panic;

use std::{fmt, sync::Arc};

use crate::{
    Fault, FaultCode, Limits,
    describe::ServiceDescription,
    transport::{BoxFuture, Dispatch},
    xml::Writer,
};

pub use context::Context;
pub use handler::{Handler, handler};
pub use host::Host;
pub use incoming::Incoming;

/// A contract and the code that fulfils it. `#[service]` implements it for the `XServer` it generates.
pub trait Service: Send + Sync + 'static {
    /// The contract.
    fn description(&self) -> &'static ServiceDescription;

    /// Runs an operation, named by its index in the description.
    fn invoke<'x>(
        &'x self,
        operation: usize,
        call: Incoming<'x>,
    ) -> BoxFuture<'x, Result<Reply, Fault>>;
}

/// What an operation answers.
#[non_exhaustive]
pub enum Reply {
    /// A message goes back. The host finishes it, so that it can add header blocks.
    #[non_exhaustive]
    Answer {
        /// What is written of it: all but the head of the Envelope.
        draft: Writer,
        /// The code of the fault if it carries one.
        fault: Option<FaultCode>,
        /// The name of a typed fault in the WSDL.
        name: Option<&'static str>,
    },
    /// Nothing goes back; the work is still to be done.
    Accepted(BoxFuture<'static, ()>),
}

impl Reply {
    /// A message whose Body is written in `draft`; `fault` is the code of the fault if it is one.
    pub fn answer(draft: Writer, fault: Option<FaultCode>) -> Self {
        Self::Answer {
            draft,
            fault,
            name: None,
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { fault, .. } => f
                .debug_struct("Answer")
                .field("fault", fault)
                .finish_non_exhaustive(),
            Self::Accepted(_) => f.write_str("Accepted"),
        }
    }
}

/// What a server can serve: a [`Service`], a [`Host`], or a [`Dispatch`] of your own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a server serves",
    note = "wrap it in the server that `#[service]` generates: `{Self}Server::new(…)` of an `impl` block, `TraitServer::new(…)` of a trait"
)]
pub trait IntoDispatch {
    /// Makes it ready to serve messages within `limits`.
    fn into_dispatch(self, limits: &Limits) -> Arc<dyn Dispatch>;
}

#[diagnostic::do_not_recommend]
impl<S: Service> IntoDispatch for S {
    fn into_dispatch(self, limits: &Limits) -> Arc<dyn Dispatch> {
        Host::new(self).into_dispatch(limits)
    }
}

impl IntoDispatch for Host {
    fn into_dispatch(self, limits: &Limits) -> Arc<dyn Dispatch> {
        Arc::new(self.limits(limits.clone()))
    }
}

impl IntoDispatch for Arc<dyn Dispatch> {
    fn into_dispatch(self, _: &Limits) -> Self {
        self
    }
}

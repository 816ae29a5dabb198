//! Why a call has no value.

use crate::{
    Fault, SoapFault,
    transport::TransportError,
    xml::{ReadError, WriteError},
};

/// Why a call has no value. `F` is the typed fault of its operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError<F: SoapFault = Fault> {
    /// The service answered with a fault. A typed one has what its detail says; the code, the reason and all else it came with
    /// are in [`Meta::fault`](super::Meta::fault) of a call made [`with_meta`](super::Call::with_meta).
    #[error("the service answered with a fault: {}", .0.fault())]
    Fault(F),
    /// The answer could not be read. The service may have processed the request: who knows what it meant to say.
    #[error("the answer could not be read: {0}")]
    Read(ReadError),
    /// The arguments could not be written. Nothing was sent.
    #[error("the request could not be written: {0}")]
    Write(WriteError),
    /// The message did not get through.
    #[error(transparent)]
    Transport(TransportError),
}

impl<F: SoapFault> CallError<F> {
    /// True if the service may have processed the request though no answer could be had: do not repeat it blindly.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Fault(_) | Self::Write(_) => false,
            Self::Read(_) => true,
            Self::Transport(error) => error.is_ambiguous(),
        }
    }

    /// The fault, if the service answered with one.
    pub fn fault(&self) -> Option<&F> {
        if let Self::Fault(fault) = self {
            Some(fault)
        } else {
            None
        }
    }
}

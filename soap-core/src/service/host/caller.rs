//! Who gets a fault: what is known of the one who sent the request.

use crate::{
    Fault, FaultOrigin, Limits, describe::Operation, envelope::Envelope, fault, xml::ReadError,
};

/// Who sent a request, as far as it decides whether he gets a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// Asks for no operation there is.
    Unknown,
    /// Sends a fault.
    Faulty,
    /// Waits for no answer.
    OneWay,
    Waiting,
}

impl Caller {
    pub(super) fn of(envelope: &mut Envelope<'_>, found: Option<&(usize, &Operation)>) -> Self {
        let version = envelope.version();
        let sends_fault = envelope
            .body()
            .is_some_and(|name| fault::is_fault(name, version, envelope.reader()));
        match found {
            _ if sends_fault => Self::Faulty,
            None => Self::Unknown,
            Some((_, operation)) if operation.output.is_none() => Self::OneWay,
            Some(_) => Self::Waiting,
        }
    }

    /// Says of a fault who gets it. A request may have been refused before all of it was read: where the rest is not well-formed,
    /// a stream cannot go on behind it.
    pub(super) fn about(self, fault: Fault, text: &str, limits: &Limits) -> Fault {
        match (self, fault.origin()) {
            (Self::Faulty, _) => fault.with_origin(FaultOrigin::ToFault),
            (_, FaultOrigin::Unreadable) => fault,
            (Self::Unknown, _) => unaddressed(fault),
            (_, FaultOrigin::Refused) if !is_readable(text, limits) => {
                fault.with_origin(FaultOrigin::Unreadable)
            }
            (Self::OneWay, _) => fault.with_origin(FaultOrigin::OneWay),
            (Self::Waiting, _) => fault,
        }
    }
}

/// True if `text` is one well-formed envelope to its end, beyond the Body's element too.
pub(super) fn is_readable(text: &str, limits: &Limits) -> bool {
    let read = || -> Result<(), ReadError> {
        let mut envelope = Envelope::open(text, limits)?;
        if envelope.body().is_some() {
            envelope.reader().skip()?;
        }
        envelope.close()
    };
    read().is_ok()
}

/// A fault to a request that asks for no operation.
pub(super) fn unaddressed(fault: Fault) -> Fault {
    match fault.origin() {
        FaultOrigin::Refused => fault.with_origin(FaultOrigin::UnknownOperation),
        _ => fault,
    }
}

//! One request on its way to a handler, and the handler's answer on its way back. Generated code calls it.

use std::{future::Future, sync::Arc};

use crate::{
    Answer, Fault, Limits, Message, Output, SoapFault, SoapVersion,
    addressing::MessageAddressing,
    describe::{Operation, Strictness},
    envelope::{Envelope, HeaderField},
    fault,
    table::{self, Slot},
    xml::{ReadError, Reader, Writer},
};

use super::{Context, Reply};

/// A request whose operation has been found.
#[derive(Debug)]
pub struct Incoming<'x> {
    pub(super) message: &'x Message,
    pub(super) envelope: Envelope<'x>,
    pub(super) operation: &'static Operation,
    pub(super) roles: &'x [String],
    pub(super) limits: &'x Limits,
    pub(super) addressing: Option<Arc<MessageAddressing>>,
}

impl<'x> Incoming<'x> {
    /// The typed header of a parameter.
    ///
    /// # Errors
    /// Fails if it is missing or cannot be read.
    pub fn header<T: HeaderField>(&self) -> Result<T, Fault> {
        Ok(self.envelope.header_field(self.roles)?)
    }

    /// The context.
    ///
    /// # Errors
    /// Never; it has the shape of [`header`](Self::header).
    pub fn context(&self) -> Result<Context, Fault> {
        Ok(Context::new(
            self.message,
            self.version(),
            self.limits,
            self.addressing.clone(),
        ))
    }

    /// Reads the arguments by `read`, which is given the reader behind the start tag of the Body's element (behind the end tag of
    /// an empty Body) and must consume its end tag; then checks that nothing follows.
    ///
    /// # Errors
    /// Fails if anything in the request is not as it must be: nothing has been executed yet.
    pub fn arguments<A>(
        &mut self,
        read: impl FnOnce(&mut Reader<'x>) -> Result<A, ReadError>,
    ) -> Result<A, Fault> {
        let arguments = read(self.envelope.reader());
        let read = arguments.and_then(|arguments| {
            self.envelope.finish()?;
            Ok(arguments)
        });
        read.map_err(|error| Fault::from(error).about_body())
    }

    /// Reads the parameters, which are the children of the Body's element, into their slots; then checks that nothing follows.
    ///
    /// # Errors
    /// As [`arguments`](Self::arguments).
    pub fn parameters(&mut self, slots: &mut [&mut dyn Slot<'x>]) -> Result<(), Fault> {
        let rows = self.operation.parameters;
        self.arguments(|reader| table::read_children(rows, Strictness::TOLERANT, slots, reader))
    }

    /// Writes the answer.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    pub fn reply<A: Answer>(&self, answer: A) -> Result<Reply, Fault> {
        let mut writer = Writer::short();
        match answer.into_result() {
            Ok(value) => {
                if let Some(output) = &self.operation.output {
                    value.write_output(output, self.operation.style, &mut writer)?;
                }
                Ok(Reply::answer(writer, None))
            }
            Err(typed) => {
                fault::write(&typed, self.version(), &mut writer)?;
                Ok(Reply::Answer {
                    draft: writer,
                    fault: Some(typed.fault().code()),
                    name: typed.name(),
                })
            }
        }
    }

    /// Accepts a one-way request.
    ///
    /// # Errors
    /// Never; it has the shape of [`reply`](Self::reply).
    pub fn accept(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<Reply, Fault> {
        Ok(Reply::Accepted(Box::pin(work)))
    }

    fn version(&self) -> SoapVersion {
        self.envelope.version()
    }
}

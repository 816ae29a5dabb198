//! What an operation takes and gives back beside elements of the Body.

use crate::{
    Answer, Call, Channel, Fault, HeaderField, Incoming, Output, Reply, SoapFault,
    describe::{FaultDescription, FieldType, HeaderDescription, Operation},
    xml::{Namespace, RootElement, Tag, WriteError, Writer},
};

/// A header block of a request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a header block",
    note = "derive `SoapType` on it and give it a namespace: `#[soap(namespace = \"…\")]`"
)]
pub trait Header: Sized {
    /// For the WSDL.
    const DESCRIPTION: HeaderDescription;

    /// Takes it from a request.
    ///
    /// # Errors
    /// Fails if it is missing or cannot be read.
    fn read(call: &Incoming<'_>) -> Result<Self, Fault>;

    /// Writes it.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

#[diagnostic::do_not_recommend]
impl<T: HeaderField> Header for T {
    const DESCRIPTION: HeaderDescription = <T as HeaderField>::DESCRIPTION;

    fn read(call: &Incoming<'_>) -> Result<Self, Fault> {
        call.header()
    }

    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        HeaderField::write(self, writer)
    }
}

/// What an operation gives back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what an operation gives back",
    note = "a value needs `#[derive(SoapType)]`, the error of a `Result` needs `#[derive(Debug, SoapFault)]` or is `soapstone::Fault`"
)]
pub trait Returned: Sized {
    /// True if there is no element for the value: `()`.
    const EMPTY: bool;
    /// The value's type, and how often its element occurs.
    const TYPE: FieldType;

    /// The header blocks beside the value.
    fn headers() -> &'static [HeaderDescription];

    /// The typed faults.
    fn faults() -> &'static [FaultDescription];

    /// Starts a call.
    fn call<'c>(
        channel: &'c Channel,
        operation: &'static Operation,
        arguments: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
    ) -> Call<'c, Self>;

    /// Answers a request.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn reply(self, call: &Incoming<'_>) -> Result<Reply, Fault>;
}

#[diagnostic::do_not_recommend]
impl<A: Answer> Returned for A {
    const EMPTY: bool = <A::Value as Output>::EMPTY;
    const TYPE: FieldType = FieldType {
        occurs: <A::Value as Output>::OCCURS,
        of: <A::Value as Output>::describe,
    };

    fn headers() -> &'static [HeaderDescription] {
        <A::Value as Output>::headers()
    }

    fn faults() -> &'static [FaultDescription] {
        <A::Fault as SoapFault>::describe()
    }

    fn call<'c>(
        channel: &'c Channel,
        operation: &'static Operation,
        arguments: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
    ) -> Call<'c, Self> {
        channel.call(operation, arguments)
    }

    fn reply(self, call: &Incoming<'_>) -> Result<Reply, Fault> {
        call.reply(self)
    }
}

/// The element a type has by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no element name of its own",
    note = "derive `SoapType` on it and give it a namespace, or give the parameter a name: `#[soap(name = \"…\")]`"
)]
pub trait Root {
    /// Namespace of the element.
    const NAMESPACE: &'static Namespace;
    /// Local name of the element.
    const NAME: &'static str;
    /// Its tags.
    const TAG: &'static Tag;
}

#[diagnostic::do_not_recommend]
impl<T: RootElement> Root for T {
    const NAMESPACE: &'static Namespace = <T as RootElement>::NAMESPACE;
    const NAME: &'static str = <T as RootElement>::NAME;
    const TAG: &'static Tag = <T as RootElement>::TAG;
}

/// The element that what an operation gives back has by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no element name of its own",
    note = "derive `SoapType` on the value and give it a namespace, or give the result a name: `#[soap(result = \"…\")]`"
)]
pub trait ReturnedRoot {
    /// Namespace of the element.
    const NAMESPACE: &'static Namespace;
    /// Local name of the element.
    const NAME: &'static str;
    /// Its tags.
    const TAG: &'static Tag;
}

#[diagnostic::do_not_recommend]
impl<A: Answer<Value: RootElement>> ReturnedRoot for A {
    const NAMESPACE: &'static Namespace = <A::Value as RootElement>::NAMESPACE;
    const NAME: &'static str = <A::Value as RootElement>::NAME;
    const TAG: &'static Tag = <A::Value as RootElement>::TAG;
}

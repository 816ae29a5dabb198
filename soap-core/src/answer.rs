//! What an operation gives back: a value, a value with header blocks, or either of them in a `Result` with a typed fault.

use crate::{
    Fault, SoapFault,
    describe::{
        DescribeField, HeaderDescription, Occurs, OutputDescription, Style, TypeDescription,
    },
    envelope::{Envelope, HeaderField},
    xml::{
        Namespace, ReadError, ReadErrorKind, ReadField, RootElement, Tag, WriteError, WriteField,
        Writer,
    },
};

/// What an operation gives back: a value, or `Result<value, fault>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what an operation gives back",
    note = "a value needs `#[derive(SoapType)]`, the error of a `Result` needs `#[derive(SoapFault)]`"
)]
pub trait Answer: Sized {
    /// The value.
    type Value: Output;
    /// The fault; [`Fault`] where only a plain value is declared.
    type Fault: SoapFault;

    /// The value or the fault.
    ///
    /// # Errors
    /// The fault.
    fn into_result(self) -> Result<Self::Value, Self::Fault>;
}

#[diagnostic::do_not_recommend]
impl<T: Output> Answer for T {
    type Value = T;
    type Fault = Fault;

    fn into_result(self) -> Result<T, Fault> {
        Ok(self)
    }
}

impl<T: Output, F: SoapFault> Answer for Result<T, F> {
    type Value = T;
    type Fault = F;

    fn into_result(self) -> Self {
        self
    }
}

/// The value of an answer: a field (`T`, `Option<T>`, `Vec<T>`), `()`, or one of them [`WithHeader`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of an operation",
    note = "add `#[derive(SoapType)]` to `{Self}`, or use a type that has it"
)]
pub trait Output: Sized + Send {
    /// True if there is no element for the value: `()`.
    const EMPTY: bool;
    /// How often the value's element occurs.
    const OCCURS: Occurs;

    /// Description of the value's type.
    fn describe() -> &'static TypeDescription;

    /// Writes the Body's element and the header blocks.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write_output(
        &self,
        output: &'static OutputDescription,
        style: Style,
        writer: &mut Writer,
    ) -> Result<(), WriteError>;

    /// Reads the Body's element, whose start tag has just been passed, and the header blocks.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn read_output(
        output: &'static OutputDescription,
        style: Style,
        envelope: &mut Envelope<'_>,
    ) -> Result<Self, ReadError>;

    /// The value of a one-way call.
    fn nothing() -> Option<Self>;

    /// The header blocks, for the WSDL.
    fn headers() -> &'static [HeaderDescription] {
        &[]
    }

    /// True if the value reads the header block of that name.
    fn understands(namespace: &str, local: &str) -> bool {
        let _ = (namespace, local);
        false
    }
}

#[diagnostic::do_not_recommend]
impl<T> Output for T
where
    T: WriteField + DescribeField + Send + for<'x> ReadField<'x>,
{
    const EMPTY: bool = T::EMPTY;
    const OCCURS: Occurs = T::OCCURS;

    fn describe() -> &'static TypeDescription {
        T::describe()
    }

    fn write_output(
        &self,
        output: &'static OutputDescription,
        style: Style,
        writer: &mut Writer,
    ) -> Result<(), WriteError> {
        let Some(element) = &output.element else {
            return Ok(());
        };
        let prefix = writer.prefix(element.name.namespace);
        if style == Style::Bare {
            return self.write(writer, prefix, element.tag);
        }
        writer.open(prefix, element.tag);
        if let Some(result) = &output.result {
            let prefix = writer.prefix(result.namespace);
            self.write(writer, prefix, &result.tag)?;
        }
        writer.close(prefix, element.tag);
        Ok(())
    }

    fn read_output(
        output: &'static OutputDescription,
        style: Style,
        envelope: &mut Envelope<'_>,
    ) -> Result<Self, ReadError> {
        let body = envelope.body();
        let reader = envelope.reader();
        let mut slot = None;
        let (Some(element), Some((namespace, local))) = (&output.element, body) else {
            return match (&output.element, T::absent()) {
                (None, Some(value)) => Ok(value),
                _ => Err(reader.error(ReadErrorKind::Envelope("the Body of the answer is empty"))),
            };
        };
        if local != element.name.local || !reader.is(namespace, element.name.namespace) {
            return Err(reader.unexpected());
        }
        if style == Style::Bare {
            T::read(&mut slot, element.name.local, reader)?;
            return T::finish(slot, element.name.local, reader);
        }
        let Some(result) = &output.result else {
            reader.skip()?;
            return T::finish(slot, element.name.local, reader);
        };
        while let Some((namespace, local)) = reader.next()? {
            if local == result.name && reader.is(namespace, result.namespace) {
                T::read(&mut slot, result.name, reader)?;
            } else {
                reader.skip()?;
            }
        }
        T::finish(slot, result.name, reader)
    }

    fn nothing() -> Option<Self> {
        T::absent()
    }
}

/// A result together with a header block of the answer.
///
/// `H` is an element of its own (`T`), which must then be there, an `Option` of one or a `Vec` of them.
///
/// # Example
/// ```
/// use soap_core::WithHeader;
/// # #[derive(Debug)] struct Quota(u32);
/// fn look_up() -> WithHeader<String, Quota> {
///     WithHeader::new("found".to_owned(), Quota(17))
/// }
/// assert_eq!(look_up().header.0, 17);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithHeader<T, H> {
    /// The result.
    pub value: T,
    /// The header block.
    pub header: H,
}

impl<T, H> WithHeader<T, H> {
    /// `value` in the Body and `header` in the Header.
    pub fn new(value: T, header: H) -> Self {
        Self { value, header }
    }
}

/// The header block stands beside the Body's element.
impl<T: RootElement, H> RootElement for WithHeader<T, H> {
    const NAMESPACE: &'static Namespace = T::NAMESPACE;
    const NAME: &'static str = T::NAME;
    const TAG: &'static Tag = T::TAG;
}

impl<T: Output, H: HeaderField + Send> Output for WithHeader<T, H> {
    const EMPTY: bool = T::EMPTY;
    const OCCURS: Occurs = T::OCCURS;

    fn describe() -> &'static TypeDescription {
        T::describe()
    }

    fn write_output(
        &self,
        output: &'static OutputDescription,
        style: Style,
        writer: &mut Writer,
    ) -> Result<(), WriteError> {
        writer.header(|writer| self.header.write(writer))?;
        self.value.write_output(output, style, writer)
    }

    fn read_output(
        output: &'static OutputDescription,
        style: Style,
        envelope: &mut Envelope<'_>,
    ) -> Result<Self, ReadError> {
        let header = envelope.header_field(&[])?;
        let value = T::read_output(output, style, envelope)?;
        Ok(Self { value, header })
    }

    fn nothing() -> Option<Self> {
        None
    }

    fn headers() -> &'static [HeaderDescription] {
        const { &[H::DESCRIPTION] }
    }

    fn understands(namespace: &str, local: &str) -> bool {
        (H::NAME.local == local && H::NAME.namespace.uri() == namespace)
            || T::understands(namespace, local)
    }
}

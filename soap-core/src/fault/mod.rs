//! Faults: what a service answers in place of a result, in the shapes of SOAP 1.1 (section 4.4) and 1.2 (part 1, section 5.4).

mod code;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::{borrow::Cow, fmt};

use crate::{
    FaultOrigin,
    addressing::Edition,
    describe::FaultDescription,
    types::QName,
    xml::{Element, NamespaceId, ReadError, ReadErrorKind, Reader, WriteError, Writer},
};

pub use code::FaultCode;
pub(crate) use read::{is_fault, read};
pub(crate) use write::write;

/// A fault as it lies in a Body, whichever version of SOAP carries it.
///
/// # Example
/// ```
/// use soap_core::{Fault, FaultCode, types::QName};
/// let fault = Fault::sender("no such account").with_subcode(QName::new("urn:bank", "NoAccount"));
/// assert_eq!(fault.code(), FaultCode::Sender);
/// assert_eq!(fault.to_string(), "Sender: no such account");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault(Box<Inner>);

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    code: FaultCode,
    subcodes: Vec<QName>,
    reason: String,
    language: String,
    node: Option<String>,
    role: Option<String>,
    detail: Vec<Element>,
    not_understood: Vec<QName>,
    /// It says what was wrong with the Body (rule F-2).
    about_body: bool,
    /// It is one of WS-Addressing's own.
    about_addressing: Option<Edition>,
    origin: FaultOrigin,
}

impl Fault {
    /// A fault of `code`, with a reason in English.
    pub fn new(code: FaultCode, reason: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            subcodes: Vec::new(),
            reason: reason.into(),
            language: "en".to_owned(),
            node: None,
            role: None,
            detail: Vec::new(),
            not_understood: Vec::new(),
            about_body: false,
            about_addressing: None,
            origin: FaultOrigin::Refused,
        }))
    }

    /// The caller is to blame (`Client` in SOAP 1.1): sending the same again will not help.
    pub fn sender(reason: impl Into<String>) -> Self {
        Self::new(FaultCode::Sender, reason)
    }

    /// The server is to blame (`Server` in SOAP 1.1): sending the same again may help.
    pub fn receiver(reason: impl Into<String>) -> Self {
        Self::new(FaultCode::Receiver, reason)
    }

    /// Adds a code of the application below those that are there.
    #[must_use]
    pub fn with_subcode(mut self, code: QName) -> Self {
        self.0.subcodes.push(code);
        self
    }

    /// The language of the reason, as `xml:lang` has it.
    #[must_use]
    pub fn with_language(mut self, language: impl Into<String>) -> Self {
        self.0.language = language.into();
        self
    }

    /// URI of the node that found the fault (SOAP 1.1: `faultactor`).
    #[must_use]
    pub fn with_node(mut self, uri: impl Into<String>) -> Self {
        self.0.node = Some(uri.into());
        self
    }

    /// URI of the role the node acted in. SOAP 1.1 does not carry it.
    #[must_use]
    pub fn with_role(mut self, uri: impl Into<String>) -> Self {
        self.0.role = Some(uri.into());
        self
    }

    /// Adds an element to the detail.
    #[must_use]
    pub fn with_detail(mut self, element: Element) -> Self {
        self.0.detail.push(element);
        self
    }

    /// Says which header blocks were not understood.
    pub(crate) fn with_not_understood(mut self, names: Vec<QName>) -> Self {
        self.0.not_understood = names;
        self
    }

    /// Says that it is about what stands in the Body.
    pub(crate) fn about_body(mut self) -> Self {
        self.0.about_body = true;
        self
    }

    /// Says that it is one of those that WS-Addressing defines.
    pub(crate) fn about_addressing(mut self, edition: Edition) -> Self {
        self.0.about_addressing = Some(edition);
        self
    }

    /// The edition of WS-Addressing that defines it, if one does.
    pub(crate) fn of_addressing(&self) -> Option<Edition> {
        self.0.about_addressing
    }

    pub(crate) fn with_origin(mut self, origin: FaultOrigin) -> Self {
        self.0.origin = origin;
        self
    }

    pub(crate) fn origin(&self) -> FaultOrigin {
        self.0.origin
    }

    /// Who is to blame.
    pub fn code(&self) -> FaultCode {
        self.0.code
    }

    /// Codes of the application, the most general first. SOAP 1.1 carries the last one, in place of the code.
    pub fn subcodes(&self) -> &[QName] {
        &self.0.subcodes
    }

    /// What happened, for people.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Language of the reason; empty if the peer did not say.
    pub fn language(&self) -> &str {
        &self.0.language
    }

    /// URI of the node that found the fault (SOAP 1.1: `faultactor`).
    pub fn node(&self) -> Option<&str> {
        self.0.node.as_deref()
    }

    /// URI of the role the node acted in (SOAP 1.2 only).
    pub fn role(&self) -> Option<&str> {
        self.0.role.as_deref()
    }

    /// What the application says about it, for programs.
    pub fn detail(&self) -> &[Element] {
        &self.0.detail
    }

    /// Header blocks the faulting node did not understand (SOAP 1.2 part 1, 5.4.8).
    pub fn not_understood(&self) -> &[QName] {
        &self.0.not_understood
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.reason)
    }
}

impl std::error::Error for Fault {}

/// A request that could not be read is the sender's fault. The text names what is wrong and where, nothing internal.
impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        let code = match error.kind() {
            ReadErrorKind::VersionMismatch => FaultCode::VersionMismatch,
            ReadErrorKind::EncodingStyle => FaultCode::DataEncodingUnknown,
            _ => FaultCode::Sender,
        };
        let origin = if error.kind().is_lost() {
            FaultOrigin::Unreadable
        } else {
            FaultOrigin::Refused
        };
        Self::new(code, error.to_string()).with_origin(origin)
    }
}

/// An answer that could not be written is the server's fault.
impl From<WriteError> for Fault {
    fn from(error: WriteError) -> Self {
        Self::receiver(format!("the answer could not be written: {error}"))
            .with_origin(FaultOrigin::Application)
    }
}

/// The typed faults of an operation. Derive it on an enum.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the fault of an operation",
    note = "add `#[derive(SoapFault)]` to `{Self}`, or use `soapstone::Fault`"
)]
pub trait SoapFault: Sized + Send {
    /// The fault without its typed detail.
    fn fault(&self) -> Cow<'_, Fault>;

    /// Name of the typed fault in the WSDL, by which its action is found; none of a fault that is not typed.
    fn name(&self) -> Option<&'static str> {
        None
    }

    /// Writes the typed detail's element. False if this fault has none.
    ///
    /// # Errors
    /// Fails on what XML cannot hold.
    fn write_detail(&self, writer: &mut Writer) -> Result<bool, WriteError>;

    /// Reads the typed detail if the element of `name`, whose start tag has just been passed, is one of these faults.
    ///
    /// # Errors
    /// Says what is wrong and where.
    fn read_detail<'x>(
        name: (NamespaceId, &'x str),
        reader: &mut Reader<'x>,
    ) -> Result<Option<Self>, ReadError>;

    /// The fault whose detail none of these faults has.
    fn other(fault: Fault) -> Self;

    /// The typed faults, for the WSDL.
    fn describe() -> &'static [FaultDescription];
}

impl SoapFault for Fault {
    fn fault(&self) -> Cow<'_, Fault> {
        Cow::Borrowed(self)
    }

    fn write_detail(&self, _: &mut Writer) -> Result<bool, WriteError> {
        Ok(false)
    }

    fn read_detail<'x>(
        _: (NamespaceId, &'x str),
        _: &mut Reader<'x>,
    ) -> Result<Option<Self>, ReadError> {
        Ok(None)
    }

    fn other(fault: Fault) -> Self {
        fault
    }

    fn describe() -> &'static [FaultDescription] {
        &[]
    }
}

//! What all calls of a client have in common: the transport, the version, limits and default header blocks.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Addressing, AddressingOptions, Answer, Limits, SoapVersion,
    addressing::{Edition, EndpointReference},
    describe::{Operation, Style},
    envelope::{Outgoing, WriteHeader},
    transport::Transport,
    xml::{Prefix, WriteError, Writer},
};

use super::Call;

/// A way to one service, shared by all calls to it. A clone is cheap.
#[derive(Clone)]
pub struct Channel {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) version: SoapVersion,
    pub(super) limits: Limits,
    pub(super) timeout: Option<Duration>,
    headers: Vec<Arc<dyn WriteHeader + Send + Sync>>,
    understood: Vec<(String, String)>,
    /// URL of the service.
    to: Option<Arc<str>>,
    pub(super) addressing: Addressing,
    pub(super) edition: Edition,
    pub(super) target: Option<Arc<EndpointReference>>,
}

impl Channel {
    /// Calls through `transport`, in SOAP 1.1.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            transport,
            version: SoapVersion::default(),
            limits: Limits::client(),
            timeout: None,
            headers: Vec::new(),
            understood: Vec::new(),
            to: None,
            addressing: Addressing::Off,
            edition: Edition::default(),
            target: None,
        }
    }

    /// The version requests are written in. SOAP 1.1 by default.
    #[must_use]
    pub fn version(self, version: SoapVersion) -> Self {
        Self { version, ..self }
    }

    /// Bounds on answers. [`Limits::client`] by default.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Bound on every call as a whole. By default that of the transport: 90 s on HTTP.
    #[must_use]
    pub fn timeout(self, whole_call: Duration) -> Self {
        Self {
            timeout: Some(whole_call),
            ..self
        }
    }

    /// The URL of the service: what WS-Addressing has in `To`, and header blocks get as [`Outgoing::to`]. None by default.
    #[must_use]
    pub fn to(self, url: impl Into<String>) -> Self {
        Self {
            to: Some(url.into().into()),
            ..self
        }
    }

    /// How calls use WS-Addressing: of `options` the mode and the edition count. Off by default, and where no mode is given:
    /// nothing is written then, and nothing of it understood.
    ///
    /// Otherwise a call carries `Action`, a new `MessageID`, `To`, and `ReplyTo` if it waits for an answer; an answer that relates
    /// to another message is an error.
    #[must_use]
    pub fn addressing(self, options: AddressingOptions) -> Self {
        Self {
            addressing: options.mode.unwrap_or(Addressing::Off),
            edition: options.edition,
            ..self
        }
    }

    /// The endpoint that calls are for, where it is more than a URL: its address stands in `To`, and its reference parameters
    /// come as header blocks. Messages go over the same transport all the same. Where WS-Addressing is off, calls use it then as
    /// if it were [`Addressing::Optional`].
    #[must_use]
    pub fn target(self, endpoint: EndpointReference) -> Self {
        Self {
            target: Some(Arc::new(endpoint)),
            ..self
        }
    }

    /// Puts a header block into every call.
    #[must_use]
    pub fn header(mut self, block: impl WriteHeader + Send + Sync + 'static) -> Self {
        self.headers.push(Arc::new(block));
        self
    }

    /// Header blocks of this name in an answer are understood though no operation declares them, so an answer that says they
    /// must be is taken; [`Meta::header`](super::Meta::header) reads them.
    #[must_use]
    pub fn understands(mut self, namespace: impl Into<String>, local: impl Into<String>) -> Self {
        self.understood.push((namespace.into(), local.into()));
        self
    }

    pub(super) fn is_understood(&self, namespace: &str, local: &str) -> bool {
        self.understood
            .iter()
            .any(|(uri, name)| uri == namespace && name == local)
    }

    /// Starts a call: writes what `arguments` writes, inside the Body's element if the operation is wrapped. Generated code calls it.
    pub fn call<A: Answer>(
        &self,
        operation: &'static Operation,
        arguments: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
    ) -> Call<'_, A> {
        Call::new(self, operation, self.write(operation, arguments))
    }

    pub(super) fn outgoing(&self, operation: &'static Operation) -> Outgoing<'_> {
        Outgoing {
            version: self.version,
            action: operation.action,
            to: self.to.as_deref(),
        }
    }

    fn write(
        &self,
        operation: &'static Operation,
        arguments: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
    ) -> Result<Writer, WriteError> {
        let mut writer = Writer::new();
        let call = self.outgoing(operation);
        for block in &self.headers {
            writer.header(|writer| block.write_header(&call, writer))?;
        }
        match (&operation.input, operation.style) {
            (Some(element), Style::Wrapped) => {
                let prefix: Prefix = writer.prefix(element.name.namespace);
                writer.open(prefix, element.tag);
                arguments(&mut writer)?;
                writer.close(prefix, element.tag);
            }
            _ => arguments(&mut writer)?,
        }
        Ok(writer)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport,
            version,
            limits,
            timeout,
            headers,
            understood,
            to,
            addressing,
            edition,
            target,
        } = self;
        f.debug_struct("Channel")
            .field("transport", transport)
            .field("version", version)
            .field("limits", limits)
            .field("timeout", timeout)
            .field("headers", &headers.len())
            .field("understood", understood)
            .field("to", to)
            .field("addressing", addressing)
            .field("edition", edition)
            .field("target", target)
            .finish()
    }
}

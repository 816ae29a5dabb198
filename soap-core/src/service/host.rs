//! From a message to the operation it asks for, and back.

use std::{collections::HashMap, fmt, sync::Arc};

use crate::{
    Fault, FaultCode, FaultOrigin, Limits, Message, SoapVersion,
    describe::{self, Operation},
    envelope::{Envelope, Refused},
    fault,
    transport::{BoxFuture, Dispatch, Outcome, Port},
    types::QName,
    xml::{self, ReadError, ReadErrorKind, WriteError, Writer},
};

use super::{Incoming, Reply, Service, panic::CatchPanic};

/// Serves one [`Service`]: reads envelopes, enforces `mustUnderstand`, finds the operation, writes answers and faults.
///
/// A server makes one of a service by itself; make it by hand to add roles or header blocks that are understood.
pub struct Host {
    service: Box<dyn Service>,
    /// By the Body's element: usually one, else told apart by their actions.
    operations: HashMap<(&'static str, &'static str), Vec<usize>>,
    without_body: Vec<usize>,
    roles: Vec<String>,
    understood: Vec<(String, String)>,
    limits: Limits,
    sender_faults_are_400: bool,
}

impl Host {
    /// Serves `service` with the default limits of a server.
    ///
    /// Of two operations with the same element in the Body and the same action, which `#[service]` refuses, the first is
    /// served, and the other is logged as an error.
    pub fn new(service: impl Service) -> Self {
        let description = service.description();
        let mut operations = HashMap::new();
        let mut without_body = Vec::new();
        for (index, operation) in description.operations.iter().enumerate() {
            let candidates: &mut Vec<usize> = match &operation.input {
                Some(input) => operations
                    .entry((input.name.namespace.uri(), input.name.local))
                    .or_default(),
                None => &mut without_body,
            };
            let same = |other: &&usize| {
                (description.operations.get(**other))
                    .is_some_and(|other| other.action == operation.action)
            };
            if candidates.iter().find(same).is_some() {
                let name = operation.name;
                tracing::error!(operation = name, "never called: another has its element");
                continue;
            }
            candidates.push(index);
        }
        Self {
            operations,
            without_body,
            service: Box::new(service),
            roles: Vec::new(),
            understood: Vec::new(),
            limits: Limits::server(),
            sender_faults_are_400: false,
        }
    }

    /// Acts also in the role (SOAP 1.1: `actor`) of this URI: header blocks for it are for this node.
    #[must_use]
    pub fn role(mut self, uri: impl Into<String>) -> Self {
        self.roles.push(uri.into());
        self
    }

    /// Header blocks of this name are understood though no operation declares them; a handler finds them in its
    /// [`Context`](super::Context).
    #[must_use]
    pub fn understands(mut self, namespace: impl Into<String>, local: impl Into<String>) -> Self {
        self.understood.push((namespace.into(), local.into()));
        self
    }

    /// Bounds on what is read.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Answers `Sender` faults of SOAP 1.2 with HTTP status 400, as its binding says (part 2, table 20). Off by default: WCF, Mono
    /// and others take such an answer for no SOAP message.
    #[must_use]
    pub fn sender_faults_as_400(self) -> Self {
        Self {
            sender_faults_are_400: true,
            ..self
        }
    }

    async fn answer(&self, request: &Message) -> Outcome {
        let text = match xml::decode(&request.envelope, request.charset.as_deref(), &self.limits) {
            Ok(text) => text,
            Err(error) => return self.fault(&error.into(), assumed_version(request)),
        };
        let mut envelope = match Envelope::read(&text, &self.limits) {
            Ok(envelope) => envelope,
            Err(Refused { version, error }) => {
                return self.fault(
                    &unaddressed(error.into()),
                    version.unwrap_or_else(|| assumed_version(request)),
                );
            }
        };
        let version = envelope.version();
        if request
            .version
            .is_some_and(|announced| announced != version)
        {
            return Outcome::VersionMismatchesMediaType;
        }
        let found = self.find(request, &mut envelope);
        let caller = Caller::of(&mut envelope, found.as_ref().ok());
        match self.run(request, envelope, found).await {
            Ok(reply) => self.outcome(reply, version),
            Err(fault) => self.fault(&self.to_caller(fault, caller, &text), version),
        }
    }

    async fn run<'x>(
        &'x self,
        request: &'x Message,
        envelope: Envelope<'x>,
        found: Result<(usize, &'static Operation), Fault>,
    ) -> Result<Reply, Fault> {
        let operation = found.as_ref().ok().map(|(_, operation)| *operation);
        let not_understood = envelope.not_understood(&self.roles, |namespace, local| {
            self.is_understood(operation, namespace, local)
        });
        if !not_understood.is_empty() {
            return Err(mandatory(not_understood));
        }
        let (index, operation) = found?;
        self.check_action(request, operation)?;
        tracing::Span::current().record("operation", operation.name);
        let call = Incoming::new(request, envelope, operation, &self.roles, &self.limits);
        let work = CatchPanic::of(|| self.service.invoke(index, call));
        work.await.unwrap_or_else(|_| Err(internal_error()))
    }

    /// Dispatch is by the Body's element; by the action where operations share one (rule H-2).
    fn find(
        &self,
        request: &Message,
        envelope: &mut Envelope<'_>,
    ) -> Result<(usize, &'static Operation), Fault> {
        let known = self.service.description();
        let Some((namespace, local)) = envelope.body() else {
            return match self.without_body.as_slice() {
                [] => Err(envelope
                    .reader()
                    .error(ReadErrorKind::Envelope("the Body is empty"))
                    .into()),
                candidates => self.by_action(request, candidates),
            };
        };
        let uri = envelope.reader().uri(namespace);
        match self.operations.get(&(uri, local)) {
            Some(candidates) => self.by_action(request, candidates),
            None => Err(Fault::sender(format!(
                "service {} has no operation for element {local:?} of namespace {:?}",
                known.name,
                shortened(uri)
            ))),
        }
    }

    /// The one of `candidates`, or the one of them whose action the request has.
    fn by_action(
        &self,
        request: &Message,
        candidates: &[usize],
    ) -> Result<(usize, &'static Operation), Fault> {
        let operations = &self.service.description().operations;
        let candidates = candidates
            .iter()
            .filter_map(|index| Some((*index, operations.get(*index)?)));
        if let (Some(only), None) = (candidates.clone().next(), candidates.clone().nth(1)) {
            return Ok(only);
        }
        let asked = request.action.as_deref().unwrap_or_default();
        let wanted = |(_, operation): &(usize, &Operation)| operation.action == asked;
        if let Some(found) = candidates.clone().find(wanted) {
            return Ok(found);
        }
        let names: Vec<_> = candidates.map(|(_, operation)| operation.name).collect();
        Err(Fault::sender(format!(
            "{} have the same element in the Body: the action says which is meant, and this is that of none of them",
            names.join(" and ")
        )))
    }

    fn is_understood(&self, operation: Option<&Operation>, namespace: &str, local: &str) -> bool {
        let declared = operation.is_some_and(|operation| {
            operation.input_headers.iter().any(|header| {
                header.name.local == local && header.name.namespace.uri() == namespace
            })
        });
        declared
            || self
                .understood
                .iter()
                .any(|(uri, name)| uri == namespace && name == local)
    }

    /// An action is wrong only if it is the declared one of another operation (rule H-2).
    fn check_action(&self, request: &Message, operation: &Operation) -> Result<(), Fault> {
        let Some(action) = request
            .action
            .as_deref()
            .filter(|action| !action.is_empty() && *action != operation.action)
        else {
            return Ok(());
        };
        let of_another = self
            .service
            .description()
            .operations
            .iter()
            .find(|other| other.action == action);
        of_another.map_or(Ok(()), |other| {
            Err(Fault::sender(format!(
                "the action is that of {}, but the Body asks for {}",
                other.name, operation.name
            )))
        })
    }

    fn outcome(&self, reply: Reply, version: SoapVersion) -> Outcome {
        match reply {
            Reply::Answer { draft, fault } => {
                let mut message = Message::new(draft.envelope(version)).version(version);
                message.status = fault.map(|code| self.fault_status(code, version));
                message.fault = fault.map(|_| FaultOrigin::Application);
                Outcome::Reply(message)
            }
            Reply::Accepted(work) => Outcome::Accepted(Box::pin(async move {
                let _ = CatchPanic(Some(work)).await;
            })),
        }
    }

    fn fault(&self, fault: &Fault, version: SoapVersion) -> Outcome {
        let mut message = fault_message(fault, version);
        message.status = Some(self.fault_status(fault.code(), version));
        Outcome::Reply(message)
    }

    /// Says of a fault who gets it. A request may have been refused before all of it was read: where the rest is not well-formed,
    /// a stream cannot go on behind it.
    fn to_caller(&self, fault: Fault, caller: Caller, text: &str) -> Fault {
        match (caller, fault.origin()) {
            (Caller::Faulty, _) => fault.with_origin(FaultOrigin::ToFault),
            (_, FaultOrigin::Unreadable) => fault,
            (Caller::Unknown, _) => unaddressed(fault),
            (_, FaultOrigin::Refused) if !is_readable(text, &self.limits) => {
                fault.with_origin(FaultOrigin::Unreadable)
            }
            (Caller::OneWay, _) => fault.with_origin(FaultOrigin::OneWay),
            (Caller::Waiting, _) => fault,
        }
    }

    fn fault_status(&self, code: FaultCode, version: SoapVersion) -> u16 {
        match (version, code) {
            (SoapVersion::Soap12, FaultCode::Sender) if self.sender_faults_are_400 => 400,
            _ => 500,
        }
    }
}

impl Dispatch for Host {
    fn dispatch(self: Arc<Self>, request: Message) -> BoxFuture<'static, Outcome> {
        Box::pin(async move { self.answer(&request).await })
    }

    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        Some(describe::wsdl(self.service.description(), port))
    }

    fn refuse(&self, request: &Message, fault: &Fault) -> Message {
        let text = xml::decode(&request.envelope, request.charset.as_deref(), &self.limits);
        let read = |text| Some((text, Envelope::open(text, &self.limits).ok()?));
        let Some((text, mut envelope)) = text.as_deref().ok().and_then(read) else {
            let fault = unaddressed(fault.clone());
            return fault_message(&fault, assumed_version(request));
        };
        let found = self.find(request, &mut envelope).ok();
        let caller = Caller::of(&mut envelope, found.as_ref());
        let fault = self.to_caller(fault.clone(), caller, text);
        fault_message(&fault, envelope.version())
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("service", &self.service.description().name)
            .finish_non_exhaustive()
    }
}

/// Rule M-5. SOAP 1.1 has no other place than the reason to name a block.
fn mandatory(not_understood: Vec<QName>) -> Fault {
    let first = not_understood.first().map(|name| {
        let namespace: String = name.namespace().chars().take(200).collect();
        format!("header block {{{namespace}}}{} ", name.local())
    });
    let reason = format!("mandatory {}was not understood", first.unwrap_or_default());
    Fault::new(FaultCode::MustUnderstand, reason).with_not_understood(not_understood)
}

/// The version of an answer to what cannot be read: by the media type, else SOAP 1.1.
fn assumed_version(request: &Message) -> SoapVersion {
    request.version.unwrap_or_default()
}

/// Who sent a request, as far as it decides whether he gets a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// Asks for no operation there is.
    Unknown,
    /// Sends a fault.
    Faulty,
    /// Waits for no answer.
    OneWay,
    Waiting,
}

impl Caller {
    fn of(envelope: &mut Envelope<'_>, found: Option<&(usize, &Operation)>) -> Self {
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
}

/// True if `text` is one well-formed envelope to its end, beyond the Body's element too.
fn is_readable(text: &str, limits: &Limits) -> bool {
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
fn unaddressed(fault: Fault) -> Fault {
    match fault.origin() {
        FaultOrigin::Refused => fault.with_origin(FaultOrigin::UnknownOperation),
        _ => fault,
    }
}

/// What went wrong is no business of the peer.
fn internal_error() -> Fault {
    Fault::receiver("internal error").with_origin(FaultOrigin::Application)
}

/// As much of a foreign URI as a fault repeats.
fn shortened(uri: &str) -> &str {
    const LONGEST: usize = 200;
    uri.char_indices()
        .nth(LONGEST)
        .and_then(|(end, _)| uri.get(..end))
        .unwrap_or(uri)
}

/// A fault as a whole message. One that cannot be written (its text holds what XML cannot) is replaced by one that can.
fn fault_message(fault: &Fault, version: SoapVersion) -> Message {
    let write = |fault: &Fault| {
        let mut writer = Writer::new();
        fault::write(fault, version, &mut writer)?;
        Ok::<_, WriteError>(writer.envelope(version))
    };
    let plain = || {
        write(&Fault::new(
            fault.code(),
            "the reason cannot be written in XML",
        ))
    };
    let envelope = write(fault).or_else(|_| plain()).unwrap_or_default();
    let mut message = Message::new(envelope).version(version);
    message.status = Some(500);
    message.fault = Some(fault.origin());
    message
}

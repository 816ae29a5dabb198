//! From a message to the operation it asks for, and back.

mod caller;
mod find;
mod index;
mod reply;

use std::{fmt, sync::Arc};

use crate::{
    AddressingOptions, Fault, Limits, Message, SoapVersion,
    addressing::{Addressed, AnswerKind, Edition, Way},
    describe::{self, Operation},
    envelope::{Envelope, Refused},
    transport::{BoxFuture, Dispatch, Outcome, Port},
    xml,
};

use self::{
    caller::{Caller, is_readable, unaddressed},
    find::Found,
    index::Index,
    reply::{Asked, fault_message, internal_error},
};
use super::{Incoming, Reply, Service, panic::CatchPanic};

/// How a server uses WS-Addressing unless told otherwise.
static DEFAULTS: AddressingOptions = AddressingOptions {
    mode: None,
    edition: Edition::V200508,
    answers_to: Vec::new(),
    check_to: Vec::new(),
};

/// Serves one [`Service`]: reads envelopes, enforces `mustUnderstand`, finds the operation, writes answers and faults.
///
/// A request with WS-Addressing is judged and answered by [`Message::addressing`]: by default it is taken where it comes, and answers
/// only go back the way the request came.
///
/// A server makes one of a service by itself; make it by hand to add roles or header blocks that are understood.
pub struct Host {
    service: Box<dyn Service>,
    operations: Index,
    roles: Vec<String>,
    understood: Vec<(String, String)>,
    limits: Limits,
    sender_faults_are_400: bool,
}

impl Host {
    /// Serves `service` with the default limits of a server.
    ///
    /// # Panics
    /// Panics if two operations have the same element in the Body of a request and the same action, or one the action that the
    /// other has by default with WS-Addressing: no request could tell which of them it is for. `#[service]` refuses what it can see
    /// of that; only here it is known which elements types have.
    pub fn new(service: impl Service) -> Self {
        let operations = Index::new(service.description());
        Self {
            operations: operations.unwrap_or_else(|ambiguous| panic!("{ambiguous}")),
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

    /// Answers a request. What needs no waiting is done apart, so that this holds little while it waits.
    async fn answer(self: &Arc<Self>, request: &Message) -> Outcome {
        let text = match xml::decode(&request.envelope, request.charset.as_deref(), &self.limits) {
            Ok(text) => text,
            Err(error) => {
                return self.fault(&error.into(), &Asked::of(assumed_version(request)));
            }
        };
        match self.begin(request, &text) {
            Begun::Ended(outcome) => outcome,
            Begun::Later(found, addressed) => {
                Arc::clone(self).later(request.clone(), found, addressed)
            }
            Begun::Running(running) => {
                let Running {
                    work,
                    version,
                    operation,
                    addressed,
                    caller,
                } = running;
                let asked = Asked {
                    version,
                    operation: Some(operation),
                    addressed: addressed.as_deref(),
                };
                match work.await.unwrap_or_else(|_| Err(internal_error())) {
                    Ok(reply) => self.reply(reply, &asked),
                    Err(fault) => {
                        let fault = caller.about(fault, &text, &self.limits);
                        self.deliver(&fault, &asked, || is_readable(&text, &self.limits))
                    }
                }
            }
        }
    }

    /// Reads and judges the request whose envelope is `text`, and begins its operation if all is well.
    fn begin<'x>(&'x self, request: &'x Message, text: &'x str) -> Begun<'x> {
        let mut envelope = match Envelope::read(text, &self.limits) {
            Ok(envelope) => envelope,
            Err(Refused { version, error }) => {
                let version = version.unwrap_or_else(|| assumed_version(request));
                return Begun::Ended(self.fault(&unaddressed(error.into()), &Asked::of(version)));
            }
        };
        let version = envelope.version();
        if request
            .version
            .is_some_and(|announced| announced != version)
        {
            return Begun::Ended(Outcome::VersionMismatchesMediaType);
        }
        let options = request.addressing.as_deref().unwrap_or(&DEFAULTS);
        let addressed = match Addressed::of(&envelope, &self.roles, options) {
            Ok(addressed) => addressed,
            Err(error) => {
                return Begun::Ended(self.fault(&error.into(), &Asked::of(version)));
            }
        };
        let found = self.find(request, addressed.as_ref(), &mut envelope);
        let caller = Caller::of(&mut envelope, found.as_ref().ok());
        let addressed = addressed.map(|addressed| match caller {
            Caller::OneWay => Arc::new(addressed.one_way(options)),
            _ => Arc::new(addressed),
        });
        let asked = Asked {
            version,
            operation: found.as_ref().ok().map(|(_, operation)| *operation),
            addressed: addressed.as_deref(),
        };
        let found = match self.judge(request, &envelope, asked.addressed, found) {
            Ok(found) => found,
            Err(fault) => {
                let fault = caller.about(fault, text, &self.limits);
                let outcome = self.deliver(&fault, &asked, || is_readable(text, &self.limits));
                return Begun::Ended(outcome);
            }
        };
        if let Some(addressed) = &addressed
            && caller == Caller::Waiting
            && [AnswerKind::Value, AnswerKind::Fault]
                .iter()
                .all(|answers| addressed.way(*answers) != Way::Back)
            && is_readable(text, &self.limits)
        {
            return Begun::Later(found, Arc::clone(addressed));
        }
        Begun::Running(Running {
            work: self.run(request, envelope, found, addressed.as_deref()),
            version,
            operation: found.1,
            addressed,
            caller,
        })
    }

    fn run<'x>(
        &'x self,
        request: &'x Message,
        envelope: Envelope<'x>,
        (index, operation): Found,
        addressed: Option<&Addressed>,
    ) -> CatchPanic<'x, Result<Reply, Fault>> {
        tracing::Span::current().record("operation", operation.name);
        let addressing = addressed.map(|addressed| Arc::clone(&addressed.properties));
        let call = Incoming {
            message: request,
            envelope,
            operation,
            roles: &self.roles,
            limits: &self.limits,
            addressing,
        };
        CatchPanic::of(|| self.service.invoke(index, call))
    }

    /// Runs an operation whose caller waits for nothing: neither the answer nor a fault goes back to him.
    fn later(
        self: Arc<Self>,
        request: Message,
        found: Found,
        addressed: Arc<Addressed>,
    ) -> Outcome {
        let sends = [AnswerKind::Value, AnswerKind::Fault]
            .iter()
            .any(|answers| addressed.way(*answers) == Way::Elsewhere);
        let work = async move {
            let text = xml::decode(&request.envelope, request.charset.as_deref(), &self.limits);
            let text = text.ok()?;
            let envelope = Envelope::read(&text, &self.limits).ok()?;
            let asked = Asked {
                version: envelope.version(),
                operation: Some(found.1),
                addressed: Some(&addressed),
            };
            let work = self.run(&request, envelope, found, Some(&addressed));
            let result = work.await.unwrap_or_else(|_| Err(internal_error()));
            let outcome = match result {
                Ok(reply) => self.reply(reply, &asked),
                Err(fault) => self.deliver(&fault, &asked, || true),
            };
            match outcome {
                Outcome::Elsewhere(message) => message.await,
                Outcome::Reply(_) => {
                    let operation = found.1.name;
                    tracing::warn!(operation, "a fault is lost: its request has been accepted");
                    None
                }
                _ => None,
            }
        };
        if sends {
            return Outcome::Elsewhere(Box::pin(work));
        }
        Outcome::Accepted(Box::pin(async move {
            work.await;
        }))
    }
}

/// How far a request comes without waiting.
enum Begun<'x> {
    Ended(Outcome),
    /// Neither the answer nor a fault goes back.
    Later(Found, Arc<Addressed>),
    Running(Running<'x>),
}

/// An operation that runs, and what its answer depends on.
struct Running<'x> {
    work: CatchPanic<'x, Result<Reply, Fault>>,
    version: SoapVersion,
    operation: &'static Operation,
    addressed: Option<Arc<Addressed>>,
    caller: Caller,
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
            return fault_message(&fault, assumed_version(request), None);
        };
        let options = request.addressing.as_deref().unwrap_or(&DEFAULTS);
        let addressed = Addressed::of(&envelope, &self.roles, options);
        let addressed = addressed.unwrap_or_default();
        let found = self.find(request, addressed.as_ref(), &mut envelope).ok();
        let caller = Caller::of(&mut envelope, found.as_ref());
        let fault = caller.about(fault.clone(), text, &self.limits);
        let asked = Asked {
            version: envelope.version(),
            operation: None,
            addressed: addressed.as_ref(),
        };
        fault_message(
            &fault,
            asked.version,
            self.said_of(&fault, &asked, Way::Back).as_ref(),
        )
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("service", &self.service.description().name)
            .finish_non_exhaustive()
    }
}

/// The version of an answer to what cannot be read: by the media type, else SOAP 1.1.
fn assumed_version(request: &Message) -> SoapVersion {
    request.version.unwrap_or_default()
}

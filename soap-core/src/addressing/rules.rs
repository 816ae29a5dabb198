//! What a server does with the WS-Addressing of a request: whether it is as it must be, and where what comes of it goes.

use std::sync::Arc;

use crate::{Addressing, AddressingOptions, envelope::Envelope, xml::ReadError};

use super::{
    Broken, Edition, EndpointReference, MessageAddressing, Received, RelatesTo, allow::allows,
    new_message_id, read, shortened,
};

/// The WS-Addressing of a request, and where its answer or fault goes.
#[derive(Debug)]
pub(crate) struct Addressed {
    pub(crate) properties: Arc<MessageAddressing>,
    broken: Option<Broken>,
    replies: Route,
    faults: Route,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Route {
    way: Way,
    endpoint: Endpoint,
}

/// How a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the request came.
    Back,
    /// It is dropped, as its request wants.
    Nobody,
    /// It is dropped: its request wants it where nothing is sent.
    Nowhere,
    /// As a message of its own.
    Elsewhere,
}

/// Which endpoint of the request a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Anonymous,
    ReplyTo,
    FaultTo,
    From,
}

const BACK: Route = Route {
    way: Way::Back,
    endpoint: Endpoint::Anonymous,
};

const NOWHERE: Route = Route {
    way: Way::Nowhere,
    endpoint: Endpoint::Anonymous,
};

/// What a message answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    Value,
    Fault,
}

impl Addressed {
    /// What `envelope` says; `None` if it says nothing, or nobody wants to know.
    ///
    /// # Errors
    /// Fails if what stands between the header blocks cannot be read.
    pub(crate) fn of(
        envelope: &Envelope<'_>,
        roles: &[String],
        options: &AddressingOptions,
    ) -> Result<Option<Self>, ReadError> {
        if options.mode == Some(Addressing::Off) {
            return Ok(None);
        }
        let Some(Received { properties, broken }) = read(envelope, roles, options.edition)? else {
            return Ok(None);
        };
        let routes = match broken {
            None => routes(&properties, &options.answers_to),
            // Rule A-2: by what is broken no answer is sent.
            Some(broken) => (Err(broken), Ok(BACK)),
        };
        let (replies, faults, broken) = match routes {
            (Ok(replies), Ok(faults)) => (replies, faults, None),
            (Err(broken), _) | (_, Err(broken)) => (BACK, BACK, Some(broken)),
        };
        Ok(Some(Self {
            properties: Arc::new(properties),
            broken,
            replies,
            faults,
        }))
    }

    /// The same of a request that has no answer: it is no matter then where that would go, and a fault that is wanted where
    /// nothing is sent is dropped (rule A-6).
    pub(crate) fn one_way(self, options: &AddressingOptions) -> Self {
        if !matches!(self.broken, Some(Broken::OnlyAnonymous { .. })) {
            return self;
        }
        let (_, faults) = routes(&self.properties, &options.answers_to);
        Self {
            broken: None,
            faults: faults.unwrap_or(NOWHERE),
            ..self
        }
    }

    pub(crate) fn edition(&self) -> Edition {
        self.properties.edition
    }

    /// Checks all that does not need the operation. `action` is that of the transport; `is_answered` says whether the operation has
    /// an answer.
    ///
    /// # Errors
    /// Fails with the rule that is broken.
    pub(crate) fn check(
        &self,
        options: &AddressingOptions,
        action: Option<&str>,
        is_answered: bool,
    ) -> Result<(), Broken> {
        if let Some(broken) = &self.broken {
            if let Broken::OnlyAnonymous { header, address } = broken {
                tracing::info!(
                    header,
                    address = shortened(address),
                    "a request wants answers where AddressingOptions::answers_to does not allow them"
                );
            }
            return Err(broken.clone());
        }
        if let Some(missing) = self.missing(options.mode, is_answered) {
            return Err(Broken::Required(missing));
        }
        let asked = &*self.properties;
        if let Some(to) = &asked.to
            && !options.check_to.is_empty()
            && !EndpointReference::new(to.as_str()).is_anonymous()
            && !options.check_to.contains(to)
        {
            return Err(Broken::Unreachable(to.clone()));
        }
        let said = asked.action.as_deref().unwrap_or_default();
        match action.filter(|action| !action.is_empty() && *action != said) {
            None => Ok(()),
            Some(action) => Err(Broken::ActionMismatch {
                action: said.to_owned(),
                soap_action: action.to_owned(),
            }),
        }
    }

    /// Rule A-3: a header block that is required and not there. In the optional mode a request of 1.0 gets its answer without
    /// `MessageID` too.
    fn missing(&self, mode: Option<Addressing>, is_answered: bool) -> Option<&'static str> {
        let asked = &*self.properties;
        let is_strict = mode == Some(Addressing::Required);
        let is_old = asked.edition == Edition::V200408;
        let names_endpoint = asked.reply_to.is_some() || asked.fault_to.is_some();
        let needs_id = (is_strict && is_answered) || (is_old && names_endpoint);
        if needs_id && asked.message_id.is_none() {
            Some("MessageID")
        } else if is_old && is_strict && asked.to.is_none() {
            Some("To")
        } else if is_old && is_strict && is_answered && asked.reply_to.is_none() {
            Some("ReplyTo")
        } else {
            None
        }
    }

    /// How an answer or a fault goes.
    pub(crate) fn way(&self, answers: AnswerKind) -> Way {
        self.route(answers).way
    }

    fn route(&self, answers: AnswerKind) -> Route {
        match answers {
            AnswerKind::Value => self.replies,
            AnswerKind::Fault => self.faults,
        }
    }

    /// The address of an answer or a fault that goes elsewhere.
    pub(crate) fn address(&self, answers: AnswerKind) -> Option<&str> {
        let route = self.route(answers);
        let endpoint = self.endpoint(route.endpoint)?;
        (route.way == Way::Elsewhere).then_some(&*endpoint.address)
    }

    /// The properties of an answer or a fault (rule A-5). One that goes back though it was wanted elsewhere has no reference
    /// parameters: they are for whoever is there.
    pub(crate) fn answer(
        &self,
        answers: AnswerKind,
        way: Way,
        action: String,
    ) -> MessageAddressing {
        let asked = &*self.properties;
        let route = self.route(answers);
        let endpoint = self.endpoint(route.endpoint).filter(|_| route.way == way);
        let mut answer = MessageAddressing::new()
            .edition(asked.edition)
            .action(action)
            .message_id(new_message_id());
        answer.to = Some(match endpoint {
            Some(endpoint) => endpoint.address.clone(),
            None => asked.edition.anonymous().to_owned(),
        });
        if let Some(endpoint) = endpoint {
            answer.reference_parameters = endpoint.reference_parameters.clone();
        }
        if let Some(id) = &asked.message_id {
            answer.relates_to.push(RelatesTo::reply(id.as_str()));
        }
        answer
    }

    fn endpoint(&self, which: Endpoint) -> Option<&EndpointReference> {
        match which {
            Endpoint::Anonymous => None,
            Endpoint::ReplyTo => self.properties.reply_to.as_ref(),
            Endpoint::FaultTo => self.properties.fault_to.as_ref(),
            Endpoint::From => self.properties.from.as_ref(),
        }
    }
}

/// Where an answer and a fault go (rules ), or that one is wanted at an address that is not `allowed`.
fn routes(
    asked: &MessageAddressing,
    allowed: &[String],
) -> (Result<Route, Broken>, Result<Route, Broken>) {
    let way = |endpoint: &EndpointReference| {
        if endpoint.is_anonymous() {
            Some(Way::Back)
        } else if endpoint.is_none() {
            Some(Way::Nobody)
        } else {
            allows(allowed, &endpoint.address).then_some(Way::Elsewhere)
        }
    };
    let route = |endpoint: &EndpointReference, which, name| match way(endpoint) {
        Some(way) => Ok(Route {
            way,
            endpoint: which,
        }),
        None => Err(Broken::OnlyAnonymous {
            header: name,
            address: endpoint.address.clone(),
        }),
    };
    let reply_to = asked.reply_to.as_ref();
    let replies = reply_to.map(|endpoint| route(endpoint, Endpoint::ReplyTo, "ReplyTo"));
    let from = asked.from.as_ref();
    let from = from.filter(|_| asked.edition == Edition::V200408);
    let faults = match &asked.fault_to {
        Some(endpoint) => Some(route(endpoint, Endpoint::FaultTo, "FaultTo")),
        None => replies.clone().or_else(|| {
            // Who sends a message says where he is, not that he wants anything there: no reason to refuse it.
            from.and_then(way).map(|way| {
                Ok(Route {
                    way,
                    endpoint: Endpoint::From,
                })
            })
        }),
    };
    (replies.unwrap_or(Ok(BACK)), faults.unwrap_or(Ok(BACK)))
}

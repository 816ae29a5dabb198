//! How one binding uses WS-Addressing, told to the services behind it.

use std::sync::Arc;

use soap_core::{
    Addressing, AddressingOptions, Fault, Message,
    transport::{BoxFuture, Dispatch, Mounts, Outcome, Port},
};

/// A service as one binding offers it. Bindings share their services, but not how they use WS-Addressing: every request has it
/// with it, and the WSDL that a binding shows tells of its own.
#[derive(Debug)]
pub(crate) struct Addressed {
    service: Arc<dyn Dispatch>,
    options: Arc<AddressingOptions>,
}

impl Addressed {
    /// `service` behind a binding with these options.
    pub(crate) fn before(
        service: Arc<dyn Dispatch>,
        options: &Arc<AddressingOptions>,
    ) -> Arc<dyn Dispatch> {
        let options = Arc::clone(options);
        Arc::new(Self { service, options })
    }

    /// The same of all that are mounted.
    pub(super) fn mounts(mounts: &Mounts, options: &Arc<AddressingOptions>) -> Mounts {
        let before = |(path, service): &(String, Arc<dyn Dispatch>)| {
            (path.clone(), Self::before(Arc::clone(service), options))
        };
        Mounts::new(mounts.iter().map(before))
    }
}

impl Dispatch for Addressed {
    fn dispatch(self: Arc<Self>, mut request: Message) -> BoxFuture<'static, Outcome> {
        request.addressing = Some(Arc::clone(&self.options));
        Arc::clone(&self.service).dispatch(request)
    }

    fn wsdl(&self, port: &Port<'_>) -> Option<String> {
        let mut port = *port;
        port.addressing = self.options.mode.unwrap_or(Addressing::Optional);
        self.service.wsdl(&port)
    }

    fn refuse(&self, request: &Message, fault: &Fault) -> Message {
        if request.addressing.is_some() {
            return self.service.refuse(request, fault);
        }
        let mut request = request.clone();
        request.addressing = Some(Arc::clone(&self.options));
        self.service.refuse(&request, fault)
    }
}

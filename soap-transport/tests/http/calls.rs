//! Our client and our server together.

use soap_core::{
    Message, SoapVersion,
    transport::{Request, Transport, TransportError},
};
use soap_transport::Endpoint;

use crate::fake::{Fake, PATIENCE, serve};

pub(crate) async fn call(
    transport: &dyn Transport,
    request: Request,
) -> Result<Option<Message>, TransportError> {
    transport.exchange(request).next().await.transpose()
}

fn message(envelope: &'static str) -> Message {
    Message::new(envelope)
        .version(SoapVersion::Soap12)
        .action("urn:a")
}

#[tokio::test]
async fn a_call_and_its_answer() {
    let fake = Fake::echo();
    let running = serve(&fake).await;
    let transport = Endpoint::new(&running.urls()[0]).transport().await.unwrap();
    for _ in 0..3 {
        let answer = call(&*transport, Request::new(message("<a/>")))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(answer.envelope, "<a/>");
        assert_eq!(answer.status, Some(200));
        assert_eq!(answer.version, Some(SoapVersion::Soap11));
        assert_eq!(answer.charset.as_deref(), Some("utf-8"));
    }
    let seen = fake.seen.lock().unwrap().clone();
    let addresses: Vec<_> = seen
        .iter()
        .map(|seen| seen.peer.clone().unwrap().address)
        .collect();
    assert_eq!(addresses, vec![addresses[0]; 3], "one connection");
    assert_eq!(seen[0].version, Some(SoapVersion::Soap12));
    assert_eq!(seen[0].action.as_deref(), Some("urn:a"));
    running.stop(PATIENCE).await.unwrap();
}

//! Calls that nobody answers.

use soapstone::{
    SoapVersion,
    transport::{Expect, Message, Request, Transport},
};

use crate::harness::{Harness, in_time};

pub(crate) async fn a_one_way_call_does_not_wait_and_is_executed_once(at: Harness) {
    let mut served = at.serve().await;
    let client = at.client(&served.url).await;
    for number in 0..3 {
        // The handler does not end before it is released.
        in_time(client.notify(number)).await.expect("taken");
        assert_eq!(served.probe.begun().await, number);
        assert_eq!(client.add(1, 2).await.expect("a sum"), 3);
    }
    served.probe.release(3);
    let mut ended = Vec::new();
    for _ in 0..3 {
        ended.push(served.probe.ended().await);
    }
    ended.sort_unstable();
    assert_eq!(ended, [0, 1, 2]);
    assert_eq!(served.probe.executions(), 6);
}

/// Sends `body` as a one-way message. Whether anything is said to it, the transport decides; this may be after it was sent.
async fn send(transport: &dyn Transport, body: &str) {
    let envelope = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>{body}</e:Body></e:Envelope>"
    );
    let message = Message::new(envelope).version(SoapVersion::Soap11);
    let mut request = Request::new(message);
    request.expect = Expect::Nothing;
    if let Some(Ok(answer)) = in_time(transport.exchange(request).next()).await {
        let text = String::from_utf8_lossy(&answer.envelope).into_owned();
        assert!(text.contains("Fault"), "{text}");
    }
}

pub(crate) async fn a_one_way_call_that_is_refused_reaches_no_later_call(at: Harness) {
    let served = at.serve().await;
    let transport = at.endpoint(&served.url).transport().await;
    let transport = transport.expect("a way to the server");
    let client = at.client(&served.url).await;
    let same = crate::service::PromisesClient::new(soapstone::Channel::new(transport.clone()));
    let refused = [
        "<Notify xmlns='http://example.org/promises'><number>none</number></Notify>",
        "<Unknown xmlns='http://example.org/promises'/>",
        "<Notify xmlns='http://example.org/promises'>",
        "<e:Fault><faultcode>e:Server</faultcode><faultstring>no</faultstring></e:Fault>",
    ];
    let mut sums = 0;
    for body in refused {
        send(&*transport, body).await;
        for number in 0..3 {
            assert_eq!(same.add(number, 1).await.expect("a sum"), number + 1);
            assert_eq!(client.add(number, 2).await.expect("a sum"), number + 2);
            sums += 2;
        }
    }
    assert_eq!(served.probe.executions(), sums);
}

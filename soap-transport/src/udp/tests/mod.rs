//! The client, and the client with the server, on a network in process.

mod client;
mod lossy;
mod network;
mod server;

use std::{future::poll_fn, net::SocketAddr, sync::Arc, time::Duration};

use soap_core::{
    Message, Options, SocketOptions,
    addressing::new_message_id,
    transport::{Expect, Replies, Request, Scheme, Transport},
};
use tokio::time::Instant;

use super::{
    Udp, UdpOptions,
    net::{Multicast, Network, Opening, Received},
};
use network::{Datagram, Simulated, Weather};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// An envelope with the header blocks of WS-Addressing given.
fn envelope(headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let blocks = headers
        .iter()
        .map(|(name, value)| format!("<a:{name}>{value}</a:{name}>"));
    let blocks: String = blocks.collect();
    format!(
        "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://www.w3.org/2005/08/addressing'>\
         <e:Header>{blocks}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
    .into_bytes()
}

/// A request with WS-Addressing.
fn request(body: &str, expect: Expect) -> Request {
    let id = new_message_id();
    let headers = [("Action", "urn:q"), ("MessageID", &id), ("To", "urn:to")];
    let mut message = Message::new(envelope(&headers, body));
    message.message_id = Some(id.into());
    let mut request = Request::new(message);
    request.expect = expect;
    request
}

/// A request without.
fn plain_request(expect: Expect) -> Request {
    let mut request = Request::new(Message::new(envelope(&[], "<q/>")));
    request.expect = expect;
    request
}

/// The `MessageID` of an envelope that [`envelope`] made.
fn id_of(envelope: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(envelope).unwrap();
    let (_, rest) = text.split_once("<a:MessageID>")?;
    rest.split_once('<').map(|(id, _)| id.to_owned())
}

/// An answer to `request`, with a `MessageID` of its own.
fn answer_to(request: &[u8], body: &str) -> Vec<u8> {
    let id = id_of(request).unwrap_or_default();
    envelope(
        &[("RelatesTo", &id), ("MessageID", &new_message_id())],
        body,
    )
}

async fn connect(network: &Simulated, url: &str, options: &Options) -> Arc<dyn Transport> {
    let scheme = Udp::over(Arc::new(network.clone()));
    scheme.connect(url, options).await.unwrap()
}

async fn all(mut replies: Replies<'_>) -> Vec<Message> {
    let mut answers = Vec::new();
    while let Some(answer) = replies.next().await {
        answers.push(answer.unwrap());
    }
    answers
}

/// A socket that answers what comes to it as `answer` says: with datagrams, each from an address, or from that of the socket.
fn peer(
    network: &Simulated,
    local: &str,
    groups: &[&str],
    mut answer: impl FnMut(&[u8]) -> Vec<(Option<SocketAddr>, Vec<u8>)> + Send + 'static,
) -> SocketAddr {
    let groups: Vec<_> = groups
        .iter()
        .map(|group| (group.parse().unwrap(), vec![0]))
        .collect();
    let socket = network
        .open(&Opening {
            local: address(local),
            socket: &SocketOptions::new(),
            only_v6: true,
            is_shared: !groups.is_empty(),
            groups: &groups,
            multicast: Multicast {
                hops: 1,
                is_looped: true,
            },
        })
        .unwrap();
    let own = socket.local().unwrap();
    let network = network.clone();
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        loop {
            let received = poll_fn(|cx| socket.poll_receive(cx, &mut buffer)).await;
            let Received { length, source, .. } = received.unwrap();
            for (from, bytes) in answer(&buffer[..length]) {
                network.send(from.unwrap_or(own), source, &bytes, None);
            }
        }
    });
    own
}

/// When what was sent to `to` was sent, in milliseconds from `start`.
fn times(network: &Simulated, start: Instant, to: SocketAddr) -> Vec<u64> {
    let sent = network.sent().into_iter();
    let sent = sent.filter(|datagram| datagram.to == to);
    sent.map(|Datagram { at, .. }| u64::try_from((at - start).as_millis()).unwrap())
        .collect()
}

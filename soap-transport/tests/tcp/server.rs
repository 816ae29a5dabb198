//! What our server answers, and when it goes on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use soap_core::{
    CloseFirst, FaultOrigin, Linger, Message, Options,
    transport::{Dispatch, Outcome},
};
use soap_transport::{Endpoint, Server, tcp::Framer};
use tokio::sync::Notify;

use crate::fake::{
    Fake, PATIENCE, Raw, authority, call, fault, ms, one_way, refused, reply, request, serve,
    serve_with, until,
};

#[tokio::test]
async fn both_habits_are_served_on_one_port() {
    for bound in ["soap.tcp", "tcp"] {
        let fake = Fake::echo();
        let server = Server::new(fake.dispatch_as()).bind(format!("{bound}://127.0.0.1:0"));
        let running = server.start().await.unwrap();
        assert!(running.urls()[0].starts_with(&format!("{bound}://127.0.0.1:")));
        for spoken in ["soap.tcp", "tcp"] {
            let url = format!("{spoken}://{}", authority(&running));
            let transport = Endpoint::new(url).transport().await.unwrap();
            for text in ["<a/>", "<b>1</b>"] {
                assert_eq!(call(&*transport, request(text)).await.unwrap(), text);
            }
            assert_eq!(call(&*transport, one_way("<c/>")).await.unwrap(), "");
        }
        until(|| fake.count() == 6).await;
        let peers: Vec<_> = {
            let seen = fake.seen.lock().unwrap();
            seen.iter().map(|seen| seen.peer.clone().unwrap()).collect()
        };
        assert!(peers.iter().all(|peer| peer.scheme == bound));
        let ports: Vec<_> = peers
            .iter()
            .map(|peer| peer.address.unwrap().port())
            .collect();
        assert_eq!(ports[0], ports[1], "soap.tcp keeps its connection");
        let mut others = ports[1..].to_vec();
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), 5, "{ports:?}: tcp does not");
        running.stop(PATIENCE).await.unwrap();
    }
}

#[tokio::test]
async fn t_2_a_connection_is_kept_and_white_space_means_nothing() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    // gSOAP ends each envelope with CRLF.
    for message in ["<a/>", "<a>\r\n</a>", "<?xml version='1.0'?>\n<a/>"] {
        raw.send(message).await;
        raw.expect(message).await;
        raw.send("\r\n").await;
        assert!(raw.is_silent().await);
    }
    raw.send(" ".repeat(Framer::WHITE_SPACE - 2)).await;
    raw.echo("<b/>").await;
    raw.send(" ".repeat(Framer::WHITE_SPACE + 1)).await;
    let reason = "bytes of white space between messages exceed the limit of 65536";
    assert_eq!(raw.rest().await, refused(reason));
}

#[tokio::test]
async fn cl_6_a_request_is_answered_after_the_end_of_the_stream() {
    let (fake, release) = Fake::held();
    let running = serve(&fake).await;
    // FIN with the request, and FIN while it is executed.
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>").await;
    raw.end().await;
    until(|| fake.count() == 1).await;
    release.notify_one();
    assert_eq!(raw.rest().await, "<a/>");
    let mut raw = Raw::connect(&running).await;
    raw.send("<b/>").await;
    until(|| fake.count() == 2).await;
    raw.end().await;
    release.notify_one();
    assert_eq!(raw.rest().await, "<b/>");
}

#[tokio::test]
async fn all_requests_before_the_end_of_the_stream_are_answered() {
    let running = serve(&Fake::echo()).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>\r\n<b/> <c/>\r\n").await;
    raw.end().await;
    assert_eq!(raw.rest().await, "<a/><b/><c/>");
    // Nothing at all, and nothing but what may stand before a message.
    for nothing in ["", "\r\n", "<!-- x -->", "<!-- x"] {
        let mut raw = Raw::connect(&running).await;
        raw.send(nothing).await;
        raw.end().await;
        let rest = raw.rest().await;
        assert_eq!(rest.is_empty(), nothing != "<!-- x", "{nothing:?}: {rest}");
    }
}

#[tokio::test]
async fn t_2_a_message_ends_with_the_stream_at_the_latest() {
    let fake = Fake::new(|message| async move {
        let text = String::from_utf8(message.envelope.to_vec()).unwrap();
        match text.as_str() {
            "<ok/>" => reply(text),
            _ => fault(FaultOrigin::Unreadable),
        }
    });
    let running = serve(&fake).await;
    for cut in ["<", "<a", "<a>", "<a><b/>", "<a b='", "<a></a", "<?xml"] {
        let mut raw = Raw::connect(&running).await;
        raw.send(format!("<ok/>{cut}")).await;
        raw.end().await;
        assert_eq!(raw.rest().await, "<ok/><fault/>", "{cut}");
        assert_eq!(fake.texts().last().unwrap(), cut);
    }
    let mut raw = Raw::connect(&running).await;
    raw.send(b"<ok/>\xEF\xBB").await;
    raw.end().await;
    assert!(raw.rest().await.starts_with("<ok/><fault>byte 0xEF"));
}

/// A service that answers as the element of the request says.
fn as_asked() -> Arc<Fake> {
    Fake::new(|message| async move {
        match &message.envelope[..] {
            b"<one-way/>" => Outcome::Accepted(Box::pin(async {})),
            b"<OneWay/>" => fault(FaultOrigin::OneWay),
            b"<ToFault/>" => fault(FaultOrigin::ToFault),
            b"<Refused/>" => fault(FaultOrigin::Refused),
            b"<Application/>" => fault(FaultOrigin::Application),
            b"<Unreadable/>" => fault(FaultOrigin::Unreadable),
            b"<UnknownOperation/>" => fault(FaultOrigin::UnknownOperation),
            b"<mismatch/>" => Outcome::VersionMismatchesMediaType,
            _ => reply(message.envelope),
        }
    })
}

#[tokio::test]
async fn a_one_way_message_gets_nothing_not_even_a_fault() {
    let running = serve(&as_asked()).await;
    let mut raw = Raw::connect(&running).await;
    for silent in ["<one-way/>", "<OneWay/>", "<ToFault/>"] {
        raw.send(format!("<a/>{silent}{silent}<b/>")).await;
        raw.expect("<a/><b/>").await;
        raw.send(silent).await;
        assert!(raw.is_silent().await, "{silent}");
        raw.echo("<c/>").await;
    }
}

#[tokio::test]
async fn a_fault_of_an_operation_keeps_the_connection() {
    let running = serve(&as_asked()).await;
    let mut raw = Raw::connect(&running).await;
    for kept in ["<Refused/>", "<Application/>"] {
        raw.send(kept).await;
        raw.expect("<fault/>").await;
        raw.echo("<a/>").await;
        raw.send(format!("<a/>{kept}<b/>")).await;
        raw.expect("<a/><fault/><b/>").await;
    }
}

#[tokio::test]
async fn a_fault_to_what_asks_for_no_operation_is_the_last_word() {
    let fake = as_asked();
    let running = serve(&fake).await;
    for last in ["<Unreadable/>", "<UnknownOperation/>"] {
        let before = fake.count();
        let mut raw = Raw::connect(&running).await;
        raw.send(format!("<a/>{last}<b/><c/>")).await;
        assert_eq!(raw.rest().await, "<a/><fault/>");
        drop(raw);
        Raw::connect(&running).await.echo("<d/>").await;
        assert_eq!(fake.count(), before + 3, "what came behind is not executed");
    }
    let mut raw = Raw::connect(&running).await;
    raw.send("<mismatch/><a/>").await;
    assert_eq!(raw.rest().await, "");
}

#[tokio::test]
async fn a_one_way_handler_does_not_hold_up_the_connection() {
    let release = Arc::new(Notify::new());
    let done = Arc::new(AtomicBool::new(false));
    let (wait, set) = (Arc::clone(&release), Arc::clone(&done));
    let fake = Fake::new(move |message| {
        let (wait, set) = (Arc::clone(&wait), Arc::clone(&set));
        async move {
            if message.envelope != "<work/>" {
                return reply(message.envelope);
            }
            Outcome::Accepted(Box::pin(async move {
                wait.notified().await;
                set.store(true, SeqCst);
            }))
        }
    });
    let running = serve(&fake).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<work/><a/>").await;
    raw.expect("<a/>").await;
    drop(raw);
    assert!(!done.load(SeqCst));
    release.notify_one();
    until(|| done.load(SeqCst)).await;
}

#[tokio::test]
async fn a_connection_has_its_share_of_requests() {
    let mut options = Options::server();
    options.capacity.requests_per_connection = Some(3);
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/><b/><c/><d/>").await;
    assert_eq!(raw.rest().await, "<a/><b/><c/>");
    let mut options = Options::server();
    options.socket.close_first = CloseFirst::Server;
    let running = serve_with(&Fake::echo(), options).await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>").await;
    assert_eq!(raw.rest().await, "<a/>");
}

#[tokio::test]
async fn an_abortive_close_is_a_reset() {
    let mut options = Options::server();
    options.socket.linger = Linger::Abort;
    options.timeouts.first_byte = ms(20);
    let running = serve_with(&Fake::echo(), options).await;
    assert!(Raw::connect(&running).await.is_reset().await);
}

#[tokio::test]
async fn a_handler_learns_of_a_peer_that_goes() {
    let (fake, release) = Fake::held();
    let running = serve(&fake).await;
    let gone = |index: usize| fake.seen.lock().unwrap()[index].peer.clone().unwrap().gone;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/>").await;
    until(|| fake.count() == 1).await;
    assert!(!gone(0).is_half_closed());
    raw.end().await;
    until(|| gone(0).is_half_closed()).await;
    assert!(!gone(0).is_set(), "it may still read");
    release.notify_one();
    assert_eq!(raw.rest().await, "<a/>");
    let mut raw = Raw::connect(&running).await;
    raw.send("<b/>").await;
    until(|| fake.count() == 2).await;
    raw.stream.set_zero_linger().unwrap();
    drop(raw);
    until(|| gone(1).is_set()).await;
    release.notify_one();
    running.stop(PATIENCE).await.unwrap();
}

#[derive(Debug)]
struct Panics;

impl Dispatch for Panics {
    fn dispatch(
        self: Arc<Self>,
        request: Message,
    ) -> soap_core::transport::BoxFuture<'static, Outcome> {
        Box::pin(async move {
            assert_ne!(request.envelope, "<panic/>", "as the test wants it");
            reply(request.envelope)
        })
    }

    fn refuse(&self, _: &Message, _: &soap_core::Fault) -> Message {
        Message::default()
    }
}

#[tokio::test]
async fn a_panic_in_a_connection_ends_it_alone() {
    let service: Arc<dyn Dispatch> = Arc::new(Panics);
    let server = Server::new(service).bind("soap.tcp://127.0.0.1:0");
    let running = server.start().await.unwrap();
    let mut other = Raw::connect(&running).await;
    other.echo("<a/>").await;
    let mut raw = Raw::connect(&running).await;
    raw.send("<a/><panic/>").await;
    raw.expect("<a/>").await;
    assert!(raw.is_over().await);
    other.echo("<a/>").await;
    running.stop(PATIENCE).await.unwrap();
}

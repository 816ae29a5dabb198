//! What a client writes and takes.

use std::sync::Arc;

use roxmltree::Document;
use soapstone::{
    CallError, Channel, SoapVersion,
    addressing::{
        Addressing, AddressingOptions, Edition, EndpointReference, MessageAddressing, RelatesTo,
    },
    transport::{Expect, Request},
    xml::{Element, ReadErrorKind},
};

use super::{
    BOTH, NEW, OLD, QueueClient, QueueFault, named,
    wire::{ALLOWED, Wire},
};

const URL: &str = "http://h/q";

struct Client {
    queue: QueueClient,
    wire: Wire,
}

fn client(
    version: SoapVersion,
    options: AddressingOptions,
    change: fn(String) -> Vec<String>,
) -> Client {
    over(change, |channel| {
        channel.version(version).to(URL).addressing(options)
    })
}

fn over(change: fn(String) -> Vec<String>, channel: impl FnOnce(Channel) -> Channel) -> Client {
    let wire = Wire {
        sent: Arc::default(),
        change,
    };
    let queue = QueueClient::new(channel(Channel::new(Arc::new(wire.clone()))));
    Client { queue, wire }
}

fn same(answer: String) -> Vec<String> {
    vec![answer]
}

impl Client {
    fn last(&self) -> Request {
        let sent = self.wire.sent.lock().expect("no panic");
        sent.last().expect("a request").clone()
    }

    fn text(&self) -> String {
        String::from_utf8(self.last().message.envelope.to_vec()).expect("UTF-8")
    }

    /// Names and texts of the header blocks of the last request, in the namespace given.
    fn blocks(&self, namespace: &str) -> Vec<(String, String)> {
        let text = self.text();
        let document = Document::parse(&text).expect("well-formed");
        let Some(header) = named(&document, "Header") else {
            return Vec::new();
        };
        let blocks = header
            .children()
            .filter(|block| block.tag_name().namespace() == Some(namespace));
        blocks
            .map(|block| {
                let mut texts = block.descendants().filter_map(|node| node.text());
                let text = texts.next_back().unwrap_or_default().to_owned();
                (block.tag_name().name().to_owned(), text)
            })
            .collect()
    }

    fn block(&self, name: &str) -> Option<String> {
        let blocks = self.blocks(NEW).into_iter().chain(self.blocks(OLD));
        let mut found = blocks.filter(|(local, _)| local == name);
        let (_, text) = found.next()?;
        assert_eq!(found.next(), None, "{name} stands twice");
        Some(text)
    }
}

fn optional() -> AddressingOptions {
    AddressingOptions::new(Addressing::Optional)
}

fn required() -> AddressingOptions {
    AddressingOptions::new(Addressing::Required)
}

#[tokio::test]
async fn a_call_carries_what_its_answer_needs() {
    for version in BOTH {
        for (edition, namespace) in Edition::ALL.into_iter().zip([NEW, OLD]) {
            let client = client(version, required().edition(edition), same);
            let mut ids = Vec::new();
            for _ in 0..2 {
                client.queue.get(7).await.expect("an answer");
                let id = client.block("MessageID").expect("an id");
                let expected = [
                    ("Action", "urn:q:Get"),
                    ("MessageID", &*id),
                    ("To", URL),
                    ("ReplyTo", edition.anonymous()),
                ];
                let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
                assert_eq!(client.blocks(namespace), expected);
                assert_eq!(client.last().message.message_id.as_deref(), Some(&*id));
                ids.push(id);
            }
            assert_ne!(ids[0], ids[1]);
            let text = client.text();
            let document = Document::parse(&text).expect("well-formed");
            for (name, mark) in [
                ("Action", Some("1")),
                ("To", Some("1")),
                ("MessageID", None),
            ] {
                let block = named(&document, name).expect(name);
                let soap = version.namespace().uri();
                assert_eq!(block.attribute((soap, "mustUnderstand")), mark);
            }
            client.queue.put(1).await.expect("sent");
            assert_eq!(
                (client.block("ReplyTo"), client.block("Action")),
                (None, Some("urn:q:Put".into()))
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_written_where_it_is_off() {
    for version in BOTH {
        for options in [
            AddressingOptions::default(),
            AddressingOptions::new(Addressing::Off),
        ] {
            let client = client(version, options, same);
            client.queue.get(7).await.expect("an answer");
            assert!(!client.text().contains("addressing"), "{}", client.text());
            assert!(client.last().message.message_id.is_none());
        }
    }
}

#[tokio::test]
async fn an_answer_to_another_request_is_an_error_that_names_both() {
    fn other(answer: String) -> Vec<String> {
        vec![replace(&answer, "RelatesTo", "urn:uuid:another")]
    }
    for version in BOTH {
        for edition in Edition::ALL {
            for key in [7, 0] {
                let client = client(version, optional().edition(edition), other);
                let asked = client.queue.get(key).await;
                let Err(CallError::Read(error)) = asked else {
                    panic!("{asked:?}")
                };
                let id = client.block("MessageID").expect("an id");
                let expected = ReadErrorKind::OtherAnswer {
                    asked: id,
                    found: "urn:uuid:another".into(),
                };
                assert_eq!(*error.kind(), expected);
            }
        }
    }
}

/// The answer with another text in the block `local`, or without the block if there is none.
fn replace(answer: &str, local: &str, text: &str) -> String {
    let (before, rest) = answer.split_once(&format!(":{local}>")).expect(local);
    let (_, after) = rest.split_once(&format!(":{local}>")).expect(local);
    let (before, prefix) = before.rsplit_once('<').expect("a tag");
    if text.is_empty() {
        return format!("{before}{after}");
    }
    format!("{before}<{prefix}:{local}>{text}</{prefix}:{local}>{after}")
}

#[tokio::test]
async fn where_it_is_required_an_answer_says_what_it_is_and_to_what() {
    fn unrelated(answer: String) -> Vec<String> {
        vec![replace(&answer, "RelatesTo", "")]
    }
    fn unspecified(answer: String) -> Vec<String> {
        vec![replace(&answer, "RelatesTo", &format!("{NEW}/unspecified"))]
    }
    fn meaningless(answer: String) -> Vec<String> {
        vec![replace(&answer, "Action", "")]
    }
    for version in BOTH {
        for (change, missing) in [
            (unrelated as fn(String) -> Vec<String>, "RelatesTo"),
            (unspecified, "RelatesTo"),
            (meaningless, "Action"),
        ] {
            let lenient = client(version, optional(), change);
            lenient.queue.get(7).await.expect("an answer");
            let strict = client(version, required(), change);
            let answer = strict.queue.get(7).await;
            let Err(CallError::Read(error)) = answer else {
                panic!("{answer:?}")
            };
            assert!(
                matches!(error.kind(), ReadErrorKind::NotAddressed { what, .. } if *what == missing),
                "{error}"
            );
            // Who could not read the request could not relate to it.
            let fault = strict.queue.get(0).await;
            assert!(matches!(fault, Err(CallError::Fault(_))), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn mandatory_blocks_of_an_answer_are_understood_where_it_is_on() {
    fn marked(answer: String) -> Vec<String> {
        vec![answer.replace("Action>urn", "Action S:mustUnderstand=\"1\">urn")]
    }
    for version in BOTH {
        let on = client(version, optional(), marked);
        on.queue.get(7).await.expect("an answer");
        // The request of a call that has it on its own, and then the answer to one without.
        let off = client(version, AddressingOptions::default(), |answer| {
            vec![answer.replace(
                "<S:Body>",
                &format!("<S:Header><a:Action xmlns:a=\"{NEW}\" S:mustUnderstand=\"1\">urn:x</a:Action></S:Header><S:Body>"),
            )]
        });
        let answer = off.queue.get(7).await;
        assert!(matches!(answer, Err(CallError::Read(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn what_a_call_says_itself_wins() {
    let parameter = Element::new("urn:k", "Key").with_text("9");
    for version in BOTH {
        let client = client(version, optional(), same);
        let said = MessageAddressing::new()
            .message_id("urn:mine")
            .to("urn:there")
            .action("urn:q:Queue:GetRequest")
            .from(EndpointReference::new("urn:me"))
            .reply_to(
                EndpointReference::new(format!("{NEW}/anonymous"))
                    .with_parameter(parameter.clone()),
            )
            .fault_to(EndpointReference::new(format!("{NEW}/none")))
            .relates_to(RelatesTo::new("urn:before", "urn:kind"));
        let (meta, answer) = client.queue.get(7).addressing(said).with_meta().await;
        answer.expect("an answer");
        for (name, text) in [
            ("MessageID", "urn:mine"),
            ("To", "urn:there"),
            ("Action", "urn:q:Queue:GetRequest"),
            ("From", "urn:me"),
            ("RelatesTo", "urn:before"),
            ("FaultTo", &format!("{NEW}/none")),
        ] {
            assert_eq!(client.block(name).as_deref(), Some(text));
        }
        assert!(client.text().contains("RelationshipType=\"urn:kind\""));
        let sent = client.last().message;
        assert_eq!(sent.message_id.as_deref(), Some("urn:mine"));
        assert_eq!(sent.action.as_deref(), Some("urn:q:Queue:GetRequest"));
        let told = meta.addressing().expect("WS-Addressing");
        assert_eq!(told.answered().collect::<Vec<_>>(), ["urn:mine"]);
        assert_eq!(told.action.as_deref(), Some("urn:q:Queue:GetResponse"));
        assert_eq!(told.reference_parameters.len(), 1);
        assert_eq!(told.reference_parameters[0].text(), "9");
    }
}

#[tokio::test]
async fn one_call_can_use_it_where_the_others_do_not() {
    for version in BOTH {
        for (edition, namespace) in Edition::ALL.into_iter().zip([NEW, OLD]) {
            let client = client(version, AddressingOptions::default(), same);
            let said = MessageAddressing::new().edition(edition);
            client
                .queue
                .get(7)
                .addressing(said)
                .await
                .expect("an answer");
            assert_eq!(client.blocks(namespace).len(), 4);
            client.queue.get(7).await.expect("an answer");
            assert_eq!(client.blocks(namespace).len(), 0);
        }
    }
}

#[tokio::test]
async fn a_target_is_an_address_with_its_parameters() {
    for version in BOTH {
        for (edition, mark) in Edition::ALL.into_iter().zip([Some("true"), None]) {
            let key = Element::new("urn:k", "Key").with_text("9");
            let target = EndpointReference::new("urn:queue:9").with_parameter(key);
            let options = AddressingOptions::default().edition(edition);
            let client = over(same, |channel| {
                channel
                    .version(version)
                    .to(URL)
                    .addressing(options)
                    .target(target)
            });
            client.queue.get(7).await.expect("an answer");
            assert_eq!(client.block("To").as_deref(), Some("urn:queue:9"));
            let text = client.text();
            let document = Document::parse(&text).expect("well-formed");
            let key = named(&document, "Key").expect("the parameter");
            assert_eq!(key.attribute((NEW, "IsReferenceParameter")), mark);
        }
    }
}

#[tokio::test]
async fn an_answer_elsewhere_is_not_waited_for() {
    for version in BOTH {
        let client = client(version, AddressingOptions::default(), same);
        let there = EndpointReference::new(ALLOWED);
        let id = client.queue.get(7).answer_to(there).await.expect("sent");
        assert_eq!(client.block("MessageID"), Some(id));
        assert_eq!(client.block("ReplyTo").as_deref(), Some(ALLOWED));
        assert_eq!(client.last().expect, Expect::Nothing);
    }
}

#[tokio::test]
async fn a_refusal_to_answer_elsewhere_is_the_fault_of_the_call() {
    for version in BOTH {
        let client = client(version, AddressingOptions::default(), same);
        let there = EndpointReference::new("http://evil.example/");
        let refused = client.queue.get(7).answer_to(there).await;
        let Err(CallError::Fault(QueueFault::Other(fault))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(
            fault.reason(),
            "the header block ReplyTo of WS-Addressing names an address that this service does not send answers to"
        );
    }
}

#[tokio::test]
async fn an_answer_that_comes_back_though_it_was_to_go_elsewhere_is_an_error() {
    for version in BOTH {
        let client = client(version, AddressingOptions::default(), same);
        let here = EndpointReference::new(format!("{NEW}/anonymous"));
        let posted = client.queue.get(7).answer_to(here.clone()).await;
        assert!(matches!(posted, Err(CallError::Read(_))), "{posted:?}");
        // What has no answer has none anywhere.
        client.queue.put(7).answer_to(here).await.expect("sent");
    }
}

/// Says nothing of its operations' actions on HTTP.
#[soapstone::service(namespace = "urn:q", name = "Queue")]
trait Silent {
    #[soap(action = "")]
    async fn get(&self, key: i32) -> String;
    #[soap(action = "", one_way)]
    async fn put(&self, key: i32);
}

#[tokio::test]
async fn an_operation_without_an_action_is_called_by_its_default_one() {
    for version in BOTH {
        for edition in Edition::ALL {
            let Client { queue, wire } = over(same, |channel| channel);
            let channel = Channel::new(Arc::new(wire.clone())).version(version);
            let silent = SilentClient::new(channel.addressing(required().edition(edition)));
            let client = Client { queue, wire };
            silent.get(7).await.expect("an answer");
            assert_eq!(
                client.block("Action").as_deref(),
                Some("urn:q:Queue:GetRequest")
            );
            silent.put(7).await.expect("sent");
            assert_eq!(client.block("Action").as_deref(), Some("urn:q:Queue:Put"));
        }
    }
}

#[tokio::test]
async fn many_answers_each_tell_who_has_sent_them() {
    fn three(answer: String) -> Vec<String> {
        let foreign = replace(&answer, "RelatesTo", "urn:uuid:another");
        vec![answer.clone(), foreign, answer]
    }
    for version in BOTH {
        let client = client(version, required(), three);
        let mut answers = client.queue.get(7).answers().with_meta();
        let mut seen = Vec::new();
        let mut senders = Vec::new();
        while let Some((meta, answer)) = answers.next().await {
            let peer = meta.answer.as_ref().and_then(|answer| answer.peer.as_ref());
            senders.extend(
                peer.and_then(|peer| peer.address)
                    .map(|address| address.to_string()),
            );
            let related = meta.addressing().expect("WS-Addressing").relates_to;
            seen.push((answer.is_ok(), related[0].message_id == "urn:uuid:another"));
            assert_eq!(meta.request, Some(client.last().message.envelope));
        }
        assert_eq!(seen, [(true, false), (false, true), (true, false)]);
        assert_eq!(senders, ["127.0.0.0:9", "127.0.0.1:9", "127.0.0.2:9"]);
    }
}

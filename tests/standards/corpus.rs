//! Messages of real stacks, read as envelopes or refused, each for a reason.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use soapstone::{
    Fault, FaultCode, Limits,
    envelope::Envelope,
    xml::{self, ReadError},
};

use crate::harness::shared::shared;

/// Refused, because it cannot be read as an envelope at all: reason, name, what we say.
const REFUSED: [(Reason, &str, &str); 13] = [
    (
        Reason::NotWellFormed,
        "node-soap/GET_DATA__should_work_with_more_deeply_nested_XML_messages_and_without_security/request.xml",
        "not well-formed: a name is followed by a wrong character",
    ),
    (
        Reason::NotWellFormed,
        "node-soap/SetResource__should_correctly_set_element_if_complex-type_has_same_name/response.xml",
        "prefix \"ns\" is not declared",
    ),
    (
        Reason::NotWellFormed,
        "node-soap/addPets__force_namespaces/request.xml",
        "not well-formed: a name is followed by a wrong character",
    ),
    (
        // Its end tags are those of another message.
        Reason::NotWellFormed,
        "node-soap/fooOp__should_return_back_good_response_object/response.xml",
        "end tag of \"ns2:requestHeader\" where \"cus:responseHeader\" is open",
    ),
    (
        Reason::Mime,
        "node-soap/Dummy__ref_element_should_have_correct_namespace/response.xml",
        "not well-formed: there is text outside the root element",
    ),
    (
        Reason::Mime,
        "node-soap/Dummy__ref_element_should_have_correct_namespace_with_overrideElementKey/response.xml",
        "not well-formed: there is text outside the root element",
    ),
    (
        Reason::Mime,
        "node-soap/Dummy__should_extract_envelope_from_response/response.xml",
        "not well-formed: there is text outside the root element",
    ),
    (
        Reason::Mime,
        "node-soap/getAttachments__should_handle_MTOM_response/response.xml",
        "not well-formed: there is text outside the root element",
    ),
    (
        Reason::NoEnvelope,
        "node-soap/getAppointmentNumber__should_be_able_to_parse_response/response.xml",
        "the document is not a SOAP Envelope",
    ),
    (
        Reason::ProcessingInstruction,
        "envelopes/apache+ws-axiom/testing/axiom-testsuite/src/main/resources/badsoap/soap11/processing-instruction.xml",
        "a processing instruction is not allowed",
    ),
    (
        Reason::ProcessingInstruction,
        "envelopes/apache+ws-axiom/testing/axiom-testsuite/src/main/resources/badsoap/soap12/processing-instruction.xml",
        "a processing instruction is not allowed",
    ),
    (
        Reason::ProcessingInstruction,
        "soap12-testcollection/T26.request.xml",
        "a processing instruction is not allowed",
    ),
    (
        Reason::Dtd,
        "soap12-testcollection/T64.request.xml",
        "a document type declaration is not allowed",
    ),
];

/// Read as envelopes, but not to be acted upon: they were made to break a rule of SOAP, or do so by mistake. Rule, name, fault
/// code, what we say.
const AGAINST_A_RULE: [(&str, &str, FaultCode, &str); 13] = [
    (
        "S-1: no Body; it lies encrypted beside the Header",
        "envelopes/apache+cxf/rt/ws/security/src/test/resources/org/apache/cxf/ws/security/wss4j/encrypted_body_element.xml",
        FaultCode::Sender,
        "element \"EncryptedData\" is not expected here",
    ),
    (
        "S-1: the Header follows the Body",
        "envelopes/apache+ws-axiom/testing/axiom-testsuite/src/main/resources/badsoap/soap11/haederBodyWrongOrder.xml",
        FaultCode::Sender,
        "an element follows the Body",
    ),
    (
        "S-1: two Headers",
        "envelopes/apache+ws-axiom/testing/axiom-testsuite/src/main/resources/badsoap/soap11/twoheaders.xml",
        FaultCode::Sender,
        "element \"Header\" is not expected here",
    ),
    (
        "S-1: no Body, but text",
        "envelopes/savonrb+savon/spec/fixtures/response/no_body.xml",
        FaultCode::Sender,
        "text is not expected here",
    ),
    (
        "S-1: an element after the Body of SOAP 1.2",
        "soap12-testcollection/T70.request.xml",
        FaultCode::Sender,
        "an element follows the Body",
    ),
    (
        "S-6: text in place of header blocks",
        "node-soap/RequestHeaders__propogate_custom_header/request.xml",
        FaultCode::Sender,
        "text is not expected here",
    ),
    (
        "S-6: text in place of header blocks",
        "node-soap/ResponseHeaders__return_soap_headers/request.xml",
        FaultCode::Sender,
        "text is not expected here",
    ),
    (
        "M-2: mustUnderstand is \"someOtherValue\"",
        "envelopes/apache+ws-axiom/axiom-api/src/test/resources/soap/invalidMustUnderstandSOAP12.xml",
        FaultCode::Sender,
        "mustUnderstand is not a boolean",
    ),
    (
        "M-2: mustUnderstand is \"9\"",
        "soap12-testcollection/T39.request.xml",
        FaultCode::Sender,
        "mustUnderstand is not a boolean",
    ),
    (
        "S-8: encodingStyle on the Body",
        "soap12-testcollection/T28.request.xml",
        FaultCode::Sender,
        "encodingStyle is not allowed on this element",
    ),
    (
        "S-8: encodingStyle on the Envelope",
        "soap12-testcollection/T72.request.xml",
        FaultCode::Sender,
        "encodingStyle is not allowed on this element",
    ),
    (
        "S-8: an encodingStyle nobody knows",
        "soap12-testcollection/T80.request.xml",
        FaultCode::DataEncodingUnknown,
        "the encodingStyle is not known",
    ),
    (
        "V-1: an Envelope of another namespace",
        "soap12-testcollection/T24.request.xml",
        FaultCode::VersionMismatch,
        "the namespace of the Envelope is neither that of SOAP 1.1 nor of SOAP 1.2",
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    NotWellFormed,
    Mime,
    NoEnvelope,
    ProcessingInstruction,
    Dtd,
}

#[test]
fn every_message_is_read_or_refused_for_a_known_reason() {
    let Some(files) = messages() else { return };
    let mut refused = BTreeMap::new();
    for (name, file) in &files {
        let bytes = fs::read(file).expect("readable");
        if let Err(error) = open(&bytes) {
            refused.insert(name.as_str(), error);
        }
    }
    println!(
        "{} messages: {} read, {} refused",
        files.len(),
        files.len() - refused.len(),
        refused.len()
    );
    let mut counts = BTreeMap::new();
    for (reason, name, text) in REFUSED {
        println!("refused, {reason:?}: {name}");
        let error = refused
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is read, or not there"));
        assert!(error.to_string().starts_with(text), "{name}: {error}");
        assert!(!Fault::from(error).reason().is_empty(), "{name}");
        *counts.entry(reason).or_insert(0) += 1;
    }
    assert_eq!(
        counts.into_values().collect::<Vec<_>>(),
        [4, 4, 1, 3, 1],
        "8 not well-formed or MIME, 1 not an Envelope, 3 with PIs, 1 with a DTD"
    );
    assert!(
        refused.is_empty(),
        "refused for no known reason: {refused:#?}"
    );
    assert!(files.len() >= 545, "only {} messages", files.len());
}

#[test]
fn what_breaks_a_rule_of_soap_is_read_and_a_fault_for_a_receiver() {
    let Some(files) = messages() else { return };
    let mut broken = BTreeMap::new();
    for (name, file) in &files {
        let bytes = fs::read(file).expect("readable");
        if open(&bytes).is_err() {
            continue;
        }
        if let Err(error) = receive(&bytes) {
            broken.insert(name.as_str(), error);
        }
    }
    for (rule, name, code, text) in AGAINST_A_RULE {
        println!("{name}: {rule}");
        let error = broken
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is taken, refused, or not there: {rule}"));
        assert!(error.to_string().starts_with(text), "{name}: {error}");
        assert_eq!(Fault::from(error).code(), code, "{name}: {rule}");
    }
    assert!(
        broken.is_empty(),
        "breaks a rule that is not known: {broken:#?}"
    );
}

/// Reads all of an envelope, the elements of the Body as what they are.
fn open(bytes: &[u8]) -> Result<(), ReadError> {
    let limits = Limits::client();
    let text = xml::decode(bytes, None, &limits)?;
    let mut envelope = Envelope::open(&text, &limits)?;
    while envelope.body().is_some() {
        envelope.reader().skip()?;
        envelope.next_body()?;
    }
    envelope.close()
}

/// The same as a receiver reads it, who refuses what breaks a rule.
fn receive(bytes: &[u8]) -> Result<(), ReadError> {
    let limits = Limits::client();
    let text = xml::decode(bytes, None, &limits)?;
    let mut envelope = Envelope::read(&text, &limits)?;
    while envelope.body().is_some() {
        envelope.reader().skip()?;
        envelope.next_body()?;
    }
    envelope.finish()
}

/// Names and paths of all messages; `None` if the folder is missing.
fn messages() -> Option<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for folder in ["node-soap", "soap12-testcollection", "envelopes"] {
        let root = shared(&format!("corpus/messages/{folder}"))?;
        collect(&root, folder, &mut files);
    }
    files.sort();
    Some(files)
}

fn collect(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let file = path
            .file_name()
            .and_then(|file| file.to_str())
            .unwrap_or_default();
        let name = format!("{name}/{file}");
        if path.is_dir() {
            collect(&path, &name, files);
        } else if is_message(&name, file) {
            files.push((name, path));
        }
    }
}

/// True for a message, false for the WSDL, schema or notes beside it.
fn is_message(name: &str, file: &str) -> bool {
    if name.starts_with("node-soap") {
        return matches!(file, "request.xml" | "reqeust.xml" | "response.xml");
    }
    file != "README.txt"
        && [".xml", ".txt", ".bin"]
            .iter()
            .any(|end| file.ends_with(end))
}

//! Reading a Fault element, in whatever shape its version and the habits of peers give it.

use crate::{
    Fault, FaultCode, SoapFault, SoapVersion,
    types::QName,
    xml::{Element, NamespaceId, ReadError, Reader, XML},
};

/// Reads the fault whose start tag has just been passed, and its typed detail if it is one of `F`.
///
/// Children are taken by local name in any order: peers qualify them or not, and put the detail's children into the envelope's
/// namespace. A typed detail that cannot be read is kept as elements.
pub(crate) fn read<'x, F: SoapFault>(reader: &mut Reader<'x>) -> Result<F, ReadError> {
    let mut fault = Fault::new(FaultCode::Receiver, "");
    let mut typed = None;
    while let Some((namespace, local)) = reader.next()? {
        match local {
            "faultcode" => {
                let text = reader.text()?;
                set_code(&mut fault, qname(&text, reader));
            }
            "faultstring" => {
                if let Some(language) = reader.attribute_named(&XML, "lang") {
                    fault.0.language = language.into_owned();
                }
                fault.0.reason = reader.text()?.into_owned();
            }
            "Code" => read_code(&mut fault, reader)?,
            "Reason" => read_reason(&mut fault, reader)?,
            "faultactor" | "Node" => {
                fault.0.node = Some(reader.text()?.trim().to_owned()).filter(|uri| !uri.is_empty())
            }
            "Role" => {
                fault.0.role = Some(reader.text()?.trim().to_owned()).filter(|uri| !uri.is_empty())
            }
            "detail" | "Detail" => read_detail(namespace, &mut fault, &mut typed, reader)?,
            _ => reader.skip()?,
        }
    }
    Ok(typed.unwrap_or_else(|| F::other(fault)))
}

/// Subcodes that are kept: real faults have one or two.
const SUBCODES: usize = 16;

/// Entries of a detail that are tried as the typed fault. Each try copies the reader with all namespaces of the message.
const LOOKED_AT: usize = 16;

/// `envelope` is the namespace of the detail's own element: node soap puts what is in it there too, and declares the namespace
/// that is meant as the default.
fn read_detail<'x, F: SoapFault>(
    envelope: NamespaceId,
    fault: &mut Fault,
    typed: &mut Option<F>,
    reader: &mut Reader<'x>,
) -> Result<(), ReadError> {
    while let Some(name) = reader.next()? {
        if typed.is_some() {
            reader.skip()?; // the typed fault is given in place of the generic one
            continue;
        }
        if fault.0.detail.len() < LOOKED_AT {
            let mut ahead = reader.clone();
            if name.0 == envelope
                && let Some(meant) = reader.resolve("")
            {
                ahead.take_for(envelope, meant);
            }
            if let Ok(Some(found)) = F::read_detail(name, &mut ahead) {
                *typed = Some(found);
                reader.skip()?;
                continue;
            }
        }
        fault.0.detail.push(Element::read(name, reader)?);
    }
    Ok(())
}

/// SOAP 1.1: takes `name` for the code, if it is named as one. A name of another namespace than SOAP's is a code of the
/// application too (rule F-7); peers send SOAP's own in no namespace.
fn set_code(fault: &mut Fault, name: QName) {
    let versions = [SoapVersion::Soap11, SoapVersion::Soap12];
    let is_soap = name.namespace().is_empty()
        || versions
            .iter()
            .any(|version| name.namespace() == version.namespace().uri());
    let code = FaultCode::from_local_name(name.local());
    fault.0.code = code.unwrap_or(FaultCode::Sender);
    if code.is_none() || !is_soap {
        fault.0.subcodes = vec![name];
    }
}

fn read_code(fault: &mut Fault, reader: &mut Reader<'_>) -> Result<(), ReadError> {
    let mut depth = 1;
    let mut first = true;
    while depth > 0 {
        match reader.next()? {
            None => depth -= 1,
            Some((_, "Value")) => {
                let text = reader.text()?;
                let name = qname(&text, reader);
                match FaultCode::from_local_name(name.local()) {
                    Some(code) if first => fault.0.code = code,
                    _ if fault.0.subcodes.len() < SUBCODES => fault.0.subcodes.push(name),
                    _ => {}
                }
                first = false;
            }
            Some((_, "Subcode")) => depth += 1,
            Some(_) => reader.skip()?,
        }
    }
    Ok(())
}

/// SOAP 1.2: a text per language. English wins, else the first.
fn read_reason(fault: &mut Fault, reader: &mut Reader<'_>) -> Result<(), ReadError> {
    let mut found = false;
    while let Some((_, local)) = reader.next()? {
        if local != "Text" {
            reader.skip()?;
            continue;
        }
        let language = reader
            .attribute_named(&XML, "lang")
            .map(std::borrow::Cow::into_owned);
        let text = reader.text()?;
        let english = language
            .as_deref()
            .is_some_and(|language| language == "en" || language.starts_with("en-"));
        if !found || (english && !fault.0.language.starts_with("en")) {
            fault.0.reason = text.into_owned();
            fault.0.language = language.unwrap_or_default();
            found = true;
        }
    }
    Ok(())
}

/// A QName by the bindings in scope. Peers send codes without a prefix or with an undeclared one: those are in no namespace.
fn qname(text: &str, reader: &Reader<'_>) -> QName {
    let (namespace, local) = reader.resolve_qname(text);
    QName::met((namespace.unwrap_or(NamespaceId::NONE), local), reader)
}

/// True if the element is a fault of `version`.
pub(crate) fn is_fault(
    name: (NamespaceId, &str),
    version: SoapVersion,
    reader: &mut Reader<'_>,
) -> bool {
    name.1 == "Fault" && reader.is(name.0, version.namespace())
}

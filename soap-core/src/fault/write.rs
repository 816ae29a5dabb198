//! Writing a Fault element in the shape of its version.

use crate::{
    Fault, FaultCode, SoapFault, SoapVersion,
    addressing::Edition,
    types::QName,
    xml::{Namespace, Place, Tag, WriteError, Writer},
};

static SOAP12: &Namespace = SoapVersion::Soap12.namespace();

/// Writes `fault` as the Body's element, and the header blocks its code asks for.
pub(crate) fn write(
    fault: &impl SoapFault,
    version: SoapVersion,
    writer: &mut Writer,
) -> Result<(), WriteError> {
    let typed = fault;
    let fault = typed.fault();
    if fault.code() == FaultCode::VersionMismatch {
        writer.header(write_upgrade)?;
    }
    if version == SoapVersion::Soap12 && !fault.not_understood().is_empty() {
        writer.header(|writer| write_not_understood(fault.not_understood(), writer))?;
    }
    match version {
        SoapVersion::Soap11 if fault.of_addressing().is_some() => {
            writer.header(|writer| write_fault_detail(&fault, writer))?;
            write11(typed, &fault, writer)
        }
        SoapVersion::Soap11 => write11(typed, &fault, writer),
        SoapVersion::Soap12 => write12(typed, &fault, writer),
    }
}

/// Rule F-7: of several subcodes SOAP 1.1 carries the most special one, in place of the code.
fn write11(typed: &impl SoapFault, fault: &Fault, writer: &mut Writer) -> Result<(), WriteError> {
    writer.plain("<S:Fault><faultcode>");
    match fault.subcodes().last() {
        Some(subcode) => writer.qname(subcode.namespace(), subcode.local())?,
        None => {
            writer.plain("S:");
            writer.plain(fault.code().local_name(SoapVersion::Soap11));
        }
    }
    writer.plain("</faultcode><faultstring xml:lang=\"");
    writer.text(language(fault), Place::Attribute)?;
    writer.plain("\">");
    writer.text(fault.reason(), Place::Text)?;
    writer.plain("</faultstring>");
    if let Some(node) = fault.node() {
        writer.plain("<faultactor>");
        writer.text(node, Place::Text)?;
        writer.plain("</faultactor>");
    }
    if fault.of_addressing().is_some() {
        writer.plain("</S:Fault>");
        return Ok(()); // it is about the Header, so its detail stands there
    }
    // Rule F-2: there is a detail, be it empty, where the contents of the Body could not be processed.
    if !write_detail(typed, fault, ["<detail>", "</detail>"], writer)? && fault.0.about_body {
        writer.plain("<detail></detail>");
    }
    writer.plain("</S:Fault>");
    Ok(())
}

fn write12(typed: &impl SoapFault, fault: &Fault, writer: &mut Writer) -> Result<(), WriteError> {
    writer.plain("<S:Fault><S:Code><S:Value>S:");
    writer.plain(fault.code().local_name(SoapVersion::Soap12));
    writer.plain("</S:Value>");
    for subcode in fault.subcodes() {
        writer.plain("<S:Subcode><S:Value>");
        writer.qname(subcode.namespace(), subcode.local())?;
        writer.plain("</S:Value>");
    }
    for _ in fault.subcodes() {
        writer.plain("</S:Subcode>");
    }
    writer.plain("</S:Code><S:Reason><S:Text xml:lang=\"");
    writer.text(language(fault), Place::Attribute)?;
    writer.plain("\">");
    writer.text(fault.reason(), Place::Text)?;
    writer.plain("</S:Text></S:Reason>");
    for (tag, uri) in [("Node>", fault.node()), ("Role>", fault.role())] {
        if let Some(uri) = uri {
            writer.plain("<S:");
            writer.plain(tag);
            writer.text(uri, Place::Text)?;
            writer.plain("</S:");
            writer.plain(tag);
        }
    }
    write_detail(typed, fault, ["<S:Detail>", "</S:Detail>"], writer)?;
    writer.plain("</S:Fault>");
    Ok(())
}

fn language(fault: &Fault) -> &str {
    if fault.language().is_empty() {
        "en"
    } else {
        fault.language()
    }
}

/// Writes the detail if there is anything in it.
fn write_detail(
    typed: &impl SoapFault,
    fault: &Fault,
    tags: [&str; 2],
    writer: &mut Writer,
) -> Result<bool, WriteError> {
    let start = writer.len();
    writer.plain(tags[0]);
    let mut any = typed.write_detail(writer)?;
    for element in fault.detail() {
        element.write(writer)?;
        any = true;
    }
    if any {
        writer.plain(tags[1]);
    } else {
        writer.truncate(start);
    }
    Ok(any)
}

/// SOAP 1.1 has no place in a fault for details about header blocks (WS-Addressing 1.0 SOAP Binding, section 6.3).
fn write_fault_detail(fault: &Fault, writer: &mut Writer) -> Result<(), WriteError> {
    static FAULT_DETAIL: Tag = Tag::new("<n0:FaultDetail>", "</n0:FaultDetail>");
    if fault.of_addressing() != Some(Edition::V200508) {
        return Ok(()); // the edition of 2004 has no such block
    }
    let prefix = writer.prefix(Edition::V200508.namespace());
    writer.open(prefix, &FAULT_DETAIL);
    for element in fault.detail() {
        element.write(writer)?;
    }
    writer.close(prefix, &FAULT_DETAIL);
    Ok(())
}

/// Rule V-2: the envelopes this node supports, the preferred one first.
fn write_upgrade(writer: &mut Writer) -> Result<(), WriteError> {
    static UPGRADE: Tag = Tag::new("<n0:Upgrade>", "</n0:Upgrade>");
    static SUPPORTED: Tag = Tag::new("<n0:SupportedEnvelope>", "</n0:SupportedEnvelope>");
    let prefix = writer.prefix(SOAP12);
    writer.open(prefix, &UPGRADE);
    for version in [SoapVersion::Soap12, SoapVersion::Soap11] {
        writer.open_start(prefix, &SUPPORTED);
        writer.plain(" qname=\"");
        writer.qname(version.namespace().uri(), "Envelope")?;
        writer.plain("\">");
        writer.close(prefix, &SUPPORTED);
    }
    writer.close(prefix, &UPGRADE);
    Ok(())
}

/// Rule M-5: a block for each one that was not understood.
fn write_not_understood(names: &[QName], writer: &mut Writer) -> Result<(), WriteError> {
    for name in names {
        writer.plain("<S:NotUnderstood qname=\"");
        writer.qname(name.namespace(), name.local())?;
        writer.plain("\"/>");
    }
    Ok(())
}

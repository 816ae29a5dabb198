//! Writes and reads one order envelope in memory, for measuring: `codec ITEMS LOOPS read|write|both [FILE]`.
//!
//! With FILE the message is written there and nothing is measured. The time of one run says little; run it under
//! `valgrind --tool=callgrind` with two numbers of loops and divide the difference of the instructions.

#![allow(
    unreachable_pub,
    reason = "the contract is written as a library would have it"
)]

mod order;
mod sample;

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use soapstone::{
    Limits, SoapVersion,
    envelope::Envelope,
    xml::{self, FromXml, RootElement, WriteField, Writer},
};

use order::SubmitOrder;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let items = args
        .next()
        .map_or(Ok(5), |items| items.parse())
        .context("ITEMS")?;
    let loops: u32 = args
        .next()
        .map_or(Ok(20_000), |loops| loops.parse())
        .context("LOOPS")?;
    let mode = args.next().unwrap_or_else(|| "both".to_owned());
    ensure!(
        ["read", "write", "both"].contains(&mode.as_str()),
        "{mode:?} is not read, write or both"
    );

    let request = sample::request(items);
    let message = write(&request)?;
    if let Some(file) = args.next() {
        std::fs::write(&file, &message).with_context(|| file)?;
        return Ok(());
    }
    if read(&message)? != request {
        bail!("what was read is not what was written");
    }
    if mode != "read" {
        measure("write", items, message.len(), loops, || {
            write(&request).map(drop)
        })?;
    }
    if mode != "write" {
        measure("read ", items, message.len(), loops, || {
            read(&message).map(drop)
        })?;
    }
    Ok(())
}

fn measure(
    what: &str,
    items: i32,
    bytes: usize,
    loops: u32,
    mut run: impl FnMut() -> Result<()>,
) -> Result<()> {
    let start = Instant::now();
    for _ in 0..loops {
        run()?;
    }
    let nanoseconds = start.elapsed().as_nanos() as f64 / f64::from(loops);
    let speed = bytes as f64 * 1e3 / nanoseconds;
    println!("soapstone {what} items={items} bytes={bytes} ns={nanoseconds:.0} MB/s={speed:.1}");
    Ok(())
}

fn write(request: &SubmitOrder) -> Result<bytes::Bytes> {
    let mut writer = Writer::new();
    let prefix = writer.prefix(SubmitOrder::NAMESPACE);
    request.write(&mut writer, prefix, SubmitOrder::TAG)?;
    Ok(writer.envelope(SoapVersion::Soap11))
}

fn read(message: &[u8]) -> Result<SubmitOrder> {
    let limits = Limits::client();
    let text = xml::decode(message, None, &limits)?;
    let mut envelope = Envelope::read(&text, &limits)?;
    let request = SubmitOrder::from_xml(envelope.reader())?;
    envelope.finish()?;
    Ok(request)
}

//! Finds the end of one envelope again and again, for measuring: `framer BYTES LOOPS [FILE]`.
//!
//! The envelope has about BYTES bytes; with FILE it is that file, and BYTES is not used. The time of one run says little; run it
//! under `valgrind --tool=callgrind` with two numbers of loops and divide the difference of the instructions.

use std::{env, error::Error, fs, time::Instant};

use bytes::BytesMut;
use soapstone::transport::tcp::Framer;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let bytes = args.next().ok_or("BYTES is missing")?.parse()?;
    let loops: u32 = args.next().ok_or("LOOPS is missing")?.parse()?;
    let message = match args.next() {
        Some(file) => fs::read(file)?,
        None => envelope(bytes),
    };

    let mut framer = Framer::new(message.len());
    let mut buffer = BytesMut::from(&message[..]);
    let start = Instant::now();
    for _ in 0..loops {
        let found = framer.next(&mut buffer)?.ok_or("no end was found")?;
        drop(buffer);
        buffer = found.try_into_mut().map_err(|_| "it is shared")?;
    }
    let nanoseconds = start.elapsed().as_nanos() as f64 / f64::from(loops);
    if buffer != message {
        return Err("it ends at another byte".into());
    }
    let (bytes, speed) = (message.len(), message.len() as f64 * 1e3 / nanoseconds);
    println!("framer bytes={bytes} ns={nanoseconds:.0} MB/s={speed:.1}");
    Ok(())
}

/// An envelope of about `bytes` bytes: short elements, as most services have them.
fn envelope(bytes: usize) -> Vec<u8> {
    const ITEM: &str = "<n0:item line=\"1\"><n0:sku>SKU-100000</n0:sku><n0:description>Widget, type 0 &amp; round</n0:description>\
        <n0:quantity>1</n0:quantity><n0:price>19.99</n0:price><n0:taxable>false</n0:taxable><n0:note/></n0:item>";
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:n0=\"urn:example:orders\"><S:Body><n0:order>",
    );
    while text.len() + ITEM.len() < bytes {
        text.push_str(ITEM);
    }
    text.push_str("</n0:order></S:Body></S:Envelope>");
    text.into_bytes()
}

//! One program, three transports: what changes is one line of a file.
//!
//! ```text
//! cargo run --example swap -- examples/swap/http.toml
//! cargo run --example swap -- examples/swap/tcp.toml
//! cargo run --example swap -- examples/swap/udp.toml
//! ```
//!
//! `program.rs` holds a service and its client, and knows of no transport: read it first. Then compare the files: `diff
//! examples/swap/http.toml examples/swap/udp.toml` is the line that says where the server listens. All else in them holds on
//! each of the three, as a bound: a datagram may be lost, so a call on `soap.udp` waits 5 s for its answer where `timeouts.call` allows
//! more. `client.udp.answer` makes that longer, for a handler that takes its time.
//!
//! A datagram carries one envelope of 65,507 bytes at most, so the last call of the program, which sends more, is an error on
//! `soap.udp`: that one thing no configuration can swap.

mod program;

use anyhow::Context as _;
use soapstone::Config;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1);
    let file = file.context("which file? such as examples/swap/http.toml")?;
    for line in program::run(Config::load(file)?).await? {
        println!("{line}");
    }
    Ok(())
}

//! What calls and connections cost without SOAP, to stand beside our figures.
//!
//! ```text
//! cargo run --release --example bare -- http ADDRESS                    a hyper server that reads the body and answers a fixed text
//! cargo run --release --example bare -- echo ADDRESS                    a TCP server that sends back every byte
//! cargo run --release --example bare -- calls CALLERS SECONDS ADDRESS   how often a second an echo of one message comes back
//! ```

mod echo;
mod http;

use std::{net::SocketAddr, time::Duration};

use clap::Parser;
use tokio::net::TcpListener;

#[derive(Parser)]
enum Command {
    /// Serve HTTP until the process is killed.
    Http { address: SocketAddr },
    /// Echo what comes on a connection until the process is killed.
    Echo { address: SocketAddr },
    /// Measure echoes a second.
    Calls {
        callers: u32,
        seconds: f64,
        address: SocketAddr,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Http { address } => http::serve(listen("http", address).await?).await,
        Command::Echo { address } => echo::serve(listen("tcp", address).await?).await,
        Command::Calls {
            callers,
            seconds,
            address,
        } => {
            let time = Duration::try_from_secs_f64(seconds)?;
            let speed = echo::calls(callers, time, address).await?;
            println!("{address} callers={callers} calls/s={speed:.0} failed=0");
            Ok(())
        }
    }
}

async fn listen(scheme: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {scheme}://{}", listener.local_addr()?);
    Ok(listener)
}

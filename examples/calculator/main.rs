//! The calculator as a service and as a client of the same contract in any other SOAP stack.
//!
//! ```text
//! cargo run --release --example calculator -- serve [--listen URL]…
//! cargo run --release --example calculator -- check URL 11|12
//! ```

#![allow(
    unreachable_pub,
    reason = "the contract is written as a library would have it"
)]

mod check;
mod contract;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use soapstone::{Server, SoapVersion};

use contract::{Calc, CalcFault, CalcServer, Record};

#[derive(Parser)]
enum Command {
    /// Serve the calculator until SIGTERM or Ctrl-C.
    Serve {
        /// Where to listen; may be given several times. Port 0 takes a free one.
        #[arg(long, default_value = "http://127.0.0.1:9000/calc")]
        listen: Vec<String>,
    },
    /// Call a calculator and check every answer.
    Check {
        /// Where it is.
        url: String,
        /// The version of SOAP.
        version: Version,
    },
}

#[derive(ValueEnum, Clone, Copy)]
enum Version {
    #[value(name = "11")]
    Soap11,
    #[value(name = "12")]
    Soap12,
}

impl From<Version> for SoapVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::Soap11 => Self::Soap11,
            Version::Soap12 => Self::Soap12,
        }
    }
}

struct Calculator;

impl Calc for Calculator {
    async fn add(&self, a: f64, b: f64) -> f64 {
        a + b
    }

    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault> {
        if b == 0.0 {
            return Err(CalcFault::DivideFault {
                code: 7,
                text: "divide by zero".into(),
            });
        }
        Ok(a / b)
    }

    async fn echo(&self, rec: Record) -> Record {
        rec
    }

    async fn notify(&self, text: String) {
        eprintln!("notified: {text}");
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    match Command::parse() {
        Command::Serve { listen } => serve(listen).await,
        Command::Check { url, version } => check::run(&url, version.into()).await,
    }
}

async fn serve(listen: Vec<String>) -> Result<()> {
    let server = listen
        .into_iter()
        .fold(Server::new(CalcServer::new(Calculator)), Server::bind);
    // From here on a signal is not lost.
    let shutdown = soapstone::server::shutdown_signal();
    let running = server.start().await?;
    for url in running.urls() {
        println!("listening on {url}");
    }
    shutdown.await;
    running.stop(std::time::Duration::from_secs(10)).await?;
    Ok(())
}

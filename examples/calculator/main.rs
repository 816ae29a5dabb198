//! The calculator as a service and as a client of the same contract in any other SOAP stack.
//!
//! ```text
//! cargo run --release --example calculator -- serve [--config FILE] [--listen URL]… [--addressing required|optional|off]
//! cargo run --release --example calculator -- check URL 11|12 [--addressing required|optional|off]
//! ```
//!
//! With the feature `tls` both speak `https` and `soap.tls`; `--help` names their options.

#![allow(
    unreachable_pub,
    reason = "the contract is written as a library would have it"
)]

#[cfg(feature = "tls")]
mod calling;
mod check;
mod contract;
#[cfg(feature = "tls")]
mod serving;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use soapstone::{
    Config, Endpoint, Server, SoapVersion,
    addressing::{Addressing, AddressingOptions},
    server::Inherited,
};

use contract::{Calc, CalcFault, CalcServer, Record};

#[derive(Parser)]
enum Command {
    /// Serve the calculator until SIGTERM or Ctrl-C. With TLS, SIGHUP reads its certificates again.
    Serve {
        /// A file such as examples/calculator.toml, whose [server] says where to listen and with which options. The variables
        /// SOAPSTONE_SERVER__… go before it.
        #[arg(long)]
        config: Option<PathBuf>,
        /// Where to listen, besides what the file says; may be given several times. Port 0 takes a free one. Without it and
        /// without a file: http://127.0.0.1:9000/calc
        #[arg(long)]
        listen: Vec<String>,
        /// Whether messages carry WS-Addressing, in place of the mode in [server.addressing] of the file: URLs with options of
        /// their own keep theirs. As the transport has it, unless said.
        #[arg(long)]
        addressing: Option<Mode>,
        #[cfg(feature = "tls")]
        #[command(flatten)]
        tls: serving::Serving,
    },
    /// Call a calculator and check every answer.
    Check {
        /// Where it is.
        url: String,
        /// The version of SOAP.
        version: Version,
        /// Whether messages carry WS-Addressing; as the transport has it, unless said.
        #[arg(long)]
        addressing: Option<Mode>,
        #[cfg(feature = "tls")]
        #[command(flatten)]
        tls: calling::Calling,
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

#[derive(ValueEnum, Clone, Copy)]
enum Mode {
    Off,
    Optional,
    Required,
}

impl From<Mode> for Addressing {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Off => Self::Off,
            Mode::Optional => Self::Optional,
            Mode::Required => Self::Required,
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
        Command::Serve {
            config,
            listen,
            addressing,
            #[cfg(feature = "tls")]
            tls,
        } => {
            let (server, stop) = server(config, listen, addressing)?;
            #[cfg(feature = "tls")]
            let server = tls.on(server)?;
            serve(server, stop).await
        }
        Command::Check {
            url,
            version,
            addressing,
            #[cfg(feature = "tls")]
            tls,
        } => {
            let endpoint = Endpoint::new(url).version(version.into());
            let endpoint = match addressing {
                Some(mode) => endpoint.addressing(Addressing::from(mode)),
                None => endpoint,
            };
            #[cfg(feature = "tls")]
            let endpoint = tls.on(endpoint)?;
            check::run(endpoint).await
        }
    }
}

/// The server, and how long its stop may take.
fn server(
    config: Option<PathBuf>,
    mut listen: Vec<String>,
    mode: Option<Mode>,
) -> Result<(Server, Duration)> {
    let service = CalcServer::new(Calculator);
    let mut stop = Duration::from_secs(10);
    let mut addressing = AddressingOptions::default();
    let server = match config {
        Some(file) => {
            let config = Config::load(file)?;
            let options = config.server().options();
            stop = options.timeouts.stop;
            addressing = options.addressing;
            Server::from_config(service, &config)?
        }
        None => {
            if listen.is_empty() {
                listen.push("http://127.0.0.1:9000/calc".to_owned());
            }
            Server::new(service)
        }
    };
    let server = listen.into_iter().fold(server, Server::bind);
    let server = match mode {
        Some(mode) => {
            addressing.mode = Some(mode.into());
            server.addressing(addressing)
        }
        None => server,
    };
    // The sockets of systemd, if it has started this.
    let server = server.inherit(Inherited::from_env()?);
    Ok((server, stop))
}

async fn serve(server: Server, stop: Duration) -> Result<()> {
    // From here on a signal is not lost.
    let shutdown = soapstone::server::shutdown_signal();
    #[cfg(all(feature = "tls", unix))]
    serving::reload_on_hangup(server.identities())?;
    let running = server.start().await?;
    for url in running.urls() {
        println!("listening on {url}");
    }
    shutdown.await;
    running.stop(stop).await?;
    Ok(())
}

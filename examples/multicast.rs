//! One question to all who listen: `cargo run --example multicast` starts three who answer, and asks them.
//!
//! ```text
//! multicast                                            all of it on the loopback of this machine
//! multicast [--group URL] respond NAME [INTERFACE…]    answers until it is stopped, what it hears on these interfaces
//! multicast [--group URL] ask [INTERFACE…]             asks on these interfaces, and prints each answer of a second
//! ```

use std::time::Duration;

use clap::{Parser, Subcommand};
use soapstone::{
    Context, Endpoint, Server, SoapType,
    server::{Running, shutdown_signal},
    transport::udp::UdpOptions,
};

#[derive(Parser)]
struct Arguments {
    /// The group and the port that both sides agree on.
    #[arg(long, default_value = "soap.udp://239.255.42.99:42099/who")]
    group: String,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Respond {
        name: String,
        interfaces: Vec<String>,
    },
    Ask {
        interfaces: Vec<String>,
    },
}

#[derive(SoapType, Debug)]
#[soap(namespace = "http://example.org/who")]
struct Greeting {
    name: String,
    /// The group the question was sent to.
    heard_at: String,
    /// Index of the interface it came in by.
    interface: u32,
}

/// Whoever is there.
#[soapstone::service(namespace = "http://example.org/who")]
trait Who {
    /// Every listener answers for itself.
    async fn greet(&self, #[soap(context)] context: &Context) -> Greeting;
}

struct Named(String);

impl Who for Named {
    async fn greet(&self, context: &Context) -> Greeting {
        let heard = context.peer().and_then(|peer| peer.destination);
        Greeting {
            name: self.0.clone(),
            heard_at: heard.map_or_else(String::new, |at| at.address.to_string()),
            interface: heard.map_or(0, |at| at.interface),
        }
    }
}

async fn respond(group: &str, name: &str, interfaces: Vec<String>) -> anyhow::Result<Running> {
    let server = Server::new(WhoServer::new(Named(name.to_owned())))
        .bind(group)
        .with(UdpOptions::new().interfaces(interfaces));
    Ok(server.start().await?)
}

/// Asks, and gives the names of those who answered.
async fn ask(group: &str, interfaces: Vec<String>) -> anyhow::Result<Vec<String>> {
    let endpoint = Endpoint::new(group).with(UdpOptions::new().interfaces(interfaces));
    let who = WhoClient::new(endpoint.connect().await?);
    let answers = who.greet().timeout(Duration::from_secs(1)).answers();
    let mut answers = answers.with_meta();
    let mut names = Vec::new();
    while let Some((meta, answer)) = answers.next().await {
        let Greeting {
            name,
            heard_at,
            interface,
        } = answer?;
        let address = meta.peer().and_then(|peer| peer.address);
        let address = address.map_or_else(String::new, |address| address.to_string());
        println!(
            "{name} at {address} has heard the question sent to {heard_at} on interface {interface}"
        );
        names.push(name);
    }
    Ok(names)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { group, command } = Arguments::parse();
    match command {
        Some(Command::Respond { name, interfaces }) => {
            let shutdown = shutdown_signal();
            let running = respond(&group, &name, interfaces).await?;
            println!("listening on {}", running.urls()[0]);
            shutdown.await;
            running.stop(Duration::from_secs(2)).await?;
        }
        Some(Command::Ask { interfaces }) => {
            ask(&group, interfaces).await?;
        }
        None => {
            // On the loopback, so that no network is needed, and nobody else answers.
            let loopback = || vec!["127.0.0.1".to_owned()];
            let mut all = Vec::new();
            for name in ["Ann", "Bob", "Cy"] {
                all.push(respond(&group, name, loopback()).await?);
            }
            let mut names = ask(&group, loopback()).await?;
            names.sort_unstable();
            anyhow::ensure!(
                names == ["Ann", "Bob", "Cy"],
                "not all have answered, or not once"
            );
            for running in all {
                running.stop(Duration::from_secs(2)).await?;
            }
        }
    }
    Ok(())
}

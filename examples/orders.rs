//! A service with large messages, for measuring: `cargo run --release --example orders -- serve --listen URL`.

#![allow(
    unreachable_pub,
    reason = "the contract is written as a library would have it"
)]

#[path = "codec/order.rs"]
mod order;

use anyhow::Result;
use clap::Parser;
use soapstone::{Server, server::shutdown_signal};

use order::{OrdersServer, Receipt, SubmitOrder};

#[derive(Parser)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    Serve {
        /// Where to listen. Port 0 takes a free one.
        #[arg(long, default_value = "http://127.0.0.1:9100/orders")]
        listen: String,
    },
}

struct Desk;

impl order::Orders for Desk {
    async fn submit_order(&self, SubmitOrder { order }: SubmitOrder) -> Receipt {
        Receipt {
            order_id: order.id,
            accepted: true,
            total: order.item.iter().map(order::Item::total).sum(),
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let Command::Serve { listen } = Command::parse();
    // From here on a signal is not lost.
    let shutdown = shutdown_signal();
    let running = Server::new(OrdersServer::new(Desk))
        .bind(listen)
        .start()
        .await?;
    for url in running.urls() {
        println!("listening on {url}");
    }
    shutdown.await;
    running.stop(std::time::Duration::from_secs(10)).await?;
    Ok(())
}

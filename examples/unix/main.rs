//! A transport of one's own: SOAP over a Unix domain socket, by the public traits alone. `cargo run --example unix`.
//!
//! `transport/` is what a third party writes; it may be copied. The tests of the project run the same promises over it as over
//! the transports that come with it (`tests/transports/`).

#[cfg(unix)]
mod transport;

#[cfg(unix)]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    service::run().await
}

#[cfg(not(unix))]
fn main() {
    println!("this platform has no Unix domain sockets");
}

#[cfg(unix)]
mod service {
    use std::time::Duration;

    use soapstone::{
        Context, Endpoint, Server,
        transport::{Registry, default_registry},
    };

    use crate::transport::{Unix, UnixOptions};

    #[soapstone::service(namespace = "http://example.org/greeter")]
    trait Greeter {
        async fn greet(&self, name: &str, #[soap(context)] context: &Context) -> String;
        #[soap(one_way)]
        async fn remember(&self, name: String);
    }

    struct Polite;

    impl Greeter for Polite {
        async fn greet(&self, name: &str, context: &Context) -> String {
            let scheme = context.peer().map_or("nowhere", |peer| peer.scheme);
            format!("Hello {name} from {scheme}")
        }

        async fn remember(&self, name: String) {
            println!("server: remembers {name}");
        }
    }

    pub(super) async fn run() -> anyhow::Result<()> {
        let path = std::env::temp_dir().join(format!("greeter-{}.sock", std::process::id()));
        let url = format!("unix://{}", path.display());
        // It stands beside those that come with soapstone: one server may listen on URLs of all of them.
        let registry: Registry = default_registry().with(Unix);
        let running = Server::new(GreeterServer::new(Polite))
            .registry(registry.clone())
            .with(UnixOptions::new().mode(0o600))
            .bind(&url)
            .start()
            .await?;
        println!("listening on {}", running.urls()[0]);

        let endpoint = Endpoint::new(&url).registry(registry);
        let greeter = GreeterClient::new(endpoint.connect().await?);
        let greeting = greeter.greet("Ann").await?;
        println!("client: {greeting}");
        greeter.remember("Ann".to_owned()).await?;
        running.stop(Duration::from_secs(10)).await?;
        anyhow::ensure!(greeting == "Hello Ann from unix", "a wrong answer");
        anyhow::ensure!(!path.exists(), "the socket is still there");
        Ok(())
    }
}

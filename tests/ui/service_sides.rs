use soapstone::service;

#[service(namespace = "urn:a", client = "yes")]
trait Value {
    async fn add(&self) -> i32;
}

#[service(namespace = "urn:a", clients)]
trait Misspelt {
    async fn add(&self) -> i32;
}

#[service(namespace = "urn:a", server, server)]
trait Twice {
    async fn add(&self) -> i32;
}

#[service(namespace = "urn:a")]
trait Operation {
    #[soap(server)]
    async fn add(&self) -> i32;
}

/// A server needs what tells operations apart, a client does not; and only a client has a `connect` of its own.
#[service(namespace = "urn:a", client, server)]
trait Both {
    #[soap(bare)]
    async fn open(&self);
    #[soap(bare, action = "urn:a:Open")]
    async fn close(&self);
    async fn connect(&self);
}

fn main() {}

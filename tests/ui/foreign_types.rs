use soapstone::{Context, SoapType, service};

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Fields {
    count: usize,
    many: Option<Vec<String>>,
    holes: Vec<Option<i32>>,
    bytes: Option<Vec<u8>>,
    hash: [u8; 16],
    map: std::collections::HashMap<String, i32>,
    pair: Vec<(i32, i32)>,
    letter: char,
    wait: std::time::Duration,
    at: std::time::SystemTime,
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
enum Choice {
    A(isize),
    B { a: Option<Option<i32>> },
}

#[service(namespace = "urn:a")]
trait Parameters {
    async fn context(&self, context: &Context) -> i32;
    async fn count(&self, a: usize) -> Vec<Option<i32>>;
    async fn text(&self) -> Result<i32, String>;
    async fn word(&self) -> Result<i32, &'static str>;
    async fn any(&self) -> anyhow::Result<i32>;
    async fn boxed(&self) -> Result<(), Box<dyn std::error::Error>>;
    async fn inside(&self) -> Result<(i32, i32), soapstone::Fault>;
}

fn main() {}

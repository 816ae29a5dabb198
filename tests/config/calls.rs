//! Servers and clients that are started from a configuration, and call each other.

#[path = "../harness/mod.rs"]
mod harness;

use std::{collections::HashMap, time::Duration};

use soapstone::{Config, Server, SoapVersion, server::Running, transport::TransportError};

use crate::parse;
use harness::{
    Calculator,
    contract::{CalcClient, CalcServer},
};

const TIME: Duration = Duration::from_secs(10);

async fn start(config: &Config) -> Running {
    let server = Server::from_config(CalcServer::new(Calculator::default()), config);
    server.expect("a server").start().await.expect("it starts")
}

/// The program that a swap of transports leaves alone.
async fn program(config: &Config) -> f64 {
    let calc = CalcClient::from_config(config).await.expect("a client");
    calc.divide(7.0, 2.0).await.expect("an answer")
}

#[tokio::test]
async fn a_server_and_its_client() {
    let config = parse("[server]\nbind = \"http://127.0.0.1:0/calc\"\n[client]\nversion = \"1.2\"")
        .expect("right");
    let running = start(&config).await;
    let url = &running.urls()[0];
    let config = config
        .environment([("SOAPSTONE_CLIENT__URL", url)])
        .expect("right");
    assert_eq!(program(&config).await, 3.5);
    let calc = CalcClient::from_config(config.client())
        .await
        .expect("a client");
    let (meta, _) = calc.add(1.0, 2.0).with_meta().await;
    let version = meta.answer.and_then(|answer| answer.version);
    assert_eq!(version, Some(SoapVersion::Soap12));
    running.stop(TIME).await.expect("it stops");
}

/// The options reach the server: a message over the limit of the file is refused, one within it is not.
#[tokio::test]
async fn options_reach_the_server() {
    let file = r#"
[server]
bind = "http://127.0.0.1:0/calc"
limits.message = "1KiB"
"#;
    let config = parse(file).expect("right");
    let running = start(&config).await;
    let calc = CalcClient::connect(&running.urls()[0])
        .await
        .expect("a client");
    calc.notify("x".to_owned()).await.expect("small enough");
    let error = calc.notify("x".repeat(1024)).await.expect_err("too large");
    assert!(
        error.to_string().contains("413") || error.to_string().contains("limit"),
        "{error}"
    );
    running.stop(TIME).await.expect("it stops");
}

#[tokio::test]
async fn a_binding_has_options_of_its_own() {
    let file = r#"
[server]
bind = "http://127.0.0.1:0/calc"

[[server.binding]]
url = "http://127.0.0.1:0/calc"
limits.message = "1KiB"
"#;
    let running = start(&parse(file).expect("right")).await;
    let [wide, narrow] = running.urls() else {
        panic!("two URLs")
    };
    let large = "x".repeat(1024);
    let calc = CalcClient::connect(wide).await.expect("a client");
    calc.notify(large.clone()).await.expect("taken");
    let calc = CalcClient::connect(narrow).await.expect("a client");
    calc.notify(large).await.expect_err("too large");
    running.stop(TIME).await.expect("it stops");
}

#[test]
fn a_named_client_stands_on_the_unnamed_one() {
    let file = r#"
[client]
url = "http://a/"
version = "1.2"
timeouts.call = "5s"
timeouts.connect = "1s"

[clients.billing]
url = "http://b/"
timeouts.call = "7s"
"#;
    let config = parse(file).expect("right");
    let billing = config.client_named("billing").expect("billing");
    assert_eq!(billing.url(), Some("http://b/"));
    assert_eq!(billing.version(), SoapVersion::Soap12);
    let timeouts = &billing.options().timeouts;
    assert_eq!(timeouts.call, Duration::from_secs(7));
    assert_eq!(timeouts.connect, Duration::from_secs(1));
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let config = parse("\n[client]\ntimeouts.call = \"5s\"\n").expect("right");
    let error: TransportError = CalcClient::from_config(&config).await.expect_err("no url");
    assert_eq!(
        error.to_string(),
        "line 2, column 2: [client] has no `url`, such as \"http://127.0.0.1:9000/calc\""
    );
    let service = CalcServer::new(Calculator::default());
    let error = Server::from_config(service, &config).expect_err("no server");
    assert_eq!(
        error.to_string(),
        "there is no [server] in the configuration"
    );
}

/// A part of the configuration of an application, in any format that serde reads.
#[test]
fn serde_reads_it_too() {
    let text = "[soap.client]\nurl = \"http://a/\"\nlimits.depth = 7";
    let mut application: HashMap<String, Config> = toml::from_str(text).expect("right");
    let config = application.remove("soap").expect("soap");
    assert_eq!(config.client().options().limits.depth, 7);
    let error = toml::from_str::<Config>("[client.timeouts]\ncal = \"5s\"").expect_err("misspelt");
    assert_eq!(
        error.message(),
        "unknown key `cal` in [client.timeouts]; did you mean `call`?"
    );
}

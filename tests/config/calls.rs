//! Servers and clients that are started from a configuration, and call each other.

#[path = "../harness/mod.rs"]
pub(crate) mod harness;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

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

/// A server may send answers elsewhere for some of its bindings: not for one whose requests anybody can forge.
#[cfg(feature = "udp")]
#[tokio::test]
async fn a_binding_of_datagrams_does_not_inherit_where_answers_may_go() {
    let config = parse(
        "[server]\nbind = \"http://127.0.0.1:0/calc\"\naddressing.answers_to = [\"http://127.0.0.1:1/\"]\n\
         [[server.binding]]\nurl = \"soap.udp://127.0.0.1:0\"",
    );
    let running = start(&config.expect("right")).await;
    assert_eq!(running.urls().len(), 2);
    running.stop(TIME).await.expect("it stops");
}

/// What bindings and clients share is for those that can honour it.
#[cfg(feature = "udp")]
#[tokio::test]
async fn options_of_streams_are_not_inherited_by_datagrams() {
    let config = parse(
        "[server]\nbind = [\"http://127.0.0.1:0/calc\", \"soap.udp://127.0.0.1:0\"]\nsocket.backlog = 2048\n\
         [[server.binding]]\nurl = \"soap.udp://127.0.0.1:0\"\n\
         [client.socket]\nnodelay = false\n[clients.camera]\nurl = \"soap.udp://127.0.0.1:9\"",
    )
    .expect("right");
    let running = start(&config).await;
    assert_eq!(running.urls().len(), 3);
    running.stop(TIME).await.expect("it stops");
    let camera = config.client_named("camera").expect("it is there");
    CalcClient::from_config(camera).await.expect("a client");
}

/// A client may be made in a task of its own.
#[test]
fn making_a_client_may_move_between_threads() {
    fn check(_: &impl Send) {}
    let config = parse("").expect("right");
    check(&CalcClient::from_config(&config));
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

/// Writes a file of this name with `text`, and tells where it is.
fn file(name: &str, text: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, text).expect("a file");
    file
}

/// The lines of two files that are not the same.
fn difference(one: &Path, other: &Path) -> Vec<(String, String)> {
    let [one, other] = [one, other].map(|file| fs::read_to_string(file).expect("a file"));
    assert_eq!(one.lines().count(), other.lines().count());
    let pairs = one.lines().zip(other.lines());
    pairs
        .filter(|(one, other)| one != other)
        .map(|(one, other)| (one.to_owned(), other.to_owned()))
        .collect()
}

/// A server and its client have a file each, with every option there is. To go from HTTP to a bare stream, one line changes in
/// the server's, where to listen, and one in the client's, where the server is: nothing else, and no program.
#[tokio::test]
async fn the_transport_is_one_line() {
    let example = fs::read_to_string("examples/calculator.toml").expect("the example");
    let line = |text: &str| example.lines().find(|line| line.starts_with(text));
    let (bind, url) = (line("bind = ").expect("one"), line("url = ").expect("one"));
    let mut files = Vec::new();
    for (scheme, name) in [
        ("http://127.0.0.1:0/calc", "http"),
        ("soap.tcp://127.0.0.1:0", "tcp"),
    ] {
        let text = example.replace(bind, &format!("bind = [\"{scheme}\"]"));
        let of_server = file(&format!("swap-server-{name}.toml"), &text);
        let running = start(&Config::from_file(&of_server).expect("right")).await;
        // The port is known only now.
        let text = example.replace(url, &format!("url = \"{}\"", running.urls()[0]));
        let of_client = file(&format!("swap-client-{name}.toml"), &text);
        let config = Config::from_file(&of_client).expect("right");
        assert_eq!(program(&config).await, 3.5, "{scheme}");
        running.stop(TIME).await.expect("it stops");
        files.push((of_server, of_client));
    }
    let [http, tcp] = &files[..] else {
        panic!("two transports")
    };
    let servers = difference(&http.0, &tcp.0);
    assert_eq!(
        servers,
        [(
            "bind = [\"http://127.0.0.1:0/calc\"]".to_owned(),
            "bind = [\"soap.tcp://127.0.0.1:0\"]".to_owned()
        )]
    );
    let clients = difference(&http.1, &tcp.1);
    let [(of_http, of_tcp)] = &clients[..] else {
        panic!("{clients:?}")
    };
    assert!(
        of_http.starts_with("url = \"http://127.0.0.1:"),
        "{of_http}"
    );
    assert!(
        of_tcp.starts_with("url = \"soap.tcp://127.0.0.1:"),
        "{of_tcp}"
    );
}

/// A scheme that is not compiled in may be registered later, so that it is refused only at the start: at its line as well.
#[tokio::test]
async fn a_scheme_that_nobody_knows_is_told_at_its_line() {
    let config = parse("[server]\nbind = \"htp://127.0.0.1:0\"\n[client]\nurl = \"htp://a:1\"");
    let config = config.expect("right so far");
    let server = Server::from_config(CalcServer::new(Calculator::default()), &config);
    let error = server.expect("a server").start().await.expect_err("htp");
    let told = "line 2, column 8: server.bind: no transport for scheme \"htp\" of \"htp://127.0.0.1:0\"; known: http";
    assert!(error.to_string().starts_with(told), "{error}");
    let error = CalcClient::from_config(&config).await.expect_err("htp");
    let told = "line 4, column 7: client.url: no transport for scheme \"htp\" of \"htp://a:1\"; known: http";
    assert!(error.to_string().starts_with(told), "{error}");
}

/// Options of one transport reach the URLs that have it, and no others.
#[tokio::test]
async fn options_of_one_transport_beside_others() {
    let file = r#"
[server]
bind = ["http://127.0.0.1:0/calc", "soap.tcp://127.0.0.1:0"]

[[server.binding]]
url = "tcp://127.0.0.1:0"
timeouts.idle = "5s"

[client]
http.redirects = 2
http.headers = { X-Tenant = "7" }
tcp.pool_idle = 7

[clients.web]
[clients.stream]
tcp.pipeline = 4
[clients.once]
"#;
    let config = parse(file).expect("right");
    let running = start(&config).await;
    let names = ["WEB", "STREAM", "ONCE"];
    let variables = names.map(|name| format!("SOAPSTONE_CLIENTS__{name}__URL"));
    let config = config
        .environment(variables.iter().zip(running.urls()))
        .expect("right");
    for name in names {
        let client = config.client_named(&name.to_lowercase()).expect(name);
        let calc = CalcClient::from_config(client).await.expect(name);
        assert_eq!(calc.add(1.0, 2.0).await.expect(name), 3.0);
    }
    running.stop(TIME).await.expect("it stops");
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

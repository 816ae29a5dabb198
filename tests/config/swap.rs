//! One program under one file for each transport: the example `swap`.

#[path = "../../examples/swap/program.rs"]
mod program;

use std::{fs, path::Path};

use soapstone::{Config, Server};

use crate::{calls::harness, parse};

const FILES: [(&str, &str); 3] = [
    ("http", "http://127.0.0.1:"),
    ("tcp", "soap.tcp://127.0.0.1:"),
    ("udp", "soap.udp://127.0.0.1:"),
];

fn path(name: &str) -> String {
    format!("examples/swap/{name}.toml")
}

#[test]
fn the_files_differ_in_one_line() {
    let lines = |name| {
        let text = fs::read_to_string(path(name)).expect("a file");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = lines("http");
    for (name, url) in &FILES[1..] {
        let other = lines(name);
        assert_eq!(first.len(), other.len());
        let pairs = first.iter().zip(&other);
        let changed: Vec<_> = pairs.filter(|(first, other)| first != other).collect();
        let [(from, to)] = changed[..] else {
            panic!("{changed:?}")
        };
        assert_eq!(from, "bind = \"http://127.0.0.1:0/calc\"");
        assert!(to.starts_with(&format!("bind = \"{url}")), "{to}");
    }
}

#[tokio::test]
async fn the_program_is_the_same_on_each() {
    for (name, url) in FILES {
        let config = Config::from_file(Path::new(&path(name))).expect("right");
        let lines = program::run(config).await.expect(name);
        let [at, calls @ .., long] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert!(at.starts_with(&format!("at {url}")), "{at}");
        let expected = [
            "Add 1.5 2.25 -> 3.75",
            "Divide 7 2 -> 3.5",
            "Divide 1 0 -> fault DivideFault { dividend: 1.0 }",
            "Notify -> ()",
        ];
        assert_eq!(calls, expected, "{name}");
        if name == "udp" {
            assert!(long.contains("error: ") && long.contains("65507"), "{long}");
        } else {
            assert_eq!(long, "Length of 100 kB -> 100000", "{name}");
        }
    }
}

/// A server on every transport, and the options of each beside those of the others.
#[test]
fn a_server_may_have_all_of_them() {
    let file = r#"
[server]
bind = ["http://127.0.0.1:0/calc", "soap.tcp://127.0.0.1:0", "soap.udp://127.0.0.1:0"]
addressing = "optional"
http.gzip = false
udp = { groups = ["239.255.255.250"], rate = 1000 }

[[server.binding]]
url = "soap.udp://127.0.0.1:0"
addressing = { mode = "required", check_to = ["urn:calc"] }
udp.seen = 10

[client]
url = "soap.udp://127.0.0.1:9002"
addressing.edition = "2004/08"
udp = { answer = "1s", hops = 4, interfaces = "lo" }
"#;
    let config = parse(file).expect("right");
    let service = harness::contract::CalcServer::new(harness::Calculator::default());
    drop(Server::from_config(service, &config).expect("a server"));
    let options = config.client().options();
    let udp = options
        .get::<soapstone::transport::udp::UdpOptions>()
        .expect("those");
    assert_eq!((udp.answer.as_millis(), udp.hops), (1000, 4));
    assert_eq!(udp.interfaces, ["lo"]);
    let server = config.server().options();
    let udp = server
        .get::<soapstone::transport::udp::UdpOptions>()
        .expect("those");
    assert_eq!((udp.groups.len(), udp.rate, udp.seen), (1, 1000, 200_000));
}

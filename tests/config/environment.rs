//! Variables on top of a file.

use std::time::Duration;

use soapstone::{
    Config,
    addressing::{Addressing, Edition},
    config::ConfigError,
};

use crate::parse;

const FILE: &str = r#"
[server]
bind = "http://127.0.0.1:0/calc"
timeouts.idle = "1min"
socket.keepalive = { idle = "60s", interval = "10s", count = 5 }

[[server.binding]]
url = "http://127.0.0.1:0/other"

[clients.Billing]
url = "http://billing/"
"#;

fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    parse(FILE)?.environment(variables.iter().copied())
}

fn refused(name: &str, value: &str) -> String {
    with(&[(name, value)]).expect_err(name).to_string()
}

#[test]
fn a_variable_goes_before_the_file() {
    let config = with(&[
        ("SOAPSTONE_SERVER__TIMEOUTS__IDLE", "2min"),
        ("SOAPSTONE_SERVER__LIMITS__MESSAGE", "8MiB"),
        ("SOAPSTONE_SERVER__LIMITS__DEPTH", "50"),
        ("SOAPSTONE_SERVER__SOCKET__REUSE_PORT", "true"),
        (
            "SOAPSTONE_SERVER__CAPACITY__TRUSTED_PROXIES",
            "10.0.0.1, 10.0.0.2",
        ),
        ("SOAPSTONE_SERVER__SOCKET__KEEPALIVE__COUNT", "7"),
        ("SOAPSTONE_CLIENT__VERSION", "1.2"),
        ("PATH", "/bin"),
    ])
    .expect("right");
    let options = config.server().options();
    assert_eq!(options.timeouts.idle, Some(Duration::from_secs(120)));
    assert_eq!(options.limits.message, 8 << 20);
    assert_eq!(options.limits.depth, 50);
    assert!(options.socket.reuse_port);
    assert_eq!(options.capacity.trusted_proxies.len(), 2);
    let keepalive = format!("{:?}", options.socket.keepalive);
    assert!(
        keepalive.contains("60s") && keepalive.contains("count: 7"),
        "{keepalive}"
    );
    assert_eq!(config.client().version(), soapstone::SoapVersion::Soap12);
}

/// A word for a table that may be one: what else the table has stays.
#[test]
fn a_word_for_a_table() {
    let file = r#"
[server]
bind = "http://127.0.0.1:0/calc"
addressing = { mode = "off", check_to = ["urn:a"] }
[servers.other]
addressing = "optional"
[client]
addressing = "optional"
[clients.addressing]
addressing.edition = "2004/08"
"#;
    let config = parse(file).expect("right");
    let modes = |config: &Config| {
        let server = |name| config.server_named(name).expect(name).options().addressing;
        let client = |name| config.client_named(name).expect(name).options().addressing;
        let both = [
            config.server().options().addressing,
            server("other"),
            config.client().options().addressing,
            client("addressing"),
        ];
        both.map(|options| (options.mode, options.edition, options.check_to.len()))
    };
    let (new, old) = (Edition::V200508, Edition::V200408);
    let optional = Some(Addressing::Optional);
    let expected = [
        (Some(Addressing::Off), new, 1),
        (optional, new, 1),
        (optional, new, 0),
        (optional, old, 0),
    ];
    assert_eq!(modes(&config), expected);
    let required = Some(Addressing::Required);
    let variables = [
        ("SOAPSTONE_SERVER__ADDRESSING", "required"),
        (
            "SOAPSTONE_SERVERS__OTHER__ADDRESSING__CHECK_TO",
            "urn:a,urn:b",
        ),
        ("SOAPSTONE_CLIENT__ADDRESSING", "{ edition = \"2004/08\" }"),
        ("SOAPSTONE_CLIENTS__ADDRESSING__ADDRESSING", "default"),
    ];
    let config = config.environment(variables).expect("right");
    let expected = [
        (required, new, 1),
        (optional, new, 2),
        (None, old, 0),
        (None, old, 0),
    ];
    assert_eq!(modes(&config), expected);
    let told = config.environment([("SOAPSTONE_SERVER__ADDRESSING", "on")]);
    assert_eq!(
        told.expect_err("no such word").to_string(),
        "SOAPSTONE_SERVER__ADDRESSING: server.addressing.mode: \"on\" is not \"required\", \"optional\" or \"off\"; or \"default\""
    );
}

#[test]
fn lists_and_tables() {
    let urls = |value: &str| {
        let config = with(&[("SOAPSTONE_SERVER__BIND", value)]).expect(value);
        config
            .server()
            .urls()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let expected = ["http://a/", "http://b/", "http://127.0.0.1:0/other"];
    assert_eq!(urls("http://a/,http://b/"), expected);
    assert_eq!(urls("[\"http://a/\", \"http://b/\"]"), expected);
    assert_eq!(urls(""), expected[2..]);

    let config = with(&[
        ("SOAPSTONE_SERVER__BINDING__0__URL", "http://a/"),
        ("SOAPSTONE_SERVER__BINDING__1__URL", "http://b/"),
        ("SOAPSTONE_SERVER__BINDING__1__TIMEOUTS__IDLE", "1s"),
    ])
    .expect("right");
    let urls: Vec<_> = config.server().urls().skip(1).collect();
    assert_eq!(urls, expected[..2]);
}

#[test]
fn names_keep_their_case() {
    let config = with(&[("SOAPSTONE_CLIENTS__BILLING__URL", "http://other/")]).expect("right");
    let billing = config.client_named("Billing").expect("billing");
    assert_eq!(billing.url(), Some("http://other/"));
    assert_eq!(
        config
            .client_named("biling")
            .expect_err("no such")
            .to_string(),
        "there is no [clients.biling]; did you mean `clients.Billing`?"
    );
}

#[test]
fn mistakes_name_the_variable() {
    for (name, value, told) in [
        (
            "SOAPSTONE_SERVER__TIMEOUT__IDLE",
            "5s",
            "SOAPSTONE_SERVER__TIMEOUT__IDLE: unknown key `timeout` in [server]; did you mean `timeouts`?",
        ),
        (
            "SOAPSTONE_SEVER__BIND",
            "http://a/",
            "SOAPSTONE_SEVER__BIND: unknown key `sever`; did you mean `server`?",
        ),
        (
            "SOAPSTONE_SERVER__TIMEOUTS__HANDLER",
            "5",
            "SOAPSTONE_SERVER__TIMEOUTS__HANDLER: server.timeouts.handler: \"5\" is not a time above 0: a number with ms, s, min or h, such as \"5s\"",
        ),
        (
            "SOAPSTONE_SERVER_BIND",
            "http://a/",
            "SOAPSTONE_SERVER_BIND: keys are separated by two underscores, as in SOAPSTONE_SERVER__TIMEOUTS__IDLE",
        ),
        (
            "SOAPSTONE_SERVER__",
            "",
            "SOAPSTONE_SERVER__: a key is missing beside two underscores",
        ),
    ] {
        assert_eq!(refused(name, value), told);
    }
    let error = with(&[("SOAPSTONE_SERVER__LIMITS__DEPTH", "x")]).expect_err("no number");
    let problem = &error.problems()[0];
    assert_eq!(problem.variable(), Some("SOAPSTONE_SERVER__LIMITS__DEPTH"));
    assert_eq!(problem.line(), None);
    let told = refused("SOAPSTONE_SERVER__BIND", "[\"http://a/\"");
    assert!(
        told.starts_with("SOAPSTONE_SERVER__BIND: not a list or a table of TOML: "),
        "{told}"
    );
}

/// The tests and checks of this project have variables of their own.
#[test]
fn variables_that_are_no_keys_are_left_alone() {
    with(&[
        ("SOAPSTONE_BLESS", "1"),
        ("SOAPSTONE_SHARED", "/x"),
        ("SOAPSTONES__X", ""),
    ])
    .expect("left alone");
}

#[test]
fn the_environment_alone() {
    let config = parse("")
        .and_then(|config| config.environment([("SOAPSTONE_CLIENT__URL", "http://a/")]))
        .expect("right");
    assert_eq!(config.client().url(), Some("http://a/"));
}

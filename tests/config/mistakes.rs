//! What a mistake is told: its place, what is allowed and what was meant.

use std::{fs, path::PathBuf};

use soapstone::Config;

use crate::{parse, refused};

#[test]
fn a_misspelt_key_says_which_was_meant() {
    for (text, told) in [
        (
            "[sever]\nbind = []",
            "line 1, column 2: unknown key `sever`; did you mean `server`?",
        ),
        (
            "[server.time_out]",
            "line 1, column 9: unknown key `time_out` in [server]; did you mean `timeouts`?",
        ),
        (
            "[server.timeouts]\nidel = \"5s\"",
            "line 2, column 1: unknown key `idel` in [server.timeouts]; did you mean `idle`?",
        ),
        (
            "[client.http]\n  redirect = 3",
            "line 2, column 3: unknown key `redirect` in [client.http]; did you mean `redirects`?",
        ),
        (
            "[clients.billing]\nuri = \"http://a/b\"",
            "line 2, column 1: unknown key `uri` in [clients.billing]; did you mean `url`?",
        ),
        (
            "[server.socket]\nkeepalive = { idle = \"60s\", intervall = \"1s\", count = 1 }",
            "line 2, column 29: server.socket.keepalive.intervall: unknown key `intervall`; did you mean `interval`?",
        ),
    ] {
        assert_eq!(refused(text), told, "{text}");
    }
}

#[test]
fn addressing_may_be_a_word_or_a_table() {
    let rule = "\"required\", \"optional\" or \"off\"; or \"default\"";
    for (text, told) in [
        (
            "[server]\naddresing = \"off\"",
            "line 2, column 1: unknown key `addresing` in [server]; did you mean `addressing`?".to_owned(),
        ),
        (
            "[server]\naddressing = \"must\"",
            format!("line 2, column 14: server.addressing.mode: \"must\" is not {rule}"),
        ),
        (
            "[clients.a]\naddressing = true",
            format!("line 2, column 14: clients.a.addressing.mode: true is not {rule}"),
        ),
        (
            "[[server.binding]]\nurl = \"http://127.0.0.1:0\"\naddressing = 1",
            format!("line 3, column 14: server.binding.addressing.mode: 1 is not {rule}"),
        ),
        (
            "[server]\naddressing = { mod = \"off\" }",
            "line 2, column 16: unknown key `mod` in [server.addressing]; did you mean `mode`?".to_owned(),
        ),
        (
            "[client.addressing]\nedition = \"2003/03\"",
            "line 2, column 11: client.addressing.edition: \"2003/03\" is not \"2005/08\" or \"2004/08\"".to_owned(),
        ),
        (
            "[server.addressing]\nanswers_to = [\"http://a/b?c\"]",
            "line 2, column 14: server.addressing.answers_to: AddressingOptions::answers_to: \"http://a/b?c\": it has a query, but \
             only scheme, host, port and path count"
                .to_owned(),
        ),
        (
            "[client.addressing]\nanswers_to = [\"http://a/\"]",
            "line 2, column 1: client.addressing.answers_to: for servers only".to_owned(),
        ),
        (
            "[server.addressing]\nanswers_to = [\n  \"http://a/\",\n  \"a\",\n]",
            "line 4, column 3: server.addressing.answers_to: \"a\" is not a URL, such as \"http://127.0.0.1:9000/calc\" or \"soap.tcp://127.0.0.1:9001\"".to_owned(),
        ),
    ] {
        assert_eq!(refused(text), told, "{text}");
    }
}

#[cfg(feature = "udp")]
#[test]
fn options_of_datagrams() {
    for (text, told) in [
        (
            "[server]\nbind = \"soap.udp://127.0.0.1:99999\"",
            "line 2, column 8: server.bind: \"soap.udp://127.0.0.1:99999\": its port is not a number from 0 to 65535",
        ),
        (
            "[client]\nurl = \"soap.udp://127.0.0.1:0\"",
            "line 2, column 7: client.url: \"soap.udp://127.0.0.1:0\": port 0 is for a server, which takes a free one, and tells it \
             by Running::urls",
        ),
        (
            "[server.socket]\nbacklog = 9\n[[server.binding]]\nurl = \"soap.udp://127.0.0.1:0\"\nsocket.nodelay = false",
            "line 5, column 18: server.binding.socket.nodelay: soap.udp://127.0.0.1:0: it is for streams, and means nothing on \
             soap.udp",
        ),
        (
            "[server]\nbind = \"http://127.0.0.1:0\"\n[[server.binding]]\nurl = \"soap.udp://127.0.0.1:0\"\n\
             addressing.answers_to = [\"http://a/\"]",
            "line 5, column 25: server.binding.addressing.answers_to: soap.udp://127.0.0.1:0: answers only go back there, since \
             anybody can forge where a request comes from",
        ),
        (
            "[server.udp]\nunicast_repeats = 2",
            "line 2, column 1: unknown key `unicast_repeats` in [server.udp]; did you mean `unicast_repeat`?",
        ),
        (
            "[server.udp]\nhops = 2",
            "line 2, column 1: server.udp.hops: for clients only",
        ),
        (
            "[client.udp]\nseen = 2",
            "line 2, column 1: client.udp.seen: for servers only",
        ),
        (
            "[client.udp]\nhops = 256",
            "line 2, column 8: client.udp.hops: 256 is not a whole number from 0 to 255",
        ),
        (
            "[client.udp]\ndatagram = \"64KiB\"",
            "line 2, column 12: client.udp.datagram: UdpOptions::datagram is 65536; allowed: from 1 to 65507",
        ),
        (
            "[server.udp]\ngroups = [\"239.255.255.250\", \"192.0.2.1\"]",
            "line 2, column 10: server.udp.groups: UdpOptions::groups is 192.0.2.1; allowed: multicast addresses",
        ),
        (
            "[server]\nbind = \"soap.udp://127.0.0.1:0\"\nudp.min_delay = \"1s\"",
            "line 3, column 17: server.udp.min_delay: UdpOptions::min_delay is 1s; allowed: up to max_delay, which is 250ms",
        ),
        (
            "[server.udp]\nseen = 0",
            "line 2, column 8: server.udp.seen: UdpOptions::seen is 0; allowed: 1 and more",
        ),
        (
            "[server.udp]\nupper_delay = \"2min\"",
            "line 2, column 15: server.udp.upper_delay: UdpOptions::upper_delay is 120s; allowed: up to 60s",
        ),
        (
            "[client]\nurl = \"http://127.0.0.1:9\"\nudp.hops = 2",
            "line 3, column 5: client.udp.hops: http://127.0.0.1:9 cannot honour it, only a URL with soap.udp can",
        ),
    ] {
        assert_eq!(refused(text), told, "{text}");
    }
}

#[test]
fn a_key_of_another_table_is_told_where_it_belongs() {
    assert_eq!(
        refused("[server]\nidle = \"5s\""),
        "line 2, column 1: unknown key `idle` in [server]; did you mean `server.timeouts.idle`?"
    );
    assert_eq!(
        refused("[clients.a.limits]\ncall = \"5s\""),
        "line 2, column 1: unknown key `call` in [clients.a.limits]; did you mean `clients.a.timeouts.call`?"
    );
}

#[test]
fn a_key_like_no_other_lists_what_is_known() {
    let told = refused("[client]\ncolour = 1");
    assert!(
        told.starts_with("line 2, column 1: unknown key `colour` in [client]; known: url, version, limits, timeouts, socket"),
        "{told}"
    );
}

#[test]
fn a_wrong_value_says_what_is_allowed() {
    let size = "a size: a number of bytes, or a number with B, KiB, MiB, GiB, kB, MB or GB, such as \"4MiB\"";
    let some = size.replacen("size", "size above 0", 1);
    let time = "a time above 0: a number with ms, s, min or h, such as \"5s\"";
    for (text, told) in [
        (
            "[server]\ntimeouts.idle = \"5x\"",
            format!("line 2, column 17: server.timeouts.idle: \"5x\" is not {time}; or \"default\""),
        ),
        (
            "[client.timeouts]\ncall = 5",
            format!("line 2, column 8: client.timeouts.call: 5 is not {time}"),
        ),
        (
            "[client.limits]\nmessage = \"4M\"",
            format!("line 2, column 11: client.limits.message: \"4M\" is not {some}"),
        ),
        (
            "[client.limits]\ncomments = -1",
            format!("line 2, column 12: client.limits.comments: -1 is not {size}"),
        ),
        (
            "[server.limits]\ndepth = \"deep\"",
            "line 2, column 9: server.limits.depth: \"deep\" is not a whole number from 1 to 1000".to_owned(),
        ),
        (
            "[client.http]\nredirects = 256",
            "line 2, column 13: client.http.redirects: 256 is not a whole number from 0 to 255".to_owned(),
        ),
        (
            "[client.socket]\nnodelay = \"yes\"",
            "line 2, column 11: client.socket.nodelay: \"yes\" is not true or false".to_owned(),
        ),
        (
            "[client]\nurl = \"localhost:9000\"",
            "line 2, column 7: client.url: \"localhost:9000\" is not a URL, such as \"http://127.0.0.1:9000/calc\" or \"soap.tcp://127.0.0.1:9001\"".to_owned(),
        ),
        (
            "[client]\nversion = \"1.3\"",
            "line 2, column 11: client.version: \"1.3\" is not \"1.1\" or \"1.2\"".to_owned(),
        ),
        (
            "[server.capacity]\ntrusted_proxies = [\n  \"10.0.0.1\",\n  \"proxy\",\n]",
            "line 4, column 3: server.capacity.trusted_proxies: \"proxy\" is not an IP address, such as \"192.0.2.1\" or \"2001:db8::1\"".to_owned(),
        ),
        (
            "[server.socket]\nkeepalive = { idle = \"1m\", interval = \"1s\", count = 1 }",
            format!("line 2, column 22: server.socket.keepalive.idle: \"1m\" is not {}", time.replace(" above 0", "")),
        ),
        (
            "[server.socket]\nkeepalive = { idle = \"1s\" }",
            "line 2, column 13: server.socket.keepalive: `interval` is missing".to_owned(),
        ),
        (
            "[server]\nlimits = 5",
            "line 2, column 10: server.limits: 5 is not a table of limits".to_owned(),
        ),
        (
            "server = true",
            "line 1, column 10: server: true is not a table".to_owned(),
        ),
        (
            "[clients]\nurl = \"http://a/\"",
            "line 2, column 1: clients.url: \"http://a/\" is not a table, as in [clients.NAME]".to_owned(),
        ),
        (
            "[[server.binding]]\nsocket.linger = \"5s\"",
            "line 1, column 1: [[server.binding]] has no `url`".to_owned(),
        ),
    ] {
        assert_eq!(refused(text), told, "{text}");
    }
}

/// What could not be kept is not taken as something else in silence.
#[test]
fn values_without_sense_are_refused() {
    let time = "is not a time above 0: a number with";
    for (key, value, told) in [
        (
            "server.limits.depth",
            "5000",
            "is not a whole number from 1 to 1000",
        ),
        (
            "client.limits.depth",
            "0",
            "is not a whole number from 1 to 1000",
        ),
        (
            "server.limits.message",
            "0",
            "is not a size above 0: a number of bytes",
        ),
        (
            "client.limits.head",
            "\"0B\"",
            "is not a size above 0: a number of bytes",
        ),
        (
            "client.limits.children",
            "0",
            "is not a whole number of 1 or more",
        ),
        (
            "server.capacity.in_flight",
            "0",
            "is not a whole number from 1 to 536870911; or \"default\"",
        ),
        (
            "server.capacity.in_flight",
            "536870912",
            "is not a whole number from 1 to 536870911",
        ),
        (
            "server.capacity.connections",
            "0",
            "is not a whole number of 1 or more",
        ),
        (
            "server.capacity.connections_per_peer",
            "0",
            "is not a whole number of 1 or more",
        ),
        (
            "server.capacity.requests_per_connection",
            "0",
            "is not a whole number of 1 or more; or \"default\"",
        ),
        (
            "client.tcp.pipeline",
            "1025",
            "is not a whole number from 1 to 1024",
        ),
        ("server.timeouts.idle", "\"0s\"", time),
        ("server.timeouts.handler", "\"0ms\"", time),
        ("client.timeouts.call", "\"0s\"", time),
        ("client.timeouts.connect", "\"0s\"", time),
    ] {
        let refused = refused(&format!("\n{key} = {value}"));
        let column = key.len() + 4;
        let told = format!("line 2, column {column}: {key}: {value} {told}");
        assert!(refused.starts_with(&told), "{refused}");
    }
    // At once, none and off have a sense here.
    for key in [
        "server.limits.body_rate = 0",
        "server.limits.comments = 0",
        "server.limits.header_blocks = 0",
        "server.capacity.queue = 0",
        "server.timeouts.grace = \"0s\"",
        "server.timeouts.stop = \"0s\"",
        "server.socket.linger = \"0s\"",
        "client.timeouts.next_address = \"0s\"",
        "client.timeouts.client_idle = \"0s\"",
        "client.http.pool_idle = 0",
    ] {
        parse(key).expect(key);
    }
}

/// What only the transport knows is said at the line as well.
#[test]
fn a_value_the_transport_refuses_is_told_at_its_line() {
    for (text, place, part) in [
        (
            "[server.socket]\nbacklog = 0",
            "line 2, column 11: server.socket.backlog: ",
            "backlog",
        ),
        (
            "[client.http]\nheaders = { Host = \"x\" }",
            "line 2, column 11: client.http.headers: ",
            "Host",
        ),
    ] {
        let told = refused(text);
        assert!(told.starts_with(place) && told.contains(part), "{told}");
    }
}

#[test]
fn a_key_for_the_other_side_is_refused_by_name() {
    for (text, told) in [
        (
            "[client.timeouts]\nfirst_byte = \"5s\"",
            "line 2, column 1: client.timeouts.first_byte: for servers only",
        ),
        (
            "[server.timeouts]\nconnect = \"5s\"",
            "line 2, column 1: server.timeouts.connect: for clients only",
        ),
        (
            "[server.http]\nredirects = 1",
            "line 2, column 1: server.http.redirects: for clients only",
        ),
        (
            "[server.tcp]\npipeline = 2",
            "line 1, column 9: [server.tcp]: for clients only",
        ),
        (
            "[client.socket]\nlinger = \"5s\"",
            "line 2, column 10: client.socket.linger: Linger::Wait is for listeners, not for a client, which has read its answer when it closes",
        ),
        (
            "[client.capacity]\nqueue = 1",
            "line 1, column 9: [client.capacity]: for servers only",
        ),
        (
            "[[server.binding]]\nurl = \"http://127.0.0.1:0\"\ntimeouts.handler = \"5s\"",
            "line 3, column 10: server.binding.timeouts.handler: one for all URLs of the server: it belongs in [server.timeouts]",
        ),
    ] {
        assert_eq!(refused(text), told, "{text}");
    }
}

/// An option that no transport of the URLs has is refused by name, unless it is at its default.
#[test]
fn a_key_for_another_transport_is_refused_by_name() {
    for (text, told) in [
        (
            "[client]\nurl = \"soap.tcp://a:1\"\n[client.http]\npool_idle = 100\nredirects = 3",
            "line 5, column 1: client.http.redirects: soap.tcp://a:1 cannot honour it, only a URL with http",
        ),
        (
            "[client]\nurl = \"http://a/\"\ntcp.pipeline = 8",
            "line 3, column 5: client.tcp.pipeline: http://a/ cannot honour it, only a URL with soap.tcp",
        ),
        (
            "[server]\nbind = [\"soap.tcp://a:1\", \"tcp://a:2\"]\nhttp.gzip = false\n[[server.binding]]\nurl = \"tcp://a:3\"\nhttp.gzip = true",
            if cfg!(feature = "gzip") {
                "line 6, column 6: server.binding.http.gzip: tcp://a:3 cannot honour it, only a URL with http"
            } else {
                "line 6, column 13: server.binding.http.gzip: HttpOptions::gzip needs the feature \"gzip\""
            },
        ),
    ] {
        let refused = refused(text);
        assert!(refused.starts_with(told), "{refused}");
    }
    // What is at its default changes nothing, a scheme from elsewhere is asked when it starts, and a URL may come later.
    for text in [
        "[client]\nurl = \"soap.tcp://a:1\"\nhttp.redirects = 0",
        "[client]\nurl = \"other://a:1\"\nhttp.redirects = 3",
        "[client]\nhttp.redirects = 3",
        "[client]\nhttp.redirects = 3\n[clients.stream]\nurl = \"soap.tcp://a:1\"",
    ] {
        parse(text).expect(text);
    }
}

/// What the transport of a URL would refuse when it starts is told while the file is read.
#[test]
fn a_url_its_transport_cannot_take_is_told_at_its_line() {
    for (text, told) in [
        (
            "[client]\nurl = \"soap.tcp://a\"",
            "line 2, column 7: client.url: \"soap.tcp://a\": there is no port, and the scheme has no default one",
        ),
        (
            "[server]\nbind = [\n  \"http://127.0.0.1:0\",\n  \"tcp://127.0.0.1:0/?a=b\",\n]",
            "line 4, column 3: server.bind: \"tcp://127.0.0.1:0/?a=b\": a query and a fragment mean nothing here",
        ),
        (
            "[[server.binding]]\nurl = \"soap.tcp://127.0.0.1:0#top\"",
            "line 2, column 7: server.binding.url: \"soap.tcp://127.0.0.1:0#top\": a query and a fragment mean nothing here",
        ),
        (
            "[client]\nurl = \"tcp://a:1\"\ntcp.pipeline = 4",
            "line 3, column 16: client.tcp.pipeline: tcp://a:1: only 1: a connection of tcp carries one exchange; soap.tcp takes more",
        ),
        (
            "[client]\ntcp.pipeline = 4\n[clients.once]\nurl = \"tcp://a:1\"",
            "line 2, column 16: clients.once.tcp.pipeline: tcp://a:1: only 1: a connection of tcp carries one exchange; soap.tcp takes more",
        ),
    ] {
        assert_eq!(refused(text), told, "{text}");
    }
    let secret = refused("[client]\nurl = \"soap.tcp://me:s3cret@a:1\"");
    assert!(!secret.contains("s3cret"), "{secret}");
}

#[test]
fn a_table_of_a_feature_that_is_not_there_names_it() {
    if cfg!(feature = "tls") {
        return;
    }
    assert_eq!(
        refused("[client.tls]"),
        "line 1, column 9: [client.tls] needs the feature `tls`, which is not compiled in"
    );
}

#[test]
fn all_mistakes_are_told_at_once_in_order() {
    let error = parse(
        "[server]\nbint = []\n[client]\ntimeouts.call = 1\nurl = 2\n[server.limits]\ndeep = 1",
    )
    .expect_err("four mistakes");
    let lines: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| problem.line())
        .collect();
    assert_eq!(lines, [Some(2), Some(4), Some(5), Some(7)]);
    assert_eq!(error.to_string().lines().count(), 4);
    let first = &error.problems()[0];
    assert_eq!(
        (first.key(), first.suggestion()),
        ("server.bint", Some("bind"))
    );
    assert_eq!(
        (first.column(), first.file(), first.variable()),
        (Some(1), None, None)
    );
}

#[test]
fn each_wrong_url_of_a_list_is_told() {
    let told = refused(
        "[server]\nbind = [\n  \"http:/a\",\n  \"http://127.0.0.1:0\",\n  \"http://127.0.0.1:99999\",\n  7,\n]",
    );
    let lines: Vec<_> = told.lines().collect();
    let [first, second, third] = lines[..] else {
        panic!("{told}")
    };
    assert!(first.contains("line 3, column 3: server.bind: \"http:/a\" is not a URL"));
    assert!(second.contains("line 5, column 3: server.bind: \"http://127.0.0.1:99999\": its port"));
    assert!(third.contains("line 6, column 3: server.bind: 7 is not a URL"));
}

/// A named client stands on `[client]`, whose mistakes are told once.
#[test]
fn what_is_inherited_is_told_once() {
    let told = refused("[client]\ntimeouts.call = 1\n[clients.a]\n[clients.b]");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let told = refused("[client]\nurl = \"http://a/\"\nurl = \"http://b/\"");
    assert_eq!(told, "line 3, column 1: not TOML: duplicate key");
}

#[test]
fn what_is_not_toml_is_told_at_its_line() {
    let told = refused("[client]\nurl = http://a/");
    assert!(told.starts_with("line 2, column "), "{told}");
    assert!(told.contains("not TOML: "), "{told}");
}

#[test]
fn a_file_is_named() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mistake.toml");
    fs::write(&file, "[client]\n\n  tiemouts.call = \"5s\"\n").expect("a file");
    let error = Config::from_file(&file).expect_err("a mistake");
    let told = format!(
        "{}:3:3: unknown key `tiemouts` in [client]; did you mean `timeouts`?",
        file.display()
    );
    assert_eq!(error.to_string(), told);
    assert_eq!(error.problems()[0].file(), Some(&*file));

    let absent = file.with_file_name("absent.toml");
    let error = Config::from_file(&absent).expect_err("no file");
    let told = format!("{}: cannot be read: ", absent.display());
    assert!(error.to_string().starts_with(&told), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

/// A password is not echoed, and not printed with the configuration.
#[test]
fn secrets_are_not_told() {
    let config = parse("[client]\nurl = \"http://a/\"\n[client.http]\nbasic_auth = { user = \"me\", password = \"s3cret\" }\nheaders = { X-Key = \"s3cret\" }")
        .expect("right");
    assert!(!format!("{config:?}").contains("s3cret"));
    for text in [
        "[client.http]\nbasic_auth = \"s3cret\"",
        "[client.http]\nbasic_auth = { user = \"me\", password = [\"s3cret\"] }",
        "[client.http]\nheaders = { X-Key = \"s3cret\\n\" }",
    ] {
        assert!(!refused(text).contains("s3cret"), "{text}");
    }
}

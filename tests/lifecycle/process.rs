//! The calculator in a process of its own, which can be stopped and killed: this program once more.

use std::{
    io::{BufRead, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use soapstone::{
    Server,
    server::{Inherited, shutdown_signal},
    transport::{Capacity, CloseFirst, SocketOptions, Timeouts},
};

use crate::harness::{Calculator, contract::CalcServer};

/// The URLs to serve, in the process that serves.
const URLS: &str = "SOAPSTONE_TEST_SERVE";
/// Set in it if the port is to be shared.
const SHARED: &str = "SOAPSTONE_TEST_REUSE_PORT";
/// Set in it if it is to close each connection behind its first answer.
const CLOSES: &str = "SOAPSTONE_TEST_CLOSE_FIRST";
/// Connections it takes, beyond the default.
const CONNECTIONS: usize = 12_000;

/// True if tests take their time: 100 rounds in place of 20, 10,000 connections in place of 500.
pub(crate) fn is_thorough() -> bool {
    std::env::var_os("SOAPSTONE_THOROUGH").is_some()
}

/// How a process serves.
#[derive(Debug, Default)]
pub(crate) struct Setup<'a> {
    pub(crate) urls: &'a [&'a str],
    pub(crate) reuse_port: bool,
    /// It closes each connection behind its first answer.
    pub(crate) closes: bool,
    pub(crate) inherited: Option<&'a TcpListener>,
}

/// What a process has done in its life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    /// Operations that were run.
    pub(crate) executed: usize,
    /// Connections that were accepted.
    pub(crate) accepted: usize,
}

/// A process that serves the calculator. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    pub(crate) urls: Vec<String>,
}

impl Process {
    /// Starts it; it listens when this returns.
    pub(crate) fn start(setup: &Setup<'_>) -> Self {
        let mut command = Command::new("sh");
        // A socket comes in as standard input, and goes on as systemd would hand it over.
        let begin = match setup.inherited {
            Some(socket) => {
                let socket = socket.try_clone().expect("a descriptor is left");
                command.stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)));
                "exec 3<&0 0</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\""
            }
            None => "exec \"$0\" \"$@\"",
        };
        command.args(["-c", begin]);
        if setup.reuse_port {
            command.env(SHARED, "1");
        }
        if setup.closes {
            command.env(CLOSES, "1");
        }
        let mut child = command
            .arg(std::env::current_exe().expect("this program"))
            .args(["--exact", "process::the_process_that_serves", "--nocapture"])
            .env(URLS, setup.urls.join(" "))
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut process = Self {
            child,
            output,
            urls: Vec::new(),
        };
        for _ in setup.urls {
            let url = process.says("listening on ");
            process.urls.push(url.expect("it binds at once"));
        }
        process
    }

    /// The id of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn port(&self) -> u16 {
        port_of(&self.urls[0])
    }

    /// What stands behind `begin` in the next line of its output that has it.
    fn says(&mut self, begin: &str) -> Option<String> {
        let mut found = self.output.by_ref().map_while(Result::ok);
        found.find_map(|line| line.split_once(begin).map(|(_, rest)| rest.to_owned()))
    }

    /// Tells it to stop, and gives what it has done.
    pub(crate) fn stop(mut self) -> Done {
        // The shell's own kill: a bare machine has no program of that name.
        let told = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .status()
            .expect("a shell is there");
        assert!(told.success());
        let done = self.says("executed ").expect("it stops in good order");
        let status = self.child.wait().expect("ends");
        assert!(status.success(), "{status}");
        let (executed, accepted) = done.split_once(" accepted ").expect("both");
        Done {
            executed: executed.parse().expect("a number"),
            accepted: accepted.parse().expect("a number"),
        }
    }

    /// Kills it by SIGKILL; it is gone when this returns.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it lives");
        self.child.wait().expect("ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port of a URL with an IPv4 address.
pub(crate) fn port_of(url: &str) -> u16 {
    let (_, port) = url.rsplit_once(':').expect("a port");
    let digits = port.split('/').next().expect("a part");
    digits.parse().expect("a number")
}

/// Does nothing but in a process of its own.
#[test]
fn the_process_that_serves() {
    let Ok(urls) = std::env::var(URLS) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let inherited = Inherited::from_env().expect("sockets that listen");
    let is_set = |name| std::env::var_os(name).is_some();
    let mut socket = SocketOptions::new().reuse_port(is_set(SHARED));
    if is_set(CLOSES) {
        socket = socket.close_first(CloseFirst::Server);
    }
    runtime.block_on(async {
        let calculator = Calculator::default();
        let long = Duration::from_secs(600);
        let server = Server::new(CalcServer::new(calculator.clone()))
            .socket(socket)
            .capacity(Capacity::new().connections(CONNECTIONS))
            .timeouts(Timeouts::new().idle(long).first_byte(long))
            .inherit(inherited);
        #[cfg(feature = "tls")]
        let server = encrypted(server, &urls);
        let server = urls.split(' ').fold(server, Server::bind);
        let shutdown = shutdown_signal();
        let running = server.start().await.expect("binds");
        for url in running.urls() {
            println!("listening on {url}");
        }
        shutdown.await;
        let monitor = running.monitor();
        let stopped = running.stop(Duration::from_secs(10)).await;
        stopped.expect("it stops in time");
        let accepted = monitor.counters().accepted;
        println!("executed {} accepted {accepted}", calculator.executions());
    });
}

/// With a certificate, if one of the URLs needs it.
#[cfg(feature = "tls")]
fn encrypted(server: Server, urls: &str) -> Server {
    use soapstone::transport::tls::{Identity, ServerTls};
    if !urls.contains("https:") && !urls.contains("soap.tls:") {
        return server;
    }
    let names = vec!["127.0.0.1".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = certified.signing_key.serialize_der();
    let identity = Identity::from_der([certified.cert.der().to_vec()], key);
    server.with(ServerTls::new(identity.expect("an identity")))
}

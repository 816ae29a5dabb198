//! A server that is told to stop by a signal, as soon as it can be.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use soapstone::server::shutdown_signal;

/// Set for the process that is told to stop.
const CHILD: &str = "SOAPSTONE_TEST_SIGNAL_CHILD";

/// The process that is told to stop: it says that it is ready, and looks for a signal only when it is told so. Does nothing but
/// in that process.
#[test]
fn the_process_that_is_told() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let shutdown = shutdown_signal();
        println!("listening on nothing");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).expect("a line");
        shutdown.await;
        println!("stopped in good order");
    });
}

/// SIGTERM just after a server said that it listens killed it: signals were caught from the first poll on.
#[cfg(unix)]
#[test]
fn a_signal_that_comes_before_it_is_waited_for_is_not_lost() {
    for signal in ["-TERM", "-INT"] {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "signal::the_process_that_is_told", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut says = |what: &str| output.any(|line| line.is_ok_and(|line| line.contains(what)));
        assert!(says("listening on"));
        // The shell's own kill: a bare machine has no program of that name.
        let told = Command::new("sh")
            .args(["-c", &format!("kill {signal} {}", child.id())])
            .status()
            .expect("a shell is there");
        assert!(told.success());
        // Nothing is written to a process that was killed.
        let mut input = child.stdin.take().expect("a pipe");
        let _ = input.write_all(b"go on\n");
        let stopped = says("stopped in good order");
        let status = child.wait().expect("ends");
        assert!(stopped && status.success(), "{signal}: {status}");
    }
}

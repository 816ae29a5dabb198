//! How many calls a second a calculator answers: `cargo run --release --example calls -- CALLERS SECONDS URL…`.
//!
//! Each caller calls Add, waits for the answer and calls again. The callers share one client, as the tasks of a program do. The URLs
//! are measured one after another, and each gives one line: `URL callers=N calls/s=X failed=Y`. The calculator may be the one of the
//! example `calculator` or that of another SOAP stack with the same contract.

#![allow(
    unreachable_pub,
    reason = "the contract is written as a library would have it"
)]

#[cfg(feature = "tls")]
#[path = "calculator/calling.rs"]
mod calling;
#[path = "calculator/contract.rs"]
mod contract;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use soapstone::{
    Endpoint,
    transport::{http::HttpOptions, tcp::TcpOptions},
};

use contract::CalcClient;

/// A call that has no answer after this time has failed.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Measure how many calls of Add a calculator answers in a second.
#[derive(Parser)]
struct Arguments {
    /// How many calls are under way at any time.
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    callers: u32,
    /// How long to measure each URL, in seconds; fractions are allowed.
    #[arg(value_parser = seconds)]
    seconds: Duration,
    /// Where the calculator is. The scheme chooses the transport.
    #[arg(required = true, value_name = "URL")]
    urls: Vec<String>,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    tls: calling::Calling,
}

fn seconds(text: &str) -> Result<Duration> {
    let seconds: f64 = text.parse()?;
    ensure!(
        seconds > 0.0 && seconds <= 86_400.0,
        "it is not more than 0 and at most 86400"
    );
    Ok(Duration::from_secs_f64(seconds))
}

/// Exits with 0 if every call was answered, with 1 if calls failed, and with 2 if the arguments are wrong: then nothing is measured.
#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let clients = match clients(&arguments).await {
        Ok(clients) => clients,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    let mut exit = ExitCode::SUCCESS;
    for (url, client) in arguments.urls.iter().zip(clients) {
        let total = measure(&client, arguments.callers, arguments.seconds).await;
        let speed = f64::from(total.answered) / arguments.seconds.as_secs_f64();
        println!(
            "{url} callers={} calls/s={speed:.0} failed={}",
            arguments.callers, total.failed
        );
        if let Some((_, error)) = total.first_failure {
            eprintln!("{url}: the first failure: {error:#}");
            exit = ExitCode::FAILURE;
        }
    }
    exit
}

/// A client for each URL. All URLs and options are checked before the first call.
async fn clients(arguments: &Arguments) -> Result<Vec<CalcClient>> {
    let mut clients = Vec::new();
    for url in &arguments.urls {
        let endpoint = endpoint(url, arguments)?;
        let channel = endpoint.connect().await.with_context(|| url.clone())?;
        clients.push(CalcClient::new(channel));
    }
    Ok(clients)
}

/// The endpoint at `url`. If its transport has connections, it keeps one for each caller.
fn endpoint(url: &str, arguments: &Arguments) -> Result<Endpoint> {
    let callers = arguments.callers as usize;
    let scheme = url.split("://").next().unwrap_or_default();
    let endpoint = Endpoint::new(url).timeout(TIMEOUT);
    let endpoint = match scheme {
        "http" | "https" => {
            let http = HttpOptions::new().pool_idle_per_host(callers);
            endpoint.with(http.pool_idle(callers))
        }
        "soap.tcp" | "soap.tls" | "tcp" => {
            let tcp = TcpOptions::new().pool_idle_per_host(callers);
            endpoint.with(tcp.pool_idle(callers))
        }
        _ => endpoint,
    };
    #[cfg(feature = "tls")]
    if matches!(scheme, "https" | "soap.tls") {
        return arguments.tls.on(endpoint);
    }
    Ok(endpoint)
}

/// What came of the calls.
#[derive(Default)]
struct Total {
    /// Calls with the right answer, before the end of the measurement.
    answered: u32,
    failed: u32,
    first_failure: Option<(Instant, anyhow::Error)>,
}

impl Total {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
        self.first_failure = [self.first_failure.take(), other.first_failure]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at);
    }
}

/// Calls by so many callers for so long.
async fn measure(client: &CalcClient, callers: u32, time: Duration) -> Total {
    let end = Instant::now() + time;
    let callers: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(call_until(end, client.clone(), f64::from(caller))))
        .collect();
    let mut total = Total::default();
    for caller in callers {
        total.add(caller.await.expect("a caller does not panic"));
    }
    total
}

/// One caller. A call that has begun before the end is waited for: it counts if it fails, and does not if its answer comes late.
async fn call_until(end: Instant, client: CalcClient, first: f64) -> Total {
    let mut total = Total::default();
    let mut second = 0.0;
    while Instant::now() < end {
        let outcome = add(&client, first, second).await;
        let now = Instant::now();
        match outcome {
            Ok(()) if now < end => total.answered += 1,
            Ok(()) => {}
            Err(error) => {
                total.failed += 1;
                total.first_failure.get_or_insert((now, error));
            }
        }
        second += 0.5;
    }
    total
}

async fn add(client: &CalcClient, a: f64, b: f64) -> Result<()> {
    let sum = client.add(a, b).await?;
    ensure!(sum == a + b, "{a} + {b} is {sum}");
    Ok(())
}

//! The calculator and what is asked of it. Nothing here says how messages travel.

use std::{fmt, time::Duration};

use soapstone::{CallError, Config, Fault, Server, SoapFault};

/// What both sides share.
#[soapstone::service(namespace = "http://example.org/swap")]
trait Calc {
    /// The sum of two numbers.
    async fn add(&self, a: f64, b: f64) -> f64;
    /// The quotient of two numbers.
    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault>;
    /// How many bytes a text has.
    async fn length(&self, text: String) -> u64;
    /// Tells something; nothing comes back.
    #[soap(one_way)]
    async fn notify(&self, text: String);
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "http://example.org/swap")]
enum CalcFault {
    #[soap(code = "Sender", reason = "divide by zero")]
    DivideFault { dividend: f64 },
    #[soap(other)]
    Other(Fault),
}

/// What the server does.
struct Calculator;

impl Calc for Calculator {
    async fn add(&self, a: f64, b: f64) -> f64 {
        a + b
    }

    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault> {
        if b == 0.0 {
            return Err(CalcFault::DivideFault { dividend: a });
        }
        Ok(a / b)
    }

    async fn length(&self, text: String) -> u64 {
        text.len() as u64
    }

    async fn notify(&self, _: String) {}
}

/// Serves the calculator as `[server]` of the configuration says, calls it as `[client]` says, and gives a line for each call.
///
/// # Errors
/// Fails if the server cannot start, or the client cannot be made.
pub(crate) async fn run(config: Config) -> anyhow::Result<Vec<String>> {
    let server = Server::from_config(CalcServer::new(Calculator), &config)?;
    let running = server.start().await?;

    // A client of its own has the `url` of the server in its file. This one shares the program with the server, whose port 0 has
    // taken a free port, and is told of it by what would be a variable of the environment.
    let url = running.urls().first().cloned().unwrap_or_default();
    let config = config.environment([("SOAPSTONE_CLIENT__URL", &url)])?;
    let calc = CalcClient::from_config(&config).await?;

    let mut lines = vec![format!("at {url}")];
    lines.extend(call(&calc).await);
    running.stop(Duration::from_secs(10)).await?;
    Ok(lines)
}

/// What the client does, on every transport.
async fn call(calc: &CalcClient) -> Vec<String> {
    vec![
        told("Add 1.5 2.25", calc.add(1.5, 2.25).await),
        told("Divide 7 2", calc.divide(7.0, 2.0).await),
        told("Divide 1 0", calc.divide(1.0, 0.0).await),
        told("Notify", calc.notify("the end is near".to_owned()).await),
        // Too much for a datagram.
        told("Length of 100 kB", calc.length("x".repeat(100_000)).await),
    ]
}

/// A call with what came of it: a value, a fault of the service, or what went wrong on the way.
fn told<T: fmt::Debug, F: SoapFault + fmt::Debug>(
    call: &str,
    answer: Result<T, CallError<F>>,
) -> String {
    match answer {
        Ok(value) => format!("{call} -> {value:?}"),
        Err(CallError::Fault(fault)) => format!("{call} -> fault {fault:?}"),
        Err(error) => format!("{call} -> error: {error}"),
    }
}

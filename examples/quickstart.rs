//! A service and its typed client in one file, over HTTP, raw TCP and UDP: `cargo run --example quickstart`.

use soapstone::{CallError, Fault, Server, SoapFault, SoapType};

#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "http://example.org/calc")]
struct Entry {
    label: String,
    value: f64,
    note: Option<String>,
}

#[derive(SoapFault, Debug)]
#[soap(namespace = "http://example.org/calc")]
enum CalcFault {
    #[soap(code = "Sender", reason = "divide by zero")]
    DivideFault { dividend: f64 },
    #[soap(other)]
    Other(Fault),
}

/// A calculator with a memory.
#[soapstone::service(namespace = "http://example.org/calc")]
trait Calc {
    /// The sum of two numbers.
    async fn add(&self, a: f64, b: f64) -> f64;
    /// The quotient of two numbers.
    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault>;
    /// The sum of all entries.
    async fn total(&self, entries: Vec<Entry>) -> f64;
    /// Tells something; nothing comes back.
    #[soap(one_way)]
    async fn notify(&self, text: String);
}

struct Calculator;

impl Calc for Calculator {
    async fn add(&self, a: f64, b: f64) -> f64 {
        a + b
    }

    async fn divide(&self, a: f64, b: f64) -> Result<f64, CalcFault> {
        if b == 0.0 {
            Err(CalcFault::DivideFault { dividend: a })
        } else {
            Ok(a / b)
        }
    }

    async fn total(&self, entries: Vec<Entry>) -> f64 {
        entries.iter().map(|entry| entry.value).sum()
    }

    async fn notify(&self, text: String) {
        println!("server: notified of {text:?}");
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let running = Server::new(CalcServer::new(Calculator))
        .bind("http://127.0.0.1:0/calc")
        .bind("soap.tcp://127.0.0.1:0")
        .bind("soap.udp://127.0.0.1:0")
        .start()
        .await?;
    let mut right = true;
    for url in running.urls() {
        println!("{url}");
        right &= call(url).await?;
    }
    running.stop(std::time::Duration::from_secs(10)).await?;
    anyhow::ensure!(right, "an answer was wrong");
    Ok(())
}

async fn call(url: &str) -> anyhow::Result<bool> {
    let calc = CalcClient::connect(url).await?;
    let mut right = true;
    let mut check = |call: &str, answer: String, expected: &str| {
        let verdict = if answer == expected { "ok" } else { "WRONG" };
        println!("  {call} -> {answer} ({verdict})");
        right &= answer == expected;
    };

    check(
        "Add 1.5 2.25",
        calc.add(1.5, 2.25).await?.to_string(),
        "3.75",
    );
    check(
        "Divide 7 2",
        calc.divide(7.0, 2.0).await?.to_string(),
        "3.5",
    );
    let answer = match calc.divide(1.0, 0.0).await {
        Err(CallError::Fault(CalcFault::DivideFault { dividend })) => {
            format!("fault: {dividend} divided by zero")
        }
        other => format!("{other:?}"),
    };
    check("Divide 1 0", answer, "fault: 1 divided by zero");
    let entries = vec![
        Entry {
            label: "a & b".into(),
            value: 1.25,
            note: None,
        },
        Entry {
            label: "Übertrag".into(),
            value: 40.0,
            note: Some("carried over".into()),
        },
    ];
    check(
        "Total of 2",
        calc.total(entries).await?.to_string(),
        "41.25",
    );
    calc.notify("the end".into()).await?;
    check("Notify", "accepted".into(), "accepted");
    Ok(right)
}

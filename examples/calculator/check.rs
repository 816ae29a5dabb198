//! The seven checks: a line `OP PASS` or `OP FAIL why` each.

use std::{future::Future, time::Duration};

use anyhow::{Result, bail, ensure};
use soapstone::{
    CallError, Endpoint,
    types::{Base64Binary, Nillable},
};

use crate::contract::{CalcClient, CalcFault, Child, Color, Record};

/// Runs every check against the calculator at `endpoint`.
pub async fn run(endpoint: Endpoint) -> Result<()> {
    let channel = endpoint.timeout(Duration::from_secs(20)).connect().await?;
    let calc = CalcClient::new(channel);
    let mut failed = 0;
    failed += report("Add", add(&calc)).await;
    failed += report("Divide", divide(&calc)).await;
    failed += report("DivFault", divide_by_zero(&calc)).await;
    failed += report("Echo", echo(&calc, record())).await;
    failed += report("EchoMin", echo(&calc, smallest())).await;
    let many_digits = "1234567890123456789.0123456789".parse()?;
    failed += report(
        "EchoDec",
        echo(
            &calc,
            Record {
                price: many_digits,
                ..record()
            },
        ),
    )
    .await;
    failed += report("Notify", notify(&calc)).await;
    ensure!(failed == 0, "{failed} checks failed");
    Ok(())
}

async fn report(name: &str, check: impl Future<Output = Result<()>>) -> usize {
    match check.await {
        Ok(()) => {
            println!("{name} PASS");
            0
        }
        Err(error) => {
            println!("{name} FAIL {error:#}");
            1
        }
    }
}

async fn add(calc: &CalcClient) -> Result<()> {
    let sum = calc.add(1.5, 2.25).await?;
    ensure!(sum == 3.75, "1.5 + 2.25 is {sum}");
    Ok(())
}

async fn divide(calc: &CalcClient) -> Result<()> {
    let quotient = calc.divide(7.0, 2.0).await?;
    ensure!(quotient == 3.5, "7 / 2 is {quotient}");
    Ok(())
}

async fn divide_by_zero(calc: &CalcClient) -> Result<()> {
    let (meta, answer) = calc.divide(1.0, 0.0).with_meta().await;
    match answer {
        Err(CallError::Fault(CalcFault::DivideFault { code: 7, text }))
            if text == "divide by zero" => {}
        other => bail!("{other:?}"),
    }
    let answer = meta
        .answer
        .map(|message| String::from_utf8_lossy(&message.envelope).into_owned())
        .unwrap_or_default();
    ensure!(answer.contains("divide by zero"), "no reason in {answer}");
    Ok(())
}

async fn echo(calc: &CalcClient, sent: Record) -> Result<()> {
    let received = calc.echo(sent.clone()).await?;
    ensure!(received == sent, "sent {sent:?}, received {received:?}");
    Ok(())
}

async fn notify(calc: &CalcClient) -> Result<()> {
    Ok(calc.notify("hi".to_owned()).await?)
}

fn record() -> Record {
    Record {
        name: "Ünï & <tag> ]]> \"q\"".to_owned(),
        count: -42,
        price: "12.50".parse().expect("a decimal"),
        when: "2024-02-29T12:34:56.789Z".parse().expect("a date and time"),
        note: Some("n".to_owned()),
        nick: Nillable::Value("nk".to_owned()),
        tags: ["a", "b c", "\u{2603}"].map(str::to_owned).to_vec(),
        blob: Base64Binary::from((0..=255).collect::<Vec<u8>>()),
        color: Color::Green,
        child: Some(Child {
            id: 5,
            label: "L".to_owned(),
        }),
    }
}

fn smallest() -> Record {
    Record {
        note: None,
        nick: Nillable::Nil,
        tags: Vec::new(),
        child: None,
        ..record()
    }
}

//! Clients and servers that use WS-Addressing, or do not, on every transport.

use soapstone::{
    CallError, Endpoint, Server, SoapVersion,
    addressing::Addressing::{self, Off, Optional, Required},
    server::Running,
    transport::tcp::TcpOptions,
};

use crate::harness::{
    Calculator,
    contract::{CalcClient, CalcServer},
};

const TIME: std::time::Duration = std::time::Duration::from_secs(10);

async fn serve(mode: Addressing) -> Running {
    let server = Server::new(CalcServer::new(Calculator::default())).addressing(mode);
    let server = server
        .bind("http://127.0.0.1:0/calc")
        .bind("soap.tcp://127.0.0.1:0")
        .bind("soap.udp://127.0.0.1:0");
    server.start().await.expect("it starts")
}

async fn client(endpoint: Endpoint) -> CalcClient {
    CalcClient::new(endpoint.connect().await.expect("a channel"))
}

/// What becomes of a call between a server and a client in these modes: an answer, a fault, or neither.
fn expected(server: Addressing, client: Addressing, is_datagram: bool) -> &'static str {
    match (server, client) {
        // The fault relates to nothing, so it could be anybody's.
        (Off, Required) if is_datagram => "nothing",
        // Its blocks must be understood, and nobody does.
        (Off, Optional | Required) => "fault",
        // Whoever sends no MessageID need not be who he seems: silence.
        (Required, Off) if is_datagram => "nothing",
        (Required, Off) => "fault",
        _ => "answer",
    }
}

#[tokio::test]
async fn every_mode_meets_every_other_on_every_transport() {
    for version in [SoapVersion::Soap11, SoapVersion::Soap12] {
        every_mode_meets_every_other_in(version).await;
    }
}

async fn every_mode_meets_every_other_in(version: SoapVersion) {
    for of_server in [Off, Optional, Required] {
        let running = serve(of_server).await;
        for url in running.urls() {
            for of_client in [Off, Optional, Required] {
                let endpoint = Endpoint::new(url).version(version).addressing(of_client);
                let expected = expected(of_server, of_client, url.starts_with("soap.udp"));
                let patience = match expected {
                    "nothing" => TIME / 50,
                    _ => TIME,
                };
                let calc = client(endpoint.timeout(patience)).await;
                let became = match calc.add(1.5, 2.25).await {
                    Ok(3.75) => "answer",
                    Ok(_) => "wrong",
                    Err(CallError::Fault(_)) => "fault",
                    Err(_) => "nothing",
                };
                assert_eq!(became, expected, "{of_server:?} {of_client:?} {url}");
            }
        }
        running.stop(TIME).await.expect("it stops");
    }
}

/// Each caller gets its own answer over the one connection they share.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipelined_calls_get_their_own_answers() {
    let running = serve(Required).await;
    let endpoint = Endpoint::new(&running.urls()[1]).addressing(Required);
    let calc = client(endpoint.with(TcpOptions::new().pipeline(16))).await;
    let calls = (0..200_u32).map(|number| {
        let calc = calc.clone();
        tokio::spawn(async move { (number, calc.add(f64::from(number), 0.5).await) })
    });
    for call in calls.collect::<Vec<_>>() {
        let (number, sum) = call.await.expect("it ends");
        assert_eq!(sum.expect("an answer"), f64::from(number) + 0.5);
    }
    running.stop(TIME).await.expect("it stops");
}

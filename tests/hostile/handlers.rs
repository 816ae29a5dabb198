//! A handler that panics ends its call, not the server, and tells the peer nothing of its inside.

use crate::{
    harness::{
        contract::{Calc, CalcFault, CalcServer, Record},
        port,
    },
    victim::{
        BOTH, FaultSeen, PATIENCE, Server, SoapVersion, Victim, envelope, media_type, request,
    },
};

/// Panics in every way a handler can, by the operation asked for.
struct Panics;

impl Calc for Panics {
    async fn add(&self, a: f64, b: f64) -> f64 {
        if b == 0.0 {
            panic!("secret: {a}");
        }
        a + b
    }

    async fn divide(&self, a: f64, _: f64) -> Result<f64, CalcFault> {
        tokio::task::yield_now().await;
        std::panic::panic_any(a)
    }

    async fn echo(&self, _: Record) -> Record {
        std::panic::resume_unwind(Box::new("secret"))
    }

    async fn notify(&self, text: String) {
        panic!("secret: {text}");
    }
}

async fn panicking() -> Victim {
    let server = Server::new(CalcServer::new(Panics)).bind("http://127.0.0.1:0/calc");
    let running = server.start().await.expect("the calculator starts");
    Victim {
        port: port(&running),
        running,
        calculator: Default::default(),
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_server_goes_on() {
    let victim = panicking().await;
    for version in BOTH {
        let server_is_to_blame = match version {
            SoapVersion::Soap12 => "Receiver",
            _ => "Server",
        };
        for _ in 0..20 {
            for operation in ["Add", "Divide"] {
                let body = format!("<c:{operation}><c:a>41</c:a><c:b>0</c:b></c:{operation}>");
                let answer = victim.post(version, envelope(version, "", &body)).await;
                assert_eq!(answer.status, 500, "{answer:?}");
                let fault = FaultSeen::of(&answer, version);
                assert_eq!(
                    (fault.code.as_str(), fault.reason.as_str()),
                    (server_is_to_blame, "internal error")
                );
                for inside in ["secret", "panic", "41", "detail", "Detail", ".rs"] {
                    assert!(!fault.envelope.contains(inside), "{fault:?}");
                }
            }
            let record = "<c:rec><c:name>n</c:name><c:count>1</c:count><c:price>1</c:price><c:when>2024-02-29T12:34:56Z</c:when>\
                <c:nick>k</c:nick><c:blob/><c:color>Red</c:color></c:rec>";
            let echo = envelope(version, "", &format!("<c:Echo>{record}</c:Echo>"));
            let fault = FaultSeen::of(&victim.post(version, echo).await, version);
            assert_eq!(fault.reason, "internal error");
            let notify = "<c:Notify><c:text>x</c:text></c:Notify>";
            assert_eq!(
                victim
                    .post(version, envelope(version, "", notify))
                    .await
                    .status,
                202
            );
        }
        let answer = victim.post(version, crate::victim::valid(version)).await;
        assert_eq!(answer.value("AddResult").as_deref(), Some("3.75"));
    }
    victim
        .running
        .stop(PATIENCE)
        .await
        .expect("no call is left behind");
}

#[tokio::test]
async fn a_connection_outlives_the_panics_on_it() {
    let victim = panicking().await;
    for version in BOTH {
        let post = |b: &str| {
            let body = envelope(
                version,
                "",
                &format!("<c:Add><c:a>1</c:a><c:b>{b}</c:b></c:Add>"),
            );
            request(&[("Content-Type", media_type(version))], body.as_bytes())
        };
        let answers = victim
            .send(&[post("0"), post("1"), post("0"), post("2")].concat())
            .await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [500, 200, 500, 200]);
    }
}

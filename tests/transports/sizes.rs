//! Large messages, and too large ones.

use soapstone::CallError;

use crate::harness::Harness;

const LIMIT: usize = 64 << 10;
/// Well above the limit, and well within what a server reads and drops before it closes.
const LARGE: usize = 300 << 10;

fn text(bytes: usize) -> String {
    "0123456789 <&> ".chars().cycle().take(bytes).collect()
}

/// True if the error says that a limit was passed.
fn is_of_limit(error: &CallError) -> bool {
    let by_kind = match error {
        CallError::Fault(_) | CallError::Read(_) => true,
        CallError::Transport(error) => error.is_limit() || matches!(error.http(), Some((413, _))),
        _ => false,
    };
    by_kind && error.to_string().contains("limit")
}

pub(crate) async fn a_large_message_arrives_whole(at: Harness) {
    let served = at.serve().await;
    let client = at.client(&served.url).await;
    for bytes in [LARGE, 1, LARGE + 1] {
        let sent = text(bytes);
        let echo = client.echo(sent.clone()).await.expect("an echo");
        assert!(echo == sent, "{} bytes came back", echo.len());
    }
}

pub(crate) async fn a_message_over_the_limit_of_the_server_is_refused(at: Harness) {
    let served = at
        .serve_with(|options| options.limits.message = LIMIT)
        .await;
    let client = at.client(&served.url).await;
    for _ in 0..3 {
        let error = client.echo(text(LARGE)).await.expect_err("too large");
        assert!(is_of_limit(&error), "{error:?}");
        assert_eq!(client.add(1, 2).await.expect("the next call works"), 3);
    }
    assert_eq!(served.probe.executions(), 3, "only the sums");
}

pub(crate) async fn an_answer_over_the_limit_of_the_client_is_refused(at: Harness) {
    let served = at.serve().await;
    let small = at.client_with(&served.url, |options| options.limits.message = LIMIT);
    let small = small.await;
    for _ in 0..3 {
        let error = small.echo(text(LARGE)).await.expect_err("too large");
        assert!(is_of_limit(&error) && error.is_ambiguous(), "{error:?}");
        assert_eq!(small.add(1, 2).await.expect("the next call works"), 3);
    }
}

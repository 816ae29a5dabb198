//! When a server program shall stop.

use std::future::Future;

/// Ends when the process is told to stop: by SIGTERM or SIGINT (Ctrl-C) on Unix, by Ctrl-C elsewhere.
///
/// The signals are caught from this call on, not only once the future is polled: call it before the server starts, and a signal
/// that comes meanwhile is not lost. Outside of a tokio runtime they are caught from the first poll on.
///
/// # Example
/// ```no_run
/// # async fn run(server: soap_transport::Server) -> Result<(), soap_core::transport::TransportError> {
/// server.run_until(soap_transport::shutdown_signal()).await
/// # }
/// ```
pub fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    let runtime = tokio::runtime::Handle::try_current();
    let caught = runtime.is_ok().then(Signals::catch);
    async move {
        let signals = caught.unwrap_or_else(Signals::catch);
        signals.first().await;
    }
}

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC as Signal, ctrl_c};

/// The signals that could be caught.
struct Signals(Vec<Signal>);

impl Signals {
    #[cfg(unix)]
    fn catch() -> Self {
        let all = [SignalKind::terminate(), SignalKind::interrupt()];
        Self::of(all.map(signal))
    }

    #[cfg(windows)]
    fn catch() -> Self {
        Self::of([ctrl_c()])
    }

    fn of<const N: usize>(all: [std::io::Result<Signal>; N]) -> Self {
        let caught = all.into_iter().filter_map(|result| {
            result
                .inspect_err(|error| tracing::error!(%error, "a signal to stop cannot be caught"))
                .ok()
        });
        Self(caught.collect())
    }

    /// Ends with the first signal; never if none could be caught.
    async fn first(mut self) {
        std::future::poll_fn(|cx| {
            let mut signals = self.0.iter_mut();
            if signals.any(|signal| signal.poll_recv(cx).is_ready()) {
                return std::task::Poll::Ready(());
            }
            std::task::Poll::Pending
        })
        .await;
    }
}

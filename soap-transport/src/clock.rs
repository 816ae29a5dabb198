//! Deadlines that cannot overflow.

use std::time::Duration;

use tokio::time::Instant;

/// Further off than any program runs: thirty years.
const NEVER: Duration = Duration::from_secs(30 * 365 * 86_400);

/// `time` after `start`; thirty years after it where the clock has no name for that instant, as for `Duration::MAX`.
pub(crate) fn after(start: Instant, time: Duration) -> Instant {
    start + time.min(NEVER)
}

//! How often and how long something is tried.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cloud::gate::{CONNECT, WHOLE};

/// How long a read may go on being tried.
const BUDGET: Duration = Duration::from_secs(10);
/// Tries of a read.
const READS: u32 = 3;
/// What a busy machine may add to the wait for a connection.
const SLACK: Duration = Duration::from_millis(500);
/// The first pause; each further one is three times as long.
const PAUSE: Duration = Duration::from_millis(300);

/// The tries of one request.
#[derive(Debug)]
pub(crate) struct Tries {
    began: Instant,
    left: u32,
    pause: Duration,
    writes: bool,
}

impl Tries {
    /// Something that changes nothing.
    pub(crate) fn reading() -> Self {
        Self { began: Instant::now(), left: READS - 1, pause: PAUSE, writes: false }
    }

    /// Something that must not happen twice.
    pub(crate) fn writing() -> Self {
        Self { began: Instant::now(), left: 0, pause: PAUSE, writes: true }
    }

    /// Whether it changes something.
    pub(crate) fn writes(&self) -> bool {
        self.writes
    }

    /// How long this try may take, to the last byte of its answer.
    pub(crate) fn limit(&self) -> Duration {
        if self.writes {
            return WHOLE;
        }
        // At least a second: a try that is worth starting is worth that much.
        BUDGET.saturating_sub(self.began.elapsed()).max(Duration::from_secs(1))
    }

    /// How long to wait for the next try, at least as long as `asked`; nothing where there is none, or it would come too late.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.left == 0 {
            return None;
        }
        let wait = jittered(self.pause).max(asked.unwrap_or_default());
        // A try that is cut short while it connects would tell less than the one before it. Who asks to wait can be reached.
        let needs = if asked.is_some() { Duration::ZERO } else { CONNECT + SLACK };
        if self.began.elapsed().saturating_add(wait).saturating_add(needs) >= BUDGET {
            return None;
        }
        self.left -= 1;
        self.pause *= 3;
        Some(wait)
    }

    /// Waits for the next try; false at once where there is none.
    pub(crate) async fn again(&mut self, asked: Option<Duration>) -> bool {
        let Some(wait) = self.next(asked) else { return false };
        sleep(wait).await;
        true
    }
}

/// Between half and all of `pause`, so that many of us do not come back in step.
fn jittered(pause: Duration) -> Duration {
    let share = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    pause / 2 + pause / 2 * share / 255
}

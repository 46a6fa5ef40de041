//! What time it is: the system's, or in tests and the demo one that moves with tokio's own, so that waiting costs nothing there.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Moment;

/// A source of the present moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Option<Told>);

/// A moment, when it was on tokio's clock, and by how many milliseconds somebody has set the clock since.
#[derive(Clone, Copy, Debug)]
struct Told {
    start: Moment,
    since: Instant,
    set_by: Option<&'static AtomicI64>,
}

impl Clock {
    /// The system's wall clock. It jumps when somebody sets it and goes on through a suspend, both as a login's life does.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stood at `start` when it was made and moves with tokio's.
    pub fn starting_at(start: Moment) -> Self {
        Self(Some(Told { start, since: Instant::now(), set_by: None }))
    }

    /// The same, and it jumps by so many milliseconds, as a clock does that somebody sets or a machine that was asleep.
    #[must_use]
    pub fn jumping(self, milliseconds: &'static AtomicI64) -> Self {
        Self(self.0.map(|told| Told { set_by: Some(milliseconds), ..told }))
    }

    /// Now.
    pub fn now(&self) -> Moment {
        match self.0 {
            None => Moment::now(),
            Some(Told { start, since, set_by }) => {
                let jumped = jiff::SignedDuration::from_millis(set_by.map_or(0, |by| by.load(Ordering::Relaxed)));
                start.checked_add(since.elapsed()).and_then(|at| at.checked_add(jumped)).unwrap_or(start)
            }
        }
    }

    /// The moment `later` from now; the far end of time where that lies beyond it.
    pub fn after(&self, later: Duration) -> Moment {
        self.now().checked_add(later).unwrap_or(Moment::MAX)
    }
}

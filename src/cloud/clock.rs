//! What time it is: the system's, or in tests and the demo one that moves with tokio's own, so that waiting costs nothing there.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Moment;

/// A source of the present moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Option<(Moment, Instant)>);

impl Clock {
    /// The system's wall clock. It jumps when somebody sets it and goes on through a suspend, both as a login's life does.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stood at `start` when it was made and moves with tokio's.
    pub fn starting_at(start: Moment) -> Self {
        Self(Some((start, Instant::now())))
    }

    /// Now.
    pub fn now(&self) -> Moment {
        match self.0 {
            None => Moment::now(),
            Some((start, since)) => start.checked_add(since.elapsed()).unwrap_or(start),
        }
    }

    /// The moment `later` from now; the far end of time where that lies beyond it.
    pub fn after(&self, later: Duration) -> Moment {
        self.now().checked_add(later).unwrap_or(Moment::MAX)
    }
}

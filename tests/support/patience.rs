//! How long a test waits for a program. What passes while this machine stands still (suspended, moved to another host, out of
//! processor time) is nobody's slowness and does not count.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Ten times what is good, for busy machines.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// What a look counts at the most; between two there are some 20 ms.
const LOOK: Duration = Duration::from_secs(1);
/// A program that was not run for so long may have passed its own time limits.
const STILL: Duration = Duration::from_secs(5);

/// When a wait last found that the machine had stood still.
static STOOD_STILL: Mutex<Option<Instant>> = Mutex::new(None);

/// The rest of a wait.
pub(crate) struct Patience {
    left: Duration,
    looked: Instant,
}

impl Patience {
    pub(crate) fn of(limit: Duration) -> Self {
        Self { left: limit, looked: Instant::now() }
    }

    /// Whether there is some left; to be asked many times a second.
    pub(crate) fn lasts(&mut self) -> bool {
        let now = Instant::now();
        let passed = now - std::mem::replace(&mut self.looked, now);
        if passed > STILL {
            *STOOD_STILL.lock().expect("not poisoned") = Some(now);
        }
        self.left = self.left.saturating_sub(passed.min(LOOK));
        !self.left.is_zero()
    }
}

/// Whether a wait found since `then` that the machine had stood still: what failed then may be tried once more.
pub(crate) fn stood_still_since(then: Instant) -> bool {
    STOOD_STILL.lock().expect("not poisoned").is_some_and(|when| when > then)
}

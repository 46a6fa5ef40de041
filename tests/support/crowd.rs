//! Many terminals at once, the dice they throw, and the times they take.

use crate::aloud::aloud;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::stage::patience::stood_still_since;

/// How many terminals are open at once, in all tests of a file: most of a round is waiting.
const AT_ONCE: usize = 14;

/// How many are open, and the bell that rings when one is closed.
static OPEN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// One of the terminals that may be open.
struct Seat;

impl Seat {
    fn take() -> Self {
        let open = OPEN.0.lock().expect("not poisoned");
        *OPEN.1.wait_while(open, |open| *open >= AT_ONCE).expect("not poisoned") += 1;
        Self
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *OPEN.0.lock().expect("not poisoned") -= 1;
        OPEN.1.notify_one();
    }
}

/// Runs `round` for every number below `rounds`, several at once, and names the first that fails.
pub(crate) fn rounds(rounds: usize, round: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(rounds) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= rounds {
                        return;
                    }
                    let _seat = Seat::take();
                    let begun = Instant::now();
                    let mut outcome = catch_unwind(AssertUnwindSafe(|| round(number)));
                    if outcome.is_err() && stood_still_since(begun) {
                        aloud(&format!("round {number} is begun anew: the machine stood still for seconds"));
                        outcome = catch_unwind(AssertUnwindSafe(|| round(number)));
                    }
                    if let Err(panic) = outcome {
                        aloud(&format!("round {number} failed"));
                        next.store(rounds, Ordering::SeqCst);
                        failed.lock().expect("not poisoned").get_or_insert(panic);
                    }
                }
            });
        }
    });
    if let Some(panic) = failed.into_inner().expect("not poisoned") {
        resume_unwind(panic);
    }
}

/// How long things took.
#[derive(Default)]
pub(crate) struct Times(Mutex<Vec<Duration>>);

impl Times {
    pub(crate) fn note(&self, time: Duration) {
        self.0.lock().expect("not poisoned").push(time);
    }

    /// Says what was seen beside what is wanted, and holds nine of ten to ten times that: machines are busy.
    pub(crate) fn are_within(&self, wanted: Duration, what: &str) {
        let mut times = self.0.lock().expect("not poisoned").clone();
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        let mut words = format!("{what}, {} times: ", times.len());
        for (name, time) in [("p50", at(50)), ("p90", at(90)), ("p99", at(99)), ("most", at(100))] {
            let _ = write!(words, "{name} {:.1} ms, ", time.as_secs_f64() * 1000.0);
        }
        aloud(&format!("{words}wanted {} ms", wanted.as_millis()));
        assert!(at(90) <= wanted * 10, "{words}ten times {wanted:?} is too much");
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64). `AMLOCK_SEED` throws others.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn seeded(round: usize) -> Self {
        let seed = std::env::var("AMLOCK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0_u64);
        Self(seed.wrapping_mul(0x1000).wrapping_add(u64::try_from(round).unwrap_or(0)))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).expect("small")).expect("small")
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

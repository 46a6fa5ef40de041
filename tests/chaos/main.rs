//! Random sequences of faults against the main job (G13): the whole app, somebody at its keys, and a world in which anything
//! goes wrong at any time. `AMLOCK_SEQUENCES=10000` plays more of them, `AMLOCK_SEED=17` one of them again.

#[expect(dead_code, reason = "everything here can be tried anywhere")]
#[path = "../support/aloud.rs"]
mod aloud;
#[path = "../support/journey.rs"]
#[expect(dead_code, reason = "journeys need more of it")]
mod journey;
mod judge;
mod play;
mod script;
mod witness;

use aloud::aloud;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use play::play;
use script::{Step, script};

/// Things that happen in one sequence.
const STEPS: usize = 14;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays a script; a panic is as wrong as a lie.
fn outcome(seed: u64, script: &[Step]) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| play(seed, script))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        Err(words.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned())).unwrap_or_default())
    })
}

/// Leaves out whatever can be left out with something still being wrong.
fn shortest(seed: u64, mut script: Vec<Step>, mut wrong: String) -> (Vec<Step>, String) {
    let mut size = script.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < script.len() {
            let mut shorter = script.clone();
            shorter.drain(at..(at + size).min(script.len()));
            match outcome(seed, &shorter) {
                Err(still) => (script, wrong) = (shorter, still),
                Ok(()) => at += size,
            }
        }
        if size == 1 {
            return (script, wrong);
        }
        size = size.div_ceil(2);
    }
}

#[test]
fn whatever_goes_wrong_no_value_gets_out_and_nothing_on_the_screen_is_a_lie() {
    let (first, count) = match number("AMLOCK_SEED") {
        Some(seed) => (seed, 1),
        None => (1, number("AMLOCK_SEQUENCES").unwrap_or(500)),
    };
    let next = AtomicU64::new(first);
    let wrong: Mutex<Vec<(u64, String)>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count || wrong.lock().expect("unharmed").len() >= 5 {
                        return;
                    }
                    if seed.is_multiple_of(500) && count > 500 {
                        aloud(&format!("sequence {seed} of {count}"));
                    }
                    if let Err(what) = outcome(seed, &script(seed, STEPS)) {
                        aloud(&format!("AMLOCK_SEED={seed}: {what}"));
                        wrong.lock().expect("unharmed").push((seed, what));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("unharmed");
    let mut report = String::new();
    for (seed, what) in wrong {
        let (steps, what) = shortest(seed, script(seed, STEPS), what);
        let _ = writeln!(report, "AMLOCK_SEED={seed}: {what}\n  {steps:?}\n");
    }
    assert!(report.is_empty(), "\n{report}");
}

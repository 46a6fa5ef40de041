//! What everybody should see of a test run that goes well: cargo keeps what tests print to itself, this it does not.

use std::io::Write as _;

/// Says it, in one line.
pub(crate) fn aloud(words: &str) {
    let stderr = std::fs::File::options().append(true).open("/dev/stderr");
    let _ = stderr.and_then(|mut stderr| stderr.write_all(format!("{words}\n").as_bytes()));
}

/// Something cannot be tried on this machine: said aloud, and a failure where everything must be (`AMLOCK_ALL=1`).
pub(crate) fn not_here(words: &str) {
    aloud(&format!("NOT RUN: {words}"));
    assert!(std::env::var_os("AMLOCK_ALL").is_none_or(|all| all.is_empty()), "{words}");
}

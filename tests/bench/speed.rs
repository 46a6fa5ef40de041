//! `cargo bench`: how quick amlock is, through a real pseudo-terminal, with other programs beside it in the same run: machines
//! differ, ratios differ less. What noise does not touch is gated by tests/cost.rs.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]

mod empty;
#[path = "../support/meter.rs"]
mod meter;
mod others;

use std::ffi::OsString;
use std::io::Write as _;
use std::time::Duration;

use rustix::process::Signal;

use meter::{Meter, smallest_diff};

const WIDE: (u16, u16) = (120, 40);
const ONE_LIST: (u16, u16) = (100, 40);
/// The argument that makes this program the empty one. It has the platform's own allocator: amlock's must not be forked from, as
/// the pseudo-terminal's crate does.
const EMPTY: &str = "as-an-empty-program";
/// What a large frame ends with, as the first one is.
const FRAME: &str = "\x1b[?2026l";
/// Longer than the details wait for the cursor to rest.
const REST: Duration = Duration::from_millis(200);

fn main() {
    if std::env::args().any(|word| word == EMPTY) {
        let _ = empty::main();
        return;
    }
    let binary = std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into());
    let size = std::fs::metadata(&binary).map_or(0, |about| about.len());
    say(&format!("measured: {} ({size} bytes), in a pseudo-terminal", binary.display()));
    say("The world is --demo: its answers are made in amlock's own process, and cost it time and memory.\n");
    say(&format!("{:<58}{:>10}{:>10}   {}", "", "p50", "p99", "target"));
    first_frame(&binary);
    let mut meter = huge(&binary, WIDE);
    say(&format!("{:<58}{:>10}{:13}12", "resident with 100,000 secrets, MB", megabytes(&meter), ""));
    keys(&mut meter, "side by side");
    filter(&mut meter);
    say(&format!("{:<58}{:>10}", "resident after filtering them, MB", megabytes(&meter)));
    burst(&mut meter);
    idle(&mut meter);
    drop(meter);
    keys(&mut huge(&binary, ONE_LIST), "one list");
    line(&binary);
    signals(&binary);
    others::measure();
}

#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
pub(crate) fn say(words: &str) {
    println!("{words}");
    let _ = std::io::stdout().flush();
}

/// A line of the table, in milliseconds.
pub(crate) fn times(what: &str, times: &[Duration], target: &str) -> f64 {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize];
    say(&format!("{what:<58}{:>10.2}{:>10.2}   {target}", at(0.5), at(0.99)));
    at(0.5)
}

fn megabytes(meter: &Meter) -> String {
    format!("{}.{}", meter.resident() / 1_000_000, meter.resident() / 100_000 % 10)
}

fn words(binary: &OsString, arguments: &[&str]) -> Vec<OsString> {
    std::iter::once(binary.clone()).chain(arguments.iter().map(OsString::from)).collect()
}

fn first_frame(binary: &OsString) {
    let this = std::env::current_exe().expect("this program").into_os_string();
    let all = [
        (words(&this, &[EMPTY]), empty::SHOWN, Vec::new()),
        (words(binary, &[]), FRAME, Vec::new()),
        (words(binary, &["--demo"]), FRAME, Vec::new()),
    ];
    let mut all = all;
    for _ in 0..40 {
        for (words, text, times) in &mut all {
            let mut meter = Meter::start(words, WIDE);
            let seen = meter.hear(text);
            times.push((seen.saturating_duration_since(meter.begun), meter.counted().cpu));
        }
    }
    let [least, real, demo] = all.map(|(_, _, times)| times.into_iter().unzip::<_, _, Vec<_>, Vec<_>>());
    let target = "2, or 1.3 of the empty program's";
    let empty = times("first frame of an empty ratatui program, ms", &least.0, "");
    let empty_cpu = times("  its processor time, ms", &least.1, "");
    for (what, (wall, cpu)) in [("first frame, ms", real), ("first frame of --demo, ms", demo)] {
        let ours = times(what, &wall, target);
        say(&format!("{:<58}{:>10.2}", "  ratio to the empty program's", ours / empty));
        let ours = times("  its processor time, and what followed at once, ms", &cpu, "");
        say(&format!("{:<58}{:>10.2}", "  ratio to the empty program's", ours / empty_cpu));
    }
}

/// A list of 100,000 secrets, all there.
fn huge(binary: &OsString, size: (u16, u16)) -> Meter {
    let mut meter = Meter::start(&words(binary, &["--demo=huge", "open", "ws-00000"]), size);
    let first = meter.see("archive-000003") - meter.begun;
    let all = meter.see("100,000 ·") - meter.begun;
    say(&format!("\n100,000 secrets of the demo in 4,800 pages: the first after {first:.1?}, all after {all:.1?}"));
    meter.rest(Duration::from_secs(1));
    meter
}

fn keys(meter: &mut Meter, layout: &str) {
    let (mut took, mut bytes) = (Vec::new(), Vec::new());
    for key in ["j", "j", "j", "k", "k", "k"].into_iter().cycle().take(300) {
        let stroke = meter.stroke(key);
        took.push(stroke.took);
        bytes.push(stroke.bytes);
    }
    times(&format!("key to frame among 100,000, moving, {layout}, ms"), &took, "0.4 (1.0)");
    say(&format!("{:<58}{:>10}{:>10}   40", "  bytes", middle(&mut bytes), most(&bytes)));
    // To the end of the window, from where each key scrolls.
    for _ in 0..45 {
        meter.stroke("j");
    }
    meter.rest(REST);
    let (mut took, mut bytes, mut least) = (Vec::new(), Vec::new(), 0);
    for _ in 0..300 {
        let before = meter.screen().clone();
        let stroke = meter.stroke("j");
        took.push(stroke.took);
        bytes.push(stroke.bytes);
        least += smallest_diff(&before, meter.screen());
    }
    times(&format!("key to frame among 100,000, scrolling, {layout}, ms"), &took, "0.4 (1.0)");
    let all: usize = bytes.iter().sum();
    let (middle, most) = (middle(&mut bytes), most(&bytes));
    say(&format!("{:<58}{middle:>10}{most:>10}   150, or 1.1 of the smallest diff", "  bytes"));
    say(&format!("{:<58}{:>10.2}", "  ratio to the smallest diff of the cells", all as f64 / least as f64));
    meter.rest(REST);
}

fn filter(meter: &mut Meter) {
    let (mut all, mut first, mut worst) = (Vec::new(), Vec::new(), (Duration::ZERO, String::new()));
    for word in ["archive-0123", "99-", "rc7", "e00", "0", "a", "hive", "9876"] {
        meter.stroke("/");
        for (place, letter) in word.char_indices() {
            meter.rest(REST);
            let stroke = meter.stroke(&letter.to_string());
            all.push(stroke.took);
            worst = worst.max((stroke.took, format!("{} of {word}", &word[..=place])));
            if place == 0 {
                first.push(stroke.took);
            }
        }
        // Esc clears the filter, once the reader is sure that it is no longer sequence.
        meter.type_keys("\x1b");
        meter.see("100,000 ·");
        meter.rest(REST);
    }
    times("a letter in the filter over 100,000, to the frame, ms", &all, "3 (6)");
    times("  the first letter of a word", &first, "");
    say(&format!("{:<68}{:>10.2}   {}", "  the slowest letter", worst.0.as_secs_f64() * 1e3, worst.1));
}

fn burst(meter: &mut Meter) {
    meter.rest(REST);
    let (before, written) = (meter.bytes, meter.written());
    meter.type_keys(&"j".repeat(200));
    meter.rest(REST);
    let frames = match (written, meter.written()) {
        (Some(before), Some(after)) => after.since(before).to_string(),
        _ => "? (needs root)".to_owned(),
    };
    let bytes = meter.bytes - before;
    say(&format!("200 keys at once: {frames} frames (the details' is one), {bytes} bytes; target 1 frame"));
}

fn idle(meter: &mut Meter) {
    meter.rest(Duration::from_secs(1));
    let (before, bytes) = (meter.counted(), meter.bytes);
    meter.rest(Duration::from_secs(10));
    let after = meter.counted();
    let share = after.cpu.saturating_sub(before.cpu).as_secs_f64() * 10.0;
    let (waits, bytes) = (after.waits - before.waits, meter.bytes - bytes);
    say(&format!("at rest for 10 s: {share:.2} % of a processor, {waits} wakeups, {bytes} bytes; target 0, 0, 0"));
}

/// 1,000 secrets over a line of 50 ms: each page's link comes with the page before, so the round trips are the limit.
fn line(binary: &OsString) {
    let mut left = 1_000;
    // The demo's pages: every seventh is empty, every fifth one short.
    let pages = (0..1_000_u64)
        .take_while(|page| {
            let before = left;
            left -= left.min(match (page % 7, page % 5) {
                (2, _) => 0,
                (_, 3) => 24,
                _ => 25,
            });
            before > 0
        })
        .count();
    let mut meter = Meter::start(&words(binary, &["--demo=line", "open", "ws-00000"]), WIDE);
    let all = meter.see("1,000 · kv") - meter.begun;
    let trips = all.as_secs_f64() / 0.05;
    say(&format!(
        "1,000 secrets in {pages} pages over 50 ms (the demo's delay, no socket): {all:.2?}, {trips:.1} round trips; pages + 2 are {:.2}",
        trips / (pages as f64 + 2.0)
    ));
}

fn signals(binary: &OsString) {
    for (signal, name) in [(Signal::TERM, "TERM"), (Signal::INT, "INT"), (Signal::HUP, "HUP"), (Signal::QUIT, "QUIT")] {
        let mut ends = Vec::new();
        for _ in 0..10 {
            let mut meter = Meter::start(&words(binary, &["--demo"]), WIDE);
            meter.see("148 ·");
            ends.push(meter.end_by(signal));
        }
        times(&format!("ended by {name}, ms"), &ends, "50");
    }
}

fn middle(of: &mut [usize]) -> usize {
    of.sort_unstable();
    of[of.len() / 2]
}

fn most(of: &[usize]) -> usize {
    of.iter().max().copied().unwrap_or_default()
}

//! What a key costs, counted in what noise on a machine does not touch: bytes, writes, wakeups. `AMLOCK_BIN` names another
//! binary than the one `cargo test` built. Times are for `cargo bench` to tell.

#![cfg(target_os = "linux")]

#[path = "support/aloud.rs"]
mod aloud;
#[expect(dead_code, reason = "the benchmark uses the rest of it")]
#[path = "support/meter.rs"]
mod meter;

use aloud::not_here;
use std::ffi::OsString;
use std::process::Command;
use std::time::{Duration, Instant};

use meter::{Meter, smallest_diff};

const WIDE: (u16, u16) = (120, 40);
const ONE_LIST: (u16, u16) = (100, 40);
/// So small that the details are folded away: no frame of theirs comes between.
const NO_DETAILS: (u16, u16) = (79, 23);

/// Longer than the details wait for the cursor to rest.
const REST: Duration = Duration::from_millis(400);

fn binary() -> OsString {
    std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into())
}

fn open(size: (u16, u16)) -> Meter {
    let mut meter = Meter::start(&[binary(), OsString::from("--demo")], size);
    meter.see("148 · ");
    meter.rest(Duration::from_secs(1));
    meter
}

/// The row where the cursor's mark stands in the list of secrets.
fn marked(screen: &vt100::Screen) -> Option<u16> {
    let (height, width) = (screen.size().0.get(), screen.size().1.get());
    (0..height).find(|&y| (0..width).any(|x| screen.cell(y, x).is_some_and(|cell| cell.contents() == "›")))
}

/// To the last row of the window: the next key down scrolls.
fn to_the_end_of_the_window(meter: &mut Meter) {
    let mut last = None;
    for _ in 0..60 {
        meter.stroke("j");
        let now = marked(meter.screen());
        if now == last {
            return;
        }
        last = now;
    }
    panic!("the list never scrolled:\n{}", meter.screen().contents());
}

fn footer(screen: &vt100::Screen) -> String {
    screen.contents().lines().last().unwrap_or_default().to_owned()
}

fn middle(mut of: Vec<usize>) -> usize {
    of.sort_unstable();
    of[of.len() / 2]
}

#[test]
fn moving_the_cursor_costs_forty_bytes_at_most() {
    // Among secrets of one kind: where other keys work, the footer says so.
    let down_and_up = ["j", "j", "j", "k", "k", "k", "j", "j", "k", "j"];
    let mut meter = open(NO_DETAILS);
    let costs: Vec<usize> = down_and_up.map(|key| meter.stroke(key).bytes).to_vec();
    assert!(costs.iter().all(|&bytes| bytes <= 40), "{costs:?}");
    for size in [WIDE, ONE_LIST] {
        let mut meter = open(size);
        // The details follow with a frame of their own, and leave the pen in another colour.
        let costs = down_and_up.map(|key| {
            meter.rest(REST);
            meter.stroke(key).bytes
        });
        assert!(middle(costs.to_vec()) <= 40, "{costs:?} at {size:?}");
    }
}

#[test]
fn a_scrolled_line_costs_150_bytes_where_the_list_has_the_whole_width() {
    for size in [NO_DETAILS, ONE_LIST] {
        let mut meter = open(size);
        to_the_end_of_the_window(&mut meter);
        let mut costs = Vec::new();
        for _ in 0..40 {
            let before = footer(meter.screen());
            let bytes = meter.stroke("j").bytes;
            // Where other keys work for the next secret, the footer says so.
            if footer(meter.screen()) == before {
                costs.push(bytes);
            }
        }
        assert!(costs.len() > 20, "{costs:?}");
        assert!(size == ONE_LIST || costs.iter().all(|&bytes| bytes <= 150), "{costs:?}");
        assert!(middle(costs.clone()) <= 150, "{costs:?} at {size:?}");
    }
}

#[test]
fn beside_other_panes_a_scrolled_line_costs_no_more_than_the_smallest_diff_of_its_cells() {
    let mut meter = open(WIDE);
    to_the_end_of_the_window(&mut meter);
    let (mut ours, mut least) = (0, 0);
    for _ in 0..40 {
        meter.rest(REST);
        let before = meter.screen().clone();
        ours += meter.stroke("j").bytes;
        least += smallest_diff(&before, meter.screen());
    }
    assert!(ours * 10 <= least * 11, "{} bytes a line; the smallest diff is {}", ours / 40, least / 40);
}

#[test]
fn a_frame_is_one_write() {
    let mut large = open(WIDE);
    let Some(before) = large.written() else {
        return not_here("a_frame_is_one_write, which needs root to count another process's writes");
    };
    let frames = large.frames;
    for _ in 0..10 {
        large.stroke("?");
        large.stroke("\x1b");
    }
    large.rest(REST);
    assert_eq!(large.frames - frames, 20, "large frames");
    assert_eq!(large.written().expect("as before").since(before), 20, "writes for 20 large frames");
    let mut small = open(NO_DETAILS);
    let before = small.written().expect("as before");
    for key in ["j", "j", "k", "j", "k"] {
        small.stroke(key);
    }
    small.rest(REST);
    assert_eq!(small.written().expect("as before").since(before), 5, "writes for 5 small frames");
}

#[test]
fn two_hundred_keys_at_once_are_a_few_frames_and_few_bytes() {
    let mut meter = open(WIDE);
    let (before, written) = (meter.bytes, meter.written());
    meter.type_keys(&"j".repeat(200));
    meter.rest(REST);
    let bytes = meter.bytes - before;
    assert!(bytes < 16_000, "{bytes} bytes");
    // One, where a machine that is busy with other things does not cut the keys in pieces; and one for the details.
    if let (Some(before), Some(after)) = (written, meter.written()) {
        assert!(after.since(before) <= 10, "{} frames", after.since(before));
    }
}

#[test]
fn at_rest_nothing_wakes_and_nothing_is_written() {
    let mut meter = open(WIDE);
    meter.rest(Duration::from_secs(1));
    let (before, bytes) = (meter.counted(), meter.bytes);
    meter.rest(Duration::from_secs(3));
    let after = meter.counted();
    assert_eq!(after.waits - before.waits, 0, "wakeups in 3 s");
    assert_eq!(after.cpu, before.cpu, "processor time in 3 s");
    assert_eq!(meter.bytes - bytes, 0, "bytes in 3 s");
}

/// A tmux server of our own with amlock in it.
struct Tmux(String);

impl Tmux {
    fn run(&self, arguments: &[&str]) -> String {
        let output =
            Command::new("tmux").args(["-L", &self.0]).args(arguments).env_remove("TMUX").output().expect("tmux");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn shown(&self) -> String {
        self.run(&["capture-pane", "-p", "-t", "amlock"])
    }

    /// Types keys, and what is shown once nothing moves any more.
    fn after(&self, keys: &[&str]) -> String {
        self.run(&[["send-keys", "-t", "amlock"].as_slice(), keys].concat());
        let (mut shown, mut since) = (self.shown(), Instant::now());
        while since.elapsed() < REST {
            let now = self.shown();
            if now != shown {
                (shown, since) = (now, Instant::now());
            }
        }
        shown
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn tmux_shows_the_same_scrolled_as_painted_anew_and_keeps_none_of_it_in_its_history() {
    if Command::new("tmux").arg("-V").output().is_err() {
        return not_here("scrolling in tmux, which is not installed");
    }
    // Without an alternate screen, what is scrolled out of the window would go into the history.
    for alternate in ["on", "off"] {
        let tmux = Tmux(format!("amlock-cost-{}-{alternate}", std::process::id()));
        tmux.run(&["-f", "/dev/null", "new-session", "-d", "-s", "idle", "sleep 600"]);
        tmux.run(&["set-option", "-gw", "alternate-screen", alternate]);
        let (width, height) = (ONE_LIST.0.to_string(), ONE_LIST.1.to_string());
        let start = format!("'{}' --demo", binary().to_string_lossy());
        tmux.run(&["new-session", "-d", "-s", "amlock", "-x", &width, "-y", &height, &start]);
        let begun = Instant::now();
        while !tmux.shown().contains("148 ·") {
            assert!(begun.elapsed() < Duration::from_mins(1), "{}", tmux.shown());
        }
        let (down, up) = (["j"; 40], ["k"; 45]);
        for keys in [down.as_slice(), &down, &["k", "k"], &["G"], &up, &["C-d", "C-d"], &["C-u", "g", "j"]] {
            let scrolled = tmux.after(keys);
            assert_eq!(scrolled, tmux.after(&["C-l"]), "after {keys:?}, alternate screen {alternate}");
        }
        let history = tmux.run(&["display-message", "-p", "-t", "amlock", "#{history_size}"]);
        assert_eq!(history.trim(), "0", "lines of history, alternate screen {alternate}");
    }
}

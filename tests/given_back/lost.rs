//! A line that breaks and a terminal that takes nothing.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::crowd::{Dice, Times, rounds};
use crate::deaths::{DEADLY, SMALL};
use crate::stage;
use crate::views::{OPEN, go_home, views};

/// How the program may stand to its terminal: it leads the session and is told by a signal, ignored before or not; or it
/// is a shell's child and is told by nobody.
const STANDINGS: [&str; 3] =
    ["exec \"$AMLOCK\" --demo", "trap '' HUP; exec \"$AMLOCK\" --demo", "trap '' HUP; \"$AMLOCK\" --demo; true"];

#[test]
fn after_two_hundred_broken_lines_nothing_is_left_running() {
    let times = Times::default();
    rounds(200, |round| {
        let mut dice = Dice::seeded(round);
        let mut app = App::shell(dice.one_of(&[SMALL, (120, 36), (300, 90)]), STANDINGS[round % STANDINGS.len()], &[]);
        match dice.below(4) {
            0 => drop(app.see("demo")),
            1 => drop(app.see(" 148 ")),
            2 => {
                go_home(&mut app);
                dice.one_of(&OPEN.iter().collect::<Vec<_>>()).enter(&mut app);
            }
            _ => {
                go_home(&mut app);
                dice.one_of(&views().collect::<Vec<_>>()).enter(&mut app);
            }
        }
        let broken = app.stage.hang_up();
        app.stage.nobody_is_left();
        times.note(broken.elapsed());
    });
    times.are_within(Duration::from_millis(250), "from a broken line to the end");
}

#[test]
fn a_terminal_that_takes_nothing_keeps_nobody_and_gets_everything_back_once_it_reads() {
    let ways = DEADLY.iter().map(|(signal, end)| (*signal, *end)).chain([("qq", "status 0"), ("\x03", "status 0")]);
    let ways = ways.collect::<Vec<_>>();
    let times = Times::default();
    rounds(ways.len() * 3, |round| {
        let (way, wanted) = ways[round % ways.len()];
        let mut app = App::demo((300, 90));
        app.see(" 148 ").see("get_secret").press("?").see("Hide the value");
        let before = app.stage.everything().len();
        app.stage.stall();
        // Far more than a terminal buffers: frames are skipped.
        for _ in 0..100 {
            app.press("\x0c");
            std::thread::sleep(Duration::from_millis(8));
        }
        let begun = Instant::now();
        if way.len() < 3 {
            app.press(way);
        } else {
            app.stage.signal(way);
        }
        let end = app.stage.end();
        assert!(end.contains(wanted), "{way:?}: {end}");
        times.note(begun.elapsed());
        assert!(!app.stage.is_raw(), "its modes are back before it reads again");
        app.stage.go_on();
        app.is_as_before();
        let taken = app.stage.everything().len() - before;
        assert!(taken < 50 * 4000, "{way:?}: half of the frames came, {taken} bytes: nothing was stalled");
    });
    times.are_within(Duration::from_millis(500), "from a signal or a key to the end on a stalled terminal");
}

#[test]
fn on_a_slow_line_frames_are_dropped_and_not_queued() {
    let mut app = App::demo(SMALL);
    app.see(" 148 ").see("get_secret");
    app.stage.slow_down();
    let begun = Instant::now();
    // One frame a key would be 200 frames, half a minute of this line.
    app.press(&"j".repeat(100)).press(&"k".repeat(99)).press("?").see("In the panes");
    let took = begun.elapsed();
    crate::aloud::aloud(&format!(
        "from a key to its effect on a line of 2 KiB/s: {} ms, wanted 1000 ms",
        took.as_millis()
    ));
    assert!(took < Duration::from_secs(10), "{took:?}");
    app.stage.go_on();
    app.see("? keys").press("\x1b").see_no("In the panes").see("tab panes").leaves();
}

#[test]
fn a_lost_terminal_costs_no_processor_time() {
    // With SIGHUP ignored above it: nobody tells it, and it must not ask again and again.
    let mut app = App::shell(SMALL, STANDINGS[2], &[]);
    go_home(&mut app);
    let program = stage::children(app.stage.process())[0];
    let before = stage::ticks(program);
    let broken = app.stage.hang_up();
    let mut used = 0;
    while let Some(ticks) = stage::ticks_if_alive(program) {
        used = ticks - before;
        assert!(broken.elapsed() < Duration::from_secs(5), "it lives on");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(used <= 20, "{used} ticks of a hundredth second between the line's end and its own");
    app.stage.nobody_is_left();
}

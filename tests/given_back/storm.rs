//! Signals in any order, in any place.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::aloud::aloud;
use crate::app::App;
use crate::crowd::{Dice, Times, rounds};
use crate::deaths::{DEADLY, SMALL};
use crate::stage;
use crate::views::{OPEN, View, go_home, views};

/// A shell with job control that calls a stopped program back at once, and tells how it ended.
const CALLED_BACK: &str = "trap : INT; set -m; \"$AMLOCK\" --demo; s=$?; \
                           while [ $s -ge 146 ] && [ $s -le 150 ]; do fg >/dev/null; s=$?; done; echo over $s";

#[test]
fn two_hundred_storms_of_signals_each_leave_a_terminal_in_order() {
    let places = views().collect::<Vec<_>>();
    let open = OPEN.iter().collect::<Vec<_>>();
    let lent = AtomicUsize::new(0);
    rounds(200, |round| {
        let mut dice = Dice::seeded(round);
        let mut app = App::shell(dice.one_of(&[SMALL, (60, 16), (120, 36)]), CALLED_BACK, &[]);
        go_home(&mut app);
        // A value is on the screen in each: it stays open, or was a moment ago.
        let shown: &View = dice.one_of(&open);
        shown.enter(&mut app);
        if dice.below(2) == 0 {
            shown.leave(&mut app);
            dice.one_of(&places).enter(&mut app);
        }
        let program = app.stage.job_in_front();
        for _ in 0..20 {
            match dice.below(3) {
                0 => app.stage.resize(u16_of(20 + dice.below(180)), u16_of(5 + dice.below(60))),
                1 => stage::kill("TSTP", program),
                _ => stage::kill("CONT", program),
            }
            std::thread::sleep(Duration::from_millis([0, 0, 1, 7][dice.below(4)]));
        }
        let (signal, _) = dice.one_of(&DEADLY);
        stage::kill(signal, program);
        // It may just have been stopped: then it dies once it is called back.
        stage::kill("CONT", program);
        let status = match signal {
            "TERM" => "over 143",
            "INT" => "over 130",
            "HUP" => "over 129",
            _ => "over 131",
        };
        app.see(status);
        app.is_as_before();
        let given_back = app.stage.everything().windows(8).filter(|bytes| bytes == b"\x1b[?1049l").count();
        lent.fetch_add(given_back - 1, Ordering::SeqCst);
        assert_eq!(app.stage.end(), "status 0");
        app.stage.nobody_is_left();
    });
    let lent = lent.into_inner();
    aloud(&format!(
        "200 storms of 20 signals, in which the terminal was lent {lent} times, and 200 deaths: all in order"
    ));
    assert!(lent >= 200, "stopped so seldom, it is no storm");
}

#[test]
fn after_a_thousand_sizes_in_a_second_the_last_is_drawn_and_it_rests() {
    let times = Times::default();
    rounds(3, |round| {
        let mut dice = Dice::seeded(round);
        let mut app = App::demo(SMALL);
        go_home(&mut app);
        let begun = Instant::now();
        for step in 0..1000 {
            app.stage.resize(u16_of(1 + dice.below(200)), u16_of(1 + dice.below(60)));
            let due = Duration::from_millis(step);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        app.stage.resize(40, 10);
        let last = Instant::now();
        app.see("amlock needs 60x16; this is 40x10");
        times.note(last.elapsed());
        app.stage.resize(80, 24);
        app.see("tab panes");
        let program = app.stage.process();
        let mut used = stage::ticks(program);
        app.stage.until("half a second without work", || {
            std::thread::sleep(Duration::from_millis(500));
            let now = stage::ticks(program);
            std::mem::replace(&mut used, now) == now
        });
        app.leaves();
    });
    times.are_within(Duration::from_millis(200), "from the last of a thousand sizes to its frame");
}

fn u16_of(number: usize) -> u16 {
    u16::try_from(number).expect("small")
}

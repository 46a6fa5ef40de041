//! Killed, left and panicking.

use std::time::{Duration, Instant};

use crate::app::{App, KEY};
use crate::crowd::{Times, rounds};
use crate::views::{go_home, views};

pub(crate) const SMALL: (u16, u16) = (80, 24);

/// Every signal that ends us, and how a shell calls such an end.
pub(crate) const DEADLY: [(&str, &str); 4] =
    [("TERM", "Terminated"), ("INT", "Interrupt"), ("HUP", "Hangup"), ("QUIT", "Quit")];

#[test]
fn a_deadly_signal_in_any_place_gives_everything_back_and_kills() {
    let places = views().collect::<Vec<_>>();
    let times = Times::default();
    rounds(places.len() * DEADLY.len(), |round| {
        let (view, (signal, name)) = (places[round / DEADLY.len()], DEADLY[round % DEADLY.len()]);
        let mut app = App::demo(SMALL);
        go_home(&mut app);
        view.enter(&mut app);
        let begun = Instant::now();
        app.stage.signal(signal);
        let end = app.stage.end();
        times.note(begun.elapsed());
        assert!(end.contains(name), "{signal} in {}: {end}", view.name);
        app.is_as_before();
        app.stage.nobody_is_left();
    });
    times.are_within(Duration::from_millis(50), "from a signal to the end");
}

#[test]
fn leaving_by_a_key_gives_everything_back_in_any_place() {
    let places = views().collect::<Vec<_>>();
    rounds(places.len(), |round| {
        let mut app = App::demo(SMALL);
        go_home(&mut app);
        places[round].enter(&mut app);
        app.press("\x03");
        assert_eq!(app.stage.end(), "status 0", "{}", places[round].name);
        app.is_as_before();
        app.stage.nobody_is_left();
    });
}

/// In the demo named `panic` the reading of these values panics, with the value in its message.
pub(crate) const PANICS: [&str; 3] = ["db-legacy", "db-user", "camera-ssh-key"];
/// And the reading of this one does not: its value stood on the screen before.
pub(crate) const HARMLESS: &str = "camera-wiki-token";

#[test]
fn a_panic_behind_the_screen_ends_the_program_and_tells_only_the_place() {
    rounds(PANICS.len(), |round| {
        let mut app = App::shell(SMALL, "exec \"$AMLOCK\" --demo=panic open ws-vision", &[]);
        app.see(" 148 ").press("/").press(HARMLESS).see("1 of 148").press("\r").see("tab panes").press("\r").see(KEY);
        app.press("\x1b").see_no(KEY).press("\x1b").see_no("1 of 148");
        app.press("/").press(PANICS[round]).see("1 of 148").press("\r").see("tab panes").press("\r");
        assert_eq!(app.stage.end(), "status 101", "{}", PANICS[round]);
        app.is_as_before();
        app.stage.nobody_is_left();
        let said = app.shown();
        assert!(said.starts_with("amlock stopped: internal error at src/demo/panics.rs:"), "{said}");
        assert!(
            said.trim().ends_with("No report of it was sent to anybody.") && said.lines().count() <= 2,
            "no more: {said}"
        );
    });
}

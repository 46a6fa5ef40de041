//! Stopped and called back: the terminal is the shell's meanwhile, and nothing of a value is on it, then or afterwards.

use std::time::{Duration, Instant};

use crate::app::{App, KEY, VALUE};
use crate::crowd::{Times, rounds};
use crate::deaths::SMALL;
use crate::stage;
use crate::views::{OPEN, go_home, views};

#[test]
fn stopped_in_any_place_it_lends_the_terminal_and_comes_back_masked() {
    let places = views().collect::<Vec<_>>();
    let times = Times::default();
    rounds(places.len() * 2, |round| {
        let (view, by_key) = (places[round / 2], round % 2 == 0);
        let script = "set -m; \"$AMLOCK\" --demo; echo stopped $?; read go; fg >/dev/null; echo ended $?";
        let mut app = App::shell(SMALL, script, &[]);
        go_home(&mut app);
        view.enter(&mut app);
        let program = app.stage.job_in_front();
        if by_key {
            app.press("\x1a");
        } else {
            stage::kill("TSTP", program);
        }
        app.see("stopped 147");
        app.is_as_before();
        app.stage.until("a stopped program", || stage::state(program) == Some('T'));
        let begun = Instant::now();
        app.press("go\n");
        // A value was hidden: what lay below it is back, and the help tells of that.
        app.stage.until("its screen again", || app.footer().starts_with('⏎') || app.stage.shows(view.sign()));
        times.note(begun.elapsed());
        assert!(app.stage.screen().alternate_screen());
        assert!(app.stage.is_raw());
        let shown = app.shown();
        assert!(!shown.contains(VALUE) && !shown.contains(KEY), "{} came back with a value:\n{shown}", view.name);
        app.press("\x03").see("ended 0");
        app.is_as_before();
    });
    times.are_within(Duration::from_millis(300), "from being called back to the screen");
}

/// As `git` runs a pager: a program in between, in the same job, that knows nothing of jobs.
#[test]
fn with_a_parent_in_the_same_job_the_whole_job_stops_and_comes_back() {
    let script = "set -m; sh -c '\"$AMLOCK\" --demo; echo the parent saw $?'; \
                  echo stopped $?; read go; fg >/dev/null; echo ended $?";
    let mut app = App::shell(SMALL, script, &[]);
    go_home(&mut app);
    OPEN[0].enter(&mut app);
    let parent = app.stage.job_in_front();
    let program = stage::children(parent)[0];
    app.press("\x1a").see("stopped 147");
    app.is_as_before();
    app.stage.until("a stopped job", || [parent, program].map(stage::state) == [Some('T'); 2]);
    app.press("go\n").see("? keys");
    assert!(!app.shown().contains(VALUE));
    app.press("\x03").see("the parent saw 0").see("ended 0");
    app.is_as_before();
}

/// Only we were told to stop: the parent waits on, and whoever sent that calls us back.
#[test]
fn stopped_alone_under_such_a_parent_it_gives_the_terminal_back_until_it_is_called() {
    let mut app = App::shell(SMALL, "set -m; sh -c '\"$AMLOCK\" --demo; echo the parent saw $?'", &[]);
    go_home(&mut app);
    OPEN[0].enter(&mut app);
    let program = stage::children(app.stage.job_in_front())[0];
    stage::kill("TSTP", program);
    app.stage.until("a stopped program", || stage::state(program) == Some('T'));
    app.is_as_before();
    stage::kill("CONT", program);
    app.see("? keys");
    assert!(!app.shown().contains(VALUE));
    app.press("\x03").see("the parent saw 0");
    app.is_as_before();
}

//! The terminal is given back on every way out: a real program in a real pseudo-terminal, killed in every way we know.

#![cfg(unix)]

#[path = "support/aloud.rs"]
mod aloud;
#[expect(dead_code, reason = "tests/given_back.rs uses the rest of it")]
#[path = "support/stage.rs"]
mod stage;

use std::time::Duration;

use stage::{CANARY, Stage, Tmux};

#[test]
fn an_ordinary_end_gives_everything_back() {
    let mut stage = Stage::start(80, 24);
    stage.wait_for("ready");
    assert!(stage.screen().alternate_screen() && stage.screen().bracketed_paste());
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
    stage.is_as_before();
}

#[test]
fn deadly_signals_give_everything_back_and_kill() {
    for (signal, name) in [("TERM", "Terminated"), ("INT", "Interrupt"), ("HUP", "Hangup"), ("QUIT", "Quit")] {
        let mut stage = Stage::start(80, 24);
        stage.wait_for("ready");
        stage.signal(signal);
        assert!(stage.end().contains(name), "{signal}: {}", stage.end());
        stage.is_as_before();
    }
}

#[test]
fn a_signal_ends_a_program_that_hangs() {
    let mut stage = Stage::start(80, 24);
    stage.wait_for("ready");
    stage.type_keys("h");
    std::thread::sleep(Duration::from_millis(100));
    stage.signal("TERM");
    assert!(stage.end().contains("Terminated"));
    stage.is_as_before();
}

#[test]
fn a_panic_anywhere_gives_everything_back_and_tells_only_the_place() {
    for key in ["m", "t", "k", "d"] {
        let mut stage = Stage::start(80, 24);
        stage.wait_for("ready");
        stage.type_keys(key);
        assert_eq!(stage.end(), "status 101", "key {key}");
        stage.is_as_before();
        let said = stage.screen().contents();
        assert!(said.contains("amlock stopped: internal error at tests/support/terminal_probe.rs:"), "{key}: {said}");
        assert!(said.contains("No report of it was sent to anybody."), "{key}: {said}");
    }
}

#[test]
fn a_lost_terminal_ends_the_program() {
    for before in ["", "trap '' HUP; "] {
        let mut stage = Stage::script(80, 24, &format!("{before}exec \"$PROBE\""));
        stage.wait_for("ready");
        stage.hang_up();
        stage.end_within(Duration::from_secs(5));
    }
}

#[test]
fn a_stop_from_outside_and_ctrl_z_lend_the_terminal() {
    for from_outside in [true, false] {
        // A shell with job control, as the user has it; it tells how our program stopped, then continues it.
        let mut stage = Stage::script(80, 24, "set -m; \"$PROBE\"; echo stopped $?; read go; fg; echo ended $?");
        stage.wait_for("ready");
        if from_outside {
            stage.signal_probe("TSTP");
        } else {
            stage.type_keys("z");
        }
        stage.wait_for("stopped 1");
        stage.is_as_before();
        assert!(stage.probe_is_stopped());
        stage.type_keys("go\n");
        stage.wait_for("frame");
        stage.wait_for("Resized(80, 24)");
        assert!(stage.screen().alternate_screen() && stage.is_raw());
        stage.type_keys("q");
        stage.wait_for("ended 7");
        stage.is_as_before();
        stage.end();
    }
}

#[test]
fn continued_in_the_background_it_stays_off_the_terminal_and_can_be_killed() {
    let script = "set -m; \"$PROBE\"; bg; read go; kill %1; kill -CONT %1; read go";
    let mut stage = Stage::script(80, 24, script);
    stage.wait_for("ready");
    stage.type_keys("z");
    stage.wait_for_cooked();
    std::thread::sleep(Duration::from_millis(300));
    stage.until("a stopped probe", || stage.probe_is_stopped());
    stage.is_as_before();
    stage.type_keys("go\n");
    stage.until("a dead probe", || stage.probe_is_gone());
    stage.is_as_before();
}

#[test]
fn where_nobody_could_continue_us_we_do_not_stop() {
    let mut stage = Stage::start(80, 24);
    stage.wait_for("ready");
    stage.type_keys("z");
    stage.wait_for("Err(Unsupported)");
    stage.signal("TSTP");
    stage.type_keys("x");
    stage.wait_for("key Char('x')");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
}

#[test]
fn signals_in_any_order_leave_a_terminal_in_order() {
    for round in 0..6_u16 {
        let mut stage = Stage::script(80, 24, "set -m; \"$PROBE\"; while fg 2>/dev/null; do :; done; echo over");
        stage.wait_for("ready");
        for step in 0..20_u16 {
            match (round * 7 + step * 5) % 4 {
                0 => stage.signal_probe("TSTP"),
                1 => stage.resize(60 + step, 20 + round),
                _ => stage.signal_probe("CONT"),
            }
            std::thread::sleep(Duration::from_millis(u64::from(step % 3) * 7));
        }
        stage.signal_probe("CONT");
        stage.signal_probe(["TERM", "HUP", "INT"][usize::from(round % 3)]);
        stage.wait_for("over");
        stage.is_as_before();
        stage.end();
    }
}

#[test]
fn what_cannot_show_a_screen_is_refused_in_one_line() {
    for (script, why) in [
        ("\"$PROBE\" </dev/null", "standard input is not one"),
        ("\"$PROBE\" <&-", "standard input is not one"),
        ("\"$PROBE\" 2>&1 | cat", "standard output is not one"),
        ("\"$PROBE\" >&-", "standard output is not one"),
        ("TERM=dumb \"$PROBE\"", "TERM=dumb"),
        ("unset TERM; \"$PROBE\"", "TERM is not set"),
        ("setsid -w \"$PROBE\"", "no controlling one"),
    ] {
        let mut stage = Stage::script(120, 24, &format!("{script}; echo status $?"));
        stage.wait_for("status");
        let said = stage.screen().contents();
        assert!(said.contains(why), "{script}: {said}");
        assert!(said.contains("status 2") || script.contains('|'), "{script}: {said}");
        assert_eq!(said.trim().lines().count(), 2, "{script}: {said}");
        assert!(!stage.everything().contains(&0x1b), "{script} wrote escapes");
        stage.end();
        stage.is_as_before();
    }
}

#[test]
fn a_terminal_without_a_size_and_a_tiny_one_are_drawn_on() {
    let mut stage = Stage::start(0, 0);
    stage.wait_for("80 x 24");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
    let mut stage = Stage::start(1, 1);
    stage.wait_for("c");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
}

#[test]
fn a_terminal_that_takes_nothing_blocks_neither_keys_nor_the_way_out() {
    for key in ["", "q", "m"] {
        let mut stage = Stage::start(200, 60);
        stage.wait_for("ready");
        stage.stall();
        stage.type_keys("f");
        std::thread::sleep(Duration::from_millis(500));
        if key.is_empty() {
            stage.signal("TERM");
        } else {
            stage.type_keys(key);
        }
        let end = stage.end_within(Duration::from_secs(5));
        let expected = match key {
            "" => "Terminated",
            "q" => "status 7",
            _ => "status 101",
        };
        assert!(end.contains(expected), "{key:?}: {end}");
        assert!(!stage.is_raw());
        stage.go_on();
        stage.is_as_before();
    }
}

#[test]
fn after_a_stall_the_screen_catches_up() {
    let mut stage = Stage::start(200, 60);
    stage.wait_for("ready");
    stage.stall();
    stage.type_keys("f");
    std::thread::sleep(Duration::from_millis(1500));
    stage.go_on();
    stage.wait_for(CANARY);
    stage.wait_for("Resized(200, 60)"); // nobody typed: it draws because the terminal takes frames again
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
    stage.is_as_before();
}

#[test]
fn keys_pastes_answers_and_sizes_arrive() {
    let mut stage = Stage::start(80, 24);
    stage.wait_for("ready");
    stage.type_keys("\x1b[A");
    stage.wait_for("key Up");
    stage.type_keys("\x1b");
    stage.wait_for("key Esc");
    stage.type_keys("\x1b[200~qqq\x1b[201~");
    stage.wait_for("paste of 3 bytes");
    stage.type_keys(&format!("\x1b[200~{}\x1b[201~", "q".repeat(1_000_000)));
    stage.wait_for("PasteRefused");
    stage.resize(100, 30);
    stage.wait_for("Resized(100, 30)");
    stage.type_keys("a");
    stage.wait_for_bytes(b"\x1b]11;?\x1b\\\x1b[>0q\x1b[c");
    stage.type_keys("\x1b]11;rgb:0000/0000/ffff\x1b\\\x1bP>|kitty(0.31)\x1b\\\x1b[?62;c");
    stage.wait_for("Answer(Attributes(\"62;\"))");
    stage.type_keys("c");
    stage.wait_for_bytes(b"\x1b]52;c;Y2FuYXJ5LThjMWY=\x1b\\");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
    stage.is_as_before();
}

#[test]
fn the_rest_of_a_paste_never_becomes_the_shells() {
    let mut stage = Stage::script(80, 24, "\"$PROBE\"; read -r line; echo \"got <$line>\"");
    stage.wait_for("ready");
    stage.type_keys("\x1b[200~rm -rf\n");
    std::thread::sleep(Duration::from_millis(200));
    stage.signal_probe("TERM");
    stage.wait_for_cooked();
    stage.type_keys("ok\n");
    stage.wait_for("got <ok>");
    stage.end();
}

#[test]
fn the_last_of_many_sizes_is_drawn() {
    let mut stage = Stage::start(80, 24);
    stage.wait_for("ready");
    for step in 0..300_u16 {
        stage.resize(20 + (step * 37) % 100, 5 + (step * 11) % 40);
    }
    stage.resize(77, 21);
    stage.wait_for("77 x 21");
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 7");
}

/// tmux can be told to have no alternate screen, and then keeps what leaves the screen: the hardest place to leave nothing.
#[test]
fn nothing_shown_stays_in_tmux() {
    for alternate in ["on", "off"] {
        for signal in ["TERM", "HUP", "none"] {
            let Some(tmux) = Tmux::start(alternate) else { return aloud::not_here("tmux is not installed") };
            tmux.wait_for(CANARY);
            if signal == "none" {
                tmux.run(&["send-keys", "-t", "probe", "q"]);
            } else {
                let pid = tmux.run(&["display-message", "-p", "-t", "probe", "#{pane_pid}"]);
                stage::kill_children(signal, pid.trim().parse().expect("a process"));
            }
            tmux.wait_for("over");
            let kept = tmux.run(&["capture-pane", "-p", "-t", "probe", "-S", "-"]);
            assert!(!kept.contains(CANARY), "alternate screen {alternate}, {signal}: {kept}");
        }
    }
}

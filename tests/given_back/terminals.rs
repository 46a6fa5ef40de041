//! Terminals of every kind: what they are called, what they can do, what they answer, and where there is none.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::app::{App, VALUE};
use crate::crowd::{Times, rounds};
use crate::deaths::SMALL;

#[test]
fn every_common_terminal_is_drawn_on_and_given_back() {
    let names =
        ["linux", "xterm", "xterm-256color", "screen", "screen-256color", "tmux-256color", "xterm-kitty", "vt220"];
    rounds(names.len(), |round| {
        let mut app = App::shell(SMALL, "exec \"$AMLOCK\" --demo", &[("TERM", names[round])]);
        app.reveal();
        app.press("\x1b").see_no(VALUE).leaves();
        app.stage.nobody_is_left();
    });
}

/// How many colours there are is what TERM and COLORTERM say: a code that a terminal does not know is noise on it.
#[test]
fn no_terminal_gets_colours_it_does_not_have() {
    let indexed = ["38;5", "48;5"];
    let any = ["38;5", "48;5", "38;2", "48;2"];
    let cases = [
        ("xterm-256color", "truecolor", "", any.as_slice()),
        ("xterm-256color", "", "", &indexed),
        ("xterm", "", "", &[]),
        ("linux", "", "", &[]),
    ];
    rounds(cases.len(), |round| {
        let (term, colorterm, no_color, deep) = cases[round];
        let set = [("TERM", term), ("COLORTERM", colorterm), ("NO_COLOR", no_color)];
        let mut app = App::shell((120, 36), "exec \"$AMLOCK\" --demo", &set);
        // A dark ground, which a terminal of true colours gets shades for; then a picture in black and white.
        app.reveal().press("\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;c").press("\x1b").see_no(VALUE);
        app.press("1").see("narrow").press("a").see("Device code").press("\r").see("DEMO-ONLY");
        let bytes = app.stage.everything();
        let used = sgrs(&bytes).flat_map(|look| depths(&look)).collect::<BTreeSet<_>>();
        let known = |depth: &str| depth == "plain" || deep.contains(&depth);
        assert!(used.iter().all(|depth| known(depth)), "{term} {colorterm}: {used:?}");
        let deepest = deep.iter().rev().nth(1).copied().unwrap_or("plain");
        assert!(used.contains(deepest), "{term} {colorterm}: {used:?}");
        app.press("\x03");
        assert_eq!(app.stage.end(), "status 0");
        app.is_as_before();
    });
}

/// The parameters of every `ESC [ … m`.
fn sgrs(bytes: &[u8]) -> impl Iterator<Item = String> {
    let parts = bytes.split(|byte| *byte == 0x1b).filter_map(|part| part.strip_prefix(b"["));
    parts.filter_map(|part| {
        let end = part.iter().position(u8::is_ascii_alphabetic)?;
        (part[end] == b'm').then(|| String::from_utf8_lossy(&part[..end]).into_owned())
    })
}

/// How its colours are given: `plain` for one of sixteen, `38;5`, `48;2` and so on for more.
fn depths(look: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut codes = look.split([';', ':']);
    while let Some(code) = codes.next() {
        match code.parse::<u16>() {
            Ok(38 | 48) => {
                let depth = codes.next().unwrap_or_default();
                codes.by_ref().take(if depth == "2" { 3 } else { 1 }).for_each(drop);
                found.push(format!("{code};{depth}"));
            }
            Ok(30..=37 | 40..=47 | 90..=97 | 100..=107) => found.push("plain".to_owned()),
            _ => {}
        }
    }
    found
}

#[test]
fn where_letters_are_one_byte_long_only_ascii_is_written() {
    let cases = [
        [("LANG", "C"), ("LC_ALL", ""), ("LC_CTYPE", "")],
        [("LANG", "en_US.ISO-8859-1"), ("LC_ALL", ""), ("LC_CTYPE", "")],
        [("LANG", "de_DE@euro"), ("LC_ALL", ""), ("LC_CTYPE", "")],
        [("LANG", "C.UTF-8"), ("LC_ALL", ""), ("LC_CTYPE", "de_DE.ISO-8859-15")],
        [("LANG", "C.UTF-8"), ("LC_ALL", "POSIX"), ("LC_CTYPE", "C.UTF-8")],
    ];
    rounds(cases.len(), |round| {
        let mut app = App::shell((120, 36), "exec \"$AMLOCK\" --demo", &cases[round]);
        app.reveal().see("hides in").press("\x1b").see_no(VALUE).see("********");
        app.press("?").see("In the panes").press("\x1b").see_no("In the panes").see("enter reveal");
        let strange = app.stage.everything().into_iter().find(|byte| !byte.is_ascii());
        assert_eq!(strange, None, "{:?}: {}", cases[round], app.shown());
        app.leaves();
    });
}

/// No terminal in these tests answers what it is asked, nor does one that is asked where its cursor is.
#[test]
fn a_terminal_that_answers_nothing_is_drawn_on_at_once() {
    let times = Times::default();
    for _ in 0..5 {
        let begun = Instant::now();
        let mut app = App::demo(SMALL);
        app.see("demo");
        times.note(begun.elapsed());
        app.see(" 148 ").leaves();
        let bytes = app.stage.everything();
        assert!(!bytes.windows(4).any(|asked| asked == b"\x1b[6n"), "the cursor's place is not asked for");
    }
    times.are_within(Duration::from_millis(100), "from the start to the first frame on a mute terminal");
}

#[test]
fn where_there_is_no_terminal_it_says_so_in_one_line_and_touches_nothing() {
    let scripts = [
        "\"$AMLOCK\" --demo </dev/null",
        "\"$AMLOCK\" --demo <&-",
        "true | \"$AMLOCK\" --demo",
        "\"$AMLOCK\" --demo >&-",
        "setsid -w \"$AMLOCK\" --demo",
        // As cron starts things: no terminal anywhere.
        "setsid -w \"$AMLOCK\" --demo </dev/null >log 2>&1; status=$?; cat log; (exit $status)",
        "TERM=dumb \"$AMLOCK\" --demo",
        "TERM= \"$AMLOCK\" --demo",
        "unset TERM; \"$AMLOCK\" --demo",
    ];
    rounds(scripts.len(), |round| {
        let script = scripts[round];
        let mut app = App::shell((160, 24), &format!("{script}; echo status $?"), &[]);
        app.see("status ");
        app.stage.end();
        let said = app.shown();
        assert!(said.contains("status 2"), "{script}: {said}");
        assert_eq!(said.trim().lines().count(), 2, "one line and the status. {script}: {said}");
        assert!(!app.stage.everything().contains(&0x1b), "{script} wrote escapes");
        app.is_as_before();
    });
}

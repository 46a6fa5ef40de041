//! Inside tmux and screen, which keep what leaves the screen, and inside a tmux inside a tmux.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use portable_pty::CommandBuilder;

use crate::aloud::not_here;
use crate::app::{KEY, VALUE, binary};
use crate::crowd::rounds;
use crate::deaths::{HARMLESS, PANICS};
use crate::stage::{self, Stage, Tmux};

/// How the program can be left or ended with a value on the screen.
#[derive(Clone, Copy)]
enum Way {
    /// By these keys of tmux.
    Keys(&'static [&'static str]),
    Signal(&'static str),
    /// By reading this secret in the demo of panics.
    Panic(&'static str),
    /// After a copy.
    Copied,
}

const WAYS: [Way; 12] = [
    Way::Keys(&["C-c"]),
    Way::Keys(&["q", "q"]),
    Way::Keys(&["C-z"]),
    Way::Signal("TSTP"),
    Way::Signal("TERM"),
    Way::Signal("INT"),
    Way::Signal("HUP"),
    Way::Signal("QUIT"),
    Way::Panic(PANICS[0]),
    Way::Panic(PANICS[1]),
    Way::Panic(PANICS[2]),
    Way::Copied,
];

/// A shell with job control in which the program runs, and which says when it has the terminal again.
fn script(home: &str, demo: &str, secret: &str) -> String {
    let program = binary().into_string().expect("a plain path");
    format!(
        "export HOME={home} XDG_CONFIG_HOME={home} XDG_CACHE_HOME={home} LANG=C.UTF-8; \
         trap : INT; set -m; '{program}' --demo{demo} open ws-vision/{secret}; echo over; exec sleep 600"
    )
}

#[test]
fn whatever_way_it_ends_tmux_keeps_nothing_of_a_value() {
    for alternate in ["on", "off"] {
        for clipboard in ["external", "on"] {
            let home = tempdir();
            let options = [["alternate-screen", alternate], ["set-clipboard", clipboard], ["history-limit", "5000"]];
            let Some(tmux) = Tmux::serve(&options) else { return not_here("tmux is not installed") };
            rounds(WAYS.len(), |round| {
                let session = format!("way{round}");
                let script = match WAYS[round] {
                    Way::Panic(_) => script(&home, "=panic", HARMLESS),
                    _ => script(&home, "", "db-password"),
                };
                tmux.run(&["new-session", "-d", "-s", &session, "-x", "80", "-y", "24", "sh", "-c", &script]);
                leave(&tmux, &session, WAYS[round]);
                tmux.wait_in(&session, "over");
                let kept = tmux.keeps(&session);
                let clean = !kept.contains(VALUE) && !kept.contains(KEY);
                assert!(clean, "way {round}, alternate screen {alternate}, clipboard {clipboard}:\n{kept}");
            });
            assert!(!tmux.buffers().contains(VALUE), "tmux keeps no copy either");
            let _ = std::fs::remove_dir_all(home);
        }
    }
}

/// With the value on the screen.
fn leave(tmux: &Tmux, session: &str, way: Way) {
    let press = |keys: &[&str]| drop(tmux.run(&[&["send-keys", "-t", session], keys].concat()));
    tmux.wait_in(session, "148 ·");
    press(&["Enter"]);
    tmux.wait_in(session, if matches!(way, Way::Panic(_)) { KEY } else { VALUE });
    match way {
        Way::Keys(keys) => keys.iter().for_each(|key| press(&[key])),
        Way::Signal(signal) => stage::kill(signal, tmux.program_in(session)),
        Way::Panic(secret) => {
            press(&["q"]);
            tmux.wait_in(session, "tab panes");
            press(&["/"]);
            tmux.wait_in(session, "keep");
            press(&["-l", secret]);
            tmux.wait_in(session, "1 of 148");
            press(&["Enter"]);
            tmux.wait_in(session, "tab panes");
            press(&["Enter"]);
        }
        Way::Copied => {
            press(&["y"]);
            tmux.wait_in(session, "through tmux");
            press(&["C-c"]);
        }
    }
}

#[test]
fn inside_a_tmux_inside_a_tmux_it_is_drawn_and_gives_everything_back() {
    let (Some(outer), Some(inner)) = (Tmux::serve(&[]), Tmux::serve(&[])) else {
        return not_here("tmux is not installed");
    };
    for way in [Way::Keys(&["C-c"]), Way::Keys(&["C-z"]), Way::Signal("TERM"), Way::Signal("HUP"), Way::Signal("QUIT")]
    {
        let home = tempdir();
        let mut line = nested(&outer, &inner, &script(&home, "", "db-password"));
        line.wait_for("148 ·");
        line.type_keys("\r");
        line.wait_for(VALUE);
        match way {
            Way::Keys(keys) => line.type_keys(if keys == ["C-c"] { "\x03" } else { "\x1a" }),
            Way::Signal(signal) => stage::kill(signal, inner.program_in("deep")),
            Way::Panic(_) | Way::Copied => unreachable!("not tried here"),
        }
        line.wait_for("over");
        for (tmux, session) in [(&inner, "deep"), (&outer, "shallow")] {
            let kept = tmux.keeps(session);
            assert!(!kept.contains(VALUE), "{session}:\n{kept}");
        }
        inner.run(&["kill-session", "-t", "deep"]);
        line.end();
        line.is_as_before_without(&[VALUE, KEY]);
        let _ = std::fs::remove_dir_all(home);
    }
}

/// What tmux is for: it stays, at rest, and is there when somebody comes back.
#[test]
fn a_line_that_breaks_outside_of_tmux_ends_nothing_inside() {
    let (Some(outer), Some(inner)) = (Tmux::serve(&[]), Tmux::serve(&[])) else {
        return not_here("tmux is not installed");
    };
    let home = tempdir();
    let mut line = nested(&outer, &inner, &script(&home, "", "db-password"));
    line.wait_for("148 ·");
    let program = inner.program_in("deep");
    line.hang_up();
    line.nobody_is_left();
    inner.run(&["send-keys", "-t", "deep", "?"]);
    inner.wait_in("deep", "In the panes");
    assert_eq!(inner.program_in("deep"), program);
    inner.run(&["send-keys", "-t", "deep", "C-c"]);
    inner.wait_in("deep", "over");
    let _ = std::fs::remove_dir_all(home);
}

/// GNU screen has no alternate screen unless it is told to: whatever is erased may go into its history.
#[test]
fn inside_screen_it_is_drawn_and_leaves_nothing() {
    if Command::new("screen").arg("-v").output().is_err() {
        return not_here("GNU screen is not installed");
    }
    for (key, altscreen) in [("\x03", "off"), ("\x1a", "off"), ("\x03", "on")] {
        let home = tempdir();
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).expect("a folder of our own");
        std::fs::write(format!("{home}/rc"), format!("altscreen {altscreen}\nstartup_message off\n")).expect("written");
        let waits = script(&home, "", "db-password").replace("exec sleep 600", "read go");
        let mut command = CommandBuilder::new("screen");
        command.args(["-U", "-c", &format!("{home}/rc"), "-S", "test", "sh", "-c", &waits]);
        command.env("SCREENDIR", &home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env_remove("STY");
        let mut line = Stage::run(80, 24, command);
        line.wait_for("148 ·");
        line.type_keys("\r");
        line.wait_for(VALUE);
        line.type_keys(key);
        line.wait_for("over");
        let history = format!("{home}/history");
        let asked = Command::new("screen")
            .args(["-c", "/dev/null", "-S", "test", "-p", "0", "-X", "hardcopy", "-h", &history])
            .env("SCREENDIR", &home)
            .status();
        assert!(asked.is_ok_and(|status| status.success()), "screen writes its history");
        line.until("its history, written", || std::fs::read(&history).is_ok_and(|text| text.ends_with(b"\n")));
        let kept = String::from_utf8_lossy(&std::fs::read(&history).expect("written")).into_owned();
        assert!(kept.contains("over") && !kept.contains(VALUE), "altscreen {altscreen}:\n{kept}");
        line.type_keys("\r");
        line.end();
        line.is_as_before_without(&[VALUE, KEY]);
        let _ = std::fs::remove_dir_all(home);
    }
}

/// `script` in a session `deep` of `inner`, seen in a session `shallow` of `outer`, seen on a terminal.
fn nested(outer: &Tmux, inner: &Tmux, script: &str) -> Stage {
    inner.run(&["new-session", "-d", "-s", "deep", "-x", "80", "-y", "22", "sh", "-c", script]);
    let attach = format!("env -u TMUX tmux -L {} attach-session -t deep", inner.name());
    outer.run(&["new-session", "-d", "-s", "shallow", "-x", "80", "-y", "23", "sh", "-c", &attach]);
    let mut command = CommandBuilder::new("tmux");
    command.args(["-L", outer.name(), "attach-session", "-t", "shallow"]);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env_remove("TMUX");
    Stage::run(80, 24, command)
}

fn tempdir() -> String {
    let home = std::env::temp_dir().join(format!("amlock-tmux-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&home).expect("a home");
    home.into_os_string().into_string().expect("a plain path")
}

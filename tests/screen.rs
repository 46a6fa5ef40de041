//! The program itself in a real terminal: the main job by its keys, sizes, signals, being stopped, and what it refuses.
//! `AMLOCK_BIN` names another binary than the one `cargo test` built.

#![cfg(unix)]

#[path = "support/app.rs"]
mod app;
#[expect(dead_code, reason = "tests/terminal.rs and tests/given_back.rs use the rest of it")]
#[path = "support/stage.rs"]
mod stage;

use std::time::{Duration, Instant};

use app::{App, KEY, VALUE};

const WIDE: (u16, u16) = (120, 36);
const SMALL: (u16, u16) = (80, 24);
const TINY: (u16, u16) = (60, 16);

/// The key that the footer names for `word`: `⏎ reveal` reads as `⏎`.
fn named(footer: &str, word: &str) -> String {
    let key = footer.split("   ").filter_map(|entry| entry.trim().split_once(' ')).find(|(_, says)| *says == word);
    let key = key.unwrap_or_else(|| panic!("the footer names no key for {word:?}: {footer}")).0;
    match key {
        "⏎" => "\r".to_owned(),
        "esc" => "\x1b".to_owned(),
        "tab" => "\t".to_owned(),
        key => key.to_owned(),
    }
}

#[test]
fn from_the_start_to_a_secret_and_an_endpoints_key_by_the_footer_alone() {
    for size in [WIDE, SMALL, TINY] {
        let mut app = App::demo(size);
        app.see("148 · ").see("reveal");
        let press = |app: &mut App, word: &str| {
            let key = named(&app.footer(), word);
            app.press(&key);
        };
        press(&mut app, "filter");
        app.see("keep").press("dbpass").see("1 of 148");
        press(&mut app, "keep");
        app.see("reveal").see_no("keep");
        assert!(!app.shown().contains(VALUE), "filtering reveals nothing");
        press(&mut app, "reveal");
        app.see(VALUE).see("hides in").see("hide");
        press(&mut app, "hide");
        app.see_no(VALUE).see("reveal");
        press(&mut app, "panes");
        app.see("churn-online").see("keys or token");
        app.press("jj").see("› churn-online");
        press(&mut app, "keys or token");
        app.see("primary").see("••••");
        assert!(!app.shown().contains(KEY), "keys come masked");
        press(&mut app, "show, hide");
        app.see(KEY);
        press(&mut app, "back");
        app.see_no(KEY);
        app.press("q");
        app.press("q");
        assert_eq!(app.stage.end(), "status 0");
        app.is_as_before();
    }
}

#[test]
fn sizes_of_every_kind_are_survived_and_the_last_is_drawn() {
    let mut app = App::demo(WIDE);
    app.reveal().press("h").see("held");
    for (width, height) in [(0, 0), (1, 1), (2, 1), (5, 20), (20, 5), (500, 200), (1000, 65), (0, 24), (80, 0), (1, 1)]
    {
        app.stage.resize(width, height);
        std::thread::sleep(Duration::from_millis(30));
    }
    for step in 0..1000_u16 {
        app.stage.resize(1 + (step * 37) % 180, 1 + (step * 11) % 60);
    }
    for (width, height) in [SMALL, TINY, WIDE] {
        app.stage.resize(width, height);
        app.see(VALUE).see("hide");
    }
    app.press("\x1b").see_no(VALUE).see("4 Endpoints").leaves();
}

#[test]
fn a_deadly_signal_leaves_nothing_of_a_revealed_value() {
    for (signal, name) in [("TERM", "Terminated"), ("INT", "Interrupt"), ("HUP", "Hangup"), ("QUIT", "Quit")] {
        let mut app = App::demo(SMALL);
        app.reveal();
        app.stage.signal(signal);
        let end = app.stage.end();
        assert!(end.contains(name), "{signal}: {end}");
        app.is_as_before();
    }
}

#[test]
fn stopped_with_a_value_open_it_shows_nothing_and_comes_back_masked() {
    for from_outside in [false, true] {
        let script = "set -m; \"$AMLOCK\" --demo; echo stopped $?; read go; fg; echo ended $?";
        let mut app = App::shell(SMALL, script, &[]);
        app.reveal().press("h").see("held");
        if from_outside {
            app.stage.signal_probe("TSTP");
        } else {
            app.press("\x1a");
        }
        app.see("stopped 1");
        app.is_as_before();
        assert!(app.stage.probe_is_stopped());
        app.press("go\n").see("1 of 148");
        assert!(app.stage.screen().alternate_screen() && app.stage.is_raw());
        assert!(!app.shown().contains(VALUE), "masked:\n{}", app.shown());
        app.see("••••••••").press("q").see("ended 0");
        app.is_as_before();
    }
}

#[test]
fn a_closed_window_ends_it() {
    for before in ["", "trap '' HUP; "] {
        let mut app = App::shell(SMALL, &format!("{before}exec \"$AMLOCK\" --demo"), &[]);
        app.reveal();
        app.stage.hang_up();
        app.stage.end_within(Duration::from_secs(5));
    }
}

#[test]
fn what_cannot_show_a_screen_is_refused_in_one_line() {
    for script in [
        "\"$AMLOCK\" --demo </dev/null",
        "\"$AMLOCK\" --demo <&-",
        "{ \"$AMLOCK\" --demo 2>&1; echo status $? >&2; } | cat",
        "\"$AMLOCK\" --demo >&-",
        "TERM=dumb \"$AMLOCK\" --demo",
        "unset TERM; \"$AMLOCK\" --demo",
        "setsid -w \"$AMLOCK\" --demo",
    ] {
        let script = if script.contains("status") { script.to_owned() } else { format!("{script}; echo status $?") };
        let mut app = App::shell((160, 24), &format!("{script}; echo over"), &[]);
        app.see("over");
        app.stage.end();
        let said = app.shown();
        assert!(said.contains("status 2"), "{script}: {said}");
        assert_eq!(said.trim().lines().count(), 3, "one line, its status and `over`. {script}: {said}");
        assert!(!app.stage.everything().contains(&0x1b), "{script} wrote escapes");
        app.is_as_before();
    }
}

#[test]
fn a_reader_that_has_enough_ends_the_command_line_silently() {
    for reader in ["head -n 1", ":"] {
        let list = "{ \"$AMLOCK\" --demo -q secret list -w ws-vision; echo status $? >&2; }";
        let mut app = App::shell(WIDE, &format!("{list} | {reader}; echo over"), &[]);
        app.see("over").see("status");
        let said = app.shown();
        assert!(said.contains("status 0"), "{said}");
        let rows = if reader == ":" { 2 } else { 3 };
        assert_eq!(said.trim().lines().count(), rows, "what {reader} says, the status and `over`: {said}");
    }
}

#[test]
fn without_colours_only_weight_is_written() {
    let mut app = App::shell(WIDE, "exec \"$AMLOCK\" --demo", &[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]);
    app.reveal();
    let bytes = app.stage.everything();
    for sgr in sgrs(&bytes) {
        let coloured = |code: &str| matches!(code.parse(), Ok(30..=49 | 90..=107_u16));
        assert!(!sgr.split([';', ':']).any(coloured), "a colour: {sgr:?}");
    }
    assert!(sgrs(&bytes).any(|sgr| !sgr.is_empty()), "but weight");
    app.press("\x1b").see_no(VALUE).leaves();
}

/// The parameters of every `ESC [ … m`.
fn sgrs(bytes: &[u8]) -> impl Iterator<Item = String> {
    let parts = bytes.split(|byte| *byte == 0x1b).filter_map(|part| part.strip_prefix(b"["));
    parts.filter_map(|part| {
        let end = part.iter().position(u8::is_ascii_alphabetic)?;
        (part[end] == b'm').then(|| String::from_utf8_lossy(&part[..end]).into_owned())
    })
}

#[test]
fn a_locale_without_utf8_gets_ascii_alone() {
    for (script, locale) in [
        ("exec \"$AMLOCK\" --demo", "C"),
        ("exec \"$AMLOCK\" --demo", "POSIX"),
        ("exec \"$AMLOCK\" --demo --ascii", "C.UTF-8"),
    ] {
        let mut app = App::shell(WIDE, script, &[("LANG", locale)]);
        app.reveal().see("hides in").press("\x1b").see_no(VALUE).press("?").see("In the panes").press("\x1b");
        app.see_no("In the panes").see("enter reveal").see("> ");
        let strange = app.stage.everything().into_iter().find(|byte| !byte.is_ascii());
        assert_eq!(strange, None, "{locale}: {}", app.shown());
        app.leaves();
    }
}

#[test]
fn an_unreachable_cloud_is_said_on_the_screen() {
    let mut app = App::shell(SMALL, "exec \"$AMLOCK\" --demo=offline", &[]);
    app.see("cannot be reached").leaves();
}

#[test]
fn idle_it_writes_nothing() {
    let mut app = App::demo(WIDE);
    app.see("148 · ").see("churn-online").see("get_secret");
    let quiet = |app: &App, wanted: Duration| {
        let (mut since, mut count) = (Instant::now(), app.stage.everything().len());
        let begun = Instant::now();
        while since.elapsed() < wanted {
            assert!(begun.elapsed() < Duration::from_secs(30), "it never rests");
            std::thread::sleep(Duration::from_millis(50));
            let now = app.stage.everything().len();
            if now != count {
                (since, count) = (Instant::now(), now);
            }
        }
        count
    };
    let count = quiet(&app, Duration::from_secs(1));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(app.stage.everything().len(), count, "bytes in three idle seconds");
    app.leaves();
}

/// This terminal answers nothing that is asked, as in all tests here; an answer changes the shades, and is no key.
#[test]
fn a_mute_terminal_gets_its_first_frame_and_a_late_answer_is_no_key() {
    let begun = Instant::now();
    let mut app = App::demo(SMALL);
    app.see("demo");
    assert!(begun.elapsed() < Duration::from_secs(2), "the first frame took {:?}", begun.elapsed());
    app.stage.wait_for_bytes(b"\x1b]11;?\x1b\\\x1b[>0q\x1b[c");
    let asked = |bytes: &[u8]| bytes.windows(6).position(|window| window == b"\x1b]11;?");
    let bytes = app.stage.everything();
    let drawn = bytes.windows(4).position(|window| window == b"demo");
    assert!(drawn < asked(&bytes), "the first frame comes before the questions");
    app.see("148 · ").press("\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1bP>|xterm(388)\x1b\\\x1b[?62;c");
    app.stage.wait_for_bytes(b"38;5;24");
    app.see("reveal").leaves();
}

/// Where nobody could continue us (`ssh -t host amlock`), ctrl-z does not stop.
#[test]
fn ctrl_z_without_a_shell_above_does_not_end_it() {
    let mut app = App::demo(SMALL);
    app.see("148 · ")
        .press("\x1a")
        .see("no shell above")
        .press("?")
        .see("In the panes")
        .press("\x1b")
        .see("reveal")
        .leaves();
}

/// A home with az's own notes of who is signed in, and an az that wants more for every token and counts how often it is started.
const AZ: &str = r#"
mkdir -p "$HOME/.azure" "$HOME/bin"
cat > "$HOME/.azure/azureProfile.json" <<'END'
{"installationId":"x","subscriptions":[
 {"id":"0f0f0f0f-0000-4000-8000-000000000001","name":"Contoso Dev","state":"Enabled","isDefault":true,
  "tenantId":"72f988bf-86f1-41af-91ab-2d7cd011db47","environmentName":"AzureCloud","user":{"name":"alex@contoso.com","type":"user"}},
 {"id":"0f0f0f0f-0000-4000-8000-000000000002","name":"Contoso Prod","state":"Enabled","isDefault":false,
  "tenantId":"72f988bf-86f1-41af-91ab-2d7cd011db47","environmentName":"AzureCloud","user":{"name":"alex@contoso.com","type":"user"}}]}
END
cat > "$HOME/bin/az" <<'END'
#!/bin/sh
echo started >> "$HOME/starts"
echo "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication." >&2
exit 1
END
chmod +x "$HOME/bin/az"
PATH="$HOME/bin:$PATH" "$AMLOCK"
echo "az was started $(wc -l < "$HOME/starts") times"
"#;

#[test]
fn az_s_login_is_found_and_named_without_az_and_what_it_wants_more_is_said_by_the_tenant_s_name() {
    let offline = [("HTTPS_PROXY", "http://127.0.0.1:9"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")];
    let mut app = App::shell(SMALL, AZ, &offline);
    app.see("Signed in as alex@contoso.com (found: Azure CLI).").see("asks for multi-factor");
    app.see("signs in once more, there").press("1").see("2 subscriptions").see("Contoso Dev, Contoso Prod");
    app.press("a").see("72f988bf-86f1-41af-91ab-2d7cd011db47 asks for multi-factor");
    app.see("alex@contoso.com, found in ~/.azure").see("not over SSH; use the device code").see("Managed identity");
    app.press("j\r").see("Could not sign in").see("run az login --tenant 72f988bf");
    app.press("k\r").see("cannot be reached").see("new code").press("\x1b").see("Service principal");
    app.press("\x1b").see("narrow").press("q").see("az was started");
    // For the lists, and for whoever signs in; once more where a list asks after the other's refusal has come.
    let shown = app.shown();
    assert!(["2 times", "3 times"].iter().any(|starts| shown.contains(starts)), "{shown}");
}

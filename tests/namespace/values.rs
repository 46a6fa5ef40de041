//! A value on all its ways, at the most talkative level: it comes out where it was asked for and nowhere else, in no encoding.

use std::path::Path;

use portable_pty::CommandBuilder;
use serde_json::json;

use super::canary::Canary;
use super::main_job::{run, says};
use super::memory;
use super::pinned::{Home, Pinned};
use super::stage::Stage;

const PLACE: [&str; 3] = ["-w", "ws-support", "--verbose"];

/// The value is in none of `bytes`.
#[track_caller]
fn clean(canary: &Canary, bytes: &[u8], what: &str) {
    let found = canary.in_bytes(bytes);
    assert!(found.is_empty(), "{what} holds the value as {found:?}: {}", String::from_utf8_lossy(bytes));
}

/// No file that the program could write holds the value.
#[track_caller]
fn no_file_holds(canary: &Canary, home: &Home) {
    for path in home.files() {
        clean(canary, &std::fs::read(&path).expect("a file"), &path.display().to_string());
        clean(canary, path.as_os_str().as_encoded_bytes(), "a file's name");
    }
}

/// One command; its standard output. Its standard error must not hold the value, nor may any file.
#[track_caller]
fn quietly(pinned: &Pinned, home: &Home, canary: &Canary, words: &[&str], input: &str) -> Vec<u8> {
    let done = run(pinned, home, &[words, &PLACE].concat(), input);
    clean(canary, &done.stderr, &format!("stderr of {words:?}"));
    no_file_holds(canary, home);
    done.stdout
}

fn by_command(bytes: usize) {
    let Some(pinned) = Pinned::start("") else { return };
    let (home, canary) = (pinned.home(0), Canary::new(bytes));
    let quietly = |words: &[&str], input: &str| quietly(&pinned, &home, &canary, words, input);
    let silent = |words: &[&str], input: &str| clean(&canary, &quietly(words, input), &format!("{words:?}"));

    silent(&["secret", "set", "canary", "--file", "-"], &canary.text);
    silent(&["secret", "set", "canary", "--file", "-", "--json"], &canary.text);
    silent(&["secret", "list", "--json"], "");
    silent(&["secret", "versions", "canary", "--json"], "");
    silent(&["doctor"], "");
    assert_eq!(quietly(&["secret", "get", "canary"], ""), canary.text.as_bytes());

    // Failures on the way in and on the way out: an answer that repeats what was sent, and ones that are half there.
    for fault in [json!("echo"), json!("truncate"), json!("html"), json!(400)] {
        pinned.fail_next("PUT /secrets/canary", &fault);
        silent(&["secret", "set", "canary", "--file", "-"], &canary.text);
        // A read is tried three times.
        for _ in 0..3 {
            pinned.fail_next("GET /secrets/canary/?", &fault);
        }
        silent(&["secret", "get", "canary", "--json"], "");
        pinned.fail_no_more();
    }
}

#[test]
fn a_short_value_leaves_the_command_line_only_where_it_was_asked_for() {
    by_command(40);
}

#[test]
fn a_long_value_leaves_the_command_line_only_where_it_was_asked_for() {
    by_command(3_000);
}

#[test]
fn a_prompt_shows_nothing_of_what_is_typed_or_pasted() {
    let Some(pinned) = Pinned::start("") else { return };
    for bytes in [40, 3_000] {
        let (home, canary) = (pinned.home(0), Canary::new(bytes));
        let words = [&["secret", "set", "canary"], PLACE.as_slice()].concat();
        let mut stage = Stage::run(100, 30, pinned.on_a_terminal(&home, &words));
        stage.wait_for("hidden");
        let arguments = std::fs::read(format!("/proc/{}/cmdline", stage.process())).expect("its arguments");
        clean(&canary, &arguments, "argv");
        // A line of the terminal holds 4,095 bytes, so both fit as they are.
        stage.type_keys(&if bytes == 40 { canary.text.clone() } else { format!("\x1b[200~{}\x1b[201~", canary.text) });
        stage.type_keys("\r");
        assert_eq!(stage.end(), "status 0");
        clean(&canary, &stage.everything(), "the terminal");
        no_file_holds(&canary, &home);
        assert_eq!(says(&pinned, &home, &["secret", "get", "canary", "-w", "ws-support"], ""), canary.text);
    }
}

/// The screen with its standard error in a file.
fn screen(pinned: &Pinned, home: &Home, errors: &Path) -> Stage {
    let mut words: Vec<_> = ["sh", "-c", "exec \"$@\" 2>\"$0\""].map(std::ffi::OsString::from).into();
    words.push(errors.as_os_str().to_owned());
    words.extend(pinned.words(home));
    words.extend(["open", "ws-support/canary", "--verbose"].map(std::ffi::OsString::from));
    let mut command = CommandBuilder::from_argv(words);
    command.env_clear();
    for (name, value) in pinned.variables(home) {
        command.env(name, value);
    }
    command.cwd("/");
    let stage = Stage::run(100, 60, command);
    stage.wait_for("⏎ reveal");
    stage
}

#[test]
fn a_refusal_that_repeats_the_value_does_not_bring_it_to_the_screen() {
    let Some(pinned) = Pinned::start("") else { return };
    for bytes in [40, 3_000] {
        let (home, canary) = (pinned.home(0), Canary::new(bytes));
        says(&pinned, &home, &["secret", "set", "canary", "--file", "-", "-w", "ws-support"], "another one");
        let errors = home.folder.join("state/stderr");
        let mut stage = screen(&pinned, &home, &errors);
        for fault in [json!("echo"), json!("cut"), json!("html"), json!(400)] {
            pinned.fail_next("PUT /secrets/canary", &fault);
            stage.type_keys("e");
            stage.wait_for("⏎ save");
            stage.type_keys(&format!("\x1b[200~{}\x1b[201~", canary.text));
            stage.wait_for(" bytes");
            stage.type_keys("\r");
            // After a lost answer amlock looks, and may find that it was done: then the form is gone.
            let shown = || stage.screen().contents();
            stage.until("an outcome", || shown().contains("not set canary") || shown().contains("⏎ reveal"));
            if shown().contains("⏎ save") {
                stage.type_keys("\x1b");
            }
            stage.wait_for("⏎ reveal");
        }
        let arguments = std::fs::read(format!("/proc/{}/cmdline", stage.process())).expect("its arguments");
        clean(&canary, &arguments, "argv");
        std::thread::sleep(std::time::Duration::from_secs(1));
        assert_eq!(memory::find(stage.process(), &canary), [""; 0]);
        stage.type_keys("q");
        assert_eq!(stage.end(), "status 0");
        clean(&canary, &stage.everything(), "the terminal");
        no_file_holds(&canary, &home);
    }
}

#[test]
fn a_shown_value_is_in_no_title_and_no_file_and_its_half_is_in_no_error() {
    let Some(pinned) = Pinned::start("") else { return };
    for bytes in [40, 3_000] {
        let (home, canary) = (pinned.home(0), Canary::new(bytes));
        says(&pinned, &home, &["secret", "set", "canary", "--file", "-", "-w", "ws-support"], &canary.text);
        let errors = home.folder.join("state/stderr");
        let mut stage = screen(&pinned, &home, &errors);
        for fault in [json!("truncate"), json!("html"), json!("echo")] {
            for _ in 0..3 {
                pinned.fail_next("GET /secrets/canary/?", &fault);
            }
            stage.type_keys("\r");
            stage.wait_for("Could not reveal canary in kv-support");
            stage.type_keys("!");
            stage.wait_for("⏎ close");
            stage.type_keys("\x1b");
            stage.wait_for("⏎ reveal");
            pinned.fail_no_more();
        }
        clean(&canary, &stage.everything(), "the terminal");
        std::thread::sleep(std::time::Duration::from_secs(1));
        assert_eq!(memory::find(stage.process(), &canary), [""; 0]);

        stage.type_keys("\r");
        stage.wait_for(canary.begin());
        let arguments = std::fs::read(format!("/proc/{}/cmdline", stage.process())).expect("its arguments");
        clean(&canary, &arguments, "argv");
        no_file_holds(&canary, &home);
        stage.type_keys("\x1b");
        stage.wait_for("⏎ reveal");
        stage.type_keys("q");
        assert_eq!(stage.end(), "status 0");
        let bytes = stage.everything();
        let titles = bytes.windows(4).filter(|piece| matches!(piece, [0x1b, b']', b'0'..=b'2', b';'])).count();
        assert_eq!(titles, 0, "no title is set at all");
        no_file_holds(&canary, &home);
    }
}

#[test]
fn a_panic_that_quotes_a_value_tells_only_its_place() {
    const VALUE: &str = "Correct-Horse-Demo-Only-42";
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let done = run(&pinned, &home, &["--demo=panic", "secret", "get", "db-password", "-w", "ws-vision"], "");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(101));
    assert!(
        err.contains("internal error at src/demo/panics.rs") && !err.contains("Horse") && out.is_empty(),
        "{err}{out}"
    );

    let words = ["--demo=panic", "open", "ws-vision/db-password"];
    let mut stage = Stage::run(100, 30, pinned.on_a_terminal(&home, &words));
    stage.wait_for("› db-password");
    stage.wait_for("⏎ reveal");
    stage.type_keys("\r");
    assert_eq!(stage.end(), "status 101");
    stage.wait_for("internal error at src/demo/panics.rs");
    let all = String::from_utf8_lossy(&stage.everything()).into_owned();
    assert!(!all.contains(VALUE) && !all.contains("Horse"), "{all}");
    stage.is_as_before();
    for path in home.files() {
        assert!(!String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).contains(VALUE), "{}", path.display());
    }
}

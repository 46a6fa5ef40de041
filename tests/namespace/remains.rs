//! What is left of a value in memory when it is not shown any more: nothing. A second process looks.

use std::time::Duration;

use super::canary::Canary;
use super::main_job::says;
use super::memory;
use super::pinned::{Home, Pinned};
use super::stage::Stage;

/// How long after it was hidden nothing may be left.
const GRACE: Duration = Duration::from_secs(1);

/// A canary as a secret in the sandbox, and the screen with the cursor on it.
fn open(pinned: &Pinned, home: &Home, canary: &Canary) -> Stage {
    home.config("[reveal]\nseconds = 5\n[clipboard]\nosc52 = \"always\"\n");
    says(pinned, home, &["secret", "set", "canary", "--file", "-", "-w", "ws-support"], &canary.text);
    let stage = Stage::run(100, 60, pinned.on_a_terminal(home, &["open", "ws-support/canary"]));
    stage.wait_for("canary");
    stage.wait_for("reveal");
    assert_eq!(memory::find(stage.process(), canary), [""; 0], "the list holds a value");
    stage
}

/// Shown, it must be found: otherwise looking proves nothing.
fn is_shown(stage: &Stage, canary: &Canary) {
    stage.wait_for(canary.begin());
    // Memory is read while the process goes on: what moves meanwhile may be missed once.
    let mut found = memory::find(stage.process(), canary);
    for _ in 0..5 {
        if found.iter().any(|what| what.starts_with("raw")) {
            break;
        }
        found = memory::find(stage.process(), canary);
    }
    assert!(found.iter().any(|what| what.starts_with("raw")), "{found:#?}");
    let cells = format!("every {}", memory::CELL);
    assert!(found.iter().any(|what| what.contains(&cells)), "not even in the cells: {found:#?}");
}

fn nothing_is_left(stage: &Stage, canary: &Canary, after: &str) {
    stage.until("no value", || !stage.screen().contents().contains(canary.begin()));
    std::thread::sleep(GRACE);
    assert_eq!(memory::find(stage.process(), canary), [""; 0], "after {after}");
}

fn revealed_and_hidden(bytes: usize) {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let canary = Canary::new(bytes);
    let mut stage = open(&pinned, &home, &canary);
    for (keys, how) in [("\x1b", "esc"), ("L", "L"), ("\x1b[O", "the focus went"), ("", "its time")] {
        stage.type_keys("\r");
        is_shown(&stage, &canary);
        stage.type_keys(keys);
        nothing_is_left(&stage, &canary, how);
        stage.type_keys("\x1b[I");
        stage.wait_for("⏎ reveal");
    }
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 0");
}

#[test]
fn a_short_value_that_was_hidden_is_nowhere_in_memory() {
    revealed_and_hidden(40);
}

#[test]
fn a_long_value_that_was_hidden_is_nowhere_in_memory() {
    revealed_and_hidden(3_000);
}

/// A value on its way in: pasted into the form, there while the form is open, gone when it is saved or left.
fn pasted_and_gone(bytes: usize) {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let (before, canary) = (Canary::new(40), Canary::new(bytes));
    let mut stage = open(&pinned, &home, &before);
    for (key, how) in [("\x1b", "leaving the form"), ("\r", "saving it")] {
        stage.type_keys("e");
        stage.wait_for("save");
        stage.type_keys(&format!("\x1b[200~{}\x1b[201~", canary.text));
        stage.wait_for(if bytes < 1_000 { "40 bytes" } else { "3,000 bytes" });
        assert_ne!(memory::find(stage.process(), &canary), [""; 0], "the form must hold it");
        stage.type_keys(key);
        stage.wait_for("⏎ reveal");
        nothing_is_left(&stage, &canary, how);
    }
    assert_eq!(says(&pinned, &home, &["secret", "get", "canary", "-w", "ws-support"], ""), canary.text);
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 0");
    assert_eq!(canary.in_bytes(&stage.everything()), [""; 0], "a hidden field was shown");
}

#[test]
fn the_keys_of_an_endpoint_are_nowhere_once_their_sheet_is_left() {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let keys = says(&pinned, &home, &["endpoint", "keys", "churn-online", "-w", "ws-vision", "--json"], "");
    let keys: serde_json::Value = serde_json::from_str(&keys).expect("JSON");
    let key = |name: &str| Canary { text: keys[name].as_str().expect("a key").to_owned() };
    let (primary, secondary) = (key("primaryKey"), key("secondaryKey"));
    let mut stage = Stage::run(100, 60, pinned.on_a_terminal(&home, &["-w", "ws-vision"]));
    stage.wait_for("4 Endpoints 5");
    stage.type_keys("4gjj");
    stage.wait_for("› churn-online");
    for (leave, how) in [("\x1b", "esc"), ("L", "L")] {
        stage.type_keys("\r");
        stage.wait_for("secondary");
        stage.type_keys("\r");
        is_shown(&stage, &primary);
        stage.type_keys(leave);
        if how == "L" {
            stage.wait_for("keys or token");
        }
        nothing_is_left(&stage, &primary, how);
        nothing_is_left(&stage, &secondary, how);
    }
}

#[test]
fn a_short_value_that_was_pasted_is_nowhere_once_its_form_is_gone() {
    pasted_and_gone(40);
}

#[test]
fn a_long_value_that_was_pasted_is_nowhere_once_its_form_is_gone() {
    pasted_and_gone(3_000);
}

#[test]
fn a_value_that_was_typed_is_nowhere_once_its_form_is_gone_not_even_as_keys() {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let (before, canary) = (Canary::new(40), Canary::new(40));
    let mut stage = open(&pinned, &home, &before);
    stage.type_keys("e");
    stage.wait_for("save");
    stage.type_keys(&canary.text);
    stage.wait_for("40 bytes");
    assert_ne!(memory::find(stage.process(), &canary), [""; 0], "the form must hold it");
    stage.type_keys("\r");
    stage.wait_for("⏎ reveal");
    std::thread::sleep(GRACE);
    assert_eq!(memory::find_keys(stage.process(), &canary), [""; 0]);
}

#[test]
fn a_value_that_was_copied_is_on_its_way_and_nowhere_in_memory() {
    let Some(pinned) = Pinned::start("") else { return };
    for bytes in [40, 3_000] {
        let home = pinned.home(0);
        let canary = Canary::new(bytes);
        let mut stage = open(&pinned, &home, &canary);
        stage.type_keys("y");
        stage.wait_for("Sent (not confirmed by the terminal)");
        let went = canary.in_bytes(&stage.everything());
        let encoded = went.iter().all(|form| form.starts_with("base64"));
        assert!(encoded && !went.is_empty(), "to the terminal's clipboard, as OSC 52, and nowhere else: {went:?}");
        std::thread::sleep(GRACE);
        assert_eq!(memory::find(stage.process(), &canary), [""; 0]);
    }
}

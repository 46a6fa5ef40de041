//! The shape of the house: imports run one way, few may unseal, print or spawn, no file is too long, and the README's keys are true.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms each room may enter (besides itself).
const MAY_ENTER: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("cloud", &["domain"]),
    ("demo", &[]),
    ("app", &["domain"]),
    ("view", &["app", "domain"]),
    ("tui", &["app", "view", "cloud", "domain"]),
    ("cli", &["cloud", "demo", "domain", "tui"]),
];

/// Outside crates that a room must not name.
const MUST_NOT_NAME: &[(&str, &[&str])] = &[
    ("domain", &["tokio", "azure_", "reqwest", "ratatui", "crossterm", "std::fs", "std::env"]),
    ("cloud", &["ratatui", "crossterm", "tui_input", "clap"]),
    ("demo", &["ratatui", "crossterm", "tui_input", "clap", "reqwest", "azure_identity", "serde::Deserialize"]),
    (
        "app",
        &["tokio", "azure_", "reqwest", "ratatui", "std::fs", "std::env", "Timestamp::now", "Moment::now", "Instant"],
    ),
    ("view", &["tokio", "azure_", "reqwest", "crossterm", "std::fs", "std::env", "Moment::now"]),
    ("tui", &["azure_", "reqwest", "clap"]),
    ("cli", &["ratatui", "crossterm", "crate::app", "crate::view"]),
];

/// Who may take a value out of its seal: to send it, to show it, to copy it, to print it.
const MAY_UNSEAL: &[&str] = &[
    "src/domain/sealed.rs",
    "src/cloud/gate.rs",
    "src/cloud/sign_in.rs",
    "src/cloud/sign_in/",
    "src/cloud/vault/body.rs",
    "src/app/field.rs",
    "src/view/reveal.rs",
    "src/tui/clipboard.rs",
    "src/cli/output.rs",
];

/// Who may print: everything else hands its words on.
const MAY_PRINT: &[&str] = &["src/cli/output.rs", "src/tui/exit.rs", "src/tui/line.rs"];

fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                walk(&entry, found);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                found.push(entry);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("src"), &mut found);
    let name = |path: &Path| path.strip_prefix(root).expect("below the root").display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).expect("text"))).collect()
}

/// Files that are built for tests only; they may look further.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.ends_with("/scripted.rs")
}

/// The code without comments and without its tests, which may look further.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    // A comment begins a line or follows a blank; the `//` of an address does neither.
    let bare = |line: &str| {
        let whole = line.trim_start().starts_with("//");
        if whole { String::new() } else { line.split(" // ").next().unwrap_or("").to_owned() }
    };
    text.lines().map(bare).collect::<Vec<_>>().join("\n")
}

fn room(path: &str) -> Option<&str> {
    path.strip_prefix("src/")?.split_once('/').map(|(room, _)| room)
}

/// The rooms that `use crate::...` reaches, also inside groups.
fn reached(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for piece in code.split("crate::").skip(1) {
        if let Some(group) = piece.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => rooms.push(std::mem::take(&mut word)),
                    _ if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            rooms.push(word);
        } else {
            rooms.push(piece.to_owned());
        }
    }
    let first =
        |text: &String| text.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned();
    rooms.iter().map(first).filter(|room| !room.is_empty()).collect()
}

#[test]
fn imports_run_one_way() {
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        if is_test(&path) {
            continue;
        }
        let code = code(&text);
        assert!(!code.contains("super::super"), "{path} climbs by super::super; name the room instead");
        let (_, may) =
            MAY_ENTER.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is not on the map"));
        for other in reached(&code) {
            let known = MAY_ENTER.iter().any(|(name, _)| *name == other);
            assert!(other == room || !known || may.contains(&other.as_str()), "{path} reaches into {other}");
        }
    }
}

#[test]
fn rooms_do_not_name_what_is_not_theirs() {
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        let code = code(&text);
        for name in MUST_NOT_NAME.iter().filter(|(name, _)| *name == room).flat_map(|(_, names)| *names) {
            assert!(!code.contains(name), "{path} names {name}");
        }
    }
}

#[test]
fn few_may_unseal_and_fewer_may_print() {
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let code = code(&text);
        let listed = |list: &[&str]| {
            list.iter().any(|entry| path == *entry || (entry.ends_with('/') && path.starts_with(entry)))
        };
        assert!(!code.contains(".unseal()") || listed(MAY_UNSEAL), "{path} takes a value out of its seal");
        // Whether they are terminals may be asked anywhere.
        let code = code.replace("io::stdout().is_terminal()", "").replace("io::stderr().is_terminal()", "");
        let prints =
            ["println!", "eprintln!", "print!(", "io::stdout()", "io::stderr()"].iter().any(|word| code.contains(word));
        assert!(!prints || listed(MAY_PRINT), "{path} prints");
    }
}

#[test]
fn only_the_runner_and_the_shell_start_tasks() {
    for (path, text) in sources() {
        let starts = code(&text).contains("tokio::spawn");
        let may = path.starts_with("src/tui/") || path.starts_with("src/cli/") || path.starts_with("src/cloud/tokens");
        assert!(!starts || may, "{path} starts a task");
    }
}

#[test]
fn no_file_is_too_long_to_read_in_a_sitting() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines");
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{path} does not begin with what it is");
    }
}

#[test]
fn the_readme_shows_the_keys_that_work() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let table = amlock::app::keymap::markdown();
    let start = readme.find("| where | key |").expect("a table of keys");
    let end = start + readme[start..].find("\n\n").expect("an end of it") + 1;
    if std::env::var_os("AMLOCK_README").is_some_and(|wish| wish == "write") {
        fs::write(&path, format!("{}{table}{}", &readme[..start], &readme[end..])).expect("written");
        return;
    }
    assert!(
        readme[start..end] == table,
        "the README's keys differ from the table of bindings; AMLOCK_README=write cargo test --test architecture writes them anew"
    );
}

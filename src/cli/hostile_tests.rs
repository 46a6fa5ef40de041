//! Every command on an Azure whose every free text is hostile: what a terminal gets is clean, what a program gets is exact.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use azure_core::http::HttpClient;
use clap::Parser as _;
use serde_json::Value;

use super::args::Typed;
use super::context::{Context, adopt};
use super::output::Out;
use super::tables::Look;
use super::{finish, obey};
use crate::cloud::{Clock, Cloud, Transport};
use crate::demo::DemoCloud;
use crate::domain::Moment;

#[path = "../../tests/support/attacks.rs"]
mod attacks;
#[path = "../../tests/support/clean.rs"]
mod clean;
#[path = "../../tests/support/emitted.rs"]
mod emitted;
#[expect(dead_code, reason = "tests/hostile_answers.rs uses the rest of it")]
#[path = "../../tests/support/spoiler.rs"]
mod spoiler;

use spoiler::{Spoil, Spoiler};

/// A stream that is looked at afterwards.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a command wrote, and what it was given.
struct Seen {
    code: u8,
    out: Vec<u8>,
    err: Vec<u8>,
    given: BTreeSet<String>,
}

async fn run(words: &[&str], terminal: bool, first: usize, spoil: Spoil) -> Seen {
    let now: Moment = "2026-11-21T03:00:00Z".parse().expect("an instant");
    let demo = DemoCloud::new("", now).expect("a world");
    let spoiler = Spoiler::new(Arc::clone(&demo) as _, attacks::attacks(), first, spoil);
    let client: Arc<dyn HttpClient> = Arc::clone(&spoiler) as _;
    let cloud = Cloud::new(Transport::of(&client), Clock::starting_at(now), false);
    for login in demo.seeded_logins() {
        adopt(&cloud, login).expect("a login");
    }
    let line = [&["amlock", "--yes", "--no-input", "--verbose"], words].concat();
    let typed = Typed::try_parse_from(&line).unwrap_or_else(|wrong| panic!("{wrong}"));
    let (stdout, stderr) = (Page::default(), Page::default());
    let look = Look { bold: terminal, ascii: false, width: terminal.then_some(100) };
    let streams =
        [(Box::new(stdout.clone()) as Box<dyn Write + Send>, terminal), (Box::new(stderr.clone()) as _, terminal)];
    let out = Arc::new(Out::to(&typed.global, streams, look).expect("streams"));
    let context = Context::of(cloud, typed.global, &out);
    let code = finish(&out, Box::pin(obey(&context, typed.command.expect("a command"))).await);
    let taken = |page: Page| std::mem::take(&mut *page.0.lock().expect("not poisoned"));
    Seen { code, out: taken(stdout), err: taken(stderr), given: spoiler.noted().given }
}

/// Everything that prints what Azure said.
const COMMANDS: &[&[&str]] = &[
    &["account", "list"],
    &["account", "show"],
    &["subscription", "list"],
    &["subscription", "show"],
    &["workspace", "list"],
    &["workspace", "show"],
    &["secret", "list"],
    &["secret", "get", "db-password", "--reveal"],
    &["secret", "get", "db-password", "db-user", "--reveal"],
    &["secret", "versions", "db-password"],
    &["secret", "deleted"],
    &["secret", "update", "db-password", "--content-type", "x"],
    &["secret", "delete", "db-password"],
    &["endpoint", "list"],
    &["endpoint", "show", "churn-online"],
    &["endpoint", "keys", "churn-online", "--reveal"],
    &["endpoint", "token", "churn-token", "--reveal"],
    &["endpoint", "regenerate", "churn-online", "--key", "primary"],
    &["token", "--reveal"],
    &["login", "--device-code"],
    &["secret", "get", "nobody-has-this", "--reveal"],
    &["workspace", "show", "nobody-has-this"],
];
const FORMATS: &[&[&str]] = &[&[], &["-o", "table"], &["-o", "tsv"], &["-o", "json"], &["-o", "env"], &["-o", "none"]];

/// Where the demo's only workspace with all of it is meant.
fn line(command: &[&'static str], format: &[&'static str]) -> Vec<&'static str> {
    let place: &[&str] = if command[..2] == ["workspace", "list"] { &[] } else { &["-w", WORKSPACE] };
    [command, if command.contains(&"nobody-has-this") && command[0] == "workspace" { &[] } else { place }, format]
        .concat()
}

/// Its id: names are hostile here, too.
const WORKSPACE: &str = "/subscriptions/ba2395f6-2b1d-4fd3-a7d0-7a317c79e161/resourceGroups/rg-vision/providers/\
                         Microsoft.MachineLearningServices/workspaces/ws-vision";

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| {
            found.push(name.clone());
            strings(item, found);
        }),
        _ => {}
    }
}

/// Looks at what one command wrote; gives the hostile strings that its JSON holds, each exactly as it was given.
fn judge(words: &[&str], terminal: bool, seen: &Seen) -> usize {
    let (out, err) = (&seen.out, &seen.err);
    let label = format!("{words:?} on a {}", if terminal { "terminal" } else { "pipe" });
    assert_eq!(emitted::foreign(err), None, "{label}, stderr");
    let (json, tsv) = (words.ends_with(&["json"]), words.ends_with(&["tsv"]));
    if json {
        // Hidden and commanding characters are escapes, on a pipe, too: the bytes are clean and the strings exact.
        let mut exact = 0;
        for bytes in [out, err].into_iter().filter(|bytes| bytes.starts_with(b"{") || bytes.starts_with(b"[")) {
            let value: Value = serde_json::from_slice(bytes).unwrap_or_else(|wrong| panic!("{label}: {wrong}"));
            assert!(emitted::foreign(bytes).is_none(), "{label}");
            let mut found = Vec::new();
            strings(&value, &mut found);
            for text in found.iter().filter(|text| clean::intruder(text).is_some()) {
                assert!(seen.given.contains(text), "{label}: {text:?} is not what the server sent");
                exact += 1;
            }
        }
        return exact;
    }
    // A value on a pipe is its exact bytes; everything else is clean wherever it goes.
    let value = words.contains(&"--reveal") && !terminal;
    if !value {
        let text = String::from_utf8(out.clone()).expect("UTF-8");
        if tsv {
            let tabs: BTreeSet<usize> = text.lines().map(|line| line.matches('\t').count()).collect();
            assert!(tabs.len() <= 1, "{label}: a row is a row");
        }
        let text = if tsv { text.replace('\t', " ") } else { text };
        assert_eq!(emitted::foreign(text.as_bytes()), None, "{label}");
    }
    0
}

#[tokio::test(start_paused = true)]
async fn a_terminal_gets_clean_text_and_a_program_the_servers_own_strings() {
    let (mut exact, mut done) = (0, 0);
    let all = attacks::attacks().len();
    for (n, command) in COMMANDS.iter().enumerate() {
        for (m, format) in FORMATS.iter().enumerate() {
            for terminal in [true, false] {
                let words = line(command, format);
                let seen = Box::pin(run(&words, terminal, (n * 7 + m * 13) % all, Spoil::Free)).await;
                exact += judge(&words, terminal, &seen);
                done += usize::from(seen.code == 0);
            }
        }
    }
    assert!(exact > 500, "{exact} hostile strings went through whole");
    assert!(done > COMMANDS.len() * 4, "{done} commands came to their end");
}

#[tokio::test(start_paused = true)]
async fn no_row_of_a_list_becomes_two() {
    for command in [["secret", "list"], ["workspace", "list"], ["endpoint", "list"], ["secret", "deleted"]] {
        let json = Box::pin(run(&line(&command, &["-o", "json"]), false, 3, Spoil::Free)).await;
        let rows = serde_json::from_slice::<Value>(&json.out)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&json.err)))
            .as_array()
            .expect("a list")
            .len();
        let table = Box::pin(run(&line(&command, &[]), true, 3, Spoil::Free)).await;
        let lines = String::from_utf8(table.out).expect("UTF-8").lines().count();
        assert_eq!(lines, rows + usize::from(rows > 0), "{command:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_hostile_words_is_told_in_clean_ones() {
    for status in [400, 401, 403, 404, 409, 429, 500, 503] {
        for format in [[].as_slice(), &["-o", "json"]] {
            let words = line(&["secret", "list"], format);
            let seen = Box::pin(run(&words, true, status.into(), Spoil::Refuse(status))).await;
            assert_ne!(seen.code, 0, "{status}");
            judge(&words, true, &seen);
            assert!(seen.out.is_empty() && !seen.err.is_empty());
        }
    }
}

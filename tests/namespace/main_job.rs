//! The main job, from one end to the other.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use super::pinned::{Home, Pinned};
use super::stage::Stage;

const VALUE: &str = "Correct-Horse-Demo-Only-42";

/// One command; its input is `input`.
pub(crate) fn run(pinned: &Pinned, home: &Home, arguments: &[&str], input: &str) -> Output {
    let mut command = pinned.amlock(home, arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

/// One command that succeeds; what it printed.
#[track_caller]
pub(crate) fn says(pinned: &Pinned, home: &Home, arguments: &[&str], input: &str) -> String {
    let done = run(pinned, home, arguments, input);
    let said = String::from_utf8(done.stdout).expect("text");
    assert!(done.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

#[test]
fn the_main_job_is_done_over_real_tls_under_azures_names() {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let says = |words: &str, input: &str| says(&pinned, &home, &words.split(' ').collect::<Vec<_>>(), input);
    let json = |words: &str| serde_json::from_str::<Value>(&says(words, "")).expect("JSON");
    let in_vision = |words: &str| format!("{words} -w ws-vision");

    let list = json("workspace list --json");
    let named = |name: &str| list.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == name));
    assert!(named("ws-vision") && !named("ws-nlp"), "the principal's own tenant and no other");
    assert_eq!(json(&in_vision("secret list --json")).as_array().map(Vec::len), Some(148));
    assert_eq!(says(&in_vision("secret get db-password"), ""), VALUE);
    // The principal may write in the sandbox only.
    says("secret set from-stdin --file - -w ws-support", "first");
    says("secret set from-stdin --file - -w ws-support", "second");
    assert_eq!(says("secret get from-stdin -w ws-support", ""), "second");
    assert_eq!(json("secret versions from-stdin -w ws-support --json").as_array().map(Vec::len), Some(2));
    assert!(json(&in_vision("endpoint keys churn-online --json"))["primaryKey"].as_str().is_some());
    let token = json("token --resource https://vault.azure.net --json");
    assert_eq!(token["accessToken"].as_str().map(|token| token.split('.').count()), Some(3));
    let asked = pinned.asked();
    assert!(asked.iter().any(|line| line.starts_with("PUT https://kv-support.vault.azure.net/secrets/from-stdin")));
    assert!(asked.iter().all(|line| line.contains(" https://")), "{asked:?}");
}

#[test]
fn the_screen_comes_up_and_reveals_over_real_tls() {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    let mut stage = Stage::run(100, 30, pinned.on_a_terminal(&home, &["-w", "ws-vision"]));
    stage.wait_for(" 148 ");
    stage.type_keys("/");
    stage.type_keys("dbpass");
    stage.wait_for("1 of 148");
    stage.type_keys("\r");
    stage.wait_for("reveal");
    stage.type_keys("\r");
    stage.wait_for(VALUE);
    stage.type_keys("\x1b");
    stage.until("no value", || !stage.screen().contents().contains(VALUE));
    stage.type_keys("q");
    assert_eq!(stage.end(), "status 0");
    stage.is_as_before();
}

#[test]
fn what_breaks_on_the_wire_is_a_failure_with_a_name() {
    let Some(pinned) = Pinned::start("") else { return };
    let home = pinned.home(0);
    for fault in ["refuse", "cut", "truncate", "html"] {
        // A read is tried three times.
        for _ in 0..3 {
            pinned.fail_next("GET /secrets/db-password", &json!(fault));
        }
        let done = run(&pinned, &home, &["secret", "get", "db-password", "-w", "ws-vision"], "");
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(!done.status.success() && out.is_empty(), "{fault}: {out}{err}");
        assert!(err.contains("kv-vision") && !err.contains(VALUE), "{fault}: {err}");
    }
}

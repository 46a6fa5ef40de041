//! The binary itself, in the demo: what it prints where, and its exit codes. No test has a terminal, but where it says so.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A home of its own, and nothing of ours in the environment.
struct Stage {
    home: PathBuf,
}

/// What came out.
struct Seen {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Seen {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("UTF-8 on stdout")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|wrong| panic!("{wrong}: {}\n{}", self.text(), self.err))
    }

    #[track_caller]
    fn fails(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{}\n{}", self.text(), self.err);
        assert!(self.err.contains(words), "{words:?} is not in {}", self.err);
        assert!(self.out.is_empty(), "{}", self.text());
    }

    #[track_caller]
    fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }
}

impl Stage {
    fn new() -> Self {
        let home = std::env::temp_dir().join(format!("amlock-cli-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(home.join("work")).expect("a home");
        Self { home }
    }

    fn command(&self, words: &[&str]) -> Command {
        let binary = std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into());
        let mut command = Command::new(binary);
        command.args(words).env_clear().current_dir(self.home.join("work"));
        command.env("HOME", &self.home).env("XDG_CONFIG_HOME", self.home.join("config")).env("TZ", "Asia/Seoul");
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        command.stdin(Stdio::null());
        command
    }

    fn run_with(&self, words: &[&str], set: &[(&str, &str)], stdin: &str) -> Seen {
        let mut command = self.command(words);
        command.envs(set.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        // Whoever does not read its input may have ended already.
        let _ = child.stdin.take().expect("piped").write_all(stdin.as_bytes());
        let seen = child.wait_with_output().expect("it ends");
        let err = String::from_utf8(seen.stderr).expect("UTF-8 on stderr");
        Seen { code: seen.status.code().unwrap_or(-1), out: seen.stdout, err }
    }

    fn run(&self, words: &[&str]) -> Seen {
        self.run_with(words, &[], "")
    }

    /// In the demo, at `ws-vision`.
    fn demo(&self, words: &[&str]) -> Seen {
        self.run(&[&["--demo", "-w", "ws-vision"], words].concat())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

const VALUE: &str = "Correct-Horse-Demo-Only-42";

#[test]
fn lists_are_tables_for_people_and_azs_json_for_scripts() {
    let stage = Stage::new();
    let table = stage.run(&["--demo", "account", "list"]).done();
    assert!(table.text().starts_with("NAME "), "{}", table.text());
    assert!(table.text().contains("alex@contoso.com") && table.text().contains("ml-auth"), "{}", table.text());

    let list = stage.run(&["--demo", "secret", "list", "--workspace", "ws-vision", "--json"]).done().json();
    let one =
        list.as_array().expect("a list").iter().find(|one| one["name"] == "db-password").expect("it is there").clone();
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&one), ["attributes", "contentType", "id", "managed", "name", "tags"]);
    assert_eq!(
        keys(&one["attributes"]),
        ["created", "enabled", "expires", "notBefore", "recoverableDays", "recoveryLevel", "updated"]
    );
    assert_eq!(one["id"], "https://kv-vision.vault.azure.net/secrets/db-password");
    assert!(one["attributes"]["created"].as_str().expect("a time").ends_with("+00:00"));
    assert!(!list.to_string().contains(VALUE));
    let tags = list.as_array().into_iter().flatten().map(|one| &one["tags"]);
    assert!(tags.clone().any(Value::is_object) && tags.clone().any(Value::is_null), "null where there are none, as az");
    assert!(tags.filter_map(Value::as_object).all(|tags| !tags.is_empty()));

    let show = stage.demo(&["secret", "show", "--name", "db-password", "-o", "json"]).done().json();
    assert_eq!(keys(&show), ["attributes", "contentType", "id", "kid", "managed", "name", "tags", "value"]);
    assert_eq!(show["value"], VALUE);
}

#[test]
fn subscriptions_workspaces_endpoints_and_tokens_have_their_own_peoples_names() {
    let stage = Stage::new();
    let one = stage.run(&["--demo", "subscription", "show", "--json"]).done().json();
    let keys = one.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys,
        [
            "environmentName",
            "homeTenantId",
            "id",
            "isDefault",
            "managedByTenants",
            "name",
            "state",
            "tenantDefaultDomain",
            "tenantDisplayName",
            "tenantId",
            "user"
        ]
    );
    assert_eq!(one["user"], serde_json::json!({"name": "alex@contoso.com", "type": "user"}));

    let workspace = stage.run(&["--demo", "workspace", "show", "ws-vision", "--json"]).done().json();
    assert_eq!((&workspace["name"], &workspace["resource_group"]), (&"ws-vision".into(), &"rg-vision".into()));
    assert!(workspace["key_vault"].as_str().expect("an id").ends_with("/kv-vision"));
    let id = workspace["id"].as_str().expect("an id");
    assert_eq!(stage.run(&["--demo", "workspace", "show", id, "--json"]).done().json(), workspace);

    let endpoint = stage.demo(&["endpoint", "show", "churn-online", "--json"]).done().json();
    assert_eq!(endpoint["properties"]["authMode"], "Key");
    assert_eq!(endpoint["properties"]["traffic"], serde_json::json!({"blue": 90, "green": 10}));

    for words in [["token", "--json"].as_slice(), &["account", "get-access-token", "--json"]] {
        let token = stage.demo(words).done().json();
        let keys = token.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys, ["accessToken", "expiresOn", "expires_on", "subscription", "tenant", "tokenType"]);
        assert_eq!(token["expiresOn"].as_str().expect("a time").len(), "2026-12-03 14:02:11.000000".len());
    }
}

#[test]
fn a_value_on_a_pipe_is_its_exact_bytes() {
    let stage = Stage::new();
    assert_eq!(stage.demo(&["secret", "get", "db-password"]).done().out, VALUE.as_bytes());
    let key = stage.demo(&["endpoint", "keys", "churn-online", "--key", "primary"]).done();
    let keys = stage.demo(&["endpoint", "get-credentials", "--name", "churn-online", "--json"]).done().json();
    assert_eq!(keys["primaryKey"], key.text());
    assert_ne!(keys["primaryKey"], keys["secondaryKey"]);
    // As az prints it: with the line's end.
    let query = stage.demo(&["secret", "show", "-n", "db-password", "--query", "value", "-o", "tsv"]).done();
    assert_eq!(query.text(), format!("{VALUE}\n"));
}

#[test]
fn several_values_are_kept_apart_or_not_printed() {
    let stage = Stage::new();
    stage.demo(&["secret", "get", "db-password", "db-user"]).fails(2, "-o json or -o env");
    stage.demo(&["endpoint", "keys", "churn-online"]).fails(2, "--key primary");
    let env = stage.demo(&["secret", "get", "db-password", "-o", "env"]).done();
    assert_eq!(env.text(), format!("DB_PASSWORD='{VALUE}'\n"));
    let env = stage.demo(&["endpoint", "keys", "churn-online", "-o", "env"]).done();
    let names = env.text().lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names, ["PRIMARY_KEY", "SECONDARY_KEY"]);
    stage.demo(&["secret", "list", "-o", "env"]).fails(2, "no values");
    assert!(stage.demo(&["secret", "get", "db-password", "-o", "none"]).done().out.is_empty());
}

#[test]
fn a_file_of_values_is_new_and_ours_alone() {
    let stage = Stage::new();
    let path = stage.home.join("work/value");
    assert!(stage.demo(&["secret", "get", "db-password", "--out", "value"]).done().out.is_empty());
    assert_eq!(fs::read_to_string(&path).expect("written"), VALUE);
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    stage.demo(&["secret", "get", "db-password", "--out", "value"]).fails(6, "there is a file of that name already");
}

#[test]
fn a_value_is_never_an_argument() {
    let stage = Stage::new();
    for words in [
        ["secret", "set", "NEW", "hunter2"].as_slice(),
        &["secret", "set", "NEW", "-hunter2"],
        &["secret", "set", "NEW", "--hunter2"],
        &["secret", "set", "NEW", "two", "hunter2"],
        &["secret", "set", "--name", "NEW", "hunter2"],
        &["secret", "set", "--name", "NEW", "--value", "hunter2"],
        &["secret", "set", "NEW", "--value=hunter2"],
        &["secret", "set", "NEW", "--file", "x", "hunter2"],
        &["login", "--service-principal", "-u", "x", "-p", "hunter2", "--tenant", "t"],
    ] {
        let seen = stage.demo(words);
        seen.fails(2, "your shell's history");
        assert!(!seen.err.contains("hunter2"), "{}", seen.err);
    }
    for words in [["secret", "set", "--expires", "hunter2", "NEW"].as_slice(), &["login", "hunter2"]] {
        let seen = stage.demo(words);
        assert_eq!(seen.code, 2);
        assert!(!seen.err.contains("hunter2"), "{}", seen.err);
    }
}

#[test]
fn a_value_is_set_from_stdin_a_file_or_a_variable() {
    let stage = Stage::new();
    let set = |words: &[&str], variables: &[(&str, &str)], stdin: &str| {
        stage.run_with(&[&["--demo", "-w", "ws-vision", "secret", "set"], words].concat(), variables, stdin)
    };
    let seen =
        set(&["new-one", "--file", "-", "--tag", "a=b", "--expires", "30d", "--json", "--reveal"], &[], "a\nb\n")
            .done();
    assert!(seen.err.is_empty(), "{}", seen.err);
    assert_eq!((&seen.json()["value"], &seen.json()["tags"]["a"]), (&"a\nb\n".into(), &"b".into()));
    let seen = set(&["new-one", "--file", "-", "--tags", "a=b", "c=d"], &[], "x").done();
    assert!(seen.err.contains("Changes in the demo end with this command."), "{}", seen.err);
    assert!(seen.text().contains("a=b, c=d"), "{}", seen.text());

    let seen =
        set(&["new-one", "--from-env", "MINE", "--content-type", "text/plain", "--json"], &[("MINE", "from-env")], "")
            .done();
    assert!(seen.json().get("value").is_none() && !seen.text().contains("from-env"));
    assert_eq!(seen.json()["contentType"], "text/plain");

    fs::write(stage.home.join("work/bytes"), [0xff, 0xfe]).expect("written");
    set(&["new-one", "--file", "bytes"], &[], "").fails(2, "not UTF-8");
    set(&["new-one", "--file", "none"], &[], "").fails(2, "cannot be read");
    set(&["new-one", "--file", "-"], &[], "").fails(2, "empty");
    set(&["new-one", "--from-env", "NONE"], &[], "").fails(2, "no variable NONE");
    set(&["new-one"], &[], "piped").fails(2, "--file - reads standard input");
    set(&["new-one", "--file", "-"], &[], &"x".repeat(25_601)).fails(2, "25600");
    set(&["NEW_ONE", "--file", "-"], &[], "x").fails(2, "try NEW-ONE");
    set(&["db-password", "--file", "-", "--if-absent"], &[], "x").fails(6, "");
    set(&["db-password", "--file", "-", "--if-version", "0000"], &[], "x").fails(6, "");
}

#[test]
fn attributes_change_and_the_other_tags_stay() {
    let stage = Stage::new();
    let words = ["secret", "set-attributes", "db-password", "--tag", "env=dev", "--enabled", "false", "--json"];
    let seen = stage.demo(&words).done().json();
    assert_eq!(seen["tags"], serde_json::json!({"env": "dev", "team": "비전"}));
    assert_eq!(seen["attributes"]["enabled"], false);
    stage.demo(&["secret", "update", "db-password"]).fails(2, "nothing to change");
}

#[test]
fn changes_are_confirmed_or_refused() {
    let stage = Stage::new();
    stage.demo(&["secret", "delete", "db-password"]).fails(2, "--yes confirms it");
    let gone = stage.demo(&["-y", "secret", "delete", "db-password", "--json"]).done().json();
    assert!(gone["recoveryId"].as_str().expect("a way back").ends_with("/deletedsecrets/db-password"));
    assert!(gone["scheduledPurgeDate"].is_string());
    stage.demo(&["secret", "purge", "old-one"]).fails(2, "--yes confirms it");
    stage.demo(&["endpoint", "regenerate", "churn-online", "--key", "primary"]).fails(2, "--yes confirms it");
    let new = stage.demo(&[
        "-y",
        "endpoint",
        "regenerate-keys",
        "--name",
        "churn-online",
        "--key-type",
        "Secondary",
        "--json",
    ]);
    assert_eq!(new.done().json()["changed"], true);
    for words in [
        ["secret", "delete", "db-password"].as_slice(),
        &["secret", "set", "db-password", "--from-env", "HOME"],
        &["secret", "update", "db-password", "--disabled"],
        &["secret", "recover", "x"],
        &["secret", "purge", "x"],
        &["secret", "restore", "x"],
        &["endpoint", "regenerate", "churn-online", "--key", "primary"],
    ] {
        stage.demo(&[&["--read-only", "-y"], words].concat()).fails(2, "read-only");
    }
}

#[test]
fn production_asks_for_more() {
    let stage = Stage::new();
    let words = ["--demo", "-w", "ws-fraud", "secret", "set", "fraud-x", "--from-env", "HOME"];
    stage.run(&words).fails(2, "--yes confirms it");
}

#[test]
fn a_backup_goes_to_a_file_and_comes_back() {
    let stage = Stage::new();
    stage.demo(&["secret", "backup", "db-password", "--out", "blob"]).done();
    assert_eq!(fs::metadata(stage.home.join("work/blob")).expect("there").permissions().mode() & 0o777, 0o600);
    // The secret is still there, so that restoring it clashes: the blob was understood.
    stage.demo(&["secret", "restore", "blob"]).fails(6, "");
    fs::write(stage.home.join("work/junk"), "junk").expect("written");
    let seen = stage.demo(&["secret", "restore", "junk"]);
    assert!(seen.code != 0 && seen.out.is_empty(), "{}", seen.err);
}

#[test]
fn wrong_names_and_flags_get_one_clear_line_and_their_code() {
    let stage = Stage::new();
    stage.run(&["--demo", "-w", "ws-visoin", "secret", "list"]).fails(5, "did you mean ws-vision?");
    stage.run(&["--demo", "-w", "/subscriptions/x", "secret", "list"]).fails(2, "not a workspace's id");
    stage.run(&["--demo", "secret", "list"]).fails(2, "none was named");
    stage.demo(&["secret", "get", "no-such-secret"]).fails(5, "no-such-secret");
    stage.demo(&["secret", "versions", "no-such-secret"]).fails(5, "no-such-secret");
    stage.demo(&["endpoint", "show", "churn-onlin"]).fails(5, "did you mean churn-online?");
    stage.demo(&["endpoint", "keys", "churn-token", "--json"]).fails(2, "`amlock --demo endpoint token churn-token`");
    stage.run(&["--demo", "--account", "nobody", "token"]).fails(3, "nobody of that name");
    let machine = stage.run(&["--demo", "--account", "identity", "account", "show", "--json"]).done().json();
    assert_eq!((&machine["name"], &machine["kept"]), (&Value::from("ci-alex"), &Value::from("this machine")));
    stage.run(&["--demo", "--cloud", "china", "account", "list"]).fails(2, "it plays the public cloud only");
    stage.run(&["--demo", "--cloud", "mars", "account", "list"]).fails(2, "invalid value 'mars'");
    stage.run(&["--demo=mars", "account", "list"]).fails(2, "no world mars");
    stage.run(&["--demo", "token", "--resource", "mars"]).fails(2, "no service");
    stage.run(&["--demo", "account", "list", "--query", "[?"]).fails(2, "--query");
    stage.run(&["--demo", "account", "list", "--query", "nope(@)"]).fails(2, "--query");
    stage.run(&["--demo", "frobnicate"]).fails(2, "unrecognized subcommand");
    stage.run(&["--demo=signed-out", "workspace", "list"]).fails(3, "nobody is signed in");
    stage.run(&["workspace", "list"]).fails(3, "`amlock login`");
    stage.run(&["--demo=offline", "workspace", "list"]).fails(7, "");
    stage.run(&["--demo=slow", "--timeout", "1", "-w", "ws-vision", "secret", "list"]).fails(7, "--timeout");
}

#[test]
fn without_a_terminal_there_is_no_screen_and_no_prompt() {
    let stage = Stage::new();
    for words in [["--demo"].as_slice(), &["--demo", "open", "ws-vision/db-password"]] {
        stage.run(words).fails(2, "standard input is not one");
    }
    stage.run(&["--demo", "login"]).fails(2, "--device-code");
    let secret =
        stage.run_with(&["--demo", "login", "--service-principal", "--client-id", "x", "-t", "contoso.com"], &[], "");
    secret.fails(2, "no client secret");
}

#[test]
fn a_403_says_who_what_where_and_which_roles() {
    let stage = Stage::new();
    let seen = stage.run(&["--demo", "-w", "ws-prod", "secret", "list"]);
    seen.fails(4, "kv-prod");
    for words in ["who ", "may not ", "on ", "ask for ", "Key Vault Reader", "azure: ForbiddenByRbac, request "] {
        assert!(seen.err.contains(words), "{words:?} is not in {}", seen.err);
    }
    let seen = stage.run(&["--demo", "-w", "ws-prod", "secret", "list", "--json"]);
    let error: Value = serde_json::from_str(&seen.err).expect("an error as JSON");
    assert_eq!((&error["error"]["code"], &error["error"]["exitCode"]), (&"ForbiddenByRbac".into(), &4.into()));
    assert!(error["error"]["requestId"].is_string() && error["error"]["message"].is_string());
}

#[test]
fn queries_and_tab_separated_values_are_azs() {
    let stage = Stage::new();
    let query = "[?attributes.enabled==`false` && starts_with(name, 'db-')].{Name:name, Id:id}";
    let seen = stage.demo(&["secret", "list", "--query", query, "-o", "tsv"]).done();
    assert_eq!(seen.text(), "db-replica-url\thttps://kv-vision.vault.azure.net/secrets/db-replica-url\n");
    let seen = stage.demo(&["secret", "list", "--query", "length(@)"]).done();
    assert!(seen.text().trim().parse::<u32>().expect("a number") > 100);
    assert!(stage.demo(&["secret", "list", "--query", "nothing"]).done().out.is_empty());
    let seen = stage.run(&["--demo", "subscription", "list", "-o", "tsv"]).done();
    let first = seen.text().lines().next().expect("a row").split('\t').collect::<Vec<_>>();
    assert_eq!((first[0], first[3], first[4], first.len()), ("AzureCloud", "True", "0", 11));
}

#[test]
fn a_broken_pipe_ends_in_silence() {
    let stage = Stage::new();
    let mut child = stage
        .command(&["--demo", "-w", "ws-vision", "secret", "list", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("read");
    assert_eq!((child.wait().expect("it ends").code(), err.as_str()), (Some(0), ""));
}

#[test]
fn an_interrupt_prints_no_half() {
    let stage = Stage::new();
    let mut child = stage
        .command(&["--demo=slow", "-w", "ws-vision", "secret", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(1));
    let id = i32::try_from(child.id()).expect("a process id");
    let process = rustix::process::Pid::from_raw(id).expect("a process id");
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("sent");
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("read");
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("read");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{err}");
    assert!(out.is_empty() && err.contains("interrupted"), "{out}{err}");
}

#[test]
fn nothing_hostile_comes_out() {
    let stage = Stage::new();
    // Tabs part the cells of a row; joiners are what some emoji are made with.
    let fine = |c: char| matches!(c, '\n' | '\t' | '\u{200d}' | '\u{fe0f}') || !amlock::domain::is_hostile(c);
    let clean = |text: &str| text.chars().all(fine);
    for words in [
        ["workspace", "list"].as_slice(),
        &["subscription", "list"],
        &["account", "list"],
        &["-w", "ws-vision", "secret", "list"],
        &["-w", "ws-vision", "endpoint", "list"],
        &["-w", "ws-vision", "secret", "versions", "db-password"],
        &["workspace", "show", "ws-vision"],
        &["-w", "ws-vision", "endpoint", "show", "churn-online"],
        &["-w", "ws-prod", "secret", "list"],
        &["-w", "ws-vision", "secret", "get", "no-such-secret"],
    ] {
        for format in ["table", "json", "tsv"] {
            let seen = stage.run(&[&["--demo=hostile", "--verbose", "-o", format], words].concat());
            assert!(clean(seen.text()), "{words:?} {format}: {:?}", seen.text());
            assert!(clean(&seen.err), "{words:?} {format}: {:?}", seen.err);
        }
    }
}

#[test]
fn a_folder_names_its_workspace() {
    let stage = Stage::new();
    let id = stage.run(&["--demo", "workspace", "show", "ws-vision", "--query", "id", "-o", "tsv"]).done();
    let azureml = stage.home.join("work/.azureml");
    fs::create_dir(&azureml).expect("made");
    fs::write(azureml.join("config.json"), format!(r#"{{"Id": null, "Scope": "{}"}}"#, id.text().trim()))
        .expect("written");
    let seen = stage.run(&["--demo", "secret", "list"]).done();
    assert!(seen.err.contains("workspace ws-vision from .azureml/config.json"), "{}", seen.err);
    assert!(stage.run(&["--demo", "-q", "secret", "list"]).done().err.is_empty());
    // What was said wins over what lies about.
    let seen = stage.run(&["--demo", "-w", "ws-empty", "secret", "list"]).done();
    assert!(!seen.err.contains("config.json"), "{}", seen.err);
    fs::write(azureml.join("config.json"), r#"{"workspace_name": "../../x"}"#).expect("written");
    stage.run(&["--demo", "secret", "list"]).fails(2, ".azureml/config.json");
}

#[test]
fn the_config_is_read_strictly() {
    let stage = Stage::new();
    let folder = stage.home.join("config/amlock");
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join("config.toml"), "account = \"x\"\ncolour = 1\n").expect("written");
    stage.run(&["account", "list"]).fails(2, "line 2: unknown field `colour`");
    // The demo has no part in it.
    stage.run(&["--demo", "account", "list"]).done();
    let seen = stage.run(&["doctor"]);
    assert_eq!(seen.code, 1, "{}", seen.err);
    assert!(seen.text().contains("line 2: unknown field"), "{}", seen.text());
}

#[test]
fn the_doctor_reads_back_and_keeps_secrets_to_itself() {
    let stage = Stage::new();
    let set = [("AZURE_CLIENT_SECRET", "hunter2"), ("HTTPS_PROXY", "http://me:hunter2@proxy.example:3128")];
    let seen = stage.run_with(&["--demo", "doctor", "--json"], &set, "");
    assert_eq!(seen.code, 0, "{}", seen.err);
    assert!(!seen.text().contains("hunter2"));
    let checks: BTreeMap<_, _> = seen
        .json()
        .as_array()
        .expect("a list")
        .iter()
        .map(|check| {
            (check["check"].as_str().expect("a name").to_owned(), check["detail"].as_str().expect("words").to_owned())
        })
        .collect();
    assert!(checks["memory"].starts_with("not dumpable"));
    assert!(checks["core dumps"].starts_with("size 0"));
    assert_eq!(checks["proxy"], "proxy.example:3128 (HTTPS_PROXY)");
    stage
        .run_with(&["workspace", "list"], &[("AZURE_AUTHORITY_HOST", "https://evil.example")], "")
        .fails(2, "AZURE_AUTHORITY_HOST");
}

#[test]
fn signing_in_and_out_of_the_demo() {
    let stage = Stage::new();
    let seen = stage.run(&["--demo", "login", "--device-code", "--json"]).done();
    assert!(
        seen.err.contains("enter the code") && seen.err.contains("It plays whoever would type the code"),
        "{}",
        seen.err
    );
    assert_eq!(seen.json()["type"], "user");
    let seen = stage.run(&["--demo", "logout", "--all"]).done();
    assert!(seen.err.contains("alex@contoso.com is signed out."), "{}", seen.err);
    stage.run(&["--demo", "logout"]).fails(2, "several are signed in");
    stage.run(&["--demo", "account", "use", "ml-auth"]).done();
    assert!(!stage.home.join("config").exists());
}

#[test]
fn identities_of_the_environment_and_of_az_are_found_and_one_is_chosen() {
    const GUID: &str = "11111111-1111-4111-8111-111111111111";
    let stage = Stage::new();
    let azure = stage.home.join(".azure");
    fs::create_dir(&azure).expect("made");
    let profile = format!(
        r#"{{"subscriptions":[{{"id":"{GUID}","name":"S","state":"Enabled","isDefault":true,"tenantId":"{GUID}","environmentName":"AzureCloud","user":{{"name":"kim@contoso.com","type":"user"}}}}]}}"#
    );
    fs::write(azure.join("azureProfile.json"), format!("\u{feff}{profile}")).expect("written");
    let az = stage.home.join("az");
    let gives = r#"{"accessToken":"opaque","expires_on":4000000000}"#;
    fs::write(&az, format!("#!/bin/sh\necho '{gives}'\n")).expect("written");
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).expect("made executable");
    let path = stage.home.to_str().expect("UTF-8");
    let principal =
        [("AZURE_TENANT_ID", GUID), ("AZURE_CLIENT_ID", GUID), ("AZURE_CLIENT_SECRET", "hunter2"), ("PATH", path)];

    let seen = stage.run_with(&["account", "list", "--json"], &principal, "").done();
    let names = |seen: &Seen| {
        let list = seen.json().as_array().expect("a list").clone();
        list.into_iter().map(|one| (one["type"].clone(), one["isDefault"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(names(&seen), [("servicePrincipal".into(), true.into()), ("user".into(), false.into())]);
    assert!(!seen.text().contains("hunter2"));
    // The demo ignores them all, and a name meant for them.
    let seen = stage.run_with(
        &["--demo", "account", "show", "--json"],
        &[&principal[..], &[("AMLOCK_ACCOUNT", "kim")]].concat(),
        "",
    );
    assert_eq!(seen.done().json()["name"], "alex@contoso.com");

    let seen = stage.run_with(&["account", "use", "kim"], &principal, "").done();
    assert!(seen.err.contains("kim@contoso.com is the default of new terminals"), "{}", seen.err);
    let config = stage.home.join("config/amlock/config.toml");
    assert!(fs::read_to_string(&config).expect("written").starts_with("account = \""));
    assert_eq!(fs::metadata(&config).expect("there").permissions().mode() & 0o777, 0o600);
    let seen = stage.run_with(&["account", "show", "--json"], &[("PATH", path)], "").done();
    assert_eq!(seen.json()["name"], "kim@contoso.com");
    // What is set for this terminal wins over the default of all.
    let seen = stage.run_with(&["account", "list", "--json"], &principal, "").done();
    assert_eq!(names(&seen), [("servicePrincipal".into(), true.into()), ("user".into(), false.into())]);
    let seen = stage.run_with(&["--verbose", "account", "show"], &principal, "");
    assert!(seen.err.contains("(AZURE_CLIENT_ID is set)"), "{}", seen.err);
    stage.run_with(&["logout", "kim"], &[("PATH", path)], "").fails(2, "`az logout`");
}

#[test]
fn pages_are_made_from_the_grammar() {
    let stage = Stage::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(stage.run(&["completions", shell]).done().text().contains("regenerate"));
    }
    let man = stage.run(&["man"]).done();
    for words in [".TH", "EVERY COMMAND", "amlock secret set", "amlock endpoint regenerate"] {
        assert!(man.text().contains(words), "{words}");
    }
    assert!(stage.run(&["--version"]).done().text().starts_with("amlock "));
    assert!(stage.run(&["--help"]).done().text().contains("Exit codes"));
}

/// This folder's config names `workspace`, in files nobody else may write.
fn folder_names(stage: &Stage, workspace: &str) -> PathBuf {
    let id = stage.run(&["--demo", "workspace", "show", workspace, "--query", "id", "-o", "tsv"]).done();
    let azureml = stage.home.join("work/.azureml");
    fs::create_dir_all(&azureml).expect("made");
    let file = azureml.join("config.json");
    fs::write(&file, format!(r#"{{"Id": null, "Scope": "{}"}}"#, id.text().trim())).expect("written");
    for (path, mode) in [(&file, 0o644), (&azureml, 0o755), (&stage.home.join("work"), 0o755)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    }
    file
}

#[test]
fn a_pipe_in_a_configs_place_keeps_nobody_waiting() {
    let stage = Stage::new();
    let pipe = |path: PathBuf| {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
    };
    pipe(stage.home.join("work/.azureml/config.json"));
    stage.run(&["--demo", "secret", "list"]).fails(2, "it is no plain file");
    assert!(stage.run(&["--demo", "doctor"]).done().text().contains("it is no plain file"));
    pipe(stage.home.join("config/amlock/config.toml"));
    stage.run(&["account", "list"]).fails(2, "it is no plain file");
    fs::remove_file(stage.home.join("config/amlock/config.toml")).expect("removed");
    // Another program's notes are nobody's hindrance.
    let profile = stage.home.join(".azure/azureProfile.json");
    pipe(profile.clone());
    stage.run(&["account", "list"]).done();
    stage.run(&["doctor"]).done();
    fs::remove_file(&profile).expect("removed");
    fs::create_dir(&profile).expect("a folder in its place");
    stage.run(&["account", "list"]).done();
    stage.run(&["doctor"]).done();
}

#[test]
fn the_doctor_asks_the_network_also_for_nobody() {
    let stage = Stage::new();
    let seen = stage.run(&["--demo=signed-out", "doctor", "--online"]).done();
    assert!(seen.text().contains("login.microsoftonline.com answers"), "{}", seen.text());
    assert!(!seen.err.contains("code"), "{}", seen.err);
}

#[test]
fn production_is_found_behind_a_vaults_name() {
    let stage = Stage::new();
    let set = |words: &[&str]| stage.run(&[&["--demo"], words, &["secret", "set", "n", "--from-env", "HOME"]].concat());
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-fraud";
    for vault in ["kv-fraud", "KV-Fraud", "https://kv-fraud.vault.azure.net/", id] {
        set(&["--vault", vault]).fails(2, "--yes confirms it");
    }
    set(&["--vault", "kv-fraud", "-y"]).done();
    set(&["--vault", "kv-vision"]).done();
    stage.run(&["--demo", "--vault", "kv-fraud", "secret", "list"]).done();
}

#[test]
fn a_write_says_where_it_goes_and_follows_nobodys_word_but_ones_own() {
    let stage = Stage::new();
    let file = folder_names(&stage, "ws-vision");
    let set = |words: &[&str]| stage.run(&[&["--demo"], words, &["secret", "set", "n", "--from-env", "HOME"]].concat());
    let words = "kv-vision of ws-vision (from .azureml/config.json)";
    assert!(set(&[]).done().err.contains(words));
    assert_eq!(set(&["--json"]).done().err, format!("{words}\n"));
    assert!(set(&["-q"]).done().err.is_empty());
    assert!(!set(&["-w", "ws-vision"]).done().err.contains("kv-vision of"));

    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("set");
    set(&[]).fails(2, "others may write to it");
    set(&[]).fails(2, "-w NAME");
    stage.run(&["--demo", "endpoint", "regenerate", "churn-online", "--key", "primary"]).fails(2, "others may write");
    set(&["-w", "ws-vision"]).done();
    let seen = stage.run(&["--demo", "secret", "list"]).done();
    assert!(seen.err.contains(".azureml/config.json is not to be trusted: others may write to it"), "{}", seen.err);
    assert!(stage.run(&["--demo", "doctor"]).done().text().contains("steers no change"));
}

#[test]
fn empty_variables_are_none_and_the_demo_has_no_part_in_them() {
    let stage = Stage::new();
    folder_names(&stage, "ws-vision");
    let names = ["AMLOCK_WORKSPACE", "AMLOCK_ACCOUNT", "AMLOCK_SUBSCRIPTION", "AMLOCK_RESOURCE_GROUP"];
    for value in ["", "elsewhere"] {
        let set = names.map(|name| (name, value));
        stage.run_with(&["--demo", "secret", "get", "db-password"], &set, "").done();
    }
    stage.run_with(&["secret", "list"], &names.map(|name| (name, "")), "").fails(3, "nobody is signed in");
}

#[test]
fn a_complaint_names_the_flag_and_is_shaped_like_every_other() {
    let stage = Stage::new();
    for (words, said) in [
        (["--expires", "hunter2"].as_slice(), "the value of --expires does not fit"),
        (&["--tag", "hunter2"], "the value of --tag does not fit: a tag is KEY=VALUE"),
        (&["--if-absent", "--if-version", "hunter2"], "--if-absent and --if-version exclude each other"),
        (&["--from-env", "hunter2", "--file", "hunter2"], "exclude each other"),
    ] {
        let seen = stage.demo(&[&["secret", "set", "NEW"], words].concat());
        seen.fails(2, said);
        assert!(!seen.err.contains("hunter2") && seen.err.starts_with("amlock: "), "{}", seen.err);
    }
    stage.run(&["--demo", "login", "--azure-cli"]).fails(2, "the demo has no Azure CLI");
    stage
        .run(&["--demo", "login", "--allow-no-subscriptions"])
        .fails(2, "--allow-no-subscriptions does not belong here");
    let seen = stage.run(&["--demo", "frobnicate"]);
    assert_eq!(seen.err.lines().count(), 2, "{}", seen.err);
    for words in [
        ["frobnicate", "--json"].as_slice(),
        &["account", "list", "-o", "json", "--query", "[?"],
        &["secret", "-ojson"],
    ] {
        let seen = stage.run(&[&["--demo"], words].concat());
        let error: Value = serde_json::from_str(&seen.err).unwrap_or_else(|_| panic!("{}", seen.err));
        assert_eq!((seen.code, &error["error"]["exitCode"]), (2, &2.into()));
    }
    // Nothing stands beside the object, also where a change went before.
    let seen = stage.demo(&["-y", "secret", "delete", "db-password", "no-such-secret", "--json"]);
    assert!(serde_json::from_str::<Value>(&seen.err).is_ok(), "{}", seen.err);
}

#[test]
fn endpoints_say_what_they_take() {
    let stage = Stage::new();
    stage.demo(&["endpoint", "keys", "churn-batch"]).fails(2, "tokens of Microsoft Entra ID");
    stage.demo(&["endpoint", "keys", "churn-batch"]).fails(2, "`amlock --demo endpoint token churn-batch`");
    stage.demo(&["endpoint", "keys", "churn-token"]).fails(2, "it is a token endpoint");
    let token = stage.demo(&["endpoint", "get-credentials", "-n", "churn-token", "--json"]).done().json();
    assert!(token["accessToken"].is_string() && token["expiryTimeUtc"].is_i64(), "{token}");
    let keys = stage.demo(&["endpoint", "get-credentials", "-n", "churn-online", "--json"]).done().json();
    assert!(keys["primaryKey"].is_string());
}

#[test]
fn a_wrong_group_or_subscription_is_what_is_told() {
    let stage = Stage::new();
    for words in [["-g", "rg-nowhere"].as_slice(), &["-s", "nowhere"], &["-g", "rg-nowhere", "-s", "nowhere"]] {
        let seen = stage.demo(&[words, &["secret", "list"]].concat());
        seen.fails(5, "nowhere does not hold it");
        assert!(
            seen.err.contains("ws-vision is in the group rg-vision of ") && !seen.err.contains("did you mean"),
            "{}",
            seen.err
        );
    }
    let subscription = "00000000-0000-4000-8000-00000000ffff";
    stage
        .demo(&["-g", "rg-vision", "-s", subscription, "secret", "list"])
        .fails(5, "ws-vision is in the group rg-vision of ");
}

#[test]
fn files_formats_and_spans_do_what_they_say() {
    let stage = Stage::new();
    assert!(stage.demo(&["secret", "backup", "db-password", "-o", "none"]).done().out.is_empty());
    stage.demo(&["secret", "get", "db-password", "--out", "kept", "-o", "none"]).done();
    assert_eq!(fs::read_to_string(stage.home.join("work/kept")).expect("written"), VALUE);
    assert_eq!(stage.demo(&["secret", "get", "db-password", "--out", "-"]).done().text(), VALUE);
    stage.demo(&["secret", "set", "n", "--file", "none"]).fails(2, "no such file");
    stage.demo(&["secret", "restore", "none"]).fails(2, "no such file");
    let version = "0123456789abcdef0123456789abcdef";
    stage.demo(&["secret", "get", "db-password", "--version", version]).fails(5, "db-password has no version 0123");
    stage.demo(&["secret", "update", "db-password", "--disabled", "--version", version]).fails(5, "has no version");
    stage.run(&["--demo=slow", "--timeout", "0.5", "-w", "ws-vision", "secret", "list"]).fails(7, "0.5 s (--timeout)");
    stage.demo(&["--timeout", "0", "secret", "list"]).fails(2, "seconds are");
    let seen = stage.run(&["--demo", "login", "--device-code"]).done();
    assert!(seen.err.contains("The page will name \"Microsoft Azure CLI\""), "{}", seen.err);
    let table = stage.demo(&["-y", "secret", "delete", "db-password", "db-user", "-o", "table"]).done();
    assert_eq!(table.text().lines().count(), 3, "{}", table.text());
    assert!(table.text().starts_with("NAME"), "{}", table.text());
}

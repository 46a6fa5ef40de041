//! A home of its own for the binary, and an az in it that is none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::azure::{Azure, SUBSCRIPTION, TENANT, TOKEN, token};

/// A home, gone with the test.
pub(crate) struct Home {
    pub(crate) at: PathBuf,
}

/// What came out.
pub(crate) struct Seen {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Seen {
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        let line = self.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains(words), "{words:?} is not in {line}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|wrong| panic!("{wrong}: {}\n{}", self.out, self.err))
    }

    /// Everything it said.
    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        let at = std::env::temp_dir().join(format!("amlock-ways-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(at.join("work")).expect("a home");
        Self { at }
    }

    /// Writes a file in it.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at.join(name);
        fs::create_dir_all(path.parent().expect("below the home")).expect("a folder");
        fs::write(&path, text).expect("written");
        path
    }

    /// az with these accounts, the first one current: it counts its starts in the file `starts`, and gives out a token of
    /// whoever it is asked for.
    pub(crate) fn az(&self, accounts: &[&str]) {
        let subscriptions = accounts.iter().enumerate().map(|(n, name)| {
            let id = SUBSCRIPTION.replacen('3', &n.to_string(), 1);
            serde_json::json!({
                "id": id, "name": format!("S{n}"), "state": "Enabled", "isDefault": n == 0, "tenantId": TENANT,
                "environmentName": "AzureCloud", "user": {"name": name, "type": "user"},
            })
        });
        let profile = serde_json::json!({"subscriptions": subscriptions.collect::<Vec<_>>()});
        self.write(".azure/azureProfile.json", format!("\u{feff}{profile}"));
        self.write(".azure/msal_token_cache.json", "{\"RefreshToken\":{}}");
        self.write(".azure/config", "[core]\noutput = json\n");
        let give =
            |name: &str| format!("echo '{{\"accessToken\":\"{}\",\"expires_on\":4000000000}}'", token(TOKEN, name));
        let head = format!("#!/bin/sh\necho \"$@\" >> {}/starts\ncase \"$*\" in\n", self.at.display());
        let others = accounts.iter().enumerate().skip(1).map(|(n, name)| {
            let id = SUBSCRIPTION.replacen('3', &n.to_string(), 1);
            format!("*{id}*) {};;\n", give(name))
        });
        let script = format!("{head}{}*) {};;\nesac\n", others.collect::<String>(), give(accounts[0]));
        let az = self.write("bin/az", script);
        fs::set_permissions(az, fs::Permissions::from_mode(0o755)).expect("to be run");
    }

    /// How often az was started.
    pub(crate) fn starts(&self) -> usize {
        fs::read_to_string(self.at.join("starts")).map_or(0, |text| text.lines().count())
    }

    fn command(&self, words: &[&str], set: &[(&str, &str)]) -> Command {
        let binary = std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into());
        let mut command = Command::new(binary);
        command.args(words).env_clear().current_dir(self.at.join("work"));
        command.env("HOME", &self.at).env("XDG_CONFIG_HOME", self.at.join("config"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.at.join("bin").display()));
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        // The most talkative level of whatever would listen to it.
        command.env("RUST_LOG", "trace").env("AZURE_LOG_LEVEL", "debug").env("RUST_BACKTRACE", "full");
        command.envs(set.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs amlock, somewhere where no network is.
    pub(crate) async fn alone(&self, words: &[&str], set: &[(&str, &str)]) -> Seen {
        self.with_input(words, set, "").await
    }

    /// Runs amlock before `azure`, which it trusts by `--ca-bundle`.
    pub(crate) async fn run(&self, azure: &Azure, words: &[&str], set: &[(&str, &str)]) -> Seen {
        // In one step, as several may run at once.
        let bundle = self.write(&format!("ca-{}.pem", uuid::Uuid::new_v4()), azure.pem());
        let at = self.at.join("ca.pem");
        fs::rename(&bundle, &at).expect("renamed");
        let bundle = at;
        let bundle = bundle.to_str().expect("UTF-8");
        let words = [&["--ca-bundle", bundle], words].concat();
        self.alone(&words, &[set, &[("HTTPS_PROXY", azure.proxy.as_str())]].concat()).await
    }

    /// Runs amlock with something on its standard input.
    pub(crate) async fn with_input(&self, words: &[&str], set: &[(&str, &str)], input: &str) -> Seen {
        use std::io::Write as _;
        let mut command = self.command(words, set);
        let input = input.to_owned();
        let seen = tokio::task::spawn_blocking(move || {
            let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
            let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
            child.wait_with_output().expect("it ends")
        });
        let seen = seen.await.expect("no panic");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Seen { code: seen.status.code().unwrap_or(-1), out: text(seen.stdout), err: text(seen.stderr) }
    }

    /// Every file in it with its bytes, but for those that the test itself wrote as `not`.
    pub(crate) fn files(&self, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    walk(&entry, found);
                } else {
                    found.push((entry.clone(), fs::read(&entry).expect("read")));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.at.join(below), &mut found);
        found.sort();
        found
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.at);
    }
}

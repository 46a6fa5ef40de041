//! The pinned namespace: a network in which Azure's own names lead to the demo cloud's TLS face and nothing leads out, so
//! that programs run in it as they run anywhere, with no endpoint setting at all. Linux, root, util-linux and iproute2;
//! elsewhere it says aloud that it was not there, and with `AMLOCK_ALL` set (as `.ci/run` does) that is a failure.

use crate::aloud::not_here;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use portable_pty::CommandBuilder;
use serde_json::{Value, json};

/// Somebody without any rights.
pub(crate) const NOBODY: u32 = 65534;

/// The running namespace. It ends with this value: the face's input closes, and with it goes everything inside.
pub(crate) struct Pinned {
    face: Child,
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Pinned {
    /// A namespace around one world; none where the machine does not allow it.
    pub(crate) fn start(world: &str) -> Option<Self> {
        let allowed = Command::new("unshare").args(["--net", "--mount", "sh", "-c", "ip link set lo up"]).output();
        let why = match allowed {
            Ok(done) if done.status.success() => return Some(Self::inside(world)),
            Ok(done) => String::from_utf8_lossy(&done.stderr).trim().to_owned(),
            Err(error) => format!("unshare: {error}"),
        };
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        not_here(&format!("{test}, in the pinned namespace: {why}"));
        None
    }

    fn inside(world: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("amlock-pinned-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).expect("a folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/face/pinned");
        let mut face = Command::new(script)
            .arg(face())
            .arg(&folder)
            .arg(world)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the face starts");
        let mut ready = String::new();
        BufReader::new(face.stdout.take().expect("its output")).read_line(&mut ready).expect("read");
        assert_eq!(ready, "ready\n", "the face did not come up");
        let text = std::fs::read_to_string(folder.join("environment")).expect("its variables");
        let pair = |line: &str| {
            let (name, value) = line.split_once('=').expect("NAME='value'");
            (name.to_owned(), value.trim_matches('\'').to_owned())
        };
        let environment = text.lines().map(pair).collect();
        let pinned = Self { face, folder, environment };
        pinned.control("POST", "/latency", &json!({"milliseconds": 2}));
        pinned
    }

    /// A home for one program: empty, private, and all that it may write to.
    pub(crate) fn home(&self, owner: u32) -> Home {
        std::fs::set_permissions(&self.folder, std::fs::Permissions::from_mode(0o711)).expect("a way through");
        let folder = self.folder.join(uuid::Uuid::new_v4().to_string());
        for place in ["", "config/amlock", "cache", "data", "state", "run", "tmp", "work"] {
            std::fs::create_dir_all(folder.join(place)).expect("a home");
        }
        for place in ["", "config", "config/amlock", "cache", "data", "state", "run", "tmp", "work"] {
            let place = folder.join(place);
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o700)).expect("private");
            chown(&place, Some(owner), Some(owner)).expect("its own");
        }
        Home { folder, owner }
    }

    /// The words that run amlock inside, as `home`'s owner and in its folder `work`.
    pub(crate) fn words(&self, home: &Home) -> Vec<OsString> {
        self.words_for(home, &binary())
    }

    fn words_for(&self, home: &Home, program: &OsStr) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["nsenter", "--target", &self.face.id().to_string(), "--net", "--mount"]
            .into_iter()
            .map(OsString::from)
            .collect();
        if home.owner != 0 {
            let owner = home.owner.to_string();
            let become_ = ["setpriv", "--reuid", &owner, "--regid", &owner, "--clear-groups"];
            words.extend(become_.into_iter().map(OsString::from));
        }
        words.extend(["env".into(), "--chdir".into(), home.folder.join("work").into_os_string(), program.to_owned()]);
        words
    }

    /// All the variables it has there.
    pub(crate) fn variables(&self, home: &Home) -> Vec<(String, OsString)> {
        let mut all: Vec<(String, OsString)> =
            self.environment.iter().map(|(name, value)| (name.clone(), value.into())).collect();
        let places = [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ];
        all.extend(places.map(|(name, place)| (name.to_owned(), home.folder.join(place).into_os_string())));
        all.extend(
            [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")]
                .map(|(name, value)| (name.to_owned(), value.into())),
        );
        all.push(("PATH".to_owned(), std::env::var_os("PATH").unwrap_or_default()));
        // The most talkative there is, should anything listen to it.
        all.extend(
            [("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")].map(|(name, value)| (name.to_owned(), value.into())),
        );
        all
    }

    /// amlock's command line inside.
    pub(crate) fn amlock(&self, home: &Home, arguments: &[&str]) -> Command {
        let words = self.words(home);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(arguments).env_clear().envs(self.variables(home));
        command
    }

    /// The same for a pseudo-terminal.
    pub(crate) fn on_a_terminal(&self, home: &Home, arguments: &[&str]) -> CommandBuilder {
        self.program_on_a_terminal(home, Path::new(&binary()), arguments)
    }

    /// The same with another copy of the binary.
    pub(crate) fn program_on_a_terminal(&self, home: &Home, program: &Path, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::from_argv(self.words_for(home, program.as_os_str()));
        command.args(arguments);
        command.env_clear();
        for (name, value) in self.variables(home) {
            command.env(name, value);
        }
        command.cwd("/");
        command
    }

    /// Lets the next request that fits go wrong; the words are those of tests/support/face/control.rs.
    pub(crate) fn fail_next(&self, when: &str, fault: &Value) {
        self.control("POST", "/fault", &json!({"when": when, "fault": fault}));
    }

    /// What was asked so far: method and address of each request.
    pub(crate) fn asked(&self) -> Vec<String> {
        let log = self.control("GET", "/log", &Value::Null);
        let line =
            |line: &Value| format!("{} {}", line["method"].as_str().unwrap_or(""), line["url"].as_str().unwrap_or(""));
        log.as_array().expect("lines").iter().map(line).collect()
    }

    /// No fault waits any more.
    pub(crate) fn fail_no_more(&self) {
        self.control("DELETE", "/faults", &Value::Null);
    }

    pub(crate) fn forget_what_was_asked(&self) {
        self.control("DELETE", "/log", &Value::Null);
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = UnixStream::connect(self.folder.join("control")).expect("the control answers");
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: face\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        drop(self.face.stdin.take());
        let _ = self.face.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// All that one program may write to.
pub(crate) struct Home {
    pub(crate) folder: PathBuf,
    owner: u32,
}

impl Home {
    /// Writes the user's config.
    pub(crate) fn config(&self, text: &str) {
        let path = self.folder.join("config/amlock/config.toml");
        std::fs::write(&path, text).expect("written");
        chown(&path, Some(self.owner), Some(self.owner)).expect("its own");
    }

    /// Every file in it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() { walk(&entry, found) } else { found.push(entry) }
            }
        }
        let mut found = Vec::new();
        walk(&self.folder, &mut found);
        found
    }
}

/// The binary under test: the one that `cargo test` built, or another one.
pub(crate) fn binary() -> OsString {
    std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into())
}

fn face() -> PathBuf {
    let test = std::env::current_exe().expect("this test's path");
    let face = test.ancestors().nth(2).expect("the target directory").join("examples/face");
    assert!(face.exists(), "`cargo test` builds the face; with --test run `cargo build --example face` first");
    face
}

//! The program itself in a pseudo-terminal, with a home and an environment of its own. `AMLOCK_BIN` names another binary than
//! the one `cargo test` built.

use std::ffi::OsString;
use std::path::PathBuf;

use portable_pty::CommandBuilder;

use crate::stage::Stage;

/// What the demo keeps as `db-password`, and how each of its endpoint keys begins.
pub(crate) const VALUE: &str = "Correct-Horse-Demo-Only-42";
pub(crate) const KEY: &str = "demo-only-";

/// An empty home and the program in a terminal.
pub(crate) struct App {
    pub(crate) stage: Stage,
    home: PathBuf,
}

impl App {
    pub(crate) fn demo(size: (u16, u16)) -> Self {
        Self::shell(size, "exec \"$AMLOCK\" --demo", &[])
    }

    /// A shell script in which `$AMLOCK` is the program; `set` is added to the environment, or taken from it when empty.
    pub(crate) fn shell((width, height): (u16, u16), script: &str, set: &[(&str, &str)]) -> Self {
        let home = std::env::temp_dir().join(format!("amlock-screen-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&home).expect("a home");
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", script]);
        command.env_clear();
        command.cwd(&home);
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, &home);
        }
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("AMLOCK", binary());
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "Asia/Seoul")].iter().chain(set) {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        Self { stage: Stage::run(width, height, command), home }
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        self.stage.type_keys(keys);
        self
    }

    pub(crate) fn see(&mut self, text: &str) -> &mut Self {
        self.stage.wait_for(text);
        self
    }

    pub(crate) fn see_no(&mut self, text: &str) -> &mut Self {
        self.stage.until(&format!("no {text:?}"), || !self.stage.shows(text));
        self
    }

    /// To the revealed password, by keys alone.
    pub(crate) fn reveal(&mut self) -> &mut Self {
        self.see(" 148 ").press("/").press("dbpass").see("1 of 148").press("\r").see("reveal").press("\r").see(VALUE)
    }

    pub(crate) fn shown(&self) -> String {
        self.stage.screen().contents()
    }

    /// The last row that is not empty: the keys that work.
    pub(crate) fn footer(&self) -> String {
        self.shown().trim_end().lines().last().unwrap_or_default().trim().to_owned()
    }

    /// The terminal is as it was and holds neither value nor key, scrolled back or not.
    pub(crate) fn is_as_before(&self) {
        self.stage.is_as_before_without(&[VALUE, KEY]);
        self.stage.left_nothing_behind();
    }

    pub(crate) fn leaves(&mut self) {
        self.press("q");
        assert_eq!(self.stage.end(), "status 0");
        self.is_as_before();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

pub(crate) fn binary() -> OsString {
    std::env::var_os("AMLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_amlock").into())
}

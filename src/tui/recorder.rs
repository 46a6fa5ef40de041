//! Whether this terminal keeps a copy of what is shown (M10): told once, before the first reveal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::clipboard::find;

/// What is said then.
pub(super) const WARNING: &str = "This terminal keeps a copy of what is shown. A copy (y) leaves none.";

/// The names of the programs we were started under, the nearest first.
#[derive(Debug, Clone, Default)]
pub struct Ancestors(Vec<String>);

impl Ancestors {
    /// Reads them where the system tells (Linux); elsewhere there are none.
    pub fn read() -> Self {
        let mut names = Vec::new();
        let mut process = rustix::process::getppid().map(|parent| parent.as_raw_nonzero().get().to_string());
        while let Some(id) = process.filter(|_| names.len() < 16) {
            let Ok(stat) = std::fs::read_to_string(Path::new("/proc").join(&id).join("stat")) else { break };
            // `12 (some (odd) name) S 11 …`
            let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { break };
            names.push(name.to_owned());
            process = rest.split_whitespace().nth(1).filter(|parent| *parent != "0").map(str::to_owned);
        }
        Self(names)
    }

    /// Whether a program of this name is among them.
    pub fn include(&self, name: &str) -> bool {
        self.0.iter().any(|ancestor| ancestor == name)
    }
}

/// Who may record this terminal, by the environment and the programs above us.
#[derive(Debug, Default)]
pub(super) struct Recorders {
    /// One that does was found.
    found: bool,
    /// tmux, and our pane in it: it may.
    tmux: Option<(PathBuf, String)>,
}

impl Recorders {
    /// Looks around. Starts nothing.
    pub(super) fn around(variable: impl Fn(&str) -> Option<OsString>, ancestors: &Ancestors) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let program = ["script", "asciinema", "ttyrec", "termrec"].into_iter().any(|name| ancestors.include(name));
        let variables =
            ["ASCIINEMA_REC", "ASCIINEMA_SESSION", "JPY_PARENT_PID", "JPY_SESSION_NAME", "JUPYTER_SERVER_URL"];
        let pane = variable("TMUX").and(variable("TMUX_PANE")).and_then(|pane| pane.into_string().ok());
        let tmux = find("tmux", &variable("PATH").unwrap_or_default());
        Self { found: program || variables.into_iter().any(set), tmux: tmux.zip(pane) }
    }

    /// Whether this terminal keeps a copy of what is shown. Asks tmux, where we are in one.
    pub(super) async fn any(&self) -> bool {
        match &self.tmux {
            _ if self.found => true,
            Some((tmux, pane)) => tmux_records(tmux, pane).await,
            None => false,
        }
    }
}

/// Asks tmux whether this pane is piped to a file or has no alternate screen. Anything but a clear answer is a no.
async fn tmux_records(tmux: &Path, pane: &str) -> bool {
    let asked = tokio::process::Command::new(tmux)
        .args(["display-message", "-p", "-t", pane, "#{pane_pipe} #{alternate-screen}"])
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let answer = tokio::time::timeout(std::time::Duration::from_secs(3), asked).await;
    matches!(answer, Ok(Ok(output)) if records(&String::from_utf8_lossy(&output.stdout)))
}

fn records(answer: &str) -> bool {
    let mut parts = answer.split_whitespace();
    parts.next() == Some("1") || matches!(parts.next(), Some("0" | "off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorders_are_known_by_name_and_by_environment() {
        let none = |_: &str| None;
        let above = |name: &str| Ancestors(vec!["bash".to_owned(), name.to_owned()]);
        assert!(Recorders::around(none, &above("script")).found);
        assert!(!Recorders::around(none, &above("sshd")).found);
        let variable = |name: &str| (name == "JPY_PARENT_PID").then(|| "12".into());
        assert!(Recorders::around(variable, &above("bash")).found);
    }

    #[test]
    fn tmux_answers_are_read() {
        assert!(records("1 1\n") && records("0 0\n") && records("0 off"));
        assert!(!records("0 1\n") && !records("0 on") && !records(""));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn we_were_started_by_somebody() {
        assert!(!Ancestors::read().0.is_empty());
    }
}

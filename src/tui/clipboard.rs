//! The user's clipboard, wherever it is: this machine's, or the one of the terminal at the other end of the line.
//! What it says after a copy is only what it knows. It never keeps a value, and never writes the primary selection.

mod surroundings;
mod tool;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::Sealed;

pub use surroundings::{Osc52, Surroundings};

pub(crate) use self::tool::find;
use self::tool::{Tool, run};

/// Where copies go from here, decided once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clipboard(Way);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Native(Tool),
    Tmux(PathBuf),
    Osc52,
    Ask,
    None,
}

/// How far a copy is known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is on this machine's clipboard.
    Copied,
    /// tmux has passed it on.
    ThroughTmux,
    /// The terminal was told.
    ToTerminal,
}

/// How a copy ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// It is gone.
    Cleared,
    /// Something else had been copied since.
    ChangedLeftAlone,
    /// The terminal was told; what it did, nobody knows.
    Asked,
}

/// Why nothing was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyFailed {
    /// There is no clipboard that can be reached.
    NoClipboard,
    /// The terminal may take it or show it: the user has to say.
    AskFirst,
    /// More than a terminal takes.
    TooLong,
    /// A program failed.
    Tool(&'static str, String),
    /// The terminal could not be written to.
    Terminal(String),
}

impl Clipboard {
    /// Chooses the way. `terminal` is what it called itself (XTVERSION), once known.
    pub fn detect(around: &Surroundings, terminal: Option<&str>) -> Self {
        let local = !around.ssh && !around.jupyter && !around.mosh;
        if let Some(tool) = local.then(|| Tool::find(around)).flatten() {
            return Self(Way::Native(tool));
        }
        if around.tmux {
            return Self(find("tmux", &around.path).map_or(Way::None, Way::Tmux));
        }
        if around.screen || around.jupyter || around.mosh {
            return Self(Way::None);
        }
        Self(match around.osc52 {
            Osc52::Always => Way::Osc52,
            Osc52::Never => Way::None,
            Osc52::Known if around.takes_osc52(terminal) => Way::Osc52,
            Osc52::Known if around.is_mute() => Way::None,
            Osc52::Known => Way::Ask,
        })
    }

    /// Whether the user has to be asked before the first copy; the answer goes to [`Surroundings::osc52`].
    pub fn must_ask(&self) -> bool {
        self.0 == Way::Ask
    }

    /// Whether nothing can be copied from here.
    pub fn reaches_nothing(&self) -> bool {
        self.0 == Way::None
    }

    /// Whether it can be read back, to clear only what is ours.
    pub fn can_compare(&self) -> bool {
        matches!(self.0, Way::Native(_))
    }

    /// Copies `value`. `osc52` writes to the terminal's own clipboard: [`super::terminal::Pen::osc52`].
    pub async fn put(&self, value: &Sealed, osc52: impl FnOnce(&[u8]) -> io::Result<()>) -> Result<Sent, CopyFailed> {
        let bytes = value.unseal().as_bytes();
        match &self.0 {
            Way::Native(tool) => tool.put(bytes).await.map(|()| Sent::Copied),
            Way::Tmux(tmux) => through_tmux(tmux, bytes).await.map(|()| Sent::ThroughTmux),
            Way::Osc52 => tell(osc52, bytes).map(|()| Sent::ToTerminal),
            Way::Ask => Err(CopyFailed::AskFirst),
            Way::None => Err(CopyFailed::NoClipboard),
        }
    }

    /// Takes `value` off the clipboard, if it is still there as far as one can see.
    pub async fn clear(
        &self,
        value: &Sealed,
        osc52: impl FnOnce(&[u8]) -> io::Result<()>,
    ) -> Result<Cleared, CopyFailed> {
        // A blank: an empty value is ignored on the way.
        match &self.0 {
            Way::Native(tool) if tool.holds(value.unseal().as_bytes()).await? => {
                tool.empty().await.map(|()| Cleared::Cleared)
            }
            Way::Native(_) => Ok(Cleared::ChangedLeftAlone),
            Way::Tmux(tmux) => through_tmux(tmux, b" ").await.map(|()| Cleared::Asked),
            Way::Osc52 => tell(osc52, b" ").map(|()| Cleared::Asked),
            Way::Ask | Way::None => Err(CopyFailed::NoClipboard),
        }
    }
}

/// Any tmux passes a buffer on to its terminal when asked so (`-w`), whatever its `set-clipboard` says; the buffer is
/// deleted at once, so that nothing is left in its list.
async fn through_tmux(tmux: &Path, bytes: &[u8]) -> Result<(), CopyFailed> {
    let name = format!("amlock-{}", uuid::Uuid::new_v4().simple());
    let loaded = run("tmux", tmux, &["load-buffer", "-b", &name, "-w", "-"], bytes).await;
    let deleted = run("tmux", tmux, &["delete-buffer", "-b", &name], b"").await;
    loaded.and(deleted)
}

fn tell(osc52: impl FnOnce(&[u8]) -> io::Result<()>, bytes: &[u8]) -> Result<(), CopyFailed> {
    osc52(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => CopyFailed::TooLong,
        _ => CopyFailed::Terminal(error.to_string()),
    })
}

impl Sent {
    /// What is known, and when it ends.
    pub fn sentence(self, clears_in: Option<u64>) -> String {
        let known = match self {
            Self::Copied => "Copied.",
            Self::ThroughTmux => "Sent to your terminal through tmux (not confirmed).",
            Self::ToTerminal => "Sent (not confirmed by the terminal).",
        };
        clears_in.map_or_else(|| known.to_owned(), |seconds| format!("{known} Clears in {seconds} s."))
    }
}

impl Cleared {
    /// What is known.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Cleared => "Cleared.",
            Self::ChangedLeftAlone => "Clipboard changed, left alone.",
            Self::Asked => "Asked the terminal to clear; a clipboard manager may keep it.",
        }
    }
}

impl fmt::Display for CopyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClipboard => f.write_str("No clipboard here. Use reveal, or `amlock secret get` in a pipe."),
            Self::AskFirst => f.write_str("This terminal may not take copies."),
            Self::TooLong => f.write_str("Not copied: too long for the terminal's clipboard."),
            Self::Tool(program, why) => write!(f, "Not copied: {program} {why}."),
            Self::Terminal(why) => write!(f, "Not copied: the terminal cannot be written to ({why})."),
        }
    }
}

impl std::error::Error for CopyFailed {}

#[cfg(test)]
#[path = "clipboard_tests.rs"]
mod tests;

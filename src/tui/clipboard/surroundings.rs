//! What the environment tells of the clipboard that can be reached from here.

use std::ffi::OsString;

use crate::tui::recorder::Ancestors;

/// A snapshot of what decides; taken once, so that tests can say what they like.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts of the environment, each independent of the others")]
pub struct Surroundings {
    /// The terminal is on another machine.
    pub ssh: bool,
    /// tmux is between us and the terminal.
    pub tmux: bool,
    /// GNU screen is.
    pub screen: bool,
    /// mosh is.
    pub mosh: bool,
    /// The terminal is a notebook server's page.
    pub jupyter: bool,
    /// A Wayland desktop is here.
    pub wayland: bool,
    /// An X11 desktop is here.
    pub x11: bool,
    /// This is macOS.
    pub macos: bool,
    /// Where programs are found.
    pub path: OsString,
    /// `TERM`.
    pub term: String,
    /// `TERM_PROGRAM`.
    pub program: String,
    /// What the user's config says.
    pub osc52: Osc52,
}

/// Whether copies may be sent through the terminal (OSC 52).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Osc52 {
    /// To terminals known to take them; for others the user is asked.
    #[default]
    Known,
    /// To any.
    Always,
    /// To none.
    Never,
}

/// Terminals that take OSC 52, by the beginning of what they call themselves. Not xterm.js: whether it does is
/// its host page's matter.
const KNOWN: [&str; 8] = ["kitty", "wezterm", "foot", "iterm", "ghostty", "alacritty", "windows terminal", "contour"];

impl Surroundings {
    /// Reads the environment through `variable`.
    pub fn of(variable: impl Fn(&str) -> Option<OsString>, ancestors: &Ancestors, osc52: Osc52) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok()).unwrap_or_default();
        Self {
            ssh: ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().any(set),
            tmux: set("TMUX"),
            screen: set("STY"),
            mosh: ancestors.include("mosh-server"),
            jupyter: ["JPY_PARENT_PID", "JPY_SESSION_NAME", "JUPYTER_SERVER_URL"].into_iter().any(set),
            wayland: set("WAYLAND_DISPLAY"),
            x11: set("DISPLAY"),
            macos: cfg!(target_os = "macos"),
            path: variable("PATH").unwrap_or_default(),
            term: text("TERM"),
            program: text("TERM_PROGRAM"),
            osc52,
        }
    }

    /// Whether the terminal is known to take OSC 52.
    pub(super) fn takes_osc52(&self, name: Option<&str>) -> bool {
        let known = |name: &str| {
            let name = name.to_ascii_lowercase();
            let name = name.strip_prefix("xterm-").unwrap_or(&name);
            KNOWN.iter().any(|known| name.starts_with(known))
        };
        // What it says itself counts; the variables survive only some logins, and may be of an outer terminal.
        name.map_or_else(|| known(&self.program) || known(&self.term), known)
    }

    /// Whether the terminal is known to have no clipboard at all.
    pub(super) fn is_mute(&self) -> bool {
        self.term == "linux"
    }
}

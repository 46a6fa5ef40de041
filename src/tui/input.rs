//! What the terminal tells us: keys, pastes, answers, its size and its end. Our own reader, because pasted secrets must
//! leave nothing behind and an answer of the terminal must never be taken for keys. It knows nothing of what keys mean.

mod guard;
mod keys;
mod machine;
mod paste;
mod reader;

use std::fmt;

use crossterm::event::KeyEvent;

use crate::domain::Sealed;

pub use machine::Machine;
pub(super) use reader::Reader;

/// One thing that happened at the terminal. `Debug` shows neither keys nor pastes: either may be part of a secret.
pub enum TermEvent {
    /// A key was pressed (or repeats); releases are not reported. In a box, which is wiped when it is dropped: a queue keeps
    /// what went through it, and keys in a row may be a secret.
    Key(Box<KeyEvent>),
    /// Text was pasted, whole.
    Paste(Sealed),
    /// A paste was dropped: larger than [`PASTE_LIMIT`], or it never ended.
    PasteRefused,
    /// The window has this size now; also sent when a frame had to be skipped and the screen is behind: draw again.
    Resized(u16, u16),
    /// The window gained or lost the keyboard.
    Focus(bool),
    /// We were stopped and are back; the screen is empty: hide values and draw.
    Resumed,
    /// The terminal answered what [`super::terminal::Terminal::ask`] asked.
    Answer(TermAnswer),
    /// The terminal is gone; the process ends by itself within 100 ms.
    Gone,
}

/// What a terminal says of itself. Its words are somebody else's: clean them before they are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermAnswer {
    /// The colour of the ground (OSC 11).
    Background(u8, u8, u8),
    /// Its name and version (XTVERSION).
    Name(String),
    /// What it can do (DA1), as `62;22;52`. Every terminal answers this: when it is here, no earlier answer is missing.
    Attributes(String),
}

/// The largest paste that is taken; a secret has 25 KB at most.
pub const PASTE_LIMIT: usize = 64 * 1024;

impl fmt::Debug for TermEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key"),
            Self::Paste(_) => f.write_str("Paste"),
            Self::PasteRefused => f.write_str("PasteRefused"),
            Self::Resized(width, height) => write!(f, "Resized({width}, {height})"),
            Self::Focus(gained) => write!(f, "Focus({gained})"),
            Self::Resumed => f.write_str("Resumed"),
            Self::Answer(answer) => write!(f, "Answer({answer:?})"),
            Self::Gone => f.write_str("Gone"),
        }
    }
}

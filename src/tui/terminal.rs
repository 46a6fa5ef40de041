//! The terminal: taken, drawn on, asked, lent to the shell and given back. Frames go out as one write of our own diff.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use tokio::sync::mpsc::UnboundedSender;
use zeroize::Zeroizing;

use super::exit::{self, Caught};
use super::input::{Reader, TermEvent};
use super::line::{Line, Way};
use super::screen::Screen;

/// The most base64 a terminal takes by OSC 52.
pub const OSC52_LIMIT: usize = 74_994;

/// Signals and the panic hook are the process's, so is the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The screen, ours until [`Terminal::leave`], a signal, a panic or a hang-up. Dropped, it is given back too.
pub struct Terminal {
    line: Arc<Line>,
    screen: Screen,
    /// The frame on its way out; wiped after each.
    out: Vec<u8>,
    reader: Option<Reader>,
}

/// Why there can be no screen here, in one line; the process ends with [`Refused::STATUS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

/// What one can ask a terminal. The answers come as [`TermEvent::Answer`], or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The colour of its ground (OSC 11).
    Background,
    /// Who it is (XTVERSION).
    Name,
    /// What it can do (DA1); asked last, because every terminal answers it: what is not answered then never will be.
    Attributes,
}

/// Writes to the terminal's clipboard from any task, through the same lock as the frames.
#[derive(Clone)]
pub struct Pen(Arc<Line>);

impl Terminal {
    /// Takes the terminal and starts to report what happens there. Refuses, with nothing changed, when stdin or stdout
    /// is no terminal, when there is no controlling one, or when it cannot address its cells.
    pub fn enter(events: UnboundedSender<TermEvent>) -> Result<Self, Refused> {
        suitable()?;
        let line = Arc::new(Line::open().map_err(|error| refuse(&format!("there is no controlling one ({error})")))?);
        if TAKEN.swap(true, Ordering::SeqCst) {
            return Err(refuse("this process has taken its terminal already"));
        }
        Self::take(&line, events).map_err(|error| {
            line.give_back(Way::Quit);
            refuse(&format!("this one cannot be used ({error})"))
        })
    }

    fn take(line: &Arc<Line>, events: UnboundedSender<TermEvent>) -> io::Result<Self> {
        let caught = Caught::begin()?;
        exit::catch_panics(Arc::clone(line));
        line.take()?;
        caught.watch(Arc::clone(line), events.clone())?;
        let reader = Reader::start(Arc::clone(line), events)?;
        Ok(Self { line: Arc::clone(line), screen: Screen::default(), out: Vec::new(), reader: Some(reader) })
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.line.size()
    }

    /// Shows `buffer`, with the cursor at `cursor` or hidden: the shortest way from what is shown, in one write, and
    /// nothing when nothing changed. While the terminal takes nothing, or is not ours, the frame is skipped;
    /// [`TermEvent::Resized`] or [`TermEvent::Resumed`] then says when to draw again.
    pub fn present(&mut self, buffer: &Buffer, cursor: Option<Position>) -> io::Result<()> {
        let Self { line, screen, out, .. } = self;
        line.frame(out, |erased, out| {
            if erased {
                screen.forget();
            }
            screen.show(buffer, cursor, out);
        })
    }

    /// Makes the next frame paint everything: somebody else wrote on the screen.
    pub fn forget(&mut self) {
        self.screen.forget();
    }

    /// Asks the terminal. After the first frame only: a mute one must cost nothing.
    pub fn ask(&mut self, questions: &[Question]) -> io::Result<()> {
        let mut text = Vec::new();
        for question in questions {
            text.extend_from_slice(match question {
                Question::Background => b"\x1b]11;?\x1b\\".as_slice(),
                Question::Name => b"\x1b[>0q",
                Question::Attributes => b"\x1b[c",
            });
        }
        // Only the last answer's coming tells that none is on its way any more.
        self.line.asked.store(questions.contains(&Question::Attributes), Ordering::SeqCst);
        self.line.write(&text)
    }

    /// Erases the screen, gives the terminal back and stops the job, within moments of this call; once continued, the
    /// terminal is taken again and [`TermEvent::Resumed`] comes. An error, and nothing done, where nobody could continue us.
    pub fn suspend(&mut self) -> io::Result<()> {
        exit::stop_job()
    }

    /// A pen for the tasks that copy.
    pub fn pen(&self) -> Pen {
        Pen(Arc::clone(&self.line))
    }

    /// Puts `value` on the terminal's own clipboard; see [`Pen::osc52`].
    pub fn write_osc52(&mut self, value: &[u8]) -> io::Result<()> {
        self.pen().osc52(value)
    }

    /// Gives the terminal back.
    pub fn leave(self) {
        drop(self);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.line.give_back(Way::Quit);
        if let Some(reader) = self.reader.take() {
            reader.stop(&self.line);
        }
    }
}

impl Pen {
    /// Puts `value` on the clipboard of the user's terminal, wherever that is. Nothing tells whether it arrived.
    pub fn osc52(&self, value: &[u8]) -> io::Result<()> {
        let size = base64::encoded_len(value.len(), true).unwrap_or(usize::MAX);
        if size > OSC52_LIMIT {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too long for the terminal's clipboard"));
        }
        let (before, after) = (b"\x1b]52;c;".as_slice(), b"\x1b\\".as_slice());
        let mut text = Zeroizing::new(vec![0; before.len() + size + after.len()]);
        let (head, rest) = text.split_at_mut(before.len());
        let (middle, tail) = rest.split_at_mut(size);
        head.copy_from_slice(before);
        tail.copy_from_slice(after);
        // Straight into its place: encoding into a string goes by way of the stack, where it would stay.
        STANDARD.encode_slice(value, middle).map_err(io::Error::other)?;
        self.0.write(&text)
    }
}

impl Refused {
    /// The exit status that goes with it.
    pub const STATUS: u8 = 2;
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Terminal")
    }
}

impl fmt::Debug for Pen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pen")
    }
}

/// Whether stdin, stdout and TERM are a terminal's that can show a screen.
pub fn suitable() -> Result<(), Refused> {
    match (io::stdin().is_terminal(), io::stdout().is_terminal(), std::env::var("TERM").ok().as_deref()) {
        (false, _, _) => Err(refuse("standard input is not one")),
        (_, false, _) => Err(refuse("standard output is not one")),
        (_, _, None | Some("")) => Err(refuse("TERM is not set")),
        (_, _, Some("dumb")) => Err(refuse("TERM=dumb cannot show one")),
        _ => Ok(()),
    }
}

fn refuse(why: &str) -> Refused {
    Refused(format!("it needs a terminal, and {why}; every action is also a command (amlock --help)"))
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;

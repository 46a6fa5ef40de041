//! The least a ratatui program can do: take the terminal, draw one frame, wait for a key. What amlock's start is compared with.

use std::io::{self, Read as _, stdin, stdout};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

pub(crate) const SHOWN: &str = "an-empty-program";

pub(crate) fn main() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    terminal.draw(|frame| frame.render_widget(SHOWN, frame.area()))?;
    let key = stdin().read(&mut [0]);
    execute!(stdout(), LeaveAlternateScreen)?;
    disable_raw_mode()?;
    key.map(drop)
}

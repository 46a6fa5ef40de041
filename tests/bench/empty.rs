//! The least a ratatui program can do: take the terminal, draw one frame, wait for a key. What amlock's start is compared with.

use std::io::{self, Read as _, stdin, stdout};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use zeroizing_alloc::ZeroAlloc;

#[cfg(target_os = "linux")]
use dlmalloc::GlobalDlmalloc as Inner;
#[cfg(not(target_os = "linux"))]
use std::alloc::System as Inner;

/// As in amlock.
#[global_allocator]
static WIPING: ZeroAlloc<Inner> = ZeroAlloc(Inner);

fn main() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    terminal.draw(|frame| frame.render_widget("an empty program", frame.area()))?;
    let key = stdin().read(&mut [0]);
    execute!(stdout(), LeaveAlternateScreen)?;
    disable_raw_mode()?;
    key.map(drop)
}

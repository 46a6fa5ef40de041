//! A program with nothing but the terminal in it, for `tests/terminal.rs` to kill, stop and starve.
//! It shows a canary and obeys single keys; whatever else it hears it shows.

use std::process::ExitCode;
use std::time::Duration;

use amlock::tui::input::TermEvent;
use amlock::tui::terminal::{Question, Refused, Terminal};
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use tokio::sync::mpsc::unbounded_channel;

const CANARY: &str = "canary-8c1f";

#[tokio::main]
async fn main() -> ExitCode {
    let (events, mut heard) = unbounded_channel();
    let mut terminal = match Terminal::enter(events) {
        Ok(terminal) => terminal,
        Err(refused) => return refuse(&refused),
    };
    let mut last = "ready".to_owned();
    let mut frames = 0;
    loop {
        show(&mut terminal, &last, frames);
        frames += 1;
        let Some(event) = heard.recv().await else { return ExitCode::FAILURE };
        last = match &event {
            TermEvent::Paste(text) => format!("paste of {} bytes", text.bytes()),
            other => format!("{other:?}"),
        };
        let TermEvent::Key(key) = event else { continue };
        match key.code {
            KeyCode::Char('q') => break,
            KeyCode::Char('z') => last = format!("{:?}", terminal.suspend().map_err(|error| error.kind())),
            KeyCode::Char('m') => panic!("in main, {CANARY}"),
            KeyCode::Char('t') => drop(std::thread::spawn(|| panic!("in a thread, {CANARY}"))),
            KeyCode::Char('k') => drop(tokio::spawn(async { panic!("in a task, {CANARY}") })),
            KeyCode::Char('d') => drop(PanicsWhenDropped),
            KeyCode::Char('a') => {
                terminal.ask(&[Question::Background, Question::Name, Question::Attributes]).expect("asked");
            }
            KeyCode::Char('c') => terminal.write_osc52(CANARY.as_bytes()).expect("sent"),
            KeyCode::Char('f') => flood(&mut terminal).await,
            KeyCode::Char('h') => std::thread::sleep(Duration::from_mins(10)),
            _ => last = format!("key {:?}", key.code),
        }
    }
    terminal.leave();
    ExitCode::from(7)
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("in a drop, {CANARY}");
    }
}

fn show(terminal: &mut Terminal, last: &str, frames: usize) {
    let (width, height) = terminal.size();
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let lines = [CANARY.to_owned(), last.to_owned(), format!("{width} x {height}, frame {frames}")];
    for (y, line) in (0..height).zip(lines) {
        buffer.set_string(0, y, line, Style::new());
    }
    terminal.present(&buffer, Some(Position::new(3, 1))).expect("shown");
}

/// More than any terminal buffers.
async fn flood(terminal: &mut Terminal) {
    let (width, height) = terminal.size();
    for round in 0..60_u16 {
        let symbol = char::from(b'a' + u8::try_from(round % 26).expect("a letter")).to_string();
        let mut cell = ratatui::buffer::Cell::default();
        cell.set_symbol(&symbol);
        let buffer = Buffer::filled(Rect::new(0, 0, width, height), cell);
        terminal.present(&buffer, None).expect("shown or skipped");
        tokio::task::yield_now().await;
    }
}

#[expect(clippy::print_stderr, reason = "what the real program does with a refusal")]
fn refuse(refused: &Refused) -> ExitCode {
    eprintln!("{refused}");
    ExitCode::from(Refused::STATUS)
}

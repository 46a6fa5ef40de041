//! Running text with labels and keys: the shape of everything that is read and not chosen from.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece};
use super::text::{cells, wrap};
use super::theme::Look;

/// Cells a label takes, its gap included.
pub(super) const LABEL: usize = 10;

/// Lines of text, wrapped as they come.
#[derive(Debug)]
pub(super) struct Prose {
    room: usize,
    /// The lines.
    pub(super) lines: Vec<Vec<Piece>>,
}

impl Prose {
    /// Text for `room` cells.
    pub(super) fn new(room: u16) -> Self {
        Self { room: usize::from(room), lines: Vec::new() }
    }

    /// Cells a line has.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Adds a paragraph.
    pub(super) fn say(&mut self, text: &str, look: Look) -> &mut Self {
        self.lines.extend(wrap(text, self.room).into_iter().map(|line| vec![(Cow::Owned(line), look)]));
        self
    }

    /// Adds an empty line.
    pub(super) fn gap(&mut self) -> &mut Self {
        self.lines.push(Vec::new());
        self
    }

    /// Adds a line of pieces, as they are.
    pub(super) fn line(&mut self, pieces: Vec<Piece>) -> &mut Self {
        self.lines.push(pieces);
        self
    }

    /// Adds a label with its text, which goes on below itself.
    pub(super) fn field(&mut self, label: &str, text: &str, look: Look) -> &mut Self {
        self.indented(label, Look::Secondary, text, look)
    }

    /// Adds a key with what it does.
    pub(super) fn key(&mut self, key: &str, text: &str) -> &mut Self {
        self.indented(key, Look::Title, text, Look::Plain)
    }

    fn indented(&mut self, label: &str, label_look: Look, text: &str, look: Look) -> &mut Self {
        for (at, line) in wrap(text, self.room.saturating_sub(LABEL)).into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.lines.push(vec![(Cow::Owned(format!("{label:<LABEL$}")), label_look), (Cow::Owned(line), look)]);
        }
        self
    }

    /// Whether there is room for little more than a word or two in a line.
    pub(super) fn slim(&self) -> bool {
        self.room < 40
    }

    /// Gives up blank lines, the first first, until the rest fits: keys and Azure's words stay apart the longest.
    pub(super) fn squeeze(&mut self, height: u16) -> &mut Self {
        while self.height() > height
            && let Some(blank) = self.lines.iter().position(Vec::is_empty)
        {
            self.lines.remove(blank);
        }
        self
    }

    /// How many lines it has.
    pub(super) fn height(&self) -> u16 {
        cells(self.lines.len())
    }

    /// Draws it from line `first` on, and says how many lines were left out below.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, first: usize) -> usize {
        for (y, line) in (area.top()..area.bottom()).zip(self.lines.iter().skip(first)) {
            canvas.pieces(area.x, y, area.width, line);
        }
        self.lines.len().saturating_sub(first + usize::from(area.height))
    }
}

//! Where everything is drawn: the buffer with the looks of its terminal. Nothing reaches a cell but clean text.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::app::Model;
use crate::domain::SafeText;

use super::symbols;
use super::text::{self, cells};
use super::theme::{Look, Theme};

/// A piece of a line.
pub(super) type Piece = (Cow<'static, str>, Look);

/// The buffer, and what drawing into it needs to know.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
    /// Whether only ASCII may be drawn.
    pub(super) ascii: bool,
    /// The spinner as it stands now.
    pub(super) spinner: &'static str,
}

impl<'a> Canvas<'a> {
    /// A canvas for `model`.
    pub(super) fn new(model: &Model, buffer: &'a mut Buffer) -> Self {
        let ascii = model.start.ascii;
        let theme = Theme::of(model.start.colours, model.ground);
        Self { buffer, theme, ascii, spinner: symbols::spinner(model.now, ascii) }
    }

    /// The whole screen.
    pub(super) fn area(&self) -> Rect {
        self.buffer.area
    }

    /// Whether a ground may be painted.
    pub(super) fn paints(&self) -> bool {
        self.theme.paints()
    }

    /// Puts `text` at a place, at most `room` cells of it, and says where it ended.
    pub(super) fn put(&mut self, x: u16, y: u16, room: u16, text: &str, look: Look) -> u16 {
        let safe = SafeText::of(text);
        let style = self.theme.style(look);
        let end = x.saturating_add(room).min(self.buffer.area.right());
        if safe.as_str().is_ascii() {
            return self.put_ascii((x, y), end, safe.as_str(), style);
        }
        let mut x = x;
        for cluster in safe.as_str().graphemes(true) {
            let wide = cells(text::cluster_width(cluster));
            if wide == 0 {
                continue;
            }
            if x.saturating_add(wide) > end {
                break;
            }
            let Some(cell) = self.buffer.cell_mut((x, y)) else { break };
            cell.reset();
            cell.set_symbol(cluster).set_style(style);
            // What a wide character covers must be empty, or the terminal would shift the rest of the row.
            for covered in x + 1..x + wide {
                if let Some(cell) = self.buffer.cell_mut((covered, y)) {
                    cell.reset();
                }
            }
            x += wide;
        }
        x
    }

    /// The same for nearly all text there is: a character is a cell.
    fn put_ascii(&mut self, (x, y): (u16, u16), end: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        let length = text.len().min(usize::from(end.saturating_sub(x)));
        if length == 0 || x < area.left() || !(area.top()..area.bottom()).contains(&y) {
            return x;
        }
        let first = self.buffer.index_of(x, y);
        for (at, cell) in self.buffer.content[first..first + length].iter_mut().enumerate() {
            cell.reset();
            cell.set_symbol(&text[at..=at]).set_style(style);
        }
        x + cells(length)
    }

    /// Puts a name, cut in the middle where it is too long.
    pub(super) fn name(&mut self, x: u16, y: u16, room: u16, text: &str, look: Look) -> u16 {
        let safe = SafeText::of(text);
        let cut = text::cut(safe.as_str(), usize::from(room));
        self.put(x, y, room, &cut, look)
    }

    /// Puts words, cut at the end where they are too long.
    pub(super) fn words(&mut self, x: u16, y: u16, room: u16, text: &str, look: Look) -> u16 {
        let safe = SafeText::of(text);
        let cut = text::cut_end(safe.as_str(), usize::from(room));
        self.put(x, y, room, &cut, look)
    }

    /// Puts pieces one after the other.
    pub(super) fn pieces(&mut self, x: u16, y: u16, room: u16, pieces: &[Piece]) -> u16 {
        let end = x.saturating_add(room);
        let mut x = x;
        for (text, look) in pieces {
            x = self.put(x, y, end.saturating_sub(x), text, *look);
        }
        x
    }

    /// A horizontal rule.
    pub(super) fn rule(&mut self, x: u16, y: u16, length: u16) {
        let style = self.theme.style(Look::Secondary);
        for x in x..x.saturating_add(length).min(self.buffer.area.right()) {
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.reset();
                cell.set_symbol("─").set_style(style);
            }
        }
    }

    /// A vertical rule.
    pub(super) fn bar(&mut self, x: u16, top: u16, bottom: u16) {
        for y in top..bottom {
            self.put(x, y, 1, "│", Look::Secondary);
        }
    }

    /// Empties a region.
    pub(super) fn clear(&mut self, area: Rect) {
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// The last touch: where only ASCII may be drawn, nothing else stays.
    pub(super) fn finish(self) {
        if self.ascii {
            symbols::fold_to_ascii(self.buffer);
        }
    }
}

/// Cells the pieces take.
pub(super) fn width_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|(text, _)| text::width(text)).sum()
}

/// Puts a dot between facts.
pub(super) fn joined(facts: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::new();
    for fact in facts {
        if !out.is_empty() {
            out.push((Cow::Borrowed(" · "), Look::Secondary));
        }
        out.push(fact.clone());
    }
    out
}

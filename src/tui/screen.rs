//! What the terminal shows, and the shortest way from there to the next frame. It writes into a byte buffer only.
//!
//! Where a terminal may count another width than we do, the next cell gets an absolute address, so that an error stays in
//! one place. Control characters never get through: a cell's symbol is the last door before the terminal.

mod shift;
mod style;
mod symbol;
mod travel;

use std::fmt;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use zeroize::Zeroize as _;

use self::shift::Promise;
use self::style::{Look, write_sgr};
use self::symbol::{Kind, fitting, kind, printable};
use self::travel::way;

/// Frames from this size on are shown at once by terminals that can (mode 2026); smaller ones do not tear.
const SYNC_FROM: usize = 200;
const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";
/// Erases everything, from the last cell backwards: tmux pushes what is erased forwards from the first cell (J, 2J) into
/// its history when its alternate screen is off, and a value with it.
pub(super) const ERASE: &[u8] = b"\x1b[m\x1b[999;999H\x1b[1J\x1b[H";
const ERASE_TO_END: &[u8] = b"\x1b[K";
/// How many cells a cluster may reach over its end in a terminal that draws its parts side by side.
const SPILL: usize = 2;

/// A blank that is written over all of a cell: [`Cell::reset`] leaves the bytes of the symbol there was.
pub(super) const BLANK: Cell = Cell::new(" ");

/// The cells as the terminal has them, its cursor and its pen.
#[derive(Clone, Default)]
pub struct Screen {
    size: (usize, usize),
    /// Row by row; the second cell of a wide character has an empty symbol. Empty: nothing is known.
    cells: Vec<Cell>,
    pen: Look,
    at: Option<(usize, usize)>,
    cursor: Option<bool>,
}

impl Screen {
    /// Forgets what is shown: the next frame erases and paints everything.
    pub fn forget(&mut self) {
        // Freed, which wipes them.
        self.cells = Vec::new();
        self.at = None;
        self.cursor = None;
    }

    /// Writes to `out` what makes the terminal show `buffer` with the cursor at `cursor` or hidden; nothing when it does.
    pub fn show(&mut self, buffer: &Buffer, cursor: Option<Position>, out: &mut Vec<u8>) {
        let (width, height) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
        let start = out.len();
        out.extend_from_slice(SYNC_BEGIN);
        let shift = if self.cells.is_empty() || self.size != (width, height) {
            self.erase(width, height, out);
            None
        } else {
            shift::find(&self.cells, &buffer.content, width)
        };
        let promise = shift.map_or(Promise::None, |shift| shift.promises(&self.cells, &buffer.content, width));
        let inside = cursor.map(|at| (usize::from(at.x), usize::from(at.y))).filter(|at| at.0 < width && at.1 < height);
        let begun = out.len();
        if let (Some(shift), Promise::Sure) = (shift, promise) {
            self.shift(shift, out);
        }
        let shifted = shift.filter(|_| promise == Promise::Some).map(|shift| {
            let (mut other, mut way) = (self.clone(), Vec::new());
            other.shift(shift, &mut way);
            other.paint(buffer, inside, &mut way);
            (other, way)
        });
        self.paint(buffer, inside, out);
        // Where it is not plain to see, only having tried tells which is shorter.
        if let Some((other, way)) = shifted
            && way.len() < out.len() - begun
        {
            out[begun..].zeroize(); // or what is cut off would stay behind the end
            out.truncate(begun);
            out.extend_from_slice(&way);
            *self = other;
        }
        if out.len() - start - SYNC_BEGIN.len() > SYNC_FROM {
            out.extend_from_slice(SYNC_END);
        } else {
            out.drain(start..start + SYNC_BEGIN.len());
        }
    }

    fn erase(&mut self, width: usize, height: usize, out: &mut Vec<u8>) {
        self.forget();
        self.size = (width, height);
        self.cells.resize(width * height, BLANK);
        out.extend_from_slice(ERASE);
        self.pen = Look::default();
        self.at = Some((0, 0));
    }

    /// Writes every cell that is another one, then places the cursor.
    fn paint(&mut self, buffer: &Buffer, cursor: Option<(usize, usize)>, out: &mut Vec<u8>) {
        let (width, height) = self.size;
        if width > 0 {
            for (y, row) in buffer.content.chunks(width).take(height).enumerate() {
                self.row(y, row, out);
            }
        }
        self.place_cursor(cursor, out);
    }

    fn row(&mut self, y: usize, row: &[Cell], out: &mut Vec<u8>) {
        let width = row.len();
        let tail = row.iter().rposition(|cell| !is_void(cell)).map_or(0, |last| last + 1);
        let mut x = 0;
        let mut repaint_to = 0;
        while x < width {
            let cell = &row[x];
            if x >= repaint_to && cell.symbol().len() == 1 && *cell == self.cells[y * width + x] {
                x += 1;
                continue;
            }
            let (symbol, span) = fitting(printable(cell.symbol()), width - x);
            let shown = &self.cells[y * width + x..];
            let same = is_same(cell, symbol, &shown[0]) && (1..span).all(|next| shown[next].symbol().is_empty());
            if same && x >= repaint_to {
                x += span;
                continue;
            }
            if x >= tail && self.erase_tail(x, y, width, out) {
                return;
            }
            let kind = kind(symbol);
            self.go(x, y, out);
            if span == 1 && symbol == " " && self.pen.blank_alike(cell) {
                out.push(b' ');
            } else {
                write_sgr(&mut self.pen, Look::of(cell), out);
                out.extend_from_slice(symbol.as_bytes());
            }
            self.keep(x, y, cell, symbol, span);
            if kind == Kind::Unsure && symbol.chars().nth(1).is_some() {
                repaint_to = repaint_to.max(x + span + SPILL);
            }
            x += span;
            // Past the last column a terminal waits to wrap; where it then stands differs.
            self.at = (x < width).then_some((x, y));
            if kind != Kind::Ascii && !self.runs_on(row, x, y, kind) {
                self.at = None;
            }
        }
    }

    /// Whether the cell at `x` is about to be written too, and is of the same sure `kind`.
    fn runs_on(&self, row: &[Cell], x: usize, y: usize, kind: Kind) -> bool {
        kind != Kind::Unsure
            && row.get(x).is_some_and(|next| {
                let symbol = printable(next.symbol());
                self::kind(symbol) == kind && !is_same(next, symbol, &self.cells[y * row.len() + x])
            })
    }

    /// Erases from `x` on when that is shorter than writing blanks.
    fn erase_tail(&mut self, x: usize, y: usize, width: usize, out: &mut Vec<u8>) -> bool {
        let rest = y * width + x..(y + 1) * width;
        let Some(last) = self.cells[rest.clone()].iter().rposition(|cell| !is_void(cell)) else { return true };
        let plain = if self.pen == Look::default() { 0 } else { b"\x1b[m".len() };
        if last < ERASE_TO_END.len() + plain {
            return false;
        }
        self.go(x, y, out);
        write_sgr(&mut self.pen, Look::default(), out);
        out.extend_from_slice(ERASE_TO_END);
        self.cells[rest].fill(BLANK);
        true
    }

    fn keep(&mut self, x: usize, y: usize, cell: &Cell, symbol: &str, span: usize) {
        let kept = &mut self.cells[y * self.size.0 + x..][..span];
        kept[0].clone_from(cell);
        kept[0].set_symbol(symbol); // also the blank that a reset cell only means
        for second in &mut kept[1..] {
            second.reset();
            second.set_symbol("");
        }
    }

    /// Moves to a cell the cheapest way: over unchanged cells by writing them, relative, or absolute.
    fn go(&mut self, x: usize, y: usize, out: &mut Vec<u8>) {
        if self.at == Some((x, y)) {
            return;
        }
        let way = way(self.at, (x, y));
        let begin = self.at.filter(|&(from, line)| line == y && (1..way.len()).contains(&x.wrapping_sub(from)));
        if let Some((from, _)) = begin {
            // The second cell of a wide character, where a cursor may have stood, has no symbol and is not written.
            let between = &self.cells[y * self.size.0..][from..x];
            let plain = |cell: &Cell| {
                matches!(cell.symbol().as_bytes(), [0x20..=0x7e])
                    && (Look::of(cell) == self.pen || cell.symbol() == " " && self.pen.blank_alike(cell))
            };
            if between.iter().all(plain) {
                out.extend(between.iter().flat_map(|cell| cell.symbol().bytes()));
                self.at = Some((x, y));
                return;
            }
        }
        out.extend_from_slice(way.as_slice());
        self.at = Some((x, y));
    }

    fn place_cursor(&mut self, cursor: Option<(usize, usize)>, out: &mut Vec<u8>) {
        if let Some((x, y)) = cursor {
            self.go(x, y, out);
        }
        if self.cursor != Some(cursor.is_some()) {
            out.extend_from_slice(if cursor.is_some() { b"\x1b[?25h" } else { b"\x1b[?25l" });
            self.cursor = Some(cursor.is_some());
        }
    }
}

impl fmt::Debug for Screen {
    /// What is shown may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Screen")
    }
}

/// Nothing to see: what erasing leaves.
fn is_void(cell: &Cell) -> bool {
    cell.symbol() == " " && Look::default().blank_alike(cell)
}

fn is_same(cell: &Cell, symbol: &str, shown: &Cell) -> bool {
    if symbol != shown.symbol() {
        return false;
    }
    Look::of(cell) == Look::of(shown) || symbol == " " && Look::of(shown).blank_alike(cell)
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;

//! Rows that stand in the next frame where others stood: found, and moved by the terminal itself instead of being sent again.
//!
//! Only whole rows move: terminals between us and the user's ignore side margins.

use std::io::Write as _;

use ratatui::buffer::Cell;

use super::style::{Look, write_sgr};
use super::symbol::{fitting, printable};
use super::{BLANK, Screen, is_same, is_void};

/// Fewer rows than this are sent as they are.
const WORTH: usize = 3;
/// About as many bytes a shift itself takes.
const ITSELF: usize = 30;

/// The rows from `top` to `last` go up by `up` rows, or down where that is negative; blank ones take the free places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shift {
    top: usize,
    last: usize,
    up: isize,
}

/// Whether a shift makes a frame shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// No: as many cells are left to be sent.
    None,
    /// Perhaps: fewer are left, but what moves the rows is sent, too.
    Some,
    /// Yes: far fewer are left.
    Sure,
}

/// The shift that brings the most rows of `next` to their places, if any does.
pub(super) fn find(shown: &[Cell], next: &[Cell], width: usize) -> Option<Shift> {
    let rows = shown.chunks(width).zip(next.chunks(width)).enumerate();
    let changed: Vec<Changed> = rows.filter_map(|(y, (old, new))| Changed::of(y, old, new)).collect();
    if changed.len() < WORTH {
        return None;
    }
    let height = shown.len() / width;
    let mut votes = vec![0_usize; 2 * height];
    let mut met = Vec::new();
    // An empty row tells nothing of where it came from.
    for &Changed { y, new, .. } in changed.iter().filter(|row| row.new != EMPTY) {
        for from in changed.iter().filter(|from| from.old == new) {
            votes[height + from.y - y] += 1;
            met.push((y, height + from.y - y));
        }
    }
    let (best, &most) = votes.iter().enumerate().max_by_key(|&(_, &votes)| votes)?;
    let up = isize::try_from(best).ok()? - isize::try_from(height).ok()?;
    if most + 1 < WORTH || up == 0 {
        return None;
    }
    let ours = || met.iter().filter(|&&(_, by)| by == best).map(|&(y, _)| y);
    let (first, end) = (ours().min()?, ours().max()?);
    Some(
        Shift { top: first.min(first.checked_add_signed(up)?), last: end.max(end.checked_add_signed(up)?), up }
            .widened(shown, next, width),
    )
}

/// A row that looks another way in the next frame, and a number for either look.
struct Changed {
    y: usize,
    old: u64,
    new: u64,
}

impl Changed {
    fn of(y: usize, old: &[Cell], new: &[Cell]) -> Option<Self> {
        // Nearly all rows of nearly all frames are the same, and nearly all of their cells are ASCII.
        let same = |(old, new): (&Cell, &Cell)| old == new && new.symbol().len() == 1;
        if old.iter().zip(new).all(same) {
            return None;
        }
        let (old, new) = (hash(old), hash(new));
        (old != new).then_some(Self { y, old, new })
    }
}

impl Shift {
    /// Takes in neighbours that are nearly what they become, as the row whose mark goes with the cursor is.
    fn widened(mut self, shown: &[Cell], next: &[Cell], width: usize) -> Self {
        let height = shown.len() / width;
        let nearer = |y: usize| {
            let Some(from) = y.checked_add_signed(self.up).filter(|&from| from < height) else { return false };
            let new = row_of(next, width, y);
            distance(row_of(shown, width, from), new) < distance(row_of(shown, width, y), new)
        };
        let (first, end) =
            (self.top.checked_add_signed((-self.up).max(0)), self.last.checked_add_signed((-self.up).min(0)));
        if let Some(mut end) = end {
            while end + 1 < height && nearer(end + 1) {
                end += 1;
                self.last += 1;
            }
        }
        if let Some(mut first) = first {
            while first > 0 && nearer(first - 1) {
                first -= 1;
                self.top -= 1;
            }
        }
        self
    }

    /// Told by the cells that differ with it and without it: trying both takes a copy of the whole screen.
    pub(super) fn promises(self, shown: &[Cell], next: &[Cell], width: usize) -> Promise {
        let rows = self.top..=self.last;
        let moved = rows.clone().map(|y| match y.checked_add_signed(self.up).filter(|from| rows.contains(from)) {
            Some(from) => distance(row_of(shown, width, from), row_of(next, width, y)),
            None => row_of(next, width, y).iter().filter(|cell| !is_void(cell)).count(),
        });
        let moved: usize = moved.sum();
        let sure = moved * 2 + ITSELF;
        // Where it is sure, the first rows tell, and the others need not be looked at.
        let mut plain = 0;
        for y in rows {
            plain += distance(row_of(shown, width, y), row_of(next, width, y));
            if plain > sure {
                return Promise::Sure;
            }
        }
        if moved >= plain { Promise::None } else { Promise::Some }
    }
}

impl Screen {
    /// Lets the terminal move the rows. Lines are deleted or inserted, never scrolled: what is scrolled out of a screen
    /// that is no alternate one goes into the terminal's history, and a value with it. The region ends with the same write.
    pub(super) fn shift(&mut self, Shift { top, last, up }: Shift, out: &mut Vec<u8>) {
        let (width, height) = self.size;
        if !self.pen.leaves_blanks_plain() {
            write_sgr(&mut self.pen, Look::default(), out);
        }
        let bounded = last + 1 < height;
        if bounded {
            let _ = write!(out, "\x1b[{};{}r", top + 1, last + 1);
            // Some put the cursor into the screen's first cell then, some into the region's.
            self.at = None;
        }
        self.go(0, top, out);
        let (rows, letter) = (up.unsigned_abs(), if up > 0 { 'M' } else { 'L' });
        let _ = if rows == 1 { write!(out, "\x1b[{letter}") } else { write!(out, "\x1b[{rows}{letter}") };
        if bounded {
            out.extend_from_slice(b"\x1b[r");
            self.at = None;
        }
        let region = &mut self.cells[top * width..(last + 1) * width];
        let free = if up > 0 {
            region.rotate_left(rows * width);
            region.len() - rows * width..region.len()
        } else {
            region.rotate_right(rows * width);
            0..rows * width
        };
        region[free].fill(BLANK);
    }
}

fn row_of(cells: &[Cell], width: usize, y: usize) -> &[Cell] {
    &cells[y * width..(y + 1) * width]
}

/// A row as the terminal has it or will have it: its symbols that show, with their places.
fn symbols(row: &[Cell]) -> impl Iterator<Item = (usize, &str, &Cell)> {
    let mut x = 0;
    std::iter::from_fn(move || {
        while x < row.len() {
            let cell = &row[x];
            let (symbol, span) = fitting(printable(cell.symbol()), row.len() - x);
            let place = x;
            x += span;
            if symbol != " " || !is_void(cell) && !cell.symbol().is_empty() {
                return Some((place, symbol, cell));
            }
        }
        None
    })
}

/// What no symbol at all hashes to.
const EMPTY: u64 = 0;

fn hash(row: &[Cell]) -> u64 {
    let mix = |hash: u64, value: u64| (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    symbols(row).fold(EMPTY, |hash, (x, symbol, cell)| {
        let hash = symbol.bytes().fold(mix(hash, x as u64 + 1), |hash, byte| mix(hash, byte.into()));
        mix(hash, Look::of(cell).number())
    })
}

/// How many cells would be sent.
fn distance(old: &[Cell], new: &[Cell]) -> usize {
    old.iter().zip(new).filter(|(old, new)| old != new && !is_same(new, new.symbol(), old)).count()
}
